"""What the gate answers, and what it must know of the present."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sized
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from kg.created import Quads, of_graph
from kg.report import Check, Finding, Severity
from kg.terms import INFERRED, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.change import Change
    from kg.rules import Clash
    from kg.terms import GraphName, Node, Term, Triple


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

    def settle(self) -> None:
        """Make sure that what was looked up so far is known, before it is built on.

        A state may take what it does not know yet for nothing, to learn what else will
        be asked of it; then it ends here what is judged by that.
        """
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

    def settle(self) -> None:
        """Do nothing: all is known."""


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
    added: AbstractSet[Quad]
    removed: AbstractSet[Quad]

    @property
    def accepted(self) -> bool:
        """Whether no finding is a violation."""
        return all(f.severity is not Severity.VIOLATION for f in self.findings)

    def added_with(self, logged: Collection[Quad]) -> Collection[Quad]:
        """Return all quads to add, and *logged*, which are none of them."""
        return _Both(self.added, logged)

    @property
    def inferred(self) -> int:
        """How many triples newly follow by the ontology."""
        found = of_graph(self.added, INFERRED)
        return len(found) if isinstance(found, Sized) else sum(1 for _ in found)


class _Both(Collection[Quad]):
    """Two collections that have nothing in common."""

    def __init__(self, *parts: Collection[Quad]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[Quad]:
        return chain.from_iterable(self._parts)

    def __contains__(self, quad: object) -> bool:
        return any(quad in part for part in self._parts)

    def of_graph(self, graph: GraphName) -> Iterator[Quad]:
        """Yield those of *graph*."""
        for part in self._parts:
            yield from of_graph(part, graph)


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
