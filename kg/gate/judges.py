"""What judges, compiled once for each ontology and each set of shapes.

It is imported when it is first needed: rdflib and pyshacl take longer to import than
most commands, which judge nothing, take to run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.gate.view import triple_of
from kg.terms import ONTOLOGY, SHAPES

if TYPE_CHECKING:
    from kg.gate.verdict import State
    from kg.rules import RuleSet
    from kg.shapes import Shapes
    from kg.terms import NamedNode, Triple
    from kg.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Judges:
    """What judges by one ontology and its shapes."""

    rules: RuleSet
    shapes: Shapes
    vocabulary: Vocabulary


_KEPT = 4
_BY_BUILD: dict[str, Judges] = {}
_RULES: dict[str, RuleSet] = {}


def judges_of(state: State) -> Judges:
    """Return the judges of *state*; its ontology and shapes change only by a build."""
    if state.build not in _BY_BUILD:
        ontology, shapes = _graph(state, ONTOLOGY), _graph(state, SHAPES)
        if not state.build:
            return compile_judges(ontology, shapes)
        # They were tried out when the store was built; that takes long.
        judges = Judges(
            rules_of(ontology), shapes_of(shapes, tried=True), vocabulary_of(ontology)
        )
        while len(_BY_BUILD) >= _KEPT:
            _BY_BUILD.pop(next(iter(_BY_BUILD)), None)
        _BY_BUILD[state.build] = judges
    return _BY_BUILD[state.build]


def compile_judges(ontology: frozenset[Triple], shapes: frozenset[Triple]) -> Judges:
    """Return what judges by *ontology* and *shapes*; raise AxiomError, ShapesError."""
    return Judges(rules_of(ontology), shapes_of(shapes), vocabulary_of(ontology))


def rules_of_state(state: State) -> RuleSet:
    """Return the rules of *state*, without what else judges; raise AxiomError."""
    if state.build in _BY_BUILD:
        return _BY_BUILD[state.build].rules
    if state.build not in _RULES:
        rules = rules_of(_graph(state, ONTOLOGY))
        if not state.build:
            return rules
        while len(_RULES) >= _KEPT:
            _RULES.pop(next(iter(_RULES)), None)
        _RULES[state.build] = rules
    return _RULES[state.build]


def _graph(state: State, name: NamedNode) -> frozenset[Triple]:
    return frozenset(triple_of(quad) for quad in state.quads(graph=name))


@lru_cache(maxsize=_KEPT)
def rules_of(ontology: frozenset[Triple]) -> RuleSet:
    """Return the rules of *ontology*; raise AxiomError."""
    from kg.rules import compile_rules

    return compile_rules(ontology)


@lru_cache(maxsize=_KEPT)
def shapes_of(shapes: frozenset[Triple], *, tried: bool = False) -> Shapes:
    """Return *shapes* ready to judge; raise ShapesError, unless they were *tried*."""
    from kg.shapes import Shapes, compile_shapes

    return Shapes(shapes) if tried else compile_shapes(shapes)


@lru_cache(maxsize=_KEPT)
def vocabulary_of(ontology: frozenset[Triple]) -> Vocabulary:
    """Return the terms that *ontology* defines."""
    from kg.vocabulary import Vocabulary

    return Vocabulary.of(ontology)
