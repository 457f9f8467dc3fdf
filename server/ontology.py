"""`/ontology`: the vocabulary, as RDF and as a page with every term."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg import jsonld
from kg.formats import Kind, for_kind
from kg.names import Thing, things
from kg.prefixes import prefixes, shorten
from kg.terms import (
    EXQ,
    LABEL,
    ONTOLOGY,
    OWL,
    RDFS,
    SKOS,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    TYPE,
    Literal,
    NamedNode,
)
from server import protocol
from server.context import accept, house, snapshot
from server.offers import Offer, offers, select
from server.problems import NotFoundError
from server.responses import Download, as_json, data, page

if TYPE_CHECKING:
    from kg.store import Snapshot
    from kg.terms import Term

blueprint = Blueprint("ontology", __name__)

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = offers(FORMATS, page=True)
_SUFFIXES: dict[str, Offer] = {
    offer.format.suffix: offer for offer in reversed(_OFFERS) if offer.format
}
_SECTIONS = {
    "classes": NamedNode(f"{OWL}Class"),
    "object properties": NamedNode(f"{OWL}ObjectProperty"),
    "datatype properties": NamedNode(f"{OWL}DatatypeProperty"),
}
_TEXTS = {
    "definition": NamedNode(f"{SKOS}definition"),
    "example": NamedNode(f"{SKOS}example"),
    "note": NamedNode(f"{SKOS}scopeNote"),
}
_RELATIONS = {
    "kind of": SUB_CLASS_OF,
    "implies": SUB_PROPERTY_OF,
    "from": NamedNode(f"{RDFS}domain"),
    "to": NamedNode(f"{RDFS}range"),
    "inverse": NamedNode(f"{OWL}inverseOf"),
}

Sayings = dict["NamedNode", list["Term"]]


@dataclass(frozen=True, slots=True)
class TermEntry:
    """A term of the vocabulary as its page shows it."""

    iri: str
    name: str
    label: str
    texts: dict[str, list[str]]
    relations: dict[str, list[Thing]]


@blueprint.get("/ontology")
def ontology() -> Response:
    """Send the vocabulary as the Accept header says."""
    given = protocol.read_parameters(request.query_string, where="the address")
    return _sent(select(accept(), protocol.single(given, "format"), _OFFERS))


@blueprint.get("/context.jsonld")
@blueprint.get("/ontology/context.jsonld")
def context() -> Response:
    """Send the JSON-LD context of the vocabulary."""
    return as_json(jsonld.context(snapshot()), content_type="application/ld+json")


@blueprint.get("/ontology.<suffix>")
def file(suffix: str) -> Response:
    """Send the vocabulary in the syntax that the suffix stands for."""
    if suffix not in _SUFFIXES:
        raise NotFoundError(
            f"the ontology is not there as .{suffix}",
            advice=f"have {', '.join(f'.{name}' for name in sorted(_SUFFIXES))}",
        )
    return _sent(_SUFFIXES[suffix])


@blueprint.get("/ontology/<version>")
def version(version: str) -> Response:
    """Send a version of the vocabulary; there is the present one."""
    if not _is_known(f"{EXQ.removesuffix('#')}/{version}"):
        raise NotFoundError(
            f"version {version} of the ontology is not here",
            advice="the present one is at /ontology",
        )
    return ontology()


def _is_known(iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    return any(snapshot().quads(object_=node, graph=ONTOLOGY))


def _sent(offer: Offer) -> Response:
    here = snapshot()
    if offer.format is not None:
        body = here.dump(offer.format, graph=ONTOLOGY, prefixes=prefixes())
        return data(body, offer.content_type)
    said = _said(here)
    whole = said.get(NamedNode(EXQ.removesuffix("#")), {})
    path = url_for("ontology.ontology")
    return page(
        "ontology.html",
        header={name.value: values[0].value for name, values in whole.items()},
        sections=_sections(here, said),
        downloads=[
            Download(f, f"{path}.{f.suffix}", f"exequatur.{f.suffix}") for f in FORMATS
        ],
        base=house().links.base,
    )


def _said(here: Snapshot) -> dict[NamedNode, Sayings]:
    """Return what the ontology says, by subject and predicate, in a fixed order."""
    said: dict[NamedNode, Sayings] = defaultdict(lambda: defaultdict(list))
    for quad in sorted(here.quads(graph=ONTOLOGY), key=str):
        if isinstance(quad.subject, NamedNode) and isinstance(
            quad.object, NamedNode | Literal
        ):
            said[quad.subject][quad.predicate].append(quad.object)
    return said


def _sections(
    here: Snapshot, said: dict[NamedNode, Sayings]
) -> dict[str, list[TermEntry]]:
    own = {term: about for term, about in said.items() if term.value.startswith(EXQ)}
    named = {
        value
        for about in own.values()
        for relation in _RELATIONS.values()
        for value in about.get(relation, ())
    }
    shown = things(here, named)
    return {
        title: [
            _entry(term, about, shown)
            for term, about in own.items()
            if kind in about.get(TYPE, ())
        ]
        for title, kind in _SECTIONS.items()
    }


def _entry(term: NamedNode, about: Sayings, shown: dict[Term, Thing]) -> TermEntry:
    labels = [value.value for value in about.get(LABEL, ())]
    name = term.value.removeprefix(EXQ)
    return TermEntry(
        iri=term.value,
        name=name,
        label=labels[0] if labels else name,
        texts={
            title: [value.value for value in about.get(predicate, ())]
            for title, predicate in _TEXTS.items()
        },
        relations={
            title: [_shown(value, shown) for value in about[relation]]
            for title, relation in _RELATIONS.items()
            if about.get(relation)
        },
    )


def _shown(value: Term, shown: dict[Term, Thing]) -> Thing:
    """Return a term of another vocabulary by prefix and name: labels repeat there."""
    if value.value.startswith(EXQ):
        return shown[value]
    return Thing(value, shorten(value.value))
