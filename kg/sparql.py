"""What must be known of a SPARQL text before the engine sees it.

A scanner of tokens (SPARQL 1.1 Query, section 19), not a parser: it tells words from
strings, IRIs, names and comments, which is enough to find SERVICE and the dataset
clauses. The engine parses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from kg.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n\r]*)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*\"{3}
             |'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
             |\"(?:[^\"\\\n\r]|\\.)*\"
             |'(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<variable>[?$]\w+)
  | (?P<name>(?:[^\W\d_][\w.\-]*)?:
             (?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
  | (?P<word>\w+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a SPARQL text: its *kind*, its *text* and where it begins."""

    kind: str
    text: str
    start: int

    def is_word(self, word: str) -> bool:
        """Tell whether this is the keyword *word*, in whatever case."""
        return self.kind == "word" and self.text.upper() == word


@dataclass(frozen=True, slots=True)
class DatasetClause:
    """The graphs that a query names by FROM and FROM NAMED, as full IRIs."""

    default: tuple[str, ...]
    named: tuple[str, ...]


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text* without white space and comments."""
    for match in _TOKEN.finditer(_without_codepoint_escapes(text)):
        if match.lastgroup and match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), match.start())


def refuse_federation(text: str) -> None:
    """Raise QueryError where *text* asks another host by SERVICE."""
    for token in tokens(text):
        if token.is_word("SERVICE"):
            raise QueryError(
                "SERVICE is refused: no query makes this program ask another host",
                where=position(text, token.start),
                advice="query the other endpoint yourself, and pass what it answers "
                "in VALUES",
            )


def dataset_clause(
    text: str, known: Mapping[str, str] | None = None
) -> DatasetClause | None:
    """Return the dataset that *text* names by FROM, or None where it names none.

    *known* are prefixes that hold where the text does not declare them.
    """
    default: list[str] = []
    named: list[str] = []
    prefixes = {f"{prefix}:": iri for prefix, iri in (known or {}).items()}
    base = ""
    found = list(tokens(text))
    for index, token in enumerate(found):
        if token.text == "{":
            break
        following = found[index + 1 : index + 3]
        if token.is_word("BASE") and following:
            base = following[0].text.strip("<>")
        elif token.is_word("PREFIX") and len(following) == 2:
            prefixes[following[0].text] = urljoin(base, following[1].text.strip("<>"))
        elif token.is_word("FROM") and following:
            is_named = following[0].is_word("NAMED")
            graph = following[-1] if is_named else following[0]
            (named if is_named else default).append(_iri(graph, prefixes, base))
    return DatasetClause(tuple(default), tuple(named)) if default or named else None


def position(text: str, offset: int) -> str:
    """Return `line N, column M` of *offset* in *text*, both from 1."""
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


def _iri(token: Token, prefixes: dict[str, str], base: str) -> str:
    if token.kind == "iri":
        return urljoin(base, token.text[1:-1]) if base else token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(f"{prefix}:", "") + re.sub(r"\\(.)", r"\1", local)


def _without_codepoint_escapes(text: str) -> str:
    """Replace escapes that hide a keyword by their characters (section 19.2)."""

    def character(match: re.Match[str]) -> str:
        number = int(match.group(1) or match.group(2), 16)
        return chr(number) if number <= 0x10FFFF else match.group()

    return _CODEPOINT.sub(character, text) if "\\" in text else text
