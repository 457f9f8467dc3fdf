"""What a remote store says of itself: its version, and the guard of every commit.

The record is one literal, JSON, the only value in the graph `graph/store`. An update
that names the old record in its WHERE, and puts the new one in its place, does nothing
at all unless the store is still at the version that it was made for.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from kg.errors import StoreDamagedError, StoreLayoutError, StoreMissingError
from kg.folder import LAYOUT, Pointer
from kg.terms import RDF, RECORD, Literal, NamedNode

if TYPE_CHECKING:
    from kg.terms import Term

VALUE = NamedNode(f"{RDF}value")
PATTERN = f"GRAPH {RECORD} {{ {RECORD} {VALUE} ?record }}"
"""What finds the record in a query, as `?record`."""

DEFAULT, NAMED = "default", "named"
"""Which graph of the store is the merged view: the default one, or `graph/merged`."""

COPY = "copy the dataset anew with `kg copy`"


@dataclass(frozen=True, slots=True)
class Record:
    """The version of a store, and the line of history that it belongs to.

    *commit* differs with every change, and says whose change was done; *view* says
    where the merged view is kept.
    """

    version: int
    origin: str
    base: str
    fingerprint: str
    commit: str = ""
    layout: int = LAYOUT
    view: str = DEFAULT

    @property
    def pointer(self) -> Pointer:
        """The version and its line of history."""
        return Pointer(self.version, self.origin)

    def is_of_version_of(self, old: Record) -> bool:
        """Tell whether no version was committed since that of *old*."""
        return self.pointer == old.pointer

    def fence(self) -> Record:
        """Return a record of the same version that no commit before was made for."""
        return replace(self, commit=secrets.token_hex(8))

    def next(self, origin: str = "") -> Record:
        """Return the record of the version that follows, in the line of *origin*."""
        return replace(
            self,
            version=self.version + 1,
            origin=origin or self.origin,
            commit=secrets.token_hex(8),
        )

    @property
    def literal(self) -> Literal:
        """The record as the store has it."""
        return Literal(json.dumps(asdict(self), sort_keys=True))

    @property
    def statement(self) -> str:
        """The record in a template, or in the WHERE of what is guarded by it."""
        return f"GRAPH {RECORD} {{ {RECORD} {VALUE} {self.literal} }}"

    @classmethod
    def read(cls, found: list[Term], where: str) -> Record:
        """Return the record that is the one value *found*; raise a StoreError."""
        if not found:
            raise StoreMissingError(
                "this store holds no dataset of Exequatur",
                where=where,
                advice="fill it with `kg build`, or `kg copy`",
            )
        try:
            (one,) = found
            record = cls(**json.loads(one.value))
        except (TypeError, ValueError, AttributeError) as error:
            raise StoreDamagedError(
                f"the record in {RECORD} cannot be read ({error})",
                where=where,
                advice=COPY,
            ) from error
        if record.layout != LAYOUT:
            raise StoreLayoutError(
                f"the store has layout {record.layout!r}, not {LAYOUT}",
                where=where,
                advice=COPY,
            )
        return record
