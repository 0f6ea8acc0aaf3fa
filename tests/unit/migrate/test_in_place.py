"""`migrate --in-place` writes all files or none. If that fails, it reports which ones it wrote."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from post_renderer.console.write_file import write_beside
from post_renderer.migrate.file import MigratedFile
from tests.support.cli import run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

OLD = "persistence: {logs: {}}\n"


def make_files(folder: Path, *names: str, text: str = OLD) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text(text)
    return paths


def start(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``$P`` is the program. Shell limits apply to root, too; file modes do not."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "P": f"{sys.executable} -m post_renderer"}
    return subprocess.run(["sh", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_nothing_is_written_if_one_file_can_t_be(tmp_path: Path) -> None:
    small, large = make_files(tmp_path, "a.yaml", "b.yaml")
    large.write_text(OLD + "# much\n" * 1000)
    before = large.read_text()
    done = start("ulimit -f 1; $P migrate --in-place a.yaml b.yaml", tmp_path)  # no file may grow over one block
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "polyaxon-persistence: b.yaml can't be written: File too large",
        "  hint: make the file and its directory writable, or leave out --in-place (no file was changed)",
    ]
    assert (small.read_text(), large.read_text()) == (OLD, before)
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b.yaml"]


def test_a_file_that_is_read_only_is_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = make_files(tmp_path, "a.yaml", "b.yaml")
    paths[1].chmod(0o444)
    really = os.open

    def open_as_other_user(path: str, flags: int, *more: int) -> int:  # root may write into any file
        if path == str(paths[1]) and flags & (os.O_WRONLY | os.O_RDWR):
            raise PermissionError(13, "Permission denied")
        return really(path, flags, *more)

    monkeypatch.setattr(os, "open", open_as_other_user)
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (2, b"")
    assert f"{paths[1]} can't be written: Permission denied\n  hint: " in result.error
    assert result.error.endswith("(no file was changed)\n")
    assert [path.read_text() for path in paths] == [OLD, OLD]
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_late_failure_names_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int) -> None:
    paths = make_files(tmp_path, "a.yaml", "b.yaml", "c.yaml")
    really = os.replace

    def fail(source: str, target: str) -> None:
        if target == str(paths[failing]):
            raise OSError(5, "Input/output error")
        really(source, target)

    monkeypatch.setattr(os, "replace", fail)
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (2, b"")
    written = [str(path) for path in paths if path.read_text() != OLD]
    assert written == [str(path) for path in paths[:failing]]
    message, hint = result.error.splitlines()
    assert message.startswith(f"polyaxon-persistence: {paths[failing]} can't be written: Input/output error")
    if written:
        rest = ", ".join(map(str, paths[failing:]))
        assert message.endswith(f"; written: {', '.join(written)}; unchanged: {rest}")
        assert hint == "  hint: run the same command again: it does not change a file that is already migrated"
    else:
        assert hint.endswith(" (no file was changed)")
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b.yaml", "c.yaml"]


def test_a_disk_that_becomes_read_only_hides_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the new files can't be removed either."""
    paths = make_files(tmp_path, "a.yaml", "b.yaml")
    really = os.replace

    def fail(*_: str) -> None:
        raise OSError(30, "Read-only file system")

    def replace_once(source: str, target: str) -> None:
        really(source, target)
        monkeypatch.setattr(os, "replace", fail)
        monkeypatch.setattr(os, "unlink", fail)

    monkeypatch.setattr(os, "replace", replace_once)
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (2, b"")
    assert f"Read-only file system; written: {paths[0]}; unchanged: {paths[1]}\n  hint: " in result.error


def test_a_file_that_changed_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = make_files(tmp_path, "a.yaml", "b.yaml")

    def edit(path: str, raw: bytes, name: str, *_: object) -> MigratedFile:
        paths[1].write_text("persistence: {logs: {}} # an editor saved it\n")
        return MigratedFile(path, raw, name)

    monkeypatch.setattr("post_renderer.commands.migrate.MigratedFile", edit)
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.splitlines() == [
        f"polyaxon-persistence: {paths[1]} was changed after migrate read it",
        "  hint: run the same command again (no file was changed)",
    ]
    assert paths[0].read_text() == OLD
    assert "editor" in paths[1].read_text()


def test_a_hard_link_is_not_cut(tmp_path: Path) -> None:
    first, other = make_files(tmp_path, "a.yaml", "b.yaml")
    (tmp_path / "same.yaml").hardlink_to(other)
    result = run("migrate", "--in-place", str(first), str(other))
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.splitlines() == [
        f"polyaxon-persistence: {other} has 2 hard links; migrate would change the file under this name only",
        "  hint: make a copy and migrate the copy, or leave out --in-place (no file was changed)",
    ]
    assert (first.read_text(), other.read_text(), other.stat().st_nlink) == (OLD, OLD, 2)
    assert run("migrate", str(other)).exit_code == 0


def test_a_long_file_name(tmp_path: Path) -> None:
    (path,) = make_files(tmp_path, "v" * 250 + ".yaml")
    assert run("migrate", "--in-place", str(path)).exit_code == 0
    assert path.read_text() != OLD
    assert os.listdir(tmp_path) == [path.name]


def test_owner_group_mode_and_attributes_stay(tmp_path: Path) -> None:
    (path,) = make_files(tmp_path, "values.yaml")
    path.chmod(0o640)
    os.setxattr(path, "user.note", b"kept")
    if os.geteuid() == 0:  # others can't give a directory, whose files get its group, to another group
        os.chown(tmp_path, -1, 1)
    tmp_path.chmod(0o2755)
    before = path.stat()
    assert run("migrate", "--in-place", str(path)).exit_code == 0
    after = path.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (before.st_uid, before.st_gid, 0o640)
    assert os.getxattr(path, "user.note") == b"kept"
    assert after.st_mtime_ns > before.st_mtime_ns


def test_an_interrupt_leaves_nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = make_files(tmp_path, "a.yaml", "b.yaml")
    really = os.fsync
    calls = []

    def interrupt(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise KeyboardInterrupt
        really(descriptor)

    monkeypatch.setattr(os, "fsync", interrupt)
    assert run("migrate", "--in-place", *map(str, paths)).exit_code == 130
    assert [path.read_text() for path in paths] == [OLD, OLD]
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b.yaml"]


def test_an_interrupt_while_files_are_replaced_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = make_files(tmp_path, "a.yaml", "b.yaml")
    really = os.replace

    def interrupt(source: str, target: str) -> None:
        really(source, target)
        if target == str(paths[0]):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "replace", interrupt)
    assert run("migrate", "--in-place", *map(str, paths)).exit_code == 130
    assert all(path.read_text() != OLD for path in paths)
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b.yaml"]


# Starts migrate, and sends it a signal after some new files are written or after some old files are replaced.
KILLED = """\
import os, signal, sys
from post_renderer.cli import main
done = []
def then(name, real):
    def call(*given):
        real(*given)
        done.append(name)
        if done.count(sys.argv[1]) == 2 and name == sys.argv[1]:
            os.kill(os.getpid(), int(sys.argv[2]))
    return call
os.fsync, os.replace = then("fsync", os.fsync), then("replace", os.replace)
sys.exit(main(["migrate", "--in-place", *sys.argv[3:]]))
"""


def kill(folder: Path, call: str, number: int, before: str = "") -> tuple[int, list[str], list[str]]:
    """Return the exit code, the names in the directory, and those of the migrated files. ``before``: a line of shell."""
    paths = make_files(folder, *(f"{letter}.yaml" for letter in "abcd"))
    command = [sys.executable, "-c", KILLED, call, str(number), *(path.name for path in paths)]
    shell = ["sh", "-c", f'{before}exec "$@"', "sh", *command]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(shell, cwd=folder, env=env, capture_output=True, check=False)
    return done.returncode, sorted(os.listdir(folder)), [path.name for path in paths if path.read_text() != OLD]


NAMES = ["a.yaml", "b.yaml", "c.yaml", "d.yaml"]


@pytest.mark.parametrize(("call", "migrated"), [("fsync", []), ("replace", NAMES)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_leaves_all_files_or_none(tmp_path: Path, number: int, call: str, migrated: list[str]) -> None:
    code = 130 if number == signal.SIGINT else -number
    assert kill(tmp_path, call, number, "ulimit -c 0; ") == (code, NAMES, migrated)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_ignored_signal_changes_nothing(tmp_path: Path, call: str) -> None:
    """As under nohup."""
    assert kill(tmp_path, call, signal.SIGHUP, "trap '' HUP; ") == (0, NAMES, NAMES)


@pytest.mark.parametrize("output", [">&-", "> /dev/full"])
def test_output_that_can_t_be_written_names_the_written_files(tmp_path: Path, output: str) -> None:
    paths = make_files(tmp_path, "a.yaml", "b.yaml")
    done = start(f"$P migrate --in-place a.yaml b.yaml {output}", tmp_path)
    assert done.returncode == 2
    assert all(path.read_text() != OLD for path in paths)
    error = done.stderr.splitlines()
    assert error[-2].startswith("polyaxon-persistence: standard output can't be written: ")
    assert error[-1] == "  hint: all files are written: a.yaml, b.yaml"


def test_an_edit_while_the_other_new_files_are_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow disk needs seconds for many files."""
    paths = make_files(tmp_path, "a.yaml", "b.yaml")
    really = write_beside

    def write(path: str, content: bytes, *, like_it: bool = False) -> str:
        if path == str(paths[1]):
            paths[0].write_text("persistence: {logs: {}} # an editor saved it\n")
        return really(path, content, like_it=like_it)

    monkeypatch.setattr("post_renderer.migrate.in_place.write_beside", write)
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (2, b"")
    assert f"{paths[0]} was changed after migrate read it\n" in result.error
    assert "editor" in paths[0].read_text()
    assert paths[1].read_text() == OLD
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "b.yaml"]
