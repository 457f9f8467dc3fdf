"""Answers that were given before: by request, of one version, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

_OVERHEAD = 1000
"""So many bytes an entry takes beside its body, about."""

_LARGEST_PART = 8
"""No entry takes more than this part of the whole."""

_UNKEPT = ("no-store", "private")


class Answered(NamedTuple):
    """An answer as it goes out: status, header fields in lower case, body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    route: str = ""

    def header(self, name: str) -> str:
        """Return the field *name*, "" where there is none."""
        return ", ".join([value for key, value in self.headers if key == name])

    def said(self) -> dict[str, str]:
        """Return all fields by name, as `header` does each."""
        said: dict[str, str] = {}
        for name, value in self.headers:
            said[name] = f"{said[name]}, {value}" if name in said else value
        return said


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answered
    tag: str
    size: int


class Cache:
    """Answers of the version that *version* names at present; others are dropped.

    An answer is kept where it has a strong entity tag and does not say otherwise. What
    the request's header fields are that it depends on, it says itself (`Vary`).
    """

    def __init__(self, most_bytes: int, version: Callable[[], Hashable]) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._version = version
        self._of = version()
        self._guard = threading.Lock()
        self._vary: dict[Hashable, tuple[str, ...]] = {}
        self._kept: OrderedDict[tuple[Hashable, ...], _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(
        self, key: Hashable, fields: Mapping[str, str], version: Hashable
    ) -> Answered | None:
        """Return the answer to a request with these header *fields*, if it is known.

        *version* is what `version` says now. Where the client has the answer already,
        that is 304 without a body.
        """
        self._drop_what_is_old(version)
        names = self._vary.get(key)
        if names is None:
            return None
        full = (key, names, *[fields.get(name) for name in names])
        with self._guard:
            found = self._kept.get(full)
            if found is None:
                return None
            self._kept.move_to_end(full)
        held = fields.get("if-none-match")
        if held is not None and _matches(held, found.tag):
            return _unmodified(found.answer)
        return found.answer

    def version(self) -> Hashable:
        """Return what tells the version of now from others."""
        return self._version()

    def keep(
        self,
        key: Hashable,
        fields: Mapping[str, str],
        answer: Answered,
        version: Hashable,
    ) -> None:
        """Keep *answer* if that is allowed, and nobody asked of another version yet.

        *version* is what `version` said before the answer was made.
        """
        size = len(answer.body) + _OVERHEAD
        if size > self.most_bytes // _LARGEST_PART or version != self._of:
            return
        said = answer.said()
        if answer.status != HTTPStatus.OK or not _may_be_kept(said):
            return
        names = _names(said.get("vary", ""))
        full = (key, names, *[fields.get(name) for name in names])
        with self._guard:
            self._vary[key] = names
            self._remove(full)
            self._kept[full] = _Kept(answer, said["etag"], size)
            self.size += size
            while self.size > self.most_bytes:
                self._remove(next(iter(self._kept)))
            if len(self._vary) > 2 * len(self._kept) + 100:
                self._vary = {one: self._vary[one] for one, *_ in self._kept}

    def _remove(self, full: tuple[Hashable, ...]) -> None:
        gone = self._kept.pop(full, None)
        self.size -= gone.size if gone else 0

    def _drop_what_is_old(self, now: Hashable) -> None:
        if now == self._of:
            return
        with self._guard:
            self._of = now
            self._kept.clear()
            self._vary.clear()
            self.size = 0


def _may_be_kept(said: Mapping[str, str]) -> bool:
    control = said.get("cache-control", "").lower()
    return (
        said.get("etag", "").startswith('"')
        and not any(word in control for word in _UNKEPT)
        and "*" not in said.get("vary", "")
        and not said.get("set-cookie")
    )


@lru_cache(maxsize=64)
def _names(vary: str) -> tuple[str, ...]:
    return tuple(sorted({n.strip().lower() for n in vary.split(",") if n.strip()}))


def _unmodified(answer: Answered) -> Answered:
    left_out = ("content-type", "content-length", "content-encoding")
    headers = [(name, v) for name, v in answer.headers if name not in left_out]
    return Answered(304, headers, b"", answer.route)


def _matches(held: str, tag: str) -> bool:
    known = {tag, f"W/{tag}", "*"}
    return not known.isdisjoint(one.strip() for one in held.split(","))
