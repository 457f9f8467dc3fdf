"""SPARQL as rdflib reads it, by one thread at a time."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from rdflib.plugins.sparql.algebra import (
    translatePName,
    translatePrologue,
    translateQuery,
    traverse,
)
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query

# Each rule of the grammar learns with its first use how many arguments its action
# takes. Two threads that teach it at once leave it wrong for as long as the process
# lasts: nothing with that rule can be read any more.
_READING = threading.Lock()


def read_by_rdflib(text: str) -> Query:
    """Return the query *text* in rdflib's algebra; raise what rdflib raises."""
    with _READING:
        return translateQuery(parseQuery(text))


def check_by_rdflib(text: str) -> None:
    """Read the query *text*, for what rdflib raises where it cannot."""
    with _READING:
        parseQuery(text)


def functions_of(text: str, prefixes: dict[str, str], base: str | None) -> list[str]:
    """Return the IRIs of the functions that the query *text* calls, sorted.

    None where rdflib cannot read it, though it is one.
    """
    found: set[str] = set()

    def note(part: object) -> None:
        if isinstance(part, CompValue) and part.name == "Function":
            found.add(str(part.iri))

    with _READING, suppress(Exception):
        head, body = parseQuery(text)
        prologue = translatePrologue(head, base, prefixes)
        named = traverse(body, visitPost=partial(translatePName, prologue=prologue))
        traverse(named, visitPre=note)
    return sorted(found)
