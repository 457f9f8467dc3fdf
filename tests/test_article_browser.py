"""The sentences of an article in a browser: shown with a token, and barrier-free."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from selenium.webdriver.common.by import By

from tests.browsers import chromium, undisturbed, until
from tests.heavy_clients import axe
from tests.made_up import DOCUMENT, PATH, SENTENCES, Desk, build
from tests.test_accessibility import complaints, shown
from tests.test_server_serve import serving


@pytest.fixture(scope="module")
def desk(shipped_store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made-up")
    return Desk(build(shipped_store, folder / "store"), folder / "texts")


@pytest.fixture(scope="module")
def address(desk):
    """A server with the texts at hand."""
    with serving(desk.settings.store, "--articles", str(desk.folder)) as (_, address):
        yield address


@pytest.fixture(scope="module")
def strict(desk):
    """A server that shows them for a token alone."""
    settings = {
        "EXEQUATUR_ARTICLE_READERS": "token",
        "EXEQUATUR_ARTICLES": str(desk.folder),
        "EXEQUATUR_TOKENS": str(desk.settings.token_file),
    }
    with serving(desk.settings.store, **settings) as (_, address):
        yield address


@pytest.fixture(scope="module")
def evil():
    """The address of a page of somebody else's, on the same machine."""

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>evil</title>")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


def seen(browser):
    return browser.find_element(By.TAG_NAME, "main").text


def test_from_the_articles_page_it_is_one_step_to_its_sentences(address, browser):
    with undisturbed(browser, address):
        browser.get(f"{address[:-1]}{DOCUMENT}#s02")
        browser.find_element(By.CSS_SELECTOR, "#s02 .words").click()
        until(browser, lambda driver: SENTENCES[1] in seen(driver))
        assert browser.current_url.endswith(f"{PATH}#s02")
        assert all(sentence in seen(browser) for sentence in SENTENCES)


def test_who_holds_a_token_is_shown_them_and_it_is_kept_nowhere(desk, strict, browser):
    secret = desk.token()["Authorization"].partition(" ")[2]
    browser.get(f"{strict[:-1]}{PATH}")
    assert "not kept here" in seen(browser)
    field = browser.find_element(By.ID, "secret")
    field.send_keys(f"exqt_{'A' * 43}\n")
    until(browser, lambda driver: "not known, or was revoked" in seen(driver))
    assert not any(sentence in seen(browser) for sentence in SENTENCES)
    field.clear()
    field.send_keys(f"{secret}\n")
    until(browser, lambda driver: SENTENCES[1] in seen(driver))
    kept = "return document.cookie + JSON.stringify([localStorage, sessionStorage])"
    assert secret not in browser.execute_script(kept) + browser.current_url
    browser.refresh()
    assert not any(sentence in seen(browser) for sentence in SENTENCES)


TAKE = """
const [address, done] = arguments;
const fetched = (options) => fetch(address, options).then(
    (answer) => answer.text()).catch(() => "");
const loaded = (kind, name) => new Promise((resolve) => {
  const element = document.createElement(kind);
  element.onload = () => resolve(kind + " loaded");
  element.onerror = () => resolve("");
  element[name] = address;
  document.head.append(element);
});
Promise.all([
  fetched({mode: "cors"}), fetched({mode: "no-cors"}),
  fetched({mode: "cors", headers: {Authorization: "Bearer x"}}),
  fetched({mode: "no-cors", cache: "force-cache"}),
  loaded("script", "src"), loaded("img", "src"),
]).then(done);
"""
OPEN = """
const other = open(arguments[0]);
setTimeout(() => {
  try { arguments[1](other.document.body.innerText); }
  catch (error) { arguments[1](String(error.name)); }
}, 1500);
"""


def test_no_page_of_another_origin_reads_them(address, evil, browser):
    """One at another port is of another origin, and yet on the same site."""
    browser.get(evil)
    assert browser.title == "evil"
    text = f"{address[:-1]}{PATH}"
    assert browser.execute_async_script(TAKE, text) == [""] * 6
    assert browser.execute_async_script(OPEN, text) == "SecurityError"
    # What that opened shows a refusal, and no text, to who sits there either.
    mine, other = browser.window_handles
    browser.switch_to.window(other)
    assert "another site's page asked for this" in seen(browser).lower()
    browser.close()
    browser.switch_to.window(mine)


def test_such_a_page_reads_what_is_for_all(address, evil, browser):
    browser.get(evil)
    found = browser.execute_async_script(TAKE, f"{address[:-1]}{DOCUMENT}")
    assert "made-up article" in found[0]


def test_the_pages_have_no_serious_barrier(address, strict, browser):
    script = axe().read_text(encoding="utf-8")
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    for server, path, scheme, width in (
        (address, PATH, "light", 360),
        (address, PATH, "dark", 1300),
        (address, DOCUMENT, "light", 360),
        (strict, PATH, "light", 1300),
    ):
        shown(browser, scheme, width)
        assert complaints(browser, f"{server[:-1]}{path}") == []
        wide = "return document.documentElement.scrollWidth"
        assert browser.execute_script(wide) <= width
