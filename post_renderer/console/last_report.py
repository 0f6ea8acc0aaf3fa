"""Saves the report of a render: Helm 4 never shows standard error, Helm 3 only after a failure."""

from __future__ import annotations

import os
import stat

from post_renderer.console import UsageError


def report_path() -> str:
    """``$XDG_STATE_HOME/polyaxon-persistence/last-report``, by default below ``~/.local/state``."""
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # the XDG specification says to ignore a relative path
        home = os.path.expanduser("~/.local/state")
    return os.path.join(home, "polyaxon-persistence", "last-report")


def keep_report(text: str) -> str:
    """Save the text for ``last-report``; if it is empty, delete the last one. Return an error message or ''."""
    path = report_path()
    if not os.path.isabs(path):  # a user without a home directory, as in many containers
        return "the report could not be saved: set HOME or XDG_STATE_HOME"
    try:
        if not text:
            _forget(path)
            return ""
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        beside = f"{path}.{os.getpid()}"
        with open(beside, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.replace(beside, path)  # two renders at the same time leave one complete report
    except OSError as error:
        return f"the report could not be saved in {path}: {error.strerror}"
    return ""


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # there was no report, or another render deleted it first


def read_report() -> tuple[str, float] | None:
    """Return the saved text and its time (seconds since the epoch), or None without a report. Raises UsageError."""
    path = report_path()
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"the report can't be read from {path}: {error.strerror}") from None


def write_to_helm_terminal(text: str) -> None:
    """Write to Helm's own standard error, because Helm 4 never prints the standard error of a plugin.

    Use the parent's standard error if it is a pipe or a terminal, else the controlling terminal. Never write to a
    file: Helm writes there at its own offset and would overwrite the text.
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
                os.write(target, text.encode("utf-8", "backslashreplace"))
        except OSError:
            continue  # a full pipe, or one that nobody reads any more
        else:
            return  # written, or a device such as /dev/null: the user wants no output
        finally:
            os.close(target)
