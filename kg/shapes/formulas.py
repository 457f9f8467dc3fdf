"""Conditions in SPARQL under which a node may fail a constraint, or must.

Both engines have their say: what the one that judges, pyshacl, finds, the one that
screens, pyoxigraph, may not pass over. Hence two formulas for each constraint, one that
holds for every node that fails it, and one that holds for none that does not. No
formula here ever is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import rdflib
from rdflib import XSD

from kg.rdflib_terms import from_rdflib
from kg.store import Triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TRUE, FALSE = "true", "false"
_INTEGER = f"<{XSD.integer}>"
_DATE = f"<{XSD.date}>"
_MOST_DIGITS = 15
_HUGE = 10**_MOST_DIGITS


class UnscreenableError(Exception):
    """Says why it cannot be told by a query which nodes can fail."""


@dataclass(frozen=True, slots=True)
class Fails:
    """*may* holds wherever a constraint fails, and *must* only where it fails."""

    may: str
    must: str


UNKNOWN = Fails(TRUE, FALSE)
NEVER = Fails(FALSE, FALSE)


def exactly(text: str) -> Fails:
    """Return what fails just where *text* holds."""
    return Fails(text, text)


def either(parts: Iterable[Fails]) -> Fails:
    """Return what fails where one of *parts* fails."""
    listed = list(parts)
    return Fails(some(p.may for p in listed), some(p.must for p in listed))


def together(parts: Iterable[Fails]) -> Fails:
    """Return what fails where all of *parts* fail."""
    listed = list(parts)
    return Fails(every(p.may for p in listed), every(p.must for p in listed))


def inverted(fails: Fails) -> Fails:
    """Return what fails where *fails* does not."""
    return Fails(no(fails.must), no(fails.may))


def somewhere(pattern: str, fails: Fails) -> Fails:
    """Return what fails where *pattern* leads to something that fails."""
    return Fails(exists(pattern, fails.may), exists(pattern, fails.must))


def some(parts: Iterable[str]) -> str:
    """Return the disjunction of *parts*."""
    listed = [part for part in dict.fromkeys(parts) if part != FALSE]
    if TRUE in listed:
        return TRUE
    return _joined(" || ", listed) or FALSE


def every(parts: Iterable[str]) -> str:
    """Return the conjunction of *parts*."""
    listed = [part for part in dict.fromkeys(parts) if part != TRUE]
    if FALSE in listed:
        return FALSE
    return _joined(" && ", listed) or TRUE


def _joined(word: str, parts: Sequence[str]) -> str:
    return f"({word.join(parts)})" if len(parts) > 1 else "".join(parts)


def no(part: str) -> str:
    """Return the negation of *part*."""
    return {TRUE: FALSE, FALSE: TRUE}.get(part, f"(!{part})")


def exists(pattern: str, condition: str = TRUE) -> str:
    """Return that *pattern* matches with *condition* holding in the match."""
    if condition == FALSE:
        return FALSE
    kept = "" if condition == TRUE else f" FILTER({condition})"
    return f"(EXISTS {{ {pattern}{kept} }})"


def surely(text: str) -> str:
    """Return that *text* holds; where it is an error, it does not."""
    return f"COALESCE({text}, false)"


def several(start: str, path: str, names: Sequence[str]) -> str:
    """Return the pattern of as many different values as there are *names*."""
    pattern = " ".join(f"{start} {path} {name} ." for name in names)
    different = (f"!sameTerm({one}, {other})" for one, other in combinations(names, 2))
    kept = every(different)
    return pattern if kept == TRUE else f"{pattern} FILTER({kept})"


def is_integer(name: str) -> str:
    """Return that *name* is an integer that both engines know as the same number."""
    return surely(f"DATATYPE({name}) = {_INTEGER} && isNumeric({name})")


def is_small(name: str) -> str:
    """Return that *name* is an integer that can be counted with in both engines."""
    return surely(f"DATATYPE({name}) = {_INTEGER} && ABS({name}) < {_HUGE}")


def is_day(name: str) -> str:
    """Return that *name* is a day that both engines know as the same day."""
    form = "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
    return surely(
        f'DATATYPE({name}) = {_DATE} && REGEX(STR({name}), "{form}")'
        f" && YEAR({name}) > 0"
    )


def is_truth(name: str) -> str:
    """Return that *name* is one of the two truth values."""
    return f"(sameTerm({name}, true) || sameTerm({name}, false))"


def is_plain(name: str) -> str:
    """Return that *name* is a string without a language."""
    return surely(f"DATATYPE({name}) = <{XSD.string}>")


def is_before(one: str, other: str, *, or_same: bool = False) -> str:
    """Return that *one* surely is less than *other*."""
    sign = "<=" if or_same else "<"
    kinds = (every((is_kind(one), is_kind(other))) for is_kind in (is_integer, is_day))
    return every((some(kinds), surely(f"{one} {sign} {other}")))


def constant(term: rdflib.term.Node) -> str:
    """Return *term* in SPARQL; raise UnscreenableError where engines may differ on it.

    The engine keeps the value of a number, so only one that is written as it writes it
    is the same term for both.
    """
    if isinstance(term, rdflib.URIRef) and _IRI.fullmatch(term):
        return f"<{term}>"
    if isinstance(term, rdflib.Literal) and _is_common(term):
        return str(from_rdflib(term))
    raise UnscreenableError(f"engines may differ on {term!r}")


def iri(term: rdflib.term.Node) -> str:
    """Return the IRI *term* in SPARQL; raise UnscreenableError for anything else."""
    if not isinstance(term, rdflib.URIRef):
        raise UnscreenableError(f"not an IRI: {term!r}")
    return constant(term)


def truth(term: rdflib.term.Node) -> bool:
    """Return whether the flag *term* is true; raise UnscreenableError if it is odd."""
    plain = isinstance(term, rdflib.Literal) and term.datatype == XSD.boolean
    if not plain or str(term) not in {TRUE, FALSE}:
        raise UnscreenableError(f"neither true nor false: {term!r}")
    return str(term) == TRUE


_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


def _is_common(literal: rdflib.Literal) -> bool:
    text = str(literal)
    if literal.language:
        return literal.language == literal.language.lower()
    if literal.datatype == XSD.integer:
        return bool(_NUMBER.fullmatch(text)) and len(text) <= _MOST_DIGITS
    if literal.datatype == XSD.boolean:
        return text in {TRUE, FALSE}
    return literal.datatype is None


_NUMBER = re.compile(r"0|-?[1-9][0-9]*")

_PART = r"(?:[A-Za-z0-9 _:/#~@%!\",;=<>'\u2010-\u2027-]|\\[-.?*+|(){}\[\]/^$sS]|\.)"
_IN_CLASS = (
    r"(?:[A-Za-z0-9 _:/#@%!\",;=<>'.+*?()$|{}\u2010-\u2027-]|~(?!~)|\\[-.\]\[/^\\])"
)
_REPEAT = r"(?:[?*+]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})?"
_REGEX = re.compile(
    rf"(?:{_PART}{_REPEAT}|\[\^?(?:(?!--){_IN_CLASS})+\]{_REPEAT}"
    rf"|\((?:\?:)?|\){_REPEAT}|[|^$])*"
)
_PLAIN_LETTERS = '"^[ -~\u00a1-\u024f\u2010-\u2027]*$"'
"""Of these characters the space alone is white to both engines."""


def regex(text: str, pattern: str) -> tuple[str, str]:
    """Return that *pattern* matches the string *text*, and where engines agree on it.

    They do as long as the string has no line break, which `$` of Python looks past,
    and, if it matters, no unusual spaces. Raise UnscreenableError where they may not.
    """
    match = f"REGEX({text}, {common_regex(pattern)})"
    if re.search(r"\\[sS]", pattern):
        return match, surely(f"REGEX({text}, {_PLAIN_LETTERS})")
    return match, surely(f'!CONTAINS({text}, "\\n")')


@cache
def common_regex(pattern: str) -> str:
    """Return *pattern* as a SPARQL string; raise UnscreenableError if it may differ."""
    text = str(from_rdflib(rdflib.Literal(pattern)))
    if not _REGEX.fullmatch(pattern) or not _compiles(pattern, text):
        raise UnscreenableError(f"engines may differ on the pattern {pattern!r}")
    return text


def _compiles(pattern: str, text: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    tried = Triples(()).select(f'SELECT (REGEX("", {text}) AS ?tried) WHERE {{}}')
    return next(tried) is not None
