"""CSV that is safe to open in a spreadsheet: what looks like a formula stays a text.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, which
may run programs or send the sheet elsewhere; so an apostrophe stands before the sign
here. The CSV of SPARQL's results has no room for one, and stays as the standard has it.
"""

from __future__ import annotations

import codecs
import csv
import re
from typing import TYPE_CHECKING

from kg.writing import Encoding, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.terms import Term
    from kg.writing import SupportsWrite

_MARK = "'"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# What spreadsheets disregard before a formula: white space, invisible marks, and, where
# a line is cut at semicolons or tabs instead of commas, quotes. Some take the wide
# forms of the signs for them. A run is taken whole, so that none is read twice.
_BEFORE = r"\s\x00-\x20\"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_RUN = re.compile(
    rf"(?P<before>(?:^|;|[{_BEFORE}])[{_BEFORE}]*+)"
    r"(?P<sign>[=+\-@\uff1d\uff0b\uff0d\uff20])?"
)
_CUT = re.compile(r"[;\t\r\n]")


def write_spreadsheet(
    variables: Sequence[str],
    rows: Iterable[Sequence[Term | None]],
    output: SupportsWrite,
) -> None:
    """Write a table as CSV in UTF-8 with its mark, every cell in quotes."""
    output.write(codecs.BOM_UTF8)
    writer = csv.writer(Encoding(output), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(map(harmless, variables))
    for row in rows:
        writer.writerow([harmless(plain(term)) for term in row])


def harmless(text: str) -> str:
    """Return *text* with an apostrophe before whatever could begin a formula."""
    if _NUMBER.fullmatch(text):
        return text
    marked = _RUN.sub(_marked, text)
    return f"{_MARK}{marked}" if text[:1] in ("\t", "\r", "\n") else marked


def _marked(found: re.Match[str]) -> str:
    begins = found.start() == 0 or _CUT.search(found["before"])
    if not found["sign"] or not begins:
        return found.group()
    return f"{found['before']}{_MARK}{found['sign']}"
