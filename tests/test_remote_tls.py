"""TLS between this program and its store: trusted, or told why not."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import StoreError, StoreMissingError, StoreUnreachableError
from kg.graph import KnowledgeGraph
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.store import Store
from kg.stores import open_store
from kg.verify import verify_store
from tests.small_store import add
from tests.sparql_store import Handler, SparqlStore, _handler, _Server, serving

HERE, ELSEWHERE = "IP:127.0.0.1", "DNS:store.example"


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """Return what makes a certificate for a name."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")

    def certifying(name):
        path = folder / f"{name[:2]}.pem"
        if path.exists():
            return path
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
             "2", "-keyout", f"{path}.key", "-out", str(path), "-subj",
             "/CN=store", "-addext", f"subjectAltName={name}"],
            check=True, capture_output=True,
        )  # fmt: skip
        return path

    return certifying


@pytest.fixture
def small(small_store_built):
    """A small dataset in a store that is served by nobody yet."""
    with serving() as store:
        copy_to(Store(small_store_built), Place.of(store.url), tell=silent)
    return store


AUTHORITY = """
[ca]
default_ca = all
[all]
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


@pytest.fixture
def expired(certified, tmp_path):
    """A certificate for this host that was good for a day."""
    openssl, key = "openssl", f"{certified(HERE)}.key"
    asked, path = tmp_path / "asked.pem", tmp_path / "expired.pem"
    (tmp_path / "index").touch()
    (tmp_path / "serial").write_text("01", encoding="ascii")
    (tmp_path / "ca").write_text(AUTHORITY.format(tmp_path), encoding="ascii")
    for arguments in (
        ["req", "-new", "-key", key, "-out", asked, "-subj", "/CN=store", "-addext",
         f"subjectAltName={HERE}"],
        ["ca", "-config", tmp_path / "ca", "-selfsign", "-batch", "-notext",
         "-keyfile", key, "-in", asked, "-out", path,
         "-startdate", "20200101000000Z", "-enddate", "20200102000000Z"],
    ):  # fmt: skip
        subprocess.run([openssl, *arguments], check=True, capture_output=True)
    shutil.copy(key, f"{path}.key")
    return path


@contextmanager
def secured(certificate, store=None, port=0):
    """Serve *store*, or one of no quads, by TLS; yield its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    server = _Server(("127.0.0.1", port), _handler(store or SparqlStore(), Handler))
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_certificate_is_trusted_that_the_operator_names(certified, monkeypatch):
    certificate = certified(HERE)
    with secured(certificate) as url:
        with pytest.raises(StoreUnreachableError, match="not trusted") as error:
            open_store(url)
        assert "self" in error.value.message
        assert "_ssl" not in error.value.message
        assert "EXEQUATUR_STORE_CA" in error.value.advice
        monkeypatch.setenv("EXEQUATUR_STORE_CA", str(certificate))
        with pytest.raises(StoreMissingError):  # it was asked, and holds nothing
            open_store(url)


def test_a_trusted_certificate_of_another_name_is_none(certified, monkeypatch):
    certificate = certified(ELSEWHERE)
    monkeypatch.setenv("EXEQUATUR_STORE_CA", str(certificate))
    with (
        secured(certificate) as url,
        pytest.raises(StoreUnreachableError, match=r"not trusted.*mismatch"),
    ):
        open_store(url)


def test_a_certificate_that_has_expired_is_told(expired, monkeypatch):
    """Though it is one that the operator names."""
    monkeypatch.setenv("EXEQUATUR_STORE_CA", str(expired))
    with secured(expired) as url:
        with pytest.raises(StoreUnreachableError, match=r"trusted.*has expired"):
            open_store(url)
        done = CliRunner().invoke(main, ["--store", url, "log"])
    assert done.exit_code == 2
    assert "certificate has expired" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_certificate_that_expires_meanwhile_lets_nothing_be_done(
    certified, expired, small, monkeypatch
):
    monkeypatch.setenv("EXEQUATUR_STORE_CA", str(certified(HERE)))
    with secured(certified(HERE), small) as url:
        graph = KnowledgeGraph(open_store(url, wait_seconds=1), SavedQueries())
        port = urlsplit(url).port
    small.close_connections()
    before = small.quads()
    with (
        secured(expired, small, port),
        pytest.raises(StoreUnreachableError, match="not trusted"),
    ):
        add(graph, "ex:a ex:b 1 .")
    assert small.quads() == before
    with secured(certified(HERE), small, port):
        assert add(graph, "ex:a ex:b 1 .") == 2


@pytest.mark.parametrize("is_done", [True, False])
def test_a_commit_after_which_tls_fails_is_told_as_what_it_came_to(
    certified, small, is_done, monkeypatch
):
    """What is sent past TLS cannot be deciphered: that is no answer, nor a refusal."""
    monkeypatch.setenv("EXEQUATUR_STORE_CA", str(certified(HERE)))
    asked = []

    def spoil(handler, body):
        if handler.path.endswith("/update"):
            asked.append(handler.path)
            small.answer = None
            if is_done:
                small.engine.update(body.decode())
            os.write(handler.connection.fileno(), b"\x17\x03\x03\x00\x20" + b"x" * 32)
            handler.close_connection = True
        return bool(asked)

    with secured(certified(HERE), small) as url:
        graph = KnowledgeGraph(open_store(url, wait_seconds=1), SavedQueries())
        graph.snapshot()
        small.answer = spoil
        assert add(graph, "ex:a ex:b 1 .") == 2
        assert len(asked) == 1
        assert open_store(url).version == 2
        assert verify_store(graph.store) == []


def test_a_store_without_tls_is_told(certified):
    del certified
    with serving() as store:
        url = store.url.replace("http:", "https:")
        with pytest.raises(StoreUnreachableError, match="by TLS") as error:
            open_store(url)
        assert "http://" in error.value.advice


def test_what_speaks_no_http_is_told_by_what_it_says():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            for _ in range(2):
                there, _ = server.accept()
                with there:
                    there.recv(65536)
                    there.sendall(b"SSH-2.0-OpenSSH_9\r\n")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        with pytest.raises(StoreError) as error:
            open_store(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join(5)
    assert "SSH-2.0" in error.value.message
    assert "(" not in error.value.message.partition("(")[2]
