"""Tables as people keep them (CSV, JSON, XLSX), read row by row with their lines."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar
from unicodedata import category

from kg.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MOST_BYTES = 100_000_000
MOST_UNPACKED = 400_000_000
MOST_ROWS = 500_000
MOST_COLUMNS = 1_000
_T = TypeVar("_T")
_DELIMITERS = ",\t;"
_CONTROLS = frozenset({"Cc", "Cs"})
_FAILED = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!"}
)
"""What a spreadsheet writes in the place of a value that it could not work out."""

_FORMULA = re.compile(rb"<(?:[^<>\s/:]{1,90}:)?f[\s/>]")
"""How a formula begins in the XML of a sheet, with whatever prefix of a namespace."""

_PIECE, _LONGEST = 1 << 20, 100
_NO_VALUE = "holds a formula without its value: open and save it in a spreadsheet"
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
"""The line before the header by which Excel is told what parts the cells."""

_SUFFIXES = "CSV (.csv, .tsv, .txt), JSON (.json, .jsonl) and XLSX (.xlsx)"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the *line* it begins on, its *cells* by column, and what is *wrong*."""

    line: int
    cells: dict[str, str]
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read; *columns* in their order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """Return the table in the file *path*; raise DataFileError where it is none."""
    name = str(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataFileError(
                f"has more than {MOST_BYTES:,} bytes", where=name,
                advice="divide it into several files",
            )  # fmt: skip
        data = path.read_bytes()
    except OSError as error:
        raise DataFileError(f"cannot be read ({error.strerror})", where=name) from error
    readers = {
        ".csv": _csv, ".tsv": _csv, ".txt": _csv,
        ".json": _json, ".jsonl": _json, ".xlsx": _xlsx,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataFileError(
            "is no table that can be read", where=name, advice=f"give {_SUFFIXES}"
        )
    return reader(data, name)


def _table(name: str, header: Iterable[str], rows: Iterator[Row]) -> Table:
    columns = tuple(header)
    if len(columns) > MOST_COLUMNS:
        raise DataFileError(
            f"has {len(columns):,} columns; {MOST_COLUMNS:,} are read at most",
            where=f"{name}:1", advice="leave out those that the mapping does not name",
        )  # fmt: skip
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice or not all(columns):
        named = all(columns) and f"the column {twice[0]!r} is there twice"
        raise DataFileError(
            named or "a column has no name",
            where=f"{name}:1", advice="give each column a name of its own",
        )  # fmt: skip
    kept = []
    for row in rows:
        kept.append(row)
        if len(kept) > MOST_ROWS:
            raise DataFileError(
                f"has more than {MOST_ROWS:,} rows", where=name,
                advice="divide it into several files",
            )  # fmt: skip
    if not kept:
        raise DataFileError("holds no rows", where=name)
    return Table(name, columns, tuple(kept))


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    filled = [" ".join(cell.split()) for cell in cells]
    wrong = ""
    if len(filled) < len(header) or any(filled[len(header) :]):
        wrong = f"has {len(filled)} cells, the header has {len(header)}"
    elif failed := _FAILED.intersection(filled):
        wrong = f"holds {min(failed)}, an error of a spreadsheet"
    elif any(category(char) in _CONTROLS for cell in filled for char in cell):
        wrong = "holds a control character"
    return Row(line, dict(zip(header, filled, strict=False)), wrong)


# --- CSV --------------------------------------------------------------------------


def _text(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataFileError(
            "is in UTF-16", where=f"{name}:1", advice="save the file as UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataFileError(
            f"byte {data[error.start]:#04x} is not UTF-8", where=f"{name}:{line}",
            advice="save the file as UTF-8",
        ) from error  # fmt: skip


def _csv(data: bytes, name: str) -> Table:
    text = _text(data, name)
    first = text.partition("\n")[0]
    told = _SEPARATOR.match(text)
    delimiter = told[1] if told else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        if told:
            next(reader)
        header = [" ".join(cell.split()) for cell in next(reader, [])]
        if not header:
            raise DataFileError("has no header", where=f"{name}:1")
        return _table(name, header, _records(reader, header))
    except csv.Error as error:
        raise DataFileError(
            f"is no CSV ({error})", where=f"{name}:{reader.line_num}",
            advice="is a quotation mark missing?",
        ) from error  # fmt: skip


def _records(reader: Any, header: list[str]) -> Iterator[Row]:  # noqa: ANN401 csv's
    line = reader.line_num
    for cells in reader:
        if any(map(str.strip, cells)):
            yield _row(line + 1, header, cells)
        line = reader.line_num


# --- JSON -------------------------------------------------------------------------


def _json(data: bytes, name: str) -> Table:
    """Read an array of objects, one inside an object, or JSON Lines."""
    text = _text(data, name)
    found = list(_objects(text, name))
    header = list(dict.fromkeys(key for _, one in found for key in one))
    rows = (
        _row(line, header, [_cell(one.get(key)) for key in header])
        for line, one in found
    )
    return _table(name, header, rows)


def _objects(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of *text*, each with its line."""
    place, line, seen = _array_start(text), 1, 0
    if text.startswith("[", place):
        _parse(json.loads, text, name, 1)
        place += 1
    decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_number)
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        if place >= len(text) or text[place] == "]":
            return
        line += text.count("\n", seen, place)
        seen = place
        value, place = _parse(
            lambda at: decoder.raw_decode(text, at), place, name, line
        )
        if not isinstance(value, dict):
            raise DataFileError(
                "a row is not an object", where=f"{name}:{line}",
                advice="give an array of objects, one for each row",
            )  # fmt: skip
        yield line, value


def _number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raise ValueError where a key is there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {keys[0][0]!r} is there twice")
    return found


def _parse(parse: Callable[[_T], Any], given: _T, name: str, line: int) -> Any:  # noqa: ANN401 whatever JSON holds
    """Return what *parse* makes of *given*; raise DataFileError with the line."""
    try:
        return parse(given)
    except json.JSONDecodeError as error:
        at = error.lineno
        raise DataFileError(
            f"is no JSON ({error.msg})", where=f"{name}:{at}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"is no JSON ({error})", where=f"{name}:{line}") from error


def _array_start(text: str) -> int:
    """Return where the rows begin: in `{"events": [` after the bracket."""
    start = len(text) - len(text.lstrip())
    if not text.startswith("{", start):
        return start
    colon, bracket = text.find(":", start), text.find("[", start)
    between = text[colon + 1 : bracket] if 0 < colon < bracket else "no"
    return start if between.strip() else bracket


def _cell(value: Any) -> str:  # noqa: ANN401 whatever JSON holds
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(_cell(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- XLSX -------------------------------------------------------------------------


def _xlsx(data: bytes, name: str) -> Table:
    """Read the first sheet in sight; the line of a row is its number there."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise DataFileError(
            "XLSX needs the package openpyxl", where=name,
            advice='pip install "exequatur[map]", or save the sheet as CSV',
        ) from error  # fmt: skip
    _refuse_bomb(data, name)
    try:
        cells = _cells_of(
            load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        )
        if _has_formulas(data):
            # The library tells of a formula either its value or its text.
            book = load_workbook(io.BytesIO(data), read_only=True)
            cells = map(_valued, cells, _cells_of(book))
        lines = enumerate(cells, start=1)
        _, first = next(lines, (1, ()))
        header = [" ".join(_written(cell).split()) for cell in first]
        while header and not header[-1]:
            header.pop()
        rows = (
            _row(
                line,
                header,
                [*map(_written, cells), *[""] * (len(header) - len(cells))],
            )
            for line, cells in lines
            if any(cell is not None for cell in cells)
        )
        rows = (
            replace(row, wrong=row.wrong or _NO_VALUE)
            if _NO_VALUE in row.cells.values()
            else row
            for row in rows
        )
        return _table(name, header, rows)
    except DataFileError:
        raise
    # openpyxl raises whatever its parsers do
    except Exception as error:
        raise DataFileError(
            f"is no XLSX that can be read ({type(error).__name__})", where=name,
            advice="save it again, or as CSV",
        ) from error  # fmt: skip


def _has_formulas(data: bytes) -> bool:
    """Tell whether a sheet may have a formula; only then is it read once more."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            with archive.open(part) as file:
                if _may_have(file):
                    return True
    return False


def _may_have(file: IO[bytes]) -> bool:
    kept = file.read(2)
    is_ascii = not kept.startswith((b"\xff\xfe", b"\xfe\xff", b"\0", b"<\0"))
    while is_ascii and (more := file.read(_PIECE)):
        if _FORMULA.search(kept + more):
            return True
        kept = more[-_LONGEST:]
    return not is_ascii


def _cells_of(book: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 openpyxl's
    """Return the rows of the first sheet of *book* that is not hidden."""
    sheets = book.worksheets
    sheet = next((one for one in sheets if one.sheet_state == "visible"), sheets[0])
    sheet.reset_dimensions()  # one far cell would make every row that wide
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _valued(values: tuple[Any, ...], formulas: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the *values* of a row; of *formulas* whose value is not there, that."""
    return tuple(
        _NO_VALUE if value is None and formula is not None else value
        for value, formula in zip(values, formulas, strict=True)
    )


def _refuse_bomb(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile as error:
        raise DataFileError(
            "is no XLSX", where=name, advice="is it of another kind?"
        ) from error
    if size > MOST_UNPACKED:
        raise DataFileError(
            f"unpacks to {size:,} bytes; {MOST_UNPACKED:,} are read at most",
            where=name, advice="save the sheet as CSV",
        )  # fmt: skip


def _written(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
