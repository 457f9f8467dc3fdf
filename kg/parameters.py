"""Parameters of saved queries: kinds, values as a user types them, and encoding."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import ParameterError
from kg.terms import BASE, XSD, Literal, NamedNode, Term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.names import Candidate

    Find: TypeAlias = Callable[[str], list[Candidate]]
    Members: TypeAlias = Callable[[NamedNode], list[Candidate]]

_IDS = f"{BASE}id/"
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_NAMES = 30
_ESCAPE = re.compile(r"\\\\(?P<letter>[uU]?)|\\.")
_VALUES = r"^(?P<before>[ \t]*VALUES[ \t]+\?{}[ \t]*\{{)(?P<term>.*)\}}[ \t]*$"


class ParameterKind(StrEnum):
    """What values a parameter takes."""

    IRI = "iri"
    STRING = "string"
    INTEGER = "integer"
    DATE = "date"
    LANGUAGE = "language"
    CONCEPT = "concept"


_WANTED = {
    ParameterKind.IRI: "an entity: its IRI, short name or label",
    ParameterKind.STRING: "a text",
    ParameterKind.INTEGER: "a whole number",
    ParameterKind.DATE: "a date like 2024-05-31",
    ParameterKind.LANGUAGE: "a language tag like en or fr-MA",
    ParameterKind.CONCEPT: "a concept: its IRI, short name or label",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A place in a query for one term; no *default* means that any value will do.

    *of* is the class an entity must belong to, or the scheme of a concept.
    """

    name: str
    kind: ParameterKind
    summary: str
    default: Term | None
    of: NamedNode | None = None

    @property
    def wanted(self) -> str:
        """What a value has to be, in a few words for a help text."""
        what, colon, ways = _WANTED[self.kind].partition(":")
        group = f" of {short_name(self.of)}" if self.of else ""
        return f"{what}{group}{colon}{ways}"

    @property
    def default_text(self) -> str:
        """The default as a user would type it; empty where any value will do."""
        if self.default is None:
            return ""
        if not isinstance(self.default, NamedNode):
            return self.default.value
        iri = self.default.value
        return iri.removeprefix(_IDS) if iri.startswith(_IDS) else f"<{iri}>"

    def accepts(self, term: Term) -> bool:
        """Tell whether *term* is of this parameter's kind."""
        return fits(self.kind, term)


def fits(kind: ParameterKind, term: Term) -> bool:
    """Tell whether *term* is of *kind*."""
    if kind in (ParameterKind.IRI, ParameterKind.CONCEPT):
        return isinstance(term, NamedNode)
    if not isinstance(term, Literal) or term.language:
        return False
    datatype = term.datatype.value.removeprefix(XSD)
    plain = kind in (ParameterKind.STRING, ParameterKind.LANGUAGE)
    return datatype == ("string" if plain else str(kind))


def wanted(kind: ParameterKind) -> str:
    """Return what a value of *kind* has to be, in a few words."""
    return _WANTED[kind]


def have(name: str, known: Iterable[str]) -> str:
    """Return advice for an unknown *name*: the nearest of those known, or all."""
    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        return f"did you mean {', '.join(near)}?"
    return f"have {', '.join(names)}" if names else "there are none"


def short_name(iri: NamedNode) -> str:
    """Return the last segment of *iri*."""
    return re.split(r"[/#]", iri.value.rstrip("/#"))[-1]


# --- values in a text -------------------------------------------------------------


def values_lines(text: str, name: str) -> list[re.Match[str]]:
    """Return the lines `VALUES ?name { term }` of *text*, with the group `term`."""
    return list(re.finditer(_VALUES.format(re.escape(name)), text, re.I | re.M))


def put_values(text: str, name: str, *terms: Term) -> str:
    """Return *text* with *terms* in the VALUES line of the variable *name*."""
    encoded = " ".join(map(encode, terms))
    pattern = re.compile(_VALUES.format(re.escape(name)), re.I | re.M)
    return pattern.sub(lambda match: f"{match['before']} {encoded} }}", text, count=1)


def encode(term: Term) -> str:
    """Return *term* as SPARQL reads it, whatever characters it has.

    SPARQL 1.1 (19.2) resolves escapes like \\u0022 before it parses, and engines that
    do so see one in a text of a backslash, u and 0022. So such a u is escaped itself.
    """
    return _ESCAPE.sub(_without_sham_escape, str(term))


def _without_sham_escape(match: re.Match[str]) -> str:
    letter = match["letter"]
    return rf"\\\U{ord(letter):08X}" if letter else match.group()


# --- values as a user types them --------------------------------------------------


def parameter_term(
    parameter: Parameter, text: str, find: Find, members: Members | None = None
) -> Term:
    """Return the term that *text* means for *parameter*; raise ParameterError.

    *find* returns the entities that a short name or a label may stand for; *members*
    the concepts of a scheme, which a message then lists.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _unfit(parameter, text, "it is not valid Unicode") from error
    if parameter.kind is ParameterKind.STRING:
        return Literal(text)
    if parameter.kind is ParameterKind.CONCEPT and parameter.of and members:
        find = _or_else(find, parameter.of, members)
    return _READERS[parameter.kind](parameter, text.strip(), find)


def _or_else(find: Find, group: NamedNode, members: Members) -> Find:
    """Return *find*, suggesting all members of *group* where it has none of them."""

    def found(text: str) -> list[Candidate]:
        candidates = find(text)
        if any(group in one.groups for one in candidates):
            return candidates
        return [*candidates, *(replace(one, exact=False) for one in members(group))]

    return found


def _integer(parameter: Parameter, text: str, _find: Find) -> Term:
    if not _INTEGER.fullmatch(text):
        raise _unfit(parameter, text)
    return Literal(int(text))


def _date(parameter: Parameter, text: str, _find: Find) -> Term:
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError as error:
        raise _unfit(parameter, text, "there is no such day") from error
    if day is None:
        raise _unfit(parameter, text)
    return Literal(day.isoformat(), datatype=NamedNode(f"{XSD}date"))


def _language(parameter: Parameter, text: str, _find: Find) -> Term:
    if not _LANGUAGE.fullmatch(text):
        raise _unfit(parameter, text)
    return Literal(text)


def _entity(parameter: Parameter, text: str, find: Find) -> Term:
    if text.startswith("<") and text.endswith(">"):
        return _iri(parameter, text[1:-1])
    if not text:
        raise _unfit(parameter, text)
    candidates = find(text)
    exact = [found for found in candidates if found.exact]
    fitting = [found for found in exact if _belongs(parameter, found)]
    if len(fitting) == 1:
        return fitting[0].iri
    if fitting:
        raise _ambiguous(parameter, text, fitting)
    if not exact and "://" in text:
        return _iri(parameter, text)
    if exact:
        kinds = ", ".join(sorted({found.kind for found in exact}))
        raise _unfit(parameter, text, f"it is known, but as {kinds}")
    raise _unknown(parameter, text, candidates)


def _iri(parameter: Parameter, text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise _unfit(parameter, text, f"not an absolute IRI: {error}") from error


def _belongs(parameter: Parameter, found: Candidate) -> bool:
    return parameter.of is None or parameter.of in found.groups


_READERS: dict[ParameterKind, Callable[[Parameter, str, Find], Term]] = {
    ParameterKind.IRI: _entity,
    ParameterKind.INTEGER: _integer,
    ParameterKind.DATE: _date,
    ParameterKind.LANGUAGE: _language,
    ParameterKind.CONCEPT: _entity,
}


def _unfit(parameter: Parameter, text: str, why: str = "") -> ParameterError:
    shown = f"{text!r} does not fit: {why}" if why else f"{text!r} does not fit"
    return ParameterError(
        shown, where=f"parameter {parameter.name}", advice=f"give {parameter.wanted}"
    )


def _ambiguous(
    parameter: Parameter, text: str, found: list[Candidate]
) -> ParameterError:
    meant = ", ".join(one.told for one in found)
    return ParameterError(
        f"{text!r} may mean {len(found)} things",
        where=f"parameter {parameter.name}",
        advice=f"give the short name of one: {meant}",
    )


def _unknown(parameter: Parameter, text: str, near: list[Candidate]) -> ParameterError:
    names = [one.label for one in near if _belongs(parameter, one)]
    shown = ", ".join(names[:_MOST_NAMES]) + (", …" if names[_MOST_NAMES:] else "")
    return ParameterError(
        f"nothing here is called {text!r}",
        where=f"parameter {parameter.name}",
        advice=f"did you mean {shown}?" if names else f"give {parameter.wanted}",
    )
