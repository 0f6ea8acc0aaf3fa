"""Usage errors, help, versions, and bugs of the program itself."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from post_renderer.console.options import COMMANDS
from tests.support.cli import make_catalog, make_job, run
from tests.support.faults import fail_render
from tests.support.process import CLEAN

if TYPE_CHECKING:
    from pathlib import Path


def test_a_bug_of_the_program_is_reported_without_the_documents_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    fail_render(monkeypatch, ValueError("password: hunter2"))
    result = run(stdin=CLEAN)
    assert (result.exit_code, result.output) == (3, b"")
    assert "this is a bug in polyaxon-persistence; nothing was written" in result.error
    assert "ValueError at " in result.error
    assert "please report it" in result.error
    assert "hunter2" not in result.error
    assert "Traceback" not in result.error
    assert run("last-report").output.decode().endswith(result.error)


def test_interrupt_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "isatty", interrupt)
    assert run() == (130, b"", "")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["chek"], 'unknown command "chek"', 'did you mean "check"?'),
        (["--persistance", "x"], 'unknown option "--persistance" of render', 'did you mean "--persistence"?'),
        (["check", "--stict"], 'unknown option "--stict" of check', 'did you mean "--strict"?'),
        (["render", "--against", "x"], 'unknown option "--against" of render', "--persistence"),
        (["last-report", "--lst"], 'unknown option "--lst" of last-report', 'did you mean "--list"?'),
        (["help", "explian"], 'unknown command "explian"', 'did you mean "explain"?'),
        (["--persistence"], "--persistence needs a value", "--persistence FILE"),
        (["--strict=yes"], "--strict accepts no value", "write --strict"),
        (["--strict", "--strict"], "--strict is repeated", "write it once"),
        (["explain", "--output", "yaml"], 'unknown output format "yaml"', "text, json, html, mermaid or markdown"),
        (["check", "--output", "yaml"], 'unknown output format "yaml"', "text, json, github, sarif or junit"),
        (["check", "--max-starts", "-1", "--against", "x"], '--max-starts "-1" is not a number', "--max-starts 0"),
        (["check", "--max-starts", "1"], "--max-starts needs --against", "--against FILE"),
        (["--persistence", "/nowhere"], "--persistence /nowhere: No such file or directory", "can be read"),
        (["check", "--against", "/nowhere"], "--against /nowhere: No such file or directory", "can be read"),
        (["\x1b[31m"], 'unknown command "\\u001b[31m"', "Known: "),
    ],
)
def test_usage_errors(arguments: list[str], message: str, hint: str) -> None:
    result = run(*arguments, stdin=CLEAN)
    assert (result.exit_code, result.output) == (2, b"")
    first, second = result.error.splitlines()
    assert first == f"polyaxon-persistence: {message}"
    assert second.startswith("  hint: ")
    assert hint in second


# What follows `helm` is the real Helm's, its --help and --version as well.
OUR_COMMANDS = [command.split() for command in COMMANDS if command != "helm"]


@pytest.mark.parametrize("command", OUR_COMMANDS, ids=" ".join)
def test_every_verb_has_help(command: list[str]) -> None:
    result = run(*command, "--help")
    assert (result.exit_code, result.error) == (0, "")
    text = result.output.decode()
    for option in COMMANDS[" ".join(command)][0]:
        assert f"\n  {option}" in text
    assert run(*command, "-h").output == run("help", *command).output == result.output


def test_help_names_every_verb() -> None:
    text = run("--help").output.decode()
    assert text == run("help").output.decode()
    for command in COMMANDS:
        assert f"\n  {command} " in text
    assert all(len(line) <= 120 for line in text.splitlines())


@pytest.mark.parametrize("command", [[], *OUR_COMMANDS])
def test_version(command: list[str]) -> None:
    result = run(*command, "--version")
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.strip().replace(b".", b"").isdigit()


def test_a_catalog_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"data:\n  a: \xff\n")
    result = run("--persistence", str(path), stdin=CLEAN)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.startswith(f"{path}:2: error[invalid-encoding] ")


def test_an_endless_catalog_file() -> None:
    result = run("--persistence", "/dev/zero", stdin=CLEAN)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.startswith("/dev/zero: error[input-too-large] ")


@pytest.mark.parametrize("command", ["check", "explain"])
def test_json_stays_json_when_a_catalog_file_is_wrong(command: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("data: [")
    result = run(command, "--output", "json", "--persistence", str(path), stdin=CLEAN)
    assert (result.exit_code, result.error) == (1, "")
    assert [problem["code"] for problem in json.loads(result.output)["problems"]] == ["invalid-catalog"]


@pytest.mark.parametrize("error", [MemoryError(), OSError(12, "Cannot allocate memory")])
def test_memory_that_ran_out_below_another_error_is_reported_as_such(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_render(monkeypatch, KeyError("post_renderer.yamltree"), error)
    result = run(stdin=CLEAN)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error == "polyaxon-persistence: there is not enough memory for this input\n"


def test_a_command_without_a_branch_is_a_bug_and_no_render(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "new", ((), "not written yet"))
    result = run("new", stdin=make_catalog() + make_job())
    assert (result.exit_code, result.output) == (3, b"")


@pytest.mark.parametrize("words", [["argocd"], ["argocd", "--help"], ["argocd", "-h"], ["help", "argocd"]])
def test_the_help_of_argocd_lists_its_commands(words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.error) == (0, "")
    text = result.output.decode()
    assert text.startswith("usage: polyaxon-persistence argocd COMMAND [OPTIONS]\n")
    for command in ("argocd generate", "argocd discover", "argocd parameters"):
        assert f"\n  {command} " in text


def test_the_command_version() -> None:
    assert run("version") == run("--version")


@pytest.mark.parametrize("command", OUR_COMMANDS, ids=" ".join)
def test_each_help_has_a_usage_line_and_its_own_examples(command: list[str]) -> None:
    lines = run(*command, "--help").output.decode().splitlines()
    assert lines[0].startswith("usage: polyaxon-persistence ")
    examples = lines[lines.index("examples:") + 1 :]
    assert examples
    name = " ".join(command)
    assert all(f"polyaxon-persistence {name}" in line or name in ("render", "plugin-dir") for line in examples)
    assert any(name in line or name == "render" for line in examples)
