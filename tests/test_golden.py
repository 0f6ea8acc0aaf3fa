"""Each folder of tests/golden is one case: a stream, the arguments, and all that must come out.

``input.yaml`` on standard input, ``arguments`` (optional, one per line, with the case's folder as current folder),
``output.yaml`` (absent: nothing may be written), ``stderr`` (absent: nothing may be said), ``exit`` (absent: 0).
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from post_renderer.problems import CODES
from tests.support import run

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


def read_arguments(case: Path) -> list[str]:
    path = case / "arguments"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("name", CASES)
def test_golden_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = GOLDEN / name
    monkeypatch.chdir(case)
    result = run(*read_arguments(case), stdin=(case / "input.yaml").read_bytes())
    expected_error = (case / "stderr").read_text() if (case / "stderr").exists() else ""
    expected_exit = int((case / "exit").read_text()) if (case / "exit").exists() else 0
    expected_output = (case / "output.yaml").read_bytes() if (case / "output.yaml").exists() else b""
    if os.environ.get("UPDATE_GOLDEN"):
        pytest.fail("goldens are written by hand or by a reviewed diff: see tests/golden/README.md")
    assert result.error == expected_error
    assert result.output.decode() == expected_output.decode()
    assert result.exit_code == expected_exit


def rendering_cases() -> list[str]:
    """The cases that write a stream."""
    return [
        name
        for name in CASES
        if (GOLDEN / name / "output.yaml").exists() and (read_arguments(GOLDEN / name) or ["-"])[0].startswith("-")
    ]


@pytest.mark.parametrize("name", rendering_cases())
def test_a_second_render_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = GOLDEN / name
    monkeypatch.chdir(case)
    once = (case / "output.yaml").read_bytes()
    assert run(*read_arguments(case), stdin=once).output == once


@pytest.mark.parametrize("name", rendering_cases())
def test_block_style_documents_get_added_lines_only(name: str) -> None:
    case = GOLDEN / name
    if name.startswith("flow-"):
        pytest.skip("flow style has no lines to add to")
    before = (case / "input.yaml").read_text().splitlines()
    after = (case / "output.yaml").read_text().splitlines()
    lost = [line[2:] for line in difflib.ndiff(before, after) if line.startswith("- ")]
    for line in lost:
        assert (
            line.strip() in ("schedulingGates:", "- name: polyaxon.com/needs-post-renderer", "schedulingGates: []")
            or line.strip().startswith("name: ")
        ), line


def test_every_code_has_a_golden_case() -> None:
    said = "".join(path.read_text() for path in GOLDEN.glob("*/stderr"))
    missing = [code for code in CODES if f"[{code}]" not in said]
    assert not missing
