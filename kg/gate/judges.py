"""What judges, compiled once for each ontology and each set of shapes.

It is imported when it is first needed: rdflib and pyshacl take longer to import than
most commands, which judge nothing, take to run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.rules import RuleSet
    from kg.shapes import Shapes
    from kg.terms import Triple
    from kg.vocabulary import Vocabulary


@lru_cache(maxsize=4)
def rules_of(ontology: frozenset[Triple]) -> RuleSet:
    """Return the rules of *ontology*; raise AxiomError."""
    from kg.rules import compile_rules

    return compile_rules(ontology)


@lru_cache(maxsize=4)
def shapes_of(shapes: frozenset[Triple]) -> Shapes:
    """Return *shapes* ready to judge; raise ShapesError."""
    from kg.shapes import compile_shapes

    return compile_shapes(shapes)


@lru_cache(maxsize=4)
def vocabulary_of(ontology: frozenset[Triple]) -> Vocabulary:
    """Return the terms that *ontology* defines."""
    from kg.vocabulary import Vocabulary

    return Vocabulary.of(ontology)
