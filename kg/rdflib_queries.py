"""SPARQL as rdflib reads it, by one thread at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

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
