"""Updates compared with the engine's own, on generated datasets and requests."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset
from pyoxigraph import Store as Engine

from kg.terms import BASE
from kg.update import PLAIN, read_update
from tests.updating import E, after, plain

NAMES = st.sampled_from([":a", ":b", ":c"])
PREDICATES = st.sampled_from([":p", ":q"])
OBJECTS = st.sampled_from([":a", ":b", "1", "01", "'x'", "'x'@en", "2.50", "true"])
GRAPH_NAMES = st.sampled_from([":g", ":h", ":i"])
VARIABLES = st.sampled_from(["?s", "?o", "?s", "?o", "?x"])
REFERENCES = st.one_of(
    st.sampled_from(["DEFAULT", "NAMED", "ALL"]),
    GRAPH_NAMES.map(lambda name: f"GRAPH {name}"),
)


def one_of(*strategies):
    return st.one_of(*strategies)


def triples(subjects, predicates, objects):
    one = st.tuples(subjects, predicates, objects).map(" ".join)
    return st.lists(one, min_size=1, max_size=3).map(" . ".join)


def in_graphs(made, graphs):
    graph = st.tuples(graphs, made).map(lambda g: f"GRAPH {g[0]} {{ {g[1]} }}")
    return st.lists(one_of(made, graph), min_size=1, max_size=3).map(_joined)


def _joined(pieces):
    text = ""
    for piece in pieces:
        text += " " if piece.startswith("GRAPH") else " . " if text.strip() else ""
        text += piece
    return f"{{ {text} }}"


DATA = in_graphs(triples(NAMES, PREDICATES, OBJECTS), GRAPH_NAMES)
WITH_VARIABLES = triples(
    one_of(NAMES, VARIABLES),
    one_of(PREDICATES, st.sampled_from(["?p"])),
    one_of(OBJECTS, VARIABLES),
)
TEMPLATE = in_graphs(WITH_VARIABLES, one_of(GRAPH_NAMES, st.sampled_from(["?g"])))
FRESH = st.sampled_from(["{ ?s :q [] }", "{ _:n :p ?o . GRAPH :g { _:n :q ?s } }"])
ELEMENTS = one_of(
    WITH_VARIABLES,
    st.tuples(one_of(GRAPH_NAMES, st.sampled_from(["?g"])), WITH_VARIABLES).map(
        lambda g: f"GRAPH {g[0]} {{ {g[1]} }}"
    ),
    WITH_VARIABLES.map(lambda t: f"OPTIONAL {{ {t} }}"),
    st.tuples(WITH_VARIABLES, WITH_VARIABLES).map(
        lambda t: f"{{ {t[0]} }} UNION {{ GRAPH ?g {{ {t[1]} }} }}"
    ),
    WITH_VARIABLES.map(lambda t: f"MINUS {{ {t} }}"),
    st.sampled_from(
        [
            "FILTER(?s != :a)",
            "FILTER(?o<2)",
            "FILTER NOT EXISTS { ?s :q ?o }",
            "VALUES ?s { :a :b }",
            "VALUES (?o ?g) { (1 :g) (:b :h) (UNDEF :i) }",
        ]
    ),
)


def _pattern(elements):
    text = ""
    for element in elements:
        needs_dot = text and element[0] in ":?"
        text += f" . {element}" if needs_dot else f" {element}"
    return f"{{ {text} }}"


PATTERN = st.lists(ELEMENTS, min_size=1, max_size=3).map(_pattern)
USING = st.lists(
    one_of(GRAPH_NAMES, GRAPH_NAMES.map(lambda name: f"NAMED {name}")), max_size=2
).map(lambda names: " ".join(f"USING {name}" for name in names))


@st.composite
def modifies(draw):
    deletes = draw(st.none() | TEMPLATE)
    using = draw(USING)
    # Two graphs of one default graph count a triple twice in the engine.
    inserted = TEMPLATE if using.count("USING :") > 1 else one_of(TEMPLATE, FRESH)
    inserts = draw(inserted if deletes is None else st.none() | inserted)
    parts = [
        f"WITH {draw(GRAPH_NAMES)}" if draw(st.booleans()) else "",
        f"DELETE {deletes}" if deletes else "",
        f"INSERT {inserts}" if inserts else "",
        using,
        f"WHERE {draw(PATTERN)}",
    ]
    return " ".join(filter(None, parts))


COUNTING = GRAPH_NAMES.map(
    lambda name: (
        f"INSERT {{ GRAPH {name} {{ :a :count ?n }} }} "
        "WHERE { SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o } }"
    )
)


@st.composite
def transfers(draw):
    # The engine does not mind a source that is not there, against the W3C's tests.
    source = draw(GRAPH_NAMES)
    ends = draw(
        st.permutations([source, draw(one_of(GRAPH_NAMES, st.just("DEFAULT")))])
    )
    made = " ; ".join(
        f"INSERT DATA {{ GRAPH {e} {{ :a :p :a }} }}" for e in ends if e[0] == ":"
    )
    return (
        f"{made} ; {draw(st.sampled_from(['ADD', 'COPY', 'MOVE']))} {' TO '.join(ends)}"
    )


FRESHENING = st.tuples(FRESH, GRAPH_NAMES, PREDICATES).map(
    lambda g: (
        f"INSERT {g[0]} WHERE {{ {{ ?s {g[2]} ?o }} "
        f"UNION {{ GRAPH {g[1]} {{ ?s {g[2]} ?o }} }} }}"
    )
)
OPERATIONS = one_of(
    FRESHENING,
    DATA.map(lambda block: f"INSERT DATA {block}"),
    DATA.map(lambda block: f"DELETE DATA {block}"),
    TEMPLATE.map(lambda block: f"DELETE WHERE {block}"),
    modifies(),
    modifies(),
    COUNTING,
    st.tuples(st.sampled_from(["CLEAR", "DROP"]), REFERENCES).map(" SILENT ".join),
    GRAPH_NAMES.map(lambda name: f"CREATE SILENT GRAPH {name}"),
    transfers(),
)
SEPARATORS = st.sampled_from([" ; ", ";\n", f" ; PREFIX : <{E}> ", " # ; {\n ; "])


@st.composite
def requests(draw):
    """Return a request, and the same as the engine reads it: no later PREFIX."""
    operations = draw(st.lists(OPERATIONS, min_size=1, max_size=4))
    text = operations[0]
    for operation in operations[1:]:
        text += draw(SEPARATORS) + operation
    return f"PREFIX : <{E}> {text}", f"PREFIX : <{E}> {' ; '.join(operations)}"


def canonical(quads):
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, dataset))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(DATA, requests())
def test_the_effect_is_that_of_the_engines_own_update(data, request):
    ours, theirs = request
    engine = Engine()
    engine.update(f"PREFIX : <{E}> INSERT DATA {data}")
    before = set(engine)
    change = read_update(ours, plain(*before), base=BASE, rules=PLAIN)
    assert not change.added & change.removed
    engine.update(theirs)
    assert canonical(after(change, *before)) == canonical(engine)
