"""The SPARQL page with its editor and without; how the editor gets into a build."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys

import pytest

from kg.prefixes import prefixes
from kg.terms import EXQ
from server import editor
from server.app import create_app
from tests.pages import ROOT

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in the place of that of the editor's files."""
    monkeypatch.setattr(editor, "_FOLDER", tmp_path)
    return tmp_path


def test_without_the_editor_the_page_is_a_plain_form(client, folder):
    answer = client.get("/sparql", headers=BROWSER)
    assert re.findall(r'<script[^>]* src="/static/([^?"]+)', answer.text) == [
        "complete.js"
    ]
    assert answer.text.count("<script") == 1
    assert "<textarea" in answer.text


def test_with_it_the_form_is_still_there_for_who_runs_no_script(client, folder):
    for file in editor.FILES:
        (folder / file).write_text("", encoding="utf-8")
    answer = client.get("/sparql", headers=BROWSER)
    assert "/static/vendor/yasgui.min.js" in answer.text
    assert "<textarea" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_words_that_it_offers_are_those_of_the_graph(client, graph):
    words = client.get("/sparql/editor.json").get_json()
    assert words["prefixes"] == dict(prefixes())
    assert f"{EXQ}State" in [term["iri"] for term in words["classes"]]
    held = next(t for t in words["properties"] if t["iri"] == f"{EXQ}holdsPost")
    assert held["short"] == "exq:holdsPost"
    assert [query["name"] for query in words["queries"]] == list(graph.queries)


# --- the build --------------------------------------------------------------------


@pytest.fixture
def build(tmp_path, monkeypatch):
    """The build's module, fetching into an empty folder."""
    path = ROOT / "hatch_build.py"
    if not path.is_file():
        pytest.skip("the sources are not here")
    spec = importlib.util.spec_from_file_location("hatch_build", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "vendor")
    return module


def test_a_build_without_npm_says_so_and_goes_on(build, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert build.fetch() == "npm is not here"
    assert not build.FOLDER.exists()


@pytest.mark.parametrize(("is_there", "status"), [(True, 0), (False, 1)])
def test_the_command_fails_only_where_the_editor_cannot_be_had(
    tmp_path, build, is_there, status
):
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    if is_there:
        marker = tmp_path / "server" / "static" / "vendor" / "version.txt"
        marker.parent.mkdir(parents=True)
        marker.write_text(build.LICENCE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "hatch_build.py"], cwd=tmp_path, env={"PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert done.stderr == ("" if is_there else "npm is not here\n")


def test_a_package_with_another_digest_is_not_taken(build, monkeypatch, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text(
        '#!/bin/sh\necho false > x.tgz\necho \'[{"filename": "x.tgz"}]\'\n',
        encoding="utf-8",
    )
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(npm))
    assert "has the digest" in build.fetch()
    assert not build.FOLDER.exists()


def test_npm_that_fails_leaves_nothing_behind(build, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/false")
    assert "exit status 1" in build.fetch()
    assert not build.FOLDER.exists()


def test_what_is_there_is_not_fetched_again(build, monkeypatch):
    build.FOLDER.mkdir()
    (build.FOLDER / "version.txt").write_text(build.LICENCE, encoding="utf-8")
    monkeypatch.setenv("PATH", "")
    assert build.fetch() == ""
