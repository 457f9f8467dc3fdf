"""A build that is interrupted, and the next one, which goes on where it stopped."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from kg import draft
from kg.build import Sources, build_store
from kg.report import Check, Finding, Severity
from kg.store import Store
from kg.terms import LOG, BlankNode, Literal, NamedNode, Quad
from kg.unfinished import FILE, Unfinished, is_of
from kg.verify import verify_store

NOTE = "what an interrupted build had left was gone on with"

POINTS = [
    ("reading", 1),
    ("reasoning", 1),
    ("laying out", 3),
    ("checking shapes", 5),
    ("checking terms and consistency", 1),
    ("writing the store", 4),
    ("putting the store in order", 1),
]
"""Where builds are interrupted: the phase, and what that tells so many times."""


CHUNK = 2000
"""So many quads are written in one go."""


class Interrupting:
    """Hears of progress, and interrupts where *phase* has told so many *times*."""

    def __init__(self, phase, times):
        self.phase, self.times = phase, times
        self.heard: list[str] = []

    def __call__(self, phase, done=0, total=None):
        self.heard.append(phase)
        if phase.startswith(self.phase):
            self.times -= 1
            if not self.times:
                raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    monkeypatch.setattr(draft, "_STEP", CHUNK)


def interrupt(path, phase, times, sources=None):
    """Build at *path* until *phase* has told so many *times*."""
    tell = Interrupting(phase, times)
    with pytest.raises(KeyboardInterrupt):
        build_store(path, sources or Sources.shipped(), tell=tell)
    gc.collect()  # what was raised held the engine; a process would be gone


def content(path):
    """What a store holds, but for the time at which it was built."""
    quads = Store(path).snapshot().quads()
    return {str(quad) for quad in quads if quad.graph_name != LOG}


@pytest.fixture(scope="module")
def wanted(shipped_store):
    """What a store holds that was built without a break."""
    return content(shipped_store)


def left(path):
    return sorted(entry.name for entry in path.parent.iterdir() if entry != path)


@pytest.mark.parametrize(("phase", "times"), POINTS)
def test_an_interrupted_build_goes_on_and_ends_as_if_nothing_had_been(
    phase, times, quick_path, shipped_store, wanted
):
    path = quick_path / "store"
    interrupt(path, phase, times)
    assert not path.exists()
    has_begun = phase != "reading"
    assert len(left(path)) == has_begun
    heard = Interrupting("never", 0)
    built = build_store(path, Sources.shipped(), tell=heard)
    assert (NOTE in built.notes) == has_begun
    is_judged = POINTS.index((phase, times)) > 3
    assert ("checking shapes" in heard.heard) != is_judged
    assert left(path) == []
    assert content(path) == wanted
    assert len(Store(path).snapshot()) == len(Store(shipped_store).snapshot())
    assert verify_store(Store(path)) == []


def test_a_build_that_is_interrupted_again_and_again_comes_to_its_end(
    quick_path, wanted
):
    path, steps = quick_path / "store", 0
    while not path.exists():
        try:
            build_store(path, Sources.shipped(), tell=Interrupting("writing", 6))
        except KeyboardInterrupt:
            steps += 1
        gc.collect()
    assert steps > 1
    assert content(path) == wanted


KILLED = """
import os, signal, sys
from pathlib import Path
from kg import draft
from kg.build import Sources, build_store
draft._STEP = 2000
phase, times = sys.argv[2], int(sys.argv[3])
def tell(told, done=0, total=None):
    global times
    if told == phase:
        times -= 1
        if not times:
            os.kill(os.getpid(), signal.SIGKILL)
build_store(Path(sys.argv[1]), Sources.shipped(), tell=tell)
"""


@pytest.mark.parametrize(("phase", "times"), [POINTS[3], POINTS[5]])
def test_a_build_that_was_killed_goes_on(phase, times, quick_path, wanted):
    path = quick_path / "store"
    command = [sys.executable, "-c", KILLED, str(path), phase, str(times)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert len(left(path)) == 1
    built = build_store(path, Sources.shipped())
    assert NOTE in built.notes
    assert left(path) == []
    assert content(path) == wanted


def test_of_two_that_were_left_one_is_gone_on_with_and_none_stays(
    quick_path, wanted, interrupted
):
    path = quick_path / "store"
    folder = interrupted(path)
    shutil.copytree(folder, folder.with_name(f"{folder.name}b"))
    built = build_store(path, Sources.shipped())
    assert NOTE in built.notes
    assert left(path) == []
    assert content(path) == wanted


@pytest.fixture(scope="module")
def near_the_end(tmp_path_factory):
    """What a build leaves that is interrupted near its end."""
    path = tmp_path_factory.mktemp("near") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draft, "_STEP", CHUNK)
        interrupt(path, "putting", 1)
    (found,) = path.parent.glob("store.new-*")
    return found


@pytest.fixture
def interrupted(near_the_end):
    """Return what does as if a build had been interrupted near its end."""

    def of(path):
        return shutil.copytree(near_the_end, path.parent / near_the_end.name)

    return of


def test_what_was_left_and_lost_since_is_made_anew(quick_path, wanted, interrupted):
    """The engine cannot be opened any more."""
    path = quick_path / "store"
    (interrupted(path) / "filling" / "CURRENT").unlink()
    built = build_store(path, Sources.shipped())
    assert NOTE not in built.notes
    assert content(path) == wanted


def altered(path, **told):
    """Interrupt a build at *path* while it writes; alter what it noted."""
    interrupt(path, "writing", 3, sources_of(path))
    (file,) = path.parent.glob(f"store.new-*/{FILE}")
    digest, _, text = file.read_text(encoding="utf-8").partition("\n")
    noted = json.loads(text) | told
    text = json.dumps(noted)
    if told:
        digest = hashlib.sha256(text.encode()).hexdigest()
    file.write_text(f"{digest}\n{text}", encoding="utf-8")
    return noted, file


def sources_of(path):
    """What is shipped; the facts are those beside *path* where there are such."""
    facts, shipped = path.parent / "facts", Sources.shipped()
    return replace(shipped, facts=facts) if facts.exists() else shipped


@pytest.mark.parametrize("count", [1, 10**6])
def test_quads_that_are_noted_and_not_there_are_noticed(count, quick_path, wanted):
    path = quick_path / "store"
    altered(path, loaded={"laid out": 10**6, "asserted": count, "merged": 10**6})
    built = build_store(path, Sources.shipped())
    assert NOTE not in built.notes
    assert content(path) == wanted


WRONG = Finding(
    Check.SHAPE, Severity.VIOLATION, NamedNode("http://example.org/a"), "no"
)


@pytest.mark.parametrize("is_good", [True, False])
def test_findings_that_were_noted_wrongly_decide_nothing(is_good, quick_path):
    """Good facts are not refused for what is left, nor are bad ones accepted."""
    path, facts = quick_path / "store", quick_path / "facts"
    shutil.copytree(Sources.shipped().facts, facts)
    if not is_good:
        text = "<urn:a> a <https://w3id.org/exequatur/ontology#State> ."
        (facts / "bad.ttl").write_text(text, encoding="utf-8")
        interrupt(path, "checking terms", 1, sources_of(path))
        (file,) = path.parent.glob(f"store.new-*/{FILE}")
        noted = json.loads(file.read_text(encoding="utf-8").partition("\n")[2])
        text = json.dumps(noted | {"findings": [], "loaded": {"asserted": 10**6}})
        digest = hashlib.sha256(text.encode()).hexdigest()
        file.write_text(f"{digest}\n{text}", encoding="utf-8")
    else:
        told = Unfinished(quick_path / "told", "")
        told.begin("")
        told.findings = [WRONG]
        text = (quick_path / "told").read_text(encoding="utf-8").partition("\n")[2]
        altered(path, findings=json.loads(text)["findings"])
    built = build_store(path, sources_of(path))
    assert (built.store is not None) == is_good
    assert path.exists() == is_good
    assert WRONG not in built.findings
    assert left(path) == ["facts", "told"][: 1 + is_good]


def test_a_note_that_was_damaged_is_not_believed(quick_path, wanted):
    path = quick_path / "store"
    _, file = altered(path)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"asserted": ', '"asserted": 9'), encoding="utf-8")
    assert "9" in file.read_text(encoding="utf-8")
    built = build_store(path, Sources.shipped())
    assert NOTE not in built.notes
    assert content(path) == wanted


@pytest.mark.parametrize("text", ["", "{", "[]", '{"of": "another"}'])
def test_what_is_told_of_another_build_or_of_none_is_removed(
    text, quick_path, wanted, interrupted
):
    path = quick_path / "store"
    folder = interrupted(path)
    (folder / FILE).write_text(text, encoding="utf-8")
    built = build_store(path, Sources.shipped())
    assert NOTE not in built.notes
    assert left(path) == []
    assert content(path) == wanted


def test_other_facts_do_not_go_on(quick_path, tmp_path, interrupted):
    path = quick_path / "store"
    interrupted(path)
    sources = Sources.shipped()
    facts = tmp_path / "facts"
    facts.mkdir()
    for file in sources.facts.glob("reference.*"):
        (facts / file.name).write_bytes(file.read_bytes())
    built = build_store(
        path, Sources(sources.ontology, sources.shapes, facts, sources.queries)
    )
    assert NOTE not in built.notes
    assert left(path) == []


def test_findings_come_back_as_they_were_noted(tmp_path):
    node = NamedNode("http://example.org/a")
    found = [
        Finding(Check.SHAPE, Severity.WARNING, node, 'says "so"\n\\'),
        Finding(
            check=Check.SHAPE,
            severity=Severity.INFO,
            focus=BlankNode("b1"),
            message="m",
            shape=BlankNode("b2"),
            component=node,
            path="<http://example.org/p>*",
            value=Literal("ü\t", language="en"),
            premises=(Quad(node, node, Literal(1), node), Quad(node, node, node)),
            advice="look again",
        ),
    ]
    told = Unfinished(tmp_path / FILE, "f")
    assert told.findings is None
    assert not told.begin("d")
    told.findings = found
    told.note("part", 3)
    assert is_of(tmp_path / FILE, "f")
    assert not is_of(tmp_path / FILE, "g")
    again = Unfinished(tmp_path / FILE, "f")
    assert again.begin("d")
    assert (again.findings, again.loaded("part")) == (found, 3)
    assert not Unfinished(tmp_path / FILE, "f").begin("e")
