"""Saved queries: the header of a file, its parameters, and its text with values."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING, NoReturn

import yaml
from pyoxigraph import RdfFormat, parse

from kg.errors import DataFileError, ParameterError, QueryError, UnknownQueryError
from kg.files import sorted_files, unreadable
from kg.formats import Kind
from kg.parameters import (
    Parameter,
    ParameterKind,
    fits,
    have,
    parameter_term,
    put_values,
    values_lines,
    wanted,
)
from kg.store import parsed
from kg.terms import Literal, NamedNode, Term

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "RESERVED",
    "Form",
    "Parameter",
    "ParameterKind",
    "SavedQueries",
    "SavedQuery",
    "parameter_term",
    "read_query",
]

_MARK = "#+"
_KEYS = ("summary", "description", "tags", "param")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PARAMETER = re.compile(r"param +(?P<name>\w+) +(?P<kind>\w+)( +of +(?P<of>\S+))?")
_PREFIX = re.compile(r"^\s*PREFIX\s+([^\s:]*):\s*<([^<>]*)>", re.I | re.M)
RESERVED = (
    "access_token",
    "format",
    "limit",
    "offset",
    "order",
    "page",
    "row",
    "sort",
    "timeout",
)
"""What an address says of the answer and not of the question: no parameter's name."""


class Form(StrEnum):
    """What a query answers with: a table, yes or no, or triples."""

    SELECT = "select"
    ASK = "ask"
    CONSTRUCT = "construct"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question in a file: what it asks, its parameters, its text, its columns."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str
    form: Form
    columns: tuple[str, ...]

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the text declares."""
        return dict(_PREFIX.findall(self.text))

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called *name*; raise ParameterError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = [parameter.name for parameter in self.parameters]
        raise ParameterError(
            f"{self.name} has no parameter {name!r}", advice=have(name, known)
        )

    def bind(self, values: Mapping[str, Term]) -> str:
        """Return the text with *values* in place of defaults; raise ParameterError."""
        text = self.text
        for name, term in values.items():
            parameter = self.parameter(name)
            if not parameter.accepts(term):
                raise ParameterError(
                    f"{term} is not {parameter.wanted}", where=f"parameter {name}"
                )
            text = put_values(text, name, term)
        return text


class SavedQueries(Mapping[str, SavedQuery]):
    """The saved queries of a folder by name, in alphabetical order."""

    def __init__(self, queries: Iterable[SavedQuery] = ()) -> None:
        ordered = sorted(queries, key=lambda query: query.name)
        self._by_name = {query.name: query for query in ordered}

    @classmethod
    def read(cls, folder: Path) -> SavedQueries:
        """Read every .rq file of *folder*; raise DataFileError."""
        return cls(read_query(path) for path in sorted_files(folder, "*.rq"))

    def __getitem__(self, name: str) -> SavedQuery:
        """Return the query called *name*; raise UnknownQueryError."""
        if name in self._by_name:
            return self._by_name[name]
        raise _NoSuchQueryError(f"no saved query {name!r}", advice=have(name, self))

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


class _NoSuchQueryError(UnknownQueryError, KeyError):
    """Also a KeyError, as `in` and `get` of a mapping expect."""


# --- reading a file ---------------------------------------------------------------


def read_query(path: Path) -> SavedQuery:
    """Read the saved query in the file *path*; raise DataFileError."""
    file = _QueryFile(path, _read_text(path))
    if not _NAME.fullmatch(path.stem):
        file.refuse(0, f"{path.stem!r} is no name for a query", "use-words-like-this")
    form, columns = file.form_and_columns()
    header = file.header()
    if not header.words.get("summary"):
        file.refuse(1, "the header has no summary", "write '#+ summary: …'")
    return SavedQuery(
        name=path.stem,
        summary=header.words["summary"],
        description=header.words.get("description", ""),
        tags=header.tags,
        parameters=tuple(map(file.parameter, header.declared)),
        text=file.text,
        form=form,
        columns=columns,
    )


def _read_text(path: Path) -> str:
    """Return the file's text without a byte-order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"not UTF-8 at byte {error.start}", where=str(path), advice="save it so"
        ) from error
    except OSError as error:
        raise unreadable(str(path), error) from error


@dataclass(frozen=True, slots=True)
class _Declared:
    """A `#+ param` line: what is written, before it is compared with the query."""

    line: int
    key: str
    summary: str


@dataclass(slots=True)
class _Header:
    """What the `#+` lines say."""

    words: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    declared: list[_Declared] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _QueryFile:
    """A file that is being read; its methods raise DataFileError with the line."""

    path: Path
    text: str

    def refuse(self, line: int, message: str, advice: str) -> NoReturn:
        where = f"{self.path}:{line}" if line else str(self.path)
        raise DataFileError(message, where=where, advice=advice)

    def form_and_columns(self) -> tuple[Form, tuple[str, ...]]:
        try:
            answer = parsed(self.text)
        except QueryError as error:
            where = f"{self.path}: {error.where}"
            raise DataFileError(
                error.message, where=where, advice=error.advice
            ) from error
        if answer.is_ask:
            return Form.ASK, ()
        if answer.kind is Kind.GRAPH:
            return Form.CONSTRUCT, ()
        return Form.SELECT, answer.variables

    def header(self) -> _Header:
        header = _Header()
        seen: set[str] = set()
        for key, value in self._entries():
            line = key.start_mark.line + 1
            word = str(key.value)
            name = " ".join(word.split()[:2])
            if name in seen:
                self.refuse(line, f"{name!r} is there twice", "keep one of them")
            seen.add(name)
            if word.startswith("param "):
                declared = _Declared(line, word, self._words(value))
                header.declared.append(declared)
            elif word == "tags":
                header.tags = self._list(value)
            elif word in _KEYS:
                header.words[word] = self._words(value)
            else:
                self.refuse(line, f"unknown key {word!r}", have(word, _KEYS))
        return header

    def _entries(self) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return the keys and values of the `#+` lines as YAML nodes."""
        lines = self.text.split("\n")
        above = list(takewhile(lambda line: line.startswith(_MARK), lines))
        for number, line in enumerate(lines[len(above) :], len(above) + 1):
            if line.startswith(_MARK):
                self.refuse(number, "header line below the query", "move it to the top")
        header = "\n".join(line.removeprefix(_MARK).removeprefix(" ") for line in above)
        try:
            node = _composed(header)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "this is not YAML"
            advice = "put quotes around a value that has ': ' or ' #' in it"
            self.refuse(mark.line + 1 if mark else 1, problem, advice)
        if not isinstance(node, yaml.MappingNode):
            self.refuse(1, "no header", "begin with '#+ summary: …'")
        return list(node.value)

    def _words(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.refuse(node.start_mark.line + 1, "not plain text", "quote it")
        return str(node.value)

    def _list(self, node: yaml.Node) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(node.start_mark.line + 1, "not a list", "write [one, another]")
        return tuple(self._words(item) for item in node.value)

    def parameter(self, declared: _Declared) -> Parameter:
        """Return the parameter that a header line declares, with its default."""
        line = declared.line
        match = _PARAMETER.fullmatch(declared.key)
        if not match:
            advice = "write 'param name kind: …' or 'param name kind of class: …'"
            self.refuse(line, f"cannot read {declared.key!r}", advice)
        name, kind = match["name"], match["kind"]
        if kind not in list(ParameterKind):
            self.refuse(line, f"unknown kind {kind!r}", have(kind, ParameterKind))
        if name in RESERVED:
            taken = ", ".join(RESERVED)
            advice = f"rename it: addresses use {taken} for something else"
            self.refuse(line, f"no parameter can be called {name!r}", advice)
        of = self._group(line, ParameterKind(kind), match["of"])
        default = self._default(ParameterKind(kind), name)
        return Parameter(name, ParameterKind(kind), declared.summary, default, of)

    def _group(
        self, line: int, kind: ParameterKind, written: str | None
    ) -> NamedNode | None:
        """Return the class or scheme after `of`."""
        if written is None and kind is ParameterKind.CONCEPT:
            self.refuse(line, "a concept of which scheme?", "write 'concept of id:…'")
        if written is None:
            return None
        if kind not in (ParameterKind.IRI, ParameterKind.CONCEPT):
            self.refuse(line, f"'of' does not go with {kind}", "leave it out")
        term = self._term(line, written)
        if not isinstance(term, NamedNode):
            self.refuse(line, f"{written} is not an IRI", "name a class or scheme")
        return term

    def _default(self, kind: ParameterKind, name: str) -> Term | None:
        """Return the term in the VALUES line of *name*; None for UNDEF."""
        places = values_lines(self.text, name)
        if len(places) != 1:
            problem = f"{len(places)} VALUES lines for the parameter {name!r}"
            advice = f"give ?{name} one line of its own: VALUES ?{name} {{ … }}"
            self.refuse(0, problem, advice)
        line = self.text.count("\n", 0, places[0].start()) + 1
        written = places[0]["term"].strip()
        if written.upper() == "UNDEF":
            return None
        term = self._term(line, written)
        if not fits(kind, term):
            self.refuse(line, f"{written} is not {wanted(kind)}", "mend the default")
        return term

    def _term(self, line: int, written: str) -> Term:
        """Return the term that *written* means with the prefixes of the query."""
        declared = _PREFIX.findall(self.text)
        prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in declared)
        turtle = f"{prefixes}<urn:x> <urn:x> {written} ."
        try:
            quads = list(parse(turtle, format=RdfFormat.TURTLE))
        except SyntaxError:
            self.refuse(line, f"cannot read {written!r}", "write one term")
        objects = [quad.object for quad in quads]
        if len(objects) != 1 or not isinstance(objects[0], NamedNode | Literal):
            self.refuse(
                line, f"{written!r} is not one term", "write one IRI or literal"
            )
        return objects[0]


def _composed(header: str) -> yaml.Node | None:
    """Return the node of a header; raise YAMLError.

    LibYAML takes a tenth of the time, where it is there; PyYAML tells faults better.
    """
    with contextlib.suppress(yaml.YAMLError, AttributeError):
        return yaml.compose(header, Loader=yaml.CSafeLoader)
    return yaml.compose(header, Loader=yaml.SafeLoader)
