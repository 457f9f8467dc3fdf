"""A mapping as the program has it: what the columns hold, and rules for the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol

from kg.errors import DataFileError
from kg.terms import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LINE = "row.line"
KEY = "row.key"
ROW_GRAPH = "urn:exequatur:row:"
FILES = r"[\w.-]+\.(?:csv|tsv|txt|json|jsonl|xlsx)"
"""What a mapping may call its table; whatever it says, it is given another one."""

ONLY_ITS_TABLE = "a mapping reads only cells of its own table"
_KEYS = frozenset({"is", "new", "required", "split", "least", "until", "values"})


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


class Rules(Protocol):
    """What the engine is to do, in one of the languages that it reads."""

    @property
    def suffix(self) -> str:
        """What the engine tells the language by."""
        ...

    def references(self) -> set[str]:
        """Return the columns that the rules refer to."""
        ...

    def for_engine(self, file: str, base: str) -> str:
        """Return the rules for the table *file*, each row in a graph of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Spec:
    """A mapping: the *key* of a row, its *columns*, and the *rules*.

    *key* names the columns that tell rows apart, all together.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: Rules


def spec_of(table: object, rules: Rules, name: str) -> Spec:
    """Return the mapping *name* whose section `table` is *table*.

    Raise DataFileError where that says something unknown.
    """
    said = as_dict(table, name, "table")
    known_keys(said, ("key", "columns"), name, "key of table")
    columns = as_dict(said.get("columns", {}), name, "columns")
    made = tuple(_column(str(key), one or {}, name) for key, one in columns.items())
    dated = {one.name for one in made if one.is_ == ("date",)}
    for one in made:
        if one.until and not {one.name, one.until} <= dated:
            raise DataFileError(
                f"until: {one.name!r} and {one.until!r} must be columns of dates",
                where=name,
            )
    given = said.get("key") or []
    key = tuple(map(str, given if isinstance(given, list) else [given]))
    if not key:
        raise DataFileError(
            "does not say what tells rows apart", where=name,
            advice="name a column in `table: {key: …}`",
        )  # fmt: skip
    return Spec(name, key, made, rules)


def _column(name: str, content: object, where: str) -> Column:
    said = as_dict(content, where, f"columns: {name}")
    known_keys(said, sorted(_KEYS), where, f"key of the column {name!r},")
    kinds, least = said.get("is", []), said.get("least", 1)
    if not isinstance(least, int):
        raise DataFileError(f"least: {least!r} is no number", where=f"{where}: {name}")
    values = as_dict(said.get("values") or {}, where, f"columns: {name}: values")
    for key, kind, meant in (
        ("new", bool, "true or false"),
        ("required", bool, "true or false"),
        ("split", str, "a text in quotation marks"),
        ("until", str, "the name of a column"),
    ):
        if not isinstance(said.get(key, kind()), kind):
            raise DataFileError(
                f"{key}: {said[key]!r} is not {meant}", where=f"{where}: {name}"
            )
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


def check_columns(spec: Spec, columns: Iterable[str], derived: Iterable[str]) -> None:
    """Raise DataFileError where the table lacks a column that the mapping needs."""
    there = {*columns}
    needed = {*spec.key, *(one.name for one in spec.columns if one.required)}
    optional = {one.name for one in spec.columns} - needed
    known = there | {*derived} | optional
    for name in sorted(needed - there) + sorted(spec.rules.references() - known):
        near = get_close_matches(name, sorted(there if name in needed else known), n=1)
        advice = f"did you mean {near[0]!r}?" if near else ""
        raise DataFileError(
            f"has no column {name!r}, which {spec.name} needs",
            advice=advice or f"there are {', '.join(sorted(there))}",
        )


def known_keys(
    content: dict[str, Any], known: Iterable[str], where: str, what: str, why: str = ""
) -> None:
    """Raise DataFileError where *content* has a key that is not *known*."""
    for key in content:
        if key not in {*known}:
            near = get_close_matches(str(key), [*known], n=1)
            advice = why or f"have {', '.join(known)}"
            if near:
                advice = f"did you mean {near[0]}?"
            raise DataFileError(f"unknown {what} {key!r}", where=where, advice=advice)


def as_dict(value: object, where: str, what: str) -> dict[str, Any]:
    """Return *value*; raise DataFileError where it has no keys."""
    if not isinstance(value, dict):
        raise DataFileError(f"{what} must be a table of keys and values", where=where)
    return value


def based(iri: str, base: str) -> str:
    """Return *iri*, an entity of this project below *base*."""
    own = iri.startswith(BASE) and "#" not in iri
    return base + iri.removeprefix(BASE) if own else iri
