"""The catalog files of the environment: which commands read them, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "POLYAXON_PERSISTENCE_FILES"


def write(folder: Path, name: str, claim: str) -> str:
    (folder / name).write_text(f"data: {{data2: {{existingClaim: {claim}}}}}\n")
    return str(folder / name)


@pytest.mark.parametrize("words", [[], ["render"], ["explain"], ["flux-patches"]])
def test_commands_that_take_persistence_read_the_variable(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write(tmp_path, "a.yaml", "claim-a"), write(tmp_path, "b.yaml", "claim-b")
    monkeypatch.setenv(VARIABLE, f"{first}:{second}")
    output = run(*words, stdin=make_catalog() + make_job()).output
    assert b"claim-b" in output
    assert b"claim-a" not in output.replace(b"existingClaim: claim-a", b"")


def test_the_command_line_overrides_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, write(tmp_path, "a.yaml", "claim-a"))
    words = ["explain", "--persistence", write(tmp_path, "b.yaml", "claim-b")]
    output = run(*words, stdin=make_catalog() + make_job()).output
    assert (b"claim-a" in output, b"claim-b" in output) == (False, True)


@pytest.mark.parametrize("words", [[], ["check"], ["kinds"]])
def test_a_message_names_the_variable(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere.yaml")
    result = run(*words, stdin=make_catalog())
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {VARIABLE}: /nowhere.yaml: No such file or directory\n")


def test_a_variable_without_files_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = make_catalog() + make_job()
    before = run(stdin=stream)
    monkeypatch.setenv(VARIABLE, "::")
    assert run(stdin=stream) == before
