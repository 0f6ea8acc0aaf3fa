"""Writes messages to the terminal of Helm 4, which never prints the standard error of a plugin."""

from __future__ import annotations

import os
import stat

TERMINAL_PATIENCE = 1000  # milliseconds; a terminal accepts some kilobytes at once


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
