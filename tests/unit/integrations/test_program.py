"""``check|explain|verify|render -- PROGRAM``: the program is started, and no exit code is lost."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("render", "check", "explain", "verify")
STREAM = make_catalog() + make_job()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a program ``say``, which prints a file, a text for standard error, and ends with a code."""
    say = tmp_path / "say"
    say.write_text(
        f"#!{sys.executable}\nimport sys\nsys.stdout.write(open(sys.argv[1]).read())\nsys.stderr.write('said\\n')\nsys.exit(int(sys.argv[2]))\n"
    )
    say.chmod(0o755)
    (tmp_path / "stream.yaml").write_text(STREAM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_output_of_the_program_is_the_stream(command: str) -> None:
    done, piped = run(command, "--", "say", "stream.yaml", "0", stdin="not read: ["), run(command, stdin=STREAM)
    assert (done.exit_code, done.output) == (piped.exit_code, piped.output)
    assert done.error == f"said\n{piped.error}".replace("<stdin>:", "<say>:")


@pytest.mark.usefixtures("folder")
def test_render_is_the_default() -> None:
    assert run("--", "say", "stream.yaml", "0").output == run(stdin=STREAM).output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_exit_code_of_the_program_wins(command: str) -> None:
    result = run(command, "--", "say", "stream.yaml", "7")
    assert (result.exit_code, result.output) == (7, b"")
    assert result.error.startswith("said\n")


@pytest.mark.usefixtures("folder")
def test_errors_of_the_stream_fail_a_program_that_succeeds() -> None:
    assert run("check", "--strict", "--", "say", "stream.yaml", "0").exit_code == 0
    with open("stream.yaml", "a") as file:
        file.write(make_job("kind: x\n", name="b"))
    assert run("check", "--", "say", "stream.yaml", "0").exit_code == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("text", "message"),
    [("", "the output of say is empty"), ("runs: {}\n", "the output of say seems to be a values file")],
)
def test_output_without_objects_is_an_error_and_nothing_is_written(
    command: str, text: str, message: str, folder: Path
) -> None:
    (folder / "stream.yaml").write_text(text)
    result = run(command, "--", "say", "stream.yaml", "0")
    assert (result.exit_code, result.output) == (1, b"")
    assert f"error[no-object] (input): {message}" in result.error
    name = " ".join(["polyaxon-persistence", *[command] * (command != "render")])
    example = "-- helm get manifest demo" if command == "verify" else "-- helm template demo ./chart"
    hint = f"write {name} {example}"
    if not text and command != "verify":
        instead = "write check --allow-empty" if command == "check" else f"there is nothing to {command}"
        hint = f"if the chart renders nothing on purpose (enabled: false), {instead}"
    assert f"hint: {hint}" in result.error


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_output_is_allowed_if_the_user_says_so(text: str, folder: Path) -> None:
    (folder / "stream.yaml").write_text(text)
    assert "  hint: if the chart renders nothing on purpose" in run("check", "--", "say", "stream.yaml", "0").error
    result = run("check", "--allow-empty", "--", "say", "stream.yaml", "0")
    assert (result.exit_code, result.output) == (0, b"0 runs in 0 objects: 0 errors, 0 warnings\n")


def test_output_without_objects_is_json_if_json_is_wanted(folder: Path) -> None:
    (folder / "stream.yaml").write_text("")
    result = run("verify", "--output", "json", "--", "say", "stream.yaml", "0")
    data = json.loads(result.output)
    assert (result.exit_code, data["runs"], data["problems"][0]["code"]) == (1, [], "no-object")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--"], "-- needs a program"),
        (["a.yaml", "--", "say"], "the command can't have a FILE and a program after --"),
        (["--", "no-such-program"], "-- no-such-program: no such program"),
        (["--", "/nowhere/helm", "template", "demo", "."], "there is no program at /nowhere/helm"),
        (["--", "helm"], "-- helm: polyaxon-persistence starts only helm template and helm get manifest"),
        (["--", "helm", "install", "demo", "template"], "-- helm: polyaxon-persistence starts only helm template"),
        (["--", "helm", "get", "all", "demo"], "-- helm: polyaxon-persistence starts only helm template"),
        (["--", "helm", "get", "hooks", "manifest"], "-- helm: polyaxon-persistence starts only helm template"),
        (["--", "helm", "--unknown", "template", "install"], "-- helm: polyaxon-persistence starts only helm template"),
        (
            ["--", "helm", "-n", "template", "uninstall", "demo"],
            "-- helm: polyaxon-persistence starts only helm template",
        ),
        (
            ["--", "helm", "-n", "get", "get", "values", "manifest"],
            "-- helm: polyaxon-persistence starts only helm template",
        ),
        (["--", "helm", "template", "demo", ".", "--output-dir", "x"], "-- helm: --output-dir can't be used here"),
        (["--", "helm", "template", "demo", ".", "--output-dir=x"], "-- helm: --output-dir can't be used here"),
        (
            ["--", "helm", "template", "demo", ".", "--post-renderer-args", "x"],
            "-- helm: --post-renderer-args can't be",
        ),
        (["--", "helm", "template", "demo", ".", "--post-renderer=cat"], "-- helm: --post-renderer can't be used here"),
    ],
)
def test_what_is_refused_before_the_start(words: list[str], message: str, folder: Path) -> None:
    (folder / "helm").write_text("#!/bin/sh\ntouch started\n")
    (folder / "helm").chmod(0o755)
    result = run("check", *words)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {message}")
    assert not (folder / "started").exists()


def test_our_own_link_is_never_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        (folder / name).mkdir()
    (folder / "first" / "helm").write_text('#!/bin/sh\ntouch started\nexec polyaxon-persistence helm "$@"\n')
    (folder / "second" / "helm").write_text("#!/bin/sh\ncat stream.yaml\n")
    for name in ("first", "second"):
        (folder / name / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'first'}:{folder / 'second'}:{os.environ['PATH']}")
    for program in ("helm", str(folder / "first" / "helm"), "first/helm"):
        assert run("check", "--", program, "template", "demo", "chart").exit_code == 0
    assert not (folder / "started").exists()


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_real_helm(
    helm: str, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helm_env: dict[str, str]
) -> None:
    for key, value in helm_env.items():
        monkeypatch.setenv(key, value)
    (tmp_path / "helm").symlink_to(tools / helm)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    chart, values = str(ROOT / "chart"), str(ROOT / "values-examples" / "first-run.yaml")
    done = run("check", "--", "helm", "template", "demo", chart, "-f", values)
    assert (done.exit_code, done.output) == (0, b"1 run in 2 objects: 0 errors, 0 warnings\n")
    assert b"kind: ConfigMap" in run("--", "helm", "-n", "x", "template", "demo", chart, "-f", values).output
    missing = run("check", "--", "helm", "template", "demo", str(tmp_path / "none"))
    assert (missing.exit_code, missing.output) == (1, b"")
    assert "Error: " in missing.error
