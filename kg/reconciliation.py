"""Matching what others call things to entities of the graph, with scores.

The notions are those of the W3C Community Group's Reconciliation Service API 0.2: a
query has a name, types and values of properties; candidates have a score of 0 to 100
and the features that it was made from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from kg.folding import LONGEST, letters
from kg.name_index import name_index, resemblance
from kg.prefixes import expand
from kg.schema_terms import schema_terms, types_of
from kg.terms import MERGED_VIEW, TYPE, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.name_index import Named, NameIndex
    from kg.schema_terms import SchemaTerm
    from kg.store import Snapshot
    from kg.terms import Term

MOST_CANDIDATES = 50
"""A query is answered with so many candidates at most."""

_USUAL_CANDIDATES = 10
_RANKED = 50
_MOST_VALUES = 500
_MOST_SCANNED = 20_000
_SAME = 95.0
_ALIKE = 80.0
_LEAD = 3.0
_PROPERTY_WEIGHT = 0.4
_WITHOUT_TYPE = 0.8

Value: TypeAlias = "str | float | bool | NamedNode"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a property of the entity should be: one of *values* is enough."""

    property: NamedNode
    id: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class MatchQuery:
    """What is looked for; *strict* tells how *types* hold: any, all, should."""

    text: str = ""
    types: tuple[NamedNode, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    limit: int = _USUAL_CANDIDATES
    strict: str = "any"


@dataclass(frozen=True, slots=True)
class Match:
    """An entity that may be meant; *certain* where no other one comes near."""

    node: NamedNode
    label: str
    types: tuple[SchemaTerm, ...]
    score: float
    features: tuple[tuple[str, float | bool], ...]
    certain: bool = False


class Matcher:
    """Finds the entities of one version whose IRIs begin with *space*."""

    def __init__(self, snapshot: Snapshot, space: str) -> None:
        self._snapshot = snapshot
        self._space = space
        self._index: NameIndex = name_index(snapshot)
        self._terms = schema_terms(snapshot)

    def id_of(self, node: NamedNode) -> str | None:
        """Return the identifier of *node*; None for what is not in the space."""
        local = node.value.removeprefix(self._space)
        return local if local and local != node.value else None

    def node_of(self, text: str) -> NamedNode | None:
        """Return the entity whose identifier, prefixed name or IRI *text* is."""
        for iri in (text, expand(text) or "", f"{self._space}{text}"):
            if not iri.startswith(self._space) or len(iri) > len(self._space) + LONGEST:
                continue
            try:
                node = NamedNode(iri)
            except ValueError:
                continue
            if self._index.named(node):
                return node
        return None

    def label(self, node: NamedNode) -> str:
        """Return what to show for *node*."""
        named = self._index.named(node)
        return named.label if named else node.value

    def matches(self, query: MatchQuery) -> list[Match]:
        """Return the entities that *query* may mean, the best first."""
        scored = [
            match
            for node, score in self._by_name(query).items()
            if (match := self._match(node, score, query))
        ]
        scored.sort(key=lambda m: (-m.score, len(m.label), m.node.value))
        return _with_certainty(scored)[: query.limit]

    def beginning(
        self, text: str, types: Iterable[NamedNode], *, limit: int, skip: int = 0
    ) -> list[tuple[NamedNode, str, list[SchemaTerm]]]:
        """Return entities with names that begin with *text*, else that resemble it."""
        keep = self._keeping(tuple(types))
        begun = self._index.beginning(text, keep, limit=limit, skip=skip)
        found = [one.iri for one in begun]
        if not found and not skip:
            near = self._index.resembling(text, keep, limit=limit)
            found = [one.named.iri for one in near]
        exact = self.node_of(text)
        if exact and not skip:
            found = list(dict.fromkeys([exact, *found]))[:limit]
        return [(node, self.label(node), self.kinds(node)) for node in found]

    def kinds(self, node: NamedNode) -> list[SchemaTerm]:
        """Return the narrowest of our classes that *node* belongs to."""
        return self._terms.narrowest(types_of(self._snapshot, node))

    def values(self, node: NamedNode, property_: NamedNode) -> list[Term]:
        """Return what holds for *node* by *property_*, in a fixed order."""
        quads = self._snapshot.quads(node, property_, None, MERGED_VIEW)
        found = {q.object for q in islice(quads, _MOST_VALUES)}
        return sorted(
            (one for one in found if isinstance(one, NamedNode | Literal)), key=str
        )

    def _keeping(self, types: tuple[NamedNode, ...]) -> Callable[[Named], bool]:
        def keep(named: Named) -> bool:
            if not named.iri.value.startswith(self._space):
                return False
            return not types or any(self._is_a(named.iri, kind) for kind in types)

        return keep

    def _is_a(self, node: NamedNode, kind: NamedNode) -> bool:
        return any(self._snapshot.quads(node, TYPE, kind, MERGED_VIEW))

    def _by_name(self, query: MatchQuery) -> dict[NamedNode, float]:
        """Return entities to look at, with how much their name resembles the text."""
        if not query.text:
            nodes = self._with_values(query.constraints)
            return dict.fromkeys(islice(nodes, _MOST_VALUES), 100.0)
        types = () if query.strict == "should" else query.types
        keep = self._keeping(types)
        near = self._index.resembling(query.text, keep, limit=_RANKED)
        found = {one.named.iri: one.score for one in near}
        exact = self.node_of(query.text.strip())
        if exact:
            found[exact] = 100.0
        return found

    def _with_values(self, constraints: Iterable[Constraint]) -> Iterator[NamedNode]:
        """Yield the entities that meet one of *constraints*."""
        for constraint in constraints:
            quads = self._snapshot.quads(None, constraint.property, None, MERGED_VIEW)
            for quad in islice(quads, _MOST_SCANNED):
                node = quad.subject
                if (
                    isinstance(node, NamedNode)
                    and self.id_of(node)
                    and isinstance(quad.object, NamedNode | Literal)
                    and self._agreement([quad.object], constraint) >= _ALIKE
                ):
                    yield node

    def _match(self, node: NamedNode, name: float, query: MatchQuery) -> Match | None:
        types = types_of(self._snapshot, node)
        fits = _fits(types, query)
        if not fits and query.strict != "should":
            return None
        agreements = {
            one.id: self._agreement(self.values(node, one.property), one)
            for one in query.constraints
        }
        score = (name + _PROPERTY_WEIGHT * sum(agreements.values())) / (
            1 + _PROPERTY_WEIGHT * len(agreements)
        )
        features: list[tuple[str, float | bool]] = []
        if query.text:
            features.append(("name", round(name, 2)))
        if query.types:
            features.append(("type", fits))
        features += [(id_, round(score, 2)) for id_, score in agreements.items()]
        return Match(
            node=node,
            label=self.label(node),
            types=tuple(self._terms.narrowest(types)),
            score=round(score if fits else _WITHOUT_TYPE * score, 2),
            features=tuple(features),
            certain=fits and name >= _SAME
            and all(score >= _ALIKE for score in agreements.values()),
        )  # fmt: skip

    def _agreement(self, held: Iterable[Term], constraint: Constraint) -> float:
        """Return how well the best of the values *held* is one that is wanted."""
        agree = partial(self._alike)
        return max(
            (agree(one, wanted) for one in held for wanted in constraint.values),
            default=0.0,
        )

    def _alike(self, held: Term, wanted: Value) -> float:
        if isinstance(wanted, NamedNode):
            return 100.0 if held == wanted else 0.0
        if isinstance(wanted, bool):
            return 100.0 if held.value.lower() == str(wanted).lower() else 0.0
        if isinstance(wanted, float):
            return 100.0 if _number(held) == wanted else 0.0
        folded = letters(wanted)
        named = self._index.named(held) if isinstance(held, NamedNode) else None
        names = named.names if named else (letters(held.value),)
        if isinstance(held, NamedNode) and self.node_of(wanted) == held:
            return 100.0
        return max(resemblance(folded, name) for name in names)


def _fits(types: frozenset[NamedNode], query: MatchQuery) -> bool:
    if not query.types:
        return True
    wanted = [kind in types for kind in query.types]
    return all(wanted) if query.strict == "all" else any(wanted)


def _with_certainty(matches: list[Match]) -> list[Match]:
    """Return *matches* with none certain but the first, and it only where it leads."""
    rival = matches[1].score if len(matches) > 1 else 0.0
    return [
        replace(one, certain=one.certain and not place and one.score - rival >= _LEAD)
        for place, one in enumerate(matches)
    ]


def _number(term: Term) -> float | None:
    try:
        return float(term.value)
    except ValueError:
        return None
