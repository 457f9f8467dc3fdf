"""Judge all of a dataset at once, in columns: what follows, and what is wrong."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from kg.gate.verdict import clash_findings
from kg.gate.view import FROM_ONTOLOGY, in_view
from kg.progress import counted
from kg.report import report_triples
from kg.rules.bulk import BulkClosure
from kg.rules.relations import Listed, has, relations_of, united, without
from kg.terms import (
    INFERRED,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    REPORT,
    SENTENCE_GRAPH,
    SUB_CLASS_OF,
    TYPE,
    NamedNode,
    Quad,
    is_sentence,
)
from kg.vocabulary import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kg.dataset import Dataset
    from kg.draft import Draft, SomeRows
    from kg.gate.advice import Described
    from kg.gate.judges import Judges
    from kg.progress import Tell
    from kg.report import Finding
    from kg.rules.relations import Relations, Rows
    from kg.terms import GraphName, Triple

_KEPT = OUTSIDE_VIEW | {ONTOLOGY, INFERRED}


class Bulk:
    """All that a *dataset* asserts, judged; its numbers begin with those of the rules.

    *draft* holds nothing at first, and what shapes see when it has been judged; *write*
    makes it the whole dataset.
    """

    def __init__(
        self, dataset: Dataset, judges: Judges, draft: Draft, base: str, say: Tell
    ) -> None:
        self._dataset = dataset
        self._judges = judges
        self._draft = draft
        self._base = base
        self._in_view = partial(in_view, base=base)
        self._say = say
        self._number = dataset.numbers.number
        self._type = self._number(TYPE)
        self._ontology = dataset.in_graphs(lambda name: name == ONTOLOGY)
        self._laid_out: Relations = {}
        self._inferred: Relations = {}
        self._merged: Relations = {}

    def judge(self) -> list[Finding]:
        """Return all that is wrong; work out what follows, and the merged view."""
        self._draft.begin(self._dataset)
        self._say("reasoning")
        view = relations_of(self._dataset.in_graphs(self._in_view), self._type)
        closure = BulkClosure(self._judges.rules.program, self._dataset.numbers, view)
        self._inferred = dict(closure.inferred())
        self._merged = united(view, self._inferred, self._shown())
        clashes = closure.clashes()
        del closure
        findings = self._of_shapes(view)
        self._say("checking terms and consistency")
        findings += self._of_terms()
        return [*findings, *clash_findings(clashes, self._stated)]

    def derived(self) -> Iterator[Quad]:
        """Yield the quads of the inferred graph and the merged view."""
        for rows in self.derived_rows():
            yield from self._dataset.quads(rows)

    def derived_rows(self) -> Iterator[Rows]:
        """Yield the rows of the inferred graph, and those of the merged view."""
        yield self._rows(self._inferred, INFERRED)[:]
        yield self._rows(self._merged, MERGED_VIEW)[:]

    def __len__(self) -> int:
        """How many quads `write` makes the draft hold, those of the report apart."""
        return len(self._dataset) + _size(self._inferred) + _size(self._merged)

    def derives(self, quad: Quad) -> bool:
        """Tell whether *quad* is one of those that `derived` yields."""
        relations = {INFERRED: self._inferred, MERGED_VIEW: self._merged}
        known = self._dataset.numbers.find
        s, p, o = known(quad.subject), known(quad.predicate), known(quad.object)
        if min(s, p, o) < 0:
            return False
        return has(relations.get(quad.graph_name, {}), (p, s, o), self._type)

    def write(self) -> None:
        """Make the draft hold all that is asserted and all that is derived."""
        extra = self._rows(without(self._laid_out, self._merged), MERGED_VIEW)
        self._draft.remove(self._dataset.quads(extra[:]))
        more = without(self._merged, self._laid_out)
        self._laid_out = {}
        total = len(self._dataset) + _size(self._inferred) + _size(more)
        wanted: dict[str, Callable[[], SomeRows]] = {
            "asserted": lambda: self._dataset.rows,
            "inferred": lambda: self._rows(self._inferred, INFERRED),
            "merged": lambda: self._rows(more, MERGED_VIEW),
        }
        self._load("writing the store", wanted, total)

    def _load(
        self, phase: str, wanted: Mapping[str, Callable[[], SomeRows]], total: int
    ) -> None:
        """Have the draft take in what is *wanted*; the rows of one part at a time."""
        load = self._draft.load
        parts = (
            n for part in wanted for n in load(self._dataset, wanted[part](), part)
        )
        for _ in counted(self._say, phase, parts, total):
            pass

    def _rows(self, relations: Relations, graph: GraphName) -> Listed:
        return Listed(relations, self._number(graph))

    def _shown(self) -> Relations:
        """Return what the merged view shows of the ontology's own terms."""
        shown = np.array(sorted(map(self._number, FROM_ONTOLOGY)), np.int32)
        rows = self._ontology[np.isin(self._ontology[:, 2], shown)]
        terms = self._dataset.numbers.terms
        named = [isinstance(terms[number], NamedNode) for number in rows[:, 1].tolist()]
        return relations_of(rows[np.array(named, np.bool_)], self._type)

    def _of_shapes(self, view: Relations) -> list[Finding]:
        """Return what shapes object to: in the asserted view, with the classes."""
        from kg.shapes.clearing import Clearing  # they bring pyshacl, slow to import
        from kg.shapes.whole import validate_whole

        below = self._ontology[:, 2] == self._number(SUB_CLASS_OF)
        hierarchy = relations_of(self._ontology[below], self._type)
        self._laid_out = united(view, hierarchy, self._sentences())
        self._load(
            "laying out",
            {"laid out": lambda: self._rows(self._laid_out, MERGED_VIEW)},
            _size(self._laid_out),
        )
        kept = self._draft.unfinished.findings
        if kept is not None:
            return kept
        self._draft.tidy()
        found = validate_whole(
            self._judges.shapes,
            self._draft,
            lambda done, total: self._say("checking shapes", done, total),
            Clearing(self._dataset.numbers, self._laid_out),
        )
        self._draft.unfinished.findings = found
        return found

    def _sentences(self) -> Relations:
        """Return that the sentence graphs are such."""
        names = [n for n in self._dataset.graphs() if is_sentence(n, self._base)]
        if not names:
            return {}
        numbers = self._dataset.numbers.of_terms(names)
        members = np.sort(numbers.astype(np.int64))
        return {(self._type, self._number(SENTENCE_GRAPH)): members}

    def _of_terms(self) -> list[Finding]:
        """Return what is wrong with the terms that people used, in claims too."""
        rows = self._dataset.in_graphs(lambda name: name not in _KEPT)
        is_type = rows[:, 2] == self._type
        anywhere = np.concatenate(
            (np.unique(rows[:, 0]), np.unique(rows[:, 1]), rows[~is_type, 3])
        )
        odd = np.isin(rows[:, 2], self._odd(rows[:, 2], Place.PROPERTY))
        odd |= is_type & np.isin(rows[:, 3], self._odd(rows[is_type, 3], Place.CLASS))
        numbers = self._odd(anywhere, Place.ANYWHERE)
        if len(numbers):
            odd |= np.isin(rows[:, :2], numbers).any(axis=1)
            odd |= ~is_type & np.isin(rows[:, 3], numbers)
        return self._judges.vocabulary.check(self._dataset.quads(rows[odd]))

    def _odd(self, numbers: Rows, place: Place) -> Rows:
        """Return which of *numbers* are of terms that are none in that place."""
        vocabulary, known = self._judges.vocabulary, self._dataset.numbers
        distinct = np.unique(numbers)
        named = distinct[known.have_iri(distinct)].tolist()
        odd = [n for n in named if vocabulary.objects_to(known.terms[n], place)]
        return np.array(odd, np.int32)

    @cached_property
    def _by_subject(self) -> Rows:
        """The rows ordered by subject: a look-up for each clash is not to read all."""
        rows = self._dataset.rows
        return rows[np.argsort(rows[:, 1], kind="stable")]

    def _stated(self, triple: Triple) -> list[Quad]:
        """Return the quads of the view that assert *triple*."""
        known = self._dataset.numbers.find
        parts = (triple.subject, triple.predicate, triple.object)
        s, p, o = map(known, parts)
        rows = self._by_subject
        first, last = np.searchsorted(rows[:, 1], (s, s + 1))
        rows = rows[first:last]
        found = (rows[:, 2] == p) & (rows[:, 3] == o)
        quads = self._dataset.quads(rows[found])
        return [quad for quad in quads if self._in_view(quad.graph_name)]

    def described(self) -> Described:
        """Return what is of a class."""
        rows = self._dataset.in_graphs(self._in_view)
        typed = np.unique(rows[rows[:, 2] == self._type, 1])
        return _Described(self._dataset, typed)


class _Described:
    """The terms of *dataset* that have these numbers, in order of the numbers."""

    def __init__(self, dataset: Dataset, numbers: Rows) -> None:
        self._numbers = dataset.numbers
        self._found = numbers

    def __contains__(self, node: object) -> bool:
        number = self._numbers.find(node)
        at = np.searchsorted(self._found, number)
        return bool(at < len(self._found) and self._found[at] == number)

    def __iter__(self) -> Iterator[NamedNode]:
        for number in self._found:
            term = self._numbers.terms[number]
            if isinstance(term, NamedNode):
                yield term


def _size(relations: Relations) -> int:
    return sum(map(len, relations.values()))


def report_quads(findings: Iterable[Finding]) -> Iterator[Quad]:
    """Yield the standing report of *findings* as quads of its graph."""
    for triple in report_triples(findings):
        yield Quad(triple.subject, triple.predicate, triple.object, REPORT)
