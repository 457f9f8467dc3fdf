"""SECURITY.md: each promise names tests, and those are there."""

from __future__ import annotations

import ast
import re

from tests.pages import ROOT, text_of

PAGE = ROOT / "SECURITY.md"
TEST = re.compile(r"`(tests/\w+\.py)::(\w+)`")


def promises():
    """The rows of the table of promises."""
    section = text_of(PAGE).partition("## What is promised")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


def test_each_promise_has_a_test_that_is_there():
    assert len(promises()) > 10
    for row in promises():
        named = TEST.findall(row)
        assert named, row
        for path, name in named:
            tree = ast.parse(text_of(ROOT / path))
            found = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
            assert name in found, (path, name)


def test_the_page_is_linked_where_it_is_looked_for():
    for page in ("README.md", "docs/run-in-production.md"):
        assert "SECURITY.md)" in text_of(ROOT / page)
