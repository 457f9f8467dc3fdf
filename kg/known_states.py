"""States that texts may name before the graph does, with their peoples and capitals."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kg.folding import letters

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = Path(__file__).with_name("states.csv")


@dataclass(frozen=True, slots=True)
class KnownState:
    """A member or observer state of the United Nations.

    Its *forms* are its names and the words for its people; *capital* may be empty.
    """

    name: str
    forms: frozenset[str]
    capital: str


@cache
def by_name() -> Mapping[str, KnownState]:
    """Return the states by their names and the words for their people, in letters."""
    return {letters(form): state for state in _states() for form in state.forms}


@cache
def by_capital() -> Mapping[str, KnownState]:
    """Return the states by the names of their capitals, in letters."""
    return {letters(state.capital): state for state in _states() if state.capital}


@cache
def _states() -> tuple[KnownState, ...]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(_state(**row) for row in csv.DictReader(file))


def _state(state: str, also: str, people: str, capital: str) -> KnownState:
    peoples = [word for word in people.split("|") if word]
    plural = [f"{word}s" for word in peoples]
    names = [state, *also.split("|"), *peoples, *plural]
    return KnownState(state, frozenset(filter(None, names)), capital)
