"""What a store tells, as it comes: whole, or an error of ours."""

from __future__ import annotations

import contextlib
import gzip
import math
import re
import time
import zlib
from typing import IO, TYPE_CHECKING, cast

import urllib3

from kg.errors import StoreRefusedError
from kg.remote.failures import (
    LostError,
    insecure,
    short,
    slow,
    unreachable,
    untrusted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3.response import HTTPResponse

    from kg.remote.place import Place

_LEAST_PER_SECOND = 1024
"""An answer that comes in fewer bytes a second is not waited for to its end."""

_MOST_TOLD = 65_536
"""So much is read of what a store says of something that it has done."""

_NO_TRIPLE = re.compile(
    rb"^[ \t]*(?:\"|(?:<[^>\n]*>|_:[^\s<\"]+)[ \t]*(?:\"|_:)).*(?:\n|\Z)", re.MULTILINE
)
"""A line whose subject is a literal, or whose predicate is no IRI."""

_GZIP = {"gzip", "x-gzip"}
_UTF_8 = {"utf-8", "utf8", "us-ascii"}


class Telling:
    """A body whose breaking off, or dripping for *seconds*, is an error of ours.

    What comes after *until* is taken for broken off. Nobody asks for compression; what
    a store or something before it has put in gzip all the same is unpacked.
    """

    def __init__(
        self,
        answer: HTTPResponse,
        place: Place,
        seconds: float,
        until: float = math.inf,
    ) -> None:
        self.headers: Mapping[str, str] = answer.headers
        self._answer = answer
        self._place = place
        self._seconds = seconds
        self._until = until
        self._waited = 0.0
        self._bytes = 0
        coding = self.headers.get("Content-Encoding", "").strip().lower()
        self._coding = "" if coding == "identity" else coding
        self._unpacked = (
            gzip.GzipFile(fileobj=cast("IO[bytes]", _Packed(self)), mode="rb")
            if coding in _GZIP
            else None
        )

    def close(self) -> None:
        """Read no more."""
        self._answer.close()

    def require(self, name: str, *kinds: str) -> None:
        """Raise StoreRefusedError where the answer says that it is none of *kinds*.

        They are those of the format *name*; and it must be in UTF-8, as both are.
        """
        told, _, more = self.headers.get("Content-Type", "").lower().partition(";")
        if not any(kind in told for kind in kinds):
            self._refuse(
                f"the answer is not in {name}, but {told or 'of no type'}: no SPARQL"
                " endpoint gives that",
                "give the address of the dataset, as https://host:port/dataset",
            )
        charset = more.partition("charset=")[2].partition(";")[0].strip(' "')
        if charset and charset not in _UTF_8:
            self._refuse(
                f"the answer is in the character set {charset}, and not in UTF-8 as"
                f" {name} is",
                "see what the store is set to, and what lies between",
            )
        if self._coding and self._unpacked is None:
            self._refuse(
                f"the answer is coded as {self._coding}, which nobody asked for",
                "see what lies between, and have it send on what the store gives",
            )

    def require_end(self) -> None:
        """Raise StoreRefusedError where the answer does not say where it ends."""
        has_length = self._answer.length_remaining is not None
        if not (has_length or self._answer.chunked or self._unpacked):
            self._refuse(
                "the store's answer does not say where it ends",
                "ask it by HTTP 1.1, without a proxy that speaks an older one",
            )

    def _refuse(self, message: str, advice: str) -> None:
        self.close()
        raise StoreRefusedError(message, where=self._place.queries, advice=advice)

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes, and none when there are no more."""
        if self._unpacked is None:
            return self.arrived(size)
        try:
            found = self._unpacked.read1(size)
            if not found and not self._bytes:
                raise EOFError("nothing is there")
            return found
        except (EOFError, zlib.error, gzip.BadGzipFile) as why:
            self.close()
            raise LostError(
                f"the store's answer broke off, or is not in gzip ({short(why)})",
                where=self._place.url,
                advice="see what lies between, and try again",
            ) from why

    def arrived(self, size: int = -1) -> bytes:
        """Return up to *size* bytes as they came, and none when there are no more."""
        began = time.monotonic()
        with lost(self._place):
            found = self._answer.read1(None if size < 0 else size) or b""
        self._waited += time.monotonic() - began
        self._bytes += len(found)
        if time.monotonic() > self._until:
            self._answer.close()
            raise slow(self._place)
        if not found:
            self._answer.release_conn()
        elif self._waited > max(self._seconds, self._bytes / _LEAST_PER_SECOND):
            self._answer.close()
            raise slow(self._place)
        return found

    def beginning(self) -> bytes:
        """Return what there is, or the beginning of what is long, and read no more."""
        found = b""
        while len(found) < _MOST_TOLD:
            more = self.arrived(_MOST_TOLD)
            if not more:
                return found
            found += more
        self.close()
        return found


class Triples:
    """N-Triples that arrive, without the lines that are no triples.

    A template may make some, whose subject is a literal: they are left out (SPARQL 1.1
    Query, section 16.2), and Jena sends them all the same.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._begun: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        """Return some more lines, and none when there are no more."""
        while piece := self._telling.read(size):
            end = piece.rfind(b"\n") + 1
            if not end:
                self._begun.append(piece)
                continue
            lines = b"".join([*self._begun, piece[:end]])
            self._begun = [piece[end:]]
            if lawful := _NO_TRIPLE.sub(b"", lines):
                return lawful
        last, self._begun = b"".join(self._begun), []
        return _NO_TRIPLE.sub(b"", last)


class _Packed:
    """What arrives, for who unpacks it."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling

    def read(self, size: int = -1) -> bytes:
        return self._telling.arrived(size)


@contextlib.contextmanager
def lost(place: Place) -> Iterator[None]:
    """Raise a StoreError of ours where the connection to the store at *place* fails."""
    try:
        yield
    except urllib3.exceptions.SSLError as why:
        if "CERTIFICATE_VERIFY_FAILED" in str(why):
            raise untrusted(place, why) from why
        raise insecure(place, why) from why
    except urllib3.exceptions.NewConnectionError as why:
        raise unreachable(place, why) from why
    except urllib3.exceptions.ConnectTimeoutError as why:
        raise unreachable(place, why) from why
    except urllib3.exceptions.ReadTimeoutError as why:
        raise slow(place) from why
    except (urllib3.exceptions.HTTPError, OSError) as why:
        raise LostError(
            f"the connection to the store broke ({short(why)})",
            where=place.url,
            advice="see whether it is running, and try again",
        ) from why


@contextlib.contextmanager
def reading(place: Place) -> Iterator[None]:
    """Raise StoreRefusedError where what the store answers is no answer."""
    try:
        yield
    except (SyntaxError, ValueError) as why:
        raise StoreRefusedError(
            f"the store's answer cannot be read ({short(why)})",
            where=place.queries,
            advice="see `kg store check`, and what the store's log says",
        ) from why
