"""Attacks in a real browser: hostile data and addresses run nothing and ask nobody."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import quote, urlencode

import pytest
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from kg.terms import BASE, RDF, Literal, NamedNode
from server import editor
from server.links import Links
from tests.browsers import chromium, undisturbed, until
from tests.hostile import IRIS, TEXTS, build_hostile
from tests.test_server_serve import serving

ALL = " ".join(TEXTS)
CONTROL = "<img src=/ onerror=hostile()>"
KINDS = (f"{RDF}HTML", f"{RDF}XMLLiteral", "javascript:hostile()",
         "https://evil.example/'onclick='hostile()")  # fmt: skip
# An error has its status. And the editor cleans its texts in a document that runs
# nothing, of which the browser tells all the same.
NO_COMPLAINT = re.compile("status of 40[04]|yasgui.min.js.*violates")
NAMED = [
    Links(BASE).document(iri) or "" for iri in IRIS if iri.startswith(f"{BASE}id/")
]
HOSTILE = """
const DRAWN_TAGS = /^(svg|a|circle|desc|g|line|path|polygon|rect|text|title|tspan)$/;
const found = [];
for (const one of document.querySelectorAll("*")) {
  const tag = one.tagName.toLowerCase();
  if (one.parentElement && one.parentElement.closest("#editor")) continue;
  const drawn = one.closest("figure.pictured > svg.picture");
  if (!drawn && /^(svg|math|iframe|object|embed|base)$/.test(tag)) found.push(tag);
  if (drawn && !DRAWN_TAGS.test(tag)) found.push(`drawn ${tag}`);
  if (tag === "script" && one.textContent.trim()) found.push("a script inside");
  for (const { name, value } of one.attributes) {
    if (/^on|^srcdoc$/i.test(name)) found.push(name);
    if (!["href", "src", "action"].includes(name)) continue;
    if (!/^(https?:\\/\\/|\\/(?!\\/)|[#?])/.test(value)) found.push(`${name}=${value}`);
  }
}
return found;
"""
DRAWN = """
const unsafe = /^(javascript|vbscript|data|blob|file):/i;
const cells = [...document.querySelectorAll(".yasr tbody *")];
return cells.filter((one) =>
  /script|iframe|form|img|svg|math|base|link|style/i.test(one.tagName) ||
  [...one.attributes].some((attribute) => /^on/i.test(attribute.name)) ||
  unsafe.test(one.getAttribute("href") || "")
).map((one) => one.outerHTML);
"""
NOT_ISOLATED = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const text = walker.currentNode;
  if (!/[\\u202a-\\u202e\\u2066-\\u2069]/.test(text.data)) continue;
  const style = getComputedStyle(text.parentElement);
  const apart = /isolate|plaintext/.test(style.unicodeBidi) ||
    text.parentElement.tagName === "TEXTAREA";
  if (!apart && !/^(block|list-item|table-cell|flex|grid)$/.test(style.display))
    found.push(text.parentElement.outerHTML);
}
return found;
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(build_hostile(tmp_path_factory.mktemp("hostile"))) as (_, address):
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture
def page(browser, address):
    """Return a function that opens a page, which must be harmless."""
    browser.execute_cdp_cmd("Page.enable", {})
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})

    def opened(path):
        browser.get(f"{address}{path.removeprefix('/')}")
        harmless(browser)
        return browser

    with undisturbed(browser, address, NO_COMPLAINT.search):
        yield opened


def harmless(browser):
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert
    assert browser.execute_script(HOSTILE) == []
    assert browser.execute_script(NOT_ISOLATED) == []


def is_pointed_at(browser, place):
    """Move the pointer to the cell at *place*, if the table has so many."""
    cells = browser.find_elements(By.CSS_SELECTOR, ".yasr tbody td")
    if place < len(cells):
        ActionChains(browser).move_to_element(cells[place]).perform()
    return bool(cells)


def test_pages_of_hostile_data_run_nothing_and_ask_nobody(page):
    for path in ("/", "/doc/kenya", "/doc/source/kenya-morocco-cybercrime", "/graphs",
                 "/kinds/State", "/queries/posts-of-state", "/queries/entities",
                 "/queries/reported-words", "/ontology", "/timemap/doc/kenya",
                 "/search?q=kenya", "/reconcile/preview?id=kenya", *NAMED):  # fmt: skip
        if "evil.example/" not in path:
            page(path)


def test_hostile_addresses_run_nothing_and_ask_nobody(page):
    for path in (f"/search?{urlencode({'q': ALL})}",
                 f"/why?{urlencode({'s': ALL, 'p': ALL, 'o': ALL})}",
                 f"/sparql?{urlencode({'query': ALL})}",
                 f"/doc/{quote(ALL, safe='')}", f"/{quote(ALL, safe='')}"):  # fmt: skip
        page(path)


def test_names_that_are_completed_run_nothing(page):
    browser = page("/queries/posts-of-state")
    field = browser.find_element(By.CSS_SELECTOR, "input[data-names]")
    field.clear()
    field.send_keys("ken")
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "ul.names li"))
    harmless(browser)
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    harmless(browser)


@pytest.mark.parametrize("has_policy", [True, False])
def test_answers_in_the_editor_run_nothing(browser, page, has_policy):
    """Its table is drawn by a script, of whatever the server answers.

    The policy keeps hostile texts from running; without it nothing runs either.
    """
    if not editor.is_here():
        pytest.skip("the editor is not built in: `make web`")
    texts = [str(Literal(text)) for text in TEXTS]
    texts += [
        str(Literal(text, datatype=NamedNode(kind)))
        for text in TEXTS[:4]
        for kind in KINDS
    ]
    iris = " ".join(f"<{iri}>" for iri in IRIS)
    query = f"SELECT * {{ VALUES ?x {{ {' '.join(texts)} {iris} }} }}"
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": not has_policy})
    page("/sparql")
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#editor[data-ready]"))
    browser.execute_script("window.hostile = () => { window.ran = true; }")
    script = "document.querySelector('.tabPanel.active .CodeMirror').CodeMirror"
    browser.execute_script(f"{script}.setValue(arguments[0])", query)
    browser.find_element(By.CSS_SELECTOR, ".tabPanel.active .yasqe_queryButton").click()
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".yasr tbody tr"))
    for place in range(20):
        until(browser, partial(is_pointed_at, place=place))
    field = browser.find_element(By.CSS_SELECTOR, ".yasr input.tableFilter")
    field.send_keys("hostile")  # it looks through all texts
    assert browser.execute_script(DRAWN) == []
    assert not browser.execute_script("return window.ran")
    if not has_policy:  # what would run is noticed
        browser.execute_script(f"document.body.innerHTML = '{CONTROL}'")
        until(browser, lambda b: b.execute_script("return window.ran"))
