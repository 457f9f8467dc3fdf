"""The redirects of w3id.org: every IRI of ours comes to the server as it was sent."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import time

import pytest

from kg.terms import BASE, DefaultGraph, NamedNode
from server.app import create_app
from tests.pages import DOCS
from tests.rewriting import Answer, Rules

FILE = DOCS / "w3id" / ".htaccess"
HOST = "https://exequatur.example.org"
CASES = [
    ("GET", "/id/kenya", 303, "/id/kenya"),
    ("HEAD", "/id/kenya", 303, "/id/kenya"),
    ("GET", "/id/kenya?version=2&format=turtle", 303, None),
    ("GET", "/id/S%C3%A3o-Tom%C3%A9", 303, None),
    ("GET", "/id/q%3Fs=1", 303, None),
    ("GET", "/id/50%25", 303, None),
    ("GET", "/claim/x", 303, None),
    ("GET", "/source/kenya-morocco-cybercrime", 303, None),
    ("GET", "/graph/reference", 303, None),
    ("GET", "/ontology", 302, None),
    ("GET", "/ontology/0.1.0", 302, None),
    ("GET", "/ontology.ttl", 302, None),
    ("GET", "/", 302, "/"),
    ("GET", "/doc/kenya.ttl?page=2", 302, None),
    ("GET", "/identity", 302, None),
    ("GET", "/graphs/source/x%23s01", 302, None),
    ("GET", "/sparql?query=ASK%20%7B%7D", 302, None),
    ("POST", "/sparql", 307, None),
    ("PUT", "/graphs/source/x", 307, None),
    ("DELETE", "/graphs/source/x", 307, None),
    ("POST", "/id/kenya", 307, None),
]


@pytest.fixture(scope="module")
def rules():
    return Rules(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("method", "target", "status", "place"), CASES)
def test_a_request_goes_to_the_same_place_on_the_server(
    rules, method, target, status, place
):
    found = rules.answer(method, f"/exequatur{target}")
    assert found == Answer(status, HOST + (place or target))


def test_no_other_name_of_w3id_is_taken(rules):
    for target in ("/exequaturs/id/kenya", "/other/exequatur/id/kenya", "/"):
        assert rules.answer("GET", target) is None


def test_every_iri_of_ours_is_answered_through_w3id(rules, graph, settings, snapshot):
    client = create_app(graph, settings).test_client()
    subjects = {
        quad.subject.value.partition("#")[0].removeprefix("https://w3id.org")
        for quad in snapshot.quads(graph=DefaultGraph())
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BASE)
    }
    assert len(subjects) > 200
    for path in sorted(subjects):
        found = rules.answer("GET", path)
        answer = client.head(found.location.removeprefix(HOST), follow_redirects=True)
        assert answer.status_code == 200, path


# --- Apache itself ----------------------------------------------------------------


CONFIGURATION = """
ServerRoot "{modules}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{folder}/pid"
ErrorLog "{folder}/log"
LoadModule mpm_event_module {modules}/modules/mod_mpm_event.so
LoadModule authz_core_module {modules}/modules/mod_authz_core.so
LoadModule rewrite_module {modules}/modules/mod_rewrite.so
LoadModule dir_module {modules}/modules/mod_dir.so
DocumentRoot "{folder}/www"
<Directory "{folder}/www">
  AllowOverride All
  Require all granted
</Directory>
"""
MODULES = "/usr/lib/apache2"


@pytest.fixture(scope="module")
def apache(tmp_path_factory):
    """The port of an Apache that serves the folder as w3id.org does."""
    program = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if not program:
        pytest.skip("apache2 is not installed")
    folder = tmp_path_factory.mktemp("apache")
    folder.chmod(0o755)
    place = folder / "www" / "exequatur"
    place.mkdir(parents=True)
    shutil.copy(FILE, place / ".htaccess")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = CONFIGURATION.format(folder=folder, port=port, modules=MODULES)
    (folder / "conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen([program, "-f", folder / "conf", "-X"])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize(("method", "target", "status", "place"), CASES)
def test_apache_does_as_the_rules_say(apache, method, target, status, place):
    connection = http.client.HTTPConnection("127.0.0.1", apache, timeout=10)
    connection.request(method, f"/exequatur{target}")
    answer = connection.getresponse()
    found = answer.status, answer.headers["Location"]
    connection.close()
    assert found == (status, HOST + (place or target))
