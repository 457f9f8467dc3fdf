"""What a request works with: the graph, the version it reads, the addresses."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from server.beside import Beside
from server.codings import unpacked
from server.problems import TooLargeError

if TYPE_CHECKING:
    from kg.config import Settings
    from kg.graph import KnowledgeGraph
    from kg.graph_versions import GraphVersions
    from kg.readers import Readers
    from kg.store import Snapshot
    from kg.tokens import TokenFile
    from server.links import Links
    from server.page_answers import PageAnswers

EXTENSION = "exequatur"
JUDGING = 6
"""So many changes may be judged, or wait for it, in a process at once.

That leaves some of its threads to those who read.
"""
GONE = "exequatur.gone"
"""The name in a request's environment of what tells whether its client has gone."""

ASKED = "exequatur.asked"
"""The name in a request's environment of what has the answer to its query.

It is there where the query was asked before the application was called.
"""

BEGAN = "exequatur.began"
"""The name in a request's environment of what the clock said when it came."""

MIXED = "mixed"
"""The name of the mark of an answer of more than one version: it has no tag."""

STANDS = "exequatur.stands"
"""The name in a request's environment of what tells whether the store stands still.

It is there where the answer has a tag: that is taken from it if what was read of the
store turns out to be of a later version.
"""

ROUTE = "exequatur.route"
"""The name in a request's environment of the rule that its address matched."""


@dataclass(frozen=True, slots=True)
class House:
    """What the application was made from; without *readers* it evaluates itself.

    *answers* are those that pages show, of the same readers; what takes long is worked
    out *beside* pages. *tag* differs from that of an application with other pages or
    saved queries.
    """

    graph: KnowledgeGraph
    settings: Settings
    links: Links
    tag: str
    tokens: TokenFile
    versions: GraphVersions
    readers: Readers | None = None
    beside: Beside = field(default_factory=Beside)
    answers: PageAnswers | None = None
    turns: threading.Semaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(JUDGING)
    )


def house() -> House:
    """Return what this application was made from."""
    return cast("House", current_app.extensions[EXTENSION])


def snapshot() -> Snapshot:
    """Return the version that this request reads, one and the same throughout."""
    if "snapshot" not in g:
        g.snapshot = house().graph.snapshot()
    return cast("Snapshot", g.snapshot)


def body() -> bytes:
    """Return the request's body without its content codings; raise TooLargeError.

    The framework cuts a body that has no length at the limit without a word, and is
    therefore told of a limit that is one byte higher.
    """
    most = house().settings.max_body_bytes
    found = request.get_data(cache=False)
    if len(found) > most:
        raise too_large()
    codings = ",".join(request.headers.getlist("Content-Encoding"))
    return unpacked(found, codings, most) if codings else found


def too_large() -> TooLargeError:
    """Return the error for a body that is longer than this server reads."""
    most = house().settings.max_body_bytes
    return TooLargeError(
        "the body is too large", advice=f"this server reads {most:,} bytes at most"
    )


def request_id() -> str:
    """Return the id of this request, as logs and errors name it."""
    return cast("str", g.get("request_id", "-"))


def accept() -> str | None:
    """Return the Accept header, several joined as RFC 9110 allows."""
    return cast("str | None", request.environ.get("HTTP_ACCEPT")) or None
