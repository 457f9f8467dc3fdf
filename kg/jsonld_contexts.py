"""Contexts of JSON-LD that the engine's parser would not get through.

It follows a term to the terms that its definition names, call within call, and ends
the process where they lead too far. Within each context it copies those around it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from kg.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_CHAIN = 100
"""So many terms may lead to one another."""

_MOST_COPIED = 5_000_000
"""So many terms may be copied, each context taken to hold all terms."""

_ALWAYS = 10_000_000

LONG = 300
"""Names of so many characters are usually no longer than they are written."""

SPREADING = 20
"""So many times as long as a document may its long names be."""

_MAKING = 10
"""So many times as long takes a term that is not copied, but defined."""


class _Object(list[tuple[str, object]]):
    """The members of an object, as often as they stand there."""


def refuse_contexts(data: bytes, source: str) -> None:
    """Raise DataFileError where the contexts of *data* are more than can be read."""
    if b"context" not in data and b"\\u" not in data:
        return
    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_Object,
            parse_int=str,
            parse_float=str,
        )
    except json.JSONDecodeError as error:
        raise DataFileError(
            f"not JSON: {error.msg}", where=f"{source}:{error.lineno}:{error.colno}"
        ) from error
    contexts = _contexts(document)
    named: dict[str, set[str]] = defaultdict(set)
    sizes: dict[str, int] = defaultdict(int)
    for context in contexts:
        for term, definition in context:
            names = {*_names(definition), term.partition(":")[0]} - {term}
            named[term] |= names
            sizes[term] = max(sizes[term], *map(len, names), 0)
    copied = len(contexts) * len(named)
    if scoped := _contexts([list(context) for context in contexts]):
        # The context of a term is read again wherever the term is used.
        made = sum(map(len, scoped))
        copied += data.count(b"{") * (len(named) + _MAKING * made)
    steps, reach = _longest(named, sizes)
    is_long = steps > LONGEST_CHAIN
    if is_long or copied > _MOST_COPIED:
        raise DataFileError(
            "the terms of its contexts lead too far"
            if is_long
            else "it has too many contexts with too many terms",
            where=source,
            advice="write IRIs out, or send it as N-Quads",
        )
    most = _ALWAYS + SPREADING * len(data)
    if reach > LONG and reach * data.count(b'"') > most:
        raise DataFileError(
            "its names are far longer than the document",
            where=source,
            advice="have shorter texts in its context",
        )


def _contexts(value: object) -> list[_Object]:
    """Return the contexts in *value*, one by one, those in contexts too."""
    return [entry for entry in _given(value) if isinstance(entry, _Object)]


def _given(value: object) -> Iterator[object]:
    if isinstance(value, _Object):
        for name, member in value:
            if name == "@context":
                yield from member if isinstance(member, list) else ()
                yield member
            yield from _given(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _given(member)


def _names(value: object) -> Iterator[str]:
    """Yield what a definition may name: its texts, and what stands before a colon."""
    if isinstance(value, str):
        yield value
        yield value.partition(":")[0]
    elif isinstance(value, _Object):
        for name, member in value:
            yield from _names(name)
            yield from _names(member)
    elif isinstance(value, list):
        for member in value:
            yield from _names(member)


def _longest(named: dict[str, set[str]], sizes: dict[str, int]) -> tuple[int, int]:
    """Return how many terms may be followed from one, and how long a name may become.

    Those in circles all count, but make no name.
    """
    waits = {term: names & named.keys() for term, names in named.items()}
    wanted: dict[str, list[str]] = defaultdict(list)
    for term, names in waits.items():
        for name in names:
            wanted[name].append(term)
    length = {term: 1 for term, names in waits.items() if not names}
    reach = dict(sizes)
    ready = list(length)
    for name in ready:
        for term in wanted[name]:
            waits[term].discard(name)
            length[term] = max(length.get(term, 0), length[name] + 1)
            reach[term] = max(reach[term], sizes[term] + reach[name])
            if not waits[term]:
                ready.append(term)
    steps = max(map(length.__getitem__, ready), default=0) + len(named) - len(ready)
    return steps, max(map(reach.__getitem__, ready), default=0)
