"""Good facts broken in seeded ways, each way named for the mistake it imitates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.terms import (
    EXQ,
    GEO,
    LABEL,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Quad,
    Term,
    is_claim,
)
from tests.judging import facts, ontology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

_CLASS = NamedNode("http://www.w3.org/2002/07/owl#Class")
_OBJECT_PROPERTY = NamedNode("http://www.w3.org/2002/07/owl#ObjectProperty")
_DATE_TERMS = {
    f"{EXQ}{name}" for name in ("earliest", "edtf", "endEdtf", "latest", "startEdtf")
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The facts with one mistake: which kind, and what was put in place of what."""

    kind: str
    quads: frozenset[Quad]
    old: Quad
    new: Quad | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.old} → {self.new or 'nothing'}"


class Mutator:
    """Makes mutants of the shipped facts; the same seed makes the same ones."""

    def __init__(self) -> None:
        self.quads = facts()
        asserted = [quad for quad in self.quads if not is_claim(quad.graph_name)]
        self.asserted = sorted(asserted, key=str)
        self.classes = _own_terms(_CLASS)
        self.properties = {term.value for term in _own_terms(_OBJECT_PROPERTY)}
        typed = {quad.subject for quad in self.asserted if quad.predicate == TYPE}
        self.entities = sorted(
            (term for term in typed if isinstance(term, NamedNode)), key=str
        )

    def mutants(self, random: Random) -> Iterator[Mutant]:
        """Yield mutants without end, the kinds in turn."""
        while True:
            for mistake in MISTAKES:
                yield mistake(self, random)

    def pick(self, random: Random, fits: Callable[[Quad], bool]) -> Quad:
        """Return a statement that *fits*."""
        while not fits(quad := random.choice(self.asserted)):
            pass
        return quad

    def replaced(self, kind: str, old: Quad, **parts: Term) -> Mutant:
        """Return the mutant in which *old* has other *parts*."""
        given = {
            "subject": old.subject,
            "predicate": old.predicate,
            "object": old.object,
            "graph_name": old.graph_name,
        }
        new = Quad(**{**given, **parts})  # type: ignore[arg-type]
        return Mutant(kind, (self.quads - {old}) | {new}, old, new)

    def relates(self, quad: Quad) -> bool:
        """Tell whether *quad* relates two entities by a property of ours."""
        own = quad.predicate.value in self.properties
        return own and isinstance(quad.object, NamedNode)


def _own_terms(kind: NamedNode) -> list[NamedNode]:
    found = {t.subject for t in ontology() if t.predicate == TYPE and t.object == kind}
    own = (term for term in found if isinstance(term, NamedNode))
    return sorted((term for term in own if term.value.startswith(EXQ)), key=str)


def drop(mutator: Mutator, random: Random) -> Mutant:
    """Leave a statement out, of every graph that has it."""
    old = mutator.pick(random, lambda quad: True)
    same = {quad for quad in mutator.quads if quad.triple == old.triple}
    return Mutant("drop", mutator.quads - same, old)


def swap(mutator: Mutator, random: Random) -> Mutant:
    """Turn a statement round."""
    old = mutator.pick(random, mutator.relates)
    return mutator.replaced("swap", old, subject=old.object, object=old.subject)  # type: ignore[arg-type]


def retype(mutator: Mutator, random: Random) -> Mutant:
    """Give a thing another class."""
    old = mutator.pick(random, lambda quad: quad.predicate == TYPE)
    others = [cls for cls in mutator.classes if cls != old.object]
    return mutator.replaced("retype", old, object=random.choice(others))


def misspell_term(mutator: Mutator, random: Random) -> Mutant:
    """Misspell a class or a property."""
    old = mutator.pick(random, lambda quad: bool(_own_places(quad)))
    place = random.choice(_own_places(old))
    term: NamedNode = getattr(old, place)
    misspelt = NamedNode(EXQ + _misspelt(term.value.removeprefix(EXQ), random))
    return mutator.replaced("misspell a term", old, **{place: misspelt})


def _own_places(quad: Quad) -> list[str]:
    places = ("predicate", "object")
    return [p for p in places if str(getattr(quad, p)).startswith(f"<{EXQ}")]


def misspell_iri(mutator: Mutator, random: Random) -> Mutant:
    """Misspell what a statement names."""
    old = mutator.pick(random, mutator.relates)
    term = old.object
    head, name = _parted(term.value)  # type: ignore[union-attr]
    return mutator.replaced(
        "misspell an IRI", old, object=NamedNode(head + _misspelt(name, random))
    )


def misspell_subject(mutator: Mutator, random: Random) -> Mutant:
    """Misspell what a statement is about."""
    old = mutator.pick(random, mutator.relates)
    head, name = _parted(old.subject.value)  # type: ignore[union-attr]
    return mutator.replaced(
        "misspell a subject", old, subject=NamedNode(head + _misspelt(name, random))
    )


def _parted(iri: str) -> tuple[str, str]:
    cut = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:cut], iri[cut:]


def _misspelt(name: str, random: Random) -> str:
    """Leave out, double or exchange letters until it is another name."""
    result = name
    while result == name:
        at = random.randrange(len(name))
        result = random.choice(
            [
                name[:at] + name[at + 1 :],
                name[: at + 1] + name[at:],
                name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
            ]
        )
    return result or "x"


def wrong_kind(mutator: Mutator, random: Random) -> Mutant:
    """Point to something else, as a rule of another kind."""
    old = mutator.pick(random, mutator.relates)
    return mutator.replaced(
        "point elsewhere", old, object=random.choice(mutator.entities)
    )


def misdate(mutator: Mutator, random: Random) -> Mutant:
    """Get a date wrong."""
    old = mutator.pick(random, lambda quad: quad.predicate.value in _DATE_TERMS)
    value = old.object
    assert isinstance(value, Literal)
    text = random.choice(_dates(value.value, random))
    date = Literal(text, datatype=value.datatype)
    return mutator.replaced("misdate", old, object=date)


def _dates(text: str, random: Random) -> list[str]:
    year = str(random.randrange(1900, 2100))
    changed = [text.replace("XXXX", year), year + text[4:], text[:-1], text + "-40"]
    changed += ["/".join(reversed(text.split("/"))), text.replace("-", "/")]
    return [date for date in changed if date != text]


def misplace(mutator: Mutator, random: Random) -> Mutant:
    """Get a position wrong: with a comma, out of range, or half."""
    old = mutator.pick(random, lambda quad: quad.predicate.value == f"{GEO}asWKT")
    value = old.object
    assert isinstance(value, Literal)
    x, y = value.value.removeprefix("POINT(").removesuffix(")").split()
    texts = [f"{x}, {y}", f"{x} {float(y) + 100}", f"{float(x) + 300} {y}", f"{x}"]
    text = Literal(f"POINT({random.choice(texts)})", datatype=value.datatype)
    return mutator.replaced("misplace", old, object=text)


def mistype(mutator: Mutator, random: Random) -> Mutant:
    """Write a value with another datatype, or without its language."""
    old = mutator.pick(random, lambda quad: isinstance(quad.object, Literal))
    value = old.object
    assert isinstance(value, Literal)
    gregorian = Literal(value.value, datatype=NamedNode(f"{XSD}gYear"))
    others = [Literal(value.value), Literal(value.value, language="fr"), gregorian]
    fitting = [other for other in others if other != value]
    return mutator.replaced("mistype", old, object=random.choice(fitting))


def name_in_words(mutator: Mutator, random: Random) -> Mutant:
    """Write a thing's label where its IRI should stand."""
    labels = {q.subject: q.object for q in mutator.asserted if q.predicate == LABEL}
    old = mutator.pick(random, mutator.relates)
    while old.object not in labels:
        old = mutator.pick(random, mutator.relates)
    return mutator.replaced("name in words", old, object=labels[old.object])  # type: ignore[arg-type, index]


def relabel(mutator: Mutator, random: Random) -> Mutant:
    """Call a thing by another name in one of the places."""
    old = mutator.pick(random, lambda quad: quad.predicate == LABEL)
    other = Literal(f"the {old.object.value}", language="en")  # type: ignore[union-attr]
    mutant = mutator.replaced("relabel", old, object=other)
    kept = mutant.quads | {Quad(old.subject, LABEL, old.object, old.graph_name)}
    return Mutant("relabel", kept, old, mutant.new)


MISTAKES: tuple[Callable[[Mutator, Random], Mutant], ...] = (
    drop,
    swap,
    retype,
    misspell_term,
    misspell_iri,
    misspell_subject,
    wrong_kind,
    misdate,
    misplace,
    mistype,
    name_in_words,
    relabel,
)
