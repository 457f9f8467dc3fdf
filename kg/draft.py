"""A dataset in the making: what is loaded can be looked up and asked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import QuerySolutions, RdfFormat

from kg.terms import DefaultGraph, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Store as Engine

    from kg.dataset import Dataset
    from kg.rules.relations import Rows
    from kg.terms import NamedNode, Node, Term


class Draft:
    """What is loaded into an *engine*; `kg.gate.bulk` says what that is."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def load(self, dataset: Dataset, rows: Rows) -> Iterator[int]:
        """Take in *rows* of *dataset*; yield how many it has taken, step by step."""
        blank = dataset.has_blank(rows)
        # Read from text, blank nodes would get other names.
        self.engine.bulk_extend(dataset.quads(rows[blank]))
        yield int(blank.sum())
        for text, count in dataset.lines(rows[~blank]):
            self.engine.bulk_load(text, format=RdfFormat.N_QUADS, lenient=True)
            yield count

    def extend(self, quads: Iterable[Quad]) -> None:
        """Take in *quads*."""
        self.engine.bulk_extend(quads)

    def remove(self, quads: Iterable[Quad]) -> None:
        """Take *quads* out again."""
        for quad in quads:
            self.engine.remove(quad)

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield the triples of the default graph that match, each once."""
        found = self.engine.quads_for_pattern(
            subject, predicate, object_, DefaultGraph()
        )
        for quad in found:
            yield Triple(quad.subject, quad.predicate, quad.object)

    def select(self, sparql: str) -> Iterator[Term]:
        """Yield what the query's first variable stands for in each solution."""
        found = self.engine.query(sparql)
        if not isinstance(found, QuerySolutions):
            raise TypeError("only a SELECT query has solutions")
        for solution in found:
            yield solution[0]
