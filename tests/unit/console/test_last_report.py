"""The kept report: the last one, nothing, or "it could not be kept"; and no other file."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from post_renderer.console import last_report
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = make_catalog() + make_job("environment: {persistence: {data: [x]}}\n")
CLEAN = make_catalog() + make_job()
NOTHING = b"The last render had nothing to report.\n"
NOT_KEPT = b"No report is kept: no render has run here yet, or its report could not be kept.\n"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the report is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "polyaxon-persistence" / "last-report"


def start(script: str, folder: Path, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$P`` is the program."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "P": f"{sys.executable} -m post_renderer", **more}
    return subprocess.run(
        ["sh", "-c", script], input=stdin, cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_nothing_to_report_is_said_of_a_render_only(kept: Path) -> None:
    assert run("last-report").output == NOT_KEPT
    assert run(stdin=CLEAN).exit_code == 0
    assert run("last-report").output == NOTHING
    kept.unlink()
    assert run("last-report").output == NOT_KEPT


def test_a_full_disk_leaves_no_file_and_no_older_report(kept: Path, tmp_path: Path) -> None:
    assert run(stdin=BROKEN).exit_code == 1
    # No file may grow: what a full disk does to one. The pipes of the test are no files.
    done = start("ulimit -f 0; $P", tmp_path, BROKEN)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"note: the report could not be kept in {kept}: File too large"
    assert os.listdir(kept.parent) == []
    assert run("last-report").output == NOT_KEPT


def test_a_full_disk_and_nothing_to_report(kept: Path, tmp_path: Path) -> None:
    assert run(stdin=BROKEN).exit_code == 1
    assert start("ulimit -f 0; $P", tmp_path, CLEAN).stderr == ""
    assert os.listdir(kept.parent) == ["last-report"]
    assert run("last-report").output == NOTHING


@pytest.mark.parametrize("home", ["HOME=unknown", "HOME="])
def test_without_a_home_nothing_can_be_kept(tmp_path: Path, home: str) -> None:
    done = start(f"unset XDG_STATE_HOME; {home} $P", tmp_path, BROKEN)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "note: the report could not be kept: set HOME or XDG_STATE_HOME"
    asked = start(f"unset XDG_STATE_HOME; {home} $P last-report", tmp_path)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.splitlines() == [
        "polyaxon-persistence: no report can be kept here",
        "  hint: set HOME or XDG_STATE_HOME to an absolute path",
    ]
    assert os.listdir(tmp_path) == []


def test_the_new_file_has_a_name_that_nobody_knows(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    really = os.replace

    def replace(source: str, target: str) -> None:
        names.append(source)
        really(source, target)

    monkeypatch.setattr(os, "replace", replace)
    for _ in range(2):
        assert run(stdin=BROKEN).exit_code == 1
    assert len(set(names)) == 2
    assert not any(str(os.getpid()) in os.path.basename(name) for name in names)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_no_link_is_followed(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.write_text("mine\n")
    kept.parent.mkdir()
    monkeypatch.setattr(os, "urandom", bytes)  # the name is known all the same
    beside = kept.parent / f".polyaxon-persistence.{bytes(8).hex()}"
    for link in (beside, kept.parent / f"last-report.{os.getpid()}"):
        link.symlink_to(other)
    result = run(stdin=BROKEN)
    assert result.error.endswith(f"note: the report could not be kept in {kept}: File exists\n")
    beside.unlink()
    for stdin, exit_code in ((BROKEN, 1), (CLEAN, 0)):
        kept.unlink(missing_ok=True)
        kept.symlink_to(other)
        asked = run("last-report")
        assert (asked.exit_code, asked.output) == (2, b"")
        assert b"mine" not in asked.output + asked.error.encode()
        assert run(stdin=stdin).exit_code == exit_code
        assert not kept.is_symlink()
    assert other.read_text() == "mine\n"


def test_a_directory_in_its_place(kept: Path) -> None:
    kept.mkdir(parents=True)
    result = run(stdin=BROKEN)
    assert result.error.endswith(f"note: the report could not be kept in {kept}: Is a directory\n")
    assert os.listdir(kept.parent) == ["last-report"]
    assert run("last-report").exit_code == 2


def test_a_pipe_in_its_place_does_not_wait(kept: Path, tmp_path: Path) -> None:
    kept.parent.mkdir()
    os.mkfifo(kept)
    asked = start("timeout 20 $P last-report", tmp_path)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.startswith(f"polyaxon-persistence: the report can't be read from {kept}: it is not a file")
    assert run(stdin=CLEAN).exit_code == 0
    assert run("last-report").output == NOTHING


def test_a_directory_that_can_t_be_written_is_named(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(stdin=BROKEN).exit_code == 1
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (str(kept.parent), os.W_OK))
    asked = run("last-report")
    assert asked.exit_code == 0
    assert b"unknown-volume" in asked.output
    assert asked.error == f"note: {kept.parent} can't be written, so a later report may be missing\n"


def test_it_prints_no_escapes(kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_bytes(b"\x1b[31ma\tb\nc\rd\n")
    assert run("last-report").output.decode().splitlines()[1:] == ["\\u001b[31ma\tb", "c\\u000dd"]


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
        last_report.write_to_helm_terminal(text)
    finally:
        os.dup2(saved, 2)
        os.close(saved)
    reader.join(timeout=20)
    os.close(theirs)
    os.close(ours)
    assert b"".join(read).decode().replace("\r\n", "\n") == text
