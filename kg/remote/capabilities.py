"""What a SPARQL store does as this program needs it, and what follows where not."""

from __future__ import annotations

import contextlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kg.canonical import canonical_literal
from kg.errors import StoreError, StoreRefusedError
from kg.remote.client import Client
from kg.remote.engine import RemoteEngine
from kg.remote.failures import FailedError, UnaskableError
from kg.remote.record import DEFAULT, NAMED
from kg.remote.updates import Guarded, insert_linked
from kg.terms import RECORD, XSD, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.remote.place import Place

OF_ITS_OWN = "the default graph is a graph of its own"
IN_TRANSACTIONS = "commits are serialisable transactions"
_WRITERS = 4
_ROUNDS = 10
_MOST_SHOWN = 40
_LONG = 4_000
_OF_1_1 = """ASK {
  VALUES ?a { 1 2 } BIND(?a + 1 AS ?b) FILTER(?b = 3 && ?n = 0)
  { SELECT (COUNT(*) AS ?n) WHERE { ?s <urn:x:nothing> ?o } }
  FILTER NOT EXISTS { <urn:x:s> (<urn:x:nothing>/^<urn:x:nothing>)+ ?c }
}"""
_S, _P = NamedNode("urn:x:s"), NamedNode("urn:x:p")


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether a store does something; what it *means* where it does not.

    Without one that is *needed* it cannot be used.
    """

    name: str
    holds: bool
    needed: bool
    means: str = ""


def capabilities(place: Place) -> Iterator[Capability]:
    """Try out what the store at *place* does, in a graph that is removed again.

    Raise StoreError where it cannot be reached, or lets nobody write.
    """
    engine = RemoteEngine(Client(place))
    graph = NamedNode(f"{RECORD.value}/check-{secrets.token_hex(4)}")
    trial = _Trial(engine, graph)
    spoken = trial.speaks()
    yield spoken
    if not spoken.holds:
        return
    try:
        yield from trial.all()
    except StoreError:
        with contextlib.suppress(StoreError):  # what was the matter first is told
            trial.clear()
        raise
    trial.clear()


def fitting(place: Place) -> str:
    """Return where the store at *place* can keep the merged view (see `Record`).

    Raise StoreError where the store cannot be used.
    """
    view = DEFAULT
    for one in capabilities(place):
        if one.name == OF_ITS_OWN and not one.holds:
            view = NAMED
        if one.needed and not one.holds:
            raise StoreError(
                f"this store cannot be used: {one.name}: {one.means}",
                where=place.url,
                advice="`kg store check` tells all that it does",
            )
    return view


class _Trial:
    """Updates and queries in one graph, and what came of them."""

    def __init__(self, engine: RemoteEngine, graph: NamedNode) -> None:
        self._engine = engine
        self._graph = graph
        self._other = NamedNode(f"{graph.value}-other")

    def clear(self) -> None:
        self._update(
            f"DROP SILENT GRAPH {self._graph} ;\nDROP SILENT GRAPH {self._other}"
        )

    def speaks(self) -> Capability:
        """Try a query of what SPARQL 1.0 has not."""
        try:
            known = bool(self._engine.client.select(_OF_1_1))
        except (UnaskableError, FailedError):
            known = False
        return Capability(
            "queries are those of SPARQL 1.1",
            known,
            needed=True,
            means="it may speak SPARQL 1.0: nothing of what is here could be asked",
        )

    def all(self) -> Iterator[Capability]:
        self._insert(f"{_S} {_P} 1")
        yield Capability(
            "what was written can be read at once",
            self._ask(f"GRAPH {self._graph} {{ {_S} {_P} 1 }}"),
            needed=True,
            means="a change could not be judged by the ones before it",
        )
        is_own = not self._ask(f"{_S} {_P} 1")
        yield Capability(
            OF_ITS_OWN,
            is_own,
            needed=False,
            means="it mixes all graphs: the merged view is kept in graph/merged, and"
            " queries are put inside that",
        )
        if not is_own:
            yield self._nested()
        yield self._guard()
        yield self._turns()
        yield from self._transactions()
        yield self._whole()
        yield self._graphs_by_protocol()
        yield from self._literals()
        yield self._blank_nodes()
        yield self._long()
        yield self._vanishing()

    def _nested(self) -> Capability:
        """Try to ask a graph within what is asked of another (SPARQL 1.1, 13.3)."""
        self._update(f"INSERT DATA {{ GRAPH {self._other} {{ {_S} {_P} 2 }} }}")
        inside = f"GRAPH {self._other} {{ {_S} {_P} 2 }}"
        try:
            found = self._ask(f"GRAPH {self._graph} {{ {_S} {_P} 1 . {inside} }}")
        except (UnaskableError, FailedError):
            found = False
        return Capability(
            "a graph may be asked inside another",
            found,
            needed=False,
            means="a query that says something in GRAPH, and something outside, is"
            " refused or answered otherwise",
        )

    def _guard(self) -> Capability:
        self._update(
            f"DELETE {{ GRAPH {self._graph} {{ {_S} {_P} 1 }} }}"
            f" INSERT {{ GRAPH {self._graph} {{ {_S} {_P} 2 }} }}"
            f" WHERE {{ GRAPH {self._graph} {{ {_S} {_P} 3 }} }}"
        )
        held = self._ask(f"GRAPH {self._graph} {{ {_S} {_P} 1 }}")
        done = self._ask(f"GRAPH {self._graph} {{ {_S} {_P} 2 }}")
        return Capability(
            "an update whose WHERE finds nothing does nothing",
            held and not done,
            needed=True,
            means="commits of several writers would overwrite each other",
        )

    def _turns(self) -> Capability:
        """Try whether of guarded updates at once no more than one is done."""
        one = True
        with ThreadPoolExecutor(_WRITERS) as pool:
            for number in range(_ROUNDS):
                predicate = NamedNode(f"urn:x:turn{number}")
                self._insert(f"{_S} {predicate} 0")
                list(pool.map(partial(self._take_turn, predicate), range(_WRITERS)))
                values = self._engine.quads_for_pattern(
                    _S, predicate, None, self._graph
                )
                one = one and sum(1 for _ in values) == 1
        return Capability(
            "of commits at once only one is done",
            one,
            needed=False,
            means="servers on several machines may overwrite each other: let one"
            " machine write (its processes wait for each other)",
        )

    def _transactions(self) -> Iterator[Capability]:
        """Try whether a repository of RDF4J's REST API begins a transaction."""
        had = self._engine.client.has_transactions()
        if had is not None:
            yield Capability(
                IN_TRANSACTIONS,
                had,
                needed=False,
                means="a commit is a single update, and of two at once by servers on"
                " several machines both may be done: let one machine write",
            )

    def _take_turn(self, predicate: NamedNode, number: int) -> None:
        old = f"GRAPH {self._graph} {{ {_S} {predicate} 0 }}"
        new = f"GRAPH {self._graph} {{ {_S} {predicate} {number + 1} }}"
        # A store may refuse one that is in another's way: then it is not done.
        with contextlib.suppress(StoreError):
            self._engine.client.commit(Guarded(guard=old, removed=old, added=new))

    def _whole(self) -> Capability:
        """Try whether a request that fails in the middle leaves nothing done."""
        refused = False
        try:
            self._engine.client.update(
                f"INSERT DATA {{ GRAPH {self._graph} {{ {_S} {_P} 4 }} }} ;\n"
                f"CREATE GRAPH {self._graph}"
            )
        except StoreError:
            refused = True
        left = self._ask(f"GRAPH {self._graph} {{ {_S} {_P} 4 }}")
        return Capability(
            "a request is done whole or not at all",
            not (refused and left),
            needed=False,
            means="a commit is a single operation all the same; of a copy that broke"
            " off, parts may stand until it is resumed",
        )

    def _graphs_by_protocol(self) -> Capability:
        graphs = {"default-graph-uri": [self._graph.value]}
        found = self._engine.client.select(f"ASK {{ {_S} {_P} 1 }}", graphs)
        return Capability(
            "the protocol's parameters choose the dataset",
            bool(found),
            needed=False,
            means="queries with default-graph-uri, and FROM, read something else",
        )

    def _literals(self) -> Iterator[Capability]:
        for name, literal in _LITERALS:
            kept = canonical_literal(literal)
            yield Capability(
                f"{name} come back as they were",
                self._comes_back(kept),
                needed=False,
                means=f"{_short(kept)} is another term there: what has it is found, and"
                " removed, only where the store takes both for the same",
            )

    def _comes_back(self, literal: Literal) -> bool:
        """Tell whether *literal* is read as it was written, found, and removed."""
        predicate = NamedNode(f"urn:x:{secrets.token_hex(4)}")
        quad = Quad(_S, predicate, literal, self._graph)
        triple = f"{_S} {predicate} {literal}"
        try:
            self._insert(triple)
            found = list(
                self._engine.quads_for_pattern(_S, predicate, None, self._graph)
            )
            known = quad in self._engine
            self._update(f"DELETE DATA {{ GRAPH {self._graph} {{ {triple} }} }}")
            return found == [quad] and known and quad not in self._engine
        except StoreError:
            return False

    def _blank_nodes(self) -> Capability:
        data = f"GRAPH {self._graph} {{ _:a {_P} _:b . _:b {_P} 5 }}"
        try:
            insert_linked(self._engine.client, data)
            linked = self._ask(f"GRAPH {self._graph} {{ ?a {_P} ?b . ?b {_P} 5 }}")
        except UnaskableError:
            linked = False
        return Capability(
            "blank nodes of one request are the same node",
            linked,
            needed=True,
            means="the ontology and the shapes have lists, and would fall apart",
        )

    def _long(self) -> Capability:
        """Try a request as long as that of a graph whose blank nodes are linked."""
        lines = " ".join(f"_:a {_P} _:n{n} ." for n in range(_LONG))
        there = f"GRAPH {self._graph} {{ ?a {_P} ?b FILTER(isBlank(?b)) }}"
        try:
            insert_linked(self._engine.client, f"GRAPH {self._graph} {{ {lines} }}")
            (row,) = self._engine.solutions(
                f"SELECT (COUNT(DISTINCT ?b) AS ?n) WHERE {{ {there} }}"
            )
            taken = row[0] is not None and int(row[0].value) >= _LONG
        except StoreRefusedError:
            taken = False
        return Capability(
            f"a request of {_LONG:,} triples is taken",
            taken,
            needed=True,
            means="the ontology and the shapes are as long, and cannot go in parts",
        )

    def _vanishing(self) -> Capability:
        self._update(f"DELETE WHERE {{ GRAPH {self._graph} {{ ?s ?p ?o }} }}")
        there = f"GRAPH ?g {{}} FILTER(?g = {self._graph})"
        return Capability(
            "a graph that has lost its last triple is not there any more",
            not self._ask(there),
            needed=False,
            means="`GRAPH ?g {}` lists graphs that hold nothing",
        )

    def _insert(self, triples: str) -> None:
        self._update(f"INSERT DATA {{ GRAPH {self._graph} {{ {triples} }} }}")

    def _update(self, text: str) -> None:
        self._engine.client.update(text)

    def _ask(self, group: str) -> bool:
        return bool(self._engine.client.select(f"ASK {{ {group} }}"))


def _short(literal: Literal) -> str:
    text = str(literal)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _typed(value: str, name: str) -> Literal:
    return Literal(value, datatype=NamedNode(f"{XSD}{name}"))


_LITERALS: tuple[tuple[str, Literal], ...] = (
    ("integers", _typed("12345678901234567", "integer")),
    ("decimals", _typed("1.50", "decimal")),
    ("doubles", _typed("1.5E300", "double")),
    ("booleans", _typed("true", "boolean")),
    ("dates", _typed("2024-05-31", "date")),
    ("dates with a time zone", _typed("2024-05-31+03:00", "date")),
    ("moments", _typed("2024-05-31T10:00:00.123Z", "dateTime")),
    ("months", _typed("2024-05", "gYearMonth")),
    ("language tags", Literal("un accord", language="fr-ma")),
    ("texts with quotes, line breaks and tabs", Literal('a "b"\n\tc\\')),
    ("texts outside the basic plane", Literal("\U0001f91d \u0627\u0644")),
    ("long texts", Literal("x" * 1_000_000)),
    ("values of unknown datatypes",
     Literal("2024?", datatype=NamedNode("urn:x:edtf"))),
)  # fmt: skip
