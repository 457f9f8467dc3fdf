"""Imports point one way: files ← kg ← server; the engine has one door."""

from __future__ import annotations

import ast
from pathlib import Path

import kg
import server

KG = Path(kg.__file__).parent
SERVER = Path(server.__file__).parent
LATE = {("kg/cli/giving.py", "server.serve")}
"""`kg serve` starts the server, and imports it only then."""


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def modules(folder):
    return sorted(folder.rglob("*.py"))


def name(path):
    return str(path.relative_to(KG.parent))


def test_kg_knows_nothing_of_http():
    for path in modules(KG):
        for module, _ in imports(path):
            top = module.partition(".")[0]
            assert top not in {"flask", "werkzeug", "granian"}, name(path)
            assert top != "server" or (name(path), module) in LATE, name(path)


def test_the_server_knows_nothing_of_the_engine():
    for path in modules(SERVER):
        for module, _ in imports(path):
            top = module.partition(".")[0]
            assert top not in {"pyoxigraph", "rdflib", "pyshacl", "owlrl"}, name(path)


def test_only_the_store_opens_the_engine():
    users = {
        name(path)
        for path in modules(KG)
        for module, what in imports(path)
        if module == "pyoxigraph" and what == "Store"
    }
    # These name the class only in their annotations.
    annotating = {
        "kg/answers.py",
        "kg/created.py",
        "kg/draft.py",
        "kg/merging.py",
        "kg/remote/datasets.py",
        "kg/remote/engine.py",
        "kg/remote/snapshot.py",
        "kg/snapshot.py",
        "kg/sorting.py",
        "kg/update/workspace.py",
    }
    assert users <= {"kg/store.py", *annotating}


def test_only_one_module_has_rdflib_read_queries():
    reading = {"parseQuery", "parseUpdate", "prepareQuery", "prepareUpdate"}
    users = {
        name(path)
        for path in modules(KG)
        for _, what in imports(path)
        if what in reading
    }
    assert users == {"kg/rdflib_queries.py"}


def test_modules_are_of_a_size_to_be_read():
    for path in [*modules(KG), *modules(SERVER)]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 400, f"{name(path)} has {lines} lines"


def test_importing_does_no_work():
    for path in [*modules(KG), *modules(SERVER)]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Expr):
                allowed = isinstance(node.value, ast.Constant | ast.Await)
                assert allowed, f"{name(path)}:{node.lineno} runs on import"
