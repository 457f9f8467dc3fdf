"""Dumps of a version: which quads, and their text piece by piece."""

from __future__ import annotations

import os
import threading
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from kg.answers import ABBREVIATING
from kg.terms import INFERRED, Triple
from kg.writing import write_statements

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from kg.formats import Format
    from kg.store import Snapshot
    from kg.terms import GraphName, Quad

_PIECE = 65_536
_CUT_SHORT = b"\n<<< cut short by a fault: this is not the whole of it >>>\n"
"""What comes last where a fault stops the writing: no syntax takes it for its end."""

_GZIP = 31  # what zlib calls its largest window with a header of gzip


def quads_of(snapshot: Snapshot, *, inferred: bool = False) -> Generator[Quad]:
    """Yield what the named graphs hold, one after the other; with *inferred* that too.

    The merged view is left out: it repeats them.
    """
    for graph in snapshot.graphs():
        if inferred or graph != INFERRED:
            yield from snapshot.quads(graph=graph)


def triples_of(snapshot: Snapshot, graph: GraphName) -> Generator[Triple]:
    """Yield what *graph* holds."""
    for quad in snapshot.quads(graph=graph):
        yield Triple(quad.subject, quad.predicate, quad.object)


def pieces(
    statements: Generator[Quad | Triple],
    fmt: Format,
    *,
    prefixes: Mapping[str, str] | None = None,
) -> Generator[bytes]:
    """Yield the text of *statements*, which are walked over no faster than it is read.

    A thread writes it into a pipe, whose other end is read here; it alone walks over
    the statements. An error on its side is raised when what came before it was read; if
    that was anything, a last piece makes sure that no parser takes it for the whole, as
    not every server breaks the connection off.
    """
    reading, writing = os.pipe()
    known = dict(prefixes or {}) if fmt.name in ABBREVIATING else {}
    failed: list[BaseException] = []
    is_begun = False

    def write() -> None:
        try:
            # An iterator of the engine must go in the thread that it came in.
            with (
                open(writing, "wb", buffering=_PIECE) as out,  # noqa: PTH123 no path
                closing(statements),
            ):
                write_statements(statements, fmt, out, known)
        except BrokenPipeError:
            pass  # nobody reads on
        except BaseException as error:  # noqa: BLE001 raised again by the reader
            failed.append(error)

    writer = threading.Thread(target=write, name="dump", daemon=True)
    writer.start()
    try:
        with open(reading, "rb", buffering=0) as source:  # noqa: PTH123 no path
            while piece := source.read(_PIECE):
                is_begun = True
                yield piece
    finally:
        writer.join()
    if failed and is_begun:
        yield _CUT_SHORT
    if failed:
        raise failed[0]


def compressed(found: Generator[bytes]) -> Generator[bytes]:
    """Yield *found* in gzip; the same text gives the same bytes."""
    packer = zlib.compressobj(wbits=_GZIP)
    with closing(found):
        for piece in found:
            if packed := packer.compress(piece):
                yield packed
        yield packer.flush()
