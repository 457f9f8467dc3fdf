"""Answers of the engine: evaluated, walked over, and written in a format."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import QueryBoolean, QuerySolutions

from kg.errors import FormatError, QueryError, StoreDamagedError
from kg.formats import SPREADSHEET, Kind
from kg.merging import merged
from kg.slips import offset_of, syntax_error, undeclared
from kg.sorting import query_sorted
from kg.sparql import (
    dataset_clause,
    position,
    refuse_excess,
    refuse_federation,
    resolved,
    undeclared_prefix,
)
from kg.spreadsheets import write_spreadsheet
from kg.terms import MERGED, DefaultGraph, Literal, NamedNode, Quad, Triple
from kg.writing import RDF_WRITERS, RESULT_WRITERS, write_results, write_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Store as Engine

    from kg.formats import Format
    from kg.terms import Term
    from kg.writing import SupportsWrite

__all__ = [
    "ABBREVIATING",
    "RDF_WRITERS",
    "RESULT_WRITERS",
    "Answer",
    "evaluate",
    "write_rdf",
]

_FUNCTION = re.compile(r"(?<=custom function )<[^>]*>")

ABBREVIATING = frozenset({"n3", "rdfxml", "trig", "turtle"})
"""The formats that can use prefixes."""

Statement = TypeVar("Statement", Quad, Triple)


class Answer:
    """What a query answers; walk over it or serialise it, once.

    *kind* is RESULTS for SELECT and ASK, GRAPH for CONSTRUCT and DESCRIBE.
    """

    def __init__(
        self,
        found: QuerySolutions | QueryBoolean | Iterator[Triple],
        keep: object = None,
    ) -> None:
        self._found = found
        self._keep = keep  # the snapshot whose version must not be removed meanwhile
        self.is_ask = isinstance(found, QueryBoolean)
        is_table = isinstance(found, QuerySolutions | QueryBoolean)
        self.kind = Kind.RESULTS if is_table else Kind.GRAPH

    @property
    def variables(self) -> tuple[str, ...]:
        """The projected variables in order; none for ASK, CONSTRUCT and DESCRIBE."""
        if isinstance(self._found, QuerySolutions):
            return tuple(variable.value for variable in self._found.variables)
        return ()

    def __bool__(self) -> bool:
        """Return what an ASK query answers; an answer of another kind is true."""
        return bool(self._found) if self.is_ask else True

    def rows(self) -> Iterator[tuple[Term | None, ...]]:
        """Yield the solutions of a SELECT, None where a variable is unbound."""
        if isinstance(self._found, QuerySolutions):
            width = range(len(self.variables))
            for solution in self._found:
                yield tuple(solution[index] for index in width)

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE."""
        if not isinstance(self._found, QuerySolutions | QueryBoolean):
            yield from self._found

    def serialize(
        self, fmt: Format, *, prefixes: Mapping[str, str] | None = None
    ) -> bytes:
        """Write the answer; raise FormatError where *fmt* is of another kind."""
        if not isinstance(self._found, QuerySolutions | QueryBoolean):
            return write_rdf(self._found, fmt, prefixes=prefixes)
        output = io.BytesIO()
        self.write(fmt, output)
        return output.getvalue()

    def write(self, fmt: Format, output: SupportsWrite) -> None:
        """Write the answer of a SELECT or ASK to *output* piece by piece.

        Raise FormatError where *fmt* is of another kind.
        """
        if fmt.kind is not Kind.RESULTS:
            raise FormatError(
                f"{fmt.name} cannot hold the answer of a SELECT or ASK query",
                advice=f"use {', '.join(sorted(RESULT_WRITERS))}",
            )
        if fmt == SPREADSHEET:
            self._write_spreadsheet(output)
        elif isinstance(self._found, QuerySolutions | QueryBoolean):
            write_results(self._found, fmt, output)

    def _write_spreadsheet(self, output: SupportsWrite) -> None:
        if self.is_ask:
            write_spreadsheet(["answer"], [[Literal(bool(self))]], output)
        else:
            write_spreadsheet(self.variables, self.rows(), output)


def evaluate(
    engine: Engine,
    sparql: str,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    *,
    prefixes: Mapping[str, str] | None = None,
    base: str | None = None,
    keep: object = None,
) -> Answer:
    """Evaluate a query in *engine*; see `Snapshot.query` for the contract."""
    sparql = resolved(sparql)
    refuse_federation(sparql)
    refuse_excess(sparql)
    known = dict(prefixes or {})
    if not (default_graphs or named_graphs):
        clause = dataset_clause(sparql, prefixes, base)
        default_graphs = clause.default if clause else ()
        named_graphs = clause.named if clause else ()
    try:
        if default_graphs or named_graphs:
            default = [_graph(name) for name in default_graphs]
            named = [NamedNode(name) for name in named_graphs]
            dataset = merged(engine, default, named)
            found = query_sorted(
                dataset.engine,
                sparql,
                prefixes=known,
                base_iri=base,
                default_graph=dataset.default,
                named_graphs=dataset.named,
            )
        else:
            found = query_sorted(engine, sparql, prefixes=known, base_iri=base)
    except SyntaxError as error:
        raise _syntax_error(sparql, str(error), known) from error
    except ValueError as error:
        raise QueryError(str(error), where="the dataset of the query") from error
    except OSError as error:
        raise StoreDamagedError(str(error), where="the store") from error
    except RuntimeError as error:
        unknown = unknown_function(sparql, str(error))
        if unknown is None:
            raise
        raise unknown from error
    return Answer(found, keep)


def write_rdf(
    found: Iterable[Statement],
    fmt: Format,
    *,
    prefixes: Mapping[str, str] | None = None,
) -> bytes:
    """Write triples or quads in an RDF syntax, in a fixed order.

    Raise FormatError where *fmt* is a format for tables, or has no way to write it.
    """
    if fmt.name not in RDF_WRITERS:
        raise FormatError(
            f"{fmt.name} cannot hold a graph",
            advice=f"use {', '.join(sorted(RDF_WRITERS))}",
        )
    ordered = sorted(found, key=str)
    used = _used(prefixes or {}, ordered) if fmt.name in ABBREVIATING else {}
    output = io.BytesIO()
    write_statements(ordered, fmt, output, used)
    return _with_sorted_prefixes(output.getvalue())


def _used(
    prefixes: Mapping[str, str], statements: Iterable[Quad | Triple]
) -> dict[str, str]:
    """Return the prefixes whose namespace some IRI of *statements* begins with."""
    spaces = {iri[: _end_of_space(iri)] for one in statements for iri in _iris(one)}
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if namespace in spaces
    }


def _end_of_space(iri: str) -> int:
    return max(iri.rfind("#"), iri.rfind("/")) + 1


def _iris(statement: Quad | Triple) -> Iterator[str]:
    graph = statement.graph_name if isinstance(statement, Quad) else None
    for part in (statement.subject, statement.predicate, statement.object, graph):
        if isinstance(part, Literal):
            yield part.datatype.value
        elif isinstance(part, NamedNode):
            yield part.value


def _with_sorted_prefixes(body: bytes) -> bytes:
    """Sort the lines that declare prefixes; the engine gives them in any order."""
    lines = body.split(b"\n")
    head = 0
    while lines[head].startswith(b"@prefix "):
        head += 1
    return b"\n".join(sorted(lines[:head]) + lines[head:])


def _graph(name: str) -> NamedNode | DefaultGraph:
    return DefaultGraph() if name == MERGED.value else NamedNode(name)


def unknown_function(sparql: str, message: str) -> QueryError | None:
    """Return what to raise where *message* says that a function is not known."""
    found = _FUNCTION.search(message)
    if found is None:
        return None
    offset = sparql.find(found[0])
    return QueryError(
        f"there is no function {found[0]}",
        where=position(sparql, offset) if offset >= 0 else "the query",
        advice="have those of SPARQL 1.1, and the casts of XML Schema",
    )


def _syntax_error(sparql: str, message: str, known: Mapping[str, str]) -> QueryError:
    """Say where a text stops being SPARQL, and what would do."""
    found = undeclared_prefix(sparql, known)
    if found:
        return undeclared(sparql, found)
    offset = offset_of(sparql, message)
    if offset is None:
        return QueryError(message, where="the query")
    return syntax_error(sparql, offset, message)
