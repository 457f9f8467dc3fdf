"""Pages as an accessibility checker (axe) sees them: nothing serious to complain of."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By

from kg.tokens import TokenFile
from tests.browsers import chromium, until
from tests.heavy_clients import axe
from tests.test_server_serve import serving

PAGES = [
    "",
    "search?q=morocco",
    "doc/kenya",
    "doc/salman-al-khalidi",
    "doc/nairobi",
    "doc/source/kenya-morocco-cybercrime",
    "queries",
    "queries/posts-of-state",
    "queries/posts-of-state?state=Morocco",
    "queries/timeline?sort=edtf&order=desc",
    "queries/graph-inventory",
    "queries/places-of-events",
    "queries/ambassadors/evidence",
    "queries/meetings/evidence?limit=3",
    "why?s=abderrazzak-laassel&p=envoy+to&o=Kenya",
    "reconcile/preview?id=kenya",
    "kinds/State",
    "problems",
    "sparql",
    "sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20%3Fo%20%7D%20LIMIT%203",
    "ontology",
    "shapes",
    "graphs",
    "status",
    "validate",
    "timeline",
    "network",
    "network/tie?one=kenya&other=morocco",
    "timemap/doc/kenya",
    "doc/nobody",
]
DARK = [
    "",
    "doc/salman-al-khalidi",
    "queries/posts-of-state?state=Morocco",
    "queries/graph-inventory",
    "queries/places-of-events",
    "status",
]
PHONE = [
    "",
    "doc/kenya",
    "doc/source/kenya-morocco-cybercrime",
    "queries/meetings/evidence?limit=3",
    "queries/posts-of-state?state=Morocco",
    "timeline",
    "why?s=abderrazzak-laassel&p=envoy+to&o=Kenya",
]
VALIDATED = [
    "PREFIX exq: <https://w3id.org/exequatur/ontology#>\n"
    "<urn:x> a exq:Embassy ;\n  exq:nonesuch " + '"word" , ' * 40 + "5 .",
    "<urn:x> <urn:y>\n ] .",
]
HIDDEN = """
return [...document.querySelectorAll("td.evidence a")].filter(one => {
  const link = one.getBoundingClientRect();
  const before = one.parentElement.previousElementSibling.getBoundingClientRect();
  return link.right > innerWidth
    || link.left + 1 < before.right && link.top + 1 < before.bottom;
}).length
"""
SMALL = """
return [...document.querySelectorAll(".source a, a.why, .downloads a, .crumb a, th a")]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 23)
  .map(one => one.outerHTML)
"""
CHECK = """
const done = arguments[arguments.length - 1];
axe.run({resultTypes: ['violations']}).then(found => done(found.violations.map(
  one => [one.impact, one.id, one.nodes.map(node => node.html).slice(0, 3)])))
"""


@pytest.fixture(scope="module")
def address(shipped_store, tmp_path_factory):
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.json"
    TokenFile(tokens).add("Ada", ["write:*"])
    with serving(shipped_store, EXEQUATUR_TOKENS=str(tokens)) as (_, address):
        yield address


@pytest.fixture(scope="module")
def browser():
    script = axe().read_text(encoding="utf-8")
    with chromium() as driver:
        driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": script}
        )
        yield driver


def shown(browser, scheme, width):
    """Show pages in a colour *scheme*, so many pixels wide."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def complaints(browser, address):
    """Return what axe finds of the page, small things excepted."""
    browser.get(address)
    if "/sparql" in address and browser.find_elements(By.ID, "editor"):
        until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[data-ready]"))
    if "query=" in address and browser.find_elements(By.ID, "editor"):
        until(browser, lambda b: b.find_elements(By.CLASS_NAME, "tableSizer"))
    found = browser.execute_async_script(CHECK)
    return [one for one in found if one[0] != "minor"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier(browser, address, path):
    shown(browser, "light", 1300)
    assert complaints(browser, f"{address}{path}") == []


@pytest.mark.parametrize("path", PHONE)
def test_nor_has_it_on_a_phone(browser, address, path):
    shown(browser, "light", 390)
    assert complaints(browser, f"{address}{path}") == []


@pytest.mark.parametrize("path", DARK)
def test_nor_has_it_in_the_dark(browser, address, path):
    shown(browser, "dark", 1300)
    assert complaints(browser, f"{address}{path}") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1300])
def test_names_that_are_offered_while_typing_are_no_barrier(
    browser, address, scheme, width
):
    shown(browser, scheme, width)
    browser.get(address)
    field = browser.find_element(By.ID, "q")
    field.send_keys("ke")
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#q-names li"))
    field.send_keys(Keys.ARROW_DOWN)
    found = browser.execute_async_script(CHECK)
    assert [one for one in found if one[0] in ("serious", "critical")] == []
    wide = "return document.documentElement.scrollWidth"
    assert browser.execute_script(wide) <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1300])
@pytest.mark.parametrize("text", VALIDATED)
def test_a_report_beside_the_lines_is_no_barrier(browser, address, scheme, width, text):
    shown(browser, scheme, width)
    browser.get(f"{address}validate")
    fill = "document.getElementById('data').value = arguments[0]"
    browser.execute_script(
        f"{fill}; document.getElementById('triples').requestSubmit()", text
    )
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".lines .at-fault"))
    assert browser.find_element(By.ID, "submission").is_displayed()
    found = browser.execute_async_script(CHECK)
    assert [one for one in found if one[0] in ("serious", "critical")] == []
    wide = "return document.documentElement.scrollWidth"
    assert browser.execute_script(wide) <= width


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_over_the_edge_of_a_phone(browser, address, path):
    shown(browser, "light", 360)
    browser.get(f"{address}{path}")
    wide = "return document.documentElement.scrollWidth"
    assert browser.execute_script(wide) <= 360
    assert browser.execute_script(HIDDEN) == 0
    assert browser.execute_script(SMALL) == []


def test_the_figures_of_the_status_have_room_on_a_phone(browser, address):
    shown(browser, "light", 360)
    browser.get(f"{address}status")
    values = browser.find_elements(By.CSS_SELECTOR, ".status dd")
    assert min(value.size["width"] for value in values) > 120


@contextmanager
def printed(browser):
    """Have pages shown as they are printed, on paper as wide as A4 is."""
    shown(browser, "light", 718)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_paper_has_a_report_with_its_lines_whole(browser, address):
    with printed(browser):
        browser.get(f"{address}validate")
        fill = "document.getElementById('data').value = arguments[0]"
        browser.execute_script(
            f"{fill}; document.getElementById('triples').requestSubmit()", VALIDATED[0]
        )
        until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".lines .at-fault"))
        wide = "return document.documentElement.scrollWidth"
        assert browser.execute_script(wide) <= 718
        folded = "document.querySelector('.findings details li').checkVisibility()"
        assert browser.execute_script(f"return {folded}")


def test_paper_is_no_phone_and_has_what_is_folded_up(browser, address):
    with printed(browser):
        browser.get(f"{address}doc/source/kenya-morocco-cybercrime")
        folded = "document.querySelector('details:not([open]) dd').checkVisibility()"
        assert browser.execute_script(f"return {folded}")
        browser.get(f"{address}queries/places-of-events")
        pictures = browser.find_elements(By.CSS_SELECTOR, "figure.pictured")
        assert [one.is_displayed() for one in pictures[:2]] == [True, False]
        assert not browser.find_element(By.CSS_SELECTOR, "td.evidence").is_displayed()


def test_a_barrier_is_found(browser, address):
    shown(browser, "light", 1300)
    browser.get(address)
    browser.execute_script("document.querySelector('h1').innerHTML = '<img src=x>'")
    found = browser.execute_async_script(CHECK)
    assert "image-alt" in {one[1] for one in found}
