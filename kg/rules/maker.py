"""From class expressions to rule bodies, heads and clashes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

from kg.errors import AxiomError
from kg.rules import vocabulary as v
from kg.rules.expressions import (
    AllOf,
    AnyOf,
    Datatypes,
    Expression,
    Named,
    Not,
    NoValue,
    OneOf,
    Only,
    Path,
    Some,
    Value,
)  # fmt: skip
from kg.rules.model import (
    Auxiliary,
    ClashKind,
    Complaint,
    InDatatypes,
    IsA,
    Relates,
    Rule,
)  # fmt: skip
from kg.rules.words import name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.rules.model import Argument, Atom, Head
    from kg.terms import Triple

    Body = tuple[Atom, ...]

_SUBCLASS_RULES: dict[type[Expression], str] = {
    AllOf: "cls-int1", AnyOf: "cls-uni", OneOf: "cls-oo", Some: "cls-svf1",
    Value: "cls-hv2",
}  # fmt: skip
_SUPERCLASS_RULES: dict[type[Expression], str] = {
    AllOf: "cls-int2", Not: "cls-com", Only: "cls-avf", Value: "cls-hv1",
    NoValue: "cls-maxc1", Datatypes: "dt-not-type",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axiom:
    """What is being compiled: the rule's name, and the axiom in words."""

    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a conclusion sets out: *body* holds of *subject*, which is *said* so."""

    body: Body
    subject: Argument
    said: str
    axiom: Axiom

    def fresh(self) -> Iterator[int]:
        """Return the variables that the body does not use, in order."""
        arguments = (a for atom in self.body for a in atom.arguments)
        used = max((a for a in arguments if isinstance(a, int)), default=0)
        return count(used + 1)


class RuleMaker:
    """Collects rules; the same rule from two axioms is kept once.

    *reading* is the triple that states the axiom being compiled.
    """

    def __init__(self) -> None:
        self.reading: Triple | None = None
        self._rules: dict[tuple[Body, Head | ClashKind], Rule] = {}
        self._auxiliaries: dict[Expression, Auxiliary] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules made so far."""
        return tuple(self._rules.values())

    def include(self, sub: Expression, sup: Expression, axiom: Axiom) -> None:
        """Make the rules by which every member of *sub* is one of *sup*."""
        for part in _alternatives(sub):
            body = self._body(part, 0, count(1))
            _require_relation(body)
            named = Axiom(_rule_name(part, sup, axiom.rule), axiom.words)
            self._conclude(_Start(body, 0, _plain(part), named), sup)

    def exclude(self, one: Expression, other: Expression, axiom: Axiom) -> None:
        """Make the rules by which nothing is both in *one* and in *other*."""
        for part in _alternatives(one):
            body = self._body(part, 0, count(1))
            start = _Start(body, 0, _plain(part), axiom)
            self._exclude(start, other, ClashKind.DISJOINT_CLASSES)

    def require(
        self, path: Path, cls: Expression, axiom: Axiom, *, of_value: bool
    ) -> None:
        """Make the rules by which what has *path*, or its value, is in *cls*."""
        body = (relates(path, 0, 1),)
        subject, said = (1, "a value of") if of_value else (0, "something with")
        start = _Start(body, subject, f"{said} {path}", axiom)
        self._conclude(start, cls)

    def infer(self, body: Body, head: Head, axiom: Axiom) -> None:
        """Make one rule, unless it says nothing."""
        if head not in body:
            rule = Rule(axiom.rule, axiom.words, body, head, self.reading)
            self._rules.setdefault((body, head), rule)

    def clash(self, body: Body, kind: ClashKind, text: str, axiom: Axiom) -> None:
        """Make a rule that finds what must not be; *text* has `{0}` for variable 0."""
        _require_relation(body)
        complaint = Complaint(kind, text)
        rule = Rule(axiom.rule, axiom.words, body, complaint, self.reading)
        self._rules.setdefault((body, kind), rule)

    def _body(self, cls: Expression, arg: Argument, fresh: Iterator[int]) -> Body:
        if isinstance(cls, Named):
            return () if cls.cls in v.EVERYTHING else (IsA(cls.cls, arg),)
        if isinstance(cls, AllOf):
            bodies = [self._body(part, arg, fresh) for part in cls.parts]
            return tuple(chain.from_iterable(bodies))
        if isinstance(cls, Some):
            value = next(fresh)
            return relates(cls.path, arg, value), *self._body(cls.filler, value, fresh)
        return (self._atom(cls, arg),)

    def _atom(self, cls: Expression, arg: Argument) -> Atom:
        if isinstance(cls, Datatypes):
            return InDatatypes(cls.names, arg, holds=True)
        if isinstance(cls, Value):
            return relates(cls.path, arg, cls.value)
        if isinstance(cls, AnyOf | OneOf):
            return IsA(self._auxiliary(cls), arg)
        raise AxiomError(f"{cls} as a subclass is not covered by the rules")

    def _auxiliary(self, cls: AnyOf | OneOf) -> Auxiliary:
        known = self._auxiliaries.get(cls)
        if known is not None:
            return known
        auxiliary = Auxiliary(len(self._auxiliaries))
        self._auxiliaries[cls] = auxiliary
        if isinstance(cls, OneOf):
            for member in cls.members:
                self.infer((), IsA(auxiliary, member), Axiom("cls-oo", str(cls)))
        else:
            for part in _alternatives(cls):
                body = self._body(part, 0, count(1))
                self.infer(body, IsA(auxiliary, 0), Axiom("cls-uni", str(cls)))
        return auxiliary

    def _conclude(self, start: _Start, cls: Expression) -> None:
        conclude = _CONCLUSIONS.get(type(cls))
        if conclude is None:
            advice = "say which classes are subclasses of it, or use a shape"
            raise AxiomError(
                f"{cls} as a superclass is not covered by the rules", advice=advice
            )
        conclude(self, start, cls)

    def _named(self, start: _Start, cls: Named) -> None:
        if cls.cls == v.NOTHING:
            text = f"{_said(start.subject)} is {start.said}"
            self.clash(start.body, ClashKind.EMPTY_CLASS, text, start.axiom)
        elif cls.cls not in v.EVERYTHING:
            self.infer(start.body, IsA(cls.cls, start.subject), start.axiom)

    def _datatypes(self, start: _Start, cls: Datatypes) -> None:
        relation = start.body[-1]
        if not isinstance(relation, Relates) or relation.value != start.subject:
            raise AxiomError(f"{cls} stands where a class is expected")
        text = (
            f"{_said(relation.subject)} has {name(relation.prop)}"
            f" {_said(relation.value)}, which is no {_plain(cls)}"
        )
        body = (*start.body, InDatatypes(cls.names, start.subject, holds=False))
        self.clash(body, ClashKind.DATATYPE, text, start.axiom)

    def _all_of(self, start: _Start, cls: AllOf) -> None:
        for part in cls.parts:
            self._conclude(start, part)

    def _not(self, start: _Start, cls: Not) -> None:
        self._exclude(start, cls.part, ClashKind.COMPLEMENT)

    def _only(self, start: _Start, cls: Only) -> None:
        value = next(start.fresh())
        body = (*start.body, relates(cls.path, start.subject, value))
        said = f"a value of {cls.path}"
        self._conclude(_Start(body, value, said, start.axiom), cls.filler)

    def _value(self, start: _Start, cls: Value) -> None:
        self.infer(start.body, relates(cls.path, start.subject, cls.value), start.axiom)

    def _no_value(self, start: _Start, cls: NoValue) -> None:
        fresh = start.fresh()
        value = next(fresh)
        relation = relates(cls.path, start.subject, value)
        filler = self._body(cls.filler, value, fresh)
        text = (
            f"{_said(start.subject)} is {start.said} and has"
            f" {_plain(cls.path)} {_said(value)}"
        )
        body = (*start.body, relation, *filler)
        self.clash(body, ClashKind.NO_VALUE, text, start.axiom)

    def _exclude(self, start: _Start, other: Expression, kind: ClashKind) -> None:
        for part in _alternatives(other):
            body = self._body(part, start.subject, start.fresh())
            text = f"{_said(start.subject)} is both {start.said} and {_plain(part)}"
            self.clash((*start.body, *body), kind, text, start.axiom)


_CONCLUSIONS: dict[type[Expression], Callable[..., None]] = {
    Named: RuleMaker._named,
    Datatypes: RuleMaker._datatypes,
    AllOf: RuleMaker._all_of,
    Not: RuleMaker._not,
    Only: RuleMaker._only,
    Value: RuleMaker._value,
    NoValue: RuleMaker._no_value,
}


def relates(path: Path, subject: Argument, value: Argument) -> Relates:
    """Return the atom that *path* relates *subject* to *value*."""
    if path.inverted:
        return Relates(path.prop, value, subject)
    return Relates(path.prop, subject, value)


def _require_relation(body: Body) -> None:
    if not any(isinstance(atom, IsA | Relates) for atom in body):
        raise AxiomError("an axiom about everything is not covered by the rules")


def _alternatives(cls: Expression) -> list[Expression]:
    if isinstance(cls, AnyOf):
        return [found for part in cls.parts for found in _alternatives(part)]
    return [cls]


def _rule_name(sub: Expression, sup: Expression, default: str) -> str:
    name_of_sub = _SUBCLASS_RULES.get(type(sub), default)
    return _SUPERCLASS_RULES.get(type(sup), name_of_sub)


def _said(argument: Argument) -> str:
    return f"{{{argument}}}" if isinstance(argument, int) else _plain(name(argument))


def _plain(said: object) -> str:
    return str(said).replace("{", "{{").replace("}", "}}")
