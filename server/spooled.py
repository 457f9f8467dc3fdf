"""A body that is a file: handed on as it is, or read in pieces; removed after that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PIECE = 64 * 1024


class SpooledBody:
    """The bytes of the file at *path*, which goes with this object."""

    def __init__(self, path: Path) -> None:
        self._path: Path | None = path

    def __iter__(self) -> Iterator[bytes]:
        """Yield them in pieces."""
        if self._path is None:
            return
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def __del__(self) -> None:
        self.close()

    def taken(self) -> Path | None:
        """Return the file; to remove it is up to the caller from now on."""
        path, self._path = self._path, None
        return path

    def close(self) -> None:
        """Remove the file, if nobody took it."""
        path = self.taken()
        if path is not None:
            path.unlink(missing_ok=True)
