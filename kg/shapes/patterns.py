"""Patterns of triples around a focus node, solved by looking triples up.

Every answer may hold more than a query engine would give, never less: each variable is
solved for a set of terms, and how these combine is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from kg.shapes.routes import (
    HERE,
    Route,
    Step,
    TooWideError,
    Walk,
    end_of,
    may_stay,
    reverse,
    start_of,
    steps,
)
from kg.terms import Literal, NamedNode, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.shapes.routes import Lookup
    from kg.terms import Triple

    Sets = dict[str, set[Term]]

Slot: TypeAlias = str | Term
"""What stands at an end of a pattern: the name of a variable, or a term."""

FOCUS = "this"
FIRST_LIMIT = 16
FEW = 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """A route that leads from *start* to *end*."""

    start: Slot
    way: Route
    end: Slot

    def names(self) -> set[str]:
        """Return the variables at its ends."""
        return {slot for slot in (self.start, self.end) if _is_name(slot)}

    def turned(self) -> Pattern:
        """Return the same from end to start."""
        return Pattern(self.end, reverse(self.way), self.start)


@dataclass(frozen=True, slots=True)
class Clause:
    """Patterns of which some are *read*, where those *around* them hold as well."""

    read: tuple[Pattern, ...]
    around: tuple[Pattern, ...] = ()

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """All its patterns."""
        return self.around + self.read

    def is_rooted(self) -> bool:
        """Tell whether what it reads can all be found from the focus node."""
        reached = {FOCUS}
        for _ in self.patterns:
            for pattern in self.patterns:
                if pattern.names() & reached:
                    reached |= pattern.names()
        held = {n for p in self.patterns if not may_stay(p.way) for n in p.names()}
        return all(
            pattern.names() & reached
            and (not may_stay(pattern.way) or pattern.names() & (held | {FOCUS}))
            for pattern in self.read
        )

    def footprints(self) -> Iterator[Footprint]:
        """Yield a footprint for each triple that it reads."""
        for index, pattern in enumerate(self.read):
            others = self.around + self.read[:index] + self.read[index + 1 :]
            for before, step, after in steps(pattern.way):
                yield _footprint(pattern, before, step, after, others)


@dataclass(frozen=True, slots=True)
class Footprint:
    """A triple that is read, and the patterns that lead to it from the focus node.

    With a *kind*, only types that are this class or a subclass of it count.
    """

    subject: Slot
    predicate: NamedNode | None
    object: Slot
    around: tuple[Pattern, ...]
    kind: Term | None = None

    def focus_nodes(self, triples: Iterable[Triple], lookup: Lookup) -> set[Term]:
        """Return the focus nodes to which *triples* can matter in this place.

        Of several, how their ends belong together is forgotten: that may be too many.
        """
        known = self._bound(triples)
        if known is None:
            return set()
        known = spread(self.around, known, lookup, until=FOCUS)
        return _narrowed(self.around, known, lookup)

    def _bound(self, triples: Iterable[Triple]) -> Sets | None:
        """Return the variables that *triples* bind here; None where none fits."""
        subject, object_ = self.subject, self.object
        starts: set[Term] = set()
        ends: set[Term] = set()
        for triple in triples:
            start, end = start_of(triple), end_of(triple)
            if (
                (_is_name(subject) or subject == start)
                and (_is_name(object_) or object_ == end)
                and (subject != object_ or start == end)
            ):
                starts.add(start)
                ends.add(end)
        if not starts:
            return None
        bound = (subject, starts), (object_, ends)
        return {slot: terms for slot, terms in bound if _is_name(slot)}


def _footprint(
    pattern: Pattern,
    before: Route,
    step: Step,
    after: Route,
    others: tuple[Pattern, ...],
) -> Footprint:
    start, end = pattern.start, pattern.end
    if before != HERE:
        others += (Pattern(start, before, start := "step start"),)
    if after != HERE:
        others += (Pattern(end := "step end", after, pattern.end),)
    if step.backwards:
        start, end = end, start
    return Footprint(start, step.predicate, end, others)


def spread(
    patterns: Iterable[Pattern], known: Sets, lookup: Lookup, until: str | None = None
) -> Sets:
    """Return *known* with the variables that the patterns lead to, nearest first.

    Stop when *until* is known. Empty sets mean that the patterns match nothing.
    """
    while until not in known and all(known.values()):
        open_ends = _open_ends(patterns, known)
        if not open_ends:
            break
        name, found = _cheapest(open_ends, known, lookup)
        known = {**known, name: found}
    return known


def _open_ends(patterns: Iterable[Pattern], known: Sets) -> list[Pattern]:
    """Return the patterns, turned where need be, that lead from known to unknown."""
    both = [way for pattern in patterns for way in (pattern, pattern.turned())]
    return [
        pattern
        for pattern in both
        if _is_known(pattern.start, known) and not _is_known(pattern.end, known)
    ]


def _is_name(slot: Slot) -> TypeGuard[str]:
    return isinstance(slot, str)


def _is_known(slot: Slot, known: Sets) -> bool:
    return not isinstance(slot, str) or slot in known


def _terms(slot: Slot, known: Sets) -> set[Term]:
    return known[slot] if isinstance(slot, str) else {slot}


def _cheapest(
    patterns: Sequence[Pattern], known: Sets, lookup: Lookup
) -> tuple[str, set[Term]]:
    """Follow the pattern that reads least, and return its end and what is there.

    All are tried with a small limit, and again with larger ones until one comes to an
    end: a hub with many neighbours is passed through only where no other way leads on.
    """
    limits = (FIRST_LIMIT * 4**n for n in count()) if len(patterns) > 1 else (None,)
    for limit in limits:
        for pattern in patterns:
            try:
                starts = _terms(pattern.start, known)
                found = Walk(lookup, limit=limit).ends(starts, pattern.way)
            except TooWideError:
                continue
            return str(pattern.end), found
    raise AssertionError("the limits have no end")


def _narrowed(patterns: Iterable[Pattern], known: Sets, lookup: Lookup) -> set[Term]:
    """Return the known focus nodes for which the other known patterns hold too."""
    nodes = known.get(FOCUS, set()) if all(known.values()) else set()
    for pattern in patterns:
        for way in (pattern, pattern.turned()):
            if way.start == FOCUS != way.end and _is_known(way.end, known):
                ends = _terms(way.end, known)
                nodes = {node for node in nodes if _leads(node, way.way, ends, lookup)}
    return nodes


def _leads(node: Term, way: Route, ends: set[Term], lookup: Lookup) -> bool:
    """Tell whether a single step leads from *node* to *ends*; longer ways may."""
    if not isinstance(way, Step):
        return True
    if len(ends) > FEW:
        return not ends.isdisjoint(Walk(lookup).ends({node}, way))
    return any(_joins(node, way, end, lookup) for end in ends)


def _joins(node: Term, step: Step, end: Term, lookup: Lookup) -> bool:
    start, end = (end, node) if step.backwards else (node, end)
    if isinstance(start, Literal):
        return False
    return any(True for _ in lookup.triples(start, step.predicate, end))


def touched(clause: Clause, nodes: Iterable[Term], lookup: Lookup) -> set[Triple]:
    """Return the triples that *clause* reads for the focus *nodes*, and maybe more."""
    known = spread(clause.patterns, {FOCUS: set(nodes)}, lookup)
    found: set[Triple] = set()
    if all(known.values()):
        for pattern in clause.read:
            found |= _matches(pattern, known, lookup)
    return found


def _matches(pattern: Pattern, known: Sets, lookup: Lookup) -> set[Triple]:
    """Return the triples on the way of *pattern*, read from its cheaper end."""
    for limit in (FIRST_LIMIT * 4**n for n in count()):
        for way in (pattern, pattern.turned()):
            found: set[Triple] = set()
            walk = Walk(lookup, limit=limit, note=found.update)
            try:
                walk.ends(_terms(way.start, known), way.way)
            except TooWideError:
                continue
            return found
    raise AssertionError("the limits have no end")
