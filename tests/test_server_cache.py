"""The cache of answers: what is kept, for whom, and for how long."""

from __future__ import annotations

import pytest

from server.cache import Answered, Cache


class Version:
    now = 1

    def __call__(self):
        return self.now


@pytest.fixture
def version():
    return Version()


@pytest.fixture
def cache(version):
    return Cache(100_000, version)


def answer(body=b"body", status=200, **fields):
    known = {"etag": '"1.a"', "vary": "Accept", "cache-control": "no-cache"}
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    headers = {**known, "content-type": "text/plain", **fields}
    return Answered(status, list(headers.items()), body, "/sparql")


def keep(cache, key="a", accept="text/plain", **given):
    made = answer(**given)
    cache.keep(key, {"accept": accept}, made, cache.version())
    return made


def find(cache, key="a", accept="text/plain", **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    return cache.find(key, {"accept": accept, **fields}, cache.version())


def test_what_is_kept_is_found(cache):
    assert find(cache) is None
    made = keep(cache)
    assert find(cache) == made
    assert find(cache, key="b") is None


def test_other_fields_that_the_answer_depends_on_are_other_answers(cache):
    one, other = keep(cache), keep(cache, accept="text/csv", body=b"csv")
    assert find(cache) == one
    assert find(cache, accept="text/csv") == other
    assert find(cache, accept="text/html") is None
    assert find(cache, cookie="a") == one


@pytest.mark.parametrize(
    "tag", ['"1.a"', 'W/"1.a"', '"0.z", "1.a"', '"0.z","1.a"', "*"]
)
def test_a_client_that_has_it_gets_304(cache, tag):
    keep(cache)
    found = find(cache, if_none_match=tag)
    assert found.status == 304
    assert found.body == b""
    assert found.header("etag") == '"1.a"'
    assert not found.header("content-type")
    assert find(cache, if_none_match='"1.b"').status == 200


def test_unmodified_has_the_headers_that_the_answer_had(cache):
    keep(cache, content_security_policy="script-src 'self'", content_encoding="br")
    found = find(cache, if_none_match='"1.a"')
    assert found.header("content-security-policy") == "script-src 'self'"
    assert found.header("vary") == "Accept"
    assert not found.header("content-encoding")


def test_answers_that_depend_on_different_fields_are_not_confused(cache):
    keep(cache, accept="same", vary="Accept", body=b"one")
    cache.keep("a", {"origin": "same"}, answer(vary="Origin"), cache.version())
    assert cache.find("a", {"origin": "same"}, 1).body == b"body"
    assert cache.find("a", {"accept": "same"}, 1) is None


@pytest.mark.parametrize(
    "given",
    [
        {"status": 404},
        {"etag": ""},
        {"etag": 'W/"1.a"'},
        {"cache_control": "no-store"},
        {"cache_control": "private, max-age=1"},
        {"vary": "*"},
        {"set_cookie": "a=b"},
        {"body": b"x" * 50_000},
    ],
)
def test_what_may_not_be_kept_is_not(cache, given):
    keep(cache, **given)
    assert find(cache) is None
    assert cache.size == 0


def test_a_new_version_drops_the_old_ones_answers(cache, version):
    keep(cache)
    version.now = 2
    assert find(cache) is None
    assert (len(cache), cache.size) == (0, 0)


@pytest.mark.parametrize("somebody_asks", [True, False])
def test_an_answer_made_while_somebody_wrote_goes_to_nobody(
    cache, version, somebody_asks
):
    before = cache.version()
    version.now = 2
    if somebody_asks:
        find(cache, key="b")
    cache.keep("a", {"accept": "text/plain"}, answer(), before)
    assert find(cache) is None
    assert len(cache) == 0


def test_the_bytes_are_bounded_and_the_longest_unused_go_first(cache):
    for number in range(20):
        keep(cache, key=number, body=b"x" * 9_000)
        assert find(cache, key=0)
        assert cache.size <= 100_000
    assert find(cache, key=1) is None
    assert find(cache, key=19)
    assert len(cache) == 10


def test_an_answer_takes_the_place_of_an_older_one(cache):
    keep(cache, body=b"old")
    size = cache.size
    made = keep(cache, body=b"new")
    assert find(cache) == made
    assert cache.size == size


def test_a_cache_of_no_bytes_keeps_nothing(version):
    cache = Cache(0, version)
    keep(cache)
    assert len(cache) == 0


def test_many_keys_do_not_fill_the_memory(cache):
    for number in range(3_000):
        keep(cache, key=number)
    assert len(cache._vary) <= 2 * len(cache) + 101
