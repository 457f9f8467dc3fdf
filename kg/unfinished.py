"""What an interrupted build leaves, for the next one to go on from.

Beside the engine that a build fills lies a file that says what the build is of, how
much of each part is in the engine, and what shapes objected to once all were asked. The
engine takes in a part whole or not at all, so what is noted after it is there; what was
taken in and not yet noted is taken in again, which changes nothing. The file begins
with a digest of the rest.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

from pyoxigraph import RdfFormat, parse

from kg import disk
from kg.report import Check, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kg.terms import NamedNode, Node, Quad, Term

FILE = "unfinished.json"
_TERMS = ("shape", "component", "value")


class Unfinished:
    """How far the build *of* some sources has come, in the file *path* if it is named.

    What stands there of another build is not looked at.
    """

    def __init__(self, path: Path | None = None, of: str = "") -> None:
        self._path = path
        self._of = of
        self._told = _read(path, of) if path else {}
        self.goes_on = bool(self._told)

    @property
    def is_kept(self) -> bool:
        """Whether anybody will be told of it."""
        return self._path is not None

    def begin(self, dataset: str) -> bool:
        """Go on with *dataset*, named by a digest; tell whether that can be done."""
        if self._told.get("dataset") == dataset:
            return True
        self._told = {"of": self._of, "dataset": dataset, "loaded": {}}
        self.goes_on = False
        self._write()
        return False

    def loaded(self, part: str) -> int:
        """Return how many quads of *part* are in the engine."""
        found: int = self._told.get("loaded", {}).get(part, 0)
        return found

    def note(self, part: str, count: int) -> None:
        """Note that *count* quads of *part* are in the engine."""
        if self.is_kept:
            self._told["loaded"][part] = count
            self._write()

    @property
    def findings(self) -> list[Finding] | None:
        """What shapes objected to, None while they have not all been asked."""
        told = self._told.get("findings")
        return None if told is None else [_finding(one) for one in told]

    @findings.setter
    def findings(self, found: Sequence[Finding]) -> None:
        if self.is_kept:
            self._told["findings"] = [_told(one) for one in found]
            self._write()

    def forget(self) -> None:
        """Forget all that was noted: there is nothing in the engine."""
        self.begin("")

    def _write(self) -> None:
        if self._path is None:
            return
        part, told = self._path.with_suffix(".part"), json.dumps(self._told)
        disk.write_synced(part, f"{_digest(told)}\n{told}")
        disk.replace_synced(part, self._path)


def is_of(path: Path, of: str) -> bool:
    """Tell whether the file *path* is of a build of these sources."""
    return bool(_read(path, of))


def _read(path: Path, of: str) -> dict[str, Any]:
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return {}
    told = json.loads(text) if digest == _digest(text) else {}
    return told if told.get("of") == of else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _told(finding: Finding) -> dict[str, Any]:
    parts = {
        "check": finding.check,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "advice": finding.advice,
        "premises": [str(quad) for quad in finding.premises],
    }
    found = {name: getattr(finding, name) for name in ("focus", *_TERMS)}
    return parts | {name: str(term) for name, term in found.items() if term is not None}


def _finding(told: dict[str, Any]) -> Finding:
    shape, component, value = (told.get(name) for name in _TERMS)
    return Finding(
        check=Check(told["check"]),
        severity=Severity(told["severity"]),
        focus=_term(told["focus"]),
        message=told["message"],
        shape=cast("Node", _term(shape)) if shape else None,
        component=cast("NamedNode", _term(component)) if component else None,
        path=told["path"],
        value=_term(value) if value else None,
        premises=tuple(_quad(text) for text in told["premises"]),
        advice=told["advice"],
    )


def _quad(text: str) -> Quad:
    (quad,) = cast("Iterable[Quad]", parse(f"{text} .".encode(), RdfFormat.N_QUADS))
    return quad


def _term(text: str) -> Term:
    return cast("Term", _quad(f"<urn:s> <urn:p> {text}").object)
