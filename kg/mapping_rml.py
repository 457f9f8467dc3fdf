"""Mappings in RML, written in Turtle, with a map:Table that says what columns hold.

The terms of R2RML (https://www.w3.org/TR/r2rml/), of RML as it was first published and
of the W3C's Community Group (http://w3id.org/rml/) are taken for the same. As in
YARRRML, a mapping reads the one table that is given: what could reach further is not
among the terms that are taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pyoxigraph import RdfFormat, serialize

from kg.change import parse_rdf
from kg.errors import DataFileError
from kg.formats import by_name
from kg.mapping_table import FILES, LINE, ONLY_ITS_TABLE, ROW_GRAPH, based, spec_of
from kg.prefixes import shorten
from kg.terms import LABEL, RDF, RDFS, TYPE, BlankNode, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.mapping_table import Spec
    from kg.terms import Quad

TABLE = "https://w3id.org/exequatur/mapping#"
_RML = "http://w3id.org/rml/"
_SPACES = (_RML, "http://www.w3.org/ns/r2rml#", "http://semweb.mmlab.be/ns/rml#")
_ADDRESS = "urn:exequatur:mapping:/"
_SAME = {"column": "reference", "logicalTable": "logicalSource"}
_SOURCE = frozenset(
    {"source", "path", "root", "referenceFormulation", "iterator", "tableName"}
)
_RULES = frozenset(
    {"logicalSource", "subjectMap", "predicateObjectMap", "predicateMap", "objectMap",
     "predicate", "object", "class", "template", "constant", "reference", "termType",
     "datatype", "datatypeMap", "language", "languageMap"}
)  # fmt: skip
_TERMS = frozenset({"predicate", "object", "class", "template", "constant"})
_TYPES = (f"{_RML}IRI", f"{_RML}Literal")
_NOTES = (TYPE, LABEL, NamedNode(f"{RDFS}comment"))
_LIST = (f"{RDF}first", f"{RDF}rest")
_FILE = re.compile(FILES)
_REFERENCE = re.compile(r"(?<!\\)\{((?:[^{}\\]|\\.)+)\}")


@dataclass(frozen=True, slots=True)
class Rml:
    """Rules in RML: *triples* in the terms of http://w3id.org/rml/, without sources."""

    triples: tuple[Triple, ...]
    suffix: str = ".ttl"

    def references(self) -> set[str]:
        """Return the columns that the rules refer to."""
        found = {object_.value for _, object_ in self._having("reference")}
        for _, template in self._having("template"):
            found |= {re.sub(r"\\(.)", r"\1", one)
                      for one in _REFERENCE.findall(template.value)}  # fmt: skip
        return found

    def for_engine(self, file: str, base: str) -> str:
        """Return the rules for the table *file*, each row in a graph of its own."""
        source, graph = BlankNode("table"), BlankNode("row")
        made = [
            Triple(source, _rml("source"), Literal(file)),
            Triple(source, _rml("referenceFormulation"), _rml("CSV")),
            Triple(graph, _rml("template"), Literal(f"{ROW_GRAPH}{{{LINE}}}")),
        ]
        for rule, subject in self._having("subjectMap"):
            made.append(Triple(rule, _rml("logicalSource"), source))
            made.append(Triple(subject, _rml("graphMap"), graph))
        made += [_based(triple, base) for triple in self.triples]
        return cast("bytes", serialize(made, format=RdfFormat.N_TRIPLES)).decode()

    def _having(self, name: str) -> Iterator[tuple[Any, Any]]:
        """Yield subject and object of what has the predicate *name*."""
        for triple in self.triples:
            if triple.predicate == _rml(name):
                yield triple.subject, triple.object


def read_rml(text: str, name: str) -> Spec:
    """Return the mapping that *text* is; raise DataFileError with the place."""
    rules: dict[Triple, None] = {}
    table: list[Quad] = []
    quads = parse_rdf(text.encode(), by_name("turtle"), source=name, address=_ADDRESS)
    for quad in quads:
        local = _local(quad.predicate)
        if local in _SOURCE:
            _check_source(quad, name)
        elif local in _RULES:
            rules[_rule(quad, local, name)] = None
        elif quad.predicate.value.startswith((TABLE, *_LIST)):
            table.append(quad)
        elif quad.predicate not in _NOTES:
            raise DataFileError(
                f"{_short(quad.predicate)} is not taken: {ONLY_ITS_TABLE}", where=name,
                advice="let a map:Table say what the columns hold",
            )  # fmt: skip
    if not any(rule.predicate == _rml("subjectMap") for rule in rules):
        raise DataFileError(
            "holds no mapping in RML: nothing has an rml:subjectMap", where=name
        )
    kept = tuple(r for r in rules if r.predicate != _rml("logicalSource"))
    return spec_of(_Table(table, name).content(), Rml(kept), name)


def _rule(quad: Quad, local: str, name: str) -> Triple:
    """Return *quad* in the terms that the engine knows; raise DataFileError."""
    object_ = quad.object
    if isinstance(object_, NamedNode) and (known := _local(object_)):
        object_ = _rml(known)
    if local == "termType" and str(getattr(object_, "value", "")) not in _TYPES:
        raise DataFileError(
            f"{_short(object_)} is not taken: what a row becomes has an IRI or is a"
            " literal", where=name,
        )  # fmt: skip
    if local in _TERMS and isinstance(object_, BlankNode):
        raise DataFileError(f"a blank node stands as rml:{local}", where=name)
    return Triple(quad.subject, _rml(local), object_)


def _check_source(quad: Quad, name: str) -> None:
    """Raise DataFileError where *quad* names more than a table of any name."""
    local, named = _local(quad.predicate), quad.object
    is_nested = local == "source" and isinstance(named, BlankNode)
    is_free = local in {"referenceFormulation", "iterator", "tableName"}
    is_beside = local == "root" and isinstance(named, NamedNode)
    is_file = isinstance(named, Literal) and _FILE.fullmatch(named.value)
    if not (is_nested or is_free or is_beside or is_file):
        raise DataFileError(
            f"names the source {_short(named)}; a mapping reads only the table it is"
            " given", where=name, advice='name it "data.csv"',
        )  # fmt: skip


class _Table:
    """Reads the one map:Table among *quads*, as the section `table` of YARRRML is."""

    def __init__(self, quads: list[Quad], name: str) -> None:
        self._name = name
        self._quads = quads

    def content(self) -> dict[str, Any]:
        tables = dict.fromkeys(
            quad.subject for quad in self._quads
            if quad.predicate.value in {f"{TABLE}key", f"{TABLE}column"}
        )  # fmt: skip
        if len(tables) != 1:
            raise DataFileError(
                f"describes {len(tables)} tables; there is one map:Table, with map:key",
                where=self._name, advice=f"the prefix map: is {TABLE}",
            )  # fmt: skip
        said = self._said(next(iter(tables)))
        columns = [self._said(column) for column in said.pop("column", [])]
        key = [value for one in said.pop("key", []) for value in self._listed(one)]
        return {
            **said,
            "key": key,
            "columns": {
                str(self._plain(one.pop("name", [""])[0])): self._column(one)
                for one in columns
            },
        }

    def _column(self, said: dict[str, list[Any]]) -> dict[str, Any]:
        codes = [self._said(one) for one in said.pop("values", [])]
        made: dict[str, Any] = {key: self._plain(one[0]) for key, one in said.items()}
        if "is" in said:
            made["is"] = sorted(str(self._plain(one)) for one in said["is"])
        if codes:
            made["values"] = {
                self._plain(one.get("code", [""])[0]): self._plain(
                    one.get("value", [""])[0]
                )
                for one in codes
            }
        return made

    def _said(self, node: object) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for quad in self._quads:
            if quad.subject == node:
                key = quad.predicate.value.removeprefix(TABLE)
                found.setdefault(key, []).append(quad.object)
        return found

    def _listed(self, node: object) -> list[object]:
        """Return the members of an RDF list, or what is none."""
        first, rest = _LIST
        said = self._said(node)
        members: list[object] = []
        if isinstance(node, Literal):
            return [node.value]
        while first in said and len(members) <= len(self._quads):
            members += [self._plain(one) for one in said[first]]
            said = self._said(said.get(rest, [None])[0])
        return members

    def _plain(self, term: object) -> str | int | bool:
        if isinstance(term, NamedNode):
            return shorten(term.value)
        text = term.value if isinstance(term, Literal) else str(term)
        if isinstance(term, Literal) and term.datatype.value.endswith("#boolean"):
            return text in {"true", "1"}
        if isinstance(term, Literal) and term.datatype.value.endswith("#integer"):
            return int(text)
        return text


def _rml(local: str) -> NamedNode:
    return NamedNode(f"{_RML}{local}")


def _local(term: NamedNode) -> str:
    """Return what *term* is called in RML, or nothing."""
    for space in _SPACES:
        if term.value.startswith(space):
            local = term.value.removeprefix(space)
            return _SAME.get(local, local)
    return ""


def _based(triple: Triple, base: str) -> Triple:
    object_ = triple.object
    if _local(triple.predicate) in _TERMS:
        if isinstance(object_, NamedNode):
            object_ = NamedNode(based(object_.value, base))
        elif isinstance(object_, Literal):
            object_ = Literal(based(object_.value, base))
    return Triple(triple.subject, triple.predicate, object_)


def _short(term: object) -> str:
    return shorten(term.value) if isinstance(term, NamedNode) else str(term)
