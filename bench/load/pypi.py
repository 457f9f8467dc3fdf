"""Programs of others from PyPI, each in an environment of its own.

They are for the benchmarks and the tests; `fetching` says what is to be run.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Package(NamedTuple):
    """What is published by a *name*, which is its program's name too."""

    name: str
    version: str
    extras: str = ""

    @property
    def folder(self) -> str:
        """What to call the folder that it lies in."""
        return f"{self.name}-{self.version}"

    def program(self, home: Path) -> Path:
        """Return where its program is, if it was fetched into the folder *home*."""
        return home / "bin" / self.name

    def fetching(self, home: Path) -> list[list[str]]:
        """Return the commands that fetch it into *home*, one after the other."""
        wanted = f"{self.name}{self.extras}=={self.version}"
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        return [[sys.executable, "-m", "venv", str(home)], [*pip, wanted]]


OXIGRAPH = Package("oxigraph", "0.5.13")
RDFLIB_ENDPOINT = Package("rdflib-endpoint", "0.6.3", "[cli]")
