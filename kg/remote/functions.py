"""Functions that the embedded engine does not know, refused before a store is asked.

A store may answer a query that calls such a one as if nothing were the matter: to
SPARQL 1.1 it is an error in an expression, which FILTER takes for false (17.3).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kg.answers import unknown_function
from kg.rdflib_queries import functions_of
from kg.sparql import tokens
from kg.store import scratch

if TYPE_CHECKING:
    from collections.abc import Mapping


def refuse_unknown_functions(
    sparql: str, prefixes: Mapping[str, str] | None, base: str | None
) -> None:
    """Raise QueryError where *sparql*, which can be parsed, calls what is no function.

    *prefixes* and *base* are those that hold where it has none of its own.
    """
    if not any(
        one.kind in {"iri", "name"} and other.text == "("
        for one, other in pairwise(tokens(sparql))
    ):
        return
    for name in functions_of(sparql, dict(prefixes or {}), base):
        try:
            bool(scratch().query(f"ASK {{ FILTER(<{name}>(1)) }}"))
        except (SyntaxError, RuntimeError, ValueError, OSError) as error:
            unknown = unknown_function(sparql, str(error))
            if unknown is not None:
                raise unknown from error
