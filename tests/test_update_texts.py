"""Texts of updates that mean trouble: misleading, broken, or too much."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store as Engine

from kg.errors import ChangeError, QueryError
from kg.terms import BASE
from kg.update import read_update
from tests.updating import PREFIXES, E, after, read, read_plain, snapshot

MANY = 50_000
HOSTILE = [
    "INSERT DATA { :a :p 'a ; } DROP ALL' }",
    "INSERT DATA { :a :p '''a ; } \n'' \\''' { DROP''' }",
    'INSERT DATA { :a :p """a ; } " "" \\""" {""" }',
    "INSERT DATA { :a :p 'a' # ; } DROP ALL\n }",
    "INSERT DATA { :a :p <http://example.org/#;> }# ; DROP ALL",
    "INSERT DATA { :a :p 'it\\'s ; }' . }",
    "INSERT DATA { :a :p '\\u0027 ; } \\u007D' }",
    "INSERT DATA { :a :p 'é ; 漢字 \U0001f54a }' }",
    "INSERT DATA { :a :p :b\\;\\'\\# }",
    "INSERT DATA { :a :p :GRAPH . :INSERT :WHERE :DATA }",
    "INSERT DATA { :a :p 'GRAPH :g { ' , ?x }".replace(" , ?x", ""),
    "INSERT DATA{<urn:a>a<urn:b>;a'x',-1,.5,1e3.GRAPH :g{:a<urn:p>1.}.:d<urn:p>:e}",
    "INSERT{?o:p?s}WHERE{VALUES(?s?o){(<urn:a>1)(:c 2)}FILTER(?o<2||'}'='}')}",
    "insert data { :a :p true } ; delete data { :a :p true }",
    "INSERT { ?x·y :p :b } WHERE { BIND(:a AS ?x·y) }".replace("·", "\u00b7"),
    "INSERT { $x :p ?x } WHERE { VALUES ?x { :a } }",
    "INSERT DATA { :a :p '\x00 \u2028 \x0c' }",
    "\r\nINSERT DATA\r{ # \r :a :p :b }\r\n",
    "INSERT { :a :p ?x } WHERE { BIND(1 AS ?x) FILTER(?x<2#>'''\n) } # '''",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_signs_in_strings_names_iris_and_comments_are_no_syntax(text):
    engine = Engine()
    engine.update(text, prefixes=PREFIXES)
    assert after(read_plain(text)) == set(engine)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("INSERT DATA { :a :p }", "line 1, column 21"),
        ("CLEAR ALL ;\nINSERT DATA { :a\n  :p }", "line 3, column 6"),
        ("CLEAR ALL ;\nPREFIX x: <urn:x:>\nDELETE { x:a :p 1 }", "line 3, column 20"),
        ("CLEAR ALL ; PREFIX x: <urn:x:> DROP x:a", "line 1, column 40"),
        ("CLEAR ALL ;\n ; CLEAR ALL", "line 2, column "),
        ("PREFIX x: <urn:x:> ; CLEAR ALL", "line 1, column 20"),
        ("CLEAR ALL ; ; PREFIX x: <urn:x:> CLEAR ALL", "line 1, column 13"),
        ("INSERT DATA { :a :p ?x }", "line 1, column "),
        ("DELETE DATA { :a :p _:x }", "line 1, column "),
        ("DELETE { :a :p [] } WHERE {}", "line 1, column "),
        ("DELETE WHERE { :a :p [] }", "line 1, column "),
        ("INSERT DATA { :a :p 'x }", "line 1, column "),
        ("INSERT DATA { :a :p :b } } ", "line 1, column "),
        ("INSERT DATA { :a :p :b ", "line 1, column "),
        ("SELECT * { ?s ?p ?o }", "line 1, column "),
        ("INSERTDATA { :a :p :b }", "line 1, column 1"),
        ("CLEAR ALL ;\nCLEARSILENT ALL", "line 2, column 1"),
        ("INSERT {} USINGNAMED :g WHERE {}", "line 1, column 11"),
        ("INSERT DATA { :a :p << :a :b :c >> }", "line 1, column 22"),
        ("INSERT DATA { :a :p <<( :a :b :c )>> }", "line 1, column 22"),
        ("INSERT DATA { :a :p :b {| :c :d |} }", "line 1, column 25"),
        ("INSERT DATA { :a :p :b ~ :c }", "line 1, column 24"),
        ("INSERT DATA { :a :p 'x'@ar--around }", "line 1, column "),
        (
            "CLEAR ALL ;\nINSERT DATA { no:a :p :b }",
            "line 2, column 15: the prefix no:",
        ),
        ("INSERT DATA { skoss:a :p :b }", "line 1, column 15: .*PREFIX skos: <"),
        ("INSERT DATA { :a :p '\ud800' }", "line 1, column 22: .* half a character"),
        ("INSERT DATA { :a\\uD83D :p :b }", "line 1, column 20"),
    ],
)
def test_what_is_not_sparql_update_has_its_line_and_column(text, place):
    with pytest.raises(QueryError, match=f"^{place}"):
        read(text)


def test_triples_as_terms_that_where_makes_are_refused():
    text = "INSERT { :a :p ?t } WHERE { BIND(TRIPLE(:a, :b, :c) AS ?t) }"
    with pytest.raises(ChangeError, match=r"RDF 1\.2"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ :a :p {'[ :p ' * MANY}{']' * MANY} }}",
        f"INSERT DATA {{ :a :p {'(' * MANY}{')' * MANY} }}",
        f"INSERT {{}} WHERE {'{' * MANY}{'}' * MANY}",
        f"INSERT {{}} WHERE {{ FILTER({'(' * MANY}1{')' * MANY}) }}",
        f"DELETE {{}} WHERE {{ FILTER({'!' * MANY}true) }}",
        f"DELETE {{}} WHERE {{ FILTER(1{'+1' * MANY}) }}",
        f"DELETE {{}} WHERE {{ {{}} {'UNION {} ' * MANY} }}",
        f"DELETE WHERE {{ {':a :p :b . ' * MANY} }}",
        "{" * MANY,
    ],
    ids=lambda text: text[:40],
)
def test_what_would_crash_the_engine_is_refused(text):
    with pytest.raises(QueryError, match=r"^line 1, column \d+: .*more than"):
        read(text)


def test_a_long_list_of_values_is_no_long_pattern():
    values = " ".join(f":a{number}" for number in range(20_000))
    where = f"WHERE {{ VALUES ?x {{ {values} }} }}"
    change = read_plain("INSERT { ?x :p 1 } " + where)
    assert len(change.added) == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { " + '\\"""' * 30_000,
        "INSERT DATA { " + "\\'" * 60_000,
        "INSERT DATA { :a :p '''" + '\\"""\n' * 30_000,
        "INSERT DATA { " + "a.b-" * 60_000,
        "INSERT DATA { " + "<a" * 60_000,
        "INSERT DATA { " + "?a<?b#>'''\n" * 20_000 + " SERVICE",
        "INSERT DATA { " + "; " * 60_000,
        "; " * 60_000,
    ],
    ids=lambda text: text[:24],
)
def test_broken_texts_are_refused_soon(text):
    start = time.process_time()
    with pytest.raises(QueryError, match=r"^line \d+, column \d+: "):
        read(text)
    assert time.process_time() - start < 3


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="aI:<>{}()[]'\"\\#;.,?_|~@^1-\n \u00e9", max_size=40))
def test_any_text_is_a_change_or_has_a_clear_error(text):
    with contextlib.suppress(QueryError, ChangeError):
        assert not read(text).removed


def test_a_thousand_triples_take_a_moment():
    triples = "\n".join(
        f"  :s{number} :p{number % 7} :o{number}, {number}, 'label {number}'@en ."
        for number in range(1000)
    )
    text = f"PREFIX : <{E}> INSERT DATA {{\n{triples}\n}}"
    given = snapshot()
    start = time.process_time()
    change = read_update(text, given, base=BASE)
    assert time.process_time() - start < 1
    assert len(change.added) == 3000
