"""Erasing an entity: from what is stated, from the journal, from older versions.

Erased are the entity's node and those that only describe it: its tenures, stances and
participations, and the times and nameless nodes that nothing else refers to. Whatever
is left without what it needs, such as a claim without its maker, the gate finds.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from kg.change import Change
from kg.display import statement_text, term_text
from kg.errors import ChangeError
from kg.folding import fold
from kg.gate import judge
from kg.history import entries, is_stated, require_version
from kg.journal import COMMENT, Entry, activity
from kg.terms import (
    ALT_LABEL,
    DCT,
    EXQ,
    KEPT_BY_PROGRAM,
    LABEL,
    LOG,
    MERGED_VIEW,
    ONTOLOGY,
    PROV,
    SHAPES,
    SKOS,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from kg.gate import Verdict
    from kg.progress import Tell
    from kg.store import Snapshot, Store

_NAMING = (LABEL, ALT_LABEL, NamedNode(f"{SKOS}prefLabel"))
_OWNS = (NamedNode(f"{EXQ}hasStance"), NamedNode(f"{EXQ}hasTenure"))
_OWNED_BY = NamedNode(f"{EXQ}participatingAgent")
_TIME_SPAN = NamedNode(f"{EXQ}TimeSpan")
_ERASED = NamedNode(f"{DCT}identifier")
"""In the log, what gives the digest of an IRI that was erased."""
MESSAGE = "Erased an entity"
SHORTEST = 3
"""A last word that is no longer than this would be found everywhere."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be erased: *nodes*, the entity first, and the quads that name them.

    *texts* are quads of other things whose text has one of their names; *hints* have
    only the last word of the entity's label. *names* finds the names in a folded text.
    """

    nodes: tuple[NamedNode, ...]
    removed: frozenset[Quad]
    texts: tuple[Quad, ...]
    hints: tuple[Quad, ...]
    names: re.Pattern[str]

    @property
    def naming(self) -> tuple[Quad, ...]:
        """Those of *texts* that can be mended, as they do not come from files."""
        return tuple(q for q in self.texts if q.graph_name not in KEPT_BY_PROGRAM)

    def touches(self, quad: Quad) -> bool:
        """Tell whether a term of *quad* is one of the nodes."""
        terms = {quad.subject, quad.predicate, quad.object, quad.graph_name}
        return not terms.isdisjoint(self.nodes)

    def is_named_in(self, quad: Quad) -> bool:
        """Tell whether the text of *quad* has one of the names."""
        return isinstance(quad.object, Literal) and self.names_in(quad.object.value)

    def names_in(self, text: str) -> bool:
        """Tell whether *text* has one of the names."""
        return bool(self.names.search(fold(text)))


def plan_erasure(snapshot: Snapshot, nodes: Sequence[NamedNode]) -> Erasure:
    """Return what goes with the first of *nodes*, and with the others, named by hand.

    Raise ChangeError for a part of the ontology or the shapes.
    """
    every = _with_descriptions(snapshot, nodes)
    removed = frozenset(q for node in every for q in _about(snapshot, node))
    kept = {quad.graph_name for quad in removed} & {ONTOLOGY, SHAPES}
    if kept:
        raise ChangeError(
            f"{term_text(nodes[0])} is part of the ontology or the shapes",
            advice="change their files and build the store again",
        )
    names = _names(snapshot, nodes, every)
    word = _last_word(snapshot, nodes[0])
    literals = [
        (quad, fold(quad.object.value))
        for quad in snapshot.quads()
        if isinstance(quad.object, Literal) and is_stated(quad) and quad not in removed
    ]
    texts = [quad for quad, text in literals if names.search(text)]
    hints = [
        quad
        for quad, text in literals
        if word.search(text) and quad.graph_name not in KEPT_BY_PROGRAM
    ]
    return Erasure(
        nodes=every,
        removed=removed,
        texts=tuple(sorted(texts, key=str)),
        hints=tuple(sorted(set(hints) - set(texts), key=str)),
        names=names,
    )


def erase(
    store: Store,
    nodes: Sequence[NamedNode],
    *,
    agent: str,
    message: str = MESSAGE,
    keep_texts: bool = False,
    if_version: int | None = None,
    tell: Tell | None = None,
) -> tuple[Verdict, int]:
    """Erase *nodes* and what only describes them, if the gate accepts what is left.

    The store is written anew without them; its log keeps the digest of each IRI. Return
    the verdict and the number of the current version. Raise ChangeError where other
    texts or the message name them; see *keep_texts*.
    """
    base = store.manifest.base
    with store.writing() as writer:
        require_version(store, writer.snapshot, if_version)
        here = writer.snapshot.at_hand()
        plan = plan_erasure(here, nodes)
        _refuse_names(plan, message, keep_texts=keep_texts)
        verdict = judge(here, Change(removed=plan.removed), base=base, tell=tell)
        if not verdict.accepted or not plan.removed:
            return verdict, here.version
        version = here.version + 1
        now = datetime.now(UTC)
        logged = chain(
            activity(verdict.change.counts, version, agent=agent, message=message,
                     base=base, when=now),
            _tombstones(plan.nodes, version, base, now),
        )  # fmt: skip
        journal = _redacted(store, plan, here)
        journal[version] = Entry(
            version, frozenset(), frozenset(), 0, len(verdict.change.removed)
        ).lines()
        left = _left(here, plan, verdict.removed)
        writer.rewrite(chain(left, verdict.added, logged), journal)
        return verdict, version


def tombstones(snapshot: Snapshot) -> frozenset[str]:
    """Return the digests of the IRIs that were erased."""
    found = snapshot.quads(None, _ERASED, None, LOG)
    return frozenset(q.object.value for q in found if isinstance(q.object, Literal))


def is_erased(snapshot: Snapshot, node: NamedNode) -> bool:
    """Tell whether *node* was erased once; it may have come in again since."""
    digest = Literal(_digest(node))
    return any(snapshot.quads(None, _ERASED, digest, LOG))


def named_in(snapshot: Snapshot, digests: frozenset[str]) -> list[NamedNode]:
    """Return the IRIs that *snapshot* states something of and that have *digests*."""
    terms = {
        term
        for quad in snapshot.quads()
        if is_stated(quad)
        for term in (quad.subject, quad.object)
        if isinstance(term, NamedNode)
    }
    return sorted((t for t in terms if _digest(t) in digests), key=str)


def _with_descriptions(
    snapshot: Snapshot, nodes: Sequence[NamedNode]
) -> tuple[NamedNode, ...]:
    """Return *nodes* and all that only describe them, the given ones first."""
    found = dict.fromkeys(nodes)
    while True:
        near = [n for node in found for n in _neighbours(snapshot, node)]
        new = [n for n in near if n not in found and _is_of(snapshot, n, found)]
        if not new:
            return tuple(found)
        found |= dict.fromkeys(new)


def _neighbours(snapshot: Snapshot, node: NamedNode) -> Iterator[NamedNode]:
    for quad in chain(
        snapshot.quads(subject=node, graph=MERGED_VIEW),
        snapshot.quads(None, _OWNED_BY, node, MERGED_VIEW),
    ):
        other = quad.object if quad.subject == node else quad.subject
        if isinstance(other, NamedNode):
            yield other


def _is_of(snapshot: Snapshot, node: NamedNode, owners: dict[NamedNode, None]) -> bool:
    """Tell whether *node* belongs to *owners* alone, or only they name it."""
    owning: list[object] = [
        quad.subject
        for predicate in _OWNS
        for quad in snapshot.quads(None, predicate, node, MERGED_VIEW)
    ]
    owning += [q.object for q in snapshot.quads(node, _OWNED_BY, None, MERGED_VIEW)]
    if owning:
        return all(owner in owners for owner in owning)
    if not _is_nameless(snapshot, node):
        return False
    naming = {q.subject for q in snapshot.quads(object_=node) if is_stated(q)}
    return all(subject in owners for subject in naming)


def _is_nameless(snapshot: Snapshot, node: NamedNode) -> bool:
    """Tell whether *node* was a blank node, or is a time."""
    time = Quad(node, TYPE, _TIME_SPAN, MERGED_VIEW)
    return "/.well-known/genid/" in node.value or time in snapshot


def _about(snapshot: Snapshot, node: NamedNode) -> Iterator[Quad]:
    """Yield the quads stated that have *node* as any of their terms."""
    found = chain(
        snapshot.quads(subject=node),
        snapshot.quads(predicate=node),
        snapshot.quads(object_=node),
        snapshot.quads(graph=node),
    )
    return filter(is_stated, found)


def _names(
    snapshot: Snapshot, nodes: Sequence[NamedNode], every: Iterable[NamedNode]
) -> re.Pattern[str]:
    """Return what finds labels of *nodes*, or IRIs of *every* one, in a folded text."""
    labels = _words({label for node in nodes for label in _labels(snapshot, node)})
    iris = "|".join(re.escape(fold(node.value)) for node in every)
    return re.compile(rf"{labels.pattern}|(?:{iris})(?![\w-])")


def _labels(snapshot: Snapshot, node: NamedNode) -> Iterator[str]:
    for predicate in _NAMING:
        for quad in snapshot.quads(node, predicate, None, MERGED_VIEW):
            if isinstance(quad.object, Literal) and quad.object.value.strip():
                yield fold(quad.object.value)


def _last_word(snapshot: Snapshot, node: NamedNode) -> re.Pattern[str]:
    words = [label.split()[-1] for label in _labels(snapshot, node) if " " in label]
    return _words({word for word in words if len(word) > SHORTEST})


def _words(texts: Iterable[str]) -> re.Pattern[str]:
    either = "|".join(map(re.escape, sorted(texts))) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")


def _refuse_names(plan: Erasure, message: str, *, keep_texts: bool) -> None:
    if plan.names_in(message):
        raise ChangeError(
            "the message names what is to be erased, and would stay in the log",
            advice="say why without saying whom",
        )
    if plan.naming and not keep_texts:
        raise ChangeError(
            f"{len(plan.naming)} texts of other things name it, such as"
            f" {statement_text(plan.naming[0])}",
            advice="mend them first, with `kg remove` and `kg add`; or keep them, with"
            " --keep-texts",
        )


def _redacted(store: Store, plan: Erasure, now: Snapshot) -> dict[int, list[str]]:
    """Return the journal files that change, by version, without what is erased."""

    def goes(quad: Quad) -> bool:
        # A text that still stands must stay in the journal, which tells its way there.
        return plan.touches(quad) or (plan.is_named_in(quad) and quad not in now)

    found = {}
    for entry in entries(store, 1, now.version):
        added, removed = (
            frozenset(quad for quad in quads if not goes(quad))
            for quads in (entry.added, entry.removed)
        )
        if (added, removed) != (entry.added, entry.removed):
            all_added, all_removed = entry.counts
            found[entry.version] = Entry(
                entry.version,
                added,
                removed,
                all_added - len(added),
                all_removed - len(removed),
            ).lines()
    return found


def _left(
    snapshot: Snapshot, plan: Erasure, removed: AbstractSet[Quad]
) -> Iterator[Quad]:
    """Yield what stays of *snapshot*; messages of the log that name it do not."""
    for quad in snapshot.quads():
        told = quad.graph_name == LOG and quad.predicate == COMMENT
        if quad not in removed and not (told and plan.is_named_in(quad)):
            yield quad


def _tombstones(
    nodes: Iterable[NamedNode], version: int, base: str, when: datetime
) -> Iterator[Quad]:
    """Yield what the log keeps of each of *nodes*: its digest, and when it went."""
    time = Literal(
        when.isoformat(timespec="seconds"), datatype=NamedNode(f"{XSD}dateTime")
    )
    for node in nodes:
        stone = NamedNode(f"{base}erased/{_digest(node)}")
        yield Quad(stone, TYPE, NamedNode(f"{PROV}Entity"), LOG)
        yield Quad(stone, _ERASED, Literal(_digest(node)), LOG)
        yield Quad(stone, NamedNode(f"{PROV}invalidatedAtTime"), time, LOG)
        act = NamedNode(f"{base}change/{version}")
        yield Quad(stone, NamedNode(f"{PROV}wasInvalidatedBy"), act, LOG)


def _digest(node: NamedNode) -> str:
    return hashlib.sha256(node.value.encode()).hexdigest()
