"""Judge a change by all that would stand after it: the reference, and the slow way."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kg.created import of_graph
from kg.dataset import Dataset, Held, rows_among, rows_without
from kg.draft import Draft
from kg.gate.advice import advised
from kg.gate.bulk import Bulk, report_quads
from kg.gate.judges import compile_judges
from kg.gate.verdict import Verdict
from kg.gate.view import triple_of
from kg.report import finding_key, standing_keys
from kg.rules.packed import PackedNumbers
from kg.store import scratch
from kg.terms import INFERRED, MERGED_VIEW, ONTOLOGY, REPORT, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.change import Change
    from kg.gate.verdict import State
    from kg.progress import Tell
    from kg.report import Finding
    from kg.terms import NamedNode, Quad, Triple

_DERIVED = frozenset({MERGED_VIEW, INFERRED, REPORT})
_IN_MEMORY = 100_000
"""So many quads are laid out in memory for the shapes, and more on the disk."""


def judge_whole(state: State, change: Change, base: str, say: Tell) -> Verdict:
    """Judge *change* by all that would stand after it; see `kg.gate.judge`.

    Quads are held as numbers, so that memory grows little with what stands and follows.
    """
    say("reading the present state")
    judges = compile_judges(
        _after(state, change, ONTOLOGY), _after(state, change, SHAPES)
    )
    numbers = PackedNumbers(judges.rules.program.numbers)
    standing, given, gone = Dataset(numbers), Dataset(numbers), Dataset(numbers)
    standing.add_kept(state.quads())
    given.add_all(change.added)
    gone.add_all(change.removed)
    before = standing.in_graphs(lambda name: name not in _DERIVED)
    dataset = Dataset(numbers)
    dataset.add_rows(rows_without(before, gone.rows), given.rows)
    with _room(len(dataset)) as draft:
        bulk = Bulk(dataset, judges, draft, base, say)
        findings = bulk.judge()
    after = Dataset(numbers)
    after.add_all(report_quads(findings))
    after.add_rows(dataset.rows, *bulk.derived_rows())
    new, repaired = _compared(findings, _graph(state.quads(graph=REPORT), REPORT))
    return Verdict(
        change=type(change)(
            added=Held(given, rows_without(given.rows, before)),
            removed=Held(gone, rows_without(rows_among(gone.rows, before), given.rows)),
            notes=change.notes,
        ),
        findings=tuple(advised(new, bulk.described(), base)),
        repaired=repaired,
        added=Held(after, rows_without(after.rows, standing.rows)),
        removed=Held(after, rows_without(standing.rows, after.rows)),
    )


@contextlib.contextmanager
def _room(size: int) -> Iterator[Draft]:
    """Give a draft for what *size* quads make the shapes see."""
    if size <= _IN_MEMORY:
        yield Draft(scratch())
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Draft(scratch(Path(folder)), folder=Path(folder))


def _after(state: State, change: Change, name: NamedNode) -> frozenset[Triple]:
    """Return what the graph *name* holds after *change*."""
    gone = _graph(change.removed, name)
    stand = _graph(state.quads(graph=name), name)
    return (stand - gone) | _graph(change.added, name)


def _graph(quads: Iterable[Quad], name: NamedNode) -> frozenset[Triple]:
    return frozenset(map(triple_of, of_graph(quads, name)))


def _compared(
    findings: Iterable[Finding], report: frozenset[Triple]
) -> tuple[list[Finding], int]:
    """Part new findings from those that the standing *report* has; count the ended."""
    keys = standing_keys(report)
    found = {finding_key(finding): finding for finding in findings}
    new = [finding for key, finding in found.items() if key not in keys]
    return new, len(keys - found.keys())
