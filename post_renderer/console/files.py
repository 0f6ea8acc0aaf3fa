"""Reads the files that a command line names."""

from __future__ import annotations

from post_renderer.console import UsageError
from post_renderer.stream import STREAM_LIMIT


def read_file(path: str, named: str) -> bytes:
    """A file that the command line names in this way, up to one byte over the limit. Raises UsageError."""
    try:
        with open(path, "rb") as file:
            return file.read(STREAM_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{named}: {error.strerror}", "name a file that can be read") from None
