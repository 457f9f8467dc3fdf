"""The knowledge graph as its users meet it: asked, validated, added to."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from kg.created import graph_names
from kg.deadline import limited
from kg.deriving import refuse_following
from kg.errors import ChangeError, StoreMovedError
from kg.files import data_folder
from kg.gate import is_large, judge, strictly, worth_copying
from kg.history import require_version
from kg.journal import activity, journal_lines
from kg.names import choices, find_entities
from kg.parameters import parameter_term
from kg.prefixes import prefixes
from kg.progress import silent
from kg.queries import SavedQueries
from kg.stores import open_store
from kg.terms import ONTOLOGY, SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kg.answers import Answer
    from kg.change import Change
    from kg.config import Settings
    from kg.gate import State, Verdict
    from kg.progress import Tell
    from kg.row_evidence import AnswerEvidence
    from kg.store import Snapshot, Store


_TRIES = 10
"""So often a change is judged again when another came before its commit."""


class KnowledgeGraph:
    """A store together with the saved queries that are asked of it."""

    def __init__(self, store: Store, queries: SavedQueries | None = None) -> None:
        self.store = store
        self._queries = queries

    @property
    def queries(self) -> SavedQueries:
        """The saved queries: those given, else those of this installation."""
        if self._queries is None:
            self._queries = SavedQueries.read(data_folder("queries"))
        return self._queries

    @classmethod
    def open(cls, settings: Settings) -> KnowledgeGraph:
        """Open the store that *settings* name; raise a StoreError if it cannot be."""
        return cls(open_store(settings.store, wait_seconds=settings.wait_seconds))

    def snapshot(self) -> Snapshot:
        """Return the last published version."""
        return self.store.snapshot()

    def query(self, sparql: str) -> Answer:
        """Evaluate *sparql*; the project's prefixes need not be declared."""
        return self.snapshot().query(sparql, prefixes=prefixes())

    def ask(self, name: str, values: Mapping[str, str]) -> Answer:
        """Run the saved query *name*, its parameters as a user types them.

        Raise UnknownQueryError, or ParameterError with the candidates.
        """
        snapshot = self.snapshot()
        return snapshot.query(self._bound(snapshot, name, values))

    def evidence(
        self, name: str, values: Mapping[str, str], *, rows: int
    ) -> AnswerEvidence:
        """Return what makes the first *rows* rows true that `ask` answers.

        Raise as `ask` does; QueryError where the query has no rows.
        """
        snapshot = self.snapshot()
        text = self._bound(snapshot, name, values)
        from kg.row_evidence import answer_evidence  # it brings rdflib, slow to import

        return answer_evidence(snapshot, text, rows=rows)

    def _bound(self, snapshot: Snapshot, name: str, values: Mapping[str, str]) -> str:
        saved = self.queries[name]
        terms = {
            key: parameter_term(
                saved.parameter(key),
                text,
                partial(find_entities, snapshot),
                partial(choices, snapshot),
            )
            for key, text in values.items()
        }
        return saved.bind(terms)

    def validate(
        self,
        change: Change,
        *,
        tell: Tell | None = None,
        seconds: float = inf,
        strict: bool = False,
    ) -> Verdict:
        """Judge *change* against the last published version; nothing is written.

        With *strict*, and errors, as `write`.
        """
        return self._judged(self.snapshot(), change, tell, seconds, strict=strict)

    def _judged(
        self,
        here: Snapshot,
        change: Change,
        tell: Tell | None,
        seconds: float,
        *,
        strict: bool,
    ) -> Verdict:
        base = self.store.manifest.base

        here = here.nearer(worth_copying(change))
        # All that another program keeps would have to be fetched.
        triples = here.uses.triples if here.uses else None
        whole = here.most_copied is None and is_large(here, change, triples=triples)

        def judging(state: State) -> Verdict:
            return judge(state, change, base=base, tell=tell, whole=whole)

        with limited(seconds):
            verdict = here.looking_up(judging)
        refuse_following(here, change, verdict)
        if not strict:
            return verdict
        return here.looking_up(lambda state: strictly(state, verdict))

    def add(
        self,
        change: Change,
        *,
        agent: str,
        message: str,
        tell: Tell | None = None,
        if_version: int | None = None,
        strict: bool = False,
    ) -> tuple[Verdict, int]:
        """Judge *change* and, where it is accepted, make it the next version.

        As `write` does, for a change that does not depend on the present state.
        """
        return self.write(
            lambda _: change,
            agent=agent,
            message=message,
            tell=tell,
            if_version=if_version,
            strict=strict,
        )

    def write(
        self,
        make: Callable[[Snapshot], Change],
        *,
        agent: str,
        message: str,
        tell: Tell | None = None,
        if_version: int | None = None,
        seconds: float = inf,
        strict: bool = False,
    ) -> tuple[Verdict, int]:
        """Judge what *make* makes of the present state; commit it where accepted.

        Return the verdict and the number of the version that then is the current one.
        A change that would change nothing makes no version. With *strict*, a violation
        that stood before and would remain keeps it out like a new one.

        Raise StoreBusyError when another writer holds the store for too long,
        VersionConflictError when the store is not at the version *if_version*,
        StillHeldError when an update deletes what would follow all the same,
        JudgingLimitError when the judging takes longer than *seconds*.
        """
        for _ in range(_TRIES - 1):
            with suppress(StoreMovedError):
                return self._write(
                    make, agent, message, tell, if_version, seconds, strict=strict
                )
        return self._write(
            make, agent, message, tell, if_version, seconds, strict=strict
        )

    def _write(
        self,
        make: Callable[[Snapshot], Change],
        agent: str,
        message: str,
        tell: Tell | None,
        if_version: int | None,
        seconds: float,
        *,
        strict: bool,
    ) -> tuple[Verdict, int]:
        base = self.store.manifest.base
        with self.store.writing() as writer:
            # The snapshot gets no second name, so that its version can be removed.
            require_version(self.store, writer.snapshot, if_version)
            change = make(writer.snapshot)
            _refuse_of_build(change)
            verdict = self._judged(
                writer.snapshot, change, tell, seconds, strict=strict
            )
            effect = verdict.change
            if not verdict.accepted or not (effect.added or effect.removed):
                return verdict, writer.snapshot.version
            (tell or silent)("writing the change")
            version = writer.snapshot.version + 1
            logged = activity(
                effect.counts, version, agent=agent, message=message, base=base
            )
            writer.commit(
                added=verdict.added_with(tuple(logged)),
                removed=verdict.removed,
                journal=journal_lines(effect),
            )
            return verdict, version


def _refuse_of_build(change: Change) -> None:
    """Raise ChangeError where *change* is of what only a build may change."""
    graphs = graph_names(change.added) | graph_names(change.removed)
    if graphs & {ONTOLOGY, SHAPES}:
        raise ChangeError(
            "the ontology and the shapes cannot be changed in a store",
            advice="change their files and build the store again",
        )
