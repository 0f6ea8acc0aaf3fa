"""How reports are saved: by many renders at once, on a full disk, in a wrong place; and what `last-report` says then."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT
from tests.support.process import CLEAN, JOB, PROGRAM, environment, start

UNKNOWN = make_catalog() + make_job("environment: {persistence: {data: [x]}}\n")
OLDER = UNKNOWN.replace("[x]", "[older]")
WARNING = (make_catalog() + JOB % ("data1", "outputs1")).encode()  # read-only outputs
NOT_KEPT = b"There is no saved report. No render had an error or a warning, or the report could not be saved.\n"
LOST = " could not be saved. The render said why on standard error.\n"


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the reports."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "polyaxon-persistence" / "reports"


def start_shell(script: str, folder: Path, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$P`` is the program."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "P": f"{sys.executable} -m post_renderer", **more}
    return subprocess.run(
        ["sh", "-c", script], input=stdin, cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_30_renders_at_once_leave_20_whole_reports(tmp_path: Path) -> None:
    jobs = [JOB.replace("train", f"train-{number}") % ("x", "outputs-foo") for number in range(30)]
    children = [
        subprocess.Popen(
            PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path)
        )
        for _ in jobs
    ]
    for child, job in zip(children, jobs, strict=True):  # they all start to read before the first one ends
        assert child.stdin
        child.stdin.write((make_catalog() + job).encode())
        child.stdin.close()
        child.stdin = None
    said = set()
    for child in children:
        output, error = child.communicate(timeout=120)
        assert (child.returncode, output) == (1, b"")
        said.add(error)
    assert len(said) == 30
    assert [error for error in said if error.count(b"error[unknown-volume]") != 1 or b"note:" in error] == []
    files = [*(tmp_path / "polyaxon-persistence" / "reports").iterdir()]
    assert len(files) == 20
    texts = {path.read_bytes().split(b"\n\n", 1)[1] for path in files}
    assert len(texts) == 20
    assert texts <= said
    assert len(start("last-report", "--list", state=tmp_path).stdout.splitlines()) == 21


def test_only_the_owner_can_read_a_report_and_nobody_can_guess_its_name(reports: Path) -> None:
    for _ in range(2):
        assert run(stdin=UNKNOWN).exit_code == 1
    names = os.listdir(reports)
    assert len({name.split("-")[1] for name in names}) == 2
    assert not any(str(os.getpid()) in name.split("-")[1] for name in names)
    assert {stat.S_IMODE(path.stat().st_mode) for path in reports.iterdir()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (reports, reports.parent)} == {0o700}


def test_a_clock_that_was_put_back_hides_no_report(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(stdin=OLDER).exit_code == 1
    monkeypatch.setattr("time.time_ns", lambda: 10**18)
    for _ in range(21):
        assert run(stdin=UNKNOWN).exit_code == 1
        assert b'"x"' in run("last-report").output
    assert len(os.listdir(reports)) == 20
    assert run("last-report").output.startswith(b"time: 2001-09-09T")


def test_what_a_killed_render_or_an_earlier_version_left_is_deleted(reports: Path) -> None:
    reports.mkdir(parents=True)
    files = {
        name: reports / name for name in (".polyaxon-persistence.new", ".polyaxon-persistence.old", "mine", "1-mine")
    }
    files["last-report"] = reports.parent / "last-report"
    for path in files.values():
        path.write_text("old\n")
        if "new" not in path.name:
            os.utime(path, (10**9, 10**9))
    assert b"old" not in run("last-report").output
    assert run(stdin=UNKNOWN).exit_code == 1
    assert {name for name, path in files.items() if path.exists()} == {".polyaxon-persistence.new", "mine", "1-mine"}


# A report that can't be saved


def test_a_full_disk_hides_the_older_report(reports: Path, tmp_path: Path) -> None:
    assert run(stdin=OLDER).exit_code == 1
    for number in (1, 2):
        # No file may grow, as on a full disk. The limit does not apply to the pipes of the test.
        done = start_shell("ulimit -f 0; $P", tmp_path, UNKNOWN)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] == f"note: the report could not be saved in {reports}: File too large"
        assert len(os.listdir(reports)) == 1 + number
        asked = run("last-report")
        assert (asked.exit_code, asked.error) == (0, "")
        assert asked.output.decode().startswith("The report of 2")
        assert LOST in asked.output.decode()
        assert b"older" not in asked.output
    lines = run("last-report", "--list").output.decode().splitlines()
    assert [line.split(maxsplit=5)[5] for line in lines[1:]] == ["(the report could not be saved)"] * 2 + [os.getcwd()]
    assert b'"older"' in run("last-report", "3").output
    assert run(stdin=UNKNOWN).exit_code == 1
    assert b'"x"' in run("last-report").output


def test_reports_that_are_not_saved_delete_no_saved_report(reports: Path, tmp_path: Path) -> None:
    for _ in range(20):
        assert run(stdin=OLDER).exit_code == 1
    start_shell("ulimit -f 0; for i in 1 2 3; do $P < ../stream; done", make_stream(tmp_path))
    assert len(os.listdir(reports)) == 23
    for number in range(30):
        (reports / f"{10**18 + number:020d}-0.not-saved").touch()
    start_shell("ulimit -f 0; $P", tmp_path, UNKNOWN)
    assert len(os.listdir(reports)) == 40
    assert len([name for name in os.listdir(reports) if name.endswith(".not-saved")]) == 20


def make_stream(folder: Path) -> Path:
    (folder / "stream").write_text(UNKNOWN)
    (folder / "directory").mkdir()
    return folder / "directory"


def refuse_new_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system without inodes."""
    really = os.open

    def refuse(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)


def test_where_no_file_can_be_created_the_oldest_one_is_the_mark(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("oldest", "older"):
        assert run(stdin=OLDER.replace("older", name)).exit_code == 1
    with monkeypatch.context() as patch:
        refuse_new_files(patch)
        for _ in range(2):
            done = run(stdin=UNKNOWN)
            assert done.exit_code == 1
            assert done.error.endswith(f"note: the report could not be saved in {reports}: No space left on device\n")
            assert LOST in run("last-report").output.decode()
            assert b'"older"' in run("last-report", "2").output
    assert len(os.listdir(reports)) == 2


def test_a_report_that_can_t_get_its_name_leaves_no_other_file(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    assert run(stdin=UNKNOWN).error.endswith("No space left on device\n")
    (name,) = os.listdir(reports)
    assert name.endswith(".not-saved")


def test_where_nothing_can_be_changed_no_report_is_the_last_one(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    assert run(stdin=OLDER).exit_code == 1
    monkeypatch.setattr(os, "access", lambda path, mode: not (path == str(reports) and mode & os.W_OK))
    with monkeypatch.context() as patch:
        refuse_new_files(patch)
        patch.setattr(os, "rename", refuse)
        patch.setattr(os, "unlink", refuse)
        assert run(stdin=UNKNOWN).error.endswith("No space left on device\n")
    asked = run("last-report")
    assert (asked.exit_code, asked.error) == (0, "")
    first, second = asked.output.decode().splitlines()
    assert first == f"this user can't write to the directory {reports}, so newer reports may be missing."
    assert second == "last-report --list lists all saved reports, and last-report N prints one of them."
    note = f"note: this user can't write to the directory {reports}, so newer reports may be missing\n"
    asked = run("last-report", "1")
    assert (asked.exit_code, asked.error) == (0, note)
    assert b'"older"' in asked.output
    assert run("last-report", "--list").error == note


def test_a_place_that_can_t_be_written_is_named(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not (path == str(reports.parent.parent) and mode & os.W_OK))
    for words in ((), ("--list",)):
        error = (
            f"note: this user can't write to the directory {reports.parent.parent}, so newer reports may be missing\n"
        )
        assert run("last-report", *words) == (0, NOT_KEPT, error)


def test_a_file_in_the_place_of_the_directory(tmp_path: Path) -> None:
    locked = tmp_path / "file"
    locked.write_text("")  # root may write into any directory, but nobody below a file
    done = start(stdin=WARNING, state=locked)
    assert done.returncode == 0
    assert done.stdout
    where = locked / "polyaxon-persistence" / "reports"
    assert done.stderr.decode().splitlines()[-1] == f"note: the report could not be saved in {where}: Not a directory"
    assert start(stdin=CLEAN, state=locked).stderr == b""
    asked = start("last-report", state=locked)
    assert (asked.returncode, asked.stdout) == (2, b"")
    assert f"the reports can't be read from {where}: Not a directory" in asked.stderr.decode()


def test_a_relative_state_directory_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a container with an unknown user looks like
    monkeypatch.chdir(tmp_path)
    done = start(stdin=WARNING, state=Path("relative"), HOME="unknown")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines()[-1] == "note: the report could not be saved: set HOME or XDG_STATE_HOME"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("home", ["HOME=unknown", "HOME="])
def test_without_a_home_no_report_can_be_saved(tmp_path: Path, home: str) -> None:
    done = start_shell(f"unset XDG_STATE_HOME; {home} $P", tmp_path, UNKNOWN)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "note: the report could not be saved: set HOME or XDG_STATE_HOME"
    for words in ("", "1", "--list"):
        asked = start_shell(f"unset XDG_STATE_HOME; {home} $P last-report {words}", tmp_path)
        assert (asked.returncode, asked.stdout) == (2, "")
        assert asked.stderr.splitlines() == [
            "polyaxon-persistence: no report can be saved here",
            "  hint: set HOME or XDG_STATE_HOME to an absolute path",
        ]
    assert os.listdir(tmp_path) == []


# A new report gets a larger number than the last one.
NO_TIMES = [10**20 - 1, 1 << 63, (1 << 63) - 1, (1 << 63) - 2, 6 * 10**18]  # the last one is in 2160


@pytest.mark.parametrize("number", NO_TIMES)
def test_a_file_with_a_number_that_is_no_time_does_not_hide_new_reports(number: int, reports: Path) -> None:
    reports.mkdir(parents=True)
    (reports / f"{number:020d}-x").write_text("foreign")
    for _ in range(25):
        run(stdin=UNKNOWN)
    assert b'"x"' in run("last-report").output
    assert len(run("last-report", "--list").output.splitlines()) == 1 + 20
    assert len(os.listdir(reports)) == 1 + 20
    assert (reports / f"{number:020d}-x").read_text() == "foreign"


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("wrong", [0, 10**18, 2 * 10**18, 4 * 10**18])
def test_a_clock_that_is_wrong_for_a_time_hides_no_report(wrong: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a battery, a clock starts in 1970. 4 * 10**18 is in 2096."""
    run(stdin=OLDER)
    with monkeypatch.context() as patch:
        patch.setattr("time.time_ns", lambda: wrong)
        run(stdin=OLDER.replace("older", "wrong"))
        assert b'"wrong"' in run("last-report").output
    run(stdin=UNKNOWN)
    for number, name in ("1", b'"x"'), ("2", b'"wrong"'), ("3", b'"older"'):
        assert name in run("last-report", number).output


@pytest.mark.usefixtures("reports")
def test_a_report_is_saved_in_a_directory_that_can_t_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mode of the directory is 300 for a time. Root can list it, so `listdir` fails as for another user."""

    def refuse(path: str) -> list[str]:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    run(stdin=OLDER)
    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", refuse)
        assert "note:" not in run(stdin=UNKNOWN).error
    assert b'"x"' in run("last-report", "1").output
    assert b'"older"' in run("last-report", "2").output


@pytest.mark.parametrize("below", [True, False])
def test_a_file_in_the_place_of_the_directory_is_named(reports: Path, *, below: bool) -> None:
    path = reports if below else reports.parent
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    note = f"note: the report could not be saved, because {path} is a file, not a directory\n"
    assert run(stdin=UNKNOWN).error.endswith(note)


# Links, pipes and directories in the place of a report


def test_no_link_is_followed(reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.write_text("mine\n")
    reports.mkdir(parents=True)
    monkeypatch.setattr(os, "urandom", bytes)  # now the names can be guessed
    monkeypatch.setattr("time.time_ns", lambda: 10**18)
    beside = reports / f".polyaxon-persistence.{bytes(8).hex()}"
    name = reports / f"{10**18:020d}-{bytes(8).hex()}"
    lost = reports / f"{10**18 + 1:020d}-{bytes(8).hex()}.not-saved"
    for link in (beside, name, lost):
        link.symlink_to(other)
    asked = run("last-report", "2")
    assert (asked.exit_code, asked.output) == (2, b"")
    assert asked.error.startswith(f"polyaxon-persistence: the report can't be read from {name}: ")
    assert b"(the report can't be read)" in run("last-report", "--list").output
    assert run(stdin=UNKNOWN).error.endswith(f"note: the report could not be saved in {reports}: File exists\n")
    beside.unlink()
    assert run(stdin=UNKNOWN).error.count("note:") == 0
    assert b'"x"' in run("last-report").output
    assert other.read_text() == "mine\n"


def test_a_link_in_the_place_of_a_mark_is_not_followed(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link_mark(size: int) -> bytes:
        """Create the link after the render listed the directory."""
        if not mark.is_symlink():
            mark.symlink_to(tmp_path / "other")
        return bytes(size)

    mark = reports / f"{10**18:020d}-{bytes(8).hex()}.not-saved"
    reports.mkdir(parents=True)
    (reports / f".polyaxon-persistence.{bytes(8).hex()}").touch()
    monkeypatch.setattr(os, "urandom", link_mark)
    monkeypatch.setattr("time.time_ns", lambda: 10**18)
    assert run(stdin=UNKNOWN).error.endswith("File exists\n")
    assert not (tmp_path / "other").exists()
    assert mark.is_symlink()


def test_a_link_in_the_place_of_the_directory_is_not_followed(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    reports.parent.mkdir()
    reports.symlink_to(tmp_path / "other")
    assert run(stdin=UNKNOWN).error.endswith(
        f"note: the report could not be saved, because {reports} is a symbolic link\n"
    )
    assert os.listdir(tmp_path / "other") == []
    asked = run("last-report")
    assert (asked.exit_code, asked.output) == (2, b"")
    assert f"the reports can't be read from {reports}: Is a symbolic link" in asked.error


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_or_a_directory_in_its_place_does_not_wait(make: object, reports: Path, tmp_path: Path) -> None:
    reports.mkdir(parents=True)
    path = reports / f"{10**18:020d}-0"
    assert callable(make)
    make(path)
    asked = start_shell("timeout 20 $P last-report", tmp_path)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.startswith(f"polyaxon-persistence: the report can't be read from {path}: ")
    assert run(stdin=UNKNOWN).exit_code == 1
    assert b'"x"' in run("last-report").output


def test_a_report_that_is_empty_counts_as_not_saved(reports: Path) -> None:
    """As after a power failure."""
    assert run(stdin=OLDER).exit_code == 1
    (path,) = reports.iterdir()
    path.write_text("")
    assert LOST in run("last-report").output.decode()


def test_a_report_has_a_limit(reports: Path, tmp_path: Path) -> None:
    program = tmp_path / "talk"
    program.write_text("#!/bin/sh\necho first >&2; head -c 3000000 /dev/zero | tr '\\0' x >&2; echo last >&2; exit 1\n")
    program.chmod(0o755)
    result = run("--then", str(program), stdin=CLEAN)
    assert result.exit_code == 1
    assert len(result.error) > 3_000_000
    (report,) = reports.iterdir()
    text = report.read_text()
    assert 1_000_000 < len(text) < 1_100_000
    assert "\nfirst\n" in text
    assert text.endswith("last\n")
    assert " bytes are not saved) …\n" in text
