"""Names: what an entity is called, and which entities a name may stand for."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kg.edtf_words import in_words
from kg.errors import UnknownEntityError
from kg.folding import fold
from kg.name_index import name_index
from kg.parameters import put_values, short_name
from kg.per_version import per_version
from kg.prefixes import expand, shorten
from kg.terms import (
    ALT_LABEL,
    BASE,
    EXQ,
    LABEL,
    MERGED_VIEW,
    ONTOLOGY,
    Literal,
    NamedNode,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.store import Snapshot

_SHORT = tuple(f"{BASE}{part}" for part in ("id/", "claim/", "source/", "ontology#"))
_SUGGESTIONS = 8
_MOST_TOLD = 5
SEE_ENTITIES = "`kg run entities` lists what there is"
_ALIKE = 70.0
_CAMEL = re.compile(r"[a-z]+(?:[A-Z][a-z]+)+")
_LICENCE = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/?")


@dataclass(frozen=True, slots=True)
class Thing:
    """A term with the label to show for it, and a note: the wording of a date, say."""

    term: Term
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a name may stand for; not *exact* where it only resembles it.

    *kind* is the label of its class; *groups* are its classes and concept schemes.
    """

    iri: NamedNode
    label: str
    kind: str
    groups: frozenset[NamedNode]
    exact: bool = True

    @property
    def told(self) -> str:
        """What a message says of it: its label, its kind, and how to name it."""
        return f"{self.label} ({self.kind}) {shorten(self.iri.value)}"


def spaced(name: str) -> str:
    """Return in words a name that has capitals or underlines between them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower()


_GROUPS = """
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?entity ?group ?label ?isKind WHERE {
  VALUES ?entity { rdfs:Resource }
  ?entity ?relation ?group .
  FILTER(?relation = rdf:type || ?relation = skos:inScheme)
  BIND(?relation = rdf:type && NOT EXISTS {
    ?entity a ?narrower .
    ?narrower rdfs:subClassOf ?group .
    FILTER(?narrower != ?group)
  } AS ?isKind)
  OPTIONAL { ?group rdfs:label ?label }
}
"""
_LABELS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?entity ?label ?wording ?edtf WHERE {
  VALUES ?entity { rdfs:Resource }
  ?entity rdfs:label|exq:topicLine|geo:asWKT ?label .
  OPTIONAL { ?entity exq:dateWording ?wording }
  OPTIONAL { ?entity exq:edtf ?edtf }
}
"""
_BEARERS = """
PREFIX graph: <https://w3id.org/exequatur/graph/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?label (SAMPLE(?thing) AS ?one) WHERE {
  VALUES ?base { "" }
  VALUES ?label { "" }
  ?thing rdfs:label ?label
  FILTER(STRSTARTS(STR(?thing), ?base))
  FILTER NOT EXISTS { GRAPH graph:ontology { ?thing a ?kind } }
}
GROUP BY ?label
HAVING(COUNT(DISTINCT ?thing) = 1)
"""
_MEMBERS = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?entity WHERE {
  VALUES ?group { skos:Concept }
  { ?entity a ?group } UNION { ?entity skos:inScheme ?group }
}
"""


def find_entities(snapshot: Snapshot, text: str) -> list[Candidate]:
    """Return what *text* is the IRI, short name, label or alias of, by label.

    Case and accents do not count. Where nothing is called so, return what resembles
    it, the nearest first, marked as not exact.
    """
    exact = called(snapshot, text)
    if exact:
        return _by_label(candidates(snapshot, exact))
    near = _resembling(snapshot, text)
    return candidates(snapshot, near, exact=False)


def called(snapshot: Snapshot, text: str) -> set[NamedNode]:
    """Return what *text* is the IRI, short name, label or alias of.

    Terms of the ontology only where nothing else is called so; what differs in hyphens
    or other marks only where nothing is. No name is looked for where *text* is an IRI
    or a CURIE that is known.
    """
    exact = {*_identified(snapshot, text.strip())}
    if exact and ":" in text:
        return exact
    folded = fold(text)
    alike = {one.iri for one in name_index(snapshot).called(text)}
    for iri in alike:
        if any(fold(name) == folded for name in _names(snapshot, iri)):
            exact.add(iri)
    things = {iri for iri in exact if not iri.value.startswith(EXQ)}
    return things or exact | _terms(snapshot).get(folded, set()) or alike


def find_entity(snapshot: Snapshot, text: str) -> NamedNode:
    """Return the one entity that *text* stands for; raise UnknownEntityError."""
    found = find_entities(snapshot, text)
    exact = [candidate for candidate in found if candidate.exact]
    if len(exact) == 1:
        return exact[0].iri
    names = ", ".join(one.told for one in found[: None if exact else _MOST_TOLD])
    if exact:
        raise UnknownEntityError(
            f"{text!r} may mean {len(exact)} things",
            advice=f"give the short name of one: {names}",
        )
    raise UnknownEntityError(
        f"nothing here is called {text!r}",
        advice=f"did you mean {names}?" if names else SEE_ENTITIES,
    )


def choices(
    snapshot: Snapshot, group: NamedNode, *, most: int | None = None
) -> list[Candidate]:
    """Return the members of a class, or the concepts of a scheme, by label.

    None of them where there are more than *most*.
    """
    text = put_values(_MEMBERS, "group", group)
    if most is not None:
        text += f"LIMIT {most + 1}"
    members = [row[0] for row in snapshot.query(text).rows()]
    if most is not None and len(members) > most:
        return []
    return _by_label(candidates(snapshot, members))


def _identified(snapshot: Snapshot, text: str) -> Iterator[NamedNode]:
    """Yield the entities whose IRI, CURIE or last segment *text* is."""
    whole = expand(text) or (text if "://" in text else None)
    for iri in (whole, *(f"{namespace}{text}" for namespace in _SHORT)):
        node = _node(iri)
        if node and _is_known(snapshot, node):
            yield node


def _node(iri: str | None) -> NamedNode | None:
    try:
        return NamedNode(iri) if iri else None
    except ValueError:
        return None


def _is_known(snapshot: Snapshot, node: NamedNode) -> bool:
    as_subject = any(True for _ in snapshot.quads(subject=node))
    return as_subject or any(True for _ in snapshot.quads(object_=node))


def _resembling(snapshot: Snapshot, text: str) -> list[NamedNode]:
    """Return the things with a name that begins like *text*, then what is near it."""
    index = name_index(snapshot)
    begins = index.beginning(text, lambda _: True, limit=_SUGGESTIONS)
    near = index.resembling(text, lambda _: True, limit=_SUGGESTIONS)
    found = [*begins, *(one.named for one in near if one.score >= _ALIKE)]
    terms = _terms(snapshot)
    alike = get_close_matches(fold(text), terms, _SUGGESTIONS, _ALIKE / 100)
    spelt = [iri for name in alike for iri in sorted(terms[name], key=str)]
    return list(dict.fromkeys([*(one.iri for one in found), *spelt]))[:_SUGGESTIONS]


def _names(snapshot: Snapshot, node: NamedNode) -> Iterator[str]:
    for predicate in (LABEL, ALT_LABEL):
        for quad in snapshot.quads(node, predicate, None, MERGED_VIEW):
            if isinstance(quad.object, Literal):
                yield quad.object.value


@per_version
def _terms(snapshot: Snapshot) -> Mapping[str, set[NamedNode]]:
    """Return the terms of the ontology by folded label or alias."""
    found: defaultdict[str, set[NamedNode]] = defaultdict(set)
    for predicate in (LABEL, ALT_LABEL):
        for quad in snapshot.quads(None, predicate, None, ONTOLOGY):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                found[fold(quad.object.value)].add(quad.subject)
    return dict(found)


def candidates(
    snapshot: Snapshot, iris: Iterable[Term | None], *, exact: bool = True
) -> list[Candidate]:
    """Return those of *iris* that are IRIs, with their labels and kinds."""
    nodes = [iri for iri in iris if isinstance(iri, NamedNode)]
    groups: defaultdict[NamedNode, set[NamedNode]] = defaultdict(set)
    kinds: defaultdict[NamedNode, set[str]] = defaultdict(set)
    text = put_values(_GROUPS, "entity", *nodes)
    for entity, group, label, is_kind in snapshot.query(text).rows():
        if isinstance(entity, NamedNode) and isinstance(group, NamedNode):
            groups[entity].add(group)
            if is_kind == Literal(value=True):
                name = label.value if label else short_name(group).lower()
                kinds[entity].add(name)
    labels = things(snapshot, nodes)
    return [
        Candidate(
            iri=node,
            label=labels[node].label,
            kind=", ".join(sorted(kinds[node])) or "thing",
            groups=frozenset(groups[node]),
            exact=exact,
        )
        for node in nodes
    ]


def _by_label(found: list[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda one: (fold(one.label), one.label, one.iri.value))


def things(snapshot: Snapshot, terms: Iterable[Term]) -> dict[Term, Thing]:
    """Return *terms* with what to show for them; the last segment where unlabelled."""
    wanted = set(terms)
    found: dict[Term, Thing] = {term: _unlabelled(term) for term in wanted}
    nodes = sorted((t for t in wanted if isinstance(t, NamedNode)), key=str)
    text = put_values(_LABELS, "entity", *nodes)
    for node, label, wording, edtf in snapshot.query(text).rows():
        if node and label:
            notes = [
                *([wording.value] if wording else []),
                *([in_words(edtf.value)] if edtf else []),
            ]
            found[node] = Thing(node, label.value, ", ".join(dict.fromkeys(notes)))
    return found


def bearers(
    snapshot: Snapshot, terms: Iterable[Term], base: str
) -> dict[Term, NamedNode]:
    """Return the only thing that is called so, for each of *terms* that is a label.

    Things are those under *base*, without the terms of the ontology.
    """
    texts = sorted((t for t in terms if isinstance(t, Literal) and t.language), key=str)
    text = put_values(_BEARERS, "label", *texts)
    rows = snapshot.query(put_values(text, "base", Literal(base))).rows()
    return {label: one for label, one in rows if label and isinstance(one, NamedNode)}


def _unlabelled(term: Term) -> Thing:
    """Name what has no label by its IRI: a property in words, a change by its number.

    Properties of other vocabularies have no labels here.
    """
    if not isinstance(term, NamedNode):
        return Thing(term, term.value)
    licence = _LICENCE.fullmatch(term.value)
    if licence:
        return Thing(term, f"CC {licence[1].upper()} {licence[2]}")
    name = short_name(term)
    if _CAMEL.fullmatch(name):
        return Thing(term, spaced(name))
    is_change = term.value == f"{BASE}change/{name}"
    return Thing(term, f"change {name}" if is_change else name)
