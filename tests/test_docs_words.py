"""What README and the guides say of terms, settings, addresses, and each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from kg.config import explain
from kg.errors import ExequaturError
from kg.files import data_folder
from kg.formats import FORMATS
from kg.prefixes import expand, prefixes
from kg.terms import EXQ, NamedNode
from server.app import create_app
from server.problems import status_of
from tests.pages import DOCS, ROOT, each_page, prose, text_of


@pytest.fixture(scope="module")
def ontology():
    return Graph().parse(data_folder("ontology") / "exequatur.ttl")


def own_terms(ontology, *kinds):
    subjects = {term for kind in kinds for term in ontology.subjects(RDF.type, kind)}
    return {term.removeprefix(EXQ) for term in subjects if term.startswith(EXQ)}


@each_page
def test_terms_that_are_named_are_defined(page, ontology):
    text = re.sub(r"acreditedTo|nationlOf", "", text_of(page))
    known = own_terms(ontology, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    assert set(re.findall(r"\bexq:(\w+)", text)) <= known


def test_the_modelling_guide_names_every_term(ontology):
    text = text_of(DOCS / "modelling.md")
    known = own_terms(ontology, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    assert known - set(re.findall(r"\bexq:(\w+)", text)) == set()


def test_entities_that_the_modelling_guide_names_are_in_the_graph(snapshot):
    text = text_of(DOCS / "modelling.md")
    names = set(re.findall(r"(?<!\w)(?:id|graph):[a-z][\w-]*\w", text))
    unknown = {
        name
        for name in names - {"graph:merged", "graph:unsourced"}
        if not any(snapshot.quads(subject=NamedNode(expand(name) or "")))
        and not any(snapshot.quads(graph=NamedNode(expand(name) or "")))
    }
    assert unknown == set()


ROW = re.compile(r"^\| `exq:(\w+)` \| (\w+) → (\w+) \| (\w+) \|", re.M)


def test_the_tables_of_properties_say_what_the_ontology_says(ontology):
    text = text_of(DOCS / "modelling.md")
    rows = ROW.findall(text)
    assert len(rows) > 100
    for name, start, end, how in rows:
        term = URIRef(f"{EXQ}{name}")
        assert start == short(ontology.value(term, RDFS.domain)), name
        assert end in {short(ontology.value(term, RDFS.range)), date_of(name)}, name
        assert how == origin(ontology, term), name


def short(term):
    """The name that the guide has for a class."""
    names = {SKOS.Concept: "concept", RDFS.Literal: "text", None: "anything"}
    return names.get(term) or re.split("[/#]", term)[-1]


def date_of(name):
    """Ranges that OWL 2 RL cannot have and the shapes ask for."""
    return "date" if name in {"earliest", "latest"} else None


def origin(ontology, term):
    """Tell whether a property is stated, inferred or both, by axioms and notes."""
    special = [s for s in ontology.subjects(RDFS.subPropertyOf, term) if EXQ in s]
    kinds = set(ontology.objects(term, RDF.type))
    follows = (
        special
        or {OWL.TransitiveProperty, OWL.SymmetricProperty} & kinds
        or (term, OWL.propertyChainAxiom, None) in ontology
        or (term, OWL.inverseOf, None) in ontology
        or (None, OWL.inverseOf, term) in ontology
    )
    if not follows:
        return "stated"
    note = str(ontology.value(term, SKOS.scopeNote) or "")
    never = "not asserted" in note or (
        note.startswith("Inferred") and "asserted" not in note
    )
    return "inferred" if never else "both"


def test_the_prefixes_shown_are_those_of_the_project():
    text = text_of(DOCS / "modelling.md")
    shown = re.findall(r"^PREFIX (\w+): +<(.*)>$", text, re.M)
    assert len(shown) > 5
    assert dict(shown).items() <= prefixes().items()


def test_every_setting_is_explained():
    text = text_of(DOCS / "run-in-production.md")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(.*?)` \| (.*) \|$", text, re.M)
    assert rows == [
        (one.name, one.variable, one.default, one.meaning)
        for one in explain(environ={}, file=Path("/nonexistent"))
    ]


def test_every_address_is_explained(graph, settings):
    text = text_of(DOCS / "http.md")
    shown = {
        path.split("?")[0] for path in re.findall(r"`(?:[A-Z, `]+ )?(/[^`\s]*)", text)
    }
    folders = {re.split("[<….]", path)[0].rstrip("/") or "/" for path in shown}
    rules = {
        re.split("[<.]", rule.rule)[0].rstrip("/") or "/"
        for rule in create_app(graph, settings).url_map.iter_rules()
        if rule.endpoint != "static" and "any(" not in rule.rule
    }
    assert rules <= folders


def test_every_format_is_named():
    text = text_of(DOCS / "http.md")
    for entry in FORMATS:
        assert f"`{entry.name}`" in text
        assert f"`{entry.media_type}`" in text


def test_every_status_is_explained():
    listed = set(re.findall(r"^\| (\d+) \|", text_of(DOCS / "http.md"), re.M))
    assert {str(status_of(kind)) for kind in descendants(ExequaturError)} <= listed


def descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def test_the_changelog_has_the_present_version():
    project = text_of(ROOT / "pyproject.toml")
    version = re.search(r'^version = "(.*)"$', project, re.M)
    assert version
    assert f"## [{version.group(1)}]" in text_of(ROOT / "CHANGELOG.md")


@each_page
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page):
    """The anchors of the headings, as the forges make them."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@each_page
def test_pages_are_complete_and_their_lines_short(page):
    assert not re.search("@@|TODO|FIXME", text_of(page))
    lines = [line for line in prose(page).splitlines() if line[:1] not in "|[<"]
    assert [line for line in lines if len(line) > 88] == []
