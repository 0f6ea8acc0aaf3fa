"""Text for people: no argument, path, variable or program can control a terminal or forge a line."""

from __future__ import annotations

import ast
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from post_renderer.console import printable
from post_renderer.problems import escape_control
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "x\x1b[31m\u009b2J\r\nerror[forged] Job/a: forged\u202e\u2028\x07\x7f"
NAME = HOSTILE.replace("/", " ")  # of a file
USAGE = {
    "command": (HOSTILE,),
    "command of two words": ("argocd", HOSTILE),
    "help": ("help", HOSTILE),
    "option": (f"--{HOSTILE}",),
    "option of a command": ("check", f"--{HOSTILE}"),
    "value of a flag": ("render", f"--strict={HOSTILE}"),
    "catalog": ("--persistence", HOSTILE),
    "stream": ("check", HOSTILE),
    "stream twice": ("check", HOSTILE, HOSTILE),
    "installed": ("check", "--against", HOSTILE),
    "file": ("migrate", HOSTILE),
    "file in place": ("migrate", "--in-place", HOSTILE),
    "name": ("migrate", "--name", HOSTILE, "a"),
    "format": ("explain", "--output", HOSTILE),
    "number": ("check", "--max-starts", HOSTILE, "--against", "a"),
    "code": ("why", HOSTILE),
    "program": ("--then", HOSTILE),
    "open quote": ("--then", f"'{HOSTILE}"),
}


def check(text: str, *begins: str) -> None:
    """Every line begins as expected, and has only characters that can be printed."""
    assert text
    for line in text.removesuffix("\n").split("\n"):
        assert line.isprintable(), ascii(line)
        assert line.startswith(begins), ascii(line)


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_an_argument_of_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin=make_catalog() + make_job())
    assert (done.exit_code, done.output) == (2, b"")
    check(done.error, "polyaxon-persistence: ", "  hint: ")


@pytest.mark.parametrize(
    "arguments", [("helm", "version"), ("helm", "template", "a", "b")], ids=["pass through", "template"]
)
def test_the_path_of_helm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    program = tmp_path / NAME
    monkeypatch.setenv("POLYAXON_PERSISTENCE_HELM", str(program))
    check(run(*arguments).error, "polyaxon-persistence: ", "  hint: ")
    program.write_text("#!/no/such/program\n")
    program.chmod(0o755)
    check(run(*arguments).error, "polyaxon-persistence: ", "  hint: ")


def test_the_path_of_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = tmp_path / NAME
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    state.write_text("")  # no directory
    check(
        run(stdin=make_job()).error,
        "<stdin>:8: error[no-catalog] Job/train",
        "  hint: ",
        "note: the report could not be saved",
    )
    check(run("last-report").error, "polyaxon-persistence: the reports can't be read", "  hint: ")


def test_a_file_that_does_not_parse(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("data: [\n")
    for arguments in (("check", str(path)), ("--persistence", str(path)), ("check", "--against", str(path))):
        done = run(*arguments, stdin=make_catalog() + make_job())
        check(
            done.error + done.output.decode(),
            f"{escape_control(str(path))}:1: error[",
            "  hint: ",
            "polyaxon-persistence: ",
            "0 runs in 0 objects: 1 error",
            "1 run in 2 objects: 0 errors",
            "RUN ",
            "Job/",
            "1 run would",
        )


def test_a_file_of_migrate(tmp_path: Path) -> None:
    """The names in the head of a diff, and the lines around it."""
    path = tmp_path / NAME
    path.write_text("kind: job\nbuild: {image: a}\nrun: {cmd: b}\nlogging: {level: INFO}\n")
    done = run("migrate", str(path))
    assert done.output
    check(done.error, f"{escape_control(str(path))}:", "  hint: ")
    check(done.output.decode(), "--- ", "+++ ", "@@ ", "+", "-", " ")
    assert sum(line.startswith(("--- ", "+++ ")) for line in done.output.decode().split("\n")) == 2
    check(run("migrate", "--in-place", str(path)).output.decode(), str(tmp_path))


def test_the_errors_of_a_second_post_renderer(tmp_path: Path) -> None:
    """Its line breaks and tabs stay. Other control characters are escaped."""
    program = tmp_path / "next"
    program.write_text("#!/bin/sh\ncat\nprintf 'one\\033[31m\\n\\ttwo\\n' >&2\n")
    program.chmod(0o755)
    done = run("--then", str(program), stdin=make_catalog() + make_job())
    assert done.exit_code == 0
    assert done.error == "one\\u001b[31m\n\ttwo\n"
    program.write_text("#!/bin/sh\nprintf 'one\\033[31m\\n' >&2\nexit 7\n")
    done = run("--then", str(program), stdin=make_catalog() + make_job())
    assert (done.exit_code, done.output, done.error) == (7, b"", "one\\u001b[31m\n")


@pytest.mark.parametrize("name", ["a\x1b[31m.yaml", "a\nb.yaml"], ids=["escape", "line break"])
def test_what_argocd_discovers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / "Chart.yaml").write_text("name: a\n")
    (tmp_path / name).write_text("polyaxon.com/kind: job\n")
    monkeypatch.chdir(tmp_path)
    check(run("argocd", "discover").output.decode(), "./a")


def test_only_the_heads_of_errors_are_coloured() -> None:
    """On a terminal, text from the input adds no colours and forges no error."""
    reader, writer = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "post_renderer", "check", "--persistence", "/dev/null"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=writer, env=environment,
    ) as child:  # fmt: skip
        child.communicate(make_job(annotations='polyaxon.com/project: "\\e[32m\\n\\nerror[forged]"\n').encode())
    os.close(writer)
    text = os.read(reader, 65536).decode().replace("\r\n", "\n")
    os.close(reader)
    heads = text.count("\x1b[31merror[") + text.count("\x1b[33mwarning[")
    assert heads == text.count("\x1b[0m") == text.count("\x1b") // 2 > 0
    plain = text.replace("\x1b[31m", "").replace("\x1b[33m", "").replace("\x1b[0m", "")
    check(plain, "<stdin>:", "/dev/null:", "  hint: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("a\n\tb\n", "a\n\tb\n"), ("é\n", "é\n"), ("a\r\n\x1bb\n\n", "a\\u000d\n\\u001bb\n\n"), ("\udcff", "\\udcff")],
    ids=ascii,
)  # fmt: skip
def test_printable_keeps_lines_and_tabs(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.pure
def test_nothing_else_writes_to_standard_output_or_error() -> None:
    """Only cli.py writes to standard output and error. console writes printable text to the terminal of Helm 4."""
    found = set()
    for path in (ROOT / "post_renderer").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_print = isinstance(node, ast.Name) and node.id == "print"
            is_stream = isinstance(node, ast.Attribute) and ast.unparse(node) in (
                "sys.stdout",
                "sys.stderr",
                "os.write",
            )
            if is_print or is_stream:
                found.add(str(path.relative_to(ROOT / "post_renderer")))
    assert found == {"cli.py", "console/helm_terminal.py"}
