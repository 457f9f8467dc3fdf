"""Mappings in YARRRML, with a section `table` that says what the columns hold.

A mapping reads the one table that is given and nothing else: other sources, databases,
queries and functions are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from kg.errors import DataFileError
from kg.mapping_table import (
    FILES,
    LINE,
    ONLY_ITS_TABLE,
    ROW_GRAPH,
    as_dict,
    based,
    known_keys,
    spec_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.mapping_table import Spec

_PARTS = ("table", "prefixes", "sources", "mappings")
_RULE = frozenset({"sources", "subjects", "subject", "s", "po", "predicateobjects"})
_SUBJECT, _STATES = ("subjects", "subject", "s"), ("po", "predicateobjects")
_PREFIX = re.compile(r"[A-Za-z][\w.-]*")
_KNOWN = frozenset({
    "as", "cc", "csvw", "ctag", "dc", "dc11", "dcat", "dcterms", "dqv", "duv",
    "fno", "foaf", "gr", "grddl", "ical", "jsonld", "ldp", "ma", "oa", "odrl",
    "og", "org", "owl", "prov", "qb", "rdf", "rdfa", "rdfs", "rev", "rif",
    "rml", "rr", "schema", "sd", "sioc", "skos", "skosxl", "sosa", "ssn",
    "time", "v", "vcard", "void", "wdr", "wdrs", "xhv", "xml", "xsd", "mailto",
    "tag", "urn",
})  # fmt: skip
"""What the engine knows by itself, and schemes without slashes."""

_REFERENCE = re.compile(r"(?<!\\)\$\(((?:[^()\\]|\\.)+)\)")
_FILE = re.compile(rf"{FILES}~(?:csv|jsonpath|excel)")


@dataclass(frozen=True, slots=True)
class Yarrrml:
    """Rules in YARRRML: *content* is the whole document."""

    content: Mapping[str, Any]
    suffix: str = ".yml"

    def references(self) -> set[str]:
        """Return the columns that the rules refer to."""
        return {
            found.replace("\\", "")
            for text in _strings(self.content["mappings"])
            for found in _REFERENCE.findall(text)
        }

    def for_engine(self, file: str, base: str) -> str:
        """Return the rules for the table *file*, each row in a graph of its own."""
        prefixes = {
            name: based(str(iri), base)
            for name, iri in self.content.get("prefixes", {}).items()
        }
        rules = {
            name: {**_without(rule, "sources"), "sources": [[f"{file}~csv"]],
                   "graphs": f"{ROW_GRAPH}$({LINE})"}
            for name, rule in self.content["mappings"].items()
        }  # fmt: skip
        return yaml.safe_dump(
            {"prefixes": prefixes, "mappings": rules},
            sort_keys=False, allow_unicode=True, width=10_000,
        )  # fmt: skip


def read_yarrrml(text: str, name: str) -> Spec:
    """Return the mapping that *text* is; raise DataFileError with the place."""
    content = _parsed(text, name)
    known_keys(content, _PARTS, name, "section")
    rules = as_dict(content.get("mappings"), name, "mappings")
    declared = as_dict(content.get("prefixes", {}), name, "prefixes")
    for key, rule in rules.items():
        where = f"{name}: mappings: {key}"
        _check_rule(as_dict(rule, name, f"mappings: {key}"), where)
        _check_names(rule, {*declared, *_KNOWN}, where)
    _check_sources(content, name)
    return spec_of(content.get("table", {}), Yarrrml(content), name)


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        # Aliases can expand without end.
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text)):
            raise DataFileError("has aliases (*name), which are not taken", where=name)
        _refuse_twice(yaml.compose(text, yaml.SafeLoader), name)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise DataFileError(
            f"is no YAML ({problem})", where=f"{name}:{mark.line + 1}" if mark else name
        ) from error
    if not isinstance(content, dict):
        raise DataFileError("is no mapping in YARRRML", where=name)
    return content


def _refuse_twice(node: yaml.Node | None, name: str) -> None:
    """Raise DataFileError where a key is there twice, of which the last would count."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                line = key.start_mark.line + 1
                raise DataFileError(
                    f"the key {key.value!r} is there twice", where=f"{name}:{line}"
                )
            seen.add(str(key.value))
            _refuse_twice(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_twice(value, name)


def _check_names(rule: dict[str, Any], declared: set[str], where: str) -> None:
    """Raise DataFileError where *rule* lacks a part, or has a prefix not *declared*."""
    subjects = [text for key in _SUBJECT for text in _strings(rule.get(key))]
    if not subjects:
        raise DataFileError(
            "has no subject", where=where, advice="say what a row becomes: `s: id:…`"
        )
    said = [one for key in _STATES if key in rule for one in [rule[key]]]
    if not said or not all(isinstance(one, list) for one in said):
        raise DataFileError(
            "must state a list of predicates with their objects", where=where,
            advice="write `po:`, and below it lines such as `- [a, exq:Treaty]`",
        )  # fmt: skip
    for text in [*subjects, *(name for one in said for name in _names(one))]:
        prefix, colon, rest = text.removesuffix("~iri").partition(":")
        if colon and _PREFIX.fullmatch(prefix) and not rest.startswith("//"):
            known_keys({prefix: rest}, sorted(declared), where, "prefix")


def _names(said: list[Any]) -> Iterator[str]:
    """Yield what stands for an IRI among the predicates and objects of a rule."""
    for one in said:
        if isinstance(one, list) and len(one) > 1:
            yield from _strings(one[0])
            is_type = "type" in str(one[0]) or one[0] == "a"
            for text in _strings(one[1]):
                if is_type or text.endswith("~iri"):
                    yield text
        elif isinstance(one, dict):
            for key in ("p", "predicates", "predicate"):
                yield from _strings(one.get(key))


def _check_rule(rule: dict[str, Any], where: str) -> None:
    known_keys(
        rule,
        sorted(_RULE),
        where,
        "key",
        "functions, conditions and graphs are "
        "not taken: `table` says what a cell holds, and the graph is the table's",
    )
    for key in _keys(rule):
        if key in {"function", "fn", "f", "condition", "join", "mapping", "targets"}:
            raise DataFileError(
                f"{key!r} is not taken: {ONLY_ITS_TABLE}",
                where=where, advice="let `table` say what the column holds",
            )  # fmt: skip


def _check_sources(content: dict[str, Any], name: str) -> None:
    rules = content["mappings"].values()
    named = [content.get("sources", {}), [rule.get("sources", []) for rule in rules]]
    known = set(map(str, content.get("sources") or {}))
    for text in _strings(named):
        if text not in known and not _FILE.fullmatch(text) and text != "$[*]":
            raise DataFileError(
                f"names the source {text!r}; a mapping reads only the table it is"
                " given", where=name, advice="name it data.csv~csv",
            )  # fmt: skip
    if set(_keys(content.get("sources", {}))) - known:
        raise DataFileError(
            "describes a source of another kind (a database or an address?)",
            where=name, advice="name it data.csv~csv",
        )  # fmt: skip


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif value is not None:
        yield str(value)


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _keys(one)
    elif isinstance(value, list):
        for one in value:
            yield from _keys(one)


def _without(rule: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != key}
