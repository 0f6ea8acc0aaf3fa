"""The catalog files of the environment: which commands read them, and in which order."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from post_renderer.stream import STREAM_LIMIT
from tests.support.cli import make_catalog, make_job, run
from tests.support.process import start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cli import Result

VARIABLE = "POLYAXON_PERSISTENCE_FILES"


def write(folder: Path, name: str, claim: str) -> str:
    (folder / name).write_text(f"data: {{data2: {{existingClaim: {claim}}}}}\n")
    return str(folder / name)


@pytest.mark.parametrize("words", [[], ["render"], ["explain"], ["flux-patches"]])
def test_commands_that_take_persistence_read_the_variable(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write(tmp_path, "a.yaml", "claim-a"), write(tmp_path, "b.yaml", "claim-b")
    monkeypatch.setenv(VARIABLE, f"{first}:{second}")
    output = run(*words, stdin=make_catalog() + make_job()).output
    assert b"claim-b" in output
    assert b"claim-a" not in output.replace(b"existingClaim: claim-a", b"")


def test_the_command_line_overrides_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, write(tmp_path, "a.yaml", "claim-a"))
    words = ["explain", "--persistence", write(tmp_path, "b.yaml", "claim-b")]
    output = run(*words, stdin=make_catalog() + make_job()).output
    assert (b"claim-a" in output, b"claim-b" in output) == (False, True)


@pytest.mark.parametrize("words", [[], ["check"], ["kinds"]])
def test_a_message_names_the_variable(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere.yaml")
    result = run(*words, stdin=make_catalog())
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {VARIABLE}: /nowhere.yaml: No such file or directory\n")


def test_a_variable_without_files_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = make_catalog() + make_job()
    before = run(stdin=stream)
    monkeypatch.setenv(VARIABLE, "::")
    assert run(stdin=stream) == before


# A stream without polyaxon.com is passed on, as without the option

PLAIN = "kind: Service\n"


@pytest.fixture(params=["option", "variable"])
def render_with(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Render a stream with a catalog file, which the option or the variable names."""

    def render(path: Path | str, *words: str, stdin: bytes | str = PLAIN) -> Result:
        if request.param == "option":
            return run("render", "--persistence", str(path), *words, stdin=stdin)
        monkeypatch.setenv(VARIABLE, str(path))
        return run(*words, stdin=stdin)

    return render


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"data: [", "invalid-catalog"),
        (b"data: {a: {mountPath: rel}}\ndefaultData: [b]\n", "invalid-catalog"),
        (b"a: \xff\n", "invalid-encoding"),
        (b"#" * (1 << 21), "input-too-large"),
    ],
    ids=["no YAML", "an unknown name", "no UTF-8", "too large"],
)
def test_errors_in_a_file_are_only_in_streams_that_use_it(
    content: bytes, code: str, tmp_path: Path, render_with: Callable[..., Result]
) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(content)
    assert render_with(path) == (0, PLAIN.encode(), "")
    for stdin, words in ((make_job(), ()), (make_job(), ("--strict",)), (make_catalog() + make_job(), ())):
        result = render_with(path, *words, stdin=stdin)
        assert (result.exit_code, result.output) == (1, b"")
        assert f"{path}:" in result.error
        assert f"error[{code}]" in result.error
    checked = run("check", "--persistence", str(path), stdin=PLAIN)
    assert checked.exit_code == 1
    assert f"error[{code}]" in checked.error


def test_an_unused_file_must_be_there_and_readable(tmp_path: Path, render_with: Callable[..., Result]) -> None:
    for path, reason in ((tmp_path, "Is a directory"), (tmp_path / "missing", "No such file or directory")):
        result = render_with(path)
        assert (result.exit_code, result.output) == (2, b"")
        assert f"{path}: {reason}\n  hint: name a file that can be read\n" in result.error


def test_an_empty_file_and_an_endless_device_can_be_read(render_with: Callable[..., Result]) -> None:
    for path in ("/dev/null", "/dev/zero"):
        assert render_with(path) == (0, PLAIN.encode(), "")


def test_the_writer_of_an_unused_pipe_does_not_fail(tmp_path: Path, render_with: Callable[..., Result]) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    text = b"# comment\n" * 20_000  # more than a pipe holds
    written: list[int] = []
    writer = threading.Thread(target=lambda: written.append(path.write_bytes(text)))
    writer.start()
    assert render_with(path) == (0, PLAIN.encode(), "")
    writer.join(timeout=30)
    assert written == [len(text)]


@pytest.mark.parametrize(
    ("stdin", "code"),
    [
        (b" " * (STREAM_LIMIT + 1), "input-too-large"),
        (f"\ufeff{PLAIN}".encode("utf-16-le"), "invalid-encoding"),
    ],
    ids=["too large", "UTF-16"],
)
def test_size_and_encoding_of_the_stream_are_still_checked(
    stdin: bytes, code: str, tmp_path: Path, render_with: Callable[..., Result]
) -> None:
    site = write(tmp_path, "site.yaml", "claim")
    result = render_with(site, stdin=stdin)
    assert (result.exit_code, result.output) == (1, b"")
    assert f"error[{code}]" in result.error
    assert "the stream is " in result.error


def test_the_second_post_renderer_still_runs(tmp_path: Path, render_with: Callable[..., Result]) -> None:
    site = write(tmp_path, "site.yaml", "claim")
    assert render_with(site, "--then", "sed s/Service/Secret/") == (0, b"kind: Secret\n", "")
    assert render_with(site, "--then", "sh -c 'exit 7'").exit_code == 7


def test_a_stream_that_becomes_empty_is_still_a_comment(tmp_path: Path, render_with: Callable[..., Result]) -> None:
    assert render_with(write(tmp_path, "site.yaml", "claim"), stdin="") == run(stdin="")


def test_an_unreadable_file_through_the_program(tmp_path: Path) -> None:
    done = start("--persistence", "/proc/self/mem", state=tmp_path)  # it can be opened, but not read at its start
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--persistence /proc/self/mem: Input/output error" in done.stderr
