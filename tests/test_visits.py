"""The measurement of pages measures pages, and leaves the store as it was."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kg.graph import KnowledgeGraph
from kg.stores import open_store

visits = pytest.importorskip("bench.visits", reason="bench/ is not in the wheel")


@pytest.mark.embedded("is about the files of a directory")
def test_pages_are_visited_and_the_store_stays_as_it_was(
    own_store, monkeypatch, capsys
):
    monkeypatch.setattr("bench.load.servers._SETTLING", 0)
    monkeypatch.setattr(visits, "_CHANGES", 1)
    some = ("front page", "search", "meetings, a question")
    monkeypatch.setattr(visits, "PAGES", {name: visits.PAGES[name] for name in some})
    monkeypatch.setattr(visits, "LISTED", ("State",))
    monkeypatch.setattr(
        "sys.argv", ["visits", "--store", str(own_store), "--times", "2"]
    )
    visits.main()
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("| page | first bytes | slowest | whole |")
    names = [row.split(" | ")[0].strip("| ") for row in rows]
    assert names[:4] == [*some, "page of one State"]
    assert {*names[4:], "meetings"} == set(
        KnowledgeGraph(open_store(own_store)).queries
    )
    assert not any(" 0 kB" in row for row in rows)
    assert open_store(own_store).version == 1


def test_a_visit_goes_on_to_the_answer_that_follows():
    answers = [(202, b"form"), (202, b"form"), (200, b"the answer")]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            status, body = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = visits.visit(server.server_port, "/")
        server.shutdown()
    assert found.size == len("the answer")
    assert found.bytes < found.first < found.whole


def test_without_a_store_it_says_what_makes_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["visits", "--store", str(tmp_path / "none")])
    with pytest.raises(SystemExit) as ended:
        visits.main()
    assert ended.value.code == 2
    assert "there is no store here; make it with `kg build`" in capsys.readouterr().err
