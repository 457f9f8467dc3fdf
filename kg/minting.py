"""New entities: an IRI by the house rules, after a look at what is there already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from anyascii import anyascii
from rapidfuzz import process

from kg.errors import ParameterError
from kg.folding import letters
from kg.name_index import name_index
from kg.prefixes import shorten
from kg.terms import (
    BASE,
    EXQ,
    INFERRED,
    MERGED_VIEW,
    ONTOLOGY,
    OWL,
    SKOS,
    TYPE,
    Literal,
    NamedNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.store import Snapshot

_DERIVED = frozenset({INFERRED, MERGED_VIEW})
_CLASS = NamedNode(f"{OWL}Class")
_DEFINITION = NamedNode(f"{SKOS}definition")
_MOST_LABEL = 200
_MOST_NEAR = 5
_LEAST_NEAR = 70.0


@dataclass(frozen=True, slots=True)
class Near:
    """What is there already with a similar name; a *score* of 100 is the same name."""

    iri: str
    label: str
    types: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Minted:
    """A proposed entity; *taken* is the IRI it would have had, if that is in use."""

    iri: str
    label: str
    type: str
    taken: str | None
    near: tuple[Near, ...]
    turtle: str


def short_form(label: str) -> str:
    """Return the last part of the IRI for *label*: lower case, ASCII, hyphens."""
    plain = anyascii(label).lower().replace("'", "").replace("`", "")
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


def mint(
    snapshot: Snapshot, label: str, class_name: str, *, base: str = BASE
) -> Minted:
    """Propose an IRI for what *label* names, an instance of the class *class_name*.

    Raise ParameterError where the class is not in the ontology, or the label has no
    letters or digits.
    """
    name = " ".join(label.split())
    short = short_form(name)
    if not short or len(name) > _MOST_LABEL:
        raise ParameterError(
            f"makes no IRI: it needs letters or digits, and {_MOST_LABEL} characters"
            " at most", where="LABEL", advice="give the English name",
        )  # fmt: skip
    type_iri = find_class(snapshot, class_name)
    wanted = f"{base}id/{short}"
    iri = wanted
    for number in count(2):
        if not _is_used(snapshot, NamedNode(iri)):
            break
        iri = f"{wanted}-{number}"
    text = name.replace("\\", "\\\\").replace('"', '\\"')
    return Minted(
        iri=iri,
        label=name,
        type=type_iri.value,
        taken=wanted if iri != wanted else None,
        near=tuple(nearest(snapshot, name)),
        turtle=f'<{iri}> a {shorten(type_iri.value)} ;\n    rdfs:label "{text}"@en .\n'
        if base != BASE
        else f"{shorten(iri)} a {shorten(type_iri.value)} ;\n"
        f'    rdfs:label "{text}"@en .\n',
    )


def find_class(snapshot: Snapshot, name: str) -> NamedNode:
    """Return the class of the ontology called *name*, with or without `exq:`.

    Case does not count.
    """
    local = name.strip("<>").removeprefix(EXQ).removeprefix("exq:")
    known = {
        quad.subject.value.removeprefix(EXQ): quad.subject
        for quad in snapshot.quads(predicate=TYPE, object_=_CLASS, graph=ONTOLOGY)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(EXQ)
    }
    if local in known:
        return known[local]
    folded = {letters(one).replace(" ", ""): one for one in sorted(known)}
    short = letters(local).replace(" ", "")
    if short in folded:
        return known[folded[short]]
    near = process.extract(short, list(folded), limit=4, score_cutoff=_LEAST_NEAR)
    meant = [*(folded[found] for found, *_ in near), *_defined_by(snapshot, local)]
    found = [f"exq:{one}" for one in dict.fromkeys(meant) if one in known]
    names = ", ".join(found[:4])
    raise ParameterError(
        f"{name!r} is no class of the ontology", where="--type",
        advice=f"did you mean {names}?" if names
        else "`kg run vocabulary-usage` lists what there is",
    )  # fmt: skip


def _defined_by(snapshot: Snapshot, word: str) -> Iterator[str]:
    """Yield the names of the terms whose definition has *word* in it."""
    whole = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    for quad in snapshot.quads(None, _DEFINITION, None, ONTOLOGY):
        term, text = quad.subject, quad.object
        is_text = isinstance(text, Literal) and whole.search(text.value)
        if is_text and isinstance(term, NamedNode):
            yield term.value.removeprefix(EXQ)


def nearest(snapshot: Snapshot, label: str) -> list[Near]:
    """Return what has a similar name, the most similar first."""
    found = name_index(snapshot).resembling(label, lambda _: True, limit=_MOST_NEAR)
    return [
        Near(
            scored.named.iri.value,
            scored.named.label,
            _types(snapshot, scored.named.iri),
            round(scored.score, 1),
        )
        for scored in found
        if scored.score >= _LEAST_NEAR
    ]


def _types(snapshot: Snapshot, iri: NamedNode) -> tuple[str, ...]:
    """Return the classes that are stated, not those that follow."""
    graphs = snapshot.quads(subject=iri, predicate=TYPE)
    return tuple(
        sorted(
            {
                shorten(quad.object.value)
                for quad in graphs
                if isinstance(quad.object, NamedNode)
                and quad.graph_name not in _DERIVED
            }
        )
    )


def _is_used(snapshot: Snapshot, iri: NamedNode) -> bool:
    return any(snapshot.quads(subject=iri)) or any(snapshot.quads(object_=iri))
