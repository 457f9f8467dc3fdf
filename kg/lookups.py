"""Look-ups: queries that read so few quads, in whatever order, that none can run away.

A look-up has one basic graph pattern (SPARQL 1.1 Query, section 5.1) whose triple
patterns each name a subject or an object, and nothing else but what is selected and a
LIMIT. How many quads match each of them is counted, up to a bound: whichever way the
engine joins them, it meets no more than the product. Where there is but one, and each
quad that matches is a solution, to stop after as many solutions will do as well; what
such a pattern asks can be read off the quads, as `kg.read_off` does.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from kg.sparql import words
from kg.terms import MERGED_VIEW, TYPE, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.store import Snapshot

MOST = 200
"""So many combinations of quads, or solutions, a look-up may meet."""

_LONGEST = 2_000
_FORMS = ("ASK", "CONSTRUCT", "SELECT")
_DECLARED = r"""PREFIX\s+((?:[A-Za-z][\w-]*)?):\s*<([^<>"{}|^`\\\s]*)>\s*"""
_DECLARATION = re.compile(_DECLARED, re.ASCII | re.IGNORECASE)
_PROLOGUE = re.compile(rf"\s*(?:{_DECLARED})*", re.ASCII | re.IGNORECASE)
_BETWEEN = {";": 1, ",": 2}
"""How many terms the next triple pattern has from the one before."""


class Pattern(NamedTuple):
    """A triple pattern, None where it has a variable."""

    subject: NamedNode | None
    predicate: NamedNode | None
    object: NamedNode | None


class _OtherError(Exception):
    """The text is no look-up."""


class Lookup(NamedTuple):
    """What a text asks that may be a look-up.

    It is a *stream* where each quad that is met is another solution. *form* is the word
    that it begins with, *selected* the variables that follow that, None for `*`;
    *variables* are those of the patterns in their order, and *limit* the last solution
    that is wanted, None for all.
    """

    patterns: list[Pattern]
    is_stream: bool
    form: str
    selected: tuple[str, ...] | None
    variables: tuple[str, ...]
    limit: int | None

    def is_small(self, here: Snapshot) -> bool:
        """Tell whether it meets no more than `MOST` in the merged view of *here*."""
        product = 1
        for pattern in self.patterns:
            found = here.quads(*pattern, MERGED_VIEW)
            product *= sum(1 for _ in islice(found, MOST + 1)) or 1
            if product > MOST:
                return False
        return True


def read_lookup(sparql: str) -> Lookup | None:
    """Return what a text asks that may be a look-up, None of any other."""
    # Most other queries have one of these: they need no second look.
    is_plain = sparql.count("{") == 1 and not any(sign in sparql for sign in "([\\\"'")
    if not is_plain or len(sparql) > _LONGEST:
        return None
    try:
        return _Text(sparql).lookup()
    except (_OtherError, ValueError):
        return None


class _Text:
    """Reads a text token by token; raise _OtherError where it is of another form."""

    def __init__(self, text: str) -> None:
        prologue = cast("re.Match[str]", _PROLOGUE.match(text))
        self._rest = iter(words(text[prologue.end() :]))
        self._prefixes = dict(_declared(prologue.group()))
        self._kind: str | None = None
        self._text = ""
        self._is_stream = True
        self._selected: list[str] | None = []
        self._variables: dict[str, None] = {}
        self._limit: int | None = None

    def lookup(self) -> Lookup:
        self._next()
        while self._is_word("PREFIX"):
            prefix, iri = self._of_kind("name"), self._of_kind("iri")
            self._prefixes[prefix.removesuffix(":")] = iri[1:-1]
            self._next()
        form = self._head()
        found = list(self._triples())
        self._tail()
        return Lookup(
            found,
            self._is_stream and len(found) == 1,
            form,
            None if self._selected is None else tuple(self._selected),
            tuple(self._variables),
            self._limit,
        )

    def _next(self) -> str:
        """Go on to the next token, and return its text."""
        following = next(self._rest, None)
        if following is None:
            raise _OtherError
        self._kind, self._text = following
        return self._text

    def _of_kind(self, kind: str) -> str:
        text = self._next()
        if self._kind != kind:
            raise _OtherError
        return text

    def _is_word(self, *keywords: str) -> bool:
        return self._kind == "word" and self._text.upper() in keywords

    def _head(self) -> str:
        """Read what is asked for, up to the bracket; return the form of the query."""
        if not self._is_word(*_FORMS):
            raise _OtherError
        form = self._text.upper()
        self._next()
        if form == "SELECT":
            self._select()
        if self._is_word("WHERE"):
            self._next()
        if self._text != "{":
            raise _OtherError
        return form

    def _select(self) -> None:
        """Read which variables are selected, and go on to what follows."""
        if self._is_word("DISTINCT", "REDUCED"):
            self._is_stream = False
            self._next()
        if self._text == "*":
            self._selected = None
            self._next()
            return
        selected = []
        while self._kind == "variable":
            selected.append(self._text[1:])
            self._next()
        if not selected:
            raise _OtherError
        self._selected = selected

    def _triples(self) -> Iterator[Pattern]:
        terms: list[NamedNode | None] = []
        self._next()
        while True:
            terms += [self._term(is_predicate=len(terms) == 1)]
            if len(terms) < 3:
                continue
            pattern = Pattern(*terms)
            if pattern.subject is None and pattern.object is None:
                raise _OtherError
            yield pattern
            end = self._text
            if end == "}":
                return
            if end != "." and end not in _BETWEEN:
                raise _OtherError
            terms = terms[: _BETWEEN.get(end, 0)]
            if self._next() == "}":
                if end != ".":
                    raise _OtherError
                return

    def _term(self, *, is_predicate: bool) -> NamedNode | None:
        """Return the term that is next, and go on to what follows."""
        kind, text = self._kind, self._text
        self._next()
        if kind == "variable":
            self._is_stream &= text[1:] not in self._variables
            self._variables[text[1:]] = None
            return None
        if kind == "iri":
            return _node(text[1:-1])
        if kind == "name":
            prefix, _, local = text.partition(":")
            if prefix in self._prefixes:
                return _node(self._prefixes[prefix] + local)
        elif is_predicate and text == "a":
            return TYPE
        raise _OtherError

    def _tail(self) -> None:
        """Read what may follow the pattern."""
        while following := next(self._rest, None):
            self._kind, self._text = following
            if self._is_word("OFFSET"):
                self._is_stream = False
                self._of_kind("number")
            elif self._is_word("LIMIT") and self._limit is None:
                self._limit = int(self._of_kind("number"))
                if self._limit > sys.maxsize:  # more than can be counted up to
                    raise _OtherError
            else:
                raise _OtherError


@lru_cache(maxsize=100)
def _declared(prologue: str) -> Mapping[str, str]:
    """Return the prefixes of a prologue; a program asks with the same ever again."""
    return dict(_DECLARATION.findall(prologue))


def _node(iri: str) -> NamedNode:
    """Return the node that the engine will take *iri* for."""
    if "/." in iri:  # resolving it may change it
        raise _OtherError
    return NamedNode(iri)
