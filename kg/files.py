"""Find the ontology, mappings, queries and facts, in a checkout and in a wheel."""

from __future__ import annotations

import hashlib
from fnmatch import fnmatchcase
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
    """Return the files of *folder* that match *pattern*, by name.

    Raise DataFileError where it is no folder, or cannot be read.
    """
    try:
        if not folder.is_dir():
            raise DataFileError("no such folder", where=str(folder))
        # Path.glob is silent about a folder that cannot be read.
        return sorted(one for one in folder.iterdir() if fnmatchcase(one.name, pattern))
    except OSError as error:
        raise unreadable(str(folder), error) from error


def read_file(path: Path) -> bytes:
    """Return what the file *path* holds; raise DataFileError that says why it fails."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(str(path), error) from error


def digest_of_file(path: Path) -> str:
    """Return a digest of what the file *path* holds; raise DataFileError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(str(path), error) from error


def unreadable(name: str, error: OSError) -> DataFileError:
    """Return the error to raise where what is called *name* cannot be read."""
    return DataFileError(f"cannot be read ({error.strerror or error})", where=name)
