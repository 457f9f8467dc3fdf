"""The engine's parser at work: is this an update, and what do its blocks say?

Nothing here runs what it parses. A request is put behind an operation that fails, so
that it is parsed whole and none of it is done; a block is parsed as what CONSTRUCT
makes of nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING

from pyoxigraph import QueryTriples

from kg.errors import QueryError
from kg.slips import offset_of, syntax_error, undeclared
from kg.sparql import position, undeclared_prefix
from kg.store import scratch
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kg.sparql import Token
    from kg.terms import Triple
    from kg.update.requests import Part

_FAILING = "DROP GRAPH <urn:x-exequatur:no-graph>;\n"


class Parser:
    """Parses the pieces of the update request *text*.

    *prefixes* and *base* hold where the request declares none.
    """

    def __init__(self, text: str, prefixes: Mapping[str, str], base: str) -> None:
        self._text = text
        self.prefixes = dict(prefixes)
        self.base = base
        self._engine = scratch()

    def check(self, parts: Sequence[Part]) -> None:
        """Raise QueryError with line and column where the request is not SPARQL."""
        for group in _groups(parts):
            self._check_group(group)
        for part in parts[:-1]:
            if not part.body:
                raise QueryError(
                    "there is no operation before this semicolon",
                    where=position(self._text, part.end),
                )

    def triples(self, declared: Iterable[Token], body: str, at: int) -> list[Triple]:
        """Return the triples of *body*, which begins *at*, in one order every time."""
        prologue = " ".join(token.text for token in declared)
        query = f"{prologue} CONSTRUCT {{ {body}\n}} WHERE {{}}"
        try:
            found = self._engine.query(
                query, prefixes=self.prefixes, base_iri=self.base
            )
        except SyntaxError as error:
            raise unreadable(self._text, at) from error
        return list(found) if isinstance(found, QueryTriples) else []

    def names(
        self, declared: Iterable[Token], found: Sequence[Token]
    ) -> list[NamedNode]:
        """Return the IRIs that the tokens *found* stand for."""
        if not found:
            return []
        marks = [NamedNode(f"urn:x-exequatur:named:{n}") for n in range(len(found))]
        body = " . ".join(
            f"{mark} a {token.text}" for mark, token in zip(marks, found, strict=True)
        )
        triples = self.triples(declared, body, found[0].start)
        meant = {triple.subject: triple.object for triple in triples}
        return [name for mark in marks if isinstance(name := meant[mark], NamedNode)]

    def _check_group(self, group: list[Part]) -> None:
        """Parse operations that have the same declarations."""
        head, marks = "", [(0, 0)]
        for token in group[0].declared:
            marks.append((len(head), token.start))
            head += f"{token.text} "
        head += _FAILING
        end = group[-1].end
        start = group[0].body[0].start if group[0].body else end
        marks.append((len(head), start))
        made = head + self._text[start:end]
        try:
            self._engine.update(made, prefixes=self.prefixes, base_iri=self.base)
        except SyntaxError as error:
            raise self._broken(made, marks, str(error)) from error
        except RuntimeError:
            return  # as the operation before it fails

    def _broken(
        self, made: str, marks: list[tuple[int, int]], message: str
    ) -> QueryError:
        """Say where in the request the engine stopped, and what would do."""
        found = offset_of(made, message)
        if found is None:
            return QueryError(message, where="the update request")
        name = undeclared_prefix(self._text, self.prefixes)
        if name:
            return undeclared(self._text, name)
        mark = marks[bisect_right(marks, (found, len(self._text))) - 1]
        offset = min(mark[1] + found - mark[0], len(self._text))
        return syntax_error(self._text, offset, message, language="SPARQL Update")


def unreadable(text: str, at: int) -> QueryError:
    """Return the error for what the engine reads otherwise in part than in whole."""
    return QueryError(
        "what begins here can be read in two ways",
        where=position(text, at),
        advice="put spaces around < and between the words",
    )


def _groups(parts: Sequence[Part]) -> list[list[Part]]:
    """Part the operations where new declarations begin."""
    number = 0
    numbered = []
    for part in parts:
        number += bool(part.prologue)
        numbered.append((number, part))
    return [
        [part for _, part in group]
        for _, group in groupby(numbered, key=lambda pair: pair[0])
    ]
