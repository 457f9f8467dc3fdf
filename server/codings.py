"""Content codings (RFC 9110, section 8.4): bodies unpacked within bounds; no Flask."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

import brotli

from server.problems import BadRequestError, TooLargeError, UnsupportedMediaTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Unpack = Callable[[bytes, int], bytes]

IDENTITY = "identity"
SMALLEST = 500
"""A body of fewer bytes is sent as it is: packing it would save no packet."""

_LARGE = 1_000_000
_ALIASES = {"x-gzip": "gzip"}
_MOST_CODINGS = 2
_MOST_MEMBERS = 16
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ELEMENT = re.compile(
    r"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*(?:;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
_LONGEST = 1024  # characters of a header that are read


class _UnsupportedCodingError(UnsupportedMediaTypeError):
    """A body in a coding that is not read, or in too many of them."""

    def __init__(self, message: str) -> None:
        super().__init__(message, supported=(*_UNPACKING, IDENTITY))
        self.headers = {"Accept-Encoding": ", ".join(_UNPACKING)}


def unpacked(data: bytes, header: str, most: int) -> bytes:
    """Return *data* without the codings that the Content-Encoding *header* names.

    Raise TooLargeError as soon as more than *most* bytes come out, BadRequestError
    where they cannot be unpacked, and an error of 415 for a coding that is not read.
    """
    named = [name.strip().lower() for name in header.split(",") if name.strip()]
    codings = [_ALIASES.get(name, name) for name in named if name != IDENTITY]
    unknown = [coding for coding in codings if coding not in _UNPACKING]
    if unknown:
        raise _UnsupportedCodingError(
            f"the content coding {unknown[0][:40]!r} is not read"
        )
    if len(codings) > _MOST_CODINGS:
        raise _UnsupportedCodingError(
            f"a body in more than {_MOST_CODINGS} content codings is not read"
        )
    for coding in reversed(codings):
        data = _unpacked(data, coding, most)
    return data


def choose_coding(header: str) -> str:
    """Return the coding that an Accept-Encoding *header* likes best, or `identity`."""
    asked = dict(_qualities(header))
    others = asked.get("*", 0.0)
    plain = asked.get(IDENTITY, 0.0)
    best, chosen = 0.0, IDENTITY
    for coding in _PACKING:
        quality = asked.get(coding, others)
        if quality > best and quality >= plain:
            best, chosen = quality, coding
    return chosen


def packed(data: bytes, coding: str) -> bytes:
    """Return *data* in *coding*."""
    return b"".join(packing([data], coding, quick=len(data) > _LARGE))


def packing(parts: Iterable[bytes], coding: str, *, quick: bool) -> Iterator[bytes]:
    """Yield what *parts* are in *coding*, as they come; *quick* for a larger result."""
    yield from _PACKING[coding](parts, quick)


def _qualities(header: str) -> Iterator[tuple[str, float]]:
    """Yield the codings that a client accepts; leave out what is not well formed."""
    for element in header[:_LONGEST].split(","):
        match = _ELEMENT.fullmatch(element)
        if match:
            name = match[1].lower()
            yield _ALIASES.get(name, name), float(match[2] or 1)


def _unpacked(data: bytes, coding: str, most: int) -> bytes:
    try:
        found = _UNPACKING[coding](data, most)
    except (zlib.error, brotli.error) as error:
        raise _unreadable(coding) from error
    if len(found) > most:
        raise TooLargeError(
            "the body is too large once it is unpacked",
            advice=f"this server reads {most:,} bytes at most",
        )
    return found


def _inflated(data: bytes, most: int) -> bytes:
    """Unpack `deflate`: the zlib format, or without it, as some clients send it."""
    has_header = (
        len(data) > 1 and data[0] & 15 == 8 and not int.from_bytes(data[:2]) % 31
    )
    machine = zlib.decompressobj(_ZLIB if has_header else _RAW)
    found = machine.decompress(data, most + 1)
    if len(found) <= most and (not machine.eof or machine.unused_data):
        raise _unreadable("deflate")
    return found


def _gunzipped(data: bytes, most: int) -> bytes:
    """Unpack `gzip`, which may have several members (RFC 1952, section 2.2)."""
    found = b""
    for _ in range(_MOST_MEMBERS):
        machine = zlib.decompressobj(_GZIP)
        found += machine.decompress(data, most + 1 - len(found))
        if len(found) > most:
            return found
        if not machine.eof:
            raise _unreadable("gzip")
        data = machine.unused_data
        if not data:
            return found
    raise _unreadable("gzip")


def _unbrotlied(data: bytes, most: int) -> bytes:
    machine = brotli.Decompressor()
    found = machine.process(data, output_buffer_limit=most + 1)
    while len(found) <= most and not machine.is_finished():
        more = machine.process(b"", output_buffer_limit=most + 1 - len(found))
        if not more:
            raise _unreadable("br")
        found += more
    return bytes(found)


def _unreadable(coding: str) -> BadRequestError:
    return BadRequestError(
        f"the body is not {coding}, or not all of it",
        where="header Content-Encoding",
        advice="send the whole of it, in the coding that the header names",
    )


def _gzipping(parts: Iterable[bytes], quick: bool) -> Iterator[bytes]:
    machine = zlib.compressobj(1 if quick else 5, wbits=_GZIP)
    for part in parts:
        yield machine.compress(part)
    yield machine.flush()


def _brotlying(parts: Iterable[bytes], quick: bool) -> Iterator[bytes]:
    machine = brotli.Compressor(quality=1 if quick else 4)
    for part in parts:
        yield machine.process(part)
    yield machine.finish()


_UNPACKING: dict[str, Unpack] = {
    "br": _unbrotlied,
    "deflate": _inflated,
    "gzip": _gunzipped,
}
_PACKING: dict[str, Callable[[Iterable[bytes], bool], Iterator[bytes]]] = {
    "br": _brotlying,
    "gzip": _gzipping,
}
