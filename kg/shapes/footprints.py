"""Which nodes a change can matter to: the footprints of shapes, walked backwards.

A footprint of a shape is a triple that the shape reads and the patterns that lead to
it from the focus node. Whether a node conforms depends only on the triples that make
it a target and on those that its shape's footprints touch; so only for the nodes from
which a footprint leads to a changed triple can the result differ.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from rdflib import RDF, RDFS, SH

from kg.deadline import check
from kg.rdflib_terms import from_rdflib
from kg.shapes.questions import UnanalysableError
from kg.shapes.reading import Reader
from kg.shapes.routes import (
    Optionally,
    Step,
    Walk,
    end_of,
    start_of,
)
from kg.terms import SUB_CLASS_OF, TYPE, Literal, NamedNode, Node, Term, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import rdflib

    from kg.shapes.engine import Shapes
    from kg.shapes.patterns import Clause, Footprint
    from kg.shapes.remembering import Remembering
    from kg.shapes.routes import Lookup


class All:
    """Stands for all targets of a shape."""


ALL: Final = All()

Nodes: TypeAlias = "set[Term] | All"

AT_ONCE = 500
"""So many triples of a larger change are followed back together: that is quicker."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What makes a node a focus node of a shape."""

    nodes: frozenset[Term]
    kinds: frozenset[Term]
    subjects_of: frozenset[NamedNode]
    objects_of: frozenset[NamedNode]

    def __bool__(self) -> bool:
        return any((self.nodes, self.kinds, self.subjects_of, self.objects_of))

    def have(self, node: Term, state: Remembering) -> bool:
        """Tell whether *node* is a target."""
        return (
            node in self.nodes
            or (bool(self.kinds) and not self.kinds.isdisjoint(state.kinds(node)))
            or any(_any(state, node, p, None) for p in self.subjects_of)
            or any(_any(state, None, p, node) for p in self.objects_of)
        )

    def all(self, lookup: Lookup) -> set[Term]:
        """Return all targets that *lookup* holds."""
        found = set(self.nodes)
        for predicate in self.subjects_of:
            found.update(start_of(t) for t in lookup.triples(None, predicate, None))
        for predicate in self.objects_of:
            found.update(end_of(t) for t in lookup.triples(None, predicate, None))
        for kind in below(lookup, self.kinds):
            found.update(start_of(t) for t in lookup.triples(None, TYPE, kind))
        return found


@dataclass(frozen=True, slots=True)
class Footprints:
    """What each shape with targets reads, and where not known, why not."""

    targets: Mapping[Node, Targets]
    reasons: Mapping[Node, str]
    questions: Mapping[str, tuple[Clause, ...]]
    """What the query of each text reads; those not analysable are left out."""
    clauses: Mapping[Node, tuple[Clause, ...]]
    """What each shape reads; of one that is not analysable it is not known."""
    _by_predicate: Mapping[NamedNode | None, list[tuple[Node, Footprint]]]
    _by_kind: Mapping[Term, list[tuple[Node, Footprint]]]
    _placing: Mapping[Term, list[Node]]

    def affected(
        self,
        added: set[Triple],
        removed: set[Triple],
        old: Remembering,
        new: Remembering,
    ) -> dict[Node, Nodes]:
        """Return the shapes, and of each the targets, whose results can differ.

        *old* and *new* are the states before and after; ALL stands for all targets.
        """
        changed = added | removed
        if any(triple.predicate == SUB_CLASS_OF for triple in changed):
            return dict.fromkeys(self.targets, ALL)
        found = self._reached(added, old, new, new)
        for shape, nodes in self._reached(removed, old, new, old).items():
            found[shape] |= nodes
        result: dict[Node, Nodes] = {}
        if changed:
            result.update(dict.fromkeys(self.reasons, ALL))
        for shape in found.keys() - result.keys():
            targets = self.targets[shape]
            nodes = found[shape]
            held = {n for n in nodes if targets.have(n, new) or targets.have(n, old)}
            if held:
                result[shape] = held
        return result

    def _reached(
        self,
        changed: Iterable[Triple],
        old: Remembering,
        new: Remembering,
        holding: Lookup,
    ) -> dict[Node, set[Term]]:
        """Return the nodes reached from *changed*, in the state that holds them.

        What reads a removed triple in the old state reads all that leads to it there.
        """
        found: dict[Node, set[Term]] = defaultdict(set)
        stated: dict[NamedNode, list[Triple]] = defaultdict(list)
        moving: dict[Term, list[Triple]] = defaultdict(list)
        for triple in changed:
            stated[triple.predicate].append(triple)
            for kind in _moved_kinds(triple, old, new):
                moving[kind].append(triple)
        for shape, node in self._placed(stated, moving):
            found[shape].add(node)
        many = AT_ONCE if sum(map(len, stated.values())) > AT_ONCE else 1
        for triples, read in self._reading(stated, moving):
            for part in _parts(triples, many):
                check()
                for shape, footprint in read:
                    found[shape] |= footprint.focus_nodes(part, holding)
        return found

    def _placed(
        self,
        stated: Mapping[NamedNode, list[Triple]],
        moving: Mapping[Term, list[Triple]],
    ) -> Iterator[tuple[Node, Term]]:
        """Yield the shapes of which a triple may make an end a target, with the end."""
        for predicate, triples in stated.items():
            for shape in self._placing.get(predicate, ()):
                targets = self.targets[shape]
                if predicate in targets.subjects_of:
                    yield from ((shape, start_of(triple)) for triple in triples)
                if predicate in targets.objects_of:
                    yield from ((shape, end_of(triple)) for triple in triples)
        for kind, triples in moving.items():
            for shape in self._placing.get(kind, ()):
                yield from ((shape, start_of(triple)) for triple in triples)

    def _reading(
        self,
        stated: Mapping[NamedNode, list[Triple]],
        moving: Mapping[Term, list[Triple]],
    ) -> Iterator[tuple[list[Triple], list[tuple[Node, Footprint]]]]:
        """Yield triples with the footprints that they may fit."""
        for predicate, triples in stated.items():
            yield triples, self._by_predicate.get(predicate, [])
            yield triples, self._by_predicate.get(None, [])
        for kind, triples in moving.items():
            yield triples, self._by_kind.get(kind, [])


def footprints_of(shapes: Shapes) -> Footprints:
    """Return the footprints of *shapes*."""
    reader = Reader(shapes)
    targets = {}
    reasons = {}
    clauses = {}
    by_predicate: dict[NamedNode | None, list[tuple[Node, Footprint]]] = {}
    by_kind: dict[Term, list[tuple[Node, Footprint]]] = {}
    for name in sorted(reader.shapes, key=str):
        aims = _targets(shapes.graph, name)
        if not aims:
            continue
        node = _node(name)
        targets[node] = aims
        try:
            readings, found = reader.readings(name)
        except UnanalysableError as error:
            reasons[node] = str(error)
            continue
        clauses[node] = tuple(dict.fromkeys(one.clause for one in readings))
        for footprint in found:
            if footprint.kind is None:
                by_predicate.setdefault(footprint.predicate, []).append(
                    (node, footprint)
                )
            else:
                by_kind.setdefault(footprint.kind, []).append((node, footprint))
    return Footprints(
        targets,
        reasons,
        reader.questions,
        clauses,
        by_predicate,
        by_kind,
        _placing(targets),
    )


def _placing(all_targets: Mapping[Node, Targets]) -> dict[Term, list[Node]]:
    """Return of each predicate and class the shapes whose targets depend on it."""
    found: dict[Term, list[Node]] = defaultdict(list)
    for shape, targets in all_targets.items():
        for term in targets.subjects_of | targets.objects_of | targets.kinds:
            found[term].append(shape)
    return dict(found)


def _targets(graph: rdflib.Graph, shape: rdflib.term.Node) -> Targets:
    def values(name: str) -> frozenset[Term]:
        return frozenset(_term(value) for value in graph.objects(shape, SH[name]))

    classes = {RDFS.Class, *graph.subjects(RDFS.subClassOf, RDFS.Class)}
    is_class = not classes.isdisjoint(graph.objects(shape, RDF.type))
    return Targets(
        nodes=values("targetNode"),
        kinds=values("targetClass") | ({_term(shape)} if is_class else set()),
        subjects_of=_predicates(values("targetSubjectsOf")),
        objects_of=_predicates(values("targetObjectsOf")),
    )


def _predicates(terms: frozenset[Term]) -> frozenset[NamedNode]:
    return frozenset(term for term in terms if isinstance(term, NamedNode))


def _term(node: rdflib.term.Node) -> Term:
    return from_rdflib(cast("rdflib.term.Identifier", node))


def _node(node: rdflib.term.Node) -> Node:
    return cast("Node", _term(node))


def _parts(triples: list[Triple], size: int) -> Iterator[list[Triple]]:
    return (triples[at : at + size] for at in range(0, len(triples), size))


def _any(
    lookup: Lookup, subject: Term | None, predicate: NamedNode, object_: Term | None
) -> bool:
    if isinstance(subject, Literal):
        return False
    return any(True for _ in lookup.triples(subject, predicate, object_))


def below(lookup: Lookup, classes: Iterable[Term]) -> set[Term]:
    """Return *classes* and those below them."""
    return Walk(lookup).ends(classes, Optionally(Step(SUB_CLASS_OF, True), again=True))


def _moved_kinds(triple: Triple, old: Remembering, new: Remembering) -> set[Term]:
    """Return the classes that the subject of a type entered or left."""
    if triple.predicate != TYPE:
        return set()
    return old.kinds(start_of(triple)) ^ new.kinds(start_of(triple))
