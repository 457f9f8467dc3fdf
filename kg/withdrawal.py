"""Deletes that name no graph must not leave standing what they delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.terms import INFERRED, Quad, Triple
from kg.update import StillHeldError, Update

if TYPE_CHECKING:
    from kg.change import Change
    from kg.gate import Verdict
    from kg.store import Snapshot


def refuse_following(snapshot: Snapshot, change: Change, verdict: Verdict) -> None:
    """Raise StillHeldError where what the update *change* withdraws still follows.

    *verdict* is the gate's, which reasoned over it, on *snapshot*. A change that is
    not accepted anyway is left to its findings.
    """
    if not isinstance(change, Update) or not verdict.accepted:
        return
    held = [
        (triple, (INFERRED,))
        for triple in sorted(change.withdrawn, key=str)
        if _follows(snapshot, triple, verdict)
    ]
    if held:
        raise StillHeldError(held)


def _follows(snapshot: Snapshot, triple: Triple, verdict: Verdict) -> bool:
    quad = Quad(triple.subject, triple.predicate, triple.object, INFERRED)
    standing = quad in snapshot and quad not in verdict.removed
    return standing or quad in verdict.added
