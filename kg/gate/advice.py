"""Advice on findings: which entity was meant by an IRI that nothing is said of."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from kg.deadline import check
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from kg.report import Finding

_MOST_NAMES = 10_000
"""Among so many entities the one that was meant is looked for; all are too many."""

_MOST_ADVISED = 20
"""So many IRIs are looked for; who has more of them has another fault to mend."""

_NEAR, _ALIKE = 93.0, 60.0
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


class Described(Protocol):
    """The entities that are of a class: whether one is, and some of them."""

    def __contains__(self, node: object, /) -> bool: ...

    def __iter__(self) -> Iterator[NamedNode]: ...


def advised(
    findings: Iterable[Finding], described: Described, base: str
) -> Iterator[Finding]:
    """Yield *findings*; where an IRI below *base* is not described, name the nearest.

    *described* is only gone through where there is such an IRI, and not far. One that
    is a single slip away is found however many there are.
    """
    advice: dict[NamedNode, str] = {}
    names: list[str] | None = None
    for finding in findings:
        check()
        terms = dict.fromkeys((finding.value, finding.focus))
        ours = [
            term
            for term in terms
            if isinstance(term, NamedNode) and term.value.startswith(base)
        ]
        for term in ours:
            if term in advice or len(advice) >= _MOST_ADVISED or term in described:
                continue
            if names is None:
                names = sorted({node.value for node in islice(described, _MOST_NAMES)})
            advice[term] = _advice(term.value, names, described, base)
        told = [advice[term] for term in ours if advice.get(term)]
        yield replace(finding, advice=" ".join(told))


def _advice(iri: str, names: list[str], described: Container[object], base: str) -> str:
    # Imported where it is needed: most changes are accepted.
    from rapidfuzz import fuzz, process

    known = names + [one for one in _one_slip(iri, base) if NamedNode(one) in described]
    near = process.extract(iri, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    meant = (one for one, *_ in near if fuzz.ratio(*_unlike(iri, one)) >= _ALIKE)
    return next((f"did you mean <{one}>?" for one in meant), "")


def _unlike(one: str, other: str) -> tuple[str, str]:
    """Return the words of two IRIs, parted by hyphens, without those they begin with.

    Names of the same kind begin alike, which says nothing of what was meant.
    """
    words, others = one.split("-"), other.split("-")
    while len(words) > 1 and len(others) > 1 and words[0] == others[0]:
        words, others = words[1:], others[1:]
    return "-".join(words), "-".join(others)


def _one_slip(iri: str, base: str) -> Iterator[str]:
    """Yield what differs by a letter left out, put in, changed, or two swapped."""
    start, name = iri[: len(base)], iri[len(base) :]
    for at in range(len(name) + 1):
        before, after = start + name[:at], name[at:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
