"""RDF4J's ShaclSail: validation as part of the transaction that adds the data.

4.1.3 does not take all of SHACL; it is given the shapes that it can judge by, without
their severities, which it does not know.
"""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

import urllib3
from pyoxigraph import RdfFormat, parse

from bench.load import rdf4j, servers
from bench.load.servers import UnavailableError
from bench.peers.engines import finding_line, keep
from bench.peers.given import read
from kg.terms import SH, BlankNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.load.servers import Server
    from bench.peers.given import Given
    from kg.terms import Term, Triple

NAME = "RDF4J ShaclSail"
NOT_KNOWN = frozenset({"sparql", "disjoint", "equals", "lessThan", "lessThanOrEquals"})
"""Constraints that it leaves out or does not judge in transactions, as its log says."""

_SHAPES = "?context=%3Chttp://rdf4j.org/schema/rdf4j%23SHACLShapeGraph%3E"
_N_TRIPLES = "application/n-triples"


class Shapes:
    """The shapes that have targets, each with all that it is made of."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._about: defaultdict[object, list[Triple]] = defaultdict(list)
        for triple in triples:
            self._about[triple.subject].append(triple)
        self.targeted = [
            node
            for node, said in self._about.items()
            if any(t.predicate.value.startswith(f"{SH}target") for t in said)
        ]
        self.known = [
            node
            for node in self.targeted
            if not any(self._is_unknown(t) for t in self.whole(node))
        ]

    def whole(self, shape: object) -> Iterator[Triple]:
        """Yield what is said of a shape and of everything it leads to."""
        found: set[object] = {shape}
        waiting = [shape]
        while waiting:
            for triple in self._about[waiting.pop()]:
                yield triple
                if triple.object in self._about and triple.object not in found:
                    found.add(triple.object)
                    waiting.append(triple.object)

    def given(self) -> set[Triple]:
        """Return what ShaclSail is given."""
        return {
            triple
            for shape in self.known
            for triple in self.whole(shape)
            if triple.predicate.value != f"{SH}severity"
        }

    def _is_unknown(self, triple: Triple) -> bool:
        name = triple.predicate.value.removeprefix(SH)
        if name == "path" and isinstance(triple.object, BlankNode):
            steps = {t.predicate.value for t in self._about[triple.object]}
            return steps != {f"{SH}inversePath"}
        return name in NOT_KNOWN


def validate(given: Given, seconds: float) -> dict[str, float]:
    """Add the data in one transaction that is validated; keep what was found.

    Return the samples. Raise UnavailableError where it cannot be had or fails, also
    where it does not end within so many seconds.
    """
    shapes = Shapes(read(given.schema)).given()
    server = servers.rdf4j_server(given.folder / "rdf4j", rdf4j.SHACL)
    with server.running(given.folder / "rdf4j.log"):
        told = "".join(f"{triple} .\n" for triple in shapes)
        _post(server, _SHAPES, told.encode(), seconds)
        used, began = server.cpu(), perf_counter()
        report = _post(server, "", given.data.read_bytes(), seconds)
        samples = {
            "seconds": perf_counter() - began,
            "seconds, CPU": server.cpu() - used,
            "peak": server.peak(),
        }
    keep(given, NAME, _reported(report))
    return samples


def _post(server: Server, where: str, triples: bytes, seconds: float) -> bytes:
    """Add *triples*; return the report why it did not take them, empty if it did."""
    try:
        answer = urllib3.request(
            "POST",
            f"http://127.0.0.1:{server.port}{server.path}/statements{where}",
            body=triples,
            headers={"Content-Type": _N_TRIPLES, "Accept": _N_TRIPLES},
            timeout=seconds,
            retries=False,
        )
    except urllib3.exceptions.TimeoutError as error:
        raise UnavailableError(f"not within {seconds:.0f} s") from error
    if answer.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT}:
        raise UnavailableError(f"answers with status {answer.status}")
    return answer.data


def _reported(report: bytes) -> Iterator[str]:
    about: defaultdict[Term, dict[str, Term]] = defaultdict(dict)
    for quad in parse(report, format=RdfFormat.N_QUADS):
        about[quad.subject][quad.predicate.value.removeprefix(SH)] = quad.object
    for said in about.values():
        if "focusNode" in said:
            component = said.get("sourceConstraintComponent")
            yield finding_line(said["focusNode"], component, said.get("sourceShape"))
