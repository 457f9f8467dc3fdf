"""The public benchmark: its driver's report, comparing answers, a store for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.build import Sources, build_store
from kg.terms import MERGED_VIEW

bsbm = pytest.importorskip(
    "bench.public.bsbm", reason="bench/ is not beside these tests"
)
agreement = pytest.importorskip("bench.public.agreement")
foreign = pytest.importorskip("bench.public.foreign")
recording = pytest.importorskip("bench.public.recording")
telling = pytest.importorskip("bench.public.telling")
public = pytest.importorskip("bench.public.__main__")
results = pytest.importorskip("bench.results")

REPORT = """<?xml version="1.0"?><bsbm>
  <querymix>
     <scalefactor>100</scalefactor><warmups>50</warmups><seed>808080</seed>
     <querymixruns>500</querymixruns>
     <minquerymixruntime>0.0312</minquerymixruntime>
     <maxquerymixruntime>0.9553</maxquerymixruntime>
     <totalruntime>20.000</totalruntime><qmph>90000.00</qmph>
     <cqet>0.04000</cqet><cqetg>0.03900</cqetg>
  </querymix>
  <queries>
    <query nr="1"><executecount>500</executecount><aqet>0.002000</aqet>
      <aqetg>0.001500</aqetg><timeoutcount>2</timeoutcount></query>
    <query nr="6"><executecount>0</executecount><aqet>0.0</aqet></query>
  </queries>
</bsbm>
"""


def test_the_report_of_the_driver_is_read():
    mixes = bsbm.Mixes.read(REPORT)
    assert (mixes.warm_ups, mixes.runs, mixes.per_hour) == (50, 500, 90_000)
    assert mixes.each == 0.04
    assert mixes.queries == {1: bsbm.Timed(500, 0.0015, 2)}


@pytest.mark.parametrize(
    ("seconds", "each", "wanted"),
    [
        (15, 0.001, (50, 500)),
        (15, 0.1, (50, 100)),
        (15, 0.5, (10, 20)),
        (15, 60, (1, 1)),
    ],
)
def test_there_are_as_many_runs_as_there_is_time_for(seconds, each, wanted):
    assert bsbm.runs_within(seconds, each) == wanted


def test_what_is_asked_is_recorded_and_answered_with_nothing():
    query, graph = "SELECT ?s\nWHERE { ?s ?p 'ü & +' }", "DESCRIBE <urn:a>"
    with recording.recorded() as (url, asked):
        ask = agreement.asking(url)
        assert ask(query).rows == ask(graph).rows == ()
    assert asked == [query, graph]
    with pytest.raises(agreement.RefusedError):
        ask(query)


def rows(*told):
    """Return an answer whose rows bind ?n and ?s."""
    bindings = "".join(
        f'<result><binding name="n"><literal>{n}</literal></binding>'
        f'<binding name="s"><uri>urn:{s}</uri></binding></result>'
        for n, s in told
    )
    text = (
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable '
        'name="n"/><variable name="s"/></head><results>'
        f"{bindings}</results></sparql>"
    )
    return agreement.Answer.read(text.encode(), is_graph=False)


WHOLE = "SELECT ?n ?s WHERE { ?s <urn:p> ?n } ORDER BY ?n "
CUT = f"{WHOLE}LIMIT 2"


def compared(cut, whole, query=CUT):
    """Compare a server with one that has the rows 1 a, 2 b and 2 c."""
    three = [(1, "a"), (2, "b"), (2, "c")]
    first = agreement.Agreement([(1, query)])
    ours = {CUT: rows(*three[:2]), WHOLE: rows(*three)}
    assert first.compare(ours.__getitem__) == (1, [])
    return first.compare({CUT: rows(*cut), WHOLE: rows(*whole)}.__getitem__)


@pytest.mark.parametrize(
    ("cut", "whole", "query"),
    [
        ("1a 2b", "1a 2b 2c", CUT),
        ("1a 2c", "1a 2b 2c", CUT),  # either may be left out
        ("1a 2b", "1a 2c 2b", WHOLE),
    ],
)
def test_answers_agree_where_the_query_leaves_a_choice(cut, whole, query):
    assert compared(cut.split(), whole.split(), query) == (1, [])


@pytest.mark.parametrize(
    ("cut", "whole", "query"),
    [
        ("2b 1a", "1a 2b 2c", CUT),  # not sorted
        ("2b 2c", "1a 2b 2c", CUT),  # not the first
        ("1a 2d", "1a 2b 2d", CUT),
        ("1a", "1a 2b 2c", CUT),
        ("1a 1a", "1a 2b 2c", CUT),
        ("1a 2b", "1a 2b", WHOLE),
        ("1a 2b", "2b 1a 2c", WHOLE),
    ],
)
def test_other_answers_do_not_agree(cut, whole, query):
    wrong = ["query 1 is answered otherwise, 1 times"]
    assert compared(cut.split(), whole.split(), query) == (0, wrong)


def test_graphs_are_compared_by_their_triples():
    head = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    part = '<rdf:Description rdf:about="urn:{}"><p xmlns="urn:">x</p></rdf:Description>'
    one, other, less = (
        agreement.Answer.read(
            f"{head}{''.join(map(part.format, names))}</rdf:RDF>".encode(),
            is_graph=True,
        )
        for names in ("ab", "baa", "a")
    )
    assert one.same(other)
    assert not one.same(less)
    with pytest.raises(agreement.RefusedError):
        agreement.Answer.read(b"busy", is_graph=True)


NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "b": "http://www4.wiwiss.fu-berlin.de/bizer/bsbm/v01/vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def term(text):
    value, mark, datatype = text.partition("^^")
    if value.startswith('"'):
        return value + mark + (term(datatype) if datatype else "")
    prefix, mark, local = value.partition(":")
    return f"<{NAMES[prefix]}{local}>" if mark else f"<urn:{value}>"


def triples(text):
    """Return the N-Triples of lines whose names are abbreviated."""
    lines = [line.split(" ", 2) for line in text.strip().splitlines()]
    return "".join(f"{' '.join(map(term, line))} .\n" for line in lines)


PLAIN = """
thing rdf:type b:ProductType
thing rdfs:label "Thing"
thing rdfs:comment "All"
lamp rdf:type b:ProductType
lamp rdfs:label "Lamp"
lamp rdfs:comment "Some"
lamp rdfs:subClassOf thing
maker rdf:type b:Producer
maker rdfs:label "Maker"
maker rdfs:comment "One"
bright rdf:type b:ProductFeature
bright rdfs:label "Bright"
bright rdfs:comment "One"
it rdf:type b:Product
it rdf:type lamp
it rdfs:label "It"
it rdfs:comment "It is a lamp."
it b:producer maker
it b:productFeature bright
it b:productPropertyNumeric1 "12"^^xsd:integer
it b:productPropertyTextual1 "on"^^xsd:string
"""


def built(tmp_path, text):
    """Build a store of data as the generator writes them; return it, and the data."""
    data = bsbm.Data(1, tmp_path)
    data.plain.write_text(triples(text), encoding="utf-8")
    options = foreign.sources(data, tmp_path / "sources")
    folders = {
        name.removeprefix("--"): Path(folder)
        for name, folder in zip(options[::2], options[1::2], strict=True)
    }
    queries = tmp_path / "queries"
    queries.mkdir()
    return build_store(tmp_path / "store", Sources(**folders, queries=queries)), data


def test_a_store_of_ours_infers_what_the_generator_does(tmp_path):
    made, data = built(tmp_path, PLAIN)
    assert made.findings == ()
    view = tmp_path / "view.nt"
    quads = made.store.snapshot().quads(graph=MERGED_VIEW)
    view.write_text("".join(f"{q.triple} .\n" for q in quads), encoding="utf-8")
    data.chained.write_text(triples(f"{PLAIN}it rdf:type thing"), encoding="utf-8")
    assert foreign.differences(view, data.chained) == (0, 0)
    assert foreign.differences(view, data.plain) == (1, 0)
    assert foreign.differences(data.plain, view) == (0, 1)


def test_data_against_the_specification_do_not_pass(tmp_path):
    made, _ = built(tmp_path, PLAIN.replace("b:producer maker", "b:producer bright"))
    assert made.store is None
    assert {str(finding.focus) for finding in made.findings} == {"<urn:it>"}
    assert {str(finding.path) for finding in made.findings} == {
        f"<{NAMES['b']}producer>"
    }


def test_what_was_told_becomes_a_section():
    mixes = bsbm.Mixes.read(REPORT)
    told = telling.Told(100, 40, 1234, "are those of the generator")
    told.lines = [
        telling.Line("Ours", "1", 2.5, {1: mixes, 8: mixes}, 2**20, 40),
        telling.Line("Other", "2", 1.0),
    ]
    told.notes.append("Other: gave up")
    text = telling.section(results.Machine.this(), [told], 8, 15, ["Third: not there"])
    assert (
        "| Ours | 2.5 s | **90,000** | 500, after 50 | 90,000 | 1 MiB | 40 of 40 |"
        in text
    )
    assert "| Other | 1.0 s | **–** | – | – | 0 MiB | 0 of 40 |" in text
    assert "| query | Ours |" in text
    assert "| 1 | 1.5 ms |" in text
    assert text.index("Other: gave up") < text.index("Third: not there")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--products", "0"],
        ["--clients", "0"],
        ["--budget", "x"],
        ["--only", "virtuoso"],
    ],
)
def test_a_slip_in_the_options_is_told_and_nothing_written(tmp_path, arguments):
    path = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(public.main, [*arguments, "-o", str(path)])
    assert done.exit_code == 2
    assert arguments[0] in done.output
    assert not path.exists()


def test_without_java_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(public.main, ["-o", str(path)])
    assert (done.exit_code, path.exists()) == (1, False)
    assert done.output == "Error: BSBM: mvn is not installed\n"


def test_the_generator_and_the_driver_do_what_they_are_told(tmp_path):
    try:
        fetched = public.servers.cache(f"bsbm-{bsbm.VERSION}") / "classpath.txt"
        if not fetched.is_file():
            pytest.skip("the benchmark was not fetched: python -m bench.public")
        kit = bsbm.Kit.fetched()
        data = kit.generate(10, tmp_path / "data")
        queries = kit.queries(data, 1)
    except public.UnavailableError as error:
        pytest.skip(str(error))
    assert len(queries) == 25
    assert {number for number, _ in queries} == {*range(1, 13)} - {6}
    assert foreign.differences(data.chained, data.plain)[1] == 0
    with pytest.raises(bsbm.FailedError, match="refused"):
        kit.measure(data, "http://127.0.0.1:9/", clients=1, warm_ups=0, runs=1, limit=9)
