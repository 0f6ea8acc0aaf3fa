"""Reads the files that a command line names."""

from __future__ import annotations

from post_renderer.console import UsageError
from post_renderer.stream import STREAM_LIMIT


def read_file(path: str, named: str) -> bytes:
    """Read at most ``STREAM_LIMIT`` + 1 bytes: one more shows that the file is too large. Raises UsageError.

    ``named``: the file as the message names it.
    """
    try:
        with open(path, "rb") as file:
            return file.read(STREAM_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{named}: {error.strerror}", "name a file that can be read") from None
