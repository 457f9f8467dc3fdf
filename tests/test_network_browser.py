"""The network in a real browser: enlarged, pointed at, gone through by keys."""

from __future__ import annotations

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from tests.browsers import chromium, undisturbed, until
from tests.test_server_serve import serving


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
    with undisturbed(browser, address):
        browser.get(f"{address}network")
        until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".lively .tools"))
        until(browser, lambda b: wide(b) > 0)
        yield browser


def wide(browser):
    script = "return document.querySelector('.picture-network').clientWidth"
    return browser.execute_script(script)


def pressed(browser, name):
    buttons = browser.find_elements(By.CSS_SELECTOR, ".tools button")
    next(one for one in buttons if one.accessible_name == name).click()


def member(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f'[data-member][data-name="{name}"]')


def near(browser):
    marks = browser.find_elements(By.CSS_SELECTOR, "[data-member].near")
    return {mark.get_attribute("data-name") for mark in marks}


def letters(browser):
    """The size of each name that is written, in pixels of the screen."""
    return browser.execute_script(
        "return [...document.querySelectorAll('.names text')]"
        ".map(one => one.getBoundingClientRect().height)"
    )


def test_buttons_enlarge_it_while_names_stay_as_large(page):
    before, sizes = wide(page), letters(page)
    pressed(page, "Larger")
    pressed(page, "Larger")
    until(page, lambda b: wide(b) > 1.9 * before)
    assert len(letters(page)) >= len(sizes)
    assert max(letters(page)) < 1.2 * max(sizes)
    pressed(page, "Smaller")
    until(page, lambda b: wide(b) < 1.5 * before)
    pressed(page, "Whole")
    until(page, lambda b: wide(b) == before)


def test_names_lie_over_no_other_at_any_size(page):
    script = """
      const boxes = [...document.querySelectorAll('.names text')]
        .map(one => one.getBoundingClientRect());
      const over = (a, b) => a.left + 1 < b.right - 1 && b.left + 1 < a.right - 1
        && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3;
      return boxes.filter((a, i) => boxes.slice(i + 1).some(b => over(a, b))).length;
    """
    for _ in range(3):
        assert letters(page)
        assert page.execute_script(script) == 0
        pressed(page, "Larger")


def test_pointing_at_one_shows_whose_ties_are_its_own(page):
    mark = member(page, "Kenya")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    ActionChains(page).move_to_element(mark).perform()
    until(page, near)
    assert {"Kenya", "Morocco"} <= near(page)
    assert "Kuwait" not in near(page)
    ties = page.find_elements(By.CSS_SELECTOR, ".between.near")
    assert len(ties) == len(near(page)) - 1


def test_arrow_keys_go_from_mark_to_mark_and_enter_opens_one(page):
    mark = member(page, "Morocco")
    page.execute_script("arguments[0].focus()", mark)
    assert "Morocco" in near(page)
    before = mark.rect["y"]
    ActionChains(page).send_keys(Keys.ARROW_DOWN).perform()
    there = page.switch_to.active_element
    name = there.get_attribute("data-name")
    assert name != "Morocco"
    assert there.rect["y"] > before
    assert name in near(page)
    ActionChains(page).send_keys(Keys.ENTER).perform()
    until(
        page,
        lambda b: b.find_elements(By.CSS_SELECTOR, "h1") and "/doc/" in b.current_url,
    )
    assert page.find_element(By.CSS_SELECTOR, "h1").text == name


def test_the_wheel_enlarges_with_a_key_and_else_leaves_the_page_to_scroll(page):
    turn = """
      const view = document.querySelector('.view');
      const event = new WheelEvent('wheel', {deltaY: -120, ctrlKey: arguments[0],
        clientX: 300, clientY: 300, bubbles: true, cancelable: true});
      return view.dispatchEvent(event);
    """
    before = wide(page)
    assert page.execute_script(turn, False)
    assert wide(page) == before
    assert not page.execute_script(turn, True)
    assert wide(page) > before


def test_dragging_moves_what_is_enlarged_and_follows_no_link(page):
    pressed(page, "Larger")
    pressed(page, "Larger")
    view = page.find_element(By.CSS_SELECTOR, ".view")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", view)
    before = page.execute_script("return arguments[0].scrollLeft", view)
    address = page.current_url
    drag = ActionChains(page).move_to_element(view).click_and_hold()
    drag.move_by_offset(-60, -20).release().perform()

    def moved(browser):
        now = browser.execute_script("return arguments[0].scrollLeft", view)
        return abs(now - before - 60) <= 2

    until(page, moved)
    assert page.current_url == address
