"""Saves the report of a render: Helm 4 never shows standard error, Helm 3 only after a failure."""

from __future__ import annotations

import os
import stat

from post_renderer.console import UsageError
from post_renderer.problems import escape_control

TERMINAL_PATIENCE = 1000  # milliseconds; a terminal accepts some kilobytes at once


def report_path() -> str:
    """Return ``$XDG_STATE_HOME/polyaxon-persistence/last-report``; the default of XDG_STATE_HOME is ``~/.local/state``.

    Return an empty text for a user without a home directory, as in many containers.
    """
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # the XDG specification says to ignore a relative path
        home = "" if os.environ.get("HOME") == "" else os.path.expanduser("~/.local/state")
    return os.path.join(home, "polyaxon-persistence", "last-report") if os.path.isabs(home) else ""


def keep_report(text: str) -> str:
    """Save the text for ``last-report``, even if it is empty. Return an error message, or ''.

    If that fails, delete the older report. Only a directory that can't be written keeps its older report.
    """
    path = report_path()
    if not path:
        return "the report could not be saved: set HOME or XDG_STATE_HOME"
    try:
        if text:
            _write_report(path, text)
        else:
            _write_empty(path)
    except OSError as error:
        _forget(path)
        return f"the report could not be saved in {escape_control(path)}: {error.strerror}"
    return ""


def _write_report(path: str, text: str) -> None:
    from post_renderer.console.write_file import write_beside

    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    beside = write_beside(path, text.encode("utf-8", "backslashreplace"))
    try:
        os.replace(beside, path)  # two renders at the same time leave one complete report
    except BaseException:
        os.unlink(beside)
        raise


def _write_empty(path: str) -> None:
    """Save an empty report. This needs no further import, and does not touch a file that is empty already."""
    try:
        kept = os.lstat(path)
        if stat.S_ISREG(kept.st_mode) and not kept.st_size:
            return
        os.unlink(path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return  # another render saved its report first: that report is the last one


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # there is no report, or it can't be deleted: then read_report finds that its directory is locked


class KeptReport:
    """The saved report of the last render.

    `text`: empty if the render had nothing to report.
    `written`: the time of the report, in seconds since the epoch.
    `locked_directory`: the directory of the report if this user can't write it, else ''. The report of a later render
    may then be missing.
    """

    __slots__ = ("locked_directory", "text", "written")

    def __init__(self, text: str, written: float, locked_directory: str) -> None:
        self.text = text
        self.written = written
        self.locked_directory = locked_directory


def read_report() -> KeptReport | None:
    """Return the saved report. None: no render has run yet, or its report could not be saved. Raises UsageError."""
    path = report_path()
    if not path:
        raise UsageError("no report can be saved here", "set HOME or XDG_STATE_HOME to an absolute path")
    try:
        # Never follow a link, and never wait for the writer of a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            text = file.read().decode("utf-8", "replace") if stat.S_ISREG(status.st_mode) else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"the report can't be read from {path}: {error.strerror}") from None
    if text is None:
        raise UsageError(f"the report can't be read from {path}: it is not a regular file", "remove it")
    directory = os.path.dirname(path)
    return KeptReport(text, status.st_mtime, "" if os.access(directory, os.W_OK) else directory)


def write_to_helm_terminal(text: str) -> None:
    """Write to Helm's own standard error, because Helm 4 never prints the standard error of a plugin.

    Use the parent's standard error if it is a pipe or a terminal, else the controlling terminal. Never write to a
    file, because Helm writes to the same file at its own offset and would overwrite the text.
    """
    for path in (f"/proc/{os.getppid()}/fd/2", "/dev/tty"):
        try:
            mode = os.stat(path).st_mode
            if not stat.S_ISFIFO(mode) and not stat.S_ISCHR(mode):
                continue
            target = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            continue  # no /proc, or no terminal: try the next one
        try:
            if stat.S_ISFIFO(mode) or os.isatty(target):
                _write_all(target, text.encode("utf-8", "backslashreplace"))
        except OSError:
            continue  # a full pipe, or one that nobody reads any more
        else:
            return  # written, or a device such as /dev/null: the user wants no output
        finally:
            os.close(target)


def _write_all(target: int, content: bytes) -> None:
    """Write to a non-blocking descriptor. Raises OSError if it accepts no data for ``TERMINAL_PATIENCE``."""
    from select import POLLOUT, poll

    waiting = poll()
    waiting.register(target, POLLOUT)
    view = memoryview(content)
    while view:
        if not waiting.poll(TERMINAL_PATIENCE):
            raise BlockingIOError
        view = view[os.write(target, view) :]
