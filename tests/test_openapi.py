"""`/openapi.json`: valid, complete, and true of what the server answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from kg.config import Settings
from kg.graph import KnowledgeGraph
from kg.queries import Form, ParameterKind
from kg.tokens import TokenFile
from server.app import create_app

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
VERBS = {"GET", "PUT", "POST", "PATCH", "DELETE"}

schemathesis.serializer.alias("application/sparql-query", "text/plain")
schemathesis.serializer.alias("application/sparql-update", "text/plain")
for syntax in ("trig", "n-triples", "n-quads"):
    schemathesis.serializer.alias(f"application/{syntax}", "text/plain")


@pytest.fixture(scope="module")
def app(graph, settings):
    return create_app(graph, settings)


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").get_json()


@pytest.fixture(scope="module")
def described(app):
    return described_by(app)


def described_by(app):
    """What *app* says of itself; it is asked in a way that unpacks no answers."""
    inner = app.wsgi_app

    def plain(environ, start_response):
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        return inner(environ, start_response)

    app.wsgi_app = plain
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def operations(described):
    """Every operation; raise where one cannot be read."""
    return [found.ok() for found in described.get_all_operations()]


def fuzz(operation, *, examples, headers=None):
    """Call *operation* with generated requests; return how many there were."""
    calls = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy())
    def call(case):
        nonlocal calls
        calls += 1
        case.call_and_validate(checks=CHECKS, headers=headers)

    call()
    return calls


# --- the document -----------------------------------------------------------------


def test_the_document_is_valid(document):
    assert document["openapi"].startswith("3.1.")
    assert [e.message for e in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_address_is_in_it_with_its_verbs(app, document):
    said = Counter(
        verb for path in document["paths"].values() for verb in path if verb != "x"
    )
    for rule in app.url_map.iter_rules():
        if rule.endpoint in {"static", "queries.answered", "openapi.as_yaml"}:
            continue
        start = rule.rule.partition("<")[0]
        verbs = {
            verb.upper()
            for path, found in document["paths"].items()
            if path.startswith(start)
            for verb in found
        }
        assert rule.methods & VERBS <= verbs, rule
    assert said["get"] > 80


def test_of_every_operation_it_says_what_is_answered(document):
    for path, found in document["paths"].items():
        for verb, operation in found.items():
            answers = operation["responses"]
            assert "default" not in answers, (verb, path)
            assert {status[0] for status in answers} >= {"4"}, (verb, path)


def test_every_saved_query_is_in_it_with_its_parameters(document, graph):
    for name, saved in graph.queries.items():
        asked = document["paths"][f"/queries/{name}"]["get"]
        assert asked["operationId"] == name
        assert asked["summary"] == saved.summary
        names = [one["name"] for one in asked["parameters"]]
        paging = ["limit", "offset", "page", "sort", "order"]
        paging = paging if saved.form is Form.SELECT else []
        assert names == [p.name for p in saved.parameters] + paging + [
            "timeout",
            "format",
        ]


def test_parameters_have_the_types_of_their_kinds(document, graph):
    wanted = {
        ParameterKind.INTEGER: ("integer", None),
        ParameterKind.DATE: ("string", "date"),
    }
    for name, saved in graph.queries.items():
        shown = document["paths"][f"/queries/{name}"]["get"]["parameters"]
        by_name = {one["name"]: one["schema"] for one in shown}
        for declared in saved.parameters:
            found = by_name[declared.name]
            expected = wanted.get(declared.kind, ("string", None))
            assert (found["type"], found.get("format")) == expected


def test_names_of_operations_are_unique(document):
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))


def test_it_comes_as_yaml_too(app, document):
    answer = app.test_client().get("/openapi.yaml")
    assert answer.mimetype == "application/yaml"
    assert yaml.safe_load(answer.text) == document


# --- the server does as it says ---------------------------------------------------


def test_every_saved_query_answers_as_declared(described, graph):
    for name in graph.queries:
        operation = described[f"/queries/{name}"]["GET"]
        for accept in ("application/sparql-results+json", "text/html"):
            case = operation.Case(headers={"Accept": accept})
            answer = case.call()
            if answer.status_code != 406:  # a graph is no table
                case.validate_response(answer, checks=CHECKS)


def test_an_answer_that_is_not_as_declared_is_seen(described):
    operation = described["/status"]["GET"]
    case = operation.Case()
    answer = case.call()
    answer.status_code = 418
    with pytest.raises((AssertionError, FailureGroup)):
        case.validate_response(answer, checks=CHECKS)


def test_no_request_meets_a_fault_or_an_answer_that_is_not_declared(described):
    calls: Counter[str] = Counter()
    for operation in operations(described):
        calls[operation.label] = fuzz(operation, examples=3)
    assert len(calls) > 100
    assert all(calls.values())


def test_no_writing_request_does_either(own_store, tmp_path):
    mine = replace(Settings(), store=own_store, tokens=tmp_path / "tokens.json")
    secret = TokenFile(mine.token_file).add("fuzz", ["write:*"])
    app = create_app(KnowledgeGraph.open(mine), mine)
    described = described_by(app)
    headers = {"Authorization": f"Bearer {secret}"}
    labels = set()
    for operation in operations(described):
        if operation.definition.raw.get("security"):
            fuzz(operation, examples=5, headers=headers)
            labels.add(operation.label)
    assert {"POST /update", "PUT /graphs", "PATCH /graphs"} <= labels
