"""Attacks on the texts of articles: who is elsewhere gets not a word of them."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import itertools
import logging
import subprocess
from urllib.parse import quote, urlsplit

import pytest

from kg.config import Settings
from kg.tokens import TokenFile
from server import logs
from server.locality import host_name, is_loopback
from tests.made_up import (
    BROWSER,
    DOCUMENT,
    PATH,
    SLUG,
    TEXT,
    WORDS,
    Desk,
    build,
    has_text,
)
from tests.test_server_serve import command, serving

UNKNOWN = f"exqt_{'A' * 43}"


@pytest.fixture(scope="module")
def store(shipped_store, tmp_path_factory):
    return build(shipped_store, tmp_path_factory.mktemp("made-up") / "store")


@pytest.fixture(scope="module")
def desk(store, tmp_path_factory):
    """A server that nobody changes anything of."""
    return Desk(store, tmp_path_factory.mktemp("desk") / "texts")


@pytest.fixture
def own_desk(store, tmp_path):
    return Desk(store, tmp_path / "texts")


def refused(answer, *statuses):
    """Assert that an answer keeps the text, and keeps out of every cache."""
    assert answer.status_code in (statuses or (401, 403)), answer.text
    assert not has_text(answer)
    check_headers(answer.headers)


def check_headers(headers):
    """Assert that no cache keeps an answer, and no page of others reads it."""
    assert headers["Cache-Control"] == "no-store"
    assert "ETag" not in headers
    assert "Last-Modified" not in headers
    assert "Authorization" in headers["Vary"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert [name for name in headers.keys() if name.startswith("Access-Con")] == []  # noqa: SIM118 a list of pairs


# --- who --------------------------------------------------------------------------


def test_who_is_on_this_machine_sees_it(desk):
    for peer in ("127.0.0.1", "127.8.9.1", "::1", "[::1]", "::ffff:127.0.0.1"):
        answer = desk.get(peer=peer)
        assert answer.status_code == 200
        assert has_text(answer)
        check_headers(answer.headers)


@pytest.mark.parametrize(
    "peer",
    ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.7", "::", "0.0.0.0",  # noqa: S104
     "", "localhost", "127.0.0.1.evil.example", "127.0.0.1, 192.0.2.7", "unix:",
     "0x7f000001", "127.1", "2130706433", "0177.0.0.1", "fe80::1%lo", "::127.0.0.1",
     "64:ff9b::7f00:1", "127.0.0.1\n", "１２７.0.0.1"],
)  # fmt: skip
def test_who_is_elsewhere_does_not(desk, peer):
    refused(desk.get(peer=peer), 401)
    assert not is_loopback(peer)


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host",
     "X-Forwarded-Proto", "x-forwarded-for", "CF-Connecting-IP", "True-Client-IP"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["127.0.0.1", "for=127.0.0.1", "192.0.2.7", ""])
def test_who_comes_by_a_proxy_is_not_here_whatever_that_says(desk, name, value):
    refused(desk.get(**{name.replace("-", "_"): value}), 401)


def test_a_proxy_that_says_nothing_of_itself_is_known_by_its_old_protocol(desk):
    refused(desk.get(version="HTTP/1.0"), 401)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8023", "localhost.evil.example", "127.0.0.1.nip.io",
     "localhost.", "127.0.0.2", "[::2]", "192.0.2.1", "127.0.0.1:80:80", "2130706433",
     "localhost:8023.evil.example", "[::ffff:127.0.0.1]", "127.1", "xlocalhost"],
)  # fmt: skip
def test_no_name_of_others_leads_here(desk, host):
    """Names that others can have lead to this address (DNS rebinding)."""
    refused(desk.get(Host=host), 400, 401)


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8023", "127.0.0.1:1", "[::1]:8023", "[::1]"]
)
def test_names_of_this_machine_do(desk, host):
    assert has_text(desk.get(Host=host))


def test_a_name_that_the_operator_gives_it_does_too(store, tmp_path):
    desk = Desk(store, tmp_path / "texts", article_hosts="desk.example, Other.example")
    assert has_text(desk.get(Host="desk.example:8023"))
    assert has_text(desk.get(Host="other.EXAMPLE"))
    refused(desk.get(Host="third.example"), 401)
    refused(desk.get(Host="desk.example", peer="192.0.2.7"), 401)
    refused(desk.get(Host="desk.example", X_Forwarded_For="127.0.0.1"), 401)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "bogus", "NONE",
                                  "none, cross-site", "same-origin,none"])  # fmt: skip
def test_no_page_of_another_origin_has_it_fetched(own_desk, site):
    refused(own_desk.get(Sec_Fetch_Site=site), 403)
    refused(own_desk.get(Sec_Fetch_Site=site, **own_desk.token()), 403)


def test_a_persons_own_way_there_is_open(desk):
    for site in ("none", "same-origin"):
        assert has_text(desk.get(Sec_Fetch_Site=site))


def test_a_host_is_read_without_its_port():
    shown = {"a:1": "a", "A": "a", "[::1]:80": "[::1]", "[::1]": "[::1]", "a:": "a",
             "a:b": "a:b", ":1": ":1", "": ""}  # fmt: skip
    assert {host: host_name(host) for host in shown} == shown


# --- tokens -----------------------------------------------------------------------


def test_a_token_opens_it_from_elsewhere(own_desk):
    far = {"peer": "192.0.2.7", "Host": "graph.example", "X_Forwarded_For": "1.2.3.4"}
    for scope in ("validate", f"write:src:{SLUG}*", "admin"):
        answer = own_desk.get(**far, **own_desk.token(scope))
        assert answer.status_code == 200
        assert has_text(answer)
        check_headers(answer.headers)
    refused(own_desk.get(**far), 401)


@pytest.mark.parametrize(
    "shown",
    [f"Bearer {UNKNOWN}", "Bearer", "Bearer ", "Basic YTpi", "", "Bearer null", "x"],
)
def test_what_is_no_token_opens_nothing(own_desk, shown):
    own_desk.token()
    refused(own_desk.get(peer="192.0.2.7", Authorization=shown), 401)


def test_a_revoked_token_opens_nothing_any_more(own_desk):
    header = own_desk.token()
    assert has_text(own_desk.get(peer="192.0.2.7", **header))
    TokenFile(own_desk.settings.token_file).revoke("validate")
    refused(own_desk.get(peer="192.0.2.7", **header), 401)


def test_a_token_in_the_address_opens_nothing(own_desk):
    token = own_desk.token()["Authorization"].partition(" ")[2]
    for path in (f"{PATH}?access_token={token}", f"{PATH}?page={token}"):
        refused(own_desk.get(path, peer="192.0.2.7"), 400)


def test_the_operator_may_leave_it_to_tokens_alone(store, tmp_path):
    desk = Desk(store, tmp_path / "texts", article_readers="token")
    refused(desk.get(), 401)
    assert has_text(desk.get(**desk.token()))


def test_without_a_folder_nobody_sees_anything(store, tmp_path):
    desk = Desk(store, tmp_path / "texts", articles="")
    refused(desk.get(), 404)
    refused(desk.get(**desk.token("admin")), 404)
    assert Settings().article_folder is None


# --- caches -----------------------------------------------------------------------


def test_what_a_client_has_is_not_confirmed_to_it(desk):
    other = desk.get(DOCUMENT).headers["ETag"]
    for tag in ("*", other, '"1.0"', f"W/{other}"):
        answer = desk.get(If_None_Match=tag, Range="bytes=0-9")
        assert answer.status_code == 200
        check_headers(answer.headers)
        refused(desk.get(If_None_Match=tag, peer="192.0.2.7"), 401)


def test_a_browser_of_others_is_not_told_that_it_may(desk):
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        ask = {"Origin": origin, "Access-Control-Request-Method": "GET",
               "Access-Control-Request-Headers": "authorization"}  # fmt: skip
        answer = desk.client.options(PATH, headers=ask)
        check_headers(answer.headers)
        check_headers(desk.get(Origin=origin).headers)


def test_errors_have_the_same_headers(desk):
    for path in (f"{PATH}?page=x", f"{PATH}?page=9", "/articles/nothing/text"):
        refused(desk.get(path), 400, 404)


@contextlib.contextmanager
def connected(address):
    """Give a function that asks a server, and tells status, headers and body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)

    def ask(path, **headers):
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request("GET", path, headers={**BROWSER, **given})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    yield ask
    connection.close()


def test_a_server_gives_nothing_that_it_gave_before(store, tmp_path):
    desk = Desk(store, tmp_path / "texts")
    token = desk.token()
    options = ("--articles", str(desk.folder))
    place = {"EXEQUATUR_TOKENS": str(desk.settings.token_file)}
    far = [{"X_Forwarded_For": "192.0.2.7"}, {"Sec_Fetch_Site": "cross-site"},
           {"X_Forwarded_For": "\xe9, 192.0.2.7"}, {"Sec_Fetch_Site": "\xe9"},
           {"Authorization": "Bearer \xe9", "Via": "\xe9"},
           {"Host": "evil.example"}]  # fmt: skip
    with serving(store, *options, **place) as (_, address), connected(address) as ask:
        for near in ({}, token, {"Host": "localhost"}, {"Cache_Control": "max-age=9"}):
            status, headers, text = ask(PATH, **near)
            assert status == 200
            assert all(word in text for word in WORDS)
            check_headers(headers)
            for other in far:
                status, headers, text = ask(PATH, **other)
                assert status in (401, 403)
                assert not any(word in text for word in WORDS)
                check_headers(headers)
        desk.text.unlink()
        assert "The text of this article is missing" in ask(PATH)[2]
        assert "exequatur_cache_answers 0.0" in ask("/metrics")[2]


def test_a_server_starts_with_no_folder_that_is_not_there(store, tmp_path):
    done = subprocess.run(
        command(store, "--articles", str(tmp_path / "nowhere")),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode > 0
    assert "no such folder" in done.stderr
    assert "Traceback" not in done.stderr


# --- elsewhere --------------------------------------------------------------------


@pytest.fixture
def log():
    stream = io.StringIO()
    logger = logging.getLogger(logs.LOGGER)
    before = (logger.handlers, logger.level, logger.propagate)
    logs.configure(stream=stream)
    yield stream
    logger.handlers, level, logger.propagate = before
    logger.setLevel(level)


def addresses(app):
    """An address for each rule, filled in with the article, in all that is written."""
    fill = {
        "local": f"source/{SLUG}", "slug": SLUG, "space": "source", "kind": "entity",
        "what": f"doc/source/{SLUG}", "name": "contribution-of-article",
        "suffix": "trig",
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        values = {name: fill.get(name, SLUG) for name in rule.arguments}
        built = rule.build(values)
        yield built[1] if built else str(rule)


def test_no_other_address_has_a_word_of_it(desk, log):
    assert has_text(desk.get())
    asked = {*addresses(desk.app)} - {PATH}
    asked |= {f"{DOCUMENT}.{suffix}" for suffix in ("ttl", "nt", "trig", "jsonld")}
    asked |= {f"/queries/{name}?article={SLUG}" for name in
              ("sentences-of-article", "passages-of-article")}  # fmt: skip
    asked |= {"/dump.nq.gz", "/dump.trig.gz"}
    query = "SELECT * WHERE { GRAPH ?g { ?s ?p ?o FILTER CONTAINS(STR(?o), '%s') } }"
    assert len(asked) > 50
    for path, kind in itertools.product(sorted(asked), ("text/html", "*/*")):
        answer = desk.get(path, Accept=kind)
        said = answer.data
        if answer.mimetype == "application/gzip":
            said = gzip.decompress(said)
        answer.close()
        assert not any(word.encode() in said for word in WORDS), path
    for word in WORDS:  # what was asked for is repeated in a page
        where = f"/sparql?query={quote(query % word)}"
        answer = desk.get(where, Accept="application/sparql-results+json")
        assert answer.json["results"]["bindings"] == []
        assert desk.get(f"/search?q={word}", Accept="*/*").json["results"] == []
    said = log.getvalue()
    assert PATH in said
    assert not any(word in said for word in WORDS)


def test_the_log_of_a_failure_has_no_word_of_it(desk, log, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the page cannot be made")

    monkeypatch.setattr("server.article_texts.page", fail)
    answer = desk.get()
    refused(answer, 500)
    assert "the page cannot be made" in log.getvalue()
    assert not any(word in log.getvalue() for word in WORDS)


def test_no_link_shows_a_file_beside_the_folder(own_desk):
    secret = own_desk.folder.parent / "secret"
    secret.write_text(TEXT, encoding="utf-8")
    own_desk.text.unlink()
    own_desk.text.symlink_to(secret)
    answer = own_desk.get()
    assert answer.status_code == 200
    assert not has_text(answer)
    assert "The text of this article is missing" in answer.text
    assert str(own_desk.folder) not in answer.text


@pytest.mark.parametrize(
    "slug",
    ["..%2Fsecret", "%2e%2e%2fsecret", "..%5Csecret", "%2Fetc%2Fpasswd", "a%00b",
     "....%2F%2Fsecret", "made-up-talks.txt", f"{SLUG}%2F..%2F{SLUG}"],
)  # fmt: skip
def test_no_slug_climbs_out_of_the_folder(desk, slug):
    (desk.folder.parent / "secret.txt").write_text(TEXT, encoding="utf-8")
    answer = desk.get(f"/articles/{slug}/text")
    assert answer.status_code == 404
    assert not has_text(answer)


def test_markup_in_a_text_stays_text(desk):
    text = desk.get().text
    assert "<b>of</b>" not in text
    assert "&lt;b&gt;of&lt;/b&gt;" in text


def test_a_page_without_a_word_of_it_may_be_kept(desk):
    page = desk.get(DOCUMENT)
    assert not has_text(page)
    assert page.headers["Access-Control-Allow-Origin"] == "*"
    assert page.data == desk.get(DOCUMENT, peer="192.0.2.7").data
