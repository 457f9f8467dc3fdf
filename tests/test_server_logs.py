"""Logs: one line per event, whatever the values hold."""

from __future__ import annotations

import io
import logging
import time

import pytest

from server import logs


@pytest.fixture
def configured():
    """Configure the log as is told, and give what is written."""
    stream = io.StringIO()
    logger = logging.getLogger(logs.LOGGER)
    before = (logger.handlers, logger.level, logger.propagate)

    def configuring(**how):
        logs.configure(stream=stream, **how)
        return lambda: stream.getvalue().splitlines()

    yield configuring
    logger.handlers, level, logger.propagate = before
    logger.setLevel(level)


@pytest.fixture
def lines(configured):
    return configured()


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


def test_lines_are_written_together_and_those_of_errors_at_once(configured):
    lines = configured(every=0.3)
    for number in range(3):
        logs.event("request", number=number)
    assert not lines()
    until = time.monotonic() + 20
    while not lines():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert [line[-1] for line in lines()] == ["0", "1", "2"]
    logs.event("request", number=3)
    logs.failure("unexpected", ValueError("x"))
    assert [line.split()[2] for line in lines()[3:]] == ["request", "unexpected"]


def test_what_is_held_is_written_at_the_end(configured):
    lines = configured(every=60)
    logs.event("request", number=1)
    for handler in logging.getLogger(logs.LOGGER).handlers:
        handler.flush()
    assert len(lines()) == 1


def test_a_log_that_nobody_reads_any_more_stops_nothing(configured):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    configured()
    logs.configure(stream=Closed())
    logs.event("request", number=1)
