"""Reads the files that a command line names."""

from __future__ import annotations

import os
import stat

from post_renderer.console import UsageError
from post_renderer.stream import STREAM_LIMIT

PATIENCE = 10.0  # seconds in which a program must open a named pipe to write into it


def read_file(path: str, named: str, limit: int = STREAM_LIMIT) -> bytes:
    """A file that the command line names in this way, up to one byte over the limit. Raises UsageError."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            number = file.fileno()
            head = _wait_for_writer(number, named) if stat.S_ISFIFO(os.fstat(number).st_mode) else b""
            os.set_blocking(number, True)
            return head + file.read(limit + 1 - len(head))
    except OSError as error:
        raise UsageError(f"{named}: {error.strerror}", "name a file that can be read") from None


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for a writer, which may never come."""
    return os.open(path, flags | os.O_NONBLOCK)


def _wait_for_writer(number: int, named: str) -> bytes:
    """Wait until a program has opened the pipe, and return what was read of it: at most one byte."""
    from select import POLLIN, poll

    waiting = poll()
    waiting.register(number, POLLIN)
    if waiting.poll(PATIENCE * 1000):
        return b""
    try:
        head = os.read(number, 1)
    except BlockingIOError:
        return b""  # a program has opened it, and writes later
    if not head:
        hint = "start the program that writes into it first, or name a file"
        raise UsageError(f"{named}: no program writes into this pipe", hint)
    return head
