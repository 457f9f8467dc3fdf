"""Mappings in YARRRML, with a section `table` that says what the columns hold.

A mapping reads the one table that is given and nothing else: other sources, databases,
queries and functions are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml

from kg.errors import DataFileError
from kg.files import data_folder, sorted_files
from kg.terms import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SUFFIX = ".yarrrml.yml"
LINE = "row.line"
KEY = "row.key"
ROW_GRAPH = "urn:exequatur:row:"
_MOST_BYTES = 1_000_000
_PARTS = ("table", "prefixes", "sources", "mappings")
_RULE = frozenset({"sources", "subjects", "subject", "s", "po", "predicateobjects"})
_KEYS = frozenset({"is", "new", "required", "split", "least", "until", "values"})
_REFERENCE = re.compile(r"(?<!\\)\$\(((?:[^()\\]|\\.)+)\)")
_FILE = re.compile(r"[\w.-]+\.(?:csv|tsv|txt|json|jsonl|xlsx)~(?:csv|jsonpath|excel)")


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of a column are to hold; *is_* is `date`, `integer` or classes.

    *new* lets what nothing is called like become a thing of the first class; *until* is
    the column where a time ends that begins in this one.
    """

    name: str
    is_: tuple[str, ...] = ()
    new: bool = False
    until: str = ""
    required: bool = False
    split: str = ""
    least: int = 1
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spec:
    """A mapping: the *key* of a row, its *columns*, and the *rules* of YARRRML.

    *key* names the columns that tell rows apart, all together.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: Mapping[str, Any]

    def references(self) -> set[str]:
        """Return the columns that the rules refer to."""
        return {
            found.replace("\\", "")
            for text in _strings(self.rules["mappings"])
            for found in _REFERENCE.findall(text)
        }

    def for_engine(self, file: str, base: str) -> str:
        """Return the rules for the table *file*, each row in a graph of its own."""
        prefixes = {
            name: _based(str(iri), base)
            for name, iri in self.rules.get("prefixes", {}).items()
        }
        rules = {
            name: {**_without(rule, "sources"), "sources": [[f"{file}~csv"]],
                   "graphs": f"{ROW_GRAPH}$({LINE})"}
            for name, rule in self.rules["mappings"].items()
        }  # fmt: skip
        return yaml.safe_dump(
            {"prefixes": prefixes, "mappings": rules},
            sort_keys=False, allow_unicode=True, width=10_000,
        )  # fmt: skip


def shipped_mappings() -> dict[str, Path]:
    """Return the mappings of this installation by name."""
    files = sorted_files(data_folder("mappings"), f"*{SUFFIX}")
    return {path.name.removesuffix(SUFFIX): path for path in files}


def read_spec(path: Path) -> Spec:
    """Return the mapping in the file *path*, or the shipped one of that name."""
    shipped = shipped_mappings()
    name = str(path)
    found = shipped.get(name, path)
    try:
        data = found.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"cannot be read ({error.strerror})", where=name,
            advice=f"give a file, or one of {', '.join(shipped)}",
        ) from error  # fmt: skip
    return _spec(_parsed(data, name), name)


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    if len(data) > _MOST_BYTES:
        raise DataFileError(f"has more than {_MOST_BYTES:,} bytes", where=name)
    try:
        text = data.decode("utf-8")
        # Aliases can expand without end.
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text)):
            raise DataFileError("has aliases (*name), which are not taken", where=name)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it is not UTF-8"
        raise DataFileError(
            f"is no YAML ({problem})", where=f"{name}:{mark.line + 1}" if mark else name
        ) from error
    if not isinstance(content, dict):
        raise DataFileError("is no mapping in YARRRML", where=name)
    return content


def _spec(content: dict[str, Any], name: str) -> Spec:
    _known(content, _PARTS, name, "section")
    table = _dict(content.get("table", {}), name, "table")
    _known(table, ("key", "columns"), name, "key of table")
    columns = _dict(table.get("columns", {}), name, "columns")
    rules = _dict(content.get("mappings"), name, "mappings")
    for key, rule in rules.items():
        _check_rule(_dict(rule, name, f"mappings: {key}"), f"{name}: mappings: {key}")
    _check_sources(content, name)
    _dict(content.get("prefixes", {}), name, "prefixes")
    made = tuple(_column(str(key), one or {}, name) for key, one in columns.items())
    dated = {one.name for one in made if one.is_ == ("date",)}
    for one in made:
        if one.until and not {one.name, one.until} <= dated:
            raise DataFileError(
                f"until: {one.name!r} and {one.until!r} must be columns of dates",
                where=name,
            )
    given = table.get("key") or []
    told = tuple(map(str, given if isinstance(given, list) else [given]))
    if not told:
        raise DataFileError(
            "does not say what tells rows apart", where=name,
            advice="name a column in `table: {key: …}`",
        )  # fmt: skip
    return Spec(name, told, made, content)


def _column(name: str, content: object, where: str) -> Column:
    said = _dict(content, where, f"columns: {name}")
    _known(said, sorted(_KEYS), where, f"key of the column {name!r},")
    kinds, least = said.get("is", []), said.get("least", 1)
    if not isinstance(least, int):
        raise DataFileError(f"least: {least!r} is no number", where=f"{where}: {name}")
    values = _dict(said.get("values") or {}, where, f"columns: {name}: values")
    return Column(
        name=name,
        is_=tuple(map(str, kinds if isinstance(kinds, list) else [kinds])),
        new=bool(said.get("new", False)),
        until=str(said.get("until", "")),
        required=bool(said.get("required", False)),
        split=str(said.get("split", "")),
        least=least,
        values={str(k): str(v) for k, v in values.items()},
    )


def _check_rule(rule: dict[str, Any], where: str) -> None:
    _known(
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
                f"{key!r} is not taken: a mapping reads only cells of its own table",
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


def check_columns(spec: Spec, columns: Iterable[str], derived: Iterable[str]) -> None:
    """Raise DataFileError where the table lacks a column that the mapping needs."""
    there = {*columns}
    needed = {*spec.key, *(one.name for one in spec.columns if one.required)}
    optional = {one.name for one in spec.columns} - needed
    known = there | {*derived} | optional
    for name in sorted(needed - there) + sorted(spec.references() - known):
        near = get_close_matches(name, sorted(known), n=1)
        advice = f"did you mean {near[0]!r}?" if near else ""
        raise DataFileError(
            f"has no column {name!r}, which {spec.name} needs",
            advice=advice or f"there are {', '.join(sorted(there))}",
        )


def _known(
    content: dict[str, Any], known: Iterable[str], where: str, what: str, why: str = ""
) -> None:
    for key in content:
        if key not in {*known}:
            near = get_close_matches(str(key), [*known], n=1)
            advice = f"did you mean {near[0]}?" if near else f"have {', '.join(known)}"
            raise DataFileError(
                f"unknown {what} {key!r}", where=where, advice=why or advice
            )


def _dict(value: object, where: str, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataFileError(f"{what} must be a table of keys and values", where=where)
    return value


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


def _based(iri: str, base: str) -> str:
    own = iri.startswith(BASE) and "#" not in iri
    return base + iri.removeprefix(BASE) if own else iri
