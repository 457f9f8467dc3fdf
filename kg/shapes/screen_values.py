"""What single values may not be, by the constraints that look at nothing but them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import rdflib
from rdflib import RDF, RDFS, SH, XSD

from kg.shapes.formulas import (
    TRUE,
    UNKNOWN,
    Fails,
    UnscreenableError,
    constant,
    every,
    exactly,
    iri,
    is_day,
    is_integer,
    is_plain,
    is_truth,
    no,
    regex,
    some,
    surely,
    truth,
)
from kg.shapes.screen_paths import members_of

if TYPE_CHECKING:
    Term = rdflib.term.Node

Test: TypeAlias = Callable[[rdflib.Graph, "Term", str], Iterator[Fails]]
"""Yields how the value of a name fails a constraint of a shape in a graph."""


def _datatype(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for kind in graph.objects(shape, SH.datatype):
        if kind in {RDFS.Literal, RDFS.Datatype}:
            raise UnscreenableError(
                "pyshacl takes any literal for one of that datatype"
            )
        same = surely(f"DATATYPE({name}) = {iri(kind)}")
        well_typed = _WELL_TYPED.get(kind)
        yield Fails(no(well_typed(name)) if well_typed else TRUE, no(same))


_WELL_TYPED: dict[Term, Callable[[str], str]] = {
    RDF.langString: lambda name: surely(f"DATATYPE({name}) = <{RDF.langString}>"),
    XSD.boolean: is_truth,
    XSD.date: is_day,
    XSD.integer: is_integer,
    XSD.string: is_plain,
}
"""Of which literals pyshacl surely says that they are of a datatype."""


def _node_kind(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for kind in graph.objects(shape, SH.nodeKind):
        tests = (f"{test}({name})" for test in _NODE_KINDS.get(kind, ()))
        yield exactly(no(some(tests)))


_NODE_KINDS: dict[Term, tuple[str, ...]] = {
    SH.BlankNode: ("isBLANK",),
    SH.BlankNodeOrIRI: ("isBLANK", "isIRI"),
    SH.BlankNodeOrLiteral: ("isBLANK", "isLITERAL"),
    SH.IRI: ("isIRI",),
    SH.IRIOrLiteral: ("isIRI", "isLITERAL"),
    SH.Literal: ("isLITERAL",),
}


def _range(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for parameter, sign in _SIGNS.items():
        for bound in graph.objects(shape, parameter):
            if getattr(bound, "datatype", None) != XSD.integer:
                yield UNKNOWN
                continue
            within = surely(f"{name} {sign} {constant(bound)}")
            number = is_integer(name)
            yield Fails(no(every((number, within))), every((number, no(within))))


_SIGNS: dict[Term, str] = {
    SH.maxExclusive: "<",
    SH.maxInclusive: "<=",
    SH.minExclusive: ">",
    SH.minInclusive: ">=",
}


def _length(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for parameter, sign in ((SH.minLength, ">="), (SH.maxLength, "<=")):
        for bound in graph.objects(shape, parameter):
            if parameter == SH.minLength and str(bound) == "0":
                continue
            fits = surely(f"STRLEN(STR({name})) {sign} {constant(bound)}")
            yield exactly(no(every((f"!isBLANK({name})", fits))))


def _pattern(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for pattern in graph.objects(shape, SH.pattern):
        if (shape, SH.flags, None) in graph:
            raise UnscreenableError("a pattern has flags")
        match, agreed = regex(f"STR({name})", str(pattern))
        matches, blank = surely(match), f"isBLANK({name})"
        yield Fails(
            no(every((f"!{blank}", agreed, matches))),
            some((blank, every((agreed, no(matches))))),
        )


def _language(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for listed in graph.objects(shape, SH.languageIn):
        tags = [_tag(member) for member in members_of(graph, listed)]
        same = [f'LANG({name}) = "{tag}"' for tag in tags]
        # A range with a hyphen is for pyshacl the one tag.
        same += [f'STRSTARTS(LANG({name}), "{t}-")' for t in tags if "-" not in t]
        yield exactly(no(some(map(surely, same))))


def _tag(term: Term) -> str:
    text = str(term)
    plain = isinstance(term, rdflib.Literal) and term.datatype in {None, XSD.string}
    if not plain or not text.replace("-", "").isalnum() or not text.isascii():
        raise UnscreenableError(f"not a language: {text!r}")
    return text.lower()


def _in(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    for listed in graph.objects(shape, SH["in"]):
        members = (constant(member) for member in members_of(graph, listed))
        yield exactly(no(some(f"sameTerm({name}, {member})" for member in members)))


def closed(graph: rdflib.Graph, shape: Term, name: str) -> Iterator[Fails]:
    """Yield how a node fails that may have no other properties than those named."""
    for flag in graph.objects(shape, SH.closed):
        if not truth(flag):
            continue
        allowed = [
            iri(term)
            for term in (*_ignored(graph, shape), *_named(graph, shape))
            if isinstance(term, rdflib.URIRef)
        ]
        other = [f"?predicate NOT IN ({', '.join(allowed)})"] if allowed else []
        kind = f"(?predicate = <{RDF.type}> && sameTerm(?object, <{RDFS.Resource}>))"
        condition = every((*other, no(kind)))
        pattern = f"{name} ?predicate ?object FILTER({condition})"
        yield exactly(f"(EXISTS {{ {pattern} }})")


def _ignored(graph: rdflib.Graph, shape: Term) -> Iterator[Term]:
    for listed in graph.objects(shape, SH.ignoredProperties):
        yield from members_of(graph, listed)


def _named(graph: rdflib.Graph, shape: Term) -> Iterator[Term]:
    for named in graph.objects(shape, SH.property):
        yield from graph.objects(named, SH.path)


VALUE_TESTS: dict[Term, Test] = {
    SH.closed: closed,
    SH.datatype: _datatype,
    SH["in"]: _in,
    SH.languageIn: _language,
    SH.maxExclusive: _range,
    SH.maxInclusive: _range,
    SH.maxLength: _length,
    SH.minExclusive: _range,
    SH.minInclusive: _range,
    SH.minLength: _length,
    SH.nodeKind: _node_kind,
    SH.pattern: _pattern,
}
"""By each parameter, its test; one for several parameters is asked once."""
