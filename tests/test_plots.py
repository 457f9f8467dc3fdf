"""The plots of the guides: drawn from the data of the benchmarks, and as they are."""

from __future__ import annotations

import json
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from tests.pages import DOCS, text_of

plots = pytest.importorskip("bench.plots", reason="bench/ is not beside these tests")

DATA = {
    "rows": [
        {"size": 10_000, "engine": "another", "cpu": 5.0},
        {"size": 10_000, "engine": "Exequatur", "cpu": 0.5},
        {"size": 1_000_000, "engine": "Exequatur", "cpu": 50.0},
        {"size": 1_000_000, "engine": "another", "cpu": None},
    ]
}


@pytest.fixture
def data(tmp_path):
    """A folder with the data of one series."""
    (tmp_path / "validation.json").write_text(json.dumps(DATA), encoding="utf-8")
    return tmp_path


def test_the_plots_of_the_guides_are_those_of_the_data():
    wanted = {f"{name}.svg": picture.file() for name, picture in plots.figures()}
    there = {path.name: text_of(path) for path in plots.PLOTS.glob("*.svg")}
    assert wanted
    assert there == wanted, "python -m bench.plots draws them anew"


def test_every_plot_is_shown_in_the_guide():
    guide = text_of(DOCS / "how-fast.md")
    for name, picture in plots.figures():
        assert f"![{picture.title}](plots/{name}.svg)" in guide


def test_what_was_measured_stands_where_it_belongs(data):
    ((name, picture),) = plots.figures(data)
    assert name == "validation"
    assert (
        picture.description == "Exequatur: 10,000 0.5, 1,000,000 50; another: 10,000 5"
    )
    root = ElementTree.fromstring(picture.file())  # noqa: S314, it is our own
    svg = "{http://www.w3.org/2000/svg}"
    first, second, _, other, _ = (
        (float(dot.get("cx", "")), float(dot.get("cy", "")))
        for dot in root.iter(f"{svg}circle")
    )
    assert first[0] == other[0] < second[0]
    # Of three powers of ten, "another" is one above the first and one below the last.
    assert second[1] < other[1] < first[1]
    assert other[1] - second[1] == pytest.approx(first[1] - other[1], abs=0.2)


def test_a_scale_ends_at_powers_of_ten():
    scale = plots.Scale([20.0, 900.0], 0.0, 100.0)
    assert list(scale.marks()) == [(0.0, "10"), (50.0, "100"), (100.0, "1,000")]
    assert plots.said(0.001) == "0.001"


def test_names_do_not_stand_upon_each_other():
    rows = [
        {"size": 10, "engine": f"engine {place}", "cpu": 1.0 + place / 1000}
        for place in range(6)
    ]
    picture = plots.draw(plots.FIGURES["loading"], {"rows": rows})
    root = ElementTree.fromstring(picture.file())  # noqa: S314, it is our own
    names = [
        float(text.get("y", ""))
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if (text.text or "").startswith("engine")
    ]
    assert len(names) == 6
    apart = sorted(names)
    assert all(b - a >= 15.9 for a, b in pairwise(apart))


def test_the_command_writes_what_there_are_data_for(data, tmp_path):
    output = tmp_path / "plots"
    arguments = ["--results", str(data), "-o", str(output)]
    done = CliRunner().invoke(plots.main, arguments)
    assert done.exit_code == 0, done.output
    assert [path.name for path in output.iterdir()] == ["validation.svg"]
