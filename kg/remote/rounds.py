"""Look-ups in rounds: what a pure function wants to know, asked for many at a time.

The function is run on what is known, and what it looks up in vain is taken for nothing
and noted. Then all that was noted is asked for in one request, and the function is run
again. In the run that looks up nothing in vain, every answer was the store's, so that
what it returns is what it would have returned beside the data. There are as many
rounds as the longest chain of look-ups of which each needs the one before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from kg.errors import StoreError, StoreMovedError
from kg.remote.meddling import refuse_meddled
from kg.remote.patterns import Pattern, as_kept, many_query, there_query
from kg.remote.record import PATTERN, Record
from kg.remote.telling import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from kg.remote.engine import RemoteEngine
    from kg.remote.patterns import Solution
    from kg.terms import GraphName, NamedNode, Node, Quad, Term

Result = TypeVar("Result")

_FEW = 64
"""So many quads of a pattern are asked for at first; then more and more."""

_GROWTH = 32
_AT_ONCE = 400
"""So many patterns go into one request, those of subjects alone counting less."""

_SUBJECTS_AT_ONCE = 4_000

_OBJECTS_AT_ONCE = 2_000

_MOST_ROUNDS = 60


class _UnknownError(Exception):
    """What was looked up is not known yet."""


class _Found:
    """The first quads that match a pattern; not *complete* where there are more."""

    __slots__ = ("complete", "quads")

    def __init__(self, quads: list[Quad], *, complete: bool) -> None:
        self.quads = quads
        self.complete = complete


class Rounds:
    """The quads of one version, as far as they are known; those unknown are noted."""

    def __init__(self, engine: RemoteEngine, record: Record) -> None:
        self.version = record.version
        self.build = record.origin
        self._engine = engine
        self._record = record
        self._where = engine.client.place.url
        self._known: dict[Pattern, _Found] = {}
        self._missed: dict[Pattern, int] = {}
        self._names: list[NamedNode] | None = None
        self._wants_names = False

    def run(self, function: Callable[[Rounds], Result]) -> Result:
        """Return what *function* returns when nothing that it looks up is unknown.

        Raise what it raises then, StoreMovedError where the store is at another
        version meanwhile.
        """
        for _ in range(_MOST_ROUNDS):
            error = result = None
            try:
                result = function(self)
            except Exception as raised:  # noqa: BLE001 raised again if it is no guess
                error = raised
            if not self._missed and not self._wants_names:
                if error is not None:
                    raise error
                return cast("Result", result)
            self._ask()
        raise StoreError(
            f"judging wants to know ever more ({_MOST_ROUNDS} rounds)",
            where=self._where,
            advice="send the change in parts",
        )

    def settle(self) -> None:
        """End this run where something was looked up in vain."""
        if self._missed or self._wants_names:
            raise _UnknownError

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs that there are."""
        if self._names is None:
            self._wants_names = True
            return []
        return self._names

    def quads(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match, as far as they are known."""
        pattern = Pattern(subject, predicate, as_kept(object_), graph)
        yield from self._engine.of_frame(pattern)
        if self._engine.is_of_frame(pattern):
            return
        found = self._known.get(pattern)
        if found is None:
            found = self._all_about(pattern)
        if found is None:
            self._missed.setdefault(pattern, _FEW)
            return
        yield from found.quads
        if not found.complete:
            self._missed[pattern] = len(found.quads) * _GROWTH

    def _all_about(self, pattern: Pattern) -> _Found | None:
        """Return what is known by a wider pattern, of all about the same end."""
        found = self._known.get(pattern.all_about)
        if found is None or not found.complete:
            return None
        quads = [quad for quad in found.quads if _matches(quad, pattern)]
        return _Found(quads, complete=True)

    def _ask(self) -> None:
        if self._wants_names:
            self._names, self._wants_names = self._engine.graphs_there(), False
        noted, self._missed = self._missed, {}
        wanted = {one for one in noted if not self._is_covered(one, noted)}
        self._sift([one for one in wanted if not one.is_of_subject])
        missed = [
            (one, most)
            for one, most in noted.items()
            if one in wanted and self._all_about(one) is None
        ]
        alone = [one for one in missed if one[0].is_of_subject]
        others = [one for one in missed if not one[0].is_of_subject]
        while alone or others:
            part = alone[:_SUBJECTS_AT_ONCE] + others[:_AT_ONCE]
            del alone[:_SUBJECTS_AT_ONCE], others[:_AT_ONCE]
            self._take_in(part)

    def _is_covered(self, pattern: Pattern, noted: Container[Pattern]) -> bool:
        """Tell whether all about its subject is asked for, and so what it wants."""
        about = pattern.all_about
        return about.is_of_subject and about != pattern and about in noted

    def _sift(self, wanted: Sequence[Pattern]) -> None:
        """Learn which objects of many patterns are in no quad at all.

        Of a large change most are: they are new with it.
        """
        if len(wanted) <= _AT_ONCE:
            return
        ends = (one.object for one in wanted if one.subject is None)
        objects = list(dict.fromkeys(one for one in ends if one is not None))
        for first in range(0, len(objects), _OBJECTS_AT_ONCE):
            part = objects[first : first + _OBJECTS_AT_ONCE]
            text = there_query(part, self._engine.view, PATTERN)
            there, told = set(), []
            for number, record in self._engine.solutions(text):
                if record is not None:
                    told.append(record)
                elif number is not None:
                    there.add(int(number.value))
            self._require_same(told)
            for at, object_ in enumerate(part):
                if at not in there:
                    nothing = _Found([], complete=True)
                    self._known[Pattern(object=object_)] = nothing

    def _take_in(self, wanted: list[tuple[Pattern, int]]) -> None:
        text = many_query(wanted, self._engine.hidden, self._engine.view, PATTERN)
        rows: list[list[Solution]] = [[] for _ in wanted]
        told: list[Term] = []
        for number, record, *solution in self._engine.solutions(text):
            if record is not None:
                told.append(record)
            elif number is not None:
                rows[int(number.value)].append(solution)
        self._require_same(told)
        for (pattern, most), found in zip(wanted, rows, strict=True):
            with reading(self._engine.client.place):
                quads = list(pattern.quads(found))
            if pattern.is_of_subject and pattern.predicate is None:
                refuse_meddled(quads, self._record.base, self._where)
            self._known[pattern] = _Found(
                quads, complete=pattern.is_of_subject or len(quads) < most
            )

    def _require_same(self, told: Iterable[Term]) -> None:
        now = Record.read(list(told), self._where)
        if now.commit != self._record.commit or now.origin != self._record.origin:
            raise StoreMovedError(
                f"the store went on to version {now.version} meanwhile",
                where=self._where,
                advice="try again",
            )


def _matches(quad: Quad, pattern: Pattern) -> bool:
    parts = quad.subject, quad.predicate, quad.object, quad.graph_name
    return all(
        wanted is None or wanted == part
        for wanted, part in zip(pattern, parts, strict=True)
    )
