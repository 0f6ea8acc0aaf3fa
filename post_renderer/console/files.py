"""Reads the files that a command line names."""

from __future__ import annotations

import os
import stat

from post_renderer.console import FILES_VARIABLE, UsageError
from post_renderer.console.options import find_site_files
from post_renderer.stream import CATALOG_LIMIT, STREAM_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0  # seconds until a program must have opened a named pipe for writing


def read_catalog_files(paths: list[str], *, in_chart: bool = False, is_used: bool = True) -> list[bytes]:
    """Return the bytes of each file, as `read_file` does. Raises UsageError.

    ``in_chart``: the current directory can be that of a chart. A relative path would name a file of the chart's author.
    ``is_used``: if False, only check that the files can be read. The result is not their text.
    """
    site_files = find_site_files()
    found: list[bytes] = []
    for path in paths:
        named = f"{FILES_VARIABLE}:" if path in site_files else "--persistence"
        if in_chart and not os.path.isabs(path):
            hint = "write an absolute path: a relative path would name a file of the chart that is rendered"
            raise UsageError(f"{named} {path}: the path is relative", hint)
        found.append(read_file(path, f"{named} {path}", CATALOG_LIMIT, is_used=is_used))
    return found


def read_file(path: str, named: str, limit: int = STREAM_LIMIT, *, is_used: bool = True) -> bytes:
    """Read at most ``limit`` + 1 bytes. A result longer than ``limit`` means: too large. Raises UsageError.

    ``named``: the name of the file for messages. For a named pipe, wait up to ``PATIENCE`` seconds for its writer.
    ``is_used``: if False, read only one byte. A named pipe is read as usual, because its writer must not fail.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            number = file.fileno()
            is_pipe = stat.S_ISFIFO(os.fstat(number).st_mode)
            head = _wait_for_writer(number, named) if is_pipe else b""
            os.set_blocking(number, True)
            if not (is_used or is_pipe):
                return os.read(number, 1)
            return head + file.read(limit + 1 - len(head))
    except OSError as error:
        raise UsageError(f"{named}: {error.strerror}", "name a file that can be read") from None


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting, because the program that writes into a named pipe may never start."""
    return os.open(path, flags | os.O_NONBLOCK)


def _wait_for_writer(number: int, named: str) -> bytes:
    """Wait until a program has opened the pipe. Return the bytes that this reads from the pipe: none or one."""
    from select import POLLIN, poll

    waiting = poll()
    waiting.register(number, POLLIN)
    if waiting.poll(PATIENCE * 1000):
        return b""
    try:
        head = os.read(number, 1)
    except BlockingIOError:
        return b""  # a program has opened the pipe, and writes later
    if not head:
        hint = "start the program that writes into it first, or name a file"
        raise UsageError(f"{named}: no program writes into this pipe", hint)
    return head


def walk_directory(directory: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each directory with the names of its subdirectories and of its other files, as ``os.walk`` does.

    Links are among the names, and are not followed. The caller can remove names of subdirectories before the next
    step. Raises UsageError. Unlike ``os.walk`` of Python 3.11, it needs no recursion for deep directories.
    """
    todo = [directory]
    while todo:
        path = todo.pop()
        inner: list[str] = []
        names: list[str] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    (inner if entry.is_dir() else names).append(entry.name)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}", "name a directory that can be read") from None
        yield path, inner, names
        todo += [below for name in inner if not os.path.islink(below := os.path.join(path, name))]
