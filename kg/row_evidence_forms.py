"""The evidence of an answer's rows: as JSON, and for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from rich.tree import Tree

from kg.why_forms import evidence_json, term_json, why_json
from kg.why_text import place_text, reason_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.row_evidence import AnswerEvidence, RowEvidence
    from kg.terms import Term
    from kg.witnesses import Absence, Held

MOST_ROWS = 1000
"""The most rows whose evidence can be asked for at once."""

_ABSENT = {
    "not exists": "It rests on nothing saying",
    "minus": "It rests on nothing saying",
    "optional": "It may do without",
    "unbound": "It rests on no value being there for",
}


def absence_text(found: AnswerEvidence, absence: Absence) -> str:
    """Say in words what a row needs not to be there."""
    said = " and ".join(_pattern(found, pattern) for pattern in absence.patterns)
    return f"{_ABSENT[absence.kind]}: {said}"


def absences(found: AnswerEvidence, row: RowEvidence) -> dict[str, str]:
    """Return in words what *row* needs not to be there, with the kind of each."""
    return {absence_text(found, one): one.kind for one in row.absences}


def _pattern(found: AnswerEvidence, pattern: Sequence[Term | str]) -> str:
    return " · ".join(
        part if isinstance(part, str) else found.things[part].label for part in pattern
    )


# --- JSON -------------------------------------------------------------------------


def answer_evidence_json(found: AnswerEvidence) -> dict[str, object]:
    """Return *found* as JSON; docs/command-line.md describes its members."""
    return {
        "columns": list(found.columns),
        "complete": not found.is_cut,
        "rows": [_row_json(found, row) for row in found.rows],
    }


def _row_json(found: AnswerEvidence, row: RowEvidence) -> dict[str, object]:
    return {
        "row": {
            column: term_json(found.things[term])
            for column, term in zip(found.columns, row.row, strict=True)
            if term is not None
        },
        "complete": row.complete,
        "triples": [_held_json(found, held) for held in found.told(row)],
        "absences": [
            {"kind": kind, "text": text} for text, kind in absences(found, row).items()
        ],
    }


def _held_json(found: AnswerEvidence, held: Held) -> dict[str, object]:
    names = ("subject", "predicate", "object")
    written: dict[str, object] = {
        name: term_json(found.things[cast("Term", term)])
        for name, term in zip(names, held.triple, strict=True)
    }
    if held.graph is not None:
        return {**written, "graph": evidence_json(found.sources[held.graph])}
    why = found.whys.get(held.triple)
    return {**written, "reasons": None if why is None else why_json(why)["reasons"]}


# --- text -------------------------------------------------------------------------


def answer_evidence_text(found: AnswerEvidence) -> Iterator[Tree | Text]:
    """Yield a tree for each row: its triples, each with the sentences behind it."""
    for row in found.rows:
        yield _row_tree(found, row)
    if not found.rows:
        yield Text("No rows: nothing in the graph fits this question.")
    if found.is_cut:
        yield Text("There are more rows; see --rows.", style="italic")


def _row_tree(found: AnswerEvidence, row: RowEvidence) -> Tree:
    pairs = zip(found.columns, row.row, strict=True)
    said = "; ".join(
        f"{column}: {found.things[term].label}" for column, term in pairs if term
    )
    tree = Tree(Text(said or "yes", style="bold"))
    parts = [part for held in found.told(row) for part in _held_trees(found, held)]
    for part in {_plain(part): part for part in parts}.values():
        tree.add(part)
    for text in absences(found, row):
        tree.add(Text(text, style="italic"))
    if not row.complete:
        tree.add(Text("and it rests on more than is listed", style="italic"))
    return tree


def _plain(tree: Tree) -> str:
    """Return what *tree* says: what says the same need not be told twice."""
    return "\n".join([str(tree.label), *map(_plain, tree.children)])


def _held_trees(found: AnswerEvidence, held: Held) -> Iterator[Tree]:
    why = found.whys.get(held.triple) if held.graph is None else None
    if why is not None and why.reasons:
        for reason in why.reasons:
            yield reason_tree(why, reason)
        return
    branch = Tree(Text(_pattern(found, cast("Sequence[Term]", held.triple))))
    if held.graph is None:
        branch.add(Text("not explained in the time allowed; see kg why", style="dim"))
    else:
        branch.add(Text(place_text(found.sources[held.graph]), style="dim"))
    yield branch
