"""Where a text speaks of a term: its line, for reports; each text is read once.

Whoever sends a text chooses its names, lines and findings, so the time may grow with
the length of the text and the number of findings, not with their product.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.terms import Term

_COMMENT = re.compile(r"(?:^|\s)#.*")
_NAME = re.compile(
    r"""<(?P<iri>[^<>"{}|^`\\\s]*+)>
      | [\w.-]++(?::(?P<local>(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+))?+
      | :(?P<bare>(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)""",
    re.VERBOSE,
)
_SUBJECT, _ALONE, _ANYWHERE = range(3)


class Lines:
    """The lines of *text* by the terms that they name."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, term: Term) -> int | None:
        """Return the line that speaks of *term*, from 1; None if none does.

        That is the first that begins with its name, as where it is the subject; else
        the first that has it. Comments do not count.
        """
        if not isinstance(term, NamedNode):
            return None
        names = (f"<{term.value}>", _last(term.value))
        found = [self._first[name] for name in names if name and name in self._first]
        return min(found)[1] if found else None

    @cached_property
    def _first(self) -> dict[str, tuple[int, int]]:
        """The best place of each name: how it stands there, and the line."""
        best: dict[str, tuple[int, int]] = {}
        for number, line in enumerate(self._text.splitlines(), start=1):
            for name, stands in _names(_COMMENT.sub("", line)):
                best[name] = min(best.get(name, (stands, number)), (stands, number))
        return best


class Places:
    """The places of terms in several texts, by the texts' names."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._lines = {name: Lines(text) for name, text in texts.items()}

    def find(self, term: Term) -> tuple[str, int] | None:
        """Return the first text that speaks of *term*, and the line."""
        for name, lines in self._lines.items():
            line = lines.of(term)
            if line is not None:
                return name, line
        return None


def _names(line: str) -> Iterator[tuple[str, int]]:
    """Yield the names in *line*: IRIs in brackets, of prefixed names the last part."""
    indent = len(line) - len(line.lstrip())
    for match in _NAME.finditer(line):
        local = match["local"] if match["local"] is not None else match["bare"]
        if match["iri"] is not None:
            name, end = match.group(), match.end()
        elif local:
            kept = local.rstrip(".")
            name = _last(re.sub(r"\\(.)", r"\1", kept))
            end = match.end() - len(local) + len(kept)
        else:
            continue
        yield name, _standing(line, match.start() == indent, end)


def _standing(line: str, is_first: bool, end: int) -> int:
    if not is_first:
        return _ANYWHERE
    if end == len(line):
        return _ALONE
    return _SUBJECT if line[end].isspace() else _ANYWHERE


def _last(iri: str) -> str:
    return re.split(r"[/#]", iri)[-1]
