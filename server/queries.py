"""`/queries`: the saved questions, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, g, url_for

from kg.answers import write_rdf
from kg.errors import ExequaturError, ParameterError
from kg.formats import Kind, for_kind
from kg.names import choices, things
from kg.paging import counting
from kg.prefixes import prefixes
from kg.queries import Form
from kg.query_triples import query_triples
from kg.readers import KeptAnswer
from kg.terms import QUERIES, Literal, NamedNode
from server import paging, protocol
from server.answering import answering, answering_page, written
from server.beside import StillAtWorkError
from server.charts import charts_of
from server.context import MIXED, accept, house, snapshot
from server.offers import JSON, PAGE, Offer, offers, offers_of, select
from server.problems import BadRequestError
from server.question import ROW, Question, parameters, typed_term
from server.responses import (
    address,
    as_json,
    data,
    downloads,
    page,
    problem_for,
    see_other,
    wants_page,
)
from server.tables import MOST_ROWS, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from kg.answers import Answer
    from kg.names import Candidate
    from kg.ordering import Sought
    from kg.queries import Parameter, SavedQuery
    from kg.readers import ReaderAnswer
    from kg.store import Snapshot
    from server.tables import AnswerTable

    _Answering = Callable[[str], AbstractContextManager[Answer | ReaderAnswer]]

blueprint = Blueprint("queries", __name__)

_LIST = (JSON, *offers(for_kind(Kind.GRAPH), page=True))
_TEXT = Offer(protocol.QUERY, "sparql")
_DEFINITION = (*offers(for_kind(Kind.GRAPH)), JSON, _TEXT)
_MOST_CHOICES = 400
_MOST_TOTALS = 1000


@blueprint.get("/queries")
def listed() -> Response:
    """List the saved queries: as a page, as JSON, or as RDF in SHACL's terms."""
    named = protocol.formats(parameters())
    saved = house().graph.queries.values()
    offer = select(accept(), named, _LIST)
    if offer is PAGE:
        return page("queries.html", themes=by_tag(saved))
    if offer.format is None:
        return as_json([_described(query) for query in saved])
    body = snapshot().dump(offer.format, graph=QUERIES, prefixes=prefixes())
    return data(body, offer.content_type)


@blueprint.get("/queries/<name>")
def answered(name: str) -> Response:
    """Answer the query *name*, its parameters taken from the address."""
    asked = Question(house().graph.queries[name], parameters())
    try:
        return _answer(asked)
    except StillAtWorkError:
        return _form(asked, status=202, is_pending=True)
    except ExequaturError as error:
        if not wants_page():
            raise
        problem = problem_for(error)
        return _form(asked, status=problem.status, problem=problem)


@blueprint.get("/queries/<name>/definition")
def definition(name: str) -> Response:
    """Send the query itself: in SHACL's terms as RDF, as JSON, or its text."""
    saved = house().graph.queries[name]
    named = protocol.formats(parameters())
    offer = select(accept(), named, _DEFINITION)
    if offer is JSON:
        return as_json({**_described(saved), "sparql": saved.text})
    if offer.format is None:
        return data(saved.text, f"{offer.content_type}; charset=utf-8")
    base = house().links.base
    said = query_triples([saved], base, endpoint=f"{base}sparql")
    body = write_rdf(said, offer.format, prefixes=prefixes())
    return data(body, offer.content_type)


@blueprint.get("/query/<name>")
def named(name: str) -> Response:
    """Answer 303: the IRI of a query is that of its definition's subject."""
    return see_other(_definition_of(house().graph.queries[name]))


def page_texts(saved: SavedQuery) -> tuple[str, Sought | None, str]:
    """Return what the page of *saved* without parameters asks: its rows, their number.

    The number is asked for only where it does not come with the rows, and these do not
    fit on the page.
    """
    asked = Question(saved, {}, rows=paging.USUAL_ROWS)
    count = counting(saved, asked.text) if asked.page else ""
    return asked.read, asked.sought, count


def by_tag(saved: Iterable[SavedQuery]) -> dict[str, list[SavedQuery]]:
    """Return the queries under each of their tags, both in alphabetical order."""
    found: dict[str, list[SavedQuery]] = {}
    for query in saved:
        for tag in query.tags or ("other",):
            found.setdefault(tag, []).append(query)
    return dict(sorted(found.items()))


def by_theme(saved: Iterable[SavedQuery]) -> dict[str, list[SavedQuery]]:
    """Return each query under the first of its tags alone."""
    found: dict[str, list[SavedQuery]] = {}
    for query in saved:
        found.setdefault(next(iter(query.tags), "other"), []).append(query)
    return dict(sorted(found.items()))


def _described(query: SavedQuery) -> dict[str, object]:
    return {
        "name": query.name,
        "summary": query.summary,
        "description": query.description,
        "tags": list(query.tags),
        "columns": list(query.columns),
        "parameters": [_described_parameter(entry) for entry in query.parameters],
        "href": url_for("queries.answered", name=query.name),
        "definition": _definition_of(query),
    }


def _definition_of(query: SavedQuery) -> str:
    return url_for("queries.definition", name=query.name)


def _described_parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "kind": str(parameter.kind),
        "of": parameter.of.value if parameter.of else None,
        "summary": parameter.summary,
        "default": parameter.default_text,
    }


def _answer(asked: Question) -> Response:
    if protocol.single(asked.given, ROW).strip():
        raise BadRequestError(
            "an answer is not asked for by the number of a row",
            where=f"parameter {ROW}",
            advice=f"see what makes the row true at {asked.evidence_given()}",
        )
    named = protocol.formats(asked.given)
    if select(accept(), named, offers_of(_kind(asked.saved), page=True)) is PAGE:
        return _answer_by_page(replace(asked, rows=paging.USUAL_ROWS))
    # One after the other: whoever holds a reader must not wait for a second one.
    count = counting(asked.saved, asked.text) if asked.page else ""
    total = _total(count, answering) if count else None
    with answering(asked.shown, form=named, timeout=asked.timeout) as answer:
        offer = select(accept(), named, offers_of(answer.kind, page=True))
        response = written(answer, offer)
    _point(response, asked.saved, _pages(asked, total), total)
    return response


def _kind(saved: SavedQuery) -> Kind:
    return Kind.GRAPH if saved.form is Form.CONSTRUCT else Kind.RESULTS


def _answer_by_page(asked: Question) -> Response:
    """Send a page of the answer; where the address does not say, of the usual size."""
    most = asked.page.limit if asked.page else MOST_ROWS
    first = (
        asked.page.offset - asked.window.offset if asked.page and asked.window else 0
    )
    with answering_page(
        asked.read, timeout=asked.timeout, sought=asked.sought
    ) as answer:
        table = table_of(
            answer,
            snapshot(),
            base=house().links.base,
            most=min(most, MOST_ROWS),
            first=first,
        )
    total = answer.total if isinstance(answer, KeptAnswer) else None
    if asked.page and total is None:
        known = asked.page.offset + len(table.rows)
        is_last = not table.is_cut and (table.rows or not asked.page.offset)
        count = counting(asked.saved, asked.text)
        total = known if is_last else _total(count, answering_page)
    pages = _pages(asked, total)
    response = _shown(asked, table, pages, total)
    _point(response, asked.saved, pages, total)
    return response


def _pages(asked: Question, total: int | None) -> Mapping[str, str]:
    if asked.page is None or total is None:
        return {}
    return paging.page_links(asked.pages_given, asked.page, total, asked.href)


# Who turns the pages of an answer has its rows counted once.
_TOTALS: WeakKeyDictionary[Snapshot, dict[str, int]] = WeakKeyDictionary()


def _total(text: str, answer_to: _Answering) -> int:
    """Return the number that a query for one answers."""
    known = _TOTALS.get(snapshot(), {})
    if text in known:
        return known[text]
    with answer_to(text) as answer:
        found = [term for row in answer.rows() for term in row]
    total = int(found[0].value) if isinstance(found[0], Literal) else 0
    if getattr(g, MIXED, False):
        return total
    # By now the request may read a later version: that from which the answer is.
    kept = _TOTALS.setdefault(snapshot(), {})
    if len(kept) >= _MOST_TOTALS:
        kept.clear()
    kept[text] = total
    return total


def _point(
    response: Response, saved: SavedQuery, pages: Mapping[str, str], total: int | None
) -> None:
    """Say where the other pages are, how many rows there are, and what was asked."""
    links = [f'<{href}>; rel="{relation}"' for relation, href in pages.items()]
    links.append(f'<{_definition_of(saved)}>; rel="describedby"')
    response.headers["Link"] = ", ".join(links)
    if total is not None:
        response.headers["X-Total-Count"] = str(total)


def _shown(
    asked: Question, table: AnswerTable, pages: Mapping[str, str], total: int | None
) -> Response:
    kept = asked.without("format", *paging.NAMES)
    links = downloads(
        _kind(asked.saved),
        asked.saved.name,
        lambda name: asked.href({**kept, "format": [name]}),
    )
    return _form(
        asked,
        text=asked.text,
        table=table,
        downloads=links,
        pages=pages,
        first=asked.page.offset + 1 if asked.page else 1,
        total=total,
        heads=asked.heads if table.rows else {},
        evidence=None if asked.saved.form is Form.CONSTRUCT else asked.evidence,
        permalink=asked.permalink,
        charts=charts_of(table, snapshot(), house().links.href),
    )


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter as the form shows it: its *value*, and *options* to choose from."""

    parameter: Parameter
    value: str
    options: tuple[Candidate, ...]


# A snapshot never changes, so what its forms offer is gathered once.
_FIELDS: WeakKeyDictionary[Snapshot, dict[Parameter, Field]] = WeakKeyDictionary()


def _field(parameter: Parameter, given: Mapping[str, list[str]]) -> Field:
    known = _FIELDS.setdefault(snapshot(), {})
    if parameter not in known:
        known[parameter] = _empty_field(parameter)
    value = next(iter(given.get(parameter.name, ())), "")
    return replace(known[parameter], value=value) if value else known[parameter]


def _empty_field(parameter: Parameter) -> Field:
    # Of many, what is typed is completed: a list of the first of them would mislead.
    of = parameter.of
    options = choices(snapshot(), of, most=_MOST_CHOICES) if of else []
    return Field(parameter, _default(parameter), tuple(options))


def _default(parameter: Parameter) -> str:
    """Return what a user would type for the default: its label if that is enough."""
    if not isinstance(parameter.default, NamedNode):
        return parameter.default_text
    label = things(snapshot(), [parameter.default])[parameter.default].label
    try:
        meant = typed_term(parameter, label)
    except ParameterError:
        return parameter.default_text
    return label if meant == parameter.default else parameter.default_text


def _form(
    asked: Question, *, text: str = "", status: int = 200, **values: object
) -> Response:
    text = text or asked.saved.text
    empty: dict[str, object] = {
        "table": None,
        "problem": None,
        "text": text,
        "editor": address(url_for("sparql.by_get"), {"query": [text]}),
        "pages": {},
        "first": 1,
        "total": None,
        "heads": {},
        "charts": (),
        "evidence": None,
        "asked": asked,
        "is_pending": False,
    }
    values = {**empty, **values}
    fields = [_field(parameter, asked.given) for parameter in asked.saved.parameters]
    return page("query.html", status=status, query=asked.saved, fields=fields, **values)
