"""The built docs site in a real browser: no page has an error, and it has the colors of the system."""

from __future__ import annotations

import functools
import http.server
import threading
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By

from ci.site import build_site
from tests.browser.conftest import read_console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = tmp_path_factory.mktemp("docs") / "build"
    assert build_site(build) == []
    return build / "site"


@pytest.fixture
def address(site: Path, browser: Chrome) -> Iterator[str]:
    """The address of the site. The browser reaches this server, and no other one by https."""
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["https*"]})
    handler = functools.partial(Server, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_no_page_has_an_error(site: Path, address: str, browser: Chrome) -> None:
    pages = [path.parent.relative_to(site).as_posix() for path in sorted(site.rglob("index.html"))]
    assert len(pages) > 40
    errors = {}
    for page in pages:
        browser.get(f"{address}/{page}/")
        assert browser.find_element(By.TAG_NAME, "h1").text
        pictures = "return [...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
        if found := [*read_console(browser), *browser.execute_script(pictures)]:
            errors[page] = found
    assert errors == {}


@pytest.mark.parametrize(("color", "scheme"), [("light", "default"), ("dark", "slate")])
def test_the_site_has_the_colors_of_the_system(color: str, scheme: str, address: str, browser: Chrome) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": color}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get(f"{address}/docs/sweeps/")
    assert browser.find_element(By.TAG_NAME, "body").get_attribute("data-md-color-scheme") == scheme
