"""Whether two servers give the same answers, where a query leaves no choice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import urllib3
from pyoxigraph import (
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from bench.public.recording import GRAPH, RESULTS

LONGEST = 60.0
"""Seconds that an answer may take."""
_CUT = re.compile(r"\b(?:LIMIT|OFFSET)\s+\d+", re.IGNORECASE)
_ORDER = re.compile(r"\bORDER\s+BY\s[^?{]*\?(\w+)", re.IGNORECASE)
_IS_GRAPH = re.compile(r"^\s*(?:CONSTRUCT|DESCRIBE)\b", re.IGNORECASE | re.MULTILINE)

Row = frozenset[tuple[str, str]]
Ask = Callable[[str], "Answer"]


class RefusedError(Exception):
    """A server did not answer a query; the message is what it said instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer in their order, or its triples as rows in any order."""

    rows: tuple[Row, ...]

    @classmethod
    def read(cls, body: bytes, *, is_graph: bool) -> Answer:
        """Return what SPARQL results or RDF in XML say; raise RefusedError.

        Blank nodes are told apart by their labels: the benchmark has none.
        """
        try:
            if is_graph:
                triples = {str(quad.triple) for quad in parse(body, RdfFormat.RDF_XML)}
                return cls(tuple(frozenset({("", each)}) for each in sorted(triples)))
            told = parse_query_results(body, QueryResultsFormat.XML)
            if not isinstance(told, QuerySolutions):
                raise RefusedError("no rows")
            names = [variable.value for variable in told.variables]
            return cls(
                tuple(
                    frozenset(
                        (name, str(term))
                        for name, term in zip(names, row, strict=True)
                        if term is not None
                    )
                    for row in told
                )
            )
        except (SyntaxError, ValueError) as error:
            raise RefusedError(f"no such XML: {error}") from error

    def values(self, name: str) -> list[str | None]:
        """Return what the variable *name* is in each row, in their order."""
        return [dict(row).get(name) for row in self.rows]

    def same(self, other: Answer) -> bool:
        """Tell whether both have the same rows, each as often, in whatever order."""
        return Counter(self.rows) == Counter(other.rows)


def agree(query: str, ours: Ask, theirs: Ask) -> bool:
    """Tell whether two servers answer *query* the same; raise RefusedError.

    Rows are compared as often as they come. Where those of the two differ and the query
    is cut by LIMIT, each may leave out others of those that are sorted alike: what they
    are sorted by must be the same in both, and so must be all rows without the cut.
    """
    one, other = ours(query), theirs(query)
    if one.same(other):
        return _sorted_alike(query, one, other)
    if not _CUT.search(query) or len(one.rows) != len(other.rows):
        return False
    if not _sorted_alike(query, one, other):
        return False
    whole = _CUT.sub("", query)
    return ours(whole).same(theirs(whole))


def _sorted_alike(query: str, one: Answer, other: Answer) -> bool:
    by = _ORDER.search(query)
    return by is None or one.values(by[1]) == other.values(by[1])


def asking(url: str) -> Ask:
    """Return what asks the endpoint *url*, as the driver does, and reads its answer."""
    pool = urllib3.PoolManager(timeout=LONGEST, retries=False)

    def ask(query: str) -> Answer:
        is_graph = _IS_GRAPH.search(query) is not None
        accept = {"Accept": GRAPH if is_graph else RESULTS}
        try:
            answer = pool.request("GET", url, fields={"query": query}, headers=accept)
        except urllib3.exceptions.HTTPError as error:
            raise RefusedError(str(error)) from error
        if answer.status != 200:
            raise RefusedError(f"status {answer.status}")
        return Answer.read(answer.data, is_graph=is_graph)

    return ask


@dataclass(slots=True)
class Agreement:
    """The answers of the first server that is asked, with which others' are compared.

    *queries* are told by their numbers in the benchmark.
    """

    queries: list[tuple[int, str]]
    _first: dict[str, Answer] = field(default_factory=dict)

    def compare(self, ask: Ask) -> tuple[int, list[str]]:
        """Ask all *queries*; return how many agree, and tell of the others.

        The first time there is nothing to compare with: what is answered agrees.
        """
        is_first = not self._first
        told = list(self._told(ask, is_first=is_first))
        wrong: dict[str, int] = Counter(line for line in told if line)
        return told.count(""), [f"{line}, {n} times" for line, n in wrong.items()]

    def _told(self, ask: Ask, *, is_first: bool) -> Iterator[str]:
        for number, query in self.queries:
            try:
                if is_first:
                    self._first[query] = ask(query)
                    self._keep_whole(query, ask)
                    yield ""
                else:
                    same = agree(query, self._first.__getitem__, ask)
                    yield "" if same else f"query {number} is answered otherwise"
            except KeyError:
                yield f"query {number} was not answered by the first"
            except RefusedError as error:
                yield f"query {number}: {error}"

    def _keep_whole(self, query: str, ask: Ask) -> None:
        if _CUT.search(query):
            whole = _CUT.sub("", query)
            self._first[whole] = ask(whole)
