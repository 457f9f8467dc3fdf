"""Header fields that say what nobody can read: they count, and nothing breaks."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from kg.tokens import TokenFile
from tests.small_store import EX, PREFIXES
from tests.store_kinds import copied
from tests.test_server_serve import serving
from tests.writing import ATLAS, TURTLE, bearer

DATA = f"{PREFIXES} ex:x ex:near ex:y .".encode()
NEW = f"/graphs?graph={EX}new"


@pytest.fixture(scope="module")
def store(small_store_built, tmp_path_factory):
    return copied(small_store_built, tmp_path_factory.mktemp("small") / "store")


@pytest.fixture(scope="module")
def address(store):
    with serving(store) as (_, address):
        yield address


@pytest.fixture(scope="module")
def headers(store):
    secret = TokenFile(store.parent / "exequatur-tokens.json").add("A", ["admin"])
    return {**bearer(secret), "Content-Type": TURTLE}


def send(address, verb, path, headers):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request(verb, path, body=DATA, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.parametrize("verb", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("tag", [b'"\xe9"', "\u00b2".encode(), b'"\x80"', b'W/"\xff"'])
def test_a_condition_that_is_not_ascii_is_not_met(address, headers, verb, tag):
    given = {**headers, "If-Match": tag}
    assert send(address, verb, ATLAS, given) == 412
    assert send(address, verb, NEW, given) == 412


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Authorization", 401),
        ("Content-Encoding", 415),
        ("Content-Range", 400),
        ("Content-Type", 415),
        ("Host", 400),
    ],
)
def test_a_field_that_is_not_ascii_is_not_taken_for_absent(
    address, headers, name, status
):
    assert send(address, "PUT", NEW, {**headers, name: b"\xe9"}) == status


@pytest.mark.parametrize(
    "name", ["Accept", "Cookie", "Prefer", "Referer", "User-Agent"]
)
def test_what_clients_say_of_themselves_may_be_in_any_letters(address, name):
    for path in ("/", "/sparql?query=ASK%7B%7D", "/graphs"):
        assert send(address, "GET", path, {name: "caf\u00e9".encode()}) == 200


@pytest.mark.parametrize("digits", ["9" * 5_000, "\u0663", "1" * 20_000])
def test_the_number_of_no_version_is_no_number(address, headers, digits):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", ATLAS)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    origin, _, _ = answer.headers["ETag"].strip('"').partition("-")
    given = {**headers, "If-Match": f'"{origin}-{digits}"'.encode()}
    assert send(address, "PUT", ATLAS, given) == 412
