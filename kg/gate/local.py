"""Judge a change at its own cost: by what it can matter to, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from kg.gate.advice import advised
from kg.gate.judges import judges_of
from kg.gate.near import Near
from kg.gate.verdict import Verdict, clash_findings
from kg.gate.view import (
    Changed,
    Holding,
    Judged,
    in_graph,
    in_view,
    is_shown,
    matching,
    stating,
    triple_of,
)
from kg.report import finding_key, header_triples, result_triples
from kg.terms import (
    EXSH,
    INFERRED,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    REPORT,
    SENTENCE_GRAPH,
    SH,
    SHAPES,
    SUB_CLASS_OF,
    TYPE,
    NamedNode,
    Quad,
    Triple,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.change import Change
    from kg.gate.verdict import State
    from kg.progress import Tell
    from kg.report import Finding
    from kg.rules import Delta
    from kg.terms import Node

_KEPT = OUTSIDE_VIEW | {ONTOLOGY, INFERRED}
_MOST_TYPES = 20_000
"""So many statements of a class are read to find an entity that was meant."""

MANY = 1_000
"""In a change of fewer quads it is not worth looking which nodes are new."""

_RESULT = NamedNode(f"{SH}result")
_SHAPE = NamedNode(f"{SH}sourceShape")
_COMPONENT = NamedNode(f"{SH}sourceConstraintComponent")
_CONSISTENCY = NamedNode(f"{EXSH}ConsistencyConstraintComponent")


def judge_local(state: State, change: Change, base: str, say: Tell) -> Verdict | None:
    """Judge *change* by what it touches; see `kg.gate.judge`.

    None where that cannot be: before the first version, for a change of the ontology,
    the shapes or the class hierarchy, and where inconsistencies stand already.
    """
    if state.version == 0:
        return None
    say("comparing with the present state")
    near = Near(state)
    effect = _effective(near, change)
    moves = _moves(near, effect, base)
    if _concerns_all(near, effect, moves):
        return None
    return _Local(near, effect, moves, base, say).verdict()


@dataclass(frozen=True, slots=True)
class _Moves:
    """The triples that come into the asserted view and that go out of it.

    *seen* and *unseen* are those of what shapes see: sentence graphs are typed there.
    """

    entering: frozenset[Triple]
    leaving: frozenset[Triple]
    seen: frozenset[Triple]
    unseen: frozenset[Triple]


def _effective(state: State, change: Change) -> Change:
    """Return what of *change* is really new or really gone."""
    return type(change)(
        added=frozenset(q for q in change.added if not _stands(state, q)),
        removed=frozenset(
            q for q in change.removed if q not in change.added and _stands(state, q)
        ),
        notes=change.notes,
    )


def _stands(state: State, quad: Quad) -> bool:
    return any(matching(state, triple_of(quad), quad.graph_name))


def _moves(state: State, effect: Change, base: str) -> _Moves:
    entering: set[Triple] = set()
    leaving: set[Triple] = set()
    added = _graphs_by_triple(effect.added, base)
    removed = _graphs_by_triple(effect.removed, base)
    for triple in added.keys() | removed.keys():
        before = stating(state, triple, base)
        after = (before - removed.get(triple, set())) | added.get(triple, set())
        if after and not before:
            entering.add(triple)
        elif before and not after:
            leaving.add(triple)
    born, dead = _sentences(state, effect, base)
    return _Moves(
        frozenset(entering),
        frozenset(leaving),
        frozenset(entering | born),
        frozenset(leaving | dead),
    )


def _graphs_by_triple(quads: Iterable[Quad], base: str) -> dict[Triple, set[object]]:
    found: dict[Triple, set[object]] = {}
    for quad in quads:
        if in_view(quad.graph_name, base):
            found.setdefault(triple_of(quad), set()).add(quad.graph_name)
    return found


def _sentences(
    state: State, effect: Change, base: str
) -> tuple[set[Triple], set[Triple]]:
    """Return the types of the sentence graphs that arise and that vanish."""
    born, dead = set(), set()
    touched = {quad.graph_name for quad in effect.added | effect.removed}
    for name in touched:
        if not isinstance(name, NamedNode) or not is_sentence(name, base):
            continue
        triple = Triple(name, TYPE, SENTENCE_GRAPH)
        was = any(state.quads(graph=name))
        if any(quad.graph_name == name for quad in effect.added):
            if not was:
                born.add(triple)
        elif all(quad in effect.removed for quad in state.quads(graph=name)):
            dead.add(triple)
    return born, dead


def _concerns_all(state: State, effect: Change, moves: _Moves) -> bool:
    quads = effect.added | effect.removed
    return (
        any(quad.graph_name in {ONTOLOGY, SHAPES} for quad in quads)
        or any(t.predicate == SUB_CLASS_OF for t in moves.entering | moves.leaving)
        or any(state.quads(None, _COMPONENT, _CONSISTENCY, REPORT))
    )


class _Local:
    """A change that is being judged."""

    def __init__(
        self, state: Near, effect: Change, moves: _Moves, base: str, say: Tell
    ) -> None:
        self._state = state
        self._effect = effect
        self._moves = moves
        self._base = base
        self._say = say
        self._judges = judges_of(state)
        self._has_findings = any(state.state.quads(REPORT, _RESULT, None, REPORT))

    def verdict(self) -> Verdict:
        self._say("reasoning")
        delta = self._reasoned()
        self._say("checking shapes, terms and consistency")
        before, after = self._checked()
        after += clash_findings(delta.clashes, self._stated)
        found = {finding_key(finding): finding for finding in after}
        # The same may have been found at a target that the change does not concern.
        before += [f for key, f in found.items() if self._is_reported(key)]
        keys = {finding_key(finding) for finding in before}
        new = [finding for key, finding in found.items() if key not in keys]
        standing = set(self._state.quads(None, _RESULT, None, REPORT))
        self._state.settle()
        described = _Described(self._state, self._moves.entering)
        derived_added, derived_removed = self._derived(delta)
        report_added, report_removed = self._report(before, after, standing)
        return Verdict(
            change=self._effect,
            findings=tuple(advised(new, described, self._base)),
            repaired=len(keys - found.keys()),
            added=self._effect.added | derived_added | report_added,
            removed=self._effect.removed | derived_removed | report_removed,
        )

    def _reasoned(self) -> Delta:
        from kg.rules import judge_change

        return judge_change(
            self._judges.rules,
            Holding(self._state.state, self._base),
            self._moves.entering,
            self._moves.leaving,
        )

    def _checked(self) -> tuple[list[Finding], list[Finding]]:
        """Return what shapes and vocabulary find before and after, where it matters."""
        from kg.shapes.local import judge_change
        from kg.shapes.remembering import Remembering

        old = Remembering(Judged(self._state, self._base), self._absent())
        new = Changed(old, self._moves.seen, self._moves.unseen)
        local = judge_change(
            self._judges.shapes,
            old,
            new,
            set(self._moves.seen),
            set(self._moves.unseen),
            self._is_source,
        )
        vocabulary = self._judges.vocabulary
        quads = self._about_the_same()
        changed = (quads - self._effect.removed) | self._effect.added
        return (
            local.before + vocabulary.check(quads),
            local.after + vocabulary.check(_written(changed)),
        )

    def _absent(self) -> set[Node]:
        """Return nodes that nothing stands about, of a change that has many."""
        quads = self._effect.added
        if len(quads) < MANY:
            return set()
        state, graphs = self._state.state, {quad.graph_name for quad in quads}
        silent = {
            node
            for node in {quad.subject for quad in quads} - graphs
            if not isinstance(node, Triple) and not any(state.quads(node))
        }
        state.settle()  # so that nobody asks who names a hub
        return {node for node in silent if not any(state.quads(None, None, node))}

    def _about_the_same(self) -> set[Quad]:
        """Return the quads that stand about the subjects that the change is about."""
        subjects = {q.subject for q in self._effect.added | self._effect.removed}
        return {
            quad
            for subject in subjects
            if not isinstance(subject, Triple)
            for quad in _written(self._state.quads(subject))
        }

    def _derived(self, delta: Delta) -> tuple[frozenset[Quad], frozenset[Quad]]:
        """Return what changes in the inferred graph and in the merged view."""
        added = {in_graph(t, INFERRED) for t in delta.inferred}
        removed = {in_graph(t, INFERRED) for t in delta.withdrawn}
        inferred, withdrawn = set(delta.inferred), set(delta.withdrawn)
        moves = self._moves
        holding = Holding(self._state, self._base)
        for triple in moves.entering | moves.leaving | inferred | withdrawn:
            merged = in_graph(triple, MERGED_VIEW)
            holds = (
                triple in moves.entering
                or (triple not in moves.leaving and holding.is_asserted(triple))
                or triple in inferred
                or (triple not in withdrawn and holding.is_inferred(triple))
                or is_shown(self._state, triple)
            )
            held = _stands(self._state, merged)
            if holds and not held:
                added.add(merged)
            elif held and not holds:
                removed.add(merged)
        return frozenset(added), frozenset(removed)

    def _report(
        self, before: list[Finding], after: list[Finding], standing: set[Quad]
    ) -> tuple[frozenset[Quad], frozenset[Quad]]:
        """Return what changes in the report, whose results are *standing*."""
        old = {in_graph(t, REPORT) for f in before for t in result_triples(f)}
        new = {in_graph(t, REPORT) for f in after for t in result_triples(f)}
        left = (standing - old) | {quad for quad in new if quad.predicate == _RESULT}
        new |= {in_graph(t, REPORT) for t in header_triples(conforms=not left)}
        old |= {in_graph(t, REPORT) for t in header_triples(conforms=not standing)}
        return frozenset(new - old), frozenset(old - new)

    @cached_property
    def _added(self) -> dict[Triple, set[Quad]]:
        """The new quads by their triples."""
        found: dict[Triple, set[Quad]] = {}
        for quad in self._effect.added:
            found.setdefault(triple_of(quad), set()).add(quad)
        return found

    def _is_source(self, shape: Node) -> bool:
        """Tell whether the standing report has a finding of *shape*."""
        return self._has_findings and any(
            self._state.state.quads(None, _SHAPE, shape, REPORT)
        )

    def _is_reported(self, key: NamedNode) -> bool:
        """Tell whether the standing report has the finding *key*."""
        return any(self._state.quads(REPORT, _RESULT, key, REPORT))

    def _stated(self, triple: Triple) -> set[Quad]:
        """Return the quads that assert *triple* after the change."""
        found = matching(self._state, triple)
        fresh = self._added.get(triple, set())
        stand = set(found) - self._effect.removed
        return {q for q in stand | fresh if in_view(q.graph_name, self._base)}


class _Described:
    """The entities that are of a class before a change, or by it."""

    def __init__(self, state: State, entering: frozenset[Triple]) -> None:
        self._state = state
        self._new = {t.subject for t in entering if t.predicate == TYPE}

    def __contains__(self, node: object) -> bool:
        if not isinstance(node, NamedNode):
            return False
        return node in self._new or any(
            self._state.quads(node, TYPE, None, MERGED_VIEW)
        )

    def __iter__(self) -> Iterator[NamedNode]:
        stand = islice(self._state.quads(None, TYPE, None, MERGED_VIEW), _MOST_TYPES)
        for subject in chain(self._new, (quad.subject for quad in stand)):
            if isinstance(subject, NamedNode):
                yield subject


def _written(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield what people wrote, the contents of claims included."""
    for quad in quads:
        if quad.graph_name != MERGED_VIEW and quad.graph_name not in _KEPT:
            yield quad
