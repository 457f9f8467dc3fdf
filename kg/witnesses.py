"""Which triples make a solution of a SPARQL pattern true, and which must not be there.

The engine says what the solutions are; this module instantiates the pattern (as the
algebra of rdflib has it) with one of them and looks the triples up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import rdflib
from rdflib.paths import InvPath, Path
from rdflib.plugins.sparql.algebra import traverse

from kg.deadline import check
from kg.path_triples import Routes, path_text
from kg.rdflib_terms import from_rdflib
from kg.terms import MERGED_VIEW, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kg.store import Snapshot
    from kg.terms import GraphName, Node, Term

Part = Any
"""A node of the algebra, or a term, a variable or a path of rdflib."""


@dataclass(frozen=True, slots=True)
class Held:
    """A triple that a solution needs; in the merged view where *graph* is None."""

    triple: Triple
    graph: NamedNode | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """What a solution needs not to be there: *patterns*, in which texts are unknowns.

    *kind* is `not exists`, `minus`, `unbound`, or `optional` for what is asked for
    without being required.
    """

    kind: str
    patterns: tuple[tuple[Term | str, ...], ...]


@dataclass(slots=True)
class Witness:
    """What makes a solution true; not *complete* where a part was not understood."""

    held: dict[Held, None] = field(default_factory=dict)
    absences: dict[Absence, None] = field(default_factory=dict)
    complete: bool = True

    def add(self, other: Witness) -> None:
        """Take up what *other* has."""
        self.held |= other.held
        self.absences |= other.absences
        self.complete = self.complete and other.complete


class Matcher:
    """Instantiates one pattern; *inner* answers for its sub-queries, by their node.

    It gives None where a sub-query has no solution with the values that are known.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        known: Mapping[str, Term],
        inner: Callable[[Part, Mapping[str, Term]], Witness | None],
    ) -> None:
        self._snapshot = snapshot
        self._known = known
        self._inner = inner

    def match(self, node: Part, graph: GraphName = MERGED_VIEW) -> Witness | None:
        """Return what makes *node* true; None where this solution does not need it.

        Raise JudgingLimitError where the time is over.
        """
        check()
        step = getattr(self, f"_{node.name.lower()}", None)
        if step is None:
            return Witness(complete=False)
        return cast("Witness | None", step(node, graph))

    # --- the operators of the algebra ---------------------------------------------

    def _bgp(self, node: Part, graph: GraphName) -> Witness | None:
        found = Witness()
        local = dict(self._known)
        for pattern in sorted(node.triples or (), key=self._unknowns):
            held = self._pattern(pattern, local, graph)
            if held is None:
                return None
            named = graph if isinstance(graph, NamedNode) else None
            found.held |= {Held(triple, named): None for triple in held}
        return found

    def _unknowns(self, pattern: tuple[Part, ...]) -> int:
        return sum(isinstance(part, rdflib.BNode) for part in pattern)

    def _join(self, node: Part, graph: GraphName) -> Witness | None:
        left = self.match(node.p1, graph)
        right = self.match(node.p2, graph) if left is not None else None
        if left is None or right is None:
            return None
        left.add(right)
        return left

    def _leftjoin(self, node: Part, graph: GraphName) -> Witness | None:
        left = self.match(node.p1, graph)
        if left is None:
            return None
        right = self.match(node.p2, graph)
        if right is not None:
            left.add(right)
        else:
            left.absences[self._absence(node.p2, "optional")] = None
        return left

    def _union(self, node: Part, graph: GraphName) -> Witness | None:
        both = [self.match(node.p1, graph), self.match(node.p2, graph)]
        branches = [branch for branch in both if branch is not None]
        if not branches:
            return None
        for other in branches[1:]:
            branches[0].add(other)
        return branches[0]

    def _filter(self, node: Part, graph: GraphName) -> Witness | None:
        found = self.match(node.p, graph)
        if found is not None:
            self._condition(node.expr, found)
        return found

    def _extend(self, node: Part, graph: GraphName) -> Witness | None:
        value = self._known.get(str(node.var))
        constant = node.expr
        if isinstance(constant, rdflib.Variable):
            constant = self._known.get(str(constant))
        elif isinstance(constant, rdflib.URIRef | rdflib.Literal):
            constant = from_rdflib(constant)
        else:
            constant = value
        found = self.match(node.p, graph) if constant == value else None
        if found is not None and getattr(node.expr, "name", "") == "Builtin_EXISTS":
            self._told(node.expr, value, found)
        return found

    def _told(self, expr: Part, value: Term | None, found: Witness) -> None:
        """Take up why EXISTS is true or false, where its value is asked for."""
        if value is not None and value.value == "true":
            self._exists(expr, found)
        else:
            found.absences[self._absence(expr.graph, "not exists")] = None

    def _minus(self, node: Part, graph: GraphName) -> Witness | None:
        found = self.match(node.p1, graph)
        if found is not None:
            found.absences[self._absence(node.p2, "minus")] = None
        return found

    def _graph(self, node: Part, graph: GraphName) -> Witness | None:
        del graph
        named = self._value(node.term, self._known)
        return self.match(node.p, named) if isinstance(named, NamedNode) else None

    def _tomultiset(self, node: Part, graph: GraphName) -> Witness | None:
        del graph
        if node.p.name == "values":
            return self._values(node.p)
        return self._inner(node.p, self._known)

    def _values(self, node: Part) -> Witness | None:
        return Witness() if node.res else None

    # --- conditions ---------------------------------------------------------------

    def _condition(self, expr: Part, found: Witness) -> None:
        name = getattr(expr, "name", "")
        if name == "Builtin_NOTEXISTS":
            found.absences[self._absence(expr.graph, "not exists")] = None
        elif name == "Builtin_EXISTS":
            self._exists(expr, found)
        elif name == "UnaryNot" and getattr(expr.expr, "name", "") == "Builtin_BOUND":
            unknown = f"?{expr.expr.arg}"
            found.absences[Absence("unbound", ((unknown,),))] = None
        elif hasattr(expr, "values"):
            for part in _parts(expr):
                self._condition(part, found)

    def _exists(self, expr: Part, found: Witness) -> None:
        """Take up what makes EXISTS true; its own variables are not known."""
        inner = self.match(_blank(expr.graph, self._known))
        if inner is None:
            found.complete = False
        else:
            found.add(inner)

    def _absence(self, node: Part, kind: str) -> Absence:
        patterns = tuple(
            tuple(self._shown(part) for part in pattern) for pattern in _triples(node)
        )
        return Absence(kind, patterns)

    def _shown(self, part: Part) -> Term | str:
        if isinstance(part, Path):
            return path_text(part)
        value = self._value(part, self._known)
        return f"?{part}" if value is None else value

    # --- triples ------------------------------------------------------------------

    def _value(self, part: Part, known: Mapping[str, Term]) -> Term | None:
        if isinstance(part, rdflib.Variable | rdflib.BNode):
            return known.get(str(part))
        return from_rdflib(part)

    def _pattern(
        self, pattern: tuple[Part, ...], local: dict[str, Term], graph: GraphName
    ) -> Iterable[Triple] | None:
        """Return the triples of one pattern; bind its blank nodes in *local*."""
        start, path, end = pattern
        lacking = [
            part
            for part in pattern
            if isinstance(part, rdflib.Variable) and str(part) not in local
        ]
        if lacking:
            return None
        if isinstance(path, Path):
            return self._along(pattern, local, graph)
        s, p, o = (self._value(part, local) for part in pattern)
        quads = self._snapshot.quads(
            cast("Node | None", s), cast("NamedNode | None", p), o, graph
        )
        quad = next(iter(quads), None)
        if quad is None:
            return None
        for part, term in zip((start, end), (quad.subject, quad.object), strict=True):
            if isinstance(part, rdflib.BNode):
                local[str(part)] = cast("Term", term)
        return [quad.triple]

    def _along(
        self, pattern: tuple[Part, ...], local: dict[str, Term], graph: GraphName
    ) -> Iterable[Triple] | None:
        """Return the triples on all routes of a path between two terms."""
        start, path, end = pattern
        routes = Routes(self._snapshot, graph)
        first, last = self._value(start, local), self._value(end, local)
        if first is None and last is not None:
            first, last, path, end = last, None, InvPath(path), start
        if first is None:
            return None
        ends = routes.ends(path, first)
        if last is None and ends:
            last = min(ends, key=str)
            local[str(end)] = last
        return None if last is None else ends.get(last)


# --- the algebra ------------------------------------------------------------------


def _parts(node: Part) -> Iterator[Part]:
    for value in node.values():
        if isinstance(value, list):
            yield from value
        elif hasattr(value, "name"):
            yield value


def subqueries(node: Part) -> Iterator[Part]:
    """Yield the sub-queries in *node* in the order of the text, none of them twice."""
    if getattr(node, "name", "") == "ToMultiSet":
        if node.p.name != "values":
            yield node.p
        return
    if hasattr(node, "values"):
        for part in _parts(node):
            yield from subqueries(part)


def _triples(node: Part) -> Iterator[tuple[Part, ...]]:
    """Yield the patterns in *node*, those that it excludes itself left out."""
    if getattr(node, "name", "") in ("BGP", "TriplesBlock"):
        yield from _by_three(node.triples or ())
    elif hasattr(node, "values"):
        for part in _parts(node):
            yield from _triples(part)


def _by_three(triples: Iterable[Part]) -> Iterator[tuple[Part, ...]]:
    """Yield triples, whether they come one by one or as the parser has them."""
    for one in triples:
        yield from (tuple(one[i : i + 3]) for i in range(0, len(one), 3))


def _blank(node: Part, known: Mapping[str, Term]) -> Part:
    """Return *node* with blank nodes for the variables that are not *known*."""

    def swap(part: Part) -> Part:
        if isinstance(part, rdflib.Variable) and str(part) not in known:
            return rdflib.BNode(str(part))
        return None

    return traverse(node, visitPost=swap)
