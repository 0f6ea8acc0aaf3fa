"""What mypyc compiled wrongly at first, and what compiled code could do worse: errors, memory, the stack."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from ci.bench import streams
from tests.robustness.test_hostile import DEEPEST
from tests.support.cli import make_catalog, make_job, run
from tests.support.faults import fail_render
from tests.support.process import PROGRAM, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAM = (make_catalog() + make_job()).encode()
MEGABYTE = 1 << 20


def start_limited(limit: Callable[[], None], stdin: bytes, state: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        PROGRAM, input=stdin, env=environment(state), capture_output=True, check=False, preexec_fn=limit, timeout=300
    )


@pytest.mark.parametrize("blocking", [True, False])
def test_a_pipe_that_takes_a_part_gets_each_byte_once(blocking: bool, tmp_path: Path) -> None:
    """mypyc makes two calls of `view = view[os.write(1, view) :]`."""
    stream = STREAM + b"---\n" + b"# a line\n" * 100_000
    reading, writing = os.pipe()
    os.set_blocking(writing, blocking)
    child = subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=writing, env=environment(tmp_path))
    os.close(writing)
    stdin = child.stdin
    assert stdin is not None

    def feed() -> None:
        stdin.write(stream)
        stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    pieces = []
    while piece := os.read(reading, 1000):
        pieces.append(piece)
    os.close(reading)
    feeder.join()
    assert child.wait() == 0
    assert b"".join(pieces) == run(stdin=stream).output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"data: {}\n# \xff\n", "error[invalid-encoding] the file is not UTF-8"),
        (b"data: [\n", "error[invalid-catalog] "),
    ],
)
def test_each_error_of_a_file_has_its_message(content: bytes, message: str, tmp_path: Path) -> None:
    """`except A as error` before `except B as error` raises a TypeError for B, and that would be a bug report."""
    path = tmp_path / "site.yaml"
    path.write_bytes(content)
    result = run("--persistence", str(path), stdin=STREAM)
    assert (result.exit_code, result.output) == (1, b"")
    assert message in result.error


@pytest.mark.parametrize(
    "text",
    ["x: [a\n", "x: *a\n", "x: a\0\n", "x: a\x1b\n", 'x: "\\ud800"\n'],
    ids=["mark", "alias", "nul", "escape", "surrogate"],
)
def test_each_error_of_libyaml_has_its_message(text: str) -> None:
    result = run(stdin=STREAM.decode() + text)
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[invalid-yaml] " in result.error


def test_a_bug_of_the_program_is_reported_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_render(monkeypatch, ValueError("password: hunter2"))
    result = run(stdin=STREAM)
    assert (result.exit_code, result.output) == (3, b"")
    assert "this is a bug in polyaxon-persistence" in result.error
    assert "  ValueError at " in result.error
    assert ".py:" in result.error  # the places are those of the source
    assert not {"Traceback", "hunter2"} & set(result.error.split())


def test_memory_that_runs_out_is_reported_as_such(tmp_path: Path) -> None:
    stream = streams.make_b(300).encode()
    codes = []
    for megabytes in range(24, 120, 8):

        def limit(size: int = megabytes * MEGABYTE) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        done = start_limited(limit, stream, tmp_path)
        codes.append(done.returncode)
        assert (done.stdout == b"") == bool(done.returncode)
        message = b"polyaxon-persistence: there is not enough memory for this input\n" if done.returncode else b""
        assert done.stderr == message, megabytes
    assert set(codes) == {0, 1}


@pytest.mark.parametrize("brackets", [DEEPEST, DEEPEST + 1, 50_000])
def test_deep_input_needs_little_of_the_stack(brackets: int, tmp_path: Path) -> None:
    """Compiled code does not count its calls: a stack that is too small would end it by a signal."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_STACK, (MEGABYTE, MEGABYTE))

    nested = f"        x: {'[' * brackets}{']' * brackets}\n"
    done = start_limited(limit, STREAM + nested.encode(), tmp_path)
    assert done.returncode == (0 if brackets == DEEPEST else 1), done.stderr
    assert done.returncode == 0 or b"error[input-too-large] " in done.stderr
