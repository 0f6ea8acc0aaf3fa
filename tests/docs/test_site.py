"""The docs site: it builds without a dead link, loads nothing from other servers, and shows every page."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from ci import site
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_the_site_has_no_dead_link(tmp_path: Path) -> None:
    assert site.build_site(tmp_path / "build") == []
    built = tmp_path / "build" / "site"
    assert (built / "docs" / "errors" / "index.html").read_text().count("<h3 id=") > 50
    assert len(list(built.rglob("index.html"))) > 40


def walk_nav(items: list[object]) -> Iterator[str]:
    for item in items:
        for value in item.values() if isinstance(item, dict) else [item]:
            if isinstance(value, list):
                yield from walk_nav(value)
            else:
                yield str(value)


def test_the_menu_leads_to_every_page_of_the_docs() -> None:
    nav = list(walk_nav(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]))
    assert len(nav) == len(set(nav))
    shown = {path for path in nav if path.startswith("docs/")}
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert shown == pages, "edit `nav` in zensical.toml"


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ('<a href="other/">', ""),
        ('<a href="other/#here">', ""),
        ('<a href="https://example.com/#x">', ""),
        ('<a href="missing/">', "dead link missing/"),
        ('<a href="other/#there">', "dead anchor other/#there"),
        ('<a href="#top">', "dead anchor #top"),
        ('<img src="missing.svg">', "dead link missing.svg"),
        ('<script src="https://cdn.example.com/a.js">', "loads https://cdn.example.com/a.js"),
        ('<link href="//fonts.example.com/a.css">', "loads //fonts.example.com/a.css"),
    ],
)
def test_what_is_wrong_in_a_site_is_found(html: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text('<h2 id="here">')
    (tmp_path / "index.html").write_text(html)
    assert site.check_site(tmp_path) == ([f"index.html: {error}"] if error else [])


def test_a_changed_page_is_copied_again(tmp_path: Path) -> None:
    site.prepare(tmp_path / "build")
    page = tmp_path / "build" / "pages" / "docs" / "sweeps.md"
    original = page.read_text()
    page.write_text("old")
    site.copy_pages(tmp_path / "build")
    assert page.read_text() == original == (ROOT / "docs" / "sweeps.md").read_text()
    assert (tmp_path / "build" / "pages" / "values-examples" / "grid.yaml").is_file()  # a page leads to it


def test_an_unknown_argument_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert site.main(["sevre"]) == 2
    assert "python -m ci.site serve" in capsys.readouterr().err
