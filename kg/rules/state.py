"""What holds: asserted facts and what follows, kept up to date change by change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, cast

from kg.rules.engine import NODES, Members, Pairs, World, collector_paused
from kg.rules.findings import ILL_TYPED, LITERALS, clash, is_ill_typed
from kg.rules.model import Auxiliary, Clash, ClashKind, Complaint, Derivation
from kg.rules.plans import plan_from_head, plan_from_nothing, plans_from_body
from kg.rules.withdrawal import Withdrawal, support_of, supports
from kg.terms import TYPE, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.rules.compiler import Compiled
    from kg.rules.engine import Fact, Relation, Row, Support
    from kg.rules.plans import Plan
    from kg.terms import Node, Term

    _Key = tuple[str, frozenset[Fact]]
    Log = list[tuple[Relation, list[Row]]]


@dataclass(frozen=True, slots=True)
class Delta:
    """What a change did to the inferred triples and the clashes."""

    inferred: tuple[Triple, ...] = ()
    withdrawn: tuple[Triple, ...] = ()
    clashes: tuple[Clash, ...] = ()
    resolved: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class _Finding:
    """A clash in numbers: *values* are what the complaint's variables stand for."""

    axiom: str
    complaint: Complaint
    premises: tuple[Fact, ...]
    values: Row

    @property
    def key(self) -> _Key:
        """What tells two findings apart, from whichever premise they were found."""
        return self.axiom, frozenset(self.premises)


class State:
    """Asserted triples and all that follows from them by an ontology's rules.

    Each inferred fact keeps the first reason found for it; these reasons never run in
    a circle, since a reason is found only after its premises.
    """

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._world = World()
        self._clashes: dict[_Key, _Finding] = {}
        self._can_withdraw = False
        self._silent: set[int] = set()
        self._ill_typed: set[int] = set()
        self._given = frozenset(map(self._world.place, compiled.facts))
        self._prepare(compiled)

    def _prepare(self, compiled: Compiled) -> None:
        for rule in compiled.rules:
            for relation, plan in plans_from_body(self._world, rule):
                relation.plans.append(plan)
        self._silent.update(map(self._world.number, compiled.terms))
        self._learn_literals(0)
        self._assert(compiled.facts)
        for rule in compiled.rules:
            if not rule.body:
                self._conclude(plan_from_nothing(self._world, rule), [()])
        self._run([])

    # Reading.

    def inferred(self) -> tuple[Triple, ...]:
        """Return every triple that follows and is not asserted."""
        with collector_paused():
            pairs = map(self._inferred_pairs, self._world.properties.values())
            members = map(self._inferred_members, self._world.classes.values())
            return tuple(
                chain(chain.from_iterable(pairs), chain.from_iterable(members))
            )

    # Written out for speed: this is half the cost of a closure of many triples.

    def _inferred_pairs(self, pairs: Pairs) -> Iterator[Triple]:
        prop, terms = pairs.prop, self._world.terms
        for number, values in pairs.forward.items():
            if number not in self._silent:
                subject = cast("Node", terms[number])
                for value, support in values.items():
                    if support is not None:
                        yield Triple(subject, prop, cast("Term", terms[value]))

    def _inferred_members(self, members: Members) -> Iterator[Triple]:
        cls, terms = members.cls, self._world.terms
        if not isinstance(cls, Auxiliary):
            for number, support in members.support.items():
                if support is not None and number not in self._silent:
                    yield Triple(cast("Node", terms[number]), TYPE, cls)

    def clashes(self) -> tuple[Clash, ...]:
        """Return what contradicts the ontology, in a fixed order."""
        return tuple(sorted(map(self._clash, self._clashes.values()), key=_order))

    def holds(self, triple: Triple) -> bool:
        """Tell whether *triple* is asserted or follows."""
        return self._world.find(triple) is not None

    def is_inferred(self, triple: Triple) -> bool:
        """Tell whether *triple* is among what `inferred` returns."""
        fact = self._world.find(triple)
        return fact is not None and self._is_told(fact)

    def derivation(self, triple: Triple) -> Derivation | None:
        """Return the reason kept for *triple*; None if it is asserted or unknown."""
        fact = self._world.find(triple)
        return None if fact is None else self._derivation(support_of(fact))

    def derivations(self, triple: Triple) -> Iterator[Derivation]:
        """Yield every way in which one rule gives *triple* from what holds."""
        self._prepare_to_withdraw()
        fact = self._world.find(triple)
        for support in () if fact is None else supports(fact):
            derivation = self._derivation(support)
            if derivation is not None and triple not in derivation.premises:
                yield derivation

    def _derivation(self, support: Support) -> Derivation | None:
        if support is None:
            return None
        plan, row = support
        return Derivation(plan.rule, self._triples(plan.premises(row)))

    def _triples(self, facts: Iterable[Fact]) -> tuple[Triple, ...]:
        """Return *facts* as triples; one RDF cannot say gives way to its premises."""
        found: dict[Triple, None] = {}
        waiting = list(facts)[::-1]
        while waiting:
            fact = waiting.pop()
            triple = self._world.triple(fact)
            if triple is not None:
                found[triple] = None
                continue
            support = support_of(fact)
            if support is not None:
                plan, row = support
                waiting.extend(plan.premises(row)[::-1])
        return tuple(found)

    def grounds(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """Return the asserted triples that the kept reasons of *triples* rest on."""
        found = map(self._world.find, triples)
        return self._grounds(fact for fact in found if fact)

    def _grounds(self, facts: Iterable[Fact]) -> tuple[Triple, ...]:
        leaves: dict[Fact, None] = {}
        met: set[Fact] = set()
        waiting = list(facts)[::-1]
        while waiting:
            fact = waiting.pop()
            if fact in met:
                continue
            met.add(fact)
            support = support_of(fact)
            if support is None:
                leaves[fact] = None
            else:
                plan, row = support
                waiting += plan.premises(row)[::-1]
        return self._triples(leaves)

    def _clash(self, finding: _Finding) -> Clash:
        return clash(
            finding.axiom,
            finding.complaint,
            [self._world.terms[number] for number in finding.values],
            self._triples(finding.premises),
            self._grounds(finding.premises),
        )

    def _is_told(self, fact: Fact) -> bool:
        relation, row = fact
        return (
            support_of(fact) is not None
            and row[0] not in self._silent
            and not _is_auxiliary(relation)
        )

    # Adding.

    def load(self, triples: Iterable[Triple]) -> None:
        """Assert *triples* and infer what follows, without telling what is new."""
        with collector_paused():
            self._assert(triples)
            self._run(None)

    def add(self, triples: Iterable[Triple]) -> Delta:
        """Assert *triples*; return what follows now.

        What was inferred and is asserted now counts as withdrawn.
        """
        before = set(self._clashes)
        log: Log = []
        withdrawn = self._assert(triples)
        self._run(log)
        new = [key for key in self._clashes if key not in before]
        return Delta(
            inferred=self._triples(
                fact for fact in _facts_of(log) if self._is_told(fact)
            ),
            withdrawn=withdrawn,
            clashes=tuple(self._clash(self._clashes[key]) for key in new),
        )

    def _assert(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """Hold *triples* as asserted; return those that were inferred so far."""
        known = len(self._world.terms)
        promoted: list[Triple] = []
        facts = []
        for triple in triples:
            relation, row = fact = self._world.place(triple)
            facts.append(fact)
            if row not in relation:
                relation.fresh.append(row)
            elif relation[row] is not None and self._is_told(fact):
                promoted.append(triple)
            relation.put(row, None)
        self._learn_literals(known)
        self._check_literals(facts)
        return tuple(promoted)

    def _learn_literals(self, known: int) -> None:
        for number, term in enumerate(self._world.terms[known:], known):
            if not isinstance(term, NODES):
                self._silent.add(number)
            if is_ill_typed(term):
                self._ill_typed.add(number)

    def _check_literals(self, facts: Iterable[Fact]) -> None:
        if not self._ill_typed:
            return
        for relation, row in facts:
            if row[-1] in self._ill_typed:
                fact = relation, row
                self._report(_Finding(LITERALS, ILL_TYPED, (fact,), row))

    def _run(self, log: Log | None) -> None:
        """Infer until nothing new follows; *log* takes what was new."""
        # Classes first: that a state is an agent is better said by its class than by
        # the domain of some property it has.
        classes = list(self._world.classes.values())
        properties = list(self._world.properties.values())
        while self._sweep(classes, log) or self._sweep(properties, log):
            pass

    def _sweep(self, relations: Iterable[Relation], log: Log | None) -> int:
        """Use what is new in *relations*; return how many had something."""
        return sum(self._run_relation(relation, log) for relation in relations)

    def _run_relation(self, relation: Relation, log: Log | None) -> bool:
        batch, relation.fresh = relation.fresh, []
        if not batch:
            return False
        if log is not None:
            log.append((relation, batch))
        for plan in relation.plans:
            self._conclude(plan, batch)
        return True

    def _conclude(self, plan: Plan, seed: list[Row]) -> None:
        # The rows are listed first, since what is inserted may change what is joined.
        rows = list(plan.rows(seed)) if plan.steps else seed
        if plan.head is not None:
            relation, slots = plan.head
            relation.insert(plan, rows, slots)
        elif isinstance(plan.rule.head, Complaint):
            axiom, complaint = plan.rule.axiom, plan.rule.head
            for row in rows:
                premises = tuple(plan.premises(row))
                self._report(_Finding(axiom, complaint, premises, plan.values(row)))

    def _report(self, finding: _Finding) -> None:
        if finding.complaint.kind is ClashKind.MISPLACED:
            triples = map(self._world.triple, finding.premises)
            if self._compiled.axioms.issuperset(triples):
                return  # The ontology itself, given once more among the data.
        self._clashes.setdefault(finding.key, finding)

    # Removing.

    def remove(self, triples: Iterable[Triple]) -> Delta:
        """Assert *triples* no longer; return what stops following, or follows still.

        Triples that are not asserted are passed over.
        """
        self._prepare_to_withdraw()
        before = {key: self._clash(found) for key, found in self._clashes.items()}
        found = map(self._world.find, triples)
        facts = dict.fromkeys(f for f in found if f and self._can_be_removed(f))
        lost = Withdrawal(facts).lost()
        told = [fact for fact in lost if self._is_told(fact)]
        self._drop(lost)
        self._run(None)
        return Delta(
            inferred=self._triples(f for f in facts if _holds(f) and self._is_told(f)),
            withdrawn=self._triples(fact for fact in told if not _holds(fact)),
            resolved=tuple(before[key] for key in self._drop_resolved()),
        )

    def _prepare_to_withdraw(self) -> None:
        """Make the plans that look for reasons; they cost indexes, hence only now."""
        if self._can_withdraw:
            return
        self._can_withdraw = True
        with collector_paused():
            for rule in self._compiled.rules:
                if not isinstance(rule.head, Complaint):
                    plan = plan_from_head(self._world, rule, rule.head)
                    self._world.relation(rule.head).makers.append(plan)

    def _can_be_removed(self, fact: Fact) -> bool:
        return support_of(fact) is None and fact not in self._given

    def _drop(self, lost: list[Fact]) -> None:
        """Take the *lost* facts away, and put back those that still follow."""
        for relation, row in lost:
            relation.take(row)
        for fact in lost:
            relation, row = fact
            support = next(supports(fact), None)
            if support is not None:
                relation.put(row, support)
                relation.fresh.append(row)

    def _drop_resolved(self) -> list[_Key]:
        gone = [key for key, found in self._clashes.items() if not _stands(found)]
        for key in gone:
            del self._clashes[key]
        return gone


def _facts_of(log: Log) -> Iterator[Fact]:
    return ((relation, row) for relation, rows in log for row in rows)


def _holds(fact: Fact) -> bool:
    relation, row = fact
    return row in relation


def _stands(finding: _Finding) -> bool:
    if finding.complaint is ILL_TYPED:
        return all(_holds(f) and support_of(f) is None for f in finding.premises)
    return all(map(_holds, finding.premises))


def _is_auxiliary(relation: Relation) -> bool:
    return isinstance(relation, Members) and isinstance(relation.cls, Auxiliary)


def _order(clash: Clash) -> tuple[str, str, str]:
    return clash.kind, clash.axiom, clash.message
