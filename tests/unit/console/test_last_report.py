"""The saved report: the last one, none, or why it could not be saved; no other file; and what Helm 4 shows of it."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from post_renderer.console import last_report
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import codes, places
from tests.support.paths import ROOT
from tests.support.process import BROKEN, CLEAN, JOB, PROGRAM, environment, read_terminal, start

WARNING = (make_catalog() + JOB % ("data1", "outputs1")).encode()  # read-only outputs


def test_last_report(tmp_path: Path) -> None:
    nothing = b"The last render had nothing to report.\n"
    failed = start(stdin=BROKEN, state=tmp_path)
    report = start("last-report", state=tmp_path).stdout
    assert report.startswith(b"Reported on 20")
    assert report.split(b"\n", 1)[1] == failed.stderr
    (kept,) = (path for path in tmp_path.rglob("*") if path.is_file())
    os.utime(kept, (1_000_000_000, 1_000_000_000))
    then = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1_000_000_000))
    assert start("last-report", state=tmp_path).stdout.startswith(f"Reported on {then}:\n".encode())
    warned = start(stdin=WARNING, state=tmp_path)
    assert (warned.returncode, codes(warned.stderr.decode())) == (0, ["read-only-outputs"])
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
    assert (done.returncode, done.stdout, codes(done.stderr.decode())) == (1, b"", ["read-only-outputs"])
    assert places(done.stderr.decode()) == ["<stdin>:25"]


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


# Where the report is saved, and when it can't be saved

UNKNOWN = make_catalog() + make_job("environment: {persistence: {data: [x]}}\n")
VALID = make_catalog() + make_job()
NOTHING = b"The last render had nothing to report.\n"
NOT_KEPT = b"No report is saved: no render has run here yet, or its report could not be saved.\n"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the report."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "polyaxon-persistence" / "last-report"


def start_shell(script: str, folder: Path, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$P`` is the program."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "P": f"{sys.executable} -m post_renderer", **more}
    return subprocess.run(
        ["sh", "-c", script], input=stdin, cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_nothing_to_report_needs_a_render(kept: Path) -> None:
    assert run("last-report").output == NOT_KEPT
    assert run(stdin=VALID).exit_code == 0
    assert run("last-report").output == NOTHING
    kept.unlink()
    assert run("last-report").output == NOT_KEPT


def test_a_full_disk_leaves_no_file_and_no_older_report(kept: Path, tmp_path: Path) -> None:
    assert run(stdin=UNKNOWN).exit_code == 1
    # No file may grow, as on a full disk. The limit does not apply to the pipes of the test.
    done = start_shell("ulimit -f 0; $P", tmp_path, UNKNOWN)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"note: the report could not be saved in {kept}: File too large"
    assert os.listdir(kept.parent) == []
    assert run("last-report").output == NOT_KEPT


def test_a_full_disk_and_nothing_to_report(kept: Path, tmp_path: Path) -> None:
    assert run(stdin=UNKNOWN).exit_code == 1
    assert start_shell("ulimit -f 0; $P", tmp_path, VALID).stderr == ""
    assert os.listdir(kept.parent) == ["last-report"]
    assert run("last-report").output == NOTHING


@pytest.mark.parametrize("home", ["HOME=unknown", "HOME="])
def test_without_a_home_no_report_can_be_saved(tmp_path: Path, home: str) -> None:
    done = start_shell(f"unset XDG_STATE_HOME; {home} $P", tmp_path, UNKNOWN)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "note: the report could not be saved: set HOME or XDG_STATE_HOME"
    asked = start_shell(f"unset XDG_STATE_HOME; {home} $P last-report", tmp_path)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.splitlines() == [
        "polyaxon-persistence: no report can be saved here",
        "  hint: set HOME or XDG_STATE_HOME to an absolute path",
    ]
    assert os.listdir(tmp_path) == []


def test_nobody_can_guess_the_name_of_the_new_file(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    really = os.replace

    def replace(source: str, target: str) -> None:
        names.append(source)
        really(source, target)

    monkeypatch.setattr(os, "replace", replace)
    for _ in range(2):
        assert run(stdin=UNKNOWN).exit_code == 1
    assert len(set(names)) == 2
    assert not any(str(os.getpid()) in os.path.basename(name) for name in names)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_no_link_is_followed(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.write_text("mine\n")
    kept.parent.mkdir()
    monkeypatch.setattr(os, "urandom", bytes)  # now the name can be guessed
    beside = kept.parent / f".polyaxon-persistence.{bytes(8).hex()}"
    for link in (beside, kept.parent / f"last-report.{os.getpid()}"):
        link.symlink_to(other)
    result = run(stdin=UNKNOWN)
    assert result.error.endswith(f"note: the report could not be saved in {kept}: File exists\n")
    beside.unlink()
    for stdin, exit_code in ((UNKNOWN, 1), (VALID, 0)):
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
    result = run(stdin=UNKNOWN)
    assert result.error.endswith(f"note: the report could not be saved in {kept}: Is a directory\n")
    assert os.listdir(kept.parent) == ["last-report"]
    assert run("last-report").exit_code == 2


def test_a_pipe_in_its_place_does_not_wait(kept: Path, tmp_path: Path) -> None:
    kept.parent.mkdir()
    os.mkfifo(kept)
    asked = start_shell("timeout 20 $P last-report", tmp_path)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.startswith(
        f"polyaxon-persistence: the report can't be read from {kept}: it is not a regular file"
    )
    assert run(stdin=VALID).exit_code == 0
    assert run("last-report").output == NOTHING


def test_a_directory_that_can_t_be_written_is_named(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(stdin=UNKNOWN).exit_code == 1
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
