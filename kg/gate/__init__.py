"""The gate: judge a change against the present state, and say what it would do.

A pure function of the quads that stand and a change. It adds what follows by the
ontology, withdraws what no longer follows, checks the result, and answers with a
verdict; `Writer.commit` makes an accepted one the next version.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kg.deadline import check
from kg.gate.local import judge_local
from kg.gate.strict import strictly
from kg.gate.verdict import Nothing, State, Verdict
from kg.gate.view import FROM_ONTOLOGY, in_view
from kg.progress import silent
from kg.terms import BASE, MERGED_VIEW

if TYPE_CHECKING:
    from kg.change import Change
    from kg.progress import Tell

LARGE = 1_000
"""A change of fewer quads is always judged by what it touches."""

_SHARE = 8
_COPIED_SHARE = 30

__all__ = [
    "FROM_ONTOLOGY",
    "LARGE",
    "Nothing",
    "State",
    "Verdict",
    "in_view",
    "is_large",
    "judge",
    "strictly",
    "worth_copying",
]


def is_large(state: State, change: Change, *, triples: int | None = None) -> bool:
    """Tell whether all that would stand is judged in less time than *change* alone.

    A quad of a change costs some twenty times what one costs that stands, and there are
    about two and a half of these for each triple of the merged view. How many *triples*
    that has is counted where it is not known.
    """
    most = _SHARE * _size(change)
    if not most:
        return False
    if triples is not None:
        return triples <= most
    return sum(1 for _ in islice(state.quads(graph=MERGED_VIEW), most + 1)) <= most


def worth_copying(change: Change) -> int:
    """Return up to how many triples of the merged view are sooner copied than asked.

    That is of another program's store: it is asked in rounds, and in each *change* is
    judged as far as can be.
    """
    return _COPIED_SHARE * _size(change)


def _size(change: Change) -> int:
    """Return the number of quads of *change*, 0 where they are few."""
    size = len(change.added) + len(change.removed)
    return size if size >= LARGE else 0


def judge(
    state: State,
    change: Change,
    *,
    base: str = BASE,
    tell: Tell | None = None,
    whole: bool = False,
) -> Verdict:
    """Return what *change* would do to *state*, and whether it may.

    The cost is that of the change, except for one of the ontology, the shapes or the
    class hierarchy: it is judged by the whole graph, as any is with *whole*. *tell* is
    called with the name of each phase as it begins. Raise AxiomError or ShapesError
    where the change brings an ontology or shapes that cannot be used, JudgingLimitError
    past the limit that `kg.deadline` sets.
    """

    def say(phase: str, done: int = 0, total: int | None = None) -> None:
        check()
        (tell or silent)(phase, done, total)

    verdict = None if whole else judge_local(state, change, base, say)
    if verdict is not None:
        return verdict
    from kg.gate.whole import judge_whole  # it brings numpy, slow to import

    return judge_whole(state, change, base, say)
