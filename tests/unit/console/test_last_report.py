"""The kept report, and what Helm 4 shows of it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import make_catalog
from tests.support.process import BROKEN, CLEAN, JOB, PROGRAM, environment, read_terminal, start

WARNING = (make_catalog() + JOB % ("data1", "outputs1")).encode()  # read-only outputs


def test_last_report(tmp_path: Path) -> None:
    nothing = b"The last render had nothing to report.\n"
    assert start("last-report", state=tmp_path).stdout == nothing
    failed = start(stdin=BROKEN, state=tmp_path)
    report = start("last-report", state=tmp_path).stdout
    assert report.startswith(b"Reported on 20")
    assert report.split(b"\n", 1)[1] == failed.stderr
    warned = start(stdin=WARNING, state=tmp_path)
    assert (warned.returncode, warned.stderr[:26]) == (0, b"warning[read-only-outputs]")
    assert warned.stdout.startswith(make_catalog().encode())
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == warned.stderr
    assert start("check", stdin=BROKEN, state=tmp_path).returncode == 1  # not a render: the report stays
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == warned.stderr
    assert start(stdin=CLEAN, state=tmp_path).returncode == 0
    assert start("last-report", state=tmp_path).stdout == nothing
    wrong = start("--persistence", "missing.yaml", stdin=CLEAN, state=tmp_path)
    assert wrong.returncode == 2
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == wrong.stderr


def test_strict_takes_warnings_for_problems(tmp_path: Path) -> None:
    done = start("--strict", stdin=WARNING, state=tmp_path)
    assert (done.returncode, done.stdout, done.stderr[:24]) == (1, b"", b"error[read-only-outputs]")


def test_a_report_that_can_not_be_kept(tmp_path: Path) -> None:
    locked = tmp_path / "file"
    locked.write_text("")  # root may write into any folder, but nobody below a file
    done = start(stdin=WARNING, state=locked)
    assert done.returncode == 0
    assert done.stdout
    where = locked / "polyaxon-persistence" / "last-report"
    last = done.stderr.decode().splitlines()[-1]
    assert last == f"note: the report could not be saved in {where}: Not a directory"
    assert start(stdin=CLEAN, state=locked).stderr == b""
    asked = start("last-report", state=locked)
    assert (asked.returncode, asked.stdout) == (2, b"")
    assert b"can't be read" in asked.stderr


def test_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a container with an unknown user looks like; a relative XDG_STATE_HOME is to be ignored.
    monkeypatch.chdir(tmp_path)
    done = start(stdin=WARNING, state=Path("relative"), HOME="unknown")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines()[-1] == "note: the report could not be saved: set HOME or XDG_STATE_HOME"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_report_is_printed_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "polyaxon-persistence"
    folder.mkdir()
    (folder / "last-report").write_bytes(b"\xff\n")
    assert start("last-report", state=tmp_path).stdout.decode().endswith("\n\ufffd\n")


def test_two_renders_at_once_leave_one_whole_report(tmp_path: Path) -> None:
    stdin = (make_catalog() + "".join(JOB.replace("train", f"train-{n}") % ("x", "y") for n in range(50))).encode()
    children = [
        subprocess.Popen(
            PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(tmp_path)
        )
        for _ in range(4)
    ]
    errors = {child.communicate(stdin, timeout=60)[1] for child in children}
    assert len(errors) == 1
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == errors.pop()
    assert [path.name for path in (tmp_path / "polyaxon-persistence").iterdir()] == ["last-report"]


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
