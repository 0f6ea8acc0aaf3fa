"""What the tests share: running the command line in this process, with real file descriptors."""

from __future__ import annotations

import os
import tempfile
from typing import NamedTuple

from post_renderer.cli import main


class Result(NamedTuple):
    """One run of the command line."""

    exit_code: int
    output: bytes
    error: str


def run(*arguments: str, stdin: bytes | str = b"") -> Result:
    """Run the command line in this process: descriptors 0, 1 and 2 are files for its time."""
    text = stdin.encode() if isinstance(stdin, str) else stdin
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as error:
        given.write(text)
        given.flush()
        given.seek(0)
        saved = [os.dup(number) for number in range(3)]
        try:
            for number, file in enumerate((given, output, error)):
                os.dup2(file.fileno(), number)
            exit_code = main(list(arguments))
        finally:
            for number, descriptor in enumerate(saved):
                os.dup2(descriptor, number)
                os.close(descriptor)
        output.seek(0)
        error.seek(0)
        return Result(exit_code, output.read(), error.read().decode())
