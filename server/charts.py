"""Pictures of an answer where its columns call for them: bars, a timeline, a map."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from markupsafe import Markup

from kg.names import Thing, spaced
from kg.pictures import bars, map_drawing, timeline
from kg.pictures.dates import reach
from kg.pictures.events import Dated, Timeline
from kg.pictures.kinds import Kind
from kg.pictures.spots import spots_of
from kg.terms import BASE, XSD, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from kg.pictures.svg import Href, Picture
    from kg.store import Snapshot
    from server.tables import AnswerTable, Cell

    Draw: TypeAlias = Callable[..., Picture]

MOST_BARS = 30
MOST_DATES = 60
"""A picture has so many rows at most; the table has the rest."""

_NUMBERS = frozenset(
    f"{XSD}{name}"
    for name in ("integer", "decimal", "double", "float", "nonNegativeInteger", "int")
)
_DAYS = frozenset(
    f"{XSD}{name}" for name in ("date", "dateTime", "gYear", "gYearMonth")
)
_EDTF, _WORDING = "edtf", "wording"
_DAY = len("2024-05-31")


@dataclass(frozen=True, slots=True)
class Chart:
    """An answer drawn for a wide screen and for a narrow one, of so many rows."""

    name: str
    wide: Markup
    narrow: Markup
    rows: int


def charts_of(table: AnswerTable, here: Snapshot, href: Href) -> list[Chart]:
    """Return the pictures of *table*, that which says most of it first."""
    charts = [
        _as_timeline(table, href), map_of(table, here, href), _as_bars(table, href)
    ]  # fmt: skip
    return [chart for chart in charts if chart]


def map_of(table: AnswerTable, here: Snapshot, href: Href) -> Chart | None:
    """Return the map of *table*, None where none of its columns is of places."""
    rows = [
        [_thing(cell, term) for cell, term in zip(row, terms, strict=True)]
        for row, terms in zip(table.rows, table.terms, strict=True)
    ]
    found = spots_of(here, [spaced(name) for name in table.columns], rows)
    if found is None:
        return None

    def draw(*, is_narrow: bool = False) -> Picture:
        return map_drawing.drawn(found, href, is_narrow=is_narrow)

    return _chart("On a map", draw, len(rows))


def _thing(cell: Cell | None, term: object) -> Thing | None:
    """Return what a cell stands for: a thing where it leads to one."""
    if cell is None:
        return None
    node = _node(cell.iri)
    value = term if isinstance(term, Literal) else Literal(cell.text)
    return Thing(node or value, cell.text)


def chart_of(table: AnswerTable, href: Href) -> Chart | None:
    """Return *table* as a timeline or as bars, None where neither fits."""
    return _as_timeline(table, href) or _as_bars(table, href)


def _chart(name: str, draw: Draw, rows: int) -> Chart:
    wide, narrow = draw().svg(), draw(is_narrow=True).svg()
    return Chart(name, Markup(wide), Markup(narrow), rows)  # noqa: S704 escaped


# --- bars -------------------------------------------------------------------------


def _as_bars(table: AnswerTable, href: Href) -> Chart | None:
    """Draw numbers of things: the first column names them, each of them once."""
    places = [i for i in range(len(table.columns)) if _has_numbers(table, i)]
    labels = [row[0].text for row in table.rows if row[0]]
    is_key = len(set(labels)) == len(table.rows) > 1
    if not is_key or 0 in places or not 0 < len(places) <= bars.MOST_COLUMNS:
        return None
    names = [spaced(table.columns[place]) for place in places]
    found = [
        bars.Bar(
            label=row[0].text.removeprefix(BASE) if row[0] else "",
            iri=row[0].iri if row[0] else "",
            values=tuple(_number(terms[place]) for place in places),
        )
        for row, terms in zip(table.rows[:MOST_BARS], table.terms, strict=False)
    ]

    def draw(*, is_narrow: bool = False) -> Picture:
        return bars.drawn(names, found, href, is_narrow=is_narrow)

    return _chart("As bars", draw, len(found))


def _has_numbers(table: AnswerTable, place: int) -> bool:
    terms = [row[place] for row in table.terms if row[place] is not None]
    return bool(terms) and all(_number(term) is not None for term in terms)


def _number(term: object) -> float | None:
    """Return the number that *term* is, None where it is none, or less than 0."""
    if not isinstance(term, Literal) or term.datatype.value not in _NUMBERS:
        return None
    try:
        value = float(term.value)
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0 else None


# --- dates ------------------------------------------------------------------------


def _as_timeline(table: AnswerTable, href: Href) -> Chart | None:
    """Draw dates of things: the first column that has none names them."""
    place = next((i for i in _places(table) if _has_dates(table, i)), None)
    if place is None or len(table.columns) < 2:
        return None
    dated = list(dict.fromkeys(_dated(table, place)))[:MOST_DATES]
    known = [one for one in dated if one.reach]
    if len({one.edtf for one in known}) < 2:
        return None
    found = Timeline(
        placed=tuple(_by_day(o for o in known if o.reach and not o.reach.is_yearless)),
        yearless=tuple(_by_day(o for o in known if o.reach and o.reach.is_yearless)),
        undated=tuple(one for one in dated if one.reach is None and one.wording),
        years=(),
        total=len(known),
    )

    def draw(*, is_narrow: bool = False) -> Picture:
        return timeline.drawn(found, href, is_narrow=is_narrow)

    return _chart("As a timeline", draw, len(dated))


def _places(table: AnswerTable) -> Iterator[int]:
    """Yield the columns, that of dates in EDTF before those that may have some."""
    places = range(len(table.columns))
    yield from sorted(places, key=lambda place: table.columns[place] != _EDTF)


def _has_dates(table: AnswerTable, place: int) -> bool:
    terms = [row[place] for row in table.terms if row[place] is not None]
    return bool(terms) and all(_edtf(term) for term in terms)


def _edtf(term: object) -> str:
    """Return the date that *term* is, "" where it is none that can be placed."""
    if not isinstance(term, Literal) or term.language:
        return ""
    if term.datatype.value in _DAYS:
        text = term.value[:_DAY]
    elif term.datatype.value == f"{XSD}string":
        text = term.value
    else:
        return ""
    return text if reach(text) else ""


def _dated(table: AnswerTable, place: int) -> Iterator[Dated]:
    """Yield what each row says is dated; what only has a wording, too."""
    named = next(i for i in range(len(table.columns)) if i != place)
    worded = table.columns.index(_WORDING) if _WORDING in table.columns else None
    for cells, terms in zip(table.rows, table.terms, strict=True):
        cell, date = cells[named], _edtf(terms[place])
        wording = cells[worded] if worded is not None else None
        if cell is not None:
            yield Dated(
                thing=Thing(_node(cell.iri) or Literal(cell.text), cell.text),
                kind=Kind("", "event"),
                wording=wording.text if wording else "",
                edtf=date,
                weekday="",
                reach=reach(date) if date else None,
            )


def _node(iri: str) -> NamedNode | None:
    return NamedNode(iri) if iri else None


def _by_day(dated: Iterator[Dated]) -> Sequence[Dated]:
    return sorted(dated, key=lambda one: str((one.reach and one.reach.first) or ""))
