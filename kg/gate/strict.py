"""The strict way to judge: violations that stood before keep a change out as well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kg.report import finding_key, read_violation
from kg.terms import REPORT, SH, NamedNode

if TYPE_CHECKING:
    from kg.gate.verdict import State, Verdict

_SEVERITY = NamedNode(f"{SH}resultSeverity")
_VIOLATION = NamedNode(f"{SH}Violation")


def strictly(state: State, verdict: Verdict) -> Verdict:
    """Return *verdict* on *state* with the violations that the change leaves standing.

    They come after the new findings. Warnings never keep anything out.
    """
    told = set(map(finding_key, verdict.findings))
    standing = state.quads(None, _SEVERITY, _VIOLATION, REPORT)
    left = {q.subject for q in standing if q not in verdict.removed} - told
    found = tuple(
        read_violation(quad.triple for quad in state.quads(key, None, None, REPORT))
        for key in sorted(left, key=str)
        if isinstance(key, NamedNode)
    )
    return replace(verdict, findings=verdict.findings + found)
