"""What the gate answers, and what it must know of the present."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from kg.created import Quads
from kg.deadline import check
from kg.report import Check, Finding, Severity
from kg.terms import INFERRED, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.change import Change
    from kg.rules import Clash
    from kg.terms import GraphName, Node, Quad, Term, Triple

_MOST_NAMES = 10_000
"""Among how many entities the one that was meant is looked for."""

_MOST_SLIPS = 3
_END = 4


class State(Quads, Protocol):
    """What the gate must know of the present: the quads that stand."""

    @property
    def version(self) -> int:
        """The number of the last accepted change; 0 before the first."""
        ...

    @property
    def build(self) -> str:
        """The same for all versions with the same ontology and shapes; or empty."""
        ...

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs that there are."""
        ...


class Nothing:
    """The state before the first change."""

    version = 0
    build = ""

    def quads(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield nothing."""
        yield from ()

    def graphs(self) -> list[NamedNode]:
        """Return no names."""
        return []


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a change.

    *change* holds the asserted quads that are really new or really gone; *added* and
    *removed* are all quads to write, those of the merged view, the inferred graph and
    the standing report included. *findings* are new with this change; *repaired*
    counts the standing ones that it ends.
    """

    change: Change
    findings: tuple[Finding, ...]
    repaired: int
    added: frozenset[Quad]
    removed: frozenset[Quad]

    @property
    def accepted(self) -> bool:
        """Whether no finding is a violation."""
        return all(f.severity is not Severity.VIOLATION for f in self.findings)

    @property
    def inferred(self) -> int:
        """How many triples newly follow by the ontology."""
        return sum(quad.graph_name == INFERRED for quad in self.added)


def clash_findings(
    clashes: Iterable[Clash], stated: Callable[[Triple], Iterable[Quad]]
) -> Iterator[Finding]:
    """Yield a finding for each of *clashes*, with the quads that it rests on.

    *stated* gives the quads that assert a triple.
    """
    for clash in clashes:
        yield Finding(
            check=Check.CONSISTENCY,
            severity=Severity.VIOLATION,
            focus=clash.focus,
            message=clash.message,
            premises=tuple(
                quad
                for triple in clash.asserted
                for quad in sorted(stated(triple), key=str)
            ),
        )


def advised(
    findings: Iterable[Finding], described: Iterable[NamedNode], base: str
) -> Iterator[Finding]:
    """Yield *findings*; where an IRI of ours is not described, name the nearest.

    *described* is only gone through where there is such an IRI.
    """
    names: set[str] | None = None
    for finding in findings:
        check()
        advice = []
        for term in dict.fromkeys((finding.value, finding.focus)):
            if not isinstance(term, NamedNode) or not term.value.startswith(base):
                continue
            if names is None:
                names = {node.value for node in islice(described, _MOST_NAMES)}
            if term.value not in names:
                alike = [name for name in names if _is_alike(name, term.value)]
                near = get_close_matches(term.value, alike, n=1, cutoff=0.93)
                advice += [f"did you mean <{name}>?" for name in near]
        yield replace(finding, advice=" ".join(advice))


def _is_alike(name: str, other: str) -> bool:
    """Tell at once whether two IRIs can be near: they begin or end alike."""
    if abs(len(name) - len(other)) > _MOST_SLIPS:
        return False
    half = len(other) // 2 + len(other) // 4
    return name[:half] == other[:half] or name[-_END:] == other[-_END:]
