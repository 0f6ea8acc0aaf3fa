"""A real browser without a window. Each test that opens a page also proves that the page has no error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from ci.browser_setup import find_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZE = (1200, 900)
# --no-sandbox: CI runs as root, and the pages are the project's own.
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    f"--window-size={SIZE[0]},{SIZE[1]}",
)


def read_console(browser: Chrome) -> list[dict[str, Any]]:
    """Return the messages of the page since the last call: errors of scripts, and what the policy refused."""
    found: list[dict[str, Any]] = browser.get_log("browser")  # type: ignore[no-untyped-call] # selenium has no types here
    return found


@pytest.fixture(scope="session")
def make_browser() -> Callable[[], Chrome]:
    found = find_browser()
    if found is None:
        pytest.fail("no chromium or no chromedriver on PATH: run `make tools`")
    program, driver = found

    def make() -> Chrome:
        options = ChromeOptions()
        options.binary_location = program
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        return Chrome(options=options, service=Service(driver))

    return make


@pytest.fixture(scope="module")
def chrome(make_browser: Callable[[], Chrome]) -> Iterator[Chrome]:
    browser = make_browser()
    yield browser
    browser.quit()


@pytest.fixture
def browser(chrome: Chrome) -> Iterator[Chrome]:
    """The module's browser, as after a start. At the end, the console has no message of the page."""
    for command, parameters in (
        ("Emulation.setEmulatedMedia", {"features": []}),
        ("Emulation.setScriptExecutionDisabled", {"value": False}),
        ("Network.enable", {}),
        ("Network.setBlockedURLs", {"urls": ["http*"]}),
    ):
        chrome.execute_cdp_cmd(command, parameters)
    chrome.set_window_size(*SIZE)
    read_console(chrome)  # what came before
    yield chrome
    assert read_console(chrome) == []


@pytest.fixture
def open_page(browser: Chrome, tmp_path: Path) -> Callable[[bytes], None]:
    def open_file(page: bytes) -> None:
        path = tmp_path / "page.html"
        path.write_bytes(page)
        browser.get(path.as_uri())

    return open_file
