"""SPARQL 1.1 Update: a request becomes a change, and nothing is touched.

A scanner splits the request into its operations; the engine parses it, its data blocks
and its templates, and matches each WHERE; what comes of it is a set of quads to remove
and one to add. An operation sees what those before it did.

The new blank nodes of a request become IRIs under `.well-known/genid/` (RDF 1.1
Concepts, section 3.5), so that a later request can speak of them: one for each label
of a data block, one for each solution of a template, one for each that BNODE() makes.
They depend on the request and on the version that it is read against: reading it again
gives the same IRIs until something was written.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.change import Change
from kg.errors import QueryError
from kg.sparql import position, refuse_federation, resolved
from kg.terms import INFERRED, NamedNode, Quad, Triple
from kg.update.effects import Effects
from kg.update.graphs import HOUSE, PLAIN, GraphRules, StillHeldError
from kg.update.parsing import Parser
from kg.update.requests import Modify, operation, parts
from kg.update.workspace import Dataset, Workspace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kg.store import Snapshot
    from kg.update.requests import Operation
    from kg.update.workspace import Derive


@dataclass(frozen=True, slots=True)
class Update(Change):
    """The change that an update request asks for.

    *withdrawn* are triples that it deletes without naming a graph. No graph of the
    merged view states them any more, but they may still follow from others:
    `refuse_standing` tells, once the change was reasoned over.
    """

    withdrawn: frozenset[Triple] = frozenset()


def read_update(
    text: str,
    snapshot: Snapshot,
    *,
    base: str,
    using_graphs: Sequence[str] = (),
    using_named_graphs: Sequence[str] = (),
    prefixes: Mapping[str, str] | None = None,
    rules: GraphRules = HOUSE,
    derive: Derive | None = None,
) -> Update:
    """Return the change that the SPARQL 1.1 Update request *text* asks of *snapshot*.

    What names no graph is written to `graph/unsourced`, which is what DEFAULT means,
    and read from the merged view. What CREATE and CLEAR leave empty is there still
    (see `kg.created`); what loses its last triple otherwise is not. An operation with
    SILENT that cannot be done is passed over, which the notes tell.

    Later operations see what earlier ones did, and what follows from it as *derive*
    says: given a version and a change, it returns all quads to add and to remove.
    Without it they see what was asserted, and what followed before.

    *using_graphs* and *using_named_graphs* are the dataset of the protocol (SPARQL 1.1
    Protocol, section 2.2.3); *prefixes* and *base* hold where the request has none.
    Raise QueryError with line and column for what is not SPARQL 1.1 Update, for
    SERVICE, and for what is nested too deep; ChangeError for LOAD, for a graph that
    nobody may write or that is not there, and, as StillHeldError, for a delete that
    names no graph and would leave a triple standing.
    """
    _refuse_undecodable(text)
    text = resolved(text)
    refuse_federation(text)
    found = parts(text)
    parser = Parser(text, prefixes or {}, rules.base or base)
    parser.check(found)
    dataset = _dataset(using_graphs, using_named_graphs, rules)
    steps = [(operation(text, part), part.declared) for part in found if part.body]
    for step, _ in steps:
        _refuse_two_datasets(text, step, dataset)
    with contextlib.closing(Workspace(snapshot, rules, derive)) as workspace:
        effects = Effects(
            text,
            workspace,
            rules,
            parser=parser,
            dataset=dataset,
            genid=f"{base}.well-known/genid/{_digest(text, snapshot, dataset)}-",
        )
        for step, declared in steps:
            effects.do(step, declared)
        _refuse_held(effects.withdrawn, workspace)
        return Update(
            added=frozenset(workspace.added),
            removed=frozenset(workspace.removed),
            notes=effects.notes,
            withdrawn=frozenset(effects.withdrawn),
        )


def refuse_standing(
    update: Update,
    snapshot: Snapshot,
    *,
    added: Collection[Quad],
    removed: Collection[Quad],
) -> None:
    """Raise StillHeldError where the merged view keeps what *update* withdraws.

    *added* and *removed* are all quads that the change adds to *snapshot* and removes
    from it, those that follow included.
    """
    merged = {Quad(t.subject, t.predicate, t.object): t for t in update.withdrawn}
    standing = sorted(
        (
            triple
            for quad, triple in merged.items()
            if quad in added or (quad in snapshot.engine and quad not in removed)
        ),
        key=str,
    )
    if standing:
        raise StillHeldError([(triple, (INFERRED,)) for triple in standing])


def _refuse_undecodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(
            f"{text[error.start]!r} is half a character",
            where=position(text, error.start),
            advice="send the request in UTF-8",
        ) from error


def _dataset(
    default: Sequence[str], named: Sequence[str], rules: GraphRules
) -> Dataset:
    if not default and not named:
        return Dataset()
    try:
        return Dataset(
            tuple(rules.read(NamedNode(name)) for name in default),
            tuple(NamedNode(name) for name in named),
        )
    except ValueError as error:
        raise QueryError(str(error), where="the dataset of the update") from error


def _refuse_two_datasets(text: str, step: Operation, dataset: Dataset) -> None:
    if dataset == Dataset() or not isinstance(step, Modify):
        return
    if step.graph or step.using or step.using_named:
        raise QueryError(
            "WITH or USING names a dataset, and the parameters of the request name one",
            where=position(text, step.at),
            advice="leave out one of them",
        )


def _digest(text: str, snapshot: Snapshot, dataset: Dataset) -> str:
    told = f"{snapshot.tag}\n{dataset}\n{text}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _refuse_held(withdrawn: set[Triple], workspace: Workspace) -> None:
    """Raise StillHeldError for triples that are to go and would stay."""
    held = workspace.holding(withdrawn)
    # What follows may cease to follow where a premise goes: reasoning will tell.
    inferred = any(INFERRED in graphs for graphs in held.values())
    unsure = {INFERRED} if inferred and workspace.shrinks() else set()
    sure = {triple: graphs - unsure for triple, graphs in held.items()}
    told = [
        (triple, tuple(sorted(sure[triple], key=str)))
        for triple in sorted(sure, key=lambda t: (sure[t] == {INFERRED}, str(t)))
        if sure[triple]
    ]
    if told:
        raise StillHeldError(told)


__all__ = [
    "HOUSE",
    "PLAIN",
    "GraphRules",
    "StillHeldError",
    "Update",
    "read_update",
    "refuse_standing",
]
