"""Judge a change by shapes: only the nodes to which it can matter, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, cast

import rdflib
from pyshacl import Validator
from pyshacl.pytypes import SHACLExecutor

from kg.deadline import check
from kg.errors import ShapesError
from kg.rdflib_terms import from_rdflib, to_rdflib
from kg.report import finding_key
from kg.shapes.engine import FAULTS, read_report
from kg.shapes.footprints import All, Footprints, footprints_of
from kg.shapes.many import suspects
from kg.shapes.patterns import touched
from kg.shapes.remembering import Remembering
from kg.shapes.sharing import Sharing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pyshacl import Shape
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result

    from kg.report import Finding
    from kg.shapes.engine import Shapes
    from kg.shapes.footprints import Nodes
    from kg.shapes.patterns import Clause
    from kg.shapes.routes import Lookup
    from kg.terms import Node, Term, Triple

    Identifier = rdflib.term.Identifier


@dataclass(frozen=True, slots=True)
class LocalVerdict:
    """The findings, before and after a change, of all that it can concern.

    Those of the whole graph after it are those of the whole before it, without
    *before*, and with *after*; the same finding may stand there more than once. What
    ends here but is found at a target that is not concerned stands in both.
    """

    before: list[Finding]
    after: list[Finding]


def judge_change(
    shapes: Shapes,
    old: Lookup,
    new: Lookup,
    added: set[Triple],
    removed: set[Triple],
    stands: Callable[[Node], bool] | None = None,
) -> LocalVerdict:
    """Judge the change from *old* to *new*: just those triples *added* and *removed*.

    *stands* tells of a shape whether there is a result of it in *old*, where that is
    known; what gives none need not be judged there. Raise ShapesError where the judging
    itself fails.
    """
    judge = judge_of(shapes)
    known = old if isinstance(old, Remembering) else Remembering(old)
    states = known, Remembering(new)
    affected = judge.footprints.affected(added, removed, *states)
    standing = affected
    if stands is not None:
        standing = {
            s: n for s, n in affected.items() if judge.sharing.may_tell(s, stands)
        }
    before = judge.findings(judge.suspects(standing, states[0]), states[0])
    after = judge.findings(judge.suspects(affected, states[1]), states[1])
    kept = set(map(finding_key, after))
    ended = [finding for finding in before if finding_key(finding) not in kept]
    if ended:
        others = judge.sharing.others(ended, affected, states[1])
        also = judge.findings(others, states[1])
        before, after = before + also, after + also
    return LocalVerdict(before, after)


@lru_cache(maxsize=4)
def judge_of(shapes: Shapes) -> Judge:
    """Return what judges by *shapes*, made once."""
    return Judge(shapes)


class Judge:
    """Asks pyshacl about single nodes; what it needs of the shapes is made once."""

    def __init__(self, shapes: Shapes) -> None:
        self.footprints: Footprints = footprints_of(shapes)
        self._shapes = shapes
        self._graph = shapes.parts
        self._by_node: dict[Node, Shape] = {
            cast("Node", from_rdflib(shape.node)): shape for shape in self._graph.shapes
        }

    @cached_property
    def sharing(self) -> Sharing:
        """Which targets can give the same finding."""
        return Sharing(self._shapes, self.footprints)

    def suspects(
        self, affected: Mapping[Node, Nodes], state: Remembering
    ) -> Mapping[Node, Nodes]:
        """Return of *affected* what may fail in *state*; see `kg.shapes.many`."""
        return suspects(self._shapes, self.footprints, affected, state)

    def findings(
        self, affected: Mapping[Node, Nodes], state: Remembering
    ) -> list[Finding]:
        """Return what the shapes find at these of their targets in *state*."""
        window = _Window(state, self._shapes, self.footprints.questions)
        results: list[tuple[Any, ...]] = []
        try:
            for shape in sorted(affected, key=str):
                nodes = self._focus_nodes(shape, affected[shape], state)
                results += self._results(self._by_node[shape], nodes, window)
            return self._told(results) if results else []
        except FAULTS as error:
            raise ShapesError(str(error)) from error

    def _focus_nodes(self, shape: Node, nodes: Nodes, state: Remembering) -> set[Term]:
        targets = self.footprints.targets[shape]
        if isinstance(nodes, All):
            return targets.all(state)
        return {node for node in nodes if targets.have(node, state)}

    def _results(
        self, shape: Shape, nodes: set[Term], window: _Window
    ) -> list[tuple[Any, ...]]:
        if not nodes:
            return []
        focus = window.aim(nodes)
        _, results = shape.validate(SHACLExecutor(), window, focus=cast("Any", focus))
        return cast("list[tuple[Any, ...]]", results)

    def _told(self, results: list[tuple[Any, ...]]) -> list[Finding]:
        report, _ = Validator.create_validation_report(self._graph, False, results)
        return read_report(cast("rdflib.Graph", report))


class _Copy(rdflib.Graph):
    """A small graph to ask, for as long as the judging may take."""

    def triples(self, triple: Any) -> Iterator[Any]:  # type: ignore[override]  # noqa: ANN401 - as rdflib has it
        check()
        return super().triples(triple)


class _Window(rdflib.Graph):
    """A state as pyshacl looks at it: nothing is copied before it is asked for.

    Queries are the exception: rdflib may read all triples of a predicate for one focus
    node, so what a query can touch from there is copied to a small graph first.
    """

    def __init__(
        self,
        state: Lookup,
        shapes: Shapes,
        questions: Mapping[str, tuple[Clause, ...]],
    ) -> None:
        super().__init__(bind_namespaces="none")
        self._state = state
        self._shapes = shapes
        self._questions = questions
        self._focus: frozenset[Term] = frozenset()
        self._copy = _Copy(store="SimpleMemory", bind_namespaces="none")
        self._copied: set[object] = set()
        self._shown: dict[Term, Identifier] = {}
        self._meant: dict[Identifier, Term] = {}

    def aim(self, nodes: Iterable[Term]) -> list[Identifier]:
        """Return *nodes*, the focus nodes of the next shape, as rdflib has them."""
        self._focus = frozenset(nodes)
        return [self._show(node) for node in sorted(self._focus, key=str)]

    def _show(self, term: Term) -> Identifier:
        found = self._shown.get(term)
        if found is None:
            found = self._shown[term] = to_rdflib(term)
            self._meant[found] = term
        return found

    def _mean(self, term: Identifier | None) -> Any:  # noqa: ANN401 - any part
        if term is None:
            return None
        return self._meant.get(term) or from_rdflib(term)

    def triples(self, triple: Any) -> Iterator[Any]:  # type: ignore[override]  # noqa: ANN401 - as rdflib has it
        """Yield the triples that have these parts; a predicate may be a path."""
        check()
        subject, predicate, object_ = triple
        if isinstance(predicate, rdflib.paths.Path):
            for start, end in predicate.eval(self, subject, object_):
                yield start, predicate, end
        elif not isinstance(subject, rdflib.Literal):
            parts = (self._mean(part) for part in triple)
            for found in self._state.triples(*parts):
                yield self._shown_triple(found)

    def _shown_triple(self, triple: Triple) -> Any:  # noqa: ANN401
        return tuple(self._show(term) for term in triple)

    def query(
        self,
        query_object: str | Query,
        *args: Any,  # noqa: ANN401 - passed on as they come
        **kwargs: Any,  # noqa: ANN401
    ) -> Result:
        text = str(query_object)
        query = self._shapes.parsed(text)
        if text not in self._questions:
            return super().query(query, *args, **kwargs)
        self._fetch(text, self._mean(kwargs["initBindings"]["this"]))
        return self._copy.query(query, *args, **kwargs)

    def _fetch(self, text: str, focus: Term) -> None:
        """Copy what the query *text* can read for *focus*, and for its companions."""
        if (text, focus) in self._copied:
            return
        nodes = self._focus if focus in self._focus else {focus}
        self._copied.update((text, node) for node in nodes)
        for clause in self._questions[text]:
            for triple in touched(clause, nodes, self._state) - self._copied:
                self._copied.add(triple)
                self._copy.add(self._shown_triple(triple))


__all__ = ["Judge", "LocalVerdict", "judge_change", "judge_of"]
