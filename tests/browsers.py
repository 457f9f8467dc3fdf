"""A headless Chromium that reaches nothing but this machine.

With CI=true it is installed where it is missing; elsewhere the tests that want it skip.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.support.ui import WebDriverWait

PACKAGES = ("chromium", "chromium-driver")
PROGRAMS = ("chromium", "chromedriver")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1300,1400",
    # Whatever a page asks of another host would fail, and be seen.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

_TO_FOLLOW = "meta[http-equiv=refresh]"


def require_chromium():
    """Have Chromium and its driver, or skip with the reason."""
    if all(map(shutil.which, PROGRAMS)):
        return
    if os.environ.get("CI") != "true" or os.geteuid() or not shutil.which("apt-get"):
        pytest.skip("chromium and chromedriver are not installed")
    for command in (["update", "-qq"], ["install", "-qq", "-y", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", *command],  # noqa: S607 Debian's
            capture_output=True,
            timeout=300,
            check=False,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
        if done.returncode:
            pytest.skip(
                f"apt-get cannot install chromium: {done.stderr.decode()[:500]}"
            )


class _Patient(webdriver.Chrome):
    """Goes on, as people do, where a page says that what it shows is to follow."""

    def get(self, url: str) -> None:
        """Open a page, and wait until it is whole."""
        super().get(url)
        wait = WebDriverWait(
            self, 30, ignored_exceptions=[StaleElementReferenceException]
        )
        wait.until_not(lambda b: b.find_elements("css selector", _TO_FOLLOW))


@contextmanager
def chromium():
    """Give a driver of a fresh Chromium."""
    require_chromium()
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = _Patient(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


def until(driver, found):
    """Wait for what *found* returns of the driver to be true, and return it.

    It is asked once more where the page made an element anew in the meantime.
    """
    waiting = WebDriverWait(
        driver,
        20,
        poll_frequency=0.1,
        ignored_exceptions=[StaleElementReferenceException],
    )
    return waiting.until(found)


@contextmanager
def undisturbed(driver, address, is_harmless=lambda complaint: False):
    """Assert in the end that pages asked only the server at *address*, and that none
    complained, but of what *is_harmless*.
    """
    requested(driver), complaints(driver)
    yield
    assert [one for one in complaints(driver) if not is_harmless(one)] == []
    asked = requested(driver)
    assert asked
    assert {url for url in asked if not url.startswith(address)} == set()


def requested(driver):
    """Return the addresses that pages asked for since this was called last."""
    found = set()
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.add(message["params"]["request"]["url"])
    return {address for address in found if not address.startswith("data:")}


def complaints(driver):
    """Return what pages wrote on the console: violated policies, failures."""
    return [entry["message"] for entry in driver.get_log("browser")]
