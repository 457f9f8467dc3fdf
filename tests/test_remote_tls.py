"""TLS between this program and its store: trusted, or told why not."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest

from kg.errors import StoreError, StoreMissingError, StoreUnreachableError
from kg.stores import open_store
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
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
             "2", "-keyout", f"{path}.key", "-out", str(path), "-subj",
             "/CN=store", "-addext", f"subjectAltName={name}"],
            check=True, capture_output=True,
        )  # fmt: skip
        return path

    return certifying


@contextmanager
def secured(certificate):
    """Serve a store of no quads by TLS; yield its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    server = _Server(("127.0.0.1", 0), _handler(SparqlStore(), Handler))
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
