"""Standard input and output that another process has made non-blocking: every byte is read and written."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.process import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM = (make_catalog() + make_job()).encode()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test has closed it


@pytest.mark.parametrize("command", ["render", "check", "migrate"])
@pytest.mark.parametrize("first", [0, 1, 40])
def test_a_standard_input_that_does_not_wait_is_read_to_its_end(
    first: int, command: str, pipe: tuple[int, int]
) -> None:
    text = b"persistence:\n  data: {images: {mountPath: /a, existingClaim: b}}\n" if command == "migrate" else STREAM
    words = ["migrate", "-"] if command == "migrate" else [command]
    reading, writing = pipe
    os.set_blocking(reading, False)
    process = subprocess.Popen([*PROGRAM, *words], stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(reading)
    for piece in (text[:first], text[first:-1], text[-1:]):
        os.write(writing, piece)
        time.sleep(0.3)
    os.close(writing)
    output, error = process.communicate(timeout=60)
    expected = run(*words, stdin=text)
    assert (process.returncode, output, error.decode()) == tuple(expected)


def test_an_input_above_the_limit_is_refused_although_it_comes_in_pieces(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(reading, False)
    process = subprocess.Popen(PROGRAM, stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(reading)
    piece = b"# comment\n" * 6000
    try:
        for _ in range(2000):
            os.write(writing, piece)
    except BrokenPipeError:
        pass
    os.close(writing)
    output, error = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, b"")
    assert b"error[input-too-large]" in error


def test_a_standard_output_that_does_not_wait_gets_every_byte(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(writing, False)
    stream = STREAM + b"# comment\n" * 50_000
    process = subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    found: list[bytes] = []

    def read() -> None:
        time.sleep(1)  # the pipe is full by then
        while piece := os.read(reading, 1 << 16):
            found.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    _, error = process.communicate(stream, timeout=60)
    reader.join()
    assert (process.returncode, error) == (0, b"")
    assert b"".join(found) == run(stdin=stream).output
