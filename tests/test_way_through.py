"""The way through the pages in a browser, as one goes it: search, reasons, sources,
a question and its answer to take along, and a file that is not in order.
"""

from __future__ import annotations

import csv

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from tests.browsers import chromium, undisturbed, until
from tests.test_browser import first, texts
from tests.test_server_serve import serving

FAULTY = """PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX id: <https://w3id.org/exequatur/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
id:ruritania a exq:State ;
    rdfs:label "Ruritania"@en ;
    exq:isoAlpha3 "Ruritania" .
"""


@pytest.fixture(scope="module")
def address(shipped_store):
    with serving(shipped_store) as (_, address):
        yield address


@pytest.fixture
def browser(address, tmp_path):
    """A browser that saves to *tmp_path*; at the end, no page may have complained."""
    with chromium() as driver:
        driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior",
            {"behavior": "allow", "downloadPath": str(tmp_path)},
        )
        with undisturbed(driver, address):
            yield driver


def link(browser, words, within="main"):
    """Return the first link in a part of the page that has these words."""
    found = browser.find_elements(By.CSS_SELECTOR, f"{within} a")
    return next((one for one in found if words in one.text), None)


def saved(folder, suffix):
    """Return the rows of the only file in *folder* that has this suffix, once whole."""
    found = [path for path in folder.iterdir() if path.suffix == suffix]
    if len(found) != 1 or not found[0].stat().st_size:
        return None
    with found[0].open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_from_a_name_to_its_reasons_an_answer_and_a_faulty_file(
    browser, address, tmp_path
):
    # The front page: a name, as it is not written here, and the choice by keys.
    browser.get(address)
    field = first(browser, "#q")
    field.send_keys("laasel")
    until(browser, lambda b: texts(b, "#q-names li"))
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    until(browser, lambda b: b.current_url.endswith("/doc/abderrazzak-laassel"))
    assert "Laassel" in first(browser, "h1").text

    # The entity: what was inferred says why, on the spot, and names its passages.
    why = first(browser, "a.why")
    why.click()
    panel = until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".reason"))[0]
    assert why.get_attribute("aria-expanded") == "true"
    assert panel.is_displayed()
    passage = until(
        browser, lambda _: panel.find_elements(By.CSS_SELECTOR, ".source a[href*='#']")
    )[0]
    passage.click()

    # The article: the very passage, with what it states.
    target = first(browser, ".passages > li:target")
    assert "/doc/source/" in browser.current_url
    assert target.find_elements(By.CSS_SELECTOR, ".statements dt")

    # A question, its form filled in by a name, and the answer as a file.
    link(browser, "Questions", "header").click()
    until(browser, lambda b: link(b, "Who holds which post of a state")).click()
    field = first(browser, "#p-state")
    field.clear()
    field.send_keys("moroc")
    until(browser, lambda b: texts(b, "#p-state-names li"))
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER, Keys.ENTER)
    until(browser, lambda b: "state=Morocco" in b.current_url)
    rows = until(browser, lambda b: texts(b, "tbody tr"))
    first(browser, ".downloads a[download$='.csv']").click()
    told = until(browser, lambda _: saved(tmp_path, ".csv"))
    assert len(told) == len(rows)
    assert any("Laassel" in value for row in told for value in row.values())

    # A file that is not in order: the report says what, and mended it passes.
    link(browser, "Validate", "header").click()
    path = tmp_path / "ruritania.ttl"
    report = judged(browser, path, FAULTY)
    assert "not be accepted" in report
    assert "isoAlpha3" in first(browser, ".report").text
    report = judged(browser, path, FAULTY.replace('"Ruritania" .', '"RUR" .'))
    assert "would be accepted" in report


def judged(browser, path, text):
    """Have the page judge *text*, as the file *path*; return its report's heading."""
    path.write_text(text, encoding="utf-8")
    browser.execute_script("arguments[0].value = ''", first(browser, "#data"))
    first(browser, "#file").send_keys(str(path))
    before = browser.find_elements(By.ID, "report")
    first(browser, "form.ask[method=post] button[type=submit]").click()
    until(browser, lambda b: b.find_elements(By.ID, "report") != before)
    return until(browser, lambda b: b.find_element(By.ID, "report").text)


STOP = """
const one = document.activeElement, style = getComputedStyle(one);
const place = one.getBoundingClientRect();
return [style.outlineStyle !== "none" && place.width > 0 && place.bottom > 0
  && place.top < innerHeight, one.textContent.trim(), one.id,
  one.getAttribute("href") ?? ""];
"""


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def go_to(browser, wanted):
    """Press the tabulator until *wanted* of words, id and address; all is in sight."""
    for _ in range(200):
        press(browser, Keys.TAB)
        in_sight, words, id_, href = browser.execute_script(STOP)
        assert in_sight, (browser.current_url, words, id_, href)
        if wanted(words, id_, href):
            return
    pytest.fail(f"{browser.current_url} has no such stop")


def test_the_way_is_gone_by_keys_with_the_focus_in_sight(browser, address, tmp_path):
    browser.get(address)
    go_to(browser, lambda _, id_, __: id_ == "q")
    press(browser, "laasel")
    until(browser, lambda b: texts(b, "#q-names li"))
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    until(browser, lambda b: b.current_url.endswith("/doc/abderrazzak-laassel"))
    go_to(browser, lambda words, *_: words == "why?")
    press(browser, Keys.ENTER)
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".reason .source a"))
    go_to(browser, lambda _, __, href: "/source/" in href and "#" in href)
    press(browser, Keys.ENTER)
    until(browser, lambda b: "/source/" in b.current_url)
    browser.get(f"{address}queries")
    go_to(browser, lambda words, *_: words == "posts")
    press(browser, Keys.ENTER)
    go_to(browser, lambda _, __, href: href == "/queries/posts-of-state")
    press(browser, Keys.ENTER)
    until(browser, lambda b: b.current_url.endswith("/queries/posts-of-state"))
    go_to(browser, lambda _, id_, __: id_ == "p-state")
    press(browser, "Morocco", Keys.ESCAPE, Keys.ENTER)
    until(browser, lambda b: "state=Morocco" in b.current_url)
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "tbody tr"))
    go_to(browser, lambda words, *_: words == "CSV")
    press(browser, Keys.ENTER)
    assert until(browser, lambda _: saved(tmp_path, ".csv"))
