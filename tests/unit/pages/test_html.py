"""The page as a text: its policy, and that it loads nothing. tests/browser opens it."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.imports import loaded

if TYPE_CHECKING:
    from pathlib import Path

STREAM = make_catalog() + make_job()
LISTED = "import sys; from post_renderer.cli import main; main({words}); sys.stderr.write(' '.join(sys.modules))"


def page(command: str = "explain", stdin: str = STREAM) -> str:
    result = run(command, "--output", "html", stdin=stdin)
    assert result.exit_code in (0, 1), result.error
    return result.output.decode()


def test_the_policy_allows_only_the_style_and_the_script_of_the_page() -> None:
    text = page()
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found
    parts = dict(part.split(" ", 1) for part in unescape(found[1]).split("; "))
    assert parts.pop("default-src") == parts.pop("base-uri") == parts.pop("form-action") == "'none'"
    for name in ("style", "script"):
        (inner,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert parts.pop(f"{name}-src") == f"'sha256-{b64encode(sha256(inner.encode()).digest()).decode()}'"
    assert parts == {}


class Reader(HTMLParser):
    """Collects the tags and the attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("command", ["explain", "inventory"])
def test_the_page_loads_nothing(command: str) -> None:
    reader = Reader()
    reader.feed(page(command))
    names = {name for name, _ in reader.attributes}
    assert names & {"src", "style", "srcset", "action", "onclick", "onload"} == set()
    assert {"img", "link", "iframe", "object", "form"} & set(reader.tags) == set()
    assert all((value or "").startswith("#") for name, value in reader.attributes if name == "href")
    ids = [value for name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {(value or "")[1:] for name, value in reader.attributes if name == "href"}
    assert targets <= set(ids)


HOSTILE = "</title><script>alert(1)</script>\"' onclick=x {{ 7*7 }} {% raw %}"


def test_each_text_of_the_input_is_escaped() -> None:
    wrong = make_job("kind: '" + HOSTILE.replace("'", "''") + "'\n", name="wrong")
    text = page(stdin=STREAM.replace("data1:", "data1: {description: 1}\n      x:") + wrong)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "{{ 7*7 }}" in unescape(text)
    reader = Reader()
    reader.feed(text)
    assert reader.tags.count("script") == 1
    assert "onclick" not in {name for name, _ in reader.attributes}


def test_a_character_that_hides_is_visible() -> None:
    stream = STREAM.replace("name: train", 'name: "a\\u202eb\\u0007"')
    assert "a\\u202eb\\u0007" in page("inventory", stream)


def test_the_page_is_the_same_each_time() -> None:
    assert page() == page()


@pytest.mark.parametrize("form", ["text", "json", "mermaid", "markdown"])
@pytest.mark.parametrize("command", ["explain", "inventory"])
def test_only_a_page_loads_the_template_library(command: str, form: str) -> None:
    words = [command, "--output", form]
    assert not {"jinja2", "markupsafe"} & loaded(LISTED.format(words=words), STREAM)


def test_a_page_loads_it() -> None:
    assert "jinja2" in loaded(LISTED.format(words=["explain", "--output", "html"]), STREAM)


def test_a_broken_catalog_file_gives_no_page(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a: [\n")
    result = run("explain", "--output", "html", "--persistence", str(tmp_path / "site"), stdin=STREAM)
    assert (result.exit_code, result.output) == (1, b"")


@pytest.mark.parametrize("command", ["check", "verify"])
def test_other_commands_have_no_page(command: str) -> None:
    result = run(command, "--output", "html", stdin=STREAM)
    assert result.exit_code == 2
    assert 'unknown output format "html"' in result.error
