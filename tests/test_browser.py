"""Pages in a real browser: the SPARQL editor, and the completion of names."""

from __future__ import annotations

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from server import editor
from tests.browsers import chromium, undisturbed, until
from tests.test_server_serve import serving

needs_editor = pytest.mark.skipif(
    not editor.is_here(), reason="the SPARQL editor is not built in: `make web`"
)


@pytest.fixture(scope="module")
def address(shipped_store):
    with serving(shipped_store) as (_, address):
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture
def page(browser, address):
    """Return a function that opens a page; at the end, nobody may have complained."""

    def opened(path):
        browser.get(f"{address}{path}")
        return browser

    with undisturbed(browser, address):
        yield opened


def first(browser, selector):
    return until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, selector))[0]


def texts(browser, selector):
    return [one.text for one in browser.find_elements(By.CSS_SELECTOR, selector)]


# --- the SPARQL editor ------------------------------------------------------------


def editing(browser, text):
    """Type *text* into the empty editor, as a person does."""
    first(browser, "#editor[data-ready]")
    field = first(browser, ".tabPanel.active .CodeMirror")
    keys = ActionChains(browser).click(field)
    keys.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL)
    keys.send_keys(Keys.DELETE).send_keys(text).perform()


def written(browser):
    """Return what stands in the editor."""
    script = "return document.querySelector('.tabPanel.active .CodeMirror')"
    return browser.execute_script(f"{script}.CodeMirror.getValue()")


@needs_editor
def test_a_query_that_is_typed_is_run_and_its_rows_are_seen(page):
    browser = page("sparql")
    editing(browser, "SELECT ?code WHERE { ?s exq:isoAlpha3 ?code } ORDER BY ?code")
    until(browser, lambda b: "PREFIX exq:" in written(b))
    first(browser, ".tabPanel.active .yasqe_queryButton").click()
    rows = until(browser, lambda b: texts(b, ".yasr tbody tr"))
    assert any("KEN" in row for row in rows)
    assert not first(browser, "form.ask").is_displayed()


@needs_editor
def test_terms_of_the_ontology_are_completed(page):
    browser = page("sparql")
    editing(browser, "SELECT * WHERE { ?s exq:holdsP")
    ActionChains(browser).key_down(Keys.CONTROL).send_keys(" ").key_up(
        Keys.CONTROL
    ).perform()
    hints = until(browser, lambda b: texts(b, ".CodeMirror-hint") or written(b))
    assert "exq:holdsPost" in "".join(hints)


@needs_editor
def test_a_saved_question_opens_in_a_tab_and_answers(page):
    browser = page("sparql")
    first(browser, "#editor[data-ready]")
    Select(first(browser, "#question")).select_by_value("ambassadors")
    until(browser, lambda b: "#+ summary: Ambassadors" in written(b))
    first(browser, ".tabPanel.active .yasqe_queryButton").click()
    rows = until(browser, lambda b: texts(b, ".tabPanel.active .yasr tbody tr"))
    assert any("Laassel" in row for row in rows)
    links = browser.find_elements(By.CSS_SELECTOR, ".tabPanel.active a.iri")
    links[0].click()
    until(browser, lambda b: len(b.window_handles) == 2)
    browser.switch_to.window(browser.window_handles[1])
    try:
        until(browser, lambda b: "/doc/source/" in b.current_url)
    finally:
        browser.close()
        browser.switch_to.window(browser.window_handles[0])


@needs_editor
def test_a_query_in_the_address_stands_in_the_editor(page):
    browser = page("sparql?query=ASK%20%7B%20%3Fs%20a%20%3Fc%20%7D")
    first(browser, "#editor[data-ready]")
    assert until(browser, written) == "ASK { ?s a ?c }"


@needs_editor
def test_who_has_only_a_keyboard_is_not_caught_in_the_editor(page):
    browser = page("sparql")
    editing(browser, "ASK {}")
    inside = "return document.activeElement.matches('.CodeMirror textarea')"
    before = written(browser)
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.execute_script(inside)
    assert written(browser) != before
    assert "Escape" in first(browser, "#leaving").text
    ActionChains(browser).send_keys(Keys.ESCAPE, Keys.TAB).perform()
    assert not browser.execute_script(inside)


# --- completing names -------------------------------------------------------------


def test_a_name_is_completed_with_the_keyboard_and_asked(page):
    browser = page("queries/posts-of-state")
    field = first(browser, "#p-state")
    field.clear()
    field.send_keys("mor")
    until(browser, lambda b: texts(b, "#p-state-names li"))
    assert field.get_attribute("aria-expanded") == "true"
    field.send_keys(Keys.ARROW_DOWN)
    chosen = first(browser, "#p-state-names li[aria-selected=true]")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    field.send_keys(Keys.ENTER)
    assert field.get_attribute("value") == "Morocco"
    assert field.get_attribute("aria-expanded") == "false"
    field.send_keys(Keys.ENTER)
    until(browser, lambda b: "state=Morocco" in b.current_url)
    assert any("Laassel" in row for row in texts(browser, "tbody tr"))


def test_escape_closes_the_list_and_a_press_takes_a_name(page):
    browser = page("queries/evidence-for-entity")
    field = first(browser, "#p-entity")
    field.clear()
    field.send_keys("laass")
    until(browser, lambda b: texts(b, "#p-entity-names li"))
    field.send_keys(Keys.ESCAPE)
    until(browser, lambda b: not texts(b, "#p-entity-names li")[0])
    field.send_keys("e")
    until(browser, lambda b: texts(b, "#p-entity-names li")[0])

    def is_taken(b):
        # The list is made anew with each answer that comes, also under the pointer.
        first(b, "#p-entity-names li").click()
        return "Laassel" in field.get_attribute("value")

    until(browser, is_taken)


# --- search as you type -----------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "place"), [("", "q"), ("search", "q"), ("ontology", "top-q")]
)
def test_a_thing_is_found_while_its_name_is_typed(page, path, place):
    browser = page(path)
    field = first(browser, f"#{place}")
    field.send_keys("al-khal")
    options = until(browser, lambda b: texts(b, f"#{place}-names li"))
    assert "Khalidi" in options[0]
    assert "person" in options[0]
    assert first(browser, f"#{place} ~ [role=status]").get_attribute("textContent")
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    until(browser, lambda b: b.current_url.endswith("/doc/salman-al-khalidi"))


def test_a_thing_is_found_by_another_name_and_taken_with_a_press(page):
    browser = page("")
    first(browser, "#q").send_keys("east african c")
    options = until(browser, lambda b: texts(b, "#q-names li"))
    assert options == ["Kenya also East African country state"]
    first(browser, "#q-names li").click()
    until(browser, lambda b: b.current_url.endswith("/doc/kenya"))


def test_enter_alone_searches_and_escape_leaves_what_was_typed(page):
    browser = page("")
    field = first(browser, "#q")
    field.send_keys("laassel")
    until(browser, lambda b: texts(b, "#q-names li"))
    field.send_keys(Keys.ESCAPE)
    assert field.get_attribute("aria-expanded") == "false"
    assert field.get_attribute("value") == "laassel"
    field.send_keys(Keys.ENTER)
    until(browser, lambda b: "/search?q=laassel" in b.current_url)
    assert any("Laassel" in text for text in texts(browser, ".hits li"))


def test_without_a_script_the_search_field_is_a_plain_one(page):
    browser = page("")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.refresh()
        field = first(browser, "#q")
        assert field.get_attribute("role") is None
        field.send_keys("Al Khalidi", Keys.ENTER)
        until(browser, lambda b: "/search?q=" in b.current_url)
        assert any("Khalidi" in text for text in texts(browser, ".hits li"))
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


# --- why, in place ----------------------------------------------------------------


def asking(browser):
    """The first link of the page that asks why an inferred fact holds."""
    return first(browser, "#events ~ .entries .source a.why")


def panels(browser):
    return [p for p in browser.find_elements(By.CSS_SELECTOR, ".reason")
            if p.is_displayed()]  # fmt: skip


def test_a_derivation_opens_below_its_fact_and_closes_again(page):
    browser = page("doc/kenya")
    link = asking(browser)
    assert link.get_attribute("aria-expanded") == "false"
    link.click()
    (panel,) = until(browser, panels)
    assert "follows" in panel.text
    assert panel.find_elements(By.CSS_SELECTOR, ".source a")
    assert link.get_attribute("aria-expanded") == "true"
    assert link.get_attribute("aria-controls") == panel.get_attribute("id")
    assert browser.current_url.endswith("/doc/kenya")
    assert panel.location["y"] > link.location["y"]
    link.click()
    until(browser, lambda b: not panels(b))
    assert link.get_attribute("aria-expanded") == "false"


def test_a_derivation_is_opened_and_closed_by_the_keyboard(page):
    browser = page("doc/kenya")
    link = asking(browser)
    link.send_keys(Keys.ENTER)
    (panel,) = until(browser, panels)
    assert browser.switch_to.active_element == link
    link.send_keys(Keys.TAB)
    inside = browser.switch_to.active_element
    assert inside in panel.find_elements(By.TAG_NAME, "a")
    inside.send_keys(Keys.ESCAPE)
    until(browser, lambda b: not panels(b))
    assert browser.switch_to.active_element == link


def test_each_fact_has_its_own_derivation_and_no_id_comes_twice(page):
    browser = page("doc/kenya")
    links = browser.find_elements(By.CSS_SELECTOR, "#events ~ .entries .source a.why")
    for link in links[:2]:
        link.click()
    until(browser, lambda b: len(panels(b)) == 2)
    script = "return [...document.querySelectorAll('[id]')].map(one => one.id)"
    ids = browser.execute_script(script)
    assert len(ids) == len(set(ids))


def test_a_derivation_has_a_page_of_its_own_still(page):
    browser = page("doc/kenya")
    asking(browser).click()
    until(browser, panels)
    first(browser, ".reason .end a").click()
    until(browser, lambda b: "/why?" in b.current_url)
    assert "Why does this hold?" in first(browser, "main").text


# --- the evidence of a row, and the order of rows ---------------------------------


def test_the_evidence_of_a_row_opens_and_closes_below_it(page):
    browser = page("queries/ambassadors")
    link = first(browser, "td.evidence a[aria-expanded=false]")
    link.send_keys(Keys.ENTER)
    found = first(browser, "tr.evidence-row .derivation")
    assert "holds post" in found.text
    assert found.find_elements(By.CSS_SELECTOR, "ul.source a[href*='/doc/source/']")
    assert link.get_attribute("aria-expanded") == "true"
    row = browser.find_element(By.CSS_SELECTOR, "tr.evidence-row")
    assert link.get_attribute("aria-controls") == row.get_attribute("id")
    assert browser.current_url.endswith("/queries/ambassadors")
    link.click()
    until(browser, lambda _: not row.is_displayed())
    assert link.get_attribute("aria-expanded") == "false"
    link.click()
    until(browser, lambda _: row.is_displayed())
    found.find_element(By.TAG_NAME, "a").send_keys(Keys.ESCAPE)
    until(browser, lambda _: not row.is_displayed())
    assert browser.switch_to.active_element == link


def test_the_head_of_a_column_sorts_by_it(page):
    browser = page("queries/graph-inventory")
    for state in ("ascending", "descending"):
        first(browser, "th:nth-child(3) a").click()
        first(browser, f"th[aria-sort={state}]")
        column = texts(browser, "tbody td:nth-child(3)")
        figures = [int(text) for text in column]
        assert figures == sorted(figures, reverse=state == "descending")
    assert first(browser, "figure.for-wide svg").is_displayed()


# --- maps -------------------------------------------------------------------------

BOXES = """
return [...document.querySelectorAll('figure svg svg text')].map(
  one => one.getBoundingClientRect()).filter(box => box.width).map(
  box => [box.left, box.right, box.top + 3, box.bottom - 3])
"""


@pytest.mark.parametrize(("width", "shown"), [(1300, "map"), (600, "map-narrow")])
def test_names_on_a_map_lie_over_no_other_and_lead_to_their_place(page, width, shown):
    browser = page("queries/places-of-events")
    browser.set_window_size(width, 1400)
    drawn = browser.find_elements(By.CSS_SELECTOR, "details[open] svg.picture")
    seen = [one.get_attribute("class") for one in drawn if one.is_displayed()]
    assert seen == [f"picture picture-{shown}"]
    boxes = browser.execute_script(BOXES)
    assert len(boxes) > 5
    for place, (left, right, top, bottom) in enumerate(boxes):
        assert not [
            other
            for other in boxes[:place]
            if left < other[1] and other[0] < right and top < other[3]
            and other[2] < bottom
        ]  # fmt: skip
    names = browser.find_elements(By.CSS_SELECTOR, f".picture-{shown} a text")
    next(one for one in names if one.text.startswith("Nairobi")).click()
    until(browser, lambda b: b.current_url.endswith("/doc/nairobi"))
    small = "map-small-narrow" if shown == "map-narrow" else "map-small"
    assert first(browser, f".picture-{small}").is_displayed()
    browser.set_window_size(1300, 1400)
