"""Where a text speaks of a term, or makes a statement: the line, for reports.

Whoever sends a text chooses its names, lines and findings, so the time may grow with
the length of the text and the number of findings, not with their product.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from kg.report import Check
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kg.report import Finding
    from kg.terms import Term, Triple

    Statements = Callable[[], Iterable[tuple[Triple, str, int]]]
    """Tells the statements of texts, each with its text's name and the line."""

    Part = Term | Triple | None
    Key = tuple[Part, Part, Part]
    Place = tuple[str, int]

_COMMENT = re.compile(r"(?:^|\s)#.*")
_NAME = re.compile(
    r"""<(?P<iri>[^<>"{}|^`\\\s]*+)>
      | [\w.-]++(?::(?P<local>(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+))?+
      | :(?P<bare>(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)""",
    re.VERBOSE,
)
_SUBJECT, _ALONE, _ANYWHERE = range(3)
_BREAK = re.compile(r"\r\n|\r|\n")
_ONE_PROPERTY = re.compile(r"<([^<>]*)>")

MOST_STATEMENTS = 50_000
"""So many statements of texts are looked at for their lines, in bounded memory."""


def split_lines(text: str) -> list[str]:
    """Return the lines of *text*, as the parsers count them."""
    return _BREAK.split(text)


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
        for number, line in enumerate(split_lines(self._text), start=1):
            for name, stands in _names(_COMMENT.sub("", line)):
                best[name] = min(best.get(name, (stands, number)), (stands, number))
        return best


class Places:
    """The places of findings and terms in several texts, by the texts' names.

    *statements* are asked for once, and only where there is a finding to be placed.
    """

    def __init__(
        self, texts: Mapping[str, str], statements: Statements = tuple
    ) -> None:
        self.texts = texts
        self._lines = {name: Lines(text) for name, text in texts.items()}
        self._statements = statements

    def locate(self, finding: Finding) -> Place | None:
        """Return the text and line that *finding* objects to, if one can be told.

        That is where the statement is made; else where the misspelt term stands, or
        the node that it is about.
        """
        for key in _exactly(finding):
            if key in self._made:
                return self._made[key]
        terms = [finding.focus]
        if finding.check is Check.VOCABULARY and finding.value is not None:
            terms.insert(0, finding.value)
        for term in terms:
            found = self.find(term) or self._made.get((term, None, None))
            if found:
                return found
        return self._made.get((None, None, finding.focus))

    def find(self, term: Term) -> Place | None:
        """Return the first text that speaks of *term*, and the line."""
        for name, lines in self._lines.items():
            line = lines.of(term)
            if line is not None:
                return name, line
        return None

    @cached_property
    def _made(self) -> dict[Key, Place]:
        """The first place of each statement, and of each part of one."""
        found: dict[Key, Place] = {}
        for triple, name, line in islice(self._statements(), MOST_STATEMENTS):
            s, p, o = triple
            for key in (
                (s, p, o), (s, p, None), (s, None, o), (s, None, None),
                (None, p, None), (None, None, o),
            ):  # fmt: skip
                found.setdefault(key, (name, line))
        return found


def _exactly(finding: Finding) -> Iterator[Key]:
    """Yield what the statement objected to may be, the likeliest first."""
    focus, value = finding.focus, finding.value
    if finding.check is Check.VOCABULARY and value is not None:
        yield focus, value, None
        yield focus, None, value
        yield None, value, None
        return
    match = _ONE_PROPERTY.fullmatch(finding.path)
    if match:
        path = NamedNode(match[1])
        if value is not None:
            yield focus, path, value
        yield focus, path, None
    elif value is not None:
        yield focus, None, value
    for quad in finding.premises:
        yield quad.subject, quad.predicate, quad.object


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
