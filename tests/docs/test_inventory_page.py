"""docs/inventory.md: what its commands print is what the page shows."""

from __future__ import annotations

import re

import pytest

from tests.support.cli import run
from tests.support.paths import ROOT

FOLDER = ROOT / "docs" / "examples" / "inventory"
PAGE = (ROOT / "docs" / "inventory.md").read_text()
BLOCKS = [
    block
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    if " inventory " in block and " > " not in block
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_command_prints_what_the_page_shows(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    command, _, shown = block.partition("\n")
    words = command.removeprefix("$ polyaxon-persistence ").split()
    result = run(*words)
    assert (result.exit_code, result.error, result.output.decode()) == (0, "", shown)


def test_the_formats_of_the_page_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    (command,) = [line for line in PAGE.splitlines() if line.endswith(" > inventory.html")]
    words = command.removeprefix("$ polyaxon-persistence ").partition(" > ")[0].split()
    result = run(*words)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.startswith(b"<!DOCTYPE html>\n")
    (command,) = [line for line in PAGE.splitlines() if "--output markdown -- helm" in line]
    words = command.removeprefix("$ polyaxon-persistence ").partition(" -- ")[0].split()
    assert run(*words, "demo.yaml").output.startswith(b"## Volumes of the runs\n")
    assert run("explain", "--output", "mermaid", "demo.yaml").output.startswith(b"flowchart LR\n")


def test_the_page_shows_each_option_of_the_command() -> None:
    assert len(BLOCKS) == 3
    for option in ("--claim", "--stale", "--namespace", "--persistence", "--output"):
        assert option in PAGE
