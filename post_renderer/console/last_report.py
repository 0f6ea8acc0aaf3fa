"""Keeps a render's problems for later: Helm 4 never shows standard error, Helm 3 not on success."""

from __future__ import annotations

import os
import stat

from post_renderer.console import UsageError
from post_renderer.problems import escape_control

TERMINAL_PATIENCE = 1000  # milliseconds; a terminal takes some kilobytes at once


def report_path() -> str:
    """``$XDG_STATE_HOME/polyaxon-persistence/last-report``, by default below ``~/.local/state``.

    Empty for a user without a home, as in many containers.
    """
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # the XDG specification: such a value is to be ignored
        home = "" if os.environ.get("HOME") == "" else os.path.expanduser("~/.local/state")
    return os.path.join(home, "polyaxon-persistence", "last-report") if os.path.isabs(home) else ""


def keep_report(text: str) -> str:
    """Keep the text for ``last-report``, an empty one as well. Return why it could not be kept, or an empty string.

    Afterwards no older report is there, unless its directory can't be written.
    """
    path = report_path()
    if not path:
        return "the report could not be kept: set HOME or XDG_STATE_HOME"
    try:
        if text:
            _write_report(path, text)
        else:
            _write_empty(path)
    except OSError as error:
        _forget(path)
        return f"the report could not be kept in {escape_control(path)}: {error.strerror}"
    return ""


def _write_report(path: str, text: str) -> None:
    from post_renderer.console.write_file import write_beside

    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    beside = write_beside(path, text.encode("utf-8", "backslashreplace"))
    try:
        os.replace(beside, path)  # two renders at once leave one whole report
    except BaseException:
        os.unlink(beside)
        raise


def _write_empty(path: str) -> None:
    """Nothing to write, so this loads no more modules, and a file that is empty already stays."""
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
        return  # another render was faster: its report is the last one


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # there is none, or it stays: read_report finds out that its directory can't be written


class KeptReport:
    """``text`` is empty if the last render had nothing to report. ``written``: seconds since the epoch.

    ``locked_directory``: its directory, if it can't be written, so that the report of a later render may be missing.
    """

    __slots__ = ("locked_directory", "text", "written")

    def __init__(self, text: str, written: float, locked_directory: str) -> None:
        self.text = text
        self.written = written
        self.locked_directory = locked_directory


def read_report() -> KeptReport | None:
    """The kept report; None: no render has run yet, or its report could not be kept. Raises UsageError."""
    path = report_path()
    if not path:
        raise UsageError("no report can be kept here", "set HOME or XDG_STATE_HOME to an absolute path")
    try:
        # Neither through a link nor waiting for the writer of a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            text = file.read().decode("utf-8", "replace") if stat.S_ISREG(status.st_mode) else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"the report can't be read from {path}: {error.strerror}") from None
    if text is None:
        raise UsageError(f"the report can't be read from {path}: it is not a file", "remove it")
    directory = os.path.dirname(path)
    return KeptReport(text, status.st_mtime, "" if os.access(directory, os.W_OK) else directory)


def write_to_helm_terminal(text: str) -> None:
    """Write to whoever reads Helm's own standard error: Helm 4 gives plugins one that it never prints.

    The parent's standard error where it is a pipe or a terminal (never a file, in which Helm's own offset would
    overwrite the text), else the controlling terminal.
    """
    for path in (f"/proc/{os.getppid()}/fd/2", "/dev/tty"):
        try:
            mode = os.stat(path).st_mode
            if not stat.S_ISFIFO(mode) and not stat.S_ISCHR(mode):
                continue
            target = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            continue  # no such process file system, or no terminal: the next way
        try:
            if stat.S_ISFIFO(mode) or os.isatty(target):
                _write_all(target, text.encode("utf-8", "backslashreplace"))
        except OSError:
            continue  # a full pipe, or one that nobody reads any more
        else:
            return  # written; or a device such as /dev/null, chosen by someone who wants silence
        finally:
            os.close(target)


def _write_all(target: int, content: bytes) -> None:
    """Write to a descriptor that does not wait. Raises OSError if it takes nothing for a second."""
    from select import POLLOUT, poll

    waiting = poll()
    waiting.register(target, POLLOUT)
    view = memoryview(content)
    while view:
        if not waiting.poll(TERMINAL_PATIENCE):
            raise BlockingIOError
        view = view[os.write(target, view) :]
