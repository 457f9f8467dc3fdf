"""What an article contributes: facts that its passages state, and no other source."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from kg.names import things
from kg.terms import EXQ, MERGED_VIEW, Literal, NamedNode, is_claim
from kg.whence import UNNAMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.articles import Passage
    from kg.names import Thing
    from kg.store import Snapshot

_Triple: TypeAlias = tuple[NamedNode, NamedNode, NamedNode | Literal]

MOST_LOOKED_AT = 1_000
"""So many statements of an article are compared with what others state."""

MOST_SHOWN = 200

_PASSAGE_OF = NamedNode(f"{EXQ}passageOf")


@dataclass(frozen=True, slots=True)
class Fact:
    """A property and value of a subject, and the passages that state them."""

    property: Thing
    value: Thing
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """Facts that one article alone states, by subject.

    *number* is how many were found; where not *complete*, there may be more, as not
    all passages were looked through.
    """

    facts: tuple[tuple[Thing, tuple[Fact, ...]], ...]
    number: int
    shown: int
    complete: bool


def contribution(
    snapshot: Snapshot,
    article: NamedNode,
    passages: Sequence[Passage],
    *,
    more: bool = False,
) -> Contribution:
    """Return what no source but *article* states of what stands in its *passages*.

    Only facts in the project's vocabulary count; types and names do not. The article
    has *more* passages, or it has not.
    """
    stating: dict[_Triple, list[Passage]] = {}
    stated = _stated(snapshot, passages)
    for triple, passage in islice(stated, MOST_LOOKED_AT):
        stating.setdefault(triple, []).append(passage)
    own = _Own(snapshot, article)
    found = [triple for triple in stating if own.alone_states(triple)]
    shown = found[:MOST_SHOWN]
    named = things(snapshot, {term for triple in shown for term in triple})
    by_subject: dict[Thing, list[Fact]] = {}
    for triple in shown:
        subject, relation, value = (named[term] for term in triple)
        fact = Fact(relation, value, tuple(stating[triple]))
        by_subject.setdefault(subject, []).append(fact)
    return Contribution(
        facts=tuple((one, _ordered(facts)) for one, facts in by_subject.items()),
        number=len(found),
        shown=len(shown),
        complete=not more and next(stated, None) is None,
    )


def _ordered(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda f: (f.property.label, f.value.label)))


def _stated(
    snapshot: Snapshot, passages: Iterable[Passage]
) -> Iterator[tuple[_Triple, Passage]]:
    """Yield the facts of each passage in turn."""
    for passage in passages:
        for triple in _facts(snapshot, NamedNode(passage.iri)):
            yield triple, passage


def _facts(snapshot: Snapshot, graph: NamedNode) -> list[_Triple]:
    found = [
        (quad.subject, quad.predicate, quad.object)
        for quad in snapshot.quads(graph=graph)
        if quad.predicate.value.startswith(EXQ)
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode | Literal)
    ]
    return sorted(found, key=str)


class _Own:
    """Tells which graphs belong to an article; each is looked up once."""

    def __init__(self, snapshot: Snapshot, article: NamedNode) -> None:
        self._snapshot = snapshot
        self._article = article
        self._known: dict[object, bool] = {article: True}

    def alone_states(self, triple: _Triple) -> bool:
        """Tell whether no source beside the article states *triple*."""
        quads = self._snapshot.quads(*triple)
        return all(self._is_own(quad.graph_name) for quad in quads)

    def _is_own(self, graph: object) -> bool:
        """Tell whether *graph* is of the article, or no source at all."""
        if graph not in self._known:
            self._known[graph] = self._find(graph)
        return self._known[graph]

    def _find(self, graph: object) -> bool:
        if graph == MERGED_VIEW or graph in UNNAMED:
            return True
        if not isinstance(graph, NamedNode):
            return False
        here = self._snapshot
        # A passage has the IRI of its article and a fragment: most need no look-up.
        own = graph.value.startswith(f"{self._article.value}#")
        if own or is_claim(graph, here.base):
            return True
        found = here.quads(graph, _PASSAGE_OF, self._article, MERGED_VIEW)
        return any(found)
