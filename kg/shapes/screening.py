"""Which targets in a view may fail a shape, by the query that screens it."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from kg.rdflib_terms import to_rdflib
from kg.shapes.footprints import below
from kg.shapes.formulas import FALSE, UnscreenableError
from kg.shapes.screen import THIS, Screened, Screener

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.shapes.clearing import Clearing
    from kg.shapes.engine import Shapes
    from kg.shapes.footprints import Targets
    from kg.terms import NamedNode, Node, Term, Triple


class View(Protocol):
    """The triples that shapes see: the asserted view, the classes, the sentence graphs.

    Both ways of asking show the same triples, the terms as the engine keeps them.
    `kg.store.Triples` is one in an engine of its own.
    """

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield each triple that has these parts once; None stands for any."""
        ...

    def select(self, sparql: str) -> Iterator[Term]:
        """Yield the values of the only variable that *sparql* selects.

        Its default graph is this view, and it names no graph.
        """
        ...


class Screen:
    """Finds in *view* the targets that may fail a shape; threads may share it.

    *clearing*, if there is one, knows the same triples in columns.
    """

    def __init__(
        self, shapes: Shapes, view: View, clearing: Clearing | None = None
    ) -> None:
        self._view = view
        self._clearing = clearing
        self._clearing_guard = Lock()
        self._screener = Screener(shapes, lambda kind: below(view, [kind]))
        self._guard = Lock()  # a screener keeps notes while it works

    def candidates(self, shape: Node, targets: Targets) -> Iterator[Term]:
        """Yield each target that may fail *shape* once, and perhaps other nodes."""
        screened = self._left(self.screened(shape), shape, targets)
        if screened.condition == FALSE and not screened.patterns:
            return
        yield from targets.nodes
        for node in self._found(screened, targets):
            if node not in targets.nodes:
                yield node

    def screened(self, shape: Node) -> Screened:
        """Return how the targets that may fail *shape* are found."""
        with self._guard:
            return self._screener.screened(to_rdflib(shape))

    def _left(self, screened: Screened, shape: Node, targets: Targets) -> Screened:
        """Return what is left to ask where it is clear that all targets conform."""
        if not self._clearing or screened.reason or screened.condition == FALSE:
            return screened
        with self._clearing_guard:
            graph, name = self._screener.graph, to_rdflib(shape)
            is_clear = self._clearing.clears(graph, name, targets)
        return replace(screened, condition=FALSE) if is_clear else screened

    def _found(self, screened: Screened, targets: Targets) -> Iterable[Term]:
        try:
            with self._guard:
                places = list(self._places(targets))
        except UnscreenableError:
            return targets.all(self._view)
        groups = [f"{{ {pattern} }}" for pattern in screened.patterns]
        if places and screened.condition != FALSE:
            union = " UNION ".join(f"{{ {place} }}" for place in places)
            groups.append(f"{{ {union} FILTER({screened.condition}) }}")
        if not groups:
            return ()
        union = " UNION ".join(groups)
        return self._view.select(f"SELECT DISTINCT {THIS} WHERE {{ {union} }}")

    def _places(self, targets: Targets) -> Iterator[str]:
        """Yield a pattern for each way in which ?this can be a target."""
        for kind in sorted(targets.kinds, key=str):
            yield self._screener.instances(THIS, to_rdflib(kind))
        for predicate in sorted(targets.subjects_of, key=str):
            yield f"SELECT DISTINCT {THIS} WHERE {{ {THIS} {predicate} ?any }}"
        for predicate in sorted(targets.objects_of, key=str):
            yield f"SELECT DISTINCT {THIS} WHERE {{ ?any {predicate} {THIS} }}"
