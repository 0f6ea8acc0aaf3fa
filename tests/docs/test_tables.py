"""Tables of the pages: a cell of prose is a sentence. Readers with English as a second language stop at fragments."""

from __future__ import annotations

import re

import pytest

from tests.support.pages import PAGES

pytestmark = pytest.mark.pure

# Their tables are made of figures, or of texts that a command also prints.
MADE = {"benchmark.md", "command-line.md", "kinds.md", "outcomes.md"}
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")  # and the addresses of links
WORD = re.compile(r"\w[\w'-]*")
SHORTEST = 5  # words; a shorter cell is a label, such as "code scanning and editors"


def find_fragments(text: str) -> list[str]:
    """The cells of prose that don't end as a sentence. The first column has labels, and the first line headings."""
    tables = re.findall(r"^ *\|.*\n *\|-.*\n((?: *\|.*\n)*)", text, re.MULTILINE)
    cells = [
        cell.strip() for table in tables for line in table.splitlines() for cell in re.split(r"(?<!\\)\|", line)[2:-1]
    ]
    return [
        cell for cell in cells if len(WORD.findall(CODE.sub("", cell))) >= SHORTEST and not cell.endswith((".", "…"))
    ]


@pytest.mark.parametrize("page", sorted(set(PAGES) - MADE))
def test_a_cell_of_prose_is_a_sentence(page: str) -> None:
    assert find_fragments(PAGES[page]) == []


def test_a_fragment_is_found() -> None:
    table = "| a | b |\n|---|---|\n| the path of one run in it | {} |\n"
    fragment = "the path of the run folder"
    assert find_fragments(table.format(fragment)) == [fragment]
    assert find_fragments(table.format(f"It is {fragment}.")) == []
    assert find_fragments(table.format("`a b c d e`, code, editors")) == []
    assert sum(text.count("\n|---") for text in PAGES.values()) > 30
