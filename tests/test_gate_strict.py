"""Violations that stand already keep out a change that is to be judged strictly."""

from __future__ import annotations

import json
from functools import partial

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.gate import judge
from kg.report import finding_key
from kg.stores import open_store
from tests.small_store import EX, PREFIXES, open_small, stating
from tests.writing import ATLAS, TOWN, TURTLE, Site

BARE = "ex:bare a ex:Town ; ex:within ex:land ."
LABEL = 'ex:bare rdfs:label "Bare"@en .'
STRICT = {"Prefer": "respond-async, handling=strict"}


@pytest.fixture
def faulty(small_store):
    """The path of a store in which a town stands without its label."""
    store = open_store(small_store)
    with store.writing() as writer:
        verdict = judge(writer.snapshot, stating(BARE))
        assert not verdict.accepted
        writer.commit(added=verdict.added, removed=verdict.removed, journal=[])
    return small_store


@pytest.fixture
def kg(faulty, tmp_path, monkeypatch):
    """Run the command on the faulty store, with a file of triples."""
    monkeypatch.setenv("EXEQUATUR_STORE", str(faulty))
    file = tmp_path / "given.ttl"

    def run(turtle, *arguments):
        file.write_text(PREFIXES + turtle, encoding="utf-8")
        graph = ("--graph", f"{EX}atlas")
        return CliRunner().invoke(main, [*arguments, str(file), *graph])

    return run


def test_a_violation_that_stands_keeps_out_only_strict_changes(faulty):
    graph = open_small(faulty)
    assert graph.validate(stating(TOWN)).findings == ()
    verdict = graph.validate(stating(TOWN), strict=True)
    assert not verdict.accepted
    (standing,) = verdict.findings
    (new,) = judge(graph.snapshot(), stating(BARE.replace("bare", "bore"))).findings
    assert standing.focus.value == f"{EX}bare"
    assert (standing.message, standing.shape, standing.path, standing.component) == (
        new.message,
        new.shape,
        new.path,
        new.component,
    )


def test_what_mends_the_last_violation_is_accepted_strictly(faulty):
    graph = open_small(faulty)
    add = partial(graph.add, agent="Ada", message="", strict=True)
    verdict, version = add(stating(TOWN))
    assert (verdict.accepted, version) == (False, 2)
    verdict, version = add(stating(LABEL))
    assert (verdict.accepted, verdict.repaired, version) == (True, 1, 3)
    assert add(stating(TOWN))[0].accepted


def test_new_violations_are_told_once_and_before_those_that_stand(faulty):
    change = stating(BARE.replace("bare", "bore"))
    verdict = open_small(faulty).validate(change, strict=True)
    assert [f.focus.value for f in verdict.findings] == [f"{EX}bore", f"{EX}bare"]
    assert len(set(map(finding_key, verdict.findings))) == 2


def test_warnings_keep_nothing_out_strictly(small_store):
    graph = open_small(small_store)
    nowhere = stating('ex:far a ex:Town ; rdfs:label "Far"@en .')
    verdict, _ = graph.add(nowhere, agent="Ada", message="", strict=True)
    assert verdict.accepted
    assert len(verdict.findings) == 1
    assert graph.validate(stating(TOWN), strict=True).findings == ()


def test_the_command_is_strict_where_it_is_told_to_be(kg):
    assert kg(TOWN, "validate").exit_code == 0
    for command in ("validate", "add"):
        found = kg(TOWN, command, "--strict")
        assert found.exit_code == 1
        assert "Give the town a label." in found.output
        assert "1 violation; nothing was changed" in found.output
    assert kg(LABEL, "add", "--strict").exit_code == 0


def test_the_server_is_strict_for_clients_that_prefer_it(faulty):
    site = Site(faulty)
    ada = site.token("write:*")
    given = {"data": PREFIXES + TOWN, "content_type": TURTLE}
    for headers, conforms in (({}, True), (STRICT, False)):
        answer = site.client.post("/validate", headers=headers, **given)
        assert json.loads(answer.data)["conforms"] is conforms
    for address, conforms in (
        ("/validate?strict=true", False),
        ("/validate?strict", False),
        ("/validate?strict=false", True),
    ):
        answer = site.client.post(address, **given)
        assert json.loads(answer.data)["conforms"] is conforms, address
    form = {"data": PREFIXES + TOWN, "syntax": "turtle", "strict": "true"}
    assert not json.loads(site.client.post("/validate", data=form).data)["conforms"]
    answer = site.client.post("/validate?strict=perhaps", **given)
    assert answer.status_code == 400
    assert "'perhaps' is neither true nor false" in answer.text
    refused = site.send("POST", ATLAS, TOWN, {**ada, **STRICT})
    assert refused.status_code == 422
    text = f"INSERT DATA {{ GRAPH ex:atlas {{ {TOWN} }} }}"
    assert site.update(text, {**ada, **STRICT}).status_code == 422
    assert site.update(text, ada).status_code == 200
