"""Logs: one line per event, whatever the values hold."""

from __future__ import annotations

import io
import logging

import pytest

from server import logs


@pytest.fixture
def lines():
    stream = io.StringIO()
    logger = logging.getLogger(logs.LOGGER)
    before = (logger.handlers, logger.level, logger.propagate)
    logs.configure(stream=stream)
    yield lambda: stream.getvalue().splitlines()
    logger.handlers, level, logger.propagate = before
    logger.setLevel(level)


def test_an_event_is_one_line_of_names_and_values(lines):
    logs.event("request", path="/sparql", status=200, ms=1.26, type=None)
    (line,) = lines()
    assert line.endswith("Z info request path=/sparql status=200 ms=1.3")


@pytest.mark.parametrize("value", ["a\nb", "a b", 'a"b', "a=b", "\x1b[31m", "é", ""])
def test_a_value_cannot_break_out_of_its_line(lines, value):
    logs.event("request", path=value, status=200)
    (line,) = lines()
    assert line.isascii()
    assert line.isprintable()
    assert line.endswith('" status=200')


def test_a_failure_has_its_traceback_on_the_same_line(lines):
    logs.failure("unexpected", ValueError("two\nlines"), id="r")
    (line,) = lines()
    assert " error unexpected id=r traceback=" in line
    assert "ValueError: two\\nlines" in line
