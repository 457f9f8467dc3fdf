"""Reading mappings: files in YARRRML or RML, and those that are shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import DataFileError
from kg.files import data_folder, sorted_files
from kg.mapping_rml import read_rml
from kg.mapping_yarrrml import read_yarrrml

if TYPE_CHECKING:
    from pathlib import Path

    from kg.mapping_table import Spec

SUFFIX = ".yarrrml.yml"
_READERS = {
    ".yml": read_yarrrml, ".yaml": read_yarrrml, ".yarrrml": read_yarrrml,
    ".ttl": read_rml, ".rml": read_rml,
}  # fmt: skip
_MOST_BYTES = 1_000_000


def shipped_mappings() -> dict[str, Path]:
    """Return the mappings of this installation by name."""
    files = sorted_files(data_folder("mappings"), f"*{SUFFIX}")
    return {path.name.removesuffix(SUFFIX): path for path in files}


def read_spec(path: Path) -> Spec:
    """Return the mapping in the file *path*, or the shipped one of that name.

    Raise DataFileError with the place where it is none, or would read anything but the
    table that it is given.
    """
    shipped = shipped_mappings()
    name = str(path)
    found = shipped.get(name, path)
    try:
        data = found.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"cannot be read ({error.strerror})", where=name,
            advice=f"give a file, or one of {', '.join(shipped)}",
        ) from error  # fmt: skip
    reader = _READERS.get(found.suffix.lower())
    if reader is None:
        raise DataFileError(
            "is no mapping: its name must end as that of YARRRML (.yml, .yaml,"
            " .yarrrml) or of RML in Turtle (.ttl, .rml) does", where=name,
            advice=f"give such a file, or one of {', '.join(shipped)}",
        )  # fmt: skip
    if len(data) > _MOST_BYTES:
        raise DataFileError(f"has more than {_MOST_BYTES:,} bytes", where=name)
    try:
        return reader(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataFileError(
            f"byte {data[error.start]:#04x} is not UTF-8", where=f"{name}:{line}",
            advice="save the file as UTF-8",
        ) from error  # fmt: skip
