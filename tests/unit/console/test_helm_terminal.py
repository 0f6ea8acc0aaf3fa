"""What Helm 4 shows of a report: it hides the standard error of a plugin, so the program writes to Helm's own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from post_renderer.console import helm_terminal
from tests.support.cli import make_catalog
from tests.support.process import BROKEN, CLEAN, JOB, PROGRAM, environment, read_terminal, start

if TYPE_CHECKING:
    from pathlib import Path

WARNING = (make_catalog() + JOB % ("data1", "outputs1")).encode()  # read-only outputs


# Helm 4 in small: it takes a plugin's standard error away and never shows it.
SWALLOW = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], stderr=subprocess.PIPE).returncode)"


HELM_4 = [sys.executable, "-c", SWALLOW, *PROGRAM]


PLUGIN = {"HELM_PLUGIN_NAME": "polyaxon-persistence"}


def start_helm_4(*arguments: str, stdin: bytes, state: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*HELM_4, *arguments], input=stdin, env=environment(state, **more), capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize(("stdin", "code"), [(BROKEN, 1), (WARNING, 0)])
def test_helm_4s_pipe_gets_problems(tmp_path: Path, stdin: bytes, code: int) -> None:
    said = start(stdin=stdin, state=tmp_path).stderr
    assert said
    done = start_helm_4(stdin=stdin, state=tmp_path, **PLUGIN)
    assert (done.returncode, done.stderr) == (code, said)
    assert start_helm_4(stdin=stdin, state=tmp_path).stderr == b""  # without the name it is Helm 3, which prints it


def test_helm_4s_pipe_gets_usage_errors(tmp_path: Path) -> None:
    done = start_helm_4("--persistence", "x", stdin=CLEAN, state=tmp_path, **PLUGIN)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"polyaxon-persistence: --persistence x: No such file")


def test_helm_4s_terminal_gets_problems(tmp_path: Path) -> None:
    said = start(stdin=BROKEN, state=tmp_path).stderr.decode()
    ours, theirs = pty.openpty()
    env = environment(tmp_path, **PLUGIN)
    done = subprocess.run(HELM_4, input=BROKEN, env=env, stdout=subprocess.PIPE, stderr=theirs, check=False, timeout=60)
    os.close(theirs)
    assert (done.returncode, done.stdout) == (1, b"")
    assert read_terminal(ours) == said


@pytest.mark.parametrize("target", ["/dev/null", "file"])
def test_helm_4_with_its_error_output_elsewhere(tmp_path: Path, target: str) -> None:
    # No terminal either (a session of its own): the report is all that is left.
    env = environment(tmp_path / "state", **PLUGIN)
    with open(tmp_path / target, "wb") as file:
        done = subprocess.run(
            HELM_4, input=BROKEN, env=env, stdout=subprocess.PIPE, stderr=file, check=False, start_new_session=True,
            timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, b"")
    assert target == "/dev/null" or (tmp_path / target).read_bytes() == b""
    assert b"unknown-volume" in start("last-report", state=tmp_path / "state").stdout


def test_helm_4_with_a_pipe_that_is_full(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writer, True)
    env = environment(tmp_path, **PLUGIN)
    done = subprocess.run(HELM_4, input=BROKEN, env=env, stderr=writer, check=False, timeout=60, start_new_session=True)
    os.close(reader)
    os.close(writer)
    assert done.returncode == 1


def test_helm_4s_pipe_gets_the_reason_why_a_report_is_not_saved(tmp_path: Path) -> None:
    (tmp_path / "polyaxon-persistence").write_text("")
    said = start(stdin=BROKEN, state=tmp_path).stderr
    assert b"\nnote: the report could not be saved, because " in said
    assert start_helm_4(stdin=BROKEN, state=tmp_path, **PLUGIN).stderr == said


def test_a_terminal_gets_a_long_report_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    text = "".join(f"{number} {'x' * 60}\n" for number in range(2000))
    read: list[bytes] = []

    def read_slowly() -> None:
        while len(b"".join(read)) < len(text) + 2000:  # each line ends in two characters on a terminal
            time.sleep(0.002)
            read.append(os.read(ours, 4096))

    reader = threading.Thread(target=read_slowly, daemon=True)
    reader.start()
    monkeypatch.setattr(os, "getppid", lambda: "self")
    saved = os.dup(2)
    os.dup2(theirs, 2)
    try:
        helm_terminal.write_to_helm_terminal(text)
    finally:
        os.dup2(saved, 2)
        os.close(saved)
    reader.join(timeout=20)
    os.close(theirs)
    os.close(ours)
    assert b"".join(read).decode().replace("\r\n", "\n") == text
