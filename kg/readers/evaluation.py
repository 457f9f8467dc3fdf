"""What is done with a query, by a reader or where it arrived: evaluated, written."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from kg.answers import write_rdf
from kg.errors import QueryLimitError
from kg.formats import Kind, by_name
from kg.lookups import MOST, read_lookup
from kg.ordering import Ordering, UnsureError
from kg.prefixes import prefixes
from kg.read_off import read_off
from kg.readers.messages import Head
from kg.readers.sink import INLINE_BYTES, Sink, too_many_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kg.answers import Answer
    from kg.formats import Format
    from kg.ordering import Sought
    from kg.readers.messages import Ask, Body, Limits
    from kg.store import Snapshot


def evaluate(
    asked: Ask, here: Snapshot, limits: Limits, path: Path | None
) -> tuple[Answer, Head]:
    """Evaluate a query over *here*; write its answer where its format is known.

    A large one is written to the file *path*. Raise QueryError, QueryLimitError.
    """
    with suppress(UnsureError):
        if asked.sought is not None:
            return _sought(asked, asked.sought, here, limits)
    answer = _asked(asked, asked.sparql, here)
    name = asked.graph if answer.kind is Kind.GRAPH else asked.results
    variables, truth = answer.variables, bool(answer)
    body = write(answer, by_name(name), prefixes(), limits, path) if name else None
    return answer, Head(answer.kind, answer.is_ask, truth, variables, here.tag, body)


def _sought(
    asked: Ask, sought: Sought, here: Snapshot, limits: Limits
) -> tuple[Answer, Head]:
    """Return the rows that are *sought*, and how many there are; raise UnsureError."""
    answer, ordering = _asked(asked, sought.text, here), Ordering(sought)
    variables = answer.variables
    answer.write(by_name("tsv"), ordering)
    if ordering.total > limits.answer_rows:
        raise too_many_rows(limits)
    body, total = ordering.body(), ordering.total
    return answer, Head(answer.kind, False, True, variables, here.tag, body, total)


def _asked(asked: Ask, sparql: str, here: Snapshot) -> Answer:
    return here.query(
        sparql,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        prefixes=asked.prefixes,
        base=asked.base,
    )


def look_up(asked: Ask, here: Snapshot, limits: Limits) -> Head | None:
    """Evaluate a query that cannot run away, and write its answer; None of others."""
    if asked.default_graphs or asked.named_graphs or asked.prefixes:
        return None
    lookup = read_lookup(asked.sparql)
    if lookup is None or not (lookup.is_stream or lookup.is_small(here)):
        return None
    few = _few(limits)
    if asked.results == "json":
        found = read_off(lookup, here, few.answer_rows, few.answer_bytes)
        if found is not None:
            body, variables, is_ask, truth = found
            return Head(Kind.RESULTS, is_ask, truth, variables, here.tag, body)
    try:
        head = evaluate(asked, here, few, None)[1]
    except QueryLimitError:
        return None  # a reader answers it, or says so
    return None if head.body is None else head


@lru_cache(maxsize=100)
def _few(limits: Limits) -> Limits:
    """Return the limits of a look-up among *limits*."""
    return replace(
        limits,
        answer_rows=min(limits.answer_rows, MOST),
        answer_bytes=min(limits.answer_bytes, INLINE_BYTES),
    )


def write(
    answer: Answer,
    fmt: Format,
    abbreviating: Mapping[str, str] | None,
    limits: Limits,
    path: Path | None,
) -> Body:
    """Return *answer* in *fmt*; raise FormatError where that is of another kind."""
    sink = Sink(path, limits, fmt.name)
    try:
        if answer.kind is Kind.GRAPH:
            found = list(islice(answer.triples(), limits.answer_rows + 1))
            if len(found) > limits.answer_rows:
                raise too_many_rows(limits)
            sink.write(write_rdf(found, fmt, prefixes=abbreviating))
        else:
            answer.write(fmt, sink)
        return sink.body()
    except BaseException:
        sink.drop()
        raise
