"""Which literals lie in which datatype, by value: a small table of XSD's spaces."""

from __future__ import annotations

import re
from calendar import monthrange
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from kg.terms import RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.terms import Literal

LITERAL = f"{RDFS}Literal"
LANG_STRING = f"{RDF}langString"
DIR_LANG_STRING = f"{RDF}dirLangString"
PLAIN_LITERAL = f"{RDF}PlainLiteral"
XML_LITERAL = f"{RDF}XMLLiteral"

_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}
_NAME_START = r"[^\W\d]"
_STRINGS = {
    "string": r"(?s:.*)",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "Name": rf"(?:{_NAME_START}|:)[\w.:·-]*",
    "NCName": rf"{_NAME_START}[\w.·-]*",
    "NMTOKEN": r"[\w.:·-]+",
}
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_DATE = rf"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DECIMAL = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_FLOAT = rf"(?:{_DECIMAL}(?:[eE][+-]?\d+)?|[+-]?INF|NaN)"
_CLOCK = r"T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?"
_FORMS = {
    **dict.fromkeys(_INTEGERS, r"[+-]?\d+"),
    **_STRINGS,
    "decimal": _DECIMAL,
    "boolean": r"true|false|1|0",
    "float": _FLOAT,
    "double": _FLOAT,
    "hexBinary": r"(?:[0-9a-fA-F]{2})*",
    "base64Binary": r"(?:[A-Za-z0-9+/] ?)*(?:= ?){0,2}",
    "anyURI": r"[^\s<>\"{}|\\^`]*",
    "date": rf"{_DATE}{_ZONE}?",
    "time": rf"{_TIME}{_ZONE}?",
    "dateTime": rf"{_DATE}T{_TIME}{_ZONE}?",
    "dateTimeStamp": rf"{_DATE}T{_TIME}{_ZONE}",
    "gYear": rf"{_YEAR}{_ZONE}?",
    "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}?",
    "gMonth": rf"--{_MONTH}{_ZONE}?",
    "gMonthDay": rf"--(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}?",
    "gDay": rf"---{_DAY}{_ZONE}?",
    "duration": rf"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:{_CLOCK})?",
    "dayTimeDuration": rf"-?P(?=.)(?:\d+D)?(?:{_CLOCK})?",
    "yearMonthDuration": r"-?P(?=.)(?:\d+Y)?(?:\d+M)?",
}
_FAMILIES = {
    **dict.fromkeys(_INTEGERS, "decimal"),
    **dict.fromkeys(_STRINGS, "string"),
    "dateTimeStamp": "dateTime",
    "dayTimeDuration": "duration",
    "yearMonthDuration": "duration",
}
KNOWN = frozenset(
    {LITERAL, LANG_STRING, DIR_LANG_STRING, PLAIN_LITERAL, XML_LITERAL}
    | {f"{XSD}{name}" for name in _FORMS}
)
"""The datatypes whose values are told apart here."""


def is_well_formed(literal: Literal) -> bool:
    """Tell whether the text of *literal* fits its own datatype, where that is known."""
    datatype = literal.datatype.value
    return not datatype.startswith(XSD) or _fits(datatype[len(XSD) :], literal.value)


def lies_in(literal: Literal, datatypes: Iterable[str]) -> bool | None:
    """Tell whether the value of *literal* is in all *datatypes*; None if unknown."""
    answers = {_lies_in(literal, datatype) for datatype in datatypes}
    if False in answers:
        return False
    return None if None in answers else True


def _lies_in(literal: Literal, datatype: str) -> bool | None:
    own = literal.datatype.value
    if own == datatype or datatype == LITERAL:
        return is_well_formed(literal)
    if datatype == PLAIN_LITERAL:
        return own == LANG_STRING or _lies_in(literal, f"{XSD}string")
    if own not in KNOWN or datatype not in KNOWN:
        return None
    if not (own.startswith(XSD) and datatype.startswith(XSD)):
        return False
    return is_well_formed(literal) and _has_value_in(
        literal.value, own[len(XSD) :], datatype[len(XSD) :]
    )


def _has_value_in(text: str, own: str, datatype: str) -> bool:
    family = _FAMILIES.get(own, own)
    if family != _FAMILIES.get(datatype, datatype):
        return False
    if family == "decimal":
        return _is_number_in(Decimal(text), datatype)
    return _fits(datatype, text)


def _is_number_in(number: Decimal, datatype: str) -> bool:
    if datatype not in _INTEGERS:
        return True
    low, high = _INTEGERS[datatype]
    return (
        number == number.to_integral_value()
        and (low is None or number >= low)
        and (high is None or number <= high)
    )


@cache
def _pattern(datatype: str) -> re.Pattern[str] | None:
    form = _FORMS.get(datatype)
    if form is None:
        return None
    return re.compile(form, re.UNICODE if datatype in _STRINGS else re.ASCII)


def _fits(datatype: str, text: str) -> bool:
    pattern = _pattern(datatype)
    if pattern is None:
        return True
    match = pattern.fullmatch(text)
    if match is None:
        return False
    if datatype in _INTEGERS:
        return _is_number_in(Decimal(text), datatype)
    return _is_day_of_month(match.groupdict())


def _is_day_of_month(parts: dict[str, str]) -> bool:
    if "day" not in parts:
        return True
    named = parts.get("year", "2000")
    # The calendar repeats every 400 years, so the last four digits tell; it knows only
    # years from 1 on.
    last = int(named[-4:])
    year = 2000 + (-last if named.startswith("-") else last) % 400
    return int(parts["day"]) <= monthrange(year, int(parts["month"]))[1]
