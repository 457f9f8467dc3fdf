"""Updates whose operations see what follows from those before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.gate import judge
from kg.update import HOUSE, GraphRules, Update, read_update, refuse_standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kg.change import Change
    from kg.gate import Verdict
    from kg.store import Snapshot
    from kg.terms import Quad


def reason_update(
    text: str,
    snapshot: Snapshot,
    *,
    base: str,
    using_graphs: Sequence[str] = (),
    using_named_graphs: Sequence[str] = (),
    rules: GraphRules = HOUSE,
) -> Update:
    """Read an update as `read_update` does, with what follows by the ontology."""

    def derive(
        here: Snapshot, change: Change
    ) -> tuple[Collection[Quad], Collection[Quad]]:
        verdict = judge(here, change, base=base)
        return verdict.added, verdict.removed

    return read_update(
        text,
        snapshot,
        base=base,
        using_graphs=using_graphs,
        using_named_graphs=using_named_graphs,
        rules=rules,
        derive=derive,
    )


def refuse_following(snapshot: Snapshot, change: Change, verdict: Verdict) -> None:
    """Raise StillHeldError where what an update withdraws still holds.

    *verdict* is what the gate says of *change* on *snapshot*; a change that is not
    accepted anyway is left to its findings.
    """
    if isinstance(change, Update) and verdict.accepted:
        refuse_standing(change, snapshot, added=verdict.added, removed=verdict.removed)
