"""Judge a change by all that would stand after it: the reference, and the slow way."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from kg.dataset import Dataset
from kg.draft import Draft
from kg.gate.advice import advised
from kg.gate.bulk import Bulk, report_quads
from kg.gate.judges import compile_judges
from kg.gate.verdict import Verdict
from kg.gate.view import triple_of
from kg.report import finding_key, standing_keys
from kg.store import scratch
from kg.terms import INFERRED, MERGED_VIEW, ONTOLOGY, REPORT, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.change import Change
    from kg.gate.verdict import State
    from kg.progress import Tell
    from kg.report import Finding
    from kg.terms import NamedNode, Quad, Triple

_DERIVED = frozenset({MERGED_VIEW, INFERRED, REPORT})


def judge_whole(state: State, change: Change, base: str, say: Tell) -> Verdict:
    """Judge *change* by all that would stand after it; see `kg.gate.judge`."""
    say("reading the present state")
    standing = frozenset(state.quads())
    before = frozenset(quad for quad in standing if _is_asserted(quad))
    after = (before - change.removed) | change.added
    judges = compile_judges(_graph(after, ONTOLOGY), _graph(after, SHAPES))
    dataset = Dataset(judges.rules.program.numbers.copy())
    dataset.add_all(after)
    bulk = Bulk(dataset, judges, Draft(scratch()), base, say)
    findings = bulk.judge()
    derived = frozenset(chain(bulk.derived(), report_quads(findings)))
    old = standing - before
    new, repaired = _compared(findings, _graph(old, REPORT))
    return Verdict(
        change=_effective(change, before),
        findings=tuple(advised(new, bulk.described(), base)),
        repaired=repaired,
        added=(after - before) | (derived - old),
        removed=(before - after) | (old - derived),
    )


def _is_asserted(quad: Quad) -> bool:
    return quad.graph_name not in _DERIVED


def _effective(change: Change, before: frozenset[Quad]) -> Change:
    return type(change)(
        added=change.added - before,
        removed=(change.removed & before) - change.added,
        notes=change.notes,
    )


def _graph(quads: Iterable[Quad], name: NamedNode) -> frozenset[Triple]:
    return frozenset(triple_of(quad) for quad in quads if quad.graph_name == name)


def _compared(
    findings: Iterable[Finding], report: frozenset[Triple]
) -> tuple[list[Finding], int]:
    """Part new findings from those that the standing *report* has; count the ended."""
    keys = standing_keys(report)
    found = {finding_key(finding): finding for finding in findings}
    new = [finding for key, finding in found.items() if key not in keys]
    return new, len(keys - found.keys())
