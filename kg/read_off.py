"""Answers that are read off the quads which match a single triple pattern.

The engine would parse such a query, plan it and walk over the same quads: for one that
asks for the label of a thing that takes several times as long as to find the label. The
answer is the engine's, byte for byte, in SPARQL 1.1 Query Results JSON Format.
"""

from __future__ import annotations

from itertools import islice
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, NamedTuple

from kg.terms import MERGED_VIEW, XSD, BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.lookups import Lookup
    from kg.store import Snapshot
    from kg.terms import Quad, Term

_PLACES = ("subject", "predicate", "object")
_STRING = NamedNode(f"{XSD}string")


class _OtherError(Exception):
    """A term is none that is written here."""


class ReadOff(NamedTuple):
    """An answer: its *body* as JSON, its variables, and what it is if it *is_ask*."""

    body: bytes
    variables: tuple[str, ...] = ()
    is_ask: bool = False
    truth: bool = True


def read_off(
    lookup: Lookup, here: Snapshot, most_rows: int, most_bytes: int
) -> ReadOff | None:
    """Return the answer to a SELECT or ASK of one triple pattern over *here*.

    None where it is another query, or the answer has more rows or bytes than these.
    """
    if not lookup.is_stream:
        return None
    found = here.quads(*lookup.patterns[0], MERGED_VIEW)
    if lookup.form == "ASK" and lookup.limit is None:
        truth = next(found, None) is not None
        said = b'{"head":{},"boolean":%b}' % (b"true" if truth else b"false")
        return ReadOff(said, is_ask=True, truth=truth)
    # Of `*` the engine makes all variables in the order of their names.
    selected = lookup.selected or tuple(sorted(lookup.variables))
    if lookup.form != "SELECT" or len(set(selected)) < len(selected):
        return None
    wanted = islice(found, lookup.limit)
    rows: list[str] = []
    size = 0
    columns = _columns(lookup, selected)
    try:
        for quad in wanted:
            rows.append(_row(quad, columns))
            size += len(rows[-1])
            if len(rows) > most_rows or size > most_bytes:
                return None
    except _OtherError:
        return None
    head, written = ",".join(map(_text, selected)), ",".join(rows)
    body = f'{{"head":{{"vars":[{head}]}},"results":{{"bindings":[{written}]}}}}'
    encoded = body.encode()
    return ReadOff(encoded, selected) if len(encoded) <= most_bytes else None


def _columns(lookup: Lookup, selected: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and place in the quad of what is *selected* and in the pattern."""
    terms = zip(_PLACES, lookup.patterns[0], strict=True)
    free = [place for place, term in terms if term is None]
    places = dict(zip(lookup.variables, free, strict=True))
    return [(_text(name), places[name]) for name in selected if name in places]


def _row(quad: Quad, columns: Sequence[tuple[str, str]]) -> str:
    cells = [f"{name}:{_written(getattr(quad, place))}" for name, place in columns]
    return "{" + ",".join(cells) + "}"


def _written(term: Term) -> str:
    if isinstance(term, NamedNode):
        return f'{{"type":"uri","value":{_text(term.value)}}}'
    if isinstance(term, Literal) and not term.direction:
        text = f'{{"type":"literal","value":{_text(term.value)}'
        if term.language:
            return f'{text},"xml:lang":{_text(term.language)}}}'
        if term.datatype == _STRING:
            return text + "}"
        return f'{text},"datatype":{_text(term.datatype.value)}}}'
    if isinstance(term, BlankNode):
        return f'{{"type":"bnode","value":{_text(term.value)}}}'
    raise _OtherError


_text = encode_basestring
