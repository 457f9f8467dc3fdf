"""From the axioms of an ontology to rules; what is not covered is refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

from kg.errors import AxiomError
from kg.rules import vocabulary as v
from kg.rules.expressions import MAX_COUNT_ADVICE, OntologyGraph, Path
from kg.rules.maker import Axiom, RuleMaker, relates
from kg.rules.model import ClashKind, IsA, Relates
from kg.rules.words import name
from kg.terms import OWL, RDFS, TYPE, BlankNode, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.rules.expressions import Expression
    from kg.rules.model import Argument, Rule
    from kg.terms import Node, Term, Triple

_SWRL = "http://www.w3.org/2003/11/swrl#"


@dataclass(frozen=True, slots=True)
class Compiled:
    """An ontology's *rules*, the *facts* it states of individuals, and its *terms*."""

    rules: tuple[Rule, ...]
    facts: tuple[Triple, ...]
    terms: frozenset[Term]
    axioms: frozenset[Triple]


def compile_ontology(ontology: Iterable[Triple]) -> Compiled:
    """Compile every axiom of *ontology*; raise AxiomError for one not covered."""
    graph = OntologyGraph(ontology)
    maker = RuleMaker()
    _add_standing_rules(maker)
    rest = [triple for triple in graph.triples if not _read(triple, graph, maker)]
    facts = tuple(_about_individuals(rest, graph))
    axioms = frozenset(graph.triples) - set(facts)
    return Compiled(maker.rules, facts, frozenset(graph.terms), axioms)


def _read(triple: Triple, graph: OntologyGraph, maker: RuleMaker) -> bool:
    """Make the rules of *triple* if it is an axiom; tell whether it is dealt with."""
    subject, predicate, value = triple
    term = value if predicate == TYPE else predicate
    read = (_KINDS if predicate == TYPE else _AXIOMS).get(term)
    if read is None:
        return _pass_over(triple, term, graph)
    maker.reading = triple
    try:
        read(graph, maker, subject, value)
    except AxiomError as error:
        where = f"axiom {_in_words(triple)}"
        raise AxiomError(error.message, where=where, advice=error.advice) from None
    return True


def _pass_over(triple: Triple, term: Term, graph: OntologyGraph) -> bool:
    """Tell whether *triple* only belongs to the syntax; raise if it says more."""
    if term in v.TERM_KINDS:
        graph.terms.add(cast("Node", triple.subject))
        return True
    if term in v.EXPRESSION_PARTS or term in v.WITHOUT_EFFECT:
        return True
    is_rule = isinstance(term, NamedNode) and term.value.startswith(_SWRL)
    if is_rule or (
        v.is_reserved(term) and term not in v.ANNOTATIONS and term not in v.OTHER_KINDS
    ):
        raise AxiomError(
            f"{name(term)} is not covered by the rules",
            where=f"axiom {_in_words(triple)}",
            advice="keep to OWL 2 RL, or say it with a shape",
        )
    return False


def _about_individuals(
    triples: Iterable[Triple], graph: OntologyGraph
) -> Iterator[Triple]:
    """Leave out what annotates the ontology's terms, down to its blank nodes."""
    rest = list(triples)
    annotating: set[object] = set(graph.terms)
    annotating.update(t.subject for t in rest if _is_annotation_node(t))
    size = -1
    while size != len(annotating):
        size = len(annotating)
        annotating.update(
            t.object
            for t in rest
            if isinstance(t.object, BlankNode) and t.subject in annotating
        )
    return (triple for triple in rest if triple.subject not in annotating)


def _is_annotation_node(triple: Triple) -> bool:
    return triple.predicate == TYPE and triple.object in _ANNOTATION_NODES


_ANNOTATION_NODES = v.owl("AllDifferent", "Annotation", "Axiom")


_TARGETS = (("prp-npa1", "targetIndividual"), ("prp-npa2", "targetValue"))
_PARTS_OF_NEGATIVE = v.owl(
    "assertionProperty", "sourceIndividual", "targetIndividual", "targetValue"
)
_Reader: TypeAlias = "Callable[[OntologyGraph, RuleMaker, Term, Term], None]"


# Axioms about classes.


def _sub_class(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    sub, sup = graph.expression(one), graph.expression(other)
    maker.include(sub, sup, Axiom("cax-sco", f"every {sub} is {sup}"))


def _same_class(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    left, right = graph.expression(one), graph.expression(other)
    words = f"{left} is the same as {right}"
    maker.include(left, right, Axiom("cax-eqc1", words))
    maker.include(right, left, Axiom("cax-eqc2", words))


def _described(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    if isinstance(one, BlankNode):
        return  # Read where an axiom uses it.
    if v.is_reserved(one) or not isinstance(one, NamedNode):
        raise AxiomError(f"{name(one)} cannot be given another meaning")
    left, right = graph.expression(one), graph.description(one)
    words = f"{left} is the same as {right}"
    maker.include(left, right, Axiom("cax-eqc1", words))
    maker.include(right, left, Axiom("cax-eqc2", words))


def _disjoint(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    _keep_classes_apart(maker, graph.expression(one), graph.expression(other), "cax-dw")


def _keep_classes_apart(
    maker: RuleMaker, left: Expression, right: Expression, rule: str
) -> None:
    words = f"{left} and {right} have no member in common"
    maker.exclude(left, right, Axiom(rule, words))


def _all_disjoint(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    classes = [graph.expression(item) for item in _members(graph, one)]
    for left, right in combinations(classes, 2):
        _keep_classes_apart(maker, left, right, "cax-adc")


# Axioms about properties.


def _sub_property(
    graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term
) -> None:
    if other in v.TOP_PROPERTIES:
        graph.path(one)
        return
    sub, sup = graph.path(one), graph.path(other)
    _imply(maker, sub, sup, Axiom("prp-spo1", f"{sub} implies {sup}"))


def _same_property(
    graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term
) -> None:
    left, right = graph.path(one), graph.path(other)
    words = f"{left} means the same as {right}"
    _imply(maker, left, right, Axiom("prp-eqp1", words))
    _imply(maker, right, left, Axiom("prp-eqp2", words))


def _inverse(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    if isinstance(one, BlankNode):
        return  # Read where an axiom uses it.
    left, right = graph.path(one), graph.path(other)
    words = f"{left} is the inverse of {right}"
    backward = Path(right.prop, not right.inverted)
    _imply(maker, left, backward, Axiom("prp-inv1", words))
    _imply(maker, backward, left, Axiom("prp-inv2", words))


def _imply(maker: RuleMaker, sub: Path, sup: Path, axiom: Axiom) -> None:
    maker.infer((relates(sub, 0, 1),), relates(sup, 0, 1), axiom)


def _chain(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    sup = graph.path(one)
    steps = [graph.path(item) for item in graph.items(other)]
    if not steps:
        raise AxiomError("a property chain needs at least one property")
    words = f"{', then '.join(map(str, steps))} gives {sup}"
    ends: list[Argument] = [0, *range(2, len(steps) + 1), 1]
    body = tuple(
        relates(step, *ends_of_step)
        for step, ends_of_step in zip(steps, pairwise(ends), strict=True)
    )
    maker.infer(body, relates(sup, 0, 1), Axiom("prp-spo2", words))


def _domain(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    path, cls = graph.path(one), graph.expression(other)
    axiom = Axiom("prp-dom", f"whatever has {path} is {cls}")
    maker.require(path, cls, axiom, of_value=False)


def _range(graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term) -> None:
    path, cls = graph.path(one), graph.expression(other)
    axiom = Axiom("prp-rng", f"every value of {path} is {cls}")
    maker.require(path, cls, axiom, of_value=True)


def _symmetric(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    path = graph.path(one)
    backward = Path(path.prop, not path.inverted)
    _imply(maker, path, backward, Axiom("prp-symp", f"{path} is symmetric"))


def _transitive(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    path = graph.path(one)
    body = (relates(path, 0, 2), relates(path, 2, 1))
    maker.infer(body, relates(path, 0, 1), Axiom("prp-trp", f"{path} is transitive"))


def _asymmetric(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    path = graph.path(one)
    axiom = Axiom("prp-asyp", f"{path} is asymmetric")
    body = (relates(path, 0, 1), relates(path, 1, 0))
    text = f"{path} relates {{0}} to {{1}} and back"
    maker.clash(body, ClashKind.ASYMMETRIC, text, axiom)


def _irreflexive(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    path = graph.path(one)
    axiom = Axiom("prp-irp", f"{path} is irreflexive")
    text = f"{path} relates {{0}} to itself"
    maker.clash((relates(path, 0, 0),), ClashKind.IRREFLEXIVE, text, axiom)


def _disjoint_properties(
    graph: OntologyGraph, maker: RuleMaker, one: Term, other: Term
) -> None:
    _keep_apart(maker, graph.path(one), graph.path(other), "prp-pdw")


def _all_disjoint_properties(
    graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term
) -> None:
    paths = [graph.path(item) for item in _members(graph, one)]
    for left, right in combinations(paths, 2):
        _keep_apart(maker, left, right, "prp-adp")


def _keep_apart(maker: RuleMaker, left: Path, right: Path, rule: str) -> None:
    axiom = Axiom(rule, f"{left} and {right} never relate the same two things")
    body = (relates(left, 0, 1), relates(right, 0, 1))
    text = f"{left} and {right} both relate {{0}} to {{1}}"
    maker.clash(body, ClashKind.DISJOINT_PROPERTIES, text, axiom)


def _negative(graph: OntologyGraph, maker: RuleMaker, one: Term, _: Term) -> None:
    graph.terms.add(one)
    source = graph.object(one, NamedNode(f"{OWL}sourceIndividual"))
    path = graph.path(graph.object(one, NamedNode(f"{OWL}assertionProperty")))
    targets = [
        (rule, target)
        for rule, part in _TARGETS
        for target in graph.objects(one, NamedNode(f"{OWL}{part}"))
    ]
    if len(targets) != 1:
        raise AxiomError("a negative assertion needs exactly one target")
    rule, target = targets[0]
    words = f"{path} does not relate {name(source)} to {name(target)}"
    body = (relates(path, source, target),)
    axiom = Axiom(rule, words)
    maker.clash(body, ClashKind.NEGATIVE_ASSERTION, "the data say the contrary", axiom)


# What is refused, and what always holds.


def _refuse_identity(
    _graph: OntologyGraph, _maker: RuleMaker, _one: Term, _other: Term
) -> None:
    raise AxiomError(
        "an axiom that makes two things one is not covered", advice=MAX_COUNT_ADVICE
    )


def _refuse_import(
    graph: OntologyGraph, _maker: RuleMaker, _one: Term, other: Term
) -> None:
    if NamedNode(f"{OWL}Ontology") not in graph.objects(other, TYPE):
        raise AxiomError(
            "owl:imports is not followed",
            advice="give the imported ontology's triples along with this one's",
        )


def _part_of_axiom(
    _graph: OntologyGraph, _maker: RuleMaker, _one: Term, _other: Term
) -> None:
    """Do nothing: the axiom is read at its type."""


def _members(graph: OntologyGraph, node: Term) -> tuple[Term, ...]:
    graph.terms.add(node)
    return graph.items(graph.object(node, NamedNode(f"{OWL}members")))


def _add_standing_rules(maker: RuleMaker) -> None:
    """Add what contradicts any ontology, and axioms where they would not be read."""
    nothing = Axiom("cls-nothing2", "owl:Nothing has no members")
    body = (IsA(v.NOTHING, 0),)
    maker.clash(body, ClashKind.EMPTY_CLASS, "{0} is in owl:Nothing", nothing)
    different = Axiom("eq-diff1", "nothing differs from itself")
    text = "{0} is said to be different from itself"
    maker.clash(
        (Relates(v.DIFFERENT_FROM, 0, 0),), ClashKind.DIFFERENT, text, different
    )
    _add_rules_against_axioms(maker)


def _add_rules_against_axioms(maker: RuleMaker) -> None:
    same = Axiom("eq-rep", "identity is said with schema:sameAs, which copies nothing")
    text = "the data call {0} and {1} the same with owl:sameAs"
    maker.clash((Relates(v.SAME_AS, 0, 1),), ClashKind.IDENTITY, text, same)
    apart = Axiom("axiom", "axioms are read only from the ontology")
    for prop in sorted(v.AXIOM_PROPERTIES | v.CLASS_EXPRESSIONS, key=str):
        text = f"the data state an axiom: {{0}} {name(prop)} {{1}}"
        maker.clash((Relates(prop, 0, 1),), ClashKind.MISPLACED, text, apart)
    for kind in sorted(v.AXIOM_KINDS, key=str):
        text = f"the data state an axiom: {{0}} is an {name(kind)}"
        maker.clash((IsA(kind, 0),), ClashKind.MISPLACED, text, apart)


def _in_words(triple: Triple) -> str:
    return " ".join(map(name, triple))


_AXIOMS: dict[Term, _Reader] = {
    **dict.fromkeys(v.CLASS_EXPRESSIONS, _described),
    **dict.fromkeys(_PARTS_OF_NEGATIVE, _part_of_axiom),
    NamedNode(f"{RDFS}domain"): _domain,
    NamedNode(f"{RDFS}range"): _range,
    NamedNode(f"{RDFS}subClassOf"): _sub_class,
    NamedNode(f"{RDFS}subPropertyOf"): _sub_property,
    NamedNode(f"{OWL}disjointWith"): _disjoint,
    NamedNode(f"{OWL}equivalentClass"): _same_class,
    NamedNode(f"{OWL}equivalentProperty"): _same_property,
    NamedNode(f"{OWL}hasKey"): _refuse_identity,
    NamedNode(f"{OWL}imports"): _refuse_import,
    NamedNode(f"{OWL}inverseOf"): _inverse,
    NamedNode(f"{OWL}propertyChainAxiom"): _chain,
    NamedNode(f"{OWL}propertyDisjointWith"): _disjoint_properties,
    NamedNode(f"{OWL}sameAs"): _refuse_identity,
}

_KINDS: dict[Term, _Reader] = {
    NamedNode(f"{OWL}AllDisjointClasses"): _all_disjoint,
    NamedNode(f"{OWL}AllDisjointProperties"): _all_disjoint_properties,
    NamedNode(f"{OWL}AsymmetricProperty"): _asymmetric,
    NamedNode(f"{OWL}FunctionalProperty"): _refuse_identity,
    NamedNode(f"{OWL}InverseFunctionalProperty"): _refuse_identity,
    NamedNode(f"{OWL}IrreflexiveProperty"): _irreflexive,
    NamedNode(f"{OWL}NegativePropertyAssertion"): _negative,
    NamedNode(f"{OWL}SymmetricProperty"): _symmetric,
    NamedNode(f"{OWL}TransitiveProperty"): _transitive,
}
