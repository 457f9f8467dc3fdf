"""Mend what pyshacl repeats for each focus node, where the outcome is always the same.

Results stay the same: the tests compare them with those of pyshacl as it is. Where it
gives up on values that cannot be compared or reckoned with, there is a result now.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import pyshacl.shape
from pyshacl.constraints import (
    ALL_CONSTRAINT_PARAMETERS,
    CONSTRAINT_PARAMETERS_MAP,
)
from pyshacl.constraints.core import value_range_constraints
from pyshacl.constraints.core.property_pair_constraints import (
    LessThanConstraintComponent,
    LessThanOrEqualsConstraintComponent,
)
from pyshacl.errors import ReportableRuntimeError
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from rdflib import Literal
from rdflib.plugins.sparql.parserutils import Expr
from rdflib.plugins.sparql.sparql import SPARQLError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import rdflib
    from pyshacl.constraints.constraint_component import ConstraintComponent

    Compared = tuple[bool, list[Any]]

_SUMS = {"AdditiveExpression", "MultiplicativeExpression", "UnaryMinus", "UnaryPlus"}

_check = SPARQLQueryHelper.check_invalid_sparql


@cache
def hasten_pyshacl() -> None:
    """Make pyshacl faster in this process; a second call does nothing."""
    # Each predicate of each shape was sought in a list of some 30 names.
    parameters = frozenset(ALL_CONSTRAINT_PARAMETERS)
    pyshacl.shape.CONSTRAINT_PARAMS = (parameters, CONSTRAINT_PARAMETERS_MAP)  # type: ignore[attr-defined]
    _mend_comparisons()
    _mend_expressions()
    # Five regular expressions took six milliseconds to pass over a query's text.
    SPARQLQueryHelper.check_invalid_sparql = _checked  # type: ignore[method-assign]


def _mend_expressions() -> None:
    """Let values that an operator does not take be an error of the expression.

    SPARQL 1.1, 17.2: a type error, of which a filter makes false. rdflib ends instead
    with whatever Python raises, as where an IRI is added to a date; and it adds what
    only claims to be a number without end.
    """
    evaluate = Expr.eval

    def evaluated(expression: Expr, ctx: Any = {}) -> Any:  # noqa: ANN401, B006 - rdflib's
        try:
            return evaluate(expression, ctx)
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            return SPARQLError(str(error))
        except RecursionError as error:
            if expression.name not in _SUMS:  # the shapes may go in circles
                raise
            return SPARQLError(str(error))

    Expr.eval = evaluated  # type: ignore[assignment, method-assign]


def _mend_comparisons() -> None:
    """Let what cannot be compared be a result, as SHACL has it, and not an end."""
    for component, name in (
        (LessThanConstraintComponent, "_compare_lt"),
        (LessThanOrEqualsConstraintComponent, "_compare_ltoe"),
    ):
        setattr(component, name, _pair_by_pair(getattr(component, name)))

    ranges: Any = value_range_constraints
    compare = ranges.compare_literal

    def compared(value: Literal, other: Literal) -> int:
        try:
            return int(compare(value, other))
        except ArithmeticError as error:  # what is not a number has no order
            raise TypeError(str(error)) from error

    ranges.compare_literal = compared


def _pair_by_pair(compare: Callable[..., Compared]) -> Callable[..., Compared]:
    def compared(
        component: ConstraintComponent,
        values: Iterable[rdflib.term.Node],
        others: Iterable[rdflib.term.Node],
        graph: rdflib.Graph,
        focus: rdflib.term.Node,
    ) -> Compared:
        reports = []
        for value, other in product(values, others):
            try:
                _must_compare(value, other)
                reports += compare(component, {value}, {other}, graph, focus)[1]
            except (ArithmeticError, ReportableRuntimeError, TypeError):
                made = component.make_v_result(graph, focus, value_node=value)  # type: ignore[arg-type]
                reports.append(made)
        return bool(reports), reports

    return compared


def _must_compare(value: rdflib.term.Node, other: rdflib.term.Node) -> None:
    """Raise TypeError where *value* has no order with *other* (ill-typed dates)."""
    # `<=` takes the NotImplemented that stands for this as true.
    if isinstance(value, Literal) and value.__lt__(other) is NotImplemented:
        msg = f"{value!r} and {other!r} cannot be compared"
        raise TypeError(msg)


def _checked(
    helper: SPARQLQueryHelper,
    sparql_text: str,
    valuenode: rdflib.term.Node | None = None,
    extravars: Any = None,  # noqa: ANN401 - names, passed on as they come
) -> bool:
    names = frozenset(extravars or ())
    return _allowed(sparql_text, valuenode is not None, names)


@lru_cache(maxsize=1_000)
def _allowed(text: str, has_value: bool, names: frozenset[str]) -> bool:
    # What is forbidden raises, and is not remembered.
    helper = SPARQLQueryHelper(None, None, text)  # type: ignore[no-untyped-call]
    return bool(_check(helper, text, has_value or None, names))  # type: ignore[no-untyped-call]
