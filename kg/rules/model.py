"""What a compiled rule is: atoms over numbered variables, a head or a clash."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kg.terms import NamedNode, Term, Triple

    Argument: TypeAlias = int | Term
    """A variable, by its number, or a constant."""

    Head: TypeAlias = "IsA | Relates"
    Atom: TypeAlias = "IsA | Relates | InDatatypes"


class ClashKind(StrEnum):
    """What kind of axiom the data contradict."""

    DISJOINT_CLASSES = "disjoint classes"
    COMPLEMENT = "complement"
    EMPTY_CLASS = "class without members"
    NO_VALUE = "no value allowed"
    DISJOINT_PROPERTIES = "disjoint properties"
    ASYMMETRIC = "asymmetric property"
    IRREFLEXIVE = "irreflexive property"
    NEGATIVE_ASSERTION = "negative assertion"
    DIFFERENT = "different from itself"
    DATATYPE = "value outside the datatype"
    ILL_TYPED = "ill-typed literal"
    IDENTITY = "identity"
    MISPLACED = "axiom among the data"


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """Stands for a class expression inside another one; never shown to anyone."""

    number: int


@dataclass(frozen=True, slots=True)
class IsA:
    """*member* is of the class *cls*."""

    cls: Term | Auxiliary
    member: Argument

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The variables and constants in it."""
        return (self.member,)


@dataclass(frozen=True, slots=True)
class Relates:
    """*prop* relates *subject* to *value*."""

    prop: NamedNode
    subject: Argument
    value: Argument

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The variables and constants in it."""
        return (self.subject, self.value)


@dataclass(frozen=True, slots=True)
class InDatatypes:
    """*value* is a literal that lies in all of *datatypes*, or is known not to."""

    datatypes: tuple[str, ...]
    value: Argument
    holds: bool

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The variables and constants in it."""
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a rule says that finds a clash: *text* has `{0}` for variable 0."""

    kind: ClashKind
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Where *body* holds, *head* follows, or is what there is to complain of.

    *name* is the rule's name in the OWL 2 RL specification, *axiom* says in words
    what the ontology states, and *stated* is the triple by which it does, if it is one.
    """

    name: str
    axiom: str
    body: tuple[Atom, ...]
    head: Head | Complaint
    stated: Triple | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """One step: the triple follows by *rule* from *premises*."""

    rule: Rule
    premises: tuple[Triple, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Why *triple* holds: by *derivation* from *premises*, or because it is asserted.

    Explanations of the same triple are one object, so a deep one stays small.
    """

    triple: Triple
    derivation: Derivation | None
    premises: tuple[Explanation, ...]

    @property
    def is_asserted(self) -> bool:
        """Whether the triple needs no reason."""
        return self.derivation is None

    def asserted(self) -> tuple[Triple, ...]:
        """Return the asserted triples that it all rests on, each once."""
        leaves: dict[Triple, None] = {}
        met: set[int] = set()
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if id(part) in met:
                continue
            met.add(id(part))
            if part.is_asserted:
                leaves[part.triple] = None
            waiting.extend(part.premises[::-1])
        return tuple(leaves)


@dataclass(frozen=True, slots=True)
class Clash:
    """The data contradict an axiom: *premises* cannot all hold.

    A premise may be inferred; *asserted* is what the premises rest on.
    """

    kind: ClashKind
    axiom: str
    message: str
    focus: Term
    premises: tuple[Triple, ...]
    asserted: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """What a change did to the inferred triples and the clashes."""

    inferred: tuple[Triple, ...] = ()
    withdrawn: tuple[Triple, ...] = ()
    clashes: tuple[Clash, ...] = ()
    resolved: tuple[Clash, ...] = ()
