"""What an operation of the Graph Store Protocol makes of a graph: written, or tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.change import Change
from kg.created import graphs_of, marks, was_created
from kg.edits import replacing
from kg.terms import KEPT_BY_PROGRAM
from kg.update import GraphRules
from server import protocol, writes
from server.problems import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    UnsupportedMediaTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.store import Snapshot
    from server.bodies import Document
    from server.targets import Target
    from server.writes import Make

NAME_IT = "name it: ?graph=…, ?default, or a path below /graphs/"


def require_writable(about: Target | None) -> Target:
    """Return the graph that the request names; raise where it may not be written."""
    if about is None:
        raise BadRequestError("the request names no graph", advice=NAME_IT)
    if about.name in KEPT_BY_PROGRAM:
        raise ForbiddenError(
            f"the graph {about.name} is kept by this program and cannot be written",
            advice="name the passage or the source that states the facts",
        )
    return about


def replacement(about: Target, documents: Iterable[Document]) -> Make:
    """Return what lets the graph hold what *documents* state, and nothing else."""
    stated = _stated(about, documents)
    return lambda here: replacing(here, about.name, stated)


def addition(about: Target, documents: Iterable[Document]) -> Make:
    """Return what adds to the graph what *documents* state; it is there then.

    A Turtle text may lack its last dot, as those do that the standard's own tests post.
    """
    stated = _stated(about, documents, may_lack_dot=True)
    _refuse_elsewhere(stated, about)
    if stated.added:
        return lambda _: stated
    return lambda here: (
        stated if about.is_there(here) else Change(added=marks(about.name))
    )


def removal(about: Target) -> Make:
    """Return what removes the graph and all that it holds; it must be there."""

    def make(here: Snapshot) -> Change:
        if not about.is_there(here):
            raise absent(about)
        held = frozenset(here.quads(graph=about.name))
        told = marks(about.name) if was_created(here, about.name) else frozenset()
        return Change(removed=held | told)

    return make


def patch(about: Target, text: str) -> Make:
    """Return what does the update *text*, for which the graph is all that there is."""
    make = writes.updating(
        text,
        using_graphs=(about.name.value,),
        rules=GraphRules(
            about.name, KEPT_BY_PROGRAM, skolems=True, base=about.name.value
        ),
    )

    def within(here: Snapshot) -> Change:
        change = make(here)
        _refuse_elsewhere(change, about)
        return change

    return within


def read_patch(content_type: str | None, sent: bytes) -> str:
    """Return the update that a body holds; refuse other media types."""
    supported = (protocol.UPDATE,)
    media_type = protocol.read_media_type(content_type, supported=supported)
    if media_type != protocol.UPDATE:
        error = UnsupportedMediaTypeError(
            f"a graph cannot be patched with {media_type}", supported=supported
        )
        error.headers["Accept-Patch"] = protocol.UPDATE  # RFC 5789, section 2.2
        raise error
    return protocol.decoded(sent, "the update")


def absent(about: Target) -> NotFoundError:
    """Return the error for a graph that is not there."""
    return NotFoundError(
        f"there is no graph {about.name}", advice="GET /graphs lists those there are"
    )


def _stated(
    about: Target, documents: Iterable[Document], *, may_lack_dot: bool = False
) -> Change:
    return Change.all_of(
        one.change(about.name, may_be_empty=True, may_lack_dot=may_lack_dot)
        for one in documents
    )


def _refuse_elsewhere(change: Change, about: Target) -> None:
    """Raise BadRequestError where *change* is of another graph than it may be."""
    graphs = graphs_of(change.added | change.removed)
    others = sorted(map(str, graphs - {about.name}))
    if others:
        raise BadRequestError(
            f"the request is for the graph {about.name}, and speaks of {others[0]}",
            advice="write to several graphs with /update",
        )
