"""Words that the texts for users and the docstrings don't have: readers have English as a second language."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

WORDS = re.compile(r"\b(us|ours|speaks?|mends?|stands?|told|amiss)\b", re.IGNORECASE)
PAGES = [
    *(
        ROOT / name
        for name in (
            "README.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "Makefile",
            "tests/golden/README.md",
        )
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(path for path in (ROOT / "docs" / "examples").rglob("*") if path.is_file()),
    *sorted(path for path in (ROOT / "chart").rglob("*") if path.suffix in {".md", ".yaml", ".json", ".txt", ".tpl"}),
    *sorted(path for path in (ROOT / "values-examples").rglob("*") if path.is_file()),
]
MODULES = sorted((ROOT / "post_renderer").rglob("*.py"))


def find_words(text: str) -> list[str]:
    return [f"line {number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1) if WORDS.search(line)]


def strings_of(source: str) -> list[str]:
    """The strings of a module: messages, hints, help and docstrings; those with a blank, as others are names."""
    found = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [text for text in found if isinstance(text, str) and " " in text.strip()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_has_none_of_these_words(path: Path) -> None:
    assert find_words(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_strings_of_a_module_have_none_of_these_words(path: Path) -> None:
    found = strings_of(path.read_text(encoding="utf-8"))
    assert [word for text in found for word in find_words(text)] == []


def test_the_test_looks_at_texts() -> None:
    assert len(PAGES) > 40
    assert sum(len(strings_of(path.read_text(encoding="utf-8"))) for path in MODULES) > 500
    assert find_words("a\nthat is ours, and it stands\n") == ["line 2: that is ours, and it stands"]
    assert find_words(*strings_of("def f():\n    'Told by us.'\n")) == ["line 1: Told by us."]
    assert strings_of("f'it {x} stands here'") == [" stands here"]
