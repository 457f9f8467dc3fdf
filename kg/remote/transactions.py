"""Commits in transactions of the RDF4J REST API, for the stores that have it.

An update by itself RDF4J does in the isolation of SNAPSHOT_READ: of two at once whose
WHERE is the same record both may find it, and both are done. In SERIALIZABLE the one
that commits second is refused, as what it has read is not there any more.
(https://rdf4j.org/documentation/reference/rest-api/, "Transactions".)
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from kg.errors import StoreError, StoreRefusedError, StoreUnreachableError

if TYPE_CHECKING:
    from kg.remote.client import Client
    from kg.remote.updates import Guarded

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_BOOLEAN = "text/boolean"
_SERIALIZABLE = (
    "transaction-setting__org.eclipse.rdf4j.common.transaction.IsolationLevel"
    "=SERIALIZABLE"
)
_ROLLBACK_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Transactions:
    """Those of the *repository* at that address, by requests of *client*."""

    def __init__(self, client: Client, repository: str) -> None:
        self._client = client
        self._begun = f"{repository}/transactions"
        self._were_had = False
        self._is_told = False

    def commit(self, change: Guarded) -> bool:
        """Do a change in a transaction of its own; return False if none is to be had.

        That is logged the first time, with the reason that the store gives.
        Raise LostError where it may or may not have been done. None is left open, if
        the store can be reached; if not, the store ends it after a minute by itself.
        """
        one = self._begin()
        if one is None:
            return False
        is_done = False
        try:
            asked = f"ASK {{ {change.guard} }}"
            query = f"{one}?action=QUERY"
            _, told = self._client.send("PUT", query, asked, QUERY, accept=_BOOLEAN)
            if told.strip() == b"true":
                # Not as one operation: RDF4J nests its template as deep as it is long.
                self._client.send("PUT", f"{one}?action=UPDATE", change.data, UPDATE)
                self._client.send("PUT", f"{one}?action=COMMIT")
                is_done = True
        finally:
            if not is_done:
                with contextlib.suppress(StoreError):
                    self._client.send("DELETE", one, seconds=_ROLLBACK_SECONDS)
        return True

    def are_had(self) -> bool:
        """Tell whether the store begins a transaction; it is rolled back at once."""
        one = self._begin()
        if one is not None:
            self._client.send("DELETE", one, seconds=_ROLLBACK_SECONDS)
        return one is not None

    def _begin(self) -> str | None:
        """Return the address of a transaction, or None where the store has no such."""
        begin = f"{self._begun}?{_SERIALIZABLE}"
        try:
            try:
                told, _ = self._client.send("POST", begin)
            except StoreUnreachableError:  # a connection that was kept had been closed
                told, _ = self._client.send("POST", begin)
        except StoreRefusedError as refused:
            if self._were_had:
                raise
            self._tell(refused.message)
            return None
        name = told.get("Location", "").rpartition("/")[2]
        self._were_had |= bool(name)
        # The host that the store calls itself by may be another than it is reached by.
        if not name:
            self._tell("it does not say where the one begun is")
            return None
        return f"{self._begun}/{name}"

    def _tell(self, why: str) -> None:
        """Log once that commits are single updates here, and *why*."""
        if not self._is_told:
            self._is_told = True
            _log.warning(
                "%s: the store begins no transaction (%s), so each commit is a single"
                " update; see `kg store check`",
                self._begun,
                why,
            )
