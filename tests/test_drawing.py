"""`kg picture`: files that are drawn, and what is said where none can be."""

from __future__ import annotations

import struct
import sys
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from kg.cli import main


@pytest.fixture
def picture(shipped_store):
    def run(*arguments):
        command = ["--store", str(shipped_store), "picture", *map(str, arguments)]
        return CliRunner().invoke(main, command)

    return run


COMMANDS = [
    ["neighbourhood", "Morocco"],
    ["timeline"],
    ["timeline", "--state", "Kenya"],
    ["timeline", "--subject", "cybercrime"],
    ["network", "--nodes", "20"],
    ["network", "--entity", "Morocco", "--depth", "2", "--ties", "events"],
    ["map", "meetings", "--param", "state=Morocco"],
    ["ontology", "--columns", "2"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_picture_is_a_whole_file_the_same_each_time(picture, tmp_path, command):
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    for path in (first, second):
        done = picture(*command, "--output", path)
        assert done.exit_code == 0, done.output
        assert done.stdout == ""
    root = ElementTree.fromstring(first.read_bytes())  # noqa: S314 this project wrote it
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert first.read_bytes() == second.read_bytes()
    assert picture(*command).stdout == first.read_text(encoding="utf-8")
    assert sorted(tmp_path.iterdir()) == [first, second]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_name_that_ends_in_png_gives_pixels(picture, tmp_path, command):
    pytest.importorskip("resvg_py", reason="the extra `png` is not installed")
    path = tmp_path / "drawn.PNG"
    assert picture(*command, "--output", path).exit_code == 0
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    drawn = ElementTree.fromstring(picture(*command).stdout)  # noqa: S314 ours
    for size, name in ((width, "width"), (height, "height")):
        assert abs(size - 2 * float(drawn.attrib[name])) <= 2


def test_without_the_extra_png_says_what_to_install(picture, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    done = picture("ontology", "--output", tmp_path / "drawn.png")
    assert done.exit_code == 2
    assert "pip install 'exequatur[png]'" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["neighbourhood", "Morroco"], "did you mean Morocco"),
        (["timeline", "--state", "nobody at all"], "nobody at all"),
        (["map", "articles"], "in different places"),
        (["map", "nonsense"], "no saved query"),
        (["map", "recognition-by-state"], "a column of places"),
        (["map", "events-in-schema-org"], "a column of places"),
        (["map", "--param", "state"], "KEY=VALUE"),
        (["ontology", "--output", "missing/drawn.svg"], "missing/drawn.svg"),
        (["ontology", "--output", "drawn.bmp"], "end in .svg or .png"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_drawn_is_told(picture, command, said):
    done = picture(*command)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
