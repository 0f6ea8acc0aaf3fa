"""docs/coming-from-polyaxon.md: each row says what happens here, and names a test that exists, or a reason."""

from __future__ import annotations

import re

import pytest

from tests.support.named import find_test
from tests.support.paths import GOLDEN, ROOT

PAGE = (ROOT / "docs" / "coming-from-polyaxon.md").read_text()
CASES = {"golden": GOLDEN, "migrate": ROOT / "tests" / "unit" / "migrate" / "cases"}
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Polyaxon 0.x |")
]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[-1])})


def test_every_section_has_rows() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert [text.partition("\n")[0] for text in sections] == [
        "Values", "Polyaxonfiles", "Scheduling", "Variables", "Helper libraries"
    ]  # fmt: skip
    assert all(text.count("\n| ") > 10 for text in sections)
    assert len(ROWS) > 90


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:50] for row in ROWS])
def test_a_row_is_shown_by_a_test_or_has_a_reason(row: list[str]) -> None:
    before, here, shown = row
    assert before
    assert here
    assert re.fullmatch(r"`[^`]+`(, `[^`]+`)*", shown) or (shown == "none" and re.match("It differs: .{20}", here))


@pytest.mark.parametrize("name", NAMED)
def test_what_a_row_names_exists(name: str) -> None:
    directory, _, case = name.partition("/")
    if "::test_" in name:
        find_test(name)
    elif directory == "chart":
        assert "- it: " in (ROOT / name).read_text()
    else:
        assert any((CASES[directory] / case).iterdir())
