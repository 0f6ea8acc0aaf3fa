"""Keeps a render's problems for later: Helm 4 never shows standard error, Helm 3 not on success."""

from __future__ import annotations

import os
import stat

from post_renderer.console import UsageError


def report_path() -> str:
    """``$XDG_STATE_HOME/polyaxon-persistence/last-report``, by default below ``~/.local/state``."""
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # the XDG specification: such a value is to be ignored
        home = os.path.expanduser("~/.local/state")
    return os.path.join(home, "polyaxon-persistence", "last-report")


def keep_report(text: str) -> str:
    """Keep the text for ``last-report``, or forget the last one when there is none. What went wrong, if anything."""
    path = report_path()
    if not os.path.isabs(path):  # a user without a home, as in many containers
        return "the report could not be kept: set HOME or XDG_STATE_HOME"
    try:
        if not text:
            _forget(path)
            return ""
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        beside = f"{path}.{os.getpid()}"
        with open(beside, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.replace(beside, path)  # two renders at once leave one whole report
    except OSError as error:
        return f"the report could not be kept in {path}: {error.strerror}"
    return ""


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # nothing was kept, or another render was faster


def read_report() -> tuple[str, float] | None:
    """The kept text and when it was written (seconds since the epoch), None where there is none. Raises UsageError."""
    path = report_path()
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"the report can't be read from {path}: {error.strerror}") from None


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
                os.write(target, text.encode("utf-8", "backslashreplace"))
        except OSError:
            continue  # a full pipe, or one that nobody reads any more
        else:
            return  # written; or a device such as /dev/null, chosen by someone who wants silence
        finally:
            os.close(target)
