"""Judge triples by shapes: pyshacl, with its queries parsed once."""

from __future__ import annotations

import logging
import re
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import rdflib
from pyshacl import ShapesGraph, Validator
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.errors import ConstraintLoadWarning, ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from rdflib import OWL, SH

from kg.errors import ShapesError
from kg.paths import sparql_path
from kg.rdflib_queries import read_by_rdflib
from kg.rdflib_terms import from_rdflib, to_rdflib
from kg.report import Check, Finding, Severity
from kg.shapes.lint import faults, house_faults
from kg.shapes.mending import hasten_pyshacl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyshacl import Shape
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result

    from kg.terms import NamedNode, Node, Term, Triple

Graph = TypeVar("Graph", bound=rdflib.Graph)

_log = logging.getLogger(__name__)

FAULTS = (NotImplementedError, ReportableRuntimeError, re.error)
"""What pyshacl raises for shapes that it cannot judge by."""


def compile_shapes(shapes: Iterable[Triple], *, house_rules: bool = False) -> Shapes:
    """Return *shapes* ready to judge by; raise ShapesError naming every fault.

    With *house_rules*, what this project asks of its own shapes counts too.
    """
    compiled = Shapes(shapes)
    found = faults(compiled.graph)
    if house_rules:
        found += house_faults(compiled.graph)
    if found:
        raise ShapesError("\n".join(found))
    compiled.try_out()
    return compiled


class Shapes:
    """Shapes ready to judge by; this alone accepts what the house's rules would not."""

    def __init__(self, shapes: Iterable[Triple]) -> None:
        _mend_libraries()
        self.graph = _fill(_ShapesGraph(), shapes)
        _import_prefixes(self.graph)
        self.graph.settle()
        self._prepared: dict[str, Query] = {}

    @cached_property
    def parts(self) -> ShapesGraph:
        """The shapes one by one, as pyshacl has them; reading them takes a while."""
        return ShapesGraph(self.graph, logger=_log)

    def try_out(self) -> None:
        """Make every constraint, so that a fault shows now; raise ShapesError.

        The queries that are parsed for it are kept.
        """
        try:
            for shape in self.parts.shapes:
                self._make_constraints(shape)
        except (*FAULTS, ConstraintLoadWarning) as error:
            raise ShapesError(str(error)) from error

    def _make_constraints(self, shape: Shape) -> None:
        for parameter in set(self.graph.predicates(shape.node)):
            constraint_type = CONSTRAINT_PARAMETERS_MAP.get(parameter)
            constraint = constraint_type(shape) if constraint_type else None
            if isinstance(constraint, SPARQLBasedConstraint):
                self._parse(constraint)

    def _parse(self, constraint: SPARQLBasedConstraint) -> None:
        node = constraint.shape.node
        for query in constraint.sparql_constraints:
            text = query.apply_prefixes(query.pre_bind_variables(node)[1])
            try:
                self._prepared[text] = read_by_rdflib(text)
            except Exception as error:
                where, what = node.n3(), "its sh:select is not SPARQL"
                raise ShapesError(f"{where}: {what}: {error}") from error

    def validate(self, data: Iterable[Triple]) -> list[Finding]:
        """Return what the shapes object to in *data*, in a fixed order.

        *data* holds what was asserted, with the class hierarchy that sh:class follows.
        Raise ShapesError where the judging itself fails.
        """
        graph = _fill(_JudgedGraph(self._prepared), data)
        validator = Validator(
            DataGraph.from_rdflib(graph),
            shacl_graph=self.graph,
            options={"inplace": True, "logger": _log},
        )
        try:
            _, report, _ = validator.run()  # type: ignore[no-untyped-call]
        except FAULTS as error:
            raise ShapesError(str(error)) from error
        return read_report(report)

    def parsed(self, text: str) -> Query:
        """Return the query *text*, parsed the first time that it is asked for."""
        if text not in self._prepared:
            self._prepared[text] = read_by_rdflib(text)
        return self._prepared[text]


class _ShapesGraph(rdflib.Graph):
    """Shapes, of which pyshacl asks the same for each node that it judges.

    Once it is settled, what is looked up of its own nodes is remembered.
    """

    def __init__(self) -> None:
        super().__init__(store="SimpleMemory", bind_namespaces="none")
        self._known: dict[object, dict[object, tuple[Any, ...]]] = {}

    def settle(self) -> None:
        """Take it that little will be added any more."""
        self._known = {subject: {} for subject in self.subjects(unique=True)}

    def add(self, triple: Any) -> Self:  # noqa: ANN401 - as rdflib has it
        """Add *triple*; pyshacl still does, of classes in general."""
        self._known.pop(triple[0], None)
        return super().add(triple)

    def triples(self, triple: Any) -> Iterator[Any]:  # type: ignore[override]  # noqa: ANN401 - as rdflib has it
        """Yield the triples that have these parts; a predicate may be a path."""
        subject, predicate, object_ = triple
        known = self._known.get(subject)
        if known is None or isinstance(predicate, rdflib.paths.Path):
            return super().triples(triple)
        key = predicate, object_
        if key not in known:
            known[key] = tuple(super().triples(triple))
        return iter(known[key])


class _JudgedGraph(rdflib.Graph):
    """An in-memory graph that parses each query text once.

    pyshacl hands over the same text for every focus node, and parsing it would take
    most of the time.
    """

    def __init__(self, prepared: dict[str, Query]) -> None:
        super().__init__(bind_namespaces="none")
        self._prepared = prepared

    def query(
        self,
        query_object: str | Query,
        *args: Any,  # noqa: ANN401 - passed on as they come
        **kwargs: Any,  # noqa: ANN401
    ) -> Result:
        if isinstance(query_object, str):
            query_object = self._parsed(query_object)
        return super().query(query_object, *args, **kwargs)

    def _parsed(self, text: str) -> Query:
        if text not in self._prepared:
            self._prepared[text] = read_by_rdflib(text)
        return self._prepared[text]


def _fill(graph: Graph, triples: Iterable[Triple]) -> Graph:
    for triple in triples:
        s, p, o = (to_rdflib(term) for term in triple)
        graph.add((s, p, o))
    return graph


def _import_prefixes(shapes: rdflib.Graph) -> None:
    # pyshacl reads sh:declare of the value of sh:prefixes only, not of what it imports.
    for name in set(shapes.objects(None, SH.prefixes)):
        for imported in shapes.transitive_objects(name, OWL.imports):
            for declaration in list(shapes.objects(imported, SH.declare)):
                shapes.add((name, SH.declare, declaration))


def read_report(report: rdflib.Graph) -> list[Finding]:
    """Return the results of the sh:ValidationReport in *report*, in a fixed order."""
    results = report.objects(None, SH.result)
    return in_order(read_result(report, node) for node in results)


def read_result(report: rdflib.Graph, result: rdflib.term.Node) -> Finding:
    """Return the sh:ValidationResult *result* of *report* as a Finding."""

    def term(predicate: rdflib.URIRef) -> Term | None:
        value = report.value(result, predicate)
        return from_rdflib(value) if isinstance(value, rdflib.term.Identifier) else None

    path = report.value(result, SH.resultPath)
    return Finding(
        check=Check.SHAPE,
        severity=_severity(report.value(result, SH.resultSeverity)),
        focus=cast("Term", term(SH.focusNode)),
        message=_message(report.objects(result, SH.resultMessage)),
        shape=cast("Node", term(SH.sourceShape)),
        component=cast("NamedNode", term(SH.sourceConstraintComponent)),
        path="" if path is None else sparql_path(report, path),
        value=term(SH.value),
    )


def _severity(term: rdflib.term.Node | None) -> Severity:
    known = {SH[severity.value]: severity for severity in Severity}
    return known.get(cast("rdflib.URIRef", term), Severity.VIOLATION)


def _message(messages: Iterable[rdflib.term.Node]) -> str:
    """Join the messages; those in English or in no stated language come first."""
    found = [cast("rdflib.Literal", message) for message in messages]
    found.sort(key=lambda m: (m.language not in {None, "en"}, str(m)))
    return " ".join(str(m) for m in found)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* in the order in which they are told."""
    return sorted(findings, key=_order)


def _order(finding: Finding) -> tuple[int, tuple[str, ...]]:
    parts = (finding.focus, finding.shape, finding.path, finding.value)
    rank = list(Severity).index(finding.severity)
    return rank, (*map(str, parts), str(finding.component), finding.message)


def _mend_libraries() -> None:
    """Let a message quote any value, and keep ill-typed values off the terminal.

    pyshacl 0.40 takes the value for a template of the regular expression, so that a
    backslash in somebody's data would end the validation. rdflib logs a traceback for
    each literal that its datatype does not allow, or warns; here that is a result.
    """
    hasten_pyshacl()
    ConstraintComponent._format_sparql_based_result_message = _fill_message  # type: ignore[method-assign]
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "Parsing weird boolean", module="rdflib")


def _fill_message(_: ConstraintComponent, message: str, bound: object) -> str:
    values = _bound_values(*bound) if isinstance(bound, tuple) else bound
    given = cast("Mapping[str, object]", values)
    return re.sub(
        r"\{[?$](\w+)\}", lambda match: str(given.get(match[1], match[0])), message
    )


def _bound_values(
    this: object,
    path: object,
    value: object,
    others: Mapping[str, object] | None = None,
) -> dict[str, object]:
    given = {"this": this, "path": path, "value": value}
    return {**(others or {}), **{k: v for k, v in given.items() if v is not None}}
