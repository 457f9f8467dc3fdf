"""How long work tells of its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Tell(Protocol):
    """Takes the name of each phase as it begins, and how far it has come."""

    def __call__(self, phase: str, done: int = 0, total: int | None = None) -> object:
        """Hear that *phase* goes on: *done* of *total*, if that is known."""
        ...


def silent(phase: str, done: int = 0, total: int | None = None) -> None:
    """Hear of progress and tell nobody."""


def counted(say: Tell, phase: str, parts: Iterable[int], total: int) -> Iterator[int]:
    """Yield *parts*, sizes of what is dealt with, and tell how much that is in all."""
    done = 0
    say(phase, 0, total)
    for size in parts:
        yield size
        done += size
        say(phase, done, total)
