"""The pool of readers: who asks, which process answers, and what it may take."""

from __future__ import annotations

import contextlib
import math
import pickle
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, Unpack, cast

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse, parse_query_results

from kg.answers import RDF_WRITERS
from kg.errors import OverloadError, QueryDroppedError, QueryLimitError
from kg.formats import Kind, by_name
from kg.readers.evaluation import look_up
from kg.readers.job import Job
from kg.readers.lanes import Lane, Memory
from kg.readers.messages import Ask, Explain, Head, Held, Read, Spooled, Write
from kg.readers.nursery import Nursery
from kg.readers.process import Process
from kg.terms import Triple
from kg.update import HOUSE, StillHeldError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kg.config import StorePlace
    from kg.formats import Format
    from kg.ordering import Sought
    from kg.readers.here import Here
    from kg.readers.messages import Body, Limits
    from kg.readers.process import Gone
    from kg.row_evidence import AnswerEvidence
    from kg.terms import Term
    from kg.update import GraphRules, Update

_JSON = by_name("json")
_NTRIPLES = by_name("ntriples")
_SEARCHING = 0.6
"""The share of its time in which evidence is looked for; what is found is told."""

_SPARE = 1
"""So many processes more than can be at work stand by."""


@dataclass(slots=True)
class Counts:
    """How many queries were stopped, by reason, since this pool is there."""

    reasons: Counter[str] = field(default_factory=Counter)

    def stopped(self, error: Exception) -> None:
        """Count *error*, if it is one of those that stop a query."""
        if isinstance(error, QueryLimitError):
            self.reasons[error.limit or "other"] += 1
        elif isinstance(error, QueryDroppedError):
            self.reasons["gone"] += 1
        elif isinstance(error, OverloadError):
            self.reasons["overload"] += 1


class Readers:
    """A pool of reader processes on the store at *place*.

    *size* queries run at once, and as many *slow* ones beside them, at a lower
    priority; so do updates that are read. Large bodies are files in the folder
    *spool*, without which all are held in memory. Look-ups that an event loop begins
    are answered from *here*, where that is given, by no process but this.
    """

    def __init__(
        self,
        place: StorePlace,
        size: int,
        limits: Limits,
        *,
        slow: int | None = None,
        spool: Path | None = None,
        here: Here | None = None,
    ) -> None:
        self.place = place
        self.limits = limits
        self.spool = spool
        self.here = here
        self.counts = Counts()
        self._nursery = Nursery(
            [str(place), str(spool or ""), str(limits.memory_bytes),
             str(limits.answer_bytes), str(limits.answer_rows),
             str(math.ceil(limits.seconds))]
        )  # fmt: skip
        self.slow_texts = Memory()
        self.quick = Lane(size, limits.waiting)
        self.slow = Lane(size if slow is None else slow, limits.waiting)
        self.updates = Lane(size, limits.waiting)
        self._all: set[Process] = set()
        self._guard = threading.Lock()
        self._is_closed = False
        self.refill()

    def query(self, sparql: str, **how: Unpack[Wishes]) -> ReaderAnswer:
        """Evaluate a query over the last published version, as `Snapshot.query` does.

        The answer must be written or walked over once, or closed. Raise OverloadError
        where too many wait, QueryLimitError past a limit, QueryDroppedError when the
        client has gone.
        """
        return self.asking(sparql, **how).answer()

    def asking(self, sparql: str, **how: Unpack[Wishes]) -> Asking:
        """Return what `query` does, to be begun in an event loop."""
        return Asking(self, sparql, how)

    def read_update(
        self,
        text: str,
        *,
        base: str,
        using_graphs: Sequence[str] = (),
        using_named_graphs: Sequence[str] = (),
        rules: GraphRules = HOUSE,
        gone: Gone | None = None,
    ) -> tuple[str, Update]:
        """Read an update against the last published version, as `reason_update` does.

        Return the tag of that version too. Raise OverloadError and QueryLimitError as
        `query` does.
        """
        asked = Read(text, base, tuple(using_graphs), tuple(using_named_graphs), rules)
        with contextlib.closing(
            Job(self, self.updates, text, self.limits, gone)
        ) as job:
            reply = job.call(asked)
        if isinstance(reply, Held):
            raise StillHeldError(reply.triples)
        found: tuple[str, Update] = pickle.loads(cast("bytes", reply))  # noqa: S301 ours
        return found

    def evidence(
        self,
        sparql: str,
        *,
        shown: str = "",
        first: int = 0,
        rows: int = 1,
        seconds: float | None = None,
        gone: Gone | None = None,
    ) -> tuple[str, AnswerEvidence]:
        """Return the evidence of an answer, as `answer_evidence` does, and the tag.

        *seconds* and *gone*, and what is raised, are as with `query`. Where time is
        short, less is found; past the limit nothing is.
        """
        limits = self.limits.lowered(seconds)
        asked = Explain(sparql, shown, first, rows, limits.seconds * _SEARCHING)
        text = f"# evidence of rows from {first}\n{shown or sparql}"
        lane = self.slow if text in self.slow_texts else self.quick
        with contextlib.closing(Job(self, lane, text, limits, gone)) as job:
            reply = cast("bytes", job.call(asked))
        found: tuple[str, AnswerEvidence] = pickle.loads(reply)  # noqa: S301 ours
        return found

    @property
    def lanes(self) -> dict[str, Lane]:
        """The lanes by name."""
        return {"quick": self.quick, "slow": self.slow, "update": self.updates}

    def processes(self) -> list[Process]:
        """Return those that are alive, idle ones included."""
        with self._guard:
            return [process for process in self._all if process.is_alive]

    def close(self) -> None:
        """End the idle readers; those at work end with their query."""
        self._is_closed = True
        for lane in self.lanes.values():
            while lane.idle:
                self._end(lane.idle.pop())

    # --- for jobs -----------------------------------------------------------------

    def take(self, lane: Lane) -> Process:
        """Return a process for the lane, with a place in which it was entered."""
        process = self._idle(lane) or self._make()
        if lane is self.slow:
            process.slow_down()
        return process

    def give_back(self, process: Process, lane: Lane) -> None:
        """Keep *process* for the next query in *lane*, if it lives and is needed."""
        spare = _SPARE if lane is self.quick else 0
        fits = len(lane.idle) < lane.size + spare and not self._is_closed
        if fits and not process.is_killed:
            lane.idle.append(process)
        else:
            self._end(process)
        lane.leave()
        if lane is self.quick:
            self.refill()

    def refill(self) -> None:
        """See to it that as many processes stand by as may be needed at once."""
        lane = self.quick
        with self._guard:
            while not self._is_closed and lane.missing(_SPARE):
                lane.idle.insert(0, self._make())

    def _idle(self, lane: Lane) -> Process | None:
        while lane.idle:
            with contextlib.suppress(IndexError):  # another thread was quicker
                process = lane.idle.pop()
                if process.is_fit:
                    return process
                self._end(process)
        return None

    def _make(self) -> Process:
        process = Process(self._nursery, self.spool)
        self._all.add(process)
        return process

    def _end(self, process: Process) -> None:
        process.kill()
        self._all.discard(process)
        if self._is_closed and not self._all:
            self._nursery.close()


class Wishes(TypedDict, total=False):
    """How a query is to be answered.

    *write* has the format for an answer of a kind, where it is known beforehand: that
    saves a message. *seconds* lowers the limit of time; *gone* tells when nobody waits
    for the answer any more. What is *unhurried* lets everything else go first. Of an
    answer in TSV only what is *sought* may be answered, with the number of all rows.
    """

    default_graphs: Sequence[str]
    named_graphs: Sequence[str]
    prefixes: Mapping[str, str] | None
    base: str | None
    write: Mapping[Kind, Format]
    seconds: float | None
    gone: Gone | None
    unhurried: bool
    sought: Sought | None


class Asking:
    """A query on its way; `answer` has its answer."""

    def __init__(self, readers: Readers, sparql: str, how: Wishes) -> None:
        self._readers = readers
        self._write = write = how.get("write", {})
        results, graph = write.get(Kind.RESULTS), write.get(Kind.GRAPH)
        self._asked = Ask(
            sparql,
            tuple(how.get("default_graphs", ())),
            tuple(how.get("named_graphs", ())),
            how.get("prefixes"),
            how.get("base"),
            results.name if results else "",
            graph.name if graph else "",
            how.get("sought"),
        )
        is_slow = how.get("unhurried") or sparql in readers.slow_texts
        lane = readers.slow if is_slow else readers.quick
        limits = readers.limits.lowered(how.get("seconds"))
        self._job = Job(readers, lane, sparql, limits, how.get("gone"))
        self._head: Head | None = None

    async def begin(self, version: Hashable) -> bool:
        """Ask; tell whether `answer` will have it at once, and not block.

        A look-up needs no reader where *version* marks the last one that is published.
        Raise OverloadError where too many wait.
        """
        self._head = self._looked_up(version)
        return self._head is not None or await self._job.begin(self._asked)

    def _looked_up(self, version: Hashable) -> Head | None:
        readers = self._readers
        here = readers.here.snapshot(version) if readers.here else None
        return None if here is None else look_up(self._asked, here, readers.limits)

    def answer(self) -> ReaderAnswer:
        """Return the answer; see `Readers.query` for what is raised."""
        head = self._head or cast("Head", self._job.call(self._asked))
        if head.body is not None:
            self._job.close()
        return ReaderAnswer(self._job, head, self._write.get(head.kind))

    def drop(self) -> None:
        """Let go of the query, whose answer nobody wants."""
        self._job.drop()


class ReaderAnswer:
    """An answer that a reader holds or has written; it has the methods of `Answer`.

    *tag* is that of the version that it is of, "" where it may be of several, and
    *total* how many rows there are, None where they were not counted.
    """

    def __init__(self, job: Job, head: Head, written: Format | None) -> None:
        self.kind = head.kind
        self.is_ask = head.is_ask
        self.variables = head.variables
        self.tag = head.tag
        self.total = head.total
        self._truth = head.truth
        self._body = head.body
        self._written = written
        self._job: Job | None = job

    def __bool__(self) -> bool:
        return self._truth

    @property
    def is_at_hand(self) -> bool:
        """Whether the answer is written, and in memory."""
        return isinstance(self._body, bytes)

    def __del__(self) -> None:
        self.close()

    def rows(self) -> Iterator[tuple[Term | None, ...]]:
        """Yield the solutions of a SELECT, None where a variable is unbound."""
        if self.kind is not Kind.RESULTS or self.is_ask:
            return
        body = self.serialize(_JSON)
        found = parse_query_results(body, format=QueryResultsFormat.JSON)
        if isinstance(found, QuerySolutions):
            for solution in found:
                yield tuple(solution[i] for i in range(len(self.variables)))

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE."""
        if self.kind is Kind.GRAPH:
            body = self.serialize(_NTRIPLES)
            for quad in parse(body, format=RDF_WRITERS["ntriples"]):
                yield Triple(quad.subject, quad.predicate, quad.object)

    def serialize(
        self, fmt: Format, *, prefixes: Mapping[str, str] | None = None
    ) -> bytes:
        """Return the answer in *fmt*; raise FormatError, or QueryLimitError."""
        body = self.save(fmt, prefixes=prefixes)
        return body.read() if isinstance(body, Spooled) else body

    def save(self, fmt: Format, *, prefixes: Mapping[str, str] | None = None) -> Body:
        """Return the answer as `serialize` does, or the file that has it."""
        job, self._job = self._job, None
        if job is None:
            raise RuntimeError("an answer can be written once")
        body, self._body = self._body, None
        if body is not None:
            if fmt is not self._written:
                raise RuntimeError(f"the answer was written as {self._written}")
            return body
        with contextlib.closing(job):
            return cast("Body", job.call(Write(fmt, prefixes)))

    def close(self) -> None:
        """Let the reader answer others; an answer not yet written is dropped."""
        job, self._job = getattr(self, "_job", None), None
        if job is not None:
            job.close()
        body, self._body = getattr(self, "_body", None), None
        if isinstance(body, Spooled):
            body.remove()
