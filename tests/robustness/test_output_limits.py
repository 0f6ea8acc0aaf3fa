"""A rendered stream has the same limits as a stream that is read, so that it can be read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from post_renderer import stream
from tests.robustness.documents import ASKS
from tests.support.cli import make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

STREAM = make_catalog() + make_job()
LARGEST = stream.STREAM_LIMIT
RENDERED = run(stdin=STREAM).output
GROWTH = len(RENDERED) - len(STREAM)
ERROR = "error[input-too-large] (stream): the rendered stream is larger than 64 MiB\n  hint: put fewer runs into one release\n"


def padded(size: int) -> bytes:
    """Return a stream of ``size`` bytes, with a comment at its end."""
    return STREAM.encode() + b"# " + b"x" * (size - len(STREAM.encode()) - 3) + b"\n"


@pytest.mark.parametrize("command", ["render", "check", "flux-patches"])
def test_an_output_of_the_limit_and_of_a_byte_more(command: str) -> None:
    done = run(command, stdin=padded(LARGEST - GROWTH))
    assert (done.exit_code, ERROR in done.error) == (0, False), done.error
    assert len(done.output) == LARGEST or command != "render"
    done = run(command, stdin=padded(LARGEST - GROWTH + 1))
    assert (done.exit_code, done.error) == (1, ERROR)
    assert done.output == (b"1 run in 2 objects: 1 error, 0 warnings\n" if command == "check" else b"")


def test_forty_thousand_runs_by_a_smaller_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The output is several times as long as the input, so only the output is over the limit."""
    given = make_catalog() + "".join(make_job(name=f"train-{number}") for number in range(40))
    output = run(stdin=given).output
    monkeypatch.setattr(stream, "STREAM_LIMIT", len(output) - 1)
    done = run(stdin=given)
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[input-too-large] (stream): the rendered stream is larger" in done.error


def test_the_output_of_a_second_post_renderer(tmp_path: Path) -> None:
    program = tmp_path / "next"
    program.write_text(f"#!/bin/sh\ncat >/dev/null\nhead -c $(({LARGEST} + $SIZE)) /dev/zero | tr '\\0' '#'\n")
    program.chmod(0o755)
    for size, code in ((0, 0), (1, 1)):
        done = run("--then", f"env SIZE={size} {program}", stdin=STREAM)
        assert (done.exit_code, len(done.output)) == (code, 0 if code else LARGEST)
    assert done.error.startswith("error[input-too-large] (--then): the rendered stream is larger than 64 MiB")


FLOW = f"{{apiVersion: batch/v1, kind: Job, metadata: {{name: a, annotations: {{{ASKS}}}}}, spec: {{template: {{spec: {{containers: [{{name: m}}]}}}}}}}}"


def nested(levels: int, *, flow: bool) -> str:
    """Return a Job inside ``levels`` Lists."""
    if flow:
        return "---\n" + "{kind: List, items: [" * levels + FLOW + "]}" * levels + "\n"
    lines = ["---"]
    for level in range(levels):
        lines += [("  " * (level - 1) + "- " if level else "") + "kind: List", "  " * level + "items:"]
    job = make_job(name="a").split("\n", 2)[2].splitlines()
    indent = "  " * levels
    lines += [("  " * (levels - 1) + "- " if not number else indent) + line for number, line in enumerate(job)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("flow", [False, True], ids=["block", "flow"])
def test_what_would_be_nested_too_deeply_is_not_written(flow: bool) -> None:
    """The Job has six levels, and the added volumes have ten."""
    codes = []
    for levels in range(43, 50):
        given = make_catalog() + nested(levels, flow=flow)
        done = run(stdin=given)
        codes.append(done.exit_code)
        if done.exit_code:
            assert "error[input-too-large]" in done.error
            assert "nested deeper than 100 levels" in done.error
            assert done.output == b""
        else:
            assert run(stdin=done.output) == (0, done.output, "")
    assert codes == [0, 0, 0, 1, 1, 1, 1]
