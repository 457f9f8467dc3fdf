"""Which targets can give the same result: they share a nested shape.

A result of a property shape names that shape and the node at which it was judged, not
the target that led there. So the same result may come from several targets, of one
shape or of several, and stands as long as one of them gives it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

from rdflib import SH

from kg.rdflib_terms import from_rdflib, to_rdflib
from kg.shapes.footprints import All
from kg.shapes.reading import Reader
from kg.shapes.routes import HERE, Walk, joined, reverse
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import rdflib

    from kg.report import Finding
    from kg.shapes.engine import Shapes
    from kg.shapes.footprints import Footprints, Nodes
    from kg.shapes.remembering import Remembering
    from kg.shapes.routes import Route
    from kg.terms import Node, Term


class Sharing:
    """Of each shape that is judged at other nodes too, the targets and ways to it."""

    def __init__(self, shapes: Shapes, footprints: Footprints) -> None:
        self._targets = footprints.targets
        self._reader = Reader(shapes)
        found: dict[Node, list[tuple[Node, Route]]] = defaultdict(list)
        for target in footprints.targets.keys() - footprints.reasons.keys():
            for shape, way in self._reached(to_rdflib(target), HERE):
                found[shape].append((target, way))
        self._told: dict[Node, list[Node]] = defaultdict(list)
        for shape, ways in found.items():
            for target, _ in ways:
                self._told[target].append(shape)
        alone = {shape: [(shape, HERE)] for shape in found}
        self._ways = {s: ways for s, ways in found.items() if ways != alone[s]}

    def may_tell(self, target: Node, stands: Callable[[Node], bool]) -> bool:
        """Tell whether a result at *target* may stand, where *stands* knows of shapes.

        It is asked of shapes that have a name; of others nobody can know.
        """
        told = self._told.get(target)
        if not told:
            return True
        return any(not isinstance(shape, NamedNode) or stands(shape) for shape in told)

    def others(
        self,
        findings: Iterable[Finding],
        affected: Mapping[Node, Nodes],
        state: Remembering,
    ) -> dict[Node, Nodes]:
        """Return the targets, but for those *affected*, that may give *findings* too.

        Whether they do is for the shapes to say.
        """
        found: dict[Node, set[Term]] = defaultdict(set)
        for finding in findings:
            for target, way in self._ways.get(cast("Node", finding.shape), ()):
                known = affected.get(target, set())
                if not isinstance(known, All):
                    nodes = Walk(state).ends({finding.focus}, reverse(way)) - known
                    found[target].update(nodes)
        held = {
            target: {n for n in nodes if self._targets[target].have(n, state)}
            for target, nodes in found.items()
        }
        return {target: nodes for target, nodes in held.items() if nodes}

    def _reached(
        self, node: rdflib.term.Node, way: Route
    ) -> Iterator[tuple[Node, Route]]:
        """Yield the shapes whose results are told, with the way to where they look."""
        yield cast("Node", from_rdflib(cast("rdflib.term.Identifier", node))), way
        graph = self._reader.graph
        for path in graph.objects(node, SH.path):
            way = joined(way, self._reader.route(path))
        for nested in graph.objects(node, SH.property):
            yield from self._reached(nested, way)
