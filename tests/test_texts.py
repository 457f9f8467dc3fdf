"""Files that are read in pieces: nothing is told of them but what a whole tells."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from random import Random

import pytest

from kg import texts
from kg.build import build_store
from kg.change import settled, stream_rdf
from kg.errors import DataFileError
from kg.formats import by_name, by_suffix
from kg.terms import BASE, Quad
from kg.texts import FileText, digest, stream_of, text_of
from tests.small_store import PREFIXES, write_sources

HEAD = "@prefix a: <http://e/> .\n"
DOCUMENTS = {
    "facts": HEAD + "a:s a:p a:o .\n" * 9,
    "no line end": HEAD + "a:s a:p a:o",
    "a fault": HEAD + "a:s a:p a:o .\n" * 9 + "a:s a:p . \n" + "a:s a:p a:o .\n" * 9,
    "a long string": HEAD + 'a:s a:p """' + 'so "it" is:\n[ [ (\n' * 99 + '""", 1 .\n',
    "brackets in strings": HEAD + "a:s a:p '''\n" + "[ [\n" * 99 + "''' .\n",
    "a string without an end": HEAD + 'a:s a:p """\n' + "so it is\n" * 99,
    "depth": HEAD + "\n" * 40 + "a:s a:p " + "[ a:p\n" * 120 + "1" + " ]" * 120 + ".",
    "depth after strings": HEAD
    + 'a:s a:q """\n[\n""" ; a:p '
    + "(\n" * 120
    + ") ." * 9,
    "bases": HEAD + "a:s a:p a:o .\n" * 9 + "@base\n<x/>\n.\n" * 900,
    "bases in a string": HEAD + 'a:s a:p """' + "@base <x/> .\n" * 900 + '""" .\n',
    "no UTF-8": HEAD + "# é\n" * 9 + "a:s a:p '\udcff' .\n",
    "half a sign": HEAD + "# é\n" * 9 + "#\udcc3",
    "blank nodes": HEAD + "[] a:p [ a:p 1 ] .\n" * 9,
    "carriage returns": (HEAD + "a:s a:p a:o .\n" * 9 + "a:s .").replace("\n", "\r"),
    "nothing": "",
}


def told(text, stream):
    """Return what is read of *text*, with its names for blank nodes, or the error."""
    found: list[Quad] = []
    try:
        quads = stream_rdf(text, by_name("turtle"), source="f", stream=stream)
        found += settled(quads, text, source="f")
    except DataFileError as error:
        return found, str(error)
    return found, digest(text)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_file_in_pieces_says_what_it_says_as_a_whole(
    document, mark, tmp_path, monkeypatch
):
    data = document.encode(errors="surrogateescape")
    path = tmp_path / "f.ttl"
    path.write_bytes(mark + data)
    expected = told(data, stream_of(data))
    for size in (1, 7, 64, 1 << 20):
        monkeypatch.setattr(texts, "PIECE", size)
        text = FileText(path)
        assert len(text) == len(data)
        assert b"".join(text.pieces()) == data
        with stream_of(text) as stream:
            assert told(text, stream) == expected


def test_pieces_end_where_lines_end(tmp_path, monkeypatch):
    random, path = Random(1), tmp_path / "f.nt"
    lines = [b"x" * random.randrange(50) + b"\n" for _ in range(99)]
    path.write_bytes(b"".join(lines) + b"rest")
    monkeypatch.setattr(texts, "PIECE", 32)
    *whole, last = FileText(path).pieces()
    assert len(whole) > 9
    assert all(piece.endswith(b"\n") for piece in whole)
    assert last == b"rest"


def test_what_is_held_does_not_grow_with_the_file(tmp_path):
    sources = write_sources(tmp_path)
    path = sources.facts / "large.trig"
    with path.open("w") as file:
        file.write(PREFIXES)
        for _ in range(300_000):
            file.write(f"# {'x' * 100} [\n")
        file.write("ex:bay ex:near ex:port .\n")
    tracemalloc.start()
    try:
        sources.fingerprint(BASE)
        text = text_of(path, by_suffix(path))
        with stream_of(text) as stream:
            found, error = told(text, stream)
        assert len(found) == 1, error
        assert tracemalloc.get_traced_memory()[1] < len(text) / 3
    finally:
        tracemalloc.stop()


def test_a_file_that_is_written_to_while_it_is_read_is_refused(tmp_path):
    sources = write_sources(tmp_path)
    path = sources.facts / "more.ttl"
    path.write_text(f"{PREFIXES} ex:bay ex:near ex:port .")

    def tell(phase, done=None, total=None):
        if phase == "reading more.ttl" and done:
            os.utime(path, ns=(1, 1))

    with pytest.raises(DataFileError, match=r"more\.ttl: was changed while it was"):
        build_store(tmp_path / "store", sources, tell=tell)
    assert not (tmp_path / "store").exists()


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"nowhere\.nt: cannot be read"):
        text_of(tmp_path / "nowhere.nt", by_name("ntriples"))
    (tmp_path / "f.nt").mkdir()
    with pytest.raises(DataFileError, match=r"f\.nt: cannot be read"):
        text_of(tmp_path / "f.nt", by_name("ntriples"))


def test_a_name_that_is_no_iri_is_found_in_a_file_read_in_pieces(
    tmp_path: Path,
) -> None:
    path = tmp_path / "facts.ttl"
    lines = ["@prefix e: <http://example.org/> ."]
    lines += [f"e:s{number} e:p e:o ." for number in range(60_000)]
    lines += ["e:s e:p e:\U000e0001 ."]
    path.write_text("\n".join(lines), encoding="utf-8")
    text = FileText(path)
    with text.opened() as stream, pytest.raises(DataFileError) as caught:
        for _ in stream_rdf(text, by_name("turtle"), source="f", stream=stream):
            pass
    assert f"f:{len(lines)}" in str(caught.value)
