"""A saved query as an address asks it: its values, and which rows in which order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from flask import request, url_for

from kg.errors import ParameterError
from kg.names import choices, find_entities
from kg.paging import Page, ordered, paged, sought
from kg.parameters import have, parameter_term
from kg.queries import Form
from kg.sparql import dataset_clause
from kg.terms import Literal, NamedNode
from server import paging, protocol
from server.answering import TIMEOUT, timeout_of
from server.context import snapshot
from server.problems import BadRequestError
from server.responses import address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.ordering import Sought
    from kg.parameters import Parameter
    from kg.queries import SavedQuery
    from kg.terms import Term
    from server.protocol import Parameters

WINDOW = 1000
"""So many rows are read at once."""

SORT, ORDER, ROW = "sort", "order", "row"
ASCENDING, DESCENDING = "asc", "desc"
_OF_THE_ANSWER = ("format", TIMEOUT, SORT, ORDER, ROW, *paging.NAMES)


def parameters() -> Parameters:
    """Return the parameters of this request's address."""
    return protocol.read_parameters(request.query_string, where="the address")


@dataclass(frozen=True, slots=True)
class Head:
    """How to sort by a column: where the link leads, and how it is sorted now."""

    href: str
    state: str


@dataclass(frozen=True)
class Question:
    """*saved* with what an address gives; its properties raise what does not fit."""

    saved: SavedQuery
    given: Parameters
    rows: int = 0
    """So many are on a page where the address asks for none, 0 for all."""

    @cached_property
    def text(self) -> str:
        """The query with its values."""
        return self.saved.bind(self.values)

    @cached_property
    def sorted_text(self) -> str:
        """The query with its values, its rows in the order that is asked for."""
        is_falling = self.order == DESCENDING
        if not self.sort:
            return self.text
        return ordered(self.saved, self.text, self.sort, is_falling=is_falling)

    @cached_property
    def shown(self) -> str:
        """The query whose answer is shown: the part of the rows that is asked for."""
        return self.shown_and_more(0)

    @cached_property
    def read(self) -> str:
        """The query that is asked for a page, whose rows are among its answer."""
        return self._part(self.window) if self.window else self.sorted_text

    @cached_property
    def window(self) -> Page | None:
        """The rows that are read at once, with one more; None where it is all.

        They are the same for some pages: who turns these has the question asked once.
        """
        if self.page is None:
            return None
        start = self.page.offset // WINDOW * WINDOW
        end = max(start + WINDOW, self.page.offset + self.page.limit)
        return Page(end - start + 1, start)

    @cached_property
    def sought(self) -> Sought | None:
        """What `read` asks for, where that can be had with less work."""
        if self.window is None:
            return None
        return sought(self.saved, self.sorted_text, self.window)

    def shown_and_more(self, more: int) -> str:
        """Return what `shown` is with so many rows *more*, where it is a part."""
        if self.page is None:
            return self.sorted_text
        return self._part(Page(self.page.limit + more, self.page.offset))

    def _part(self, page: Page) -> str:
        return paged(self.saved, self.sorted_text, page)

    @cached_property
    def page(self) -> Page | None:
        """The page that is asked for, None where it is the whole answer."""
        return paging.read_page(self.given) or self._usual_page

    @cached_property
    def _usual_page(self) -> Page | None:
        has_pages = self.saved.form is Form.SELECT and not dataset_clause(self.text)
        return Page(self.rows) if self.rows and has_pages else None

    @property
    def pages_given(self) -> Mapping[str, list[str]]:
        """The parameters with a page, be it the first though nobody asked for it."""
        is_usual = self.page is not None and self.page is self._usual_page
        return {**self.given, "page": ["1"]} if is_usual else self.given

    @property
    def sort(self) -> str:
        """The column by which the rows are to be sorted, "" where none is named."""
        return protocol.single(self.given, SORT).strip()

    @property
    def order(self) -> str:
        """`asc` or `desc`."""
        order = protocol.single(self.given, ORDER).strip()
        if order not in ("", ASCENDING, DESCENDING):
            raise BadRequestError(
                f"{order[:20]!r} is no order",
                where=f"parameter {ORDER}",
                advice=f"give {ASCENDING} or {DESCENDING}",
            )
        if order and not self.sort:
            raise BadRequestError(
                "an order of which column?",
                where=f"parameter {ORDER}",
                advice=f"name it with {SORT}=",
            )
        return order or ASCENDING

    @property
    def timeout(self) -> str:
        """The parameter `timeout`, "" where there is none."""
        return timeout_of(self.given)

    @cached_property
    def values(self) -> dict[str, Term]:
        """The terms that the address gives; an empty value counts as not given."""
        known = {parameter.name: parameter for parameter in self.saved.parameters}
        values = {}
        for name in self.given:
            text = protocol.single(self.given, name)
            if name in _OF_THE_ANSWER or not text.strip():
                continue
            if name not in known:
                raise ParameterError(
                    f"{self.saved.name} has no parameter {name!r}",
                    advice=have(name, known),
                )
            values[name] = typed_term(known[name], text)
        return values

    @property
    def heads(self) -> dict[str, Head]:
        """The columns of a table, each with the way to sort by it."""
        if self.saved.form is not Form.SELECT:
            return {}
        return {column: self._head(column) for column in self.saved.columns}

    def _head(self, column: str) -> Head:
        kept = self.without("format", SORT, ORDER, "offset", "page")
        is_sorted = column == self.sort
        is_rising = is_sorted and self.order == ASCENDING
        falling = {ORDER: [DESCENDING]} if is_rising else {}
        href = self.href({**kept, SORT: [column], **falling})
        state = ("ascending" if is_rising else "descending") if is_sorted else "none"
        return Head(href, state)

    @property
    def permalink(self) -> str:
        """The address with every value as it stays, whatever things will be called."""
        kept = self.without("format", TIMEOUT, *self.values)
        lasting = {
            name: [_lasting(term)]
            for name, term in {**self._defaults(), **self.values}.items()
        }
        return self.href({**lasting, **kept})

    def _defaults(self) -> dict[str, Term]:
        return {p.name: p.default for p in self.saved.parameters if p.default}

    def href(self, given: Mapping[str, list[str]]) -> str:
        """Return the address of the same query with *given*."""
        return address(url_for("queries.answered", name=self.saved.name), given)

    def without(self, *names: str) -> dict[str, list[str]]:
        """Return the parameters but for *names*, and for those without a value."""
        return {
            name: values
            for name, values in self.given.items()
            if name not in names and any(values)
        }

    def evidence(self, row: int | None = None) -> str:
        """Return the address of the evidence of *row* of what is shown, or of all."""
        named = {} if row is None else {ROW: [str(row)]}
        path = url_for("evidence.told", name=self.saved.name)
        return address(path, {**self.without("format", ROW), **named})

    def evidence_given(self) -> str:
        """Return the address of the evidence of the row that the address names."""
        path = url_for("evidence.told", name=self.saved.name)
        return address(path, self.without("format"))

    def evidence_as_json(self, row: int | None = None) -> str:
        """Return the address of the same for programs."""
        href = self.evidence(row)
        return f"{href}{'&' if '?' in href else '?'}format=json"


def _lasting(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def typed_term(parameter: Parameter, text: str) -> Term:
    """Return the term that *text* means for *parameter*; raise ParameterError."""
    here = snapshot()
    find, members = partial(find_entities, here), partial(choices, here)
    return parameter_term(parameter, text, find, members)
