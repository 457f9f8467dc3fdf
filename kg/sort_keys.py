"""What a term is sorted by, so that any two terms can be compared.

The engine compares literals by their value where it can, else by their characters, and
by that 9 < 10, 10 < "5" and "5" < 9. A sort that notices it takes the process down. So
a literal that is no number of the engine is sorted by a text that comes after those:
larger numbers, truth values, points in time and lengths of time by their value, then
all others by their characters. Where `<` is defined, that is the order. An hour without
a zone is taken for one of UTC.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.terms import XSD, Literal, Triple

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.terms import Term

_LAST = "~"
"""Comes after all that a number begins with."""

_LARGEST = 10**18
"""No exponent of a number is larger."""

_EXACT = Context(prec=2_000)
_LONGEST = 1_000
"""Digits of a number; of longer ones the rest does not count."""

_FLOAT = re.compile(
    r"[+\-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?|[+\-]?INF|NaN"
)
# The engine holds no larger ones: it would compare them by their characters.
_WHOLE = re.compile(r"[+\-]?(?:[0-9]{1,18}|(?:[0-8][0-9]|9[01])[0-9]{17})")
_DECIMAL = re.compile(r"[+\-]?(?=\.?[0-9])[0-9]{0,19}(?:\.[0-9]{0,18})?")
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_ZONE = r"(?P<zone>Z|[+\-]\d\d:\d\d)?"
_POINT = re.compile(
    r"(?:(?P<year>-?\d{4,})?(?:-?-(?P<month>\d\d))?(?:-{1,3}(?P<day>\d\d))?T?)??"
    rf"(?:(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d(?:\.\d+)?))?{_ZONE}"
)
_LENGTH = re.compile(
    r"(?P<sign>-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_DAY = 86_400
_DAYS_OF_YEAR = Decimal("365.2425")
_YEAR = _DAYS_OF_YEAR * _DAY
_SECONDS = (_YEAR, _YEAR / 12, *map(Decimal, (_DAY, 3600, 60, 1)))
_ERA = 400  # years after which the calendar is the same
_DAYS_OF_ERA = 146_097


def sort_key(term: Term) -> Term:
    """Return a term to compare in the place of *term*."""
    if isinstance(term, Literal):
        datatype, value = term.datatype.value, term.value
        held = _NUMBERS.get(datatype)
        if held is not None and held.fullmatch(value):
            return term
        if datatype in _VALUES:
            return _by_value(value, datatype)
        return Literal(f"{_LAST}9{value}\0{datatype}\0{term.language or ''}")
    if isinstance(term, Triple):
        return Triple(term.subject, term.predicate, sort_key(term.object))
    return term


@lru_cache(maxsize=10_000)
def _by_value(value: str, datatype: str) -> Literal:
    order, read = _VALUES[datatype]
    try:
        text = _by_number(read(value))
    except (ArithmeticError, ValueError):  # not what its datatype says
        order, text = "9", value
    return Literal(f"{_LAST}{order}{text}")


def _by_number(number: Decimal) -> str:
    """Return a text that comes where *number* comes among numbers."""
    if not number:
        return "4"
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")[:_LONGEST]
    text = f"{_LARGEST + number.adjusted():020}{digits}"
    # Of two that begin alike, the longer one is farther from zero.
    return f"3{text.translate(_COMPLEMENT)}~" if number < 0 else f"5{text}"


def _number(value: str) -> Decimal:
    if not _FLOAT.fullmatch(value):
        raise ValueError(value)
    return Decimal(value)


def _truth(value: str) -> Decimal:
    return Decimal(value in {"true", "1"})


def _point(value: str) -> Decimal:
    """Return the seconds up to a point in time; what it does not say is the first."""
    found = _POINT.fullmatch(value)
    if found is None:
        raise ValueError(value)
    era, year = divmod(int(found["year"] or 4), _ERA)
    month, day = int(found["month"] or 1), int(found["day"] or 1)
    days = date(year + _ERA, month, day).toordinal() + era * _DAYS_OF_ERA
    minutes = 60 * int(found["hour"] or 0) + int(found["minute"] or 0)
    zone = found["zone"] or "Z"
    if zone != "Z":
        east = 60 * int(zone[1:3]) + int(zone[4:6])
        minutes -= -east if zone[0] == "-" else east
    seconds = _DAY * days + 60 * minutes
    return _EXACT.add(Decimal(seconds), Decimal(found["second"] or 0))


def _length(value: str) -> Decimal:
    """Return the seconds of a duration, with months of the usual length."""
    found = _LENGTH.fullmatch(value)
    if found is None:
        raise ValueError(value)
    seconds = Decimal(0)
    for number, each in zip(found.groups()[1:], _SECONDS, strict=True):
        seconds = _EXACT.fma(Decimal(number or 0), each, seconds)
    return -seconds if found["sign"] else seconds


_INTEGERS = (
    "byte", "int", "integer", "long", "negativeInteger", "nonNegativeInteger",
    "nonPositiveInteger", "positiveInteger", "short", "unsignedByte", "unsignedInt",
    "unsignedLong", "unsignedShort",
)  # fmt: skip
_NUMBERS = {
    **{f"{XSD}{name}": _WHOLE for name in _INTEGERS},
    f"{XSD}decimal": _DECIMAL,
    f"{XSD}double": _FLOAT,
    f"{XSD}float": _FLOAT,
}
_POINTS = (
    "date", "dateTime", "dateTimeStamp", "gDay", "gMonth", "gMonthDay", "gYear",
    "gYearMonth", "time",
)  # fmt: skip
_LENGTHS = ("dayTimeDuration", "duration", "yearMonthDuration")
_VALUES: dict[str, tuple[str, Callable[[str], Decimal]]] = {
    **dict.fromkeys(_NUMBERS, ("0", _number)),
    f"{XSD}boolean": ("1", _truth),
    **{f"{XSD}{name}": ("2", _point) for name in _POINTS},
    **{f"{XSD}{name}": ("3", _length) for name in _LENGTHS},
}
