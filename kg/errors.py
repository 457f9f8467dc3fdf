"""The errors of Exequatur: one tree; a message says where, what, what would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.history import LoggedChange


_LONGEST, _LONGEST_PART = 600, 250


def bounded(message: str) -> str:
    """Return *message*, its beginning and end where what it quotes is very long."""
    if len(message) <= _LONGEST:
        return message
    return f"{message[:_LONGEST_PART]} … {message[-_LONGEST_PART:]}"


class ExequaturError(Exception):
    """Anything a user can mend; *where* is a file and line, or a parameter."""

    def __init__(self, message: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}; {self.advice}" if self.advice else text


class ConfigError(ExequaturError):
    """A setting is unknown, or its value cannot be used."""


class DataFileError(ExequaturError):
    """A file cannot be read, decoded or parsed."""


class FormatError(ExequaturError):
    """A format is not known, or does not fit what is to be written or read."""


class UnwritableError(FormatError):
    """A format has no way to write a part of what is to be written in it."""


class QueryError(ExequaturError):
    """A SPARQL text cannot be parsed, is not allowed or cannot be evaluated."""


class UnknownQueryError(ExequaturError):
    """No saved query has that name."""


class ParameterError(ExequaturError):
    """A saved query's parameter is unknown, missing, or its value does not fit."""


class UnknownEntityError(ExequaturError):
    """No entity has that IRI, name or label, or more than one has it.

    *candidates* are the IRIs that may have been meant, with their labels.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        advice: str = "",
        candidates: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message, where=where, advice=advice)
        self.candidates = tuple(candidates)


class AxiomError(ExequaturError):
    """The ontology has an axiom that the rules do not cover."""


class ShapesError(ExequaturError):
    """The shapes graph is not well formed."""


class ChangeError(ExequaturError):
    """A change cannot be made from what was given."""


class StoreError(ExequaturError):
    """The store cannot be used."""


class StoreMissingError(StoreError):
    """There is no store at that place."""


class StoreBusyError(StoreError):
    """Another process is writing to the store."""


class StoreMovedError(StoreError):
    """Another change was committed while this one was judged."""


class StoreUnreachableError(StoreError):
    """No answer comes from a remote store: it is down, too slow, or out of reach."""


class StoreRefusedError(StoreError):
    """A remote store answers that it will not, or that it cannot."""


class StoreDamagedError(StoreError):
    """The store's files are incomplete or not what they should be."""


class StoreLayoutError(StoreError):
    """The store was written by another version of this program."""


class UnknownVersionError(StoreError):
    """The store's history has no such version."""


class VersionConflictError(StoreError):
    """The store went on since the version that a change was made for.

    *since* are the changes that made the versions after it.
    """

    def __init__(
        self,
        message: str,
        *,
        since: Sequence[LoggedChange],
        where: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(message, where=where, advice=advice)
        self.since = tuple(since)


class TokenError(ExequaturError):
    """An access token cannot be made or found, or the file of tokens not be used."""


class QueryLimitError(QueryError):
    """A query was stopped: it took more time, memory or room than it may.

    *limit* says which: `time`, `memory`, `bytes` or `rows`.
    """

    def __init__(
        self, message: str, *, where: str = "", advice: str = "", limit: str = ""
    ) -> None:
        super().__init__(message, where=where, advice=advice)
        self.limit = limit


class QueryDroppedError(QueryError):
    """A query was stopped: nobody waits for its answer any more."""


class JudgingLimitError(ChangeError):
    """A change was not judged to the end: it took more time than it may."""


class OverloadError(ExequaturError):
    """All readers are busy, and no more requests can wait."""
