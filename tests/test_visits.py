"""The measurement of pages measures pages, and leaves the store as it was."""

from __future__ import annotations

import pytest

from kg.stores import open_store

visits = pytest.importorskip("bench.visits", reason="bench/ is not in the wheel")


@pytest.mark.embedded("is about the files of a directory")
def test_pages_are_visited_and_the_store_stays_as_it_was(
    own_store, monkeypatch, capsys
):
    monkeypatch.setattr(visits, "_SETTLED", 0)
    monkeypatch.setattr(visits, "_CHANGES", 1)
    monkeypatch.setattr(
        "sys.argv", ["visits", "--store", str(own_store), "--times", "2"]
    )
    visits.main()
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("| page | median |")
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [*visits.PAGES]
    assert all(" 0 kB" not in row.split("|")[5] for row in rows if "front" in row)
    assert open_store(own_store).version == 1
