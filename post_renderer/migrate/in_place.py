"""Replaces the user's files by the migrated files: all of them, or none if one can't be written."""

from __future__ import annotations

import os
import signal
import stat
from typing import TYPE_CHECKING

from post_renderer.console import UsageError
from post_renderer.console.write_file import write_beside

if TYPE_CHECKING:
    from post_renderer.migrate.file import MigratedFile

    Identity = tuple[int, int, int, int]

ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
UNCHANGED = "no file was changed"


def write_files(files: list[MigratedFile]) -> None:
    """Replace each file by a new one with the same owner, mode and extended attributes.

    All new files are complete before an old file is replaced. Raises UsageError if a file can't be replaced. Then
    no file was changed, or the message names the changed files.

    A signal that ends the program waits until the next new file is complete, and then until the new files are removed.
    If the first old file is replaced already, the signal waits until all are replaced, because a mix of old and
    migrated files is worse than either.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    waiting = {number for number in ENDING - before if signal.getsignal(number) is not signal.SIG_IGN}
    signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
    try:
        _write_blocked(files, waiting)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _write_blocked(files: list[MigratedFile], waiting: set[signal.Signals]) -> None:
    """Replace the files. ``waiting``: the blocked signals; if one has come, no file is replaced."""
    beside: dict[str, str] = {}
    seen: dict[str, Identity] = {}
    try:
        for file in files:
            if waiting & signal.sigpending():
                raise UsageError("a signal ended migrate", f"run the same command again ({UNCHANGED})")
            seen[file.path] = _check(file)
            try:
                beside[file.path] = write_beside(file.path, file.new, like_it=True)
            except OSError as error:
                raise _unwritable(file.path, error) from None
        for path, identity in seen.items():
            if _find_identity(path) != identity:  # the new files of the others took a while
                raise _changed(path)
        _replace(beside)
    finally:
        for path in beside.values():
            _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # the disk became read-only: the error that is raised already says which files were changed


def _replace(beside: dict[str, str]) -> None:
    """Replace each file by its new file (path -> new file), and remove each finished pair from ``beside``."""
    written: list[str] = []
    for path in list(beside):
        try:
            os.replace(beside[path], path)
        except OSError as error:
            if not written:
                raise _unwritable(path, error) from None
            message = f"{path} can't be written: {error.strerror}"
            message += f"; written: {', '.join(written)}; unchanged: {', '.join(beside)}"
            hint = "run the same command again: it does not change a file that is already migrated"
            raise UsageError(message, hint) from None
        del beside[path]
        written.append(path)


def _check(file: MigratedFile) -> Identity:
    """Check that the file still has the content that was read, and can be replaced. Raises UsageError."""
    path = file.path
    try:
        # Only opening the file finds every reason: its mode, a read-only file system, an immutable file.
        with open(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as now:
            status = os.fstat(now.fileno())
            is_same = stat.S_ISREG(status.st_mode) and now.read(len(file.old) + 1) == file.old
    except OSError as error:
        raise _unwritable(path, error) from None
    if not is_same:
        raise _changed(path)
    if status.st_nlink > 1:
        raise UsageError(
            f"{path} has {status.st_nlink} hard links; migrate would change the file under this name only",
            f"make a copy and migrate the copy, or leave out --in-place ({UNCHANGED})",
        )
    return _identity(status)


def _find_identity(path: str) -> Identity | None:
    try:
        return _identity(os.lstat(path))
    except OSError:
        return None  # somebody removed it


def _identity(status: os.stat_result) -> Identity:
    """Return what is different after each change of a file, and after its replacement by another one."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _changed(path: str) -> UsageError:
    return UsageError(f"{path} was changed after migrate read it", f"run the same command again ({UNCHANGED})")


def _unwritable(path: str, error: OSError) -> UsageError:
    return UsageError(
        f"{path} can't be written: {error.strerror}",
        f"make the file and its directory writable, or leave out --in-place ({UNCHANGED})",
    )
