"""What must be known of a SPARQL text before the engine sees it.

A scanner of tokens (SPARQL 1.1 Query, section 19), not a parser: it tells words from
strings, IRIs, names and comments, which is enough to find SERVICE, the dataset
clauses and the operations of an update. The engine parses.
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from kg.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    "\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    "\U00010000-\U000effff"
)
_WORD = f"{_BASE}_0-9"
_MORE = "\u00b7\u0300-\u036f\u203f\u2040"
_HEX = "[0-9A-Fa-f]"
# An escape that stands for no character ends the engine's string, so it must end ours.
_ESCAPE = (
    r"\\(?:[tbnrf\"'\\]"
    rf"|u(?![Dd][89A-Fa-f]){_HEX}{{4}}"
    rf"|U0000(?![Dd][89A-Fa-f]){_HEX}{{4}}"
    rf"|U000[1-9A-Fa-f]{_HEX}{{4}}|U0010{_HEX}{{4}})"
)
_ESCAPED = rf"%{_HEX}{{2}}|\\[_~.\-!$&'()*+,;=/?#@%]"
_STRING = (
    rf"\"{{3}}(?:[^\"\\]++|{_ESCAPE}|\"(?!\"\"))*+\"{{3}}"
    rf"|'{{3}}(?:[^'\\]++|{_ESCAPE}|'(?!''))*+'{{3}}"
    rf"|\"(?:[^\"\\\n\r]++|{_ESCAPE})*+\""
    rf"|'(?:[^'\\\n\r]++|{_ESCAPE})*+'"
)
_IRI = rf"<(?:[^<>\"{{}}|^`\\\x00-\x20]++|\\u{_HEX}{{4}}|\\U{_HEX}{{8}})*+>"
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+|\#[^\n\r]*)
  | (?P<string>{_STRING})
  | (?P<iri>{_IRI})
  | (?P<variable>[?$][{_WORD}][{_WORD}{_MORE}]*+)
  | (?P<blank>_:[{_WORD}](?:\.*+[{_WORD}{_MORE}\-])*+)
  | (?P<name>(?:[{_BASE}](?:\.*+[{_WORD}{_MORE}\-]){{0,64}}+)?:
             (?:(?:[{_WORD}:]|{_ESCAPED})
                (?:\.*+(?:[{_WORD}{_MORE}:\-]|{_ESCAPED}))*+)?)
  | (?P<language>@[A-Za-z][A-Za-z0-9\-]*)
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+\-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)
  | (?P<overlong>[{_BASE}](?:\.*+[{_WORD}{_MORE}\-]){{64,}}+)
  | (?P<word>\w+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_KEPT_OR_CODEPOINT = re.compile(
    rf"(?P<kept>{_STRING}|{_IRI}|#[^\n\r]*|\\[^uU])|(?:{_CODEPOINT.pattern})"
)
_FROM = re.compile("FROM", re.IGNORECASE)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_GLUED_SERVICE = re.compile("[^:]*SERVICE", re.IGNORECASE)
_BEFORE_GRAPH = frozenset({"FROM", "GRAPH", "NAMED", "USING"})
# `?a<?b#>` is an IRI after a subject, but a comparison in an expression. No comparison
# begins like `http://`.
_COMPARED = re.compile(r"<(?![A-Za-z][\w.+\-]*://)")
_HIDING = re.compile("[#)']")
DEPTH = 100
"""Brackets may stand in one another so often; the engine crashes at some thousand."""

PATTERN_TOKENS = 5_000
"""A pattern may have so many tokens outside VALUES, for the same reason.

So may all that is selected or described, and all by which it is sorted or grouped.
"""

_TEMPLATES = ("CONSTRUCT", "DATA", "DELETE", "INSERT")
_OF_ITEM = 4
"""An item of a list in a pattern counts as so many tokens: it is two triples."""

_BEFORE_LIST = frozenset(",.;[{a")
_UNCLOSED = 50
"""So many strings that do not end are looked for; each look may take the whole text."""


class Token(NamedTuple):
    """A piece of a SPARQL text: its *kind*, its *text* and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the text goes on after this token."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the keywords *words*, in whatever case."""
        return self.kind == "word" and self.text.upper() in words


class DatasetClause(NamedTuple):
    """The graphs that a query names by FROM and FROM NAMED, as full IRIs."""

    default: tuple[str, ...]
    named: tuple[str, ...]


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text* without white space and comments.

    Raise QueryError where quotes open strings, again and again, that do not end.
    """
    unclosed = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None or kind == "space":
            continue
        if kind == "other" and match.group() in "\"'":
            unclosed += 1
            if unclosed > _UNCLOSED:
                raise QueryError(
                    "a string is not closed", where=position(text, match.start())
                )
        yield Token(kind, match.group(), match.start())


def words(text: str) -> list[tuple[str | None, str]]:
    """Return kind and text of the tokens that `tokens` yields, in less time."""
    found = _TOKEN.finditer(text)
    return [(m.lastgroup, m.group()) for m in found if m.lastgroup != "space"]


def bounded_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text* as `tokens` does.

    Raise QueryError where brackets stand in one another too often, or a pattern or an
    expression is too long: the engine would take the process down with it.
    """
    bounds = _Bounds(text)
    for token in tokens(text):
        bounds.count(token)
        yield token


def refuse_excess(text: str) -> None:
    """Raise QueryError where *text* is nested too deep or too long for the engine."""
    if not _is_harmless(text):
        deque(bounded_tokens(text), maxlen=0)


def _is_harmless(text: str) -> bool:
    """Tell at little cost whether no reading of *text* can go past a bound."""
    return (
        len(text) <= PATTERN_TOKENS
        and sum(map(text.count, "([{")) <= DEPTH
        and sum(map(text.count, "\"'")) <= _UNCLOSED
    )


def resolved(text: str) -> str:
    """Return *text* without codepoint escapes but in strings, IRIs and comments.

    SPARQL 1.1 (19.2) has them resolved before a text is parsed. In strings and IRIs the
    engine does so, and no character that comes of it ends them. Whatever is checked
    must be what comes of this. Raise QueryError as `tokens` does.
    """
    if not _CODEPOINT.search(text):
        return text
    deque(tokens(text), maxlen=0)  # the look for strings may be long otherwise
    return _KEPT_OR_CODEPOINT.sub(
        lambda match: match["kept"] or _without_codepoint_escapes(match[0]), text
    )


def refuse_federation(text: str) -> None:
    """Raise QueryError where *text* asks another host by SERVICE.

    An engine may read escaped letters as letters, keywords that touch as two, and `<`
    as a comparison or as the start of an IRI: where any reading has SERVICE, the text
    is refused.
    """
    for reading in {text, _without_codepoint_escapes(text)}:
        if not _SERVICE.search(reading):
            continue
        for previous, token, following in _all_readings(reading):
            if _asks_service(previous, token, following):
                raise QueryError(
                    "SERVICE is refused: no query makes this program ask another host",
                    where=position(text, min(token.start, len(text))),
                    advice="query the other endpoint yourself, and pass what it "
                    "answers in VALUES; if it is part of a name, declare a prefix",
                )


def dataset_clause(
    text: str, known: Mapping[str, str] | None = None, base: str | None = None
) -> DatasetClause | None:
    """Return the dataset that *text* names by FROM, or None where it names none.

    *known* are prefixes and *base* is the base IRI that hold where the text declares
    none.
    """
    if not _FROM.search(text):
        return None
    default: list[str] = []
    named: list[str] = []
    prefixes = {f"{prefix}:": iri for prefix, iri in (known or {}).items()}
    base = base or ""
    found = list(tokens(text))
    depth = 0
    for index, token in enumerate(found):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth:  # the template of a CONSTRUCT, EXISTS in a SELECT, or the pattern
            continue
        following = found[index + 1 : index + 3]
        if token.is_word("BASE") and following:
            base = _without_codepoint_escapes(following[0].text).strip("<>")
        elif token.is_word("PREFIX") and len(following) == 2:
            prefixes[following[0].text] = _iri(following[1], prefixes, base)
        elif token.is_word("FROM") and following:
            is_named = following[0].is_word("NAMED")
            graph = following[-1] if is_named else following[0]
            (named if is_named else default).append(_iri(graph, prefixes, base))
    return DatasetClause(tuple(default), tuple(named)) if default or named else None


def undeclared_prefix(text: str, known: Iterable[str] = ()) -> Token | None:
    """Return the first name whose prefix *text* does not declare and is not *known*."""
    declared = {f"{prefix}:" for prefix in known}
    previous: Token | None = None
    for token in tokens(text):
        if token.kind == "name":
            if previous and previous.is_word("PREFIX"):
                declared.add(token.text)
            elif f"{token.text.partition(':')[0]}:" not in declared:
                return token
        previous = token
    return None


def position(text: str, offset: int) -> str:
    """Return `line N, column M` of *offset* in *text*, both from 1."""
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


class _Bounds:
    """Counts brackets, and the tokens of patterns."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._length = 0
        self._is_pattern = False
        self._values: int | None = None
        self._list: int | None = None
        self._last = Token("other", "", 0)
        self._word = Token("word", "", 0)

    def count(self, token: Token) -> None:
        """Raise QueryError where *token* is one too many."""
        if self._is_pattern and self._values is None:
            self._length += 1 if self._list is None else _OF_ITEM
            if self._length > PATTERN_TOKENS:
                many = f"more than {PATTERN_TOKENS:,} words and signs outside VALUES"
                raise self._too_much(
                    token, f"a pattern has {many}, or what is asked of it"
                )
        if token.kind == "word":
            self._word = token
            if self._depth == 0:
                self._begin(token)
            if self._values is None and token.is_word("VALUES"):
                self._values = self._depth
        elif token.kind == "other":
            self._bracket(token)
        self._last = token

    def _begin(self, token: Token) -> None:
        """Count what is selected or described, but not the graphs of a dataset."""
        if token.is_word("SELECT", "DESCRIBE"):
            self._is_pattern, self._length = True, 0
        elif token.is_word("FROM"):
            self._is_pattern = False

    def _bracket(self, token: Token) -> None:
        if token.text in {"(", "[", "{"}:
            self._open(token)
            self._depth += 1
        elif token.text in {")", "]", "}"}:
            self._depth -= 1
            self._close(token)
        elif token.text == ";" and self._depth == 0:  # another operation
            self._is_pattern = False
        if self._depth > DEPTH:
            raise self._too_much(token, f"brackets are nested more than {DEPTH} deep")

    def _open(self, token: Token) -> None:
        if self._depth == 0:
            of_template = token.text == "{" and self._word.is_word(*_TEMPLATES)
            self._is_pattern = not of_template
            if token.text == "{":
                self._length = 0
        elif token.text == "(" and self._list is None and self._may_be_list():
            self._list = self._depth

    def _may_be_list(self) -> bool:
        """Tell whether a round bracket here is a list; arguments are taken for one."""
        last = self._last
        return last.kind in {"iri", "name", "variable"} or last.text in _BEFORE_LIST

    def _close(self, token: Token) -> None:
        if token.text == "}" and self._depth == self._values:
            self._values = None
        if self._depth == self._list:
            self._list = None
        if self._depth == 0:
            self._word = token
            if token.text == "}":
                self._length = 0

    def _too_much(self, token: Token, message: str) -> QueryError:
        return QueryError(
            message,
            where=position(self._text, token.start),
            advice="ask for it in several steps, or put what is listed into VALUES",
        )


def _asks_service(previous: Token, token: Token, following: Token) -> bool:
    if token.kind == "word":
        return bool(_SERVICE.search(token.text))
    if token.kind != "name" or not _GLUED_SERVICE.match(token.text):
        return False
    return following.text == "{" and not previous.is_word(*_BEFORE_GRAPH)


def _all_readings(text: str) -> Iterator[tuple[Token, Token, Token]]:
    """Yield each token, in any reading of *text*, between those beside it."""
    starts, seen = [0], set[int]()
    edge = Token("other", "", 0)
    while starts:
        previous, token = edge, edge
        for following in _scan(text, starts.pop()):
            yield previous, token, following
            if following.start in seen:
                break
            seen.add(following.start)
            previous, token = token, following
            if _may_be_compared(following):
                starts.append(following.start + 1)
        else:
            yield previous, token, edge


def _scan(text: str, start: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start):
        if match.lastgroup and match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), match.start())


def _may_be_compared(token: Token) -> bool:
    return (
        token.kind == "iri"
        and bool(_COMPARED.match(token.text))
        and bool(_HIDING.search(token.text))
    )


def _iri(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    if token.kind == "iri":
        iri = _without_codepoint_escapes(token.text[1:-1])
        with suppress(ValueError):  # a host that Python reads otherwise, or none
            return urljoin(base, iri) if base else iri
        return iri
    prefix, _, local = token.text.partition(":")
    return prefixes.get(f"{prefix}:", "") + re.sub(r"\\(.)", r"\1", local)


def _without_codepoint_escapes(text: str) -> str:
    """Replace escapes that hide a keyword by their characters (section 19.2)."""

    def character(match: re.Match[str]) -> str:
        number = int(match.group(1) or match.group(2), 16)
        is_one = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
        return chr(number) if is_one else match.group()

    return _CODEPOINT.sub(character, text) if "\\" in text else text
