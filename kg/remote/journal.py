"""The journal of a remote store: in a graph of it, in parts that are not too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.remote.record import VALUE
from kg.terms import DCT, JOURNAL, XSD, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.remote.engine import RemoteEngine

_MOST_CHARACTERS = 200_000
_OF = NamedNode(f"{DCT}isVersionOf")
_INTEGER = NamedNode(f"{XSD}integer")


class RemoteJournal:
    """What was added and removed by the changes to the store that *engine* asks."""

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine

    def where(self, version: int) -> str:
        """Return what to call the journal of *version* in an error."""
        return f"{self._engine.client.place.url}, {JOURNAL.value} of version {version}"

    def quads(self, version: int) -> Iterator[Quad]:
        """Yield what the graph of the journal holds of *version*."""
        for part, text in self._parts(version):
            yield Quad(part, _OF, _number(version), JOURNAL)
            yield Quad(part, VALUE, text, JOURNAL)

    def _parts(self, version: int) -> Iterator[tuple[NamedNode, Literal]]:
        for part, text in self._engine.solutions(
            f"SELECT ?part ?text WHERE {{ GRAPH {JOURNAL} {{"
            f" ?part {_OF} {_number(version)} ; {VALUE} ?text }} }}"
        ):
            yield cast("NamedNode", part), cast("Literal", text)

    def lines(self, version: int) -> Iterator[bytes]:
        """Yield the lines of *version*, their ends with them; raise StoreError."""
        parts = {part.value: text for part, text in self._parts(version)}
        if not parts:
            raise FileNotFoundError(2, "it is not there")
        for name in sorted(parts, key=_ordinal):
            yield from parts[name].value.encode().splitlines(keepends=True)


def journal_quads(version: int, lines: Iterable[str]) -> list[Quad]:
    """Return what the graph of the journal holds of *version*."""
    quads = []
    for number, text in enumerate(_parts(lines), start=1):
        part = NamedNode(f"{JOURNAL.value}/{version}#{number}")
        quads += [
            Quad(part, _OF, _number(version), JOURNAL),
            Quad(part, VALUE, Literal(text), JOURNAL),
        ]
    return quads


def _parts(lines: Iterable[str]) -> Iterator[str]:
    part: list[str] = []
    size = 0
    for line in lines:
        if part and size + len(line) > _MOST_CHARACTERS:
            yield "".join(part)
            part, size = [], 0
        part.append(line)
        size += len(line)
    yield "".join(part)


def _number(version: int) -> Literal:
    return Literal(str(version), datatype=_INTEGER)


def _ordinal(name: str) -> int:
    return int(name.rpartition("#")[2])
