"""Writing: a change through the gate, with the client's token and conditions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from kg.change import Change
from kg.created import graphs_of
from kg.deriving import reason_update
from kg.errors import OverloadError
from kg.store import Snapshot
from kg.update import HOUSE, GraphRules, Update
from server import access, preconditions
from server.context import house, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.gate import Verdict
    from kg.tokens import Token
    from server.targets import Target

Dataset: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""The default and the named graphs of an update, none where it names its own."""

Make: TypeAlias = Callable[[Snapshot], Change]
"""Makes a change of the present state, for which nobody else writes meanwhile."""


def write(
    make: Make, token: Token, *, message: str, about: Target | None = None
) -> tuple[Verdict, int]:
    """Make the change if the gate accepts it; return the verdict and the version.

    Raise PreconditionFailedError where the request is for another version of the graph
    *about*, or of the dataset; ForbiddenError where *token* does not cover a graph.
    """

    def allowed(here: Snapshot) -> Change:
        preconditions.require(here, about)
        change = make(here)
        access.require_writes(token, graphs_of(change.added | change.removed))
        return change

    seconds = house().settings.judging_seconds
    with _turn():
        return house().graph.write(
            allowed,
            agent=token.name,
            message=message,
            seconds=seconds,
            strict=preconditions.is_strict(),
        )


def judged(make: Make, *, strict: bool) -> Verdict:
    """Judge the change as `write` would, without making it."""
    seconds = house().settings.judging_seconds
    with _turn():
        return house().graph.validate(make(snapshot()), seconds=seconds, strict=strict)


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Hold one of the few places to judge in, or to wait; raise OverloadError.

    Without this, writers that wait for one another would take all the threads of the
    server, and nobody could read.
    """
    turns = house().turns
    if not turns.acquire(blocking=False):
        raise OverloadError(
            "too many changes are being judged; nothing was changed",
            advice="try again in a while",
        )
    try:
        yield
    finally:
        turns.release()


def updating(
    text: str,
    *,
    using_graphs: Sequence[str] = (),
    using_named_graphs: Sequence[str] = (),
    rules: GraphRules = HOUSE,
) -> Make:
    """Return what makes the change that the update *text* asks for.

    It is read at once, by a reader, so that what cannot be read or takes too long
    keeps no other writer waiting; and again where somebody wrote meanwhile.
    """
    dataset = tuple(using_graphs), tuple(using_named_graphs)
    if house().readers is None:
        return lambda here: _read_here(here, text, dataset, rules)
    tag, update = _read_by_reader(text, dataset, rules)

    def made(here: Snapshot) -> Update:
        if here.tag == tag:
            return update
        now, again = _read_by_reader(text, dataset, rules)
        if here.tag != now:
            raise OverloadError("the graph was replaced meanwhile", advice="try again")
        return again

    return made


def _read_here(
    here: Snapshot, text: str, dataset: Dataset, rules: GraphRules
) -> Update:
    default, named = dataset
    return reason_update(
        text,
        here,
        base=house().settings.base,
        using_graphs=default,
        using_named_graphs=named,
        rules=rules,
    )


def _read_by_reader(
    text: str, dataset: Dataset, rules: GraphRules
) -> tuple[str, Update]:
    readers = house().readers
    assert readers is not None  # noqa: S101 asked before
    default, named = dataset
    return readers.read_update(
        text,
        base=house().settings.base,
        using_graphs=default,
        using_named_graphs=named,
        rules=rules,
    )
