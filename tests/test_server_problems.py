"""Errors: each kind has a status, and is told without what is nobody's business."""

from __future__ import annotations

import json

import pytest

from kg import errors
from kg.errors import ExequaturError
from server.problems import (
    NotFoundError,
    RequestError,
    kind_of,
    problem_of,
    status_of,
    unexpected,
)


def kinds(parent=ExequaturError):
    for child in parent.__subclasses__():
        yield child
        yield from kinds(child)


@pytest.mark.parametrize("kind", sorted(kinds(), key=str), ids=kind_of)
def test_every_error_has_a_status(kind):
    assert 400 <= status_of(kind) <= 503


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.QueryError, 400),
        (errors.QueryLimitError, 422),
        (errors.DataFileError, 400),
        (errors.ParameterError, 400),
        (errors.UnknownQueryError, 404),
        (errors.UnknownEntityError, 404),
        (errors.StoreMissingError, 503),
        (errors.StoreBusyError, 503),
        (errors.OverloadError, 503),
        (errors.AxiomError, 500),
        (ExequaturError, 500),
    ],
)
def test_the_status_says_whose_doing_it_is(kind, status):
    assert status_of(kind) == status


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("line 3, column 5", {"line": 3, "column": 5}),
        ("body:12:7", {"line": 12, "column": 7}),
        ("queries/x.rq:3", {"line": 3}),
        ("parameter state", {}),
        ("", {}),
    ],
)
def test_the_position_is_told_as_numbers(where, expected):
    problem = problem_of(errors.QueryError("no", where=where), request="r")
    members = problem.members(types="/problems")
    assert {k: members[k] for k in ("line", "column") if k in members} == expected


def test_members_that_say_nothing_are_left_out():
    members = problem_of(errors.QueryError("no"), request="r").members(types="/p")
    assert members == {
        "type": "/p#query",
        "title": "Bad Request",
        "status": 400,
        "detail": "no",
        "instance": "urn:exequatur:request:r",
    }


def test_a_path_of_the_server_is_not_told():
    error = errors.StoreDamagedError("bad /srv/kg", where="/srv/kg", advice="rm /srv")
    problem = problem_of(error, request="r")
    told = problem.text + json.dumps(problem.members(types="/problems"))
    assert "/srv" not in told
    assert problem.status == 503


def test_what_was_meant_and_what_is_supported_is_told():
    near = NotFoundError("no", candidates=[("urn:kenya", "Kenya")])
    assert "Kenya  urn:kenya" in problem_of(near, request="r").text
    other = RequestError("no", supported=["a/b", "c/d"])
    problem = problem_of(other, request="r")
    assert problem.supported == ("a/b", "c/d")
    assert problem.advice == "have a/b, c/d"


def test_kinds_have_names_for_an_address():
    assert kind_of(errors.UnknownQueryError) == "unknown-query"
    assert unexpected(request="r").kind == "unexpected"
