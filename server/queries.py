"""`/queries`: the saved questions, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, request, url_for

from kg.answers import write_rdf
from kg.errors import ExequaturError, ParameterError
from kg.formats import Kind, for_kind
from kg.names import choices, find_entities, things
from kg.paging import counting, paged
from kg.parameters import have, parameter_term
from kg.prefixes import prefixes
from kg.query_triples import query_triples
from kg.terms import QUERIES, Literal, NamedNode
from server import paging, protocol
from server.answering import TIMEOUT, answering, timeout_of, written
from server.context import accept, house, snapshot
from server.offers import JSON, PAGE, Offer, offers, offers_of, select
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
from server.tables import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.answers import Answer
    from kg.names import Candidate
    from kg.queries import Parameter, SavedQuery
    from kg.readers import ReaderAnswer
    from kg.store import Snapshot
    from kg.terms import Term

blueprint = Blueprint("queries", __name__)

_LIST = (JSON, *offers(for_kind(Kind.GRAPH), page=True))
_TEXT = Offer(protocol.QUERY, "sparql")
_DEFINITION = (*offers(for_kind(Kind.GRAPH)), JSON, _TEXT)
_MOST_CHOICES = 400


@blueprint.get("/queries")
def listed() -> Response:
    """List the saved queries: as a page, as JSON, or as RDF in SHACL's terms."""
    named = protocol.single(_parameters(), "format")
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
    saved = house().graph.queries[name]
    given = _parameters()
    try:
        return _answer(saved, given)
    except ExequaturError as error:
        if not wants_page():
            raise
        problem = problem_for(error)
        return _form(saved, given, status=problem.status, problem=problem)


@blueprint.get("/queries/<name>/definition")
def definition(name: str) -> Response:
    """Send the query itself: in SHACL's terms as RDF, as JSON, or its text."""
    saved = house().graph.queries[name]
    named = protocol.single(_parameters(), "format")
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


def _parameters() -> dict[str, list[str]]:
    return protocol.read_parameters(request.query_string, where="the address")


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


def _answer(saved: SavedQuery, given: Mapping[str, list[str]]) -> Response:
    text = saved.bind(_values(saved, given))
    page_asked = paging.read_page(given)
    # One after the other: whoever holds a reader must not wait for a second one.
    total = _total(counting(saved, text)) if page_asked else None
    pages: Mapping[str, str] = {}
    if page_asked and total is not None:
        href = partial(_address, saved)
        pages = paging.page_links(given, page_asked, total, href)
    named = protocol.single(given, "format")
    text_asked = paged(saved, text, page_asked) if page_asked else text
    with answering(text_asked, form=named, timeout=timeout_of(given)) as answer:
        offer = select(accept(), named, offers_of(answer.kind, page=True))
        if offer.format is None:
            response = _shown(saved, given, text, answer, pages)
        else:
            response = written(answer, offer)
    _point(response, saved, pages, total)
    return response


def _total(text: str) -> int:
    """Return the number that a query for one answers."""
    with answering(text) as answer:
        found = [term for row in answer.rows() for term in row]
    return int(found[0].value) if isinstance(found[0], Literal) else 0


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
    saved: SavedQuery,
    given: Mapping[str, list[str]],
    text: str,
    answer: Answer | ReaderAnswer,
    pages: Mapping[str, str],
) -> Response:
    links = downloads(
        answer.kind,
        saved.name,
        lambda name: _address(saved, {**_without_format(given), "format": [name]}),
    )
    table = table_of(answer, snapshot(), base=house().links.base)
    return _form(saved, given, text=text, table=table, downloads=links, pages=pages)


def _without_format(given: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {key: values for key, values in given.items() if key != "format"}


def _address(saved: SavedQuery, given: Mapping[str, list[str]]) -> str:
    return address(url_for("queries.answered", name=saved.name), given)


def _values(saved: SavedQuery, given: Mapping[str, list[str]]) -> dict[str, Term]:
    """Return the terms that the address gives; an empty value counts as not given."""
    known = {parameter.name: parameter for parameter in saved.parameters}
    values = {}
    for name in given:
        text = protocol.single(given, name)
        if name in ("format", TIMEOUT, *paging.NAMES) or not text.strip():
            continue
        if name not in known:
            raise ParameterError(
                f"{saved.name} has no parameter {name!r}", advice=have(name, known)
            )
        values[name] = _term(known[name], text)
    return values


def _term(parameter: Parameter, text: str) -> Term:
    here = snapshot()
    find, members = partial(find_entities, here), partial(choices, here)
    return parameter_term(parameter, text, find, members)


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
    options = choices(snapshot(), parameter.of) if parameter.of else []
    return Field(parameter, _default(parameter), tuple(options[:_MOST_CHOICES]))


def _default(parameter: Parameter) -> str:
    """Return what a user would type for the default: its label if that is enough."""
    if not isinstance(parameter.default, NamedNode):
        return parameter.default_text
    label = things(snapshot(), [parameter.default])[parameter.default].label
    try:
        meant = _term(parameter, label)
    except ParameterError:
        return parameter.default_text
    return label if meant == parameter.default else parameter.default_text


def _form(
    saved: SavedQuery,
    given: Mapping[str, list[str]],
    *,
    status: int = 200,
    **values: object,
) -> Response:
    empty: dict[str, object] = {
        "table": None,
        "problem": None,
        "text": saved.text,
        "pages": {},
    }
    values = {**empty, **values}
    fields = [_field(parameter, given) for parameter in saved.parameters]
    return page("query.html", status=status, query=saved, fields=fields, **values)
