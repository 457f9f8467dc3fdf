"""Why a triple holds: the sentences that state it, or what it follows from, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain, count, islice
from time import monotonic
from typing import TYPE_CHECKING, cast

from kg.errors import StoreMovedError
from kg.gate.judges import rules_of_state
from kg.gate.view import Holding, in_graph, matching, triple_of
from kg.names import things
from kg.rules import find_reasons
from kg.sources import claims_by_graph, evidence_by_graph
from kg.terms import (
    INFERRED,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    TYPE,
    NamedNode,
    Triple,
    is_claim,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.gate.verdict import State
    from kg.names import Thing
    from kg.rules import Explanation, Rule
    from kg.rules.reasons import Reasons
    from kg.sources import Claimed, Evidence
    from kg.store import Snapshot
    from kg.terms import GraphName, Node, Term

MOST_REASONS = 100
"""The most reasons that can be asked for."""

_MOST_GRAPHS = 20
_MOST_ROUNDS = 40
_NEAR = 5


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule of OWL 2 RL by its *name*, with the axiom that it applies.

    *axiom* says it in words, *stated* is the triple of the ontology that states it, and
    *terms* are the classes and properties that it relates.
    """

    name: str
    axiom: str
    stated: Triple | None
    terms: tuple[NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A triple of a derivation: it is *stated* somewhere, or follows by *rule*.

    *premises* are the numbers of the steps that it follows from. Not *complete* where
    more graphs state it than are listed.
    """

    triple: Triple
    rule: AppliedRule | None = None
    premises: tuple[int, ...] = ()
    stated: tuple[Evidence, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A step as it stands in a tree; not told again where it is *repeated*."""

    depth: int
    number: int
    step: Step
    repeated: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """One way in which a triple holds: the triple itself, then what it follows from."""

    steps: tuple[Step, ...]

    @property
    def size(self) -> int:
        """How many stated triples it rests on, what the ontology states included."""
        return sum(step.rule is None for step in self.steps)

    @property
    def is_stated(self) -> bool:
        """Whether the triple needs no other."""
        return self.steps[0].rule is None

    def lines(self) -> Iterator[Line]:
        """Yield the steps as a tree, each below the first that follows from it."""
        told: set[int] = set()
        waiting = [(0, 0)]
        while waiting:
            depth, number = waiting.pop()
            step = self.steps[number]
            yield Line(depth, number, step, number in told and step.rule is not None)
            if number not in told:
                told.add(number)
                waiting += [(depth + 1, below) for below in step.premises[::-1]]


@dataclass(frozen=True, slots=True)
class Why:
    """Why *triple* holds, or what is near it where it does not.

    *reasons* are the minimal ones, the shortest first; not *complete* where there are,
    or may be, others. *claims* are those whose content it is. *things* has the labels
    of all terms.
    """

    triple: Triple
    holds: bool
    reasons: tuple[Reason, ...]
    complete: bool
    claims: tuple[Claimed, ...]
    elsewhere: tuple[NamedNode, ...]
    near: tuple[Triple, ...]
    things: Mapping[Term, Thing]

    @property
    def is_stated(self) -> bool:
        """Whether some graph states the triple."""
        return any(reason.is_stated for reason in self.reasons)


def why(
    snapshot: Snapshot, triple: Triple, *, limit: int = 10, seconds: float = 10.0
) -> Why:
    """Return up to *limit* minimal reasons why *triple* holds in *snapshot*.

    The search goes on for *seconds* at most.
    """
    triple = _as_kept(snapshot, triple)
    graphs = [quad.graph_name for quad in islice(matching(snapshot, triple), 1000)]
    held = holds(snapshot, triple)
    reasons, complete = (
        _reasons(snapshot, triple, limit, seconds) if held else ((), True)
    )
    near = () if held else tuple(_near(snapshot, triple))
    claims = claims_by_graph(
        snapshot, (graph for graph in graphs if is_claim(graph, snapshot.base))
    )
    steps = [step for reason in reasons for step in reason.steps]
    return Why(
        triple=triple,
        holds=held,
        reasons=reasons,
        complete=complete,
        claims=claims,
        elsewhere=_named(graph for graph in graphs if graph in OUTSIDE_VIEW),
        near=near,
        things=things(snapshot, _terms(triple, steps, near)),
    )


def holds(snapshot: Snapshot, triple: Triple) -> bool:
    """Tell whether *triple* is in the merged view, or the ontology states it."""
    return any(in_graph(triple, graph) in snapshot for graph in (MERGED_VIEW, ONTOLOGY))


def _as_kept(snapshot: Snapshot, triple: Triple) -> Triple:
    """Return *triple* as the store has it: a number may be written in several ways."""
    return next(map(triple_of, matching(snapshot, triple)), triple)


def _reasons(
    snapshot: Snapshot, triple: Triple, limit: int, seconds: float
) -> tuple[tuple[Reason, ...], bool]:
    found = _searched(snapshot, triple, limit, seconds)
    told = [tuple(_unfolded(reason)) for reason in found.found]
    # The rules know nothing of what the ontology says of its own terms.
    if in_graph(triple, ONTOLOGY) in snapshot and not any(
        steps[0].rule is None for steps in told
    ):
        told = [(Step(triple),), *told][:limit]
    stated = {s.triple for steps in told for s in steps if s.rule is None}
    sources = _stated(snapshot, stated)
    reasons = tuple(
        Reason(tuple(map(partial(_with_sources, sources), steps))) for steps in told
    )
    return reasons, found.complete


def _searched(
    snapshot: Snapshot, triple: Triple, limit: int, seconds: float
) -> Reasons:
    """Find reasons with what a store behind a URL is asked for many at a time.

    Where that ends in none, as other versions are committed or each look-up waits for
    the one before, they are looked up one by one.
    """
    rules, until, run = rules_of_state(snapshot), monotonic() + seconds, count(1)

    def search(here: State) -> Reasons:
        left = until - monotonic()
        if next(run) > _MOST_ROUNDS or left <= 0:
            here, left = snapshot, seconds
        return find_reasons(rules, Holding(here), triple, limit, seconds=left)

    try:
        return snapshot.looking_up(search)
    except StoreMovedError:
        return find_reasons(rules, Holding(snapshot), triple, limit, seconds=seconds)


def _with_sources(
    sources: Mapping[Triple, tuple[tuple[Evidence, ...], bool]], step: Step
) -> Step:
    if step.rule is not None:
        return step
    stated, complete = sources[step.triple]
    return Step(step.triple, stated=stated, complete=complete)


def _unfolded(root: Explanation) -> Iterator[Step]:
    """Yield *root* and what it rests on as steps, each triple of it once."""
    ordered: dict[Triple, Explanation] = {}
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.triple not in ordered:
            ordered[part.triple] = part
            waiting += part.premises[::-1]
    numbers = {triple: number for number, triple in enumerate(ordered)}
    for triple, part in ordered.items():
        if part.derivation is None:
            yield Step(triple)
        else:
            premises = tuple(numbers[premise.triple] for premise in part.premises)
            yield Step(triple, _applied(part.derivation.rule), premises)


def _applied(rule: Rule) -> AppliedRule:
    parts = (
        getattr(atom, name, None)
        for atom in (*rule.body, rule.head)
        for name in ("cls", "prop")
    )
    named = dict.fromkeys(part for part in parts if isinstance(part, NamedNode))
    return AppliedRule(rule.name, rule.axiom, rule.stated, tuple(named))


def _stated(
    snapshot: Snapshot, triples: Iterable[Triple]
) -> dict[Triple, tuple[tuple[Evidence, ...], bool]]:
    """Return for each of *triples* what states it, and whether that is all."""
    graphs = {
        triple: list(islice(_stating(snapshot, triple), _MOST_GRAPHS + 1))
        for triple in triples
    }
    known = evidence_by_graph(snapshot, chain.from_iterable(graphs.values()))
    return {
        triple: (
            tuple(sorted((known[g] for g in found[:_MOST_GRAPHS]), key=_order)),
            len(found) <= _MOST_GRAPHS,
        )
        for triple, found in graphs.items()
    }


def _stating(snapshot: Snapshot, triple: Triple) -> Iterator[NamedNode]:
    for quad in matching(snapshot, triple):
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and _states(graph, snapshot.base):
            yield graph


def _states(graph: NamedNode, base: str) -> bool:
    is_outside = graph == INFERRED or graph in OUTSIDE_VIEW
    return not is_outside and not is_claim(graph, base)


def _order(source: Evidence) -> tuple[str, int, str]:
    return source.label, source.ordinal or 0, source.graph.value


def _named(graphs: Iterable[GraphName]) -> tuple[NamedNode, ...]:
    named = {graph for graph in graphs if isinstance(graph, NamedNode)}
    return tuple(sorted(named, key=str))


# --- what is near -----------------------------------------------------------------


def _near(snapshot: Snapshot, triple: Triple) -> list[Triple]:
    """Return triples that hold and share two terms with *triple*, the likeliest first.

    What merely says that both are of some class is no neighbour.
    """
    subject, predicate = cast("Node", triple.subject), triple.predicate
    value = cast("Term", triple.object)
    patterns: list[tuple[Node | None, NamedNode | None, Term | None]] = [
        (subject, predicate, None),
        (subject, None, value),
    ]
    if isinstance(value, NamedNode):
        patterns.append((value, None, subject))
    if predicate != TYPE:
        patterns.append((None, predicate, value))
    found: dict[Triple, None] = {}
    for pattern in patterns:
        quads = islice(snapshot.quads(*pattern, MERGED_VIEW), _NEAR)
        found |= dict.fromkeys(sorted(map(triple_of, quads), key=str))
    return list(found)


def _terms(triple: Triple, steps: Sequence[Step], near: Sequence[Triple]) -> set[Term]:
    triples = (triple, *(step.triple for step in steps), *near)
    return {cast("Term", term) for one in triples for term in one}
