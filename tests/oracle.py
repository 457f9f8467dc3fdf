"""Which facts are wrong by the ontology's own definitions.

Read from the ontology's axioms, and from what its definitions and scope notes say in
words; the shapes, the rules and the check of terms play no part here. A statement is
taken as it stands: a subject or object must have been given a class that fits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

from kg.terms import (
    BASE,
    DCT,
    EXQ,
    GEO,
    LABEL,
    OA,
    OWL,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    SUB_CLASS_OF,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Term,
    Triple,
    is_sentence,
)
from tests.days import expected_bounds
from tests.judging import ontology, view

if TYPE_CHECKING:
    from collections.abc import Iterator

Needs: TypeAlias = dict[str, tuple[str, ...]]

# "X" must have one of the properties in each text ("^" turns one round), in words of
# its definition or scope note.
NEEDS: Needs = {
    f"{SKOS}Concept": (f"{SKOS}definition", f"{SKOS}inScheme"),
    "Agreement": ("hasParty hasStateParty ^partyTo partiesNotStated",),
    "AgreementEvent": ("concernsAgreement ^hasAgreementEvent ^signedAt partOfEvent",),
    "Arrest": ("hasArrestee",),
    "Claim": ("madeBy", "madeIn", "claimText"),
    "Dispute": ("disputeOver",),
    "Government": ("organOf",),
    "Handover": ("handedOverPerson",),
    "Inauguration": ("inaugurates",),
    "Journey": ("hasTraveller",),
    "NationalCentralBureau": ("liaisonOf",),
    "NewsArticle": (f"{DCT}title",),
    "Participation": ("participatingAgent", "^hasParticipation", "inRole"),
    "Passage": (
        "passageOf",
        "ordinal",
        "passageDigest",
        "topicLine",
        f"{OA}hasSelector",
    ),
    "Picture": ("depicts",),
    "PolicyPlan": ("proposedBy",),
    "Post": ("postIn postOfState",),
    "PublicAuthorities": ("organOf",),
    "Publication": ("publishes",),
    "RecognitionAct": ("recognizedBy ^performsRecognition", "recognizedThing"),
    "ReferenceGraph": (f"{DCT}source",),
    "RepresentationAbroad": ("sendingState", "receivingState"),
    "Stance": ("^hasStance", "stanceOn", "hasPolarity"),
    "Tenure": ("^hasTenure tenureOf", "inPost"),
    "TimeSpan": ("dateWording edtf",),
    "Transmission": ("transmits",),
    "Undertaking": ("undertakenBy",),
    "Visit": ("hasParticipant hasParticipation hasGuest hasHost hasActiveParticipant",),
}
TWO: Needs = {
    "Agreement": ("hasParty hasStateParty ^partyTo partiesNotStated",),
    "BilateralRelations": ("relationsOf",),
    "Cooperation": ("hasPartner ^partnerIn",),
}
"""Of these at least two: "two or more parties", "two states", "two or more agents"."""

ONE: Needs = {
    "Participation": ("participatingAgent",),
    "Passage": ("passageOf", "ordinal", f"{OA}hasSelector"),
    "Place": (f"{GEO}hasGeometry",),
    "State": ("isoAlpha2", "isoAlpha3"),
    "Tenure": ("^hasTenure tenureOf", "inPost"),
    "TimeSpan": ("edtf", "earliest", "latest"),
}
"""Of these at most one: "one person fills one post", "one agent's part"."""

SCHEMES = {
    "hasClaimKind": "claim-kinds",
    "hasPolarity": "polarities",
    "hasPostKind": "post-kinds",
    "hasStatus": "statuses",
    "hasSubjectArea": "subject-areas",
    "inRole": "roles",
}
ENGLISH = frozenset({"claimText", "partiesNotStated", "topicLine"})
TAGGED = ENGLISH | {"dateWording", "designation", "durationWording", "quotedText"}
DIGESTS = frozenset({"passageDigest", "textDigest"})
PLACED_IN_WORDS = {
    "concernsAgreement": ("Agreement", "AgreementSet"),
    "expressedIn": ("Event", "InformationObject"),
    "inaugurates": ("Organization", "Facility"),
    "madeIn": ("Event", "Statement", "NewsArticle"),
    "pursuedThrough": ("Event", "InformationObject"),
}


def _named(name: str) -> str:
    return name if ":" in name else f"{EXQ}{name}"


class Definitions:
    """The ontology's axioms, as sets."""

    def __init__(self, triples):
        self.triples = frozenset(triples)
        self.parents = self.pairs(SUB_CLASS_OF.value)
        self.domains = self.pairs(f"{RDFS}domain")
        self.ranges = self.pairs(f"{RDFS}range")
        self.kinds = self.pairs(f"{RDF}type")
        self.disjoint_properties = self.pairs(f"{OWL}propertyDisjointWith")
        self.disjoint = {
            frozenset(pair) for names in self.lists() for pair in combinations(names, 2)
        }

    def pairs(self, predicate):
        found = defaultdict(set)
        for triple in self.triples:
            fits = triple.predicate.value == predicate
            if fits and isinstance(triple.object, NamedNode):
                found[str(triple.subject.value)].add(triple.object.value)
        return found

    def lists(self):
        """Yield the members of each owl:AllDisjointClasses."""
        nodes = {(t.subject, t.predicate.value): t.object for t in self.triples}
        for (_, predicate), node in nodes.items():
            if predicate == f"{OWL}members":
                yield list(_items(nodes, node))

    def superclasses(self, cls):
        """Return *cls* and all that it is a kind of."""
        found = {cls}
        for parent in self.parents.get(cls, ()):
            found |= self.superclasses(parent)
        return found


def _items(nodes, node):
    while (node, f"{RDF}first") in nodes:
        yield nodes[node, f"{RDF}first"].value
        node = nodes[node, f"{RDF}rest"]


@cache
def definitions():
    return Definitions(ontology())


def faults(quads):
    """Return what is wrong with *quads*, in words; nothing if all is right."""
    return set(Oracle(quads).faults())


class Oracle:
    """Facts, looked up by subject and predicate."""

    def __init__(self, quads):
        self.known = definitions()
        self.graphs = {q.graph_name for q in quads if is_sentence(q.graph_name)}
        self.triples = view(quads)
        self.values: dict[Any, list[Any]] = defaultdict(list)
        for t in self.triples:
            self.values[t.subject, t.predicate.value].append(t.object)
            self.values[t.object, f"^{t.predicate.value}"].append(t.subject)
        self.types = {
            t.subject: self.classes_of(t.subject)
            for t in self.triples
            if t.predicate == TYPE
        }

    def classes_of(self, node):
        direct = [cls.value for cls in self.values[node, TYPE.value]]
        return {c for cls in direct for c in self.known.superclasses(cls)}

    def is_a(self, node, *names):
        return not self.types.get(node, set()).isdisjoint(map(_named, names))

    def found(self, node, paths):
        turned = (
            f"^{_named(p[1:])}" if p[0] == "^" else _named(p) for p in paths.split()
        )
        return {value for path in turned for value in self.values.get((node, path), ())}

    def faults(self):
        for triple in self.triples:
            yield from self.of_statement(triple)
        for node, classes in self.types.items():
            yield from self.of_thing(node, classes)
        yield from self.of_times()
        yield from self.of_codes()
        yield from self.of_positions()
        yield from self.of_passages()

    # Statements

    def of_statement(self, triple):
        for term in (triple.predicate, triple.object):
            own = isinstance(term, NamedNode) and term.value.startswith(EXQ)
            if own and term.value not in self.known.kinds:
                yield f"{term} is not defined"
        prop = triple.predicate.value
        if not prop.startswith(EXQ) or prop not in self.known.kinds:
            return
        if not self.types.get(triple.subject):
            yield f"the subject of {triple} is not described"
        for domain in self.known.domains.get(prop, ()):
            if not self.is_a(triple.subject, domain):
                yield f"the subject of {triple} is not a {domain}"
        if f"{OWL}ObjectProperty" in self.known.kinds[prop]:
            yield from self.of_object(triple, prop)
        else:
            yield from self.of_literal(triple, prop)

    def of_object(self, triple, prop):
        value, name = triple.object, prop.removeprefix(EXQ)
        scheme = NamedNode(f"{BASE}id/{SCHEMES.get(name)}")
        if name in SCHEMES:
            placed = scheme in self.found(value, f"{SKOS}inScheme")
            if not (placed and self.is_a(value, f"{SKOS}Concept")):
                yield f"the object of {triple} is not in the scheme {scheme}"
            return
        if name == "dayOfWeek":
            return
        wanted = PLACED_IN_WORDS.get(name) or tuple(self.known.ranges.get(prop, ()))
        if not self.types.get(value):
            yield f"the object of {triple} is not described"
        elif wanted and not self.is_a(value, *wanted):
            yield f"the object of {triple} is not a {' or '.join(wanted)}"
        if isinstance(value, NamedNode):
            yield from self.of_direction(triple, prop)

    def of_direction(self, triple, prop):
        kinds, subject, value = self.known.kinds[prop], triple.subject, triple.object
        if f"{OWL}IrreflexiveProperty" in kinds and subject == value:
            yield f"{triple} relates a thing to itself"
        back = Triple(value, triple.predicate, subject)
        if f"{OWL}AsymmetricProperty" in kinds and back in self.triples:
            yield f"{triple} goes both ways"
        for other in self.known.disjoint_properties.get(prop, ()):
            if Triple(subject, NamedNode(other), value) in self.triples:
                yield f"{triple} cannot stand beside {other}"

    def of_literal(self, triple, prop):
        value, name = triple.object, prop.removeprefix(EXQ)
        if not isinstance(value, Literal):
            yield f"{triple} needs a value, not a thing"
            return
        datatypes = self.known.ranges[prop] - {f"{RDFS}Literal"}
        if name in {"earliest", "latest"}:
            datatypes = {f"{XSD}date"}
        if datatypes and value.datatype.value not in datatypes:
            yield f"{triple} needs a value of {datatypes}"
        if name in TAGGED and not value.language:
            yield f"{triple} needs a language tag"
        if name in ENGLISH and value.language != "en":
            yield f"{triple} needs English"
        if name in DIGESTS and not re.fullmatch("[0-9a-f]{64}", value.value):
            yield f"{triple} needs a SHA-256"

    # Things

    def of_thing(self, node, classes):
        for pair in self.known.disjoint:
            if pair <= classes:
                yield f"{node} cannot be {' and '.join(sorted(pair))}"
        named = any(cls.startswith((EXQ, SKOS)) for cls in classes)
        if named and not self.is_a(node, "Passage", "SentenceGraph"):
            yield from self.of_label(node)
        for name in {cls.removeprefix(EXQ) for cls in classes}:
            yield from self.of_needs(node, name)

    def of_label(self, node):
        labels = self.found(node, f"{LABEL.value} {SKOS}prefLabel")
        languages = [v.language for v in labels if isinstance(v, Literal)]
        if "en" not in languages:
            yield f"{node} has no English label"
        if len(languages) > len(set(languages)) or None in languages:
            yield f"{node} has two labels in one language, or one in none"

    def of_needs(self, node, name):
        pair = [bool(self.found(node, p)) for p in ("designates", "designation")]
        if name == "Claim" and len(set(pair)) > 1:
            yield f"{node} has only one of designates and designation"
        for paths in NEEDS.get(name, ()):
            if not self.found(node, paths):
                yield f"{node} has none of {paths}"
        for paths in TWO.get(name, ()):
            stated = self.found(node, "partiesNotStated")
            if len(self.found(node, paths)) < 2 and not stated:
                yield f"{node} has fewer than two of {paths}"
        for paths in ONE.get(name, ()):
            if len(self.found(node, paths)) > 1:
                yield f"{node} has more than one of {paths}"

    # Times

    def of_times(self):
        for node in self.types:
            if not self.is_a(node, "TimeSpan"):
                continue
            texts = [value.value for value in self.found(node, "edtf")]
            bounds = {
                name: {str(value.value) for value in self.found(node, name)}
                for name in ("earliest", "latest", "startEdtf", "endEdtf")
            }
            if not texts and any(bounds.values()):
                yield f"{node} has bounds without a date"
            for text in texts:
                expected = expected_bounds(text)
                if expected is None:
                    yield f"{text!r} is not a date"
                elif expected != bounds:
                    yield f"{node} should have {expected}, not {bounds}"

    # What must be there once only

    def of_codes(self):
        for name in ("isoAlpha2", "isoAlpha3", f"{SCHEMA}sameAs"):
            owners: dict[Any, set[Any]] = defaultdict(set)
            for triple in self.triples:
                if triple.predicate.value == _named(name):
                    owners[triple.object].add(triple.subject)
            for code, nodes in owners.items():
                if len(nodes) > 1:
                    yield f"{code} stands for {len(nodes)} things"
                if isinstance(code, Literal) == (name == f"{SCHEMA}sameAs"):
                    yield f"{code} is not an identifier"
                letters = {"isoAlpha2": 2, "isoAlpha3": 3}.get(name)
                if letters and not re.fullmatch(f"[A-Z]{{{letters}}}", str(code.value)):
                    yield f"{code} is not a code"

    # Positions

    def of_positions(self):
        for triple in self.triples:
            if triple.predicate.value == f"{GEO}asWKT" and point(triple.object) is None:
                yield f"{triple} is not a point on earth, the longitude first"

    # Passages

    def of_passages(self):
        for graph in self.graphs:
            if not self.is_a(graph, "Passage"):
                yield f"{graph} is not a passage"
        articles = defaultdict(list)
        for node in self.types:
            if self.is_a(node, "Passage"):
                for article in self.found(node, "passageOf"):
                    articles[article].append(self.span(node))
        for article, spans in articles.items():
            lengths = [number(value) for value in self.found(article, "textLength")]
            if len(lengths) != 1 or not self.found(article, "textDigest"):
                yield f"{article} has no length or no digest"
            yield from span_faults(sorted(spans), max(lengths, default=0))

    def span(self, node):
        """Return ordinal, start and end of a passage; -1 for what is missing."""
        ordinals = [number(value) for value in self.found(node, "ordinal")]
        selectors = self.found(node, f"{OA}hasSelector")
        ends = [
            [number(v) for s in selectors for v in self.found(s, f"{OA}{name}")]
            for name in ("start", "end")
        ]
        start, end = ((*found, -1)[0] if len(found) < 2 else -1 for found in ends)
        return max(ordinals, default=-1), start, end


def point(value: object) -> tuple[float, float] | None:
    """Return longitude and latitude of a point in WKT; None for anything else."""
    if not isinstance(value, Literal) or value.datatype.value != f"{GEO}wktLiteral":
        return None
    found = re.fullmatch(r"POINT ?\((\S+) (\S+)\)", value.value)
    try:
        x, y = map(float, found.groups()) if found else (181.0, 91.0)
    except ValueError:
        return None
    return (x, y) if abs(x) <= 180 and abs(y) <= 90 else None


def number(value: Term) -> int:
    """Return the whole number that *value* stands for; -1 for anything else."""
    whole = isinstance(value, Literal) and value.datatype.value == f"{XSD}integer"
    return int(value.value) if whole and value.value.isdigit() else -1


def span_faults(spans: list[tuple[int, int, int]], length: int) -> Iterator[str]:
    """Yield what is wrong with an article's passages, given in order."""
    if [ordinal for ordinal, _, _ in spans] != list(range(1, len(spans) + 1)):
        yield "the passages are not numbered one by one"
    reached = 0
    for ordinal, start, end in spans:
        if not reached <= start < end <= length:
            yield f"passage {ordinal} does not follow the one before, inside the text"
        reached = end
