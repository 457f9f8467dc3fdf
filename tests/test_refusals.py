"""What the system refuses is told: whether it was to be read or written, and why."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.cli.refusals import refusal
from kg.errors import DataFileError
from kg.files import sorted_files
from kg.queries import read_query


def told(*arguments, **more):
    result = CliRunner().invoke(main, [*map(str, arguments)], **more)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.stderr.strip()


def _folder(place):
    place.mkdir()


def _loop(place):
    place.symlink_to(place.name)


def _nothing(place):
    del place


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_folder, "Is a directory"),
        (_loop, "Too many levels of symbolic links"),
        (_nothing, "No such file or directory"),
    ],
)
@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["validate", "{}"], "given.ttl"),
        (["add", "{}"], "given.ttl"),
        (["remove", "{}"], "given.ttl"),
        (["replace-graph", "graph:reference", "{}"], "given.ttl"),
        (["query", "{}"], "given.rq"),
        (["draft", "{}", "--slug", "an-article"], "given.txt"),
        (["map", "posts", "{}", "--source=a", "--homepage=https://example.org/",
          "--license=https://example.org/"], "given.csv"),
        (["map", "{}", "t.csv", "--source=a", "--homepage=https://example.org/",
          "--license=https://example.org/"], "given.yml"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_as_that(
    own_store, tmp_path, monkeypatch, make, why, command, name
):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / name)
    arguments = [part.format(name) for part in command]
    message = told("--store", own_store, *arguments)
    assert message.startswith(f"kg: {name}: cannot be read ({why})")


def test_a_folder_among_the_facts_is_told_as_what_cannot_be_read(tmp_path):
    (tmp_path / "facts" / "a.ttl").mkdir(parents=True)
    store = tmp_path / "store"
    message = told("--store", store, "build", "--facts", tmp_path / "facts")
    assert message == f"kg: {tmp_path}/facts/a.ttl: cannot be read (Is a directory)"
    assert not store.exists()


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(
    tmp_path, monkeypatch
):
    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataFileError, match=r"cannot be read \(Permission denied\)$"):
        sorted_files(tmp_path, "*")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="what fails so")
def test_standard_input_that_fails_cannot_be_read():
    with Path("/proc/self/mem").open("rb") as failing:
        done = subprocess.run(
            [sys.executable, "-m", "kg", "query", "-"],
            stdin=failing, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "kg: standard input: cannot be read (Input/output error)\n"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: shutil.rmtree(path.parent), "No such file or directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_told_as_that(
    own_store, tmp_path, make, why
):
    output = tmp_path / "there" / "answer.csv"
    output.parent.mkdir()
    make(output)
    message = told("--store", own_store, "run", "ambassadors", "-o", output)
    assert message == f"kg: {output}: cannot be written ({why})"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full")
def test_a_full_disk_is_told_as_what_cannot_be_written(own_store):
    message = told("--store", own_store, "dump", "-o", "/dev/full")
    assert message == "kg: /dev/full: cannot be written (No space left on device)"


@pytest.mark.embedded("is about a file of the directory")
def test_a_store_that_is_kept_from_somebody_is_not_to_be_built_anew(
    own_store, monkeypatch
):
    read = Path.read_text

    def refuse(path, *given, **named):
        if path.name == "store.json":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read(path, *given, **named)

    monkeypatch.setattr(Path, "read_text", refuse)
    message = told("--store", own_store, "log")
    assert "store.json cannot be read (Permission denied); it is there" in message
    assert "kg build" not in message


@pytest.mark.parametrize(
    ("do", "done"),
    [
        (lambda path: path.read_bytes(), "read"),
        (lambda path: path.open(), "read"),
        (lambda path: path.stat(), "read"),
        (lambda path: list(path.iterdir()), "read"),
        (lambda path: path.write_text("a"), "written"),
        (lambda path: path.open("a"), "written"),
        (lambda path: path.mkdir(), "written"),
        (lambda path: path.unlink(), "written"),
        (lambda path: os.open(path, os.O_RDONLY), "read or written"),
    ],
)  # fmt: skip
def test_what_nobody_expected_tells_whether_it_was_read_or_written(tmp_path, do, done):
    path = tmp_path / "gone" / "file"
    with pytest.raises(OSError, match="No such file") as caught:
        do(path)
    why = "No such file or directory"
    assert refusal(caught.value) == f"{path}: cannot be {done} ({why})"


_READING = """
import sys
from pathlib import Path
from kg.cli import asking, main
asking.data_folder = lambda _: Path(sys.argv[1]).read_text()
main(["list"])
"""


def test_what_was_read_at_the_top_is_told_so(tmp_path):
    path = tmp_path / "gone.rq"
    with pytest.raises(DataFileError, match=r"cannot be read \(No such file"):
        read_query(path)
    done = subprocess.run(
        [sys.executable, "-c", _READING, path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == f"kg: {path}: cannot be read (No such file or directory)\n"
