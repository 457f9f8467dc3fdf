"""SPARQL Update read as a change: by the rules of a store, and of any dataset."""

from __future__ import annotations

import pytest
from pyoxigraph import Store as Engine

from kg.created import marks
from kg.errors import ChangeError, QueryError
from kg.folder import Pointer
from kg.store import Snapshot, Store
from kg.terms import (
    BASE,
    CONCEPTS,
    EXQ,
    INFERRED,
    KEPT_BY_PROGRAM,
    LABEL,
    MERGED,
    ONTOLOGY,
    UNSOURCED,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
)
from kg.update import StillHeldError, refuse_standing
from tests.updating import CLAIM, ONE, TWO, E, after, n, q, read, read_plain, snapshot

# The graphs of a store


def test_what_names_no_graph_is_written_to_the_unsourced_graph():
    change = read("INSERT DATA { :a :p :b . GRAPH s:s01 { :a :p :c } }")
    assert change.added == {q("a", "p", "b", UNSOURCED), q("a", "p", "c", ONE)}
    assert change.removed == set()


def test_a_request_touches_nothing():
    given = snapshot(q("a", "p", "b", UNSOURCED))
    before = set(given.quads())
    read("DELETE WHERE { :a :p ?o } ; INSERT DATA { :a :p :c }", snapshot=given)
    assert set(given.quads()) == before


def test_where_reads_the_merged_view():
    change = read(
        "INSERT { GRAPH :g { ?s :seen ?o } } WHERE { ?s :p ?o }",
        q("a", "p", "b", ONE),
        q("a", "p", "c", INFERRED),
        q("a", "p", "d", CLAIM),
    )
    assert change.added == {q("a", "seen", "b", n("g")), q("a", "seen", "c", n("g"))}


def test_default_means_the_unsourced_graph():
    given = [q("a", "p", "b", UNSOURCED), q("a", "p", "c", ONE)]
    assert read("CLEAR DEFAULT", *given).removed == {given[0]}
    assert read("DROP DEFAULT", *given).removed == {given[0]}
    assert read("COPY DEFAULT TO :g", *given).added == {q("a", "p", "b", n("g"))}
    moved = read("MOVE s:s01 TO DEFAULT", *given)
    assert after(moved, *given) == {q("a", "p", "c", UNSOURCED)}


def test_merged_is_the_name_of_the_view_where_it_is_read():
    given = [q("a", "p", "b", ONE), q("a", "p", "c", TWO), q("a", "p", "d", CLAIM)]
    where = "WHERE { ?s :p ?o }"
    wanted = {q("a", "seen", "b", UNSOURCED), q("a", "seen", "c", UNSOURCED)}
    text = f"INSERT {{ ?s :seen ?o }} USING graph:merged {where}"
    assert read(text, *given).added == wanted
    text = f"INSERT {{ ?s :seen ?o }} {where}"
    assert read(text, *given, using_graphs=[MERGED.value]).added == wanted
    copied = read("COPY graph:merged TO :g", *given).added
    assert copied == {q("a", "p", "b", n("g")), q("a", "p", "c", n("g"))}


@pytest.mark.parametrize("graph", sorted(KEPT_BY_PROGRAM, key=str), ids=str)
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {{ GRAPH {0} {{ :a :p :b }} }}",
        "DELETE DATA {{ GRAPH {0} {{ :a :p :b }} }}",
        "WITH {0} INSERT {{ :a :p :b }} WHERE {{}}",
        "INSERT {{ GRAPH ?g {{ :a :p :b }} }} WHERE {{ VALUES ?g {{ {0} }} }}",
        "CLEAR GRAPH {0}",
        "DROP GRAPH {0}",
        "CREATE GRAPH {0}",
        "COPY DEFAULT TO {0}",
        "MOVE {0} TO :g",
        "ADD :g TO {0}",
    ],
)
def test_what_this_program_keeps_cannot_be_written(graph, text):
    given = q("a", "p", "b", graph), q("a", "p", "b", n("g"))
    with pytest.raises(ChangeError, match=r"^line 1, column 1: .* cannot be written"):
        read(text.format(graph), *given)


def test_all_and_named_pass_over_what_this_program_keeps():
    kept = [q("a", "p", "b", graph) for graph in KEPT_BY_PROGRAM - {MERGED}]
    written = [q("a", "p", "b", g) for g in (ONE, CLAIM, CONCEPTS)]
    unsourced = q("a", "p", "b", UNSOURCED)
    emptied = frozenset().union(*(marks(quad.graph_name) for quad in written))
    for verb, left in (("CLEAR", emptied), ("DROP", frozenset())):
        change = read(f"{verb} NAMED", *kept, *written, unsourced)
        assert (change.removed, change.added) == ({*written}, left)
        change = read(f"{verb} ALL", *kept, *written, unsourced)
        assert (change.removed, change.added) == ({*written, unsourced}, left)


# Deletes that leave a triple standing


def test_a_delete_of_what_another_graph_states_is_rejected_with_the_graphs():
    given = [q("a", "p", "b", g) for g in (UNSOURCED, ONE, TWO, CLAIM)]
    with pytest.raises(StillHeldError, match=r"#s01> and <\S*#s02>; delete") as caught:
        read("DELETE DATA { :a :p :b }", *given)
    assert caught.value.held == ((q("a", "p", "b").triple, (ONE, TWO)),)


@pytest.mark.parametrize(
    "text",
    [
        "DELETE WHERE { :a :p ?o }",
        "DELETE { :a ?p ?o } WHERE { :a ?p ?o }",
        "DELETE { :a :p :b } USING s:s01 WHERE { :a :p :b }",
        "INSERT DATA { GRAPH :g { :a :p :b } } ; DELETE DATA { :a :p :b }",
        "DELETE DATA { :a :p :b } ; DELETE DATA { GRAPH s:s02 { :a :p :b } }",
    ],
)
def test_every_delete_that_names_no_graph_is_held_to_it(text):
    with pytest.raises(StillHeldError, match="story#s01"):
        read(text, q("a", "p", "b", ONE), q("a", "p", "b", TWO))


@pytest.mark.parametrize(
    "text",
    [
        "DELETE DATA { GRAPH s:s01 { :a :p :b } }",
        "WITH s:s01 DELETE { :a :p ?o } WHERE { :a :p ?o }",
        "DELETE DATA { :a :p :b . GRAPH s:s01 { :a :p :b } }",
        "DELETE DATA { :a :p :b } ; CLEAR GRAPH s:s01",
        "MOVE s:s01 TO :g ; CLEAR GRAPH :g ; DELETE DATA { :a :p :b }",
    ],
)
def test_a_delete_that_names_all_the_graphs_is_done(text):
    given = [q("a", "p", "b", ONE), q("a", "p", "b", UNSOURCED)]
    assert q("a", "p", "b", ONE) not in after(read(text, *given), *given)


def test_what_the_request_itself_states_again_may_stand():
    change = read(
        "DELETE { ?s :p ?o } INSERT { GRAPH s:s01 { ?s :p ?o } } WHERE { ?s :p ?o }",
        q("a", "p", "b", UNSOURCED),
    )
    assert change.added == {q("a", "p", "b", ONE)}
    assert change.removed == {q("a", "p", "b", UNSOURCED)}
    assert change.withdrawn == set()


def test_a_delete_of_what_follows_from_others_is_rejected():
    given = [q("a", "p", "b", ONE), q("a", "r", "b", INFERRED)]
    with pytest.raises(StillHeldError, match="as it follows from others"):
        read("DELETE DATA { :a :r :b }", *given)


def test_what_may_cease_to_follow_is_left_to_whoever_reasons():
    change = read(
        "DELETE WHERE { :a ?p :b }",
        q("a", "p", "b", UNSOURCED),
        q("a", "r", "b", INFERRED),
    )
    assert change.removed >= {q("a", "p", "b", UNSOURCED)}
    assert change.withdrawn == {q("a", "p", "b").triple, q("a", "r", "b").triple}


def test_what_follows_all_the_same_is_refused_when_that_is_known():
    given = snapshot(q("a", "p", "b", UNSOURCED), q("a", "r", "b", INFERRED))
    change = read("DELETE WHERE { :a ?p :b }", snapshot=given)
    view = {q("a", "p", "b"), q("a", "r", "b"), q("a", "r", "b", INFERRED)}
    refuse_standing(change, given, added=change.added, removed=change.removed | view)
    removed = change.removed | {q("a", "p", "b")}
    with pytest.raises(StillHeldError, match=r"r> <.*as it follows from others"):
        refuse_standing(change, given, added=change.added, removed=removed)


def test_a_label_that_the_ontology_shows_is_held_by_it():
    term, name = NamedNode(f"{EXQ}State"), Literal("state", language="en")
    label = Quad(term, LABEL, name, ONTOLOGY)
    with pytest.raises(StillHeldError, match="graph/ontology"):
        read(f"DELETE DATA {{ {term} {LABEL} {name} }}", label)


def test_many_triples_that_are_held_are_counted():
    given = [q("a", "p", f"b{number}", ONE) for number in range(9)]
    with pytest.raises(StillHeldError, match="and 6 more") as caught:
        read("DELETE WHERE { :a :p ?o }", *given)
    assert len(caught.value.held) == 9


# Several operations


def test_later_operations_see_what_earlier_ones_did():
    change = read(
        "INSERT DATA { :a :p :b . GRAPH s:s01 { :a :p :c } } ;"
        "DELETE { :a :p ?o } INSERT { GRAPH :g { :a :had ?o } }"
        " WHERE { GRAPH graph:unsourced { :a :p ?o } } ;"
        "INSERT { GRAPH :g { :a :has ?o } } WHERE { :a :p ?o }",
        q("a", "p", "d", TWO),
    )
    assert change.added == {
        q("a", "p", "c", ONE),
        q("a", "had", "b", n("g")),
        q("a", "has", "c", n("g")),
        q("a", "has", "d", n("g")),
    }


def test_the_merged_view_loses_what_no_graph_states_any_more():
    given = [q("a", "p", "b", ONE), q("a", "p", "b", TWO), q("a", "p", "c", TWO)]
    change = read(
        "DELETE WHERE { GRAPH s:s02 { ?s ?p ?o } } ;"
        "INSERT { GRAPH :g { :a :left ?o } } WHERE { :a :p ?o }",
        *given,
    )
    assert change.added == {q("a", "left", "b", n("g"))}


def test_later_operations_see_what_follows_if_that_is_derived():
    def derive(state, change):
        follows = {
            Quad(quad.subject, n("r"), quad.object, graph)
            for quad in change.added
            if quad.predicate == n("p")
            for graph in (INFERRED, DefaultGraph())
        }
        assert q("a", "p", "b", ONE) in state
        return change.added | follows, change.removed

    change = read(
        "INSERT DATA { :a :p :c } ; INSERT { :a :s ?o } WHERE { :a :r ?o }",
        q("a", "p", "b", ONE),
        derive=derive,
    )
    assert change.added == {q("a", "p", "c", UNSOURCED), q("a", "s", "c", UNSOURCED)}


def test_declarations_hold_for_later_operations_and_may_change():
    change = read_plain(
        "PREFIX e: <urn:e:> BASE <http://example.org/x/> INSERT DATA { e:a :p <y> } ;\n"
        "PREFIX e: <urn:f:> INSERT DATA { e:a :p <y> } ; BASE <z/>\n"
        "INSERT DATA { e:b :p <y> } ; PREFIX g: <urn:g:>"
    )
    x, z, p = (NamedNode(f"{E}{name}") for name in ("x/y", "x/z/y", "p"))
    assert change.added == {
        Quad(NamedNode("urn:e:a"), p, x),
        Quad(NamedNode("urn:f:a"), p, x),
        Quad(NamedNode("urn:f:b"), p, z),
    }


@pytest.mark.parametrize("text", ["", " \n# nothing\n", "PREFIX a: <urn:a:>"])
def test_a_request_may_have_no_operation(text):
    change = read(text, q("a", "p", "b", ONE))
    assert change.added == change.removed == set()


def test_operations_on_a_store_on_disk_go_on_in_a_copy_that_is_removed(tmp_path):
    store = Store.create(tmp_path / "s", [q("a", "p", "b", ONE)], fingerprint="f")
    given = store.snapshot()
    change = read(
        "INSERT DATA { GRAPH :g { :a :p :c } } ;"
        "INSERT { GRAPH :g { ?o :of ?g } } WHERE { GRAPH ?g { :a :p ?o } }",
        snapshot=given,
    )
    assert change.added == {
        q("a", "p", "c", n("g")),
        q("b", "of", ONE, n("g")),
        q("c", "of", n("g"), n("g")),
    }
    assert list((tmp_path / "s" / "scratch").iterdir()) == []
    assert set(given.quads()) == {q("a", "p", "b", ONE)}
    assert set(Store(store.path).snapshot().quads()) == {q("a", "p", "b", ONE)}


def test_a_copy_that_a_killed_process_left_is_removed(tmp_path):
    store = Store.create(tmp_path / "s", [q("a", "p", "b", ONE)], fingerprint="f")
    (store.path / "scratch" / "dead").mkdir(parents=True)
    (store.path / "scratch" / "dead.lock").touch()
    text = "INSERT DATA { :a :p :c } ; INSERT { :a :r ?o } WHERE { :a :p ?o }"
    read(text, snapshot=store.snapshot())
    assert list((store.path / "scratch").iterdir()) == []


def test_a_store_that_cannot_be_written_is_copied_in_memory(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    store = Store.create(tmp_path / "s", [q("a", "p", "b", ONE)], fingerprint="f")
    given = store.snapshot()
    monkeypatch.setattr("kg.disk.clone_engine_folder", refuse)
    text = (
        "INSERT DATA { GRAPH :g { :a :p :c } } ;"
        "INSERT { GRAPH :h { :a :r ?o } } WHERE { GRAPH ?g { :a :p ?o } }"
    )
    change = read(text, snapshot=given)
    assert change.added > {q("a", "r", "b", n("h")), q("a", "r", "c", n("h"))}


# Datasets


GRAPHS = (q("a", "p", "b", n("g")), q("a", "p", "c", n("h")), q("a", "p", "d"))


@pytest.mark.parametrize(
    ("dataset", "found"),
    [
        ("", "d"),
        ("USING :g", "b"),
        ("USING :g USING :h", "bc"),
        ("USING :none", ""),
        ("USING NAMED :g", ""),
    ],
)
def test_using_names_what_the_default_graph_of_where_is(dataset, found):
    text = f"INSERT {{ GRAPH :new {{ :a :r ?o }} }} {dataset} WHERE {{ :a :p ?o }}"
    wanted = {q("a", "r", name, n("new")) for name in found}
    assert read_plain(text, *GRAPHS).added == wanted


@pytest.mark.parametrize(
    ("dataset", "found"),
    [("", "bc"), ("USING :g", ""), ("USING :g USING NAMED :h", "c")],
)
def test_using_names_the_graphs_that_where_may_name(dataset, found):
    text = f"INSERT {{ :a :r ?o }} {dataset} WHERE {{ GRAPH ?g {{ :a :p ?o }} }}"
    assert read_plain(text, *GRAPHS).added == {q("a", "r", name) for name in found}


def test_with_leaves_the_other_graphs_to_where():
    text = (
        "WITH :g DELETE { :a :p ?o } INSERT { :a :r ?x . GRAPH :h { :a :s ?o } } "
        "WHERE { :a :p ?o . GRAPH :h { :a :p ?x } }"
    )
    change = read_plain(text, *GRAPHS)
    assert change.removed == {q("a", "p", "b", n("g"))}
    assert change.added == {q("a", "r", "c", n("g")), q("a", "s", "b", n("h"))}


def test_using_overrides_with_for_where_alone():
    text = "WITH :g INSERT { :a :r ?o } USING :h WHERE { :a :p ?o }"
    assert read_plain(text, *GRAPHS).added == {q("a", "r", "c", n("g"))}


def test_with_may_name_a_graph_that_is_not_there_yet():
    text = "WITH :new INSERT { :a :r :b } WHERE {}"
    assert read_plain(text, *GRAPHS).added == {q("a", "r", "b", n("new"))}


def test_a_triple_in_two_graphs_of_using_counts_once():
    given = [q("a", "p", "b", n("g")), q("a", "p", "b", n("h"))]
    text = (
        "INSERT { :a :count ?n } USING :g USING :h USING NAMED :g "
        "WHERE { SELECT (COUNT(*) AS ?n) { :a :p :b . GRAPH :g { :a :p ?x } } }"
    )
    assert read_plain(text, *given).added == {q("a", "count", Literal(1))}
    text = "INSERT { ?x :made [] } USING :g USING :h WHERE { :a :p ?x }"
    assert len(read_plain(text, *given).added) == 1


def test_the_protocol_may_name_the_dataset():
    text = "INSERT { :a :r ?o . :a :s ?x } WHERE { :a :p ?o . GRAPH ?g { :a :p ?x } }"
    change = read_plain(
        text, *GRAPHS, using_graphs=[f"{E}g"], using_named_graphs=[f"{E}h"]
    )
    assert change.added == {q("a", "r", "b"), q("a", "s", "c")}
    change = read_plain("DELETE WHERE { :a :p ?o }", *GRAPHS, using_graphs=[f"{E}g"])
    assert change.removed == {q("a", "p", "b")}


@pytest.mark.parametrize("clause", ["USING :g", "USING NAMED :g"])
def test_two_ways_to_name_the_dataset_are_refused(clause):
    text = f"CLEAR DEFAULT ;\nDELETE {{ :a :p :b }} {clause} WHERE {{}}"
    with pytest.raises(QueryError, match=r"line 2, column 1: .*leave out one"):
        read_plain(text, using_graphs=[f"{E}g"])
    with pytest.raises(QueryError, match="leave out one"):
        read_plain("WITH :g DELETE {} WHERE {}", using_named_graphs=[f"{E}g"])


def test_a_dataset_that_is_no_iri_is_refused():
    with pytest.raises(QueryError, match="the dataset of the update"):
        read_plain("DELETE WHERE { ?s ?p ?o }", using_graphs=["not an IRI"])


# Templates and blank nodes


def test_what_is_no_quad_is_left_out():
    text = (
        "INSERT { ?o :p ?s . ?s ?o ?s . ?s :q ?none . GRAPH ?o { :a :p :b } "
        ". ?s :fits ?o } WHERE { ?s :p ?o }"
    )
    change = read_plain(text, q("a", "p", Literal(1)))
    assert change.added == {q("a", "fits", Literal(1))}


def test_all_deletes_come_before_all_inserts():
    given = [q("a", "p", "b"), q("b", "p", "a")]
    text = "DELETE { ?s :p ?o } INSERT { ?o :p ?s } WHERE { ?s :p ?o }"
    assert after(read_plain(text, *given), *given) == set(given)


def test_blank_nodes_become_iris_that_a_later_request_can_name():
    change = read("INSERT DATA { :a :p _:x , [ :q _:x ] . GRAPH :g { _:x :r (1 2) } }")
    nodes = {
        term
        for quad in change.added
        for term in (quad.subject, quad.object)
        if "genid" in str(term)
    }
    assert len(nodes) == 4
    assert all(node.value.startswith(f"{BASE}.well-known/genid/") for node in nodes)
    (label,) = {x.object for x in change.added if x.predicate == n("q")}
    (subject,) = {x.subject for x in change.added if x.predicate == n("r")}
    assert label == subject
    later = f"INSERT DATA {{ {label} :is :known }}"
    assert {quad.subject for quad in read(later).added} == {label}


def test_each_solution_has_blank_nodes_of_its_own():
    given = [q("a", "p", "b", ONE), q("a", "p", "c", ONE)]
    text = "INSERT { ?o :x _:n . _:n :y ?o , [] } WHERE { ?s :p ?o }"
    change = read(text, *given)
    assert len(change.added) == 6
    assert len({quad.object for quad in change.added if "genid" in str(quad)}) > 3
    assert len(read_plain(text, *[q("a", "p", "b"), q("a", "p", "c")]).added) == 6


def test_the_same_label_in_two_operations_is_another_node():
    text = "INSERT { _:n :p :a } WHERE {} ; INSERT { _:n :p :b } WHERE {}"
    assert len({quad.subject for quad in read(text).added}) == 2


def test_nodes_that_where_makes_become_iris():
    text = "INSERT { ?s :p ?n . ?n :q ?s } WHERE { ?s :p ?o BIND(BNODE() AS ?n) }"
    change = read(text, q("a", "p", "b", ONE))
    (node,) = {quad.object for quad in change.added if quad.predicate == n("p")}
    assert isinstance(node, NamedNode)
    assert {quad.subject for quad in change.added} == {n("a"), node}


def test_the_iris_are_the_same_until_something_was_written():
    text = "INSERT DATA { :a :p [] , [] }"
    assert read(text).added == read(text).added
    later = Snapshot(Engine(), Pointer(8, "origin"))
    assert not read(text).added & read(text, snapshot=later).added


def test_literals_are_kept_as_the_engine_keeps_them_and_that_is_told():
    change = read("INSERT DATA { :a :p 01 , 'x'@EN-gb , 'z' }")
    assert {str(quad.object) for quad in change.added} == {
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"x"@en-gb', '"z"',
    }  # fmt: skip
    (note,) = change.notes
    assert '"01"' in note
    assert "stored as" in note
    given = q("a", "p", Literal(1), ONE)
    text = "DELETE DATA { GRAPH s:s01 { :a :p 01 } }"
    assert read(text, given).removed == {given}
    text = "INSERT { :a :q ?x } WHERE { BIND('007'^^<%s> AS ?x) }"
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    assert read(text % integer).added == {q("a", "q", Literal(7), UNSOURCED)}


# Managing graphs


def test_graphs_are_copied_moved_and_added():
    given = [q("a", "p", "b", n("g")), q("a", "p", "c", n("h"))]
    (one, two), b = given, q("a", "p", "b", n("h"))
    assert after(read_plain("COPY :g TO GRAPH :h", *given), *given) == {one, b}
    assert after(read_plain("MOVE GRAPH :g TO :h", *given), *given) == {b}
    assert after(read_plain("ADD :g TO :h", *given), *given) == {one, two, b}
    for verb in ("COPY", "MOVE", "ADD"):
        change = read_plain(f"{verb} :g TO :g", *given)
        assert after(change, *given) == set(given)


@pytest.mark.parametrize(
    "text",
    [
        "CLEAR {}GRAPH :x",
        "DROP {}GRAPH :x",
        "COPY {}:x TO :g",
        "MOVE {}:x TO :g",
        "ADD {}:x TO DEFAULT",
        "CREATE {}GRAPH :g",
    ],
)
def test_an_operation_that_cannot_be_done_fails_or_is_passed_over(text):
    given = q("a", "p", "b", n("g"))
    with pytest.raises(ChangeError, match=r"^line 1, column 1: .*graph"):
        read_plain(text.format(""), given)
    change = read_plain(text.format("SILENT "), given)
    assert change.added == change.removed == set()
    assert len(change.notes) == 1
    assert change.notes[0].startswith(f"{text.split()[0]} SILENT: ")


def test_a_graph_that_is_made_or_emptied_is_there_until_it_is_dropped():
    given = q("a", "p", "b", n("g"))
    read_plain("CREATE GRAPH :x ; CLEAR GRAPH :x ; DROP GRAPH :x", given)
    read_plain("DELETE WHERE { GRAPH :g { ?s ?p ?o } } ; CLEAR GRAPH :g", given)
    change = read_plain("CREATE GRAPH :x ; COPY :x TO :g ; DROP GRAPH :g", given)
    assert change.removed == {given}
    with pytest.raises(ChangeError, match="there is no graph"):
        read_plain("DROP GRAPH :g ; DROP GRAPH :g", given)
    with pytest.raises(ChangeError, match="there is no graph"):
        read_plain("MOVE :g TO :h ; CLEAR GRAPH :g", given)
    with pytest.raises(ChangeError, match="is there already"):
        read_plain("INSERT DATA { GRAPH :x { :a :p :b } } ; CREATE GRAPH :x")


def test_load_is_refused_and_silently_does_nothing():
    with pytest.raises(ChangeError, match=r"line 2, column 1: LOAD is refused"):
        read("CLEAR DEFAULT ;\nLOAD <http://example.org/data> INTO GRAPH :g")
    change = read("LOAD SILENT <http://example.org/data> ; INSERT DATA { :a :p :b }")
    assert change.added == {q("a", "p", "b", UNSOURCED)}
    assert "LOAD SILENT" in change.notes[0]


def test_service_is_refused():
    text = "INSERT { :a :p ?o } WHERE { SERVICE SILENT <http://example.org/> {} }"
    with pytest.raises(QueryError, match=r"line 1, column 29: SERVICE is refused"):
        read(text)
