"""The page that validates, in a real browser: a file dropped, mended and submitted."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By

from kg.tokens import TokenFile
from tests.browsers import chromium, requested, undisturbed, until
from tests.hostile import TEXTS
from tests.store_kinds import copied
from tests.test_server_serve import serving

PREFIXES = """\
@prefix exq: <https://w3id.org/exequatur/ontology#> .
@prefix id: <https://w3id.org/exequatur/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
FAULTY = f"""{PREFIXES}
id:atlantis
  a exq:Stat ;
  rdfs:label "Atlantis"@en .
"""
DROP = """
const [selector, name, text] = arguments;
const transfer = new DataTransfer();
transfer.items.add(new File([text], name));
const drop = new DragEvent("drop", {
  bubbles: true, cancelable: true, dataTransfer: transfer });
document.querySelector(selector).dispatchEvent(drop);
"""
STORED = """
return [localStorage.length, sessionStorage.length, document.cookie, location.href,
        document.documentElement.outerHTML].join(" ");
"""
REFUSED = re.compile("status of 4(00|01|22)")


@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="module")
def site(shipped_store, tmp_path_factory):
    """The address of a server that takes submissions, and a token for it."""
    folder = tmp_path_factory.mktemp("submitting")
    store = copied(shipped_store, folder / "store")
    tokens = folder / "tokens.json"
    secret = TokenFile(tokens).add("Ada", ["write:*"])
    with serving(store, EXEQUATUR_TOKENS=str(tokens)) as (_, address):
        yield address, secret


def first(browser, selector):
    return until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, selector))[0]


def told(browser, text):
    """Wait for the heading of the report to say *text*."""
    until(browser, lambda b: text in b.find_element(By.ID, "main").text)


def focused(browser):
    """Return the id of the element that has the focus."""
    return browser.execute_script("return document.activeElement.id")


def drop(browser, name, text):
    browser.execute_script(DROP, "#triples", name, text)


def rewrite(browser, text):
    field = first(browser, "#data")
    field.clear()
    field.send_keys(text)


def test_a_faulty_file_is_dropped_mended_and_submitted(browser, site):
    address, secret = site
    with undisturbed(browser, address, REFUSED.search):
        browser.get(f"{address}validate")
        drop(browser, "atlantis.ttl", FAULTY)
        told(browser, "They would not be accepted")
        assert "Read as Turtle" in first(browser, "#main").text
        first(browser, "#finding-1 a[href='#d1-L6']").click()
        line = first(browser, "#d1-L6:target")
        assert "exq:Stat ;" in line.text
        assert "Violation 1" in line.text
        line.find_element(By.CSS_SELECTOR, "a.mark").click()
        assert "exq:State" in first(browser, "#finding-1:target").text

        first(browser, "#token").send_keys("exqt_wrong", Keys.ENTER)
        told(browser, "The token is not known")
        first(browser, "#token").clear()
        first(browser, "#token").send_keys(secret)
        first(browser, "#submit").click()  # as it is: the gate keeps it out
        until(browser, lambda b: focused(b) == "report")
        told(browser, "They would not be accepted")
        rewrite(browser, FAULTY.replace("exq:Stat ", "exq:State "))
        first(browser, "#message").send_keys("Found at last")
        first(browser, "#token").send_keys(Keys.ENTER)
        told(browser, "Accepted")
        assert secret not in browser.execute_script(STORED)
        assert first(browser, "#token").get_attribute("value") == ""
        first(browser, ".made a").click()
        told(browser, "Found at last")
        browser.back()
        assert secret not in " ".join(requested(browser))
        browser.get(f"{address}doc/atlantis")
        assert "Atlantis" in first(browser, "h1").text


def test_the_server_is_asked_for_nothing_it_would_not_read(browser, site):
    address, _ = site
    with undisturbed(browser, address):
        browser.get(f"{address}validate")
        script = "document.getElementById('triples').dataset.most = 100"
        browser.execute_script(script)
        drop(browser, "long.ttl", "# long\n" * 100)
        told(browser, "700 bytes; this server reads 100 at most")
        first(browser, "#submit").click()
        told(browser, "To submit takes an access token")
        assert focused(browser) == "token"


def test_hostile_files_run_nothing_validated_or_submitted(browser, site):
    address, secret = site
    held = " ".join(f"# {text}\n" for text in TEXTS if "\n" not in text)
    labels = " , ".join(
        '"{}"@en'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
        for text in TEXTS
    )
    documents = [
        f"{PREFIXES}{held}id:x exq:hostile {labels} .\n",
        f"{PREFIXES}{held}id:x rdfs:label {TEXTS[0]} ] .\n",
    ]
    with undisturbed(browser, address, REFUSED.search):
        for number, document in enumerate(documents):
            browser.get(f"{address}validate")
            browser.execute_script("window.hostile = () => { window.ran = true; }")
            drop(browser, "'><svg onload=hostile()>.ttl", document)
            first(browser, "section.report")
            browser.execute_script("window.hostile = () => { window.ran = true; }")
            first(browser, "#token").send_keys(secret)
            browser.execute_script("document.querySelector('.report').remove()")
            first(browser, "#submit").click()
            first(browser, "section.report")
            assert not browser.execute_script("return window.ran"), number
            assert "hostile()" in first(browser, ".lines").text
            inside = "#main :is(script, svg, img, iframe, math, style, base, meta)"
            assert browser.find_elements(By.CSS_SELECTOR, inside) == []
