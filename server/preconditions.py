"""If-Match and If-None-Match of a write: no update is lost (RFC 9110, section 13)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import request

from kg.created import graphs_of
from kg.history import changes, marked
from kg.journal import read_entry
from server.context import house
from server.problems import PreconditionFailedError

if TYPE_CHECKING:
    from kg.history import LoggedChange
    from kg.journal import Entry
    from kg.store import Snapshot
    from server.targets import Target

_MOST_CHANGES = 20
_MOST_LINES = 20
_NUMBER = re.compile(r"[0-9]{1,9}")


def require(here: Snapshot, about: Target | None) -> None:
    """Raise PreconditionFailedError where the request is not for this version.

    What is compared is the version that last changed the graph *about*; without one,
    that of the dataset. A tag of any representation will do, but not a weak one.
    """
    if about is None:
        tag, there = here.tag, True
    else:
        tag, there = house().versions.tag(here, about.name), about.is_there(here)
    if "If-Match" in request.headers and not _matches(tag, there):
        raise _changed(here, about, there)
    if "If-None-Match" in request.headers and _is_held(tag, there):
        raise PreconditionFailedError(
            "what is to be made is there already",
            advice="nothing was changed; leave out If-None-Match to replace it",
            members={"version": here.version},
        )


def is_strict() -> bool:
    """Tell whether the client prefers strict handling (RFC 7240, section 4.4).

    Then violations that stood before a change keep it out as well.
    """
    preferred = ",".join(request.headers.getlist("Prefer")).lower().split(",")
    return "handling=strict" in {one.strip() for one in preferred}


def _matches(tag: str, there: bool) -> bool:
    held = request.if_match
    return there and (held.star_tag or tag in _versions(held.as_set()))


def _is_held(tag: str, there: bool) -> bool:
    held = request.if_none_match
    names = _versions(held.as_set(include_weak=True))
    return there and (held.star_tag or tag in names)


def _versions(tags: set[str]) -> set[str]:
    return {tag.partition(".")[0] for tag in tags if tag}


def _changed(
    here: Snapshot, about: Target | None, there: bool
) -> PreconditionFailedError:
    since = _since(here, about)
    what = "the dataset" if about is None else f"the graph {about.name}"
    came = "; ".join(str(change) for change, _ in since)
    message = f"{what} is not as the request takes it to be"
    if not there:
        message = f"{what} is not there"
    message += f": {came}" if came else ""
    return PreconditionFailedError(
        message,
        advice="nothing was changed; read it again, and send the request with its ETag",
        members={
            "version": here.version,
            "since": [_told(change, entry) for change, entry in since],
        },
    )


def _since(here: Snapshot, about: Target | None) -> list[tuple[LoggedChange, Entry]]:
    """Return what came since the version that the request is for, the last first."""
    known = _known(here)
    if known is None:
        return []
    journal = house().graph.store.journal
    found: list[tuple[LoggedChange, Entry]] = []
    for change in reversed(changes(here)):
        if change.version <= known or len(found) == _MOST_CHANGES:
            break
        entry = read_entry(journal, change.version)
        touched = graphs_of(entry.added | entry.removed)
        if about is None or about.name in touched:
            found.append((change, entry))
    return found


def _known(here: Snapshot) -> int | None:
    """Return the newest version of this store that If-Match names."""
    numbers = []
    for tag in _versions(request.if_match.as_set()):
        origin, number = (*tag.split("-"), "")[:2]
        if origin == here.pointer.origin and _NUMBER.fullmatch(number):
            numbers.append(int(number))
    return max(numbers, default=None)


def _told(change: LoggedChange, entry: Entry) -> dict[str, Any]:
    lines = marked(entry.removed, entry.added)
    return {
        "version": change.version,
        "time": change.time.isoformat(),
        "agent": change.agent,
        "message": change.message,
        "added": change.added,
        "removed": change.removed,
        "what": lines[:_MOST_LINES],
    }
