"""Find the ontology, mappings, queries and facts, in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

from kg.errors import DataFileError

PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """Return one of the folders of data; raise DataFileError.

    They are `facts`, `mappings`, `ontology` and `queries`. A wheel has them inside the
    package; a checkout has all but the facts beside it.
    """
    for folder in (PACKAGE / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise DataFileError(
        f"the folder {name!r} is missing from this installation",
        advice="install the package again",
    )


def sorted_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of *folder* that match *pattern*, by name."""
    if not folder.is_dir():
        raise DataFileError("no such folder", where=str(folder))
    return sorted(folder.glob(pattern))
