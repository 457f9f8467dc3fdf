"""SHACL's own terms: those of Core and SPARQL, which alone have effect here.

Every engine passes over a `sh:` term that it does not know, so a misspelt constraint
is a constraint that never fails. Hence a list to check against.
"""

from __future__ import annotations

from difflib import get_close_matches

from kg.terms import SH


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONSTRAINTS = _names("""
    and class closed datatype disjoint equals hasValue in languageIn lessThan
    lessThanOrEquals maxCount maxExclusive maxInclusive maxLength minCount minExclusive
    minInclusive minLength node nodeKind not or pattern qualifiedMaxCount
    qualifiedMinCount sparql uniqueLang xone
""")
"""Parameters by which a shape demands something itself (unlike sh:property)."""

LOGICAL = _names("and node not or qualifiedValueShape xone")
"""Parameters whose shapes are asked whether a node conforms, and report nothing."""

TARGETS = _names("targetClass targetNode targetObjectsOf targetSubjectsOf")

FLAGS = _names("closed deactivated optional qualifiedValueShapesDisjoint uniqueLang")
"""Parameters that are true or false, and have no effect when written otherwise."""

SEVERITIES = _names("Info Violation Warning")

PREDICATES = (
    CONSTRAINTS
    | LOGICAL
    | TARGETS
    | _names("""
        alternativePath ask deactivated declare defaultValue description flags group
        ignoredProperties inversePath labelTemplate message name namespace nodeValidator
        oneOrMorePath optional order parameter path prefix prefixes property
        propertyValidator qualifiedValueShapesDisjoint select severity validator
        zeroOrMorePath zeroOrOnePath
    """)
)

RESOURCES = SEVERITIES | _names("""
    BlankNode BlankNodeOrIRI BlankNodeOrLiteral ConstraintComponent IRI IRIOrLiteral
    Literal NodeShape Parameter PrefixDeclaration PropertyGroup PropertyShape
    SPARQLAskValidator SPARQLConstraint SPARQLSelectValidator Shape
""")
"""Classes and individuals: what may stand in another place than the predicate's."""


def local_name(iri: str) -> str | None:
    """Return the name of a term in SHACL's namespace; None for any other IRI."""
    return iri.removeprefix(SH) if iri.startswith(SH) else None


def nearest(name: str, names: frozenset[str]) -> str:
    """Return the one of *names* that *name* most likely misspells, or nothing."""
    folded = {known.casefold(): known for known in sorted(names)}
    matches = get_close_matches(name.casefold(), folded, n=1)
    return folded[matches[0]] if matches else ""
