"""Patterns of quads asked of a store, many in one query, and what it finds of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from kg.canonical import canonical_literal
from kg.remote.record import NAMED
from kg.terms import (
    MERGED,
    MERGED_VIEW,
    BlankNode,
    DefaultGraph,
    GraphName,
    Literal,
    NamedNode,
    Node,
    Quad,
    Term,
    Triple,
)

Solution: TypeAlias = Sequence[Term | None]

_NAMES = ("s", "p", "o")


class Pattern(NamedTuple):
    """Parts that a quad is to have; None stands for any, also for any graph."""

    subject: Node | None = None
    predicate: NamedNode | None = None
    object: Term | None = None
    graph: GraphName | None = None

    @property
    def is_answerable(self) -> bool:
        """Tell whether a store can be asked: a blank node has no name to ask by."""
        return not any(isinstance(part, BlankNode) for part in self)

    @property
    def is_of_subject(self) -> bool:
        """Tell whether it names a subject and nothing else, but perhaps a predicate."""
        return self.subject is not None and self.object is None and self.graph is None

    @property
    def all_about(self) -> Pattern:
        """The pattern of all quads that have its subject, or else its object."""
        if self.subject is not None:
            return Pattern(self.subject)
        return Pattern(object=self.object)

    def groups(self, hidden: Iterable[NamedNode], view: str) -> Iterator[str]:
        """Yield what finds the quads that match, as `?g ?s ?p ?o`, none of *hidden*.

        *view* says where the merged view is kept.
        """
        triple = self._triple()
        if self.graph == MERGED_VIEW and view == NAMED:
            yield f"{{ GRAPH {MERGED} {{ {triple} }} }}"
        elif self.graph == MERGED_VIEW or (self.graph is None and view != NAMED):
            yield f"{{ {triple} }}"
        if isinstance(self.graph, NamedNode):
            yield f"{{ GRAPH {self.graph} {{ {triple} }} }}"
        elif self.graph is None:
            names = ", ".join(map(str, hidden))
            seen = f" FILTER(?g NOT IN ({names}))" if names else ""
            yield f"{{ GRAPH ?g {{ {triple} }}{seen} }}"

    def quads(self, solutions: Iterable[Solution]) -> Iterator[Quad]:
        """Yield the quads of *solutions* to the variables g, s, p and o.

        Raise ValueError where one is none: RDF-star and RDF 1.2 nest triples.
        """
        for g, s, p, o in solutions:
            graph = self.graph or cast("NamedNode | None", g) or DefaultGraph()
            if graph == MERGED and self.graph is None:
                graph = MERGED_VIEW
            subject = cast("Node", self.subject or s)
            predicate = cast("NamedNode", self.predicate or p)
            object_ = self.object if o is None else as_kept(o)
            if isinstance(s, Triple) or isinstance(o, Triple):
                raise ValueError(_nested(graph, s, o))
            yield Quad(subject, predicate, cast("Term", object_), graph)

    def _triple(self) -> str:
        return " ".join(
            f"?{name}" if part is None else str(part)
            for name, part in zip(_NAMES, self[:3], strict=True)
        )


def _nested(graph: GraphName, subject: Term | None, object_: Term | None) -> str:
    is_subject = isinstance(subject, Triple)
    what, place = (subject, "subject") if is_subject else (object_, "object")
    return f"a triple of {graph} has another triple, {what}, for its {place}"


def as_kept(term: Term | None) -> Term | None:
    """Return *term* as this program keeps it, whatever form the store gives it."""
    return _literal(term) if isinstance(term, Literal) else term


@lru_cache(maxsize=65_536)
def _literal(literal: Literal) -> Literal:
    return canonical_literal(literal)


def one_query(
    pattern: Pattern, hidden: Iterable[NamedNode], view: str, most: int | None = None
) -> str:
    """Return the query that finds up to *most* quads that match *pattern*."""
    union = " UNION ".join(pattern.groups(hidden, view))
    limit = "" if most is None else f" LIMIT {most}"
    return f"SELECT ?g ?s ?p ?o WHERE {{ {union} }}{limit}"


def many_query(
    wanted: Sequence[tuple[Pattern, int]],
    hidden: Iterable[NamedNode],
    view: str,
    also: str,
) -> str:
    """Return the query that finds of each pattern up to so many quads, as `?k`.

    Of the patterns that name a subject alone, or with a predicate, it finds all quads,
    as that is done at once for all of them. *also* is a group asked along with them.
    """
    named = tuple(hidden)
    groups = [f"{{ {also} }}"]
    alone: list[str] = []
    paired: list[str] = []
    for number, (pattern, most) in enumerate(wanted):
        if pattern.is_of_subject:
            ends = f"{pattern.subject} {pattern.predicate or ''}".strip()
            (paired if pattern.predicate else alone).append(f"({number} {ends})")
            continue
        union = " UNION ".join(pattern.groups(named, view))
        chosen = f"SELECT ({number} AS ?k) ?g ?s ?p ?o WHERE {{ {union} }}"
        groups.append(f"{{ {chosen} LIMIT {most} }}")
    for head, rows in (("?k ?s", alone), ("?k ?s ?p", paired)):
        if rows:
            given = f"VALUES ({head}) {{ {' '.join(rows)} }}"
            any_ = Pattern().groups(named, view)
            groups += (f"{{ {given} {group} }}" for group in any_)
    return f"SELECT ?k ?record ?g ?s ?p ?o WHERE {{ {' UNION '.join(groups)} }}"


def there_query(objects: Sequence[Term], view: str, also: str) -> str:
    """Return the query that finds the numbers, as `?k`, of *objects* of some quad.

    *also* is a group asked along with it.
    """
    rows = " ".join(f"({number} {one})" for number, one in enumerate(objects))
    found = " UNION ".join(Pattern().groups((), view))
    asked = f"VALUES (?k ?o) {{ {rows} }} FILTER EXISTS {{ {found} }}"
    return f"SELECT ?k ?record WHERE {{ {{ {also} }} UNION {{ {asked} }} }}"
