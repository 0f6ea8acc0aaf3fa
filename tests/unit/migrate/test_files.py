"""The options of migrate, and how it writes files."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from post_renderer.migrate.file_text import FILE_LIMIT
from tests.support.cli import run
from tests.support.migrate import migrate

if TYPE_CHECKING:
    from pathlib import Path


def test_strict_takes_what_has_no_counterpart_for_a_problem() -> None:
    text = "persistence: {logs: {mountPath: /l}}\n"
    assert migrate(text)[0] == 0
    exit_code, output, error = migrate(text, "--strict")
    assert (exit_code, output) == (1, "")
    assert "error[not-migrated]" in error


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("persistence:\n  repos: {}\n")
    result = run("migrate", "--output", "json", str(path))
    told = json.loads(result.output)
    assert (result.exit_code, result.error) == (0, "")
    assert [problem["code"] for problem in told["problems"]] == ["changed-meaning", "changed-meaning", "not-migrated"]
    (row,) = told["files"]
    assert (row["file"], row["changed"]) == (str(path), True)
    assert "-  repos: {}\n" in row["diff"]
    path.write_text("- x\n")
    refused = run("migrate", "--output=json", str(path))
    assert refused.exit_code == 1
    assert json.loads(refused.output)["files"] == [{"file": str(path), "changed": False, "notes": [], "diff": ""}]


def test_the_changes_of_several_files_are_one_patch(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.yaml" for name in "abc"]
    for path in paths:
        path.write_text("persistence: {logs: {}}\n" if path.stem != "b" else "persistence: {}\n")
    parts = [run("migrate", str(path)).output for path in paths]
    assert [part.startswith(b"--- ") for part in parts] == [True, False, True]
    assert run("migrate", *map(str, paths)).output == b"".join(parts)


def test_in_place_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("persistence: {logs: {}}\n")
    path.chmod(0o640)
    assert run("migrate", "--in-place", str(path)).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["values.yaml"]


def test_in_place_refuses_what_is_no_regular_file(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "values.yaml", tmp_path / "link.yaml", tmp_path / "pipe"
    target.write_text("persistence: {logs: {}}\n")
    link.symlink_to(target)
    os.mkfifo(pipe)
    for path in (link, pipe):
        result = run("migrate", "--in-place", str(path))
        assert (result.exit_code, result.output) == (2, b"")
        assert f"{path}: not a regular file\n  hint: name the file itself, or leave out --in-place\n" in result.error
    assert target.read_text() == "persistence: {logs: {}}\n"
    assert run("migrate", str(link)).exit_code == 0


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff# a\r\npersistence:\r\n  data:\r\n    mountPath: /d\r\n    existingClaim: c"
    output = run("migrate", "-", stdin=text.encode()).output.decode()
    assert output == (
        "\ufeff# a\r\npersistence:\r\n  data:\r\n    data:\r\n      mountPath: /d\r\n      existingClaim: c"
    )
    assert migrate(output)[1] == output


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n", "\ufeff", "{}\n"])
def test_an_empty_file_is_one_of_today_s(text: str) -> None:
    exit_code, output, error = migrate(text)
    assert (exit_code, output, error) == (0, text, "-: nothing to migrate\n")


@pytest.mark.parametrize("name", ["a\nb.yaml", "a\x1b[1mb.yaml", "a\u202eb.yaml"])
def test_no_next_step_for_a_name_that_can_t_be_printed(name: str, tmp_path: Path) -> None:
    """The command would name another file."""
    path = tmp_path / name
    path.write_text("persistence: {logs: {}}\n")
    assert "next:" not in run("migrate", str(path)).error
    assert "next:" not in run("migrate", "--in-place", str(path)).error


def test_the_diff_of_a_file_with_a_space_in_its_name_can_be_applied(tmp_path: Path) -> None:
    path = tmp_path / "a b.yaml"
    path.write_text("persistence: {logs: {}}\n")
    diff = run("migrate", str(path)).output
    subprocess.run(["patch", "-p0", "-d", "/"], input=diff, check=True, capture_output=True)
    assert run("migrate", str(path)).output == b""


def test_standard_input_in_a_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    exit_code, output, error = migrate("kind: job\nbuild: {image: x}\n")
    assert (exit_code, output.startswith("runs:\n  job:\n")) == (0, True), error


def test_a_file_that_becomes_too_large_is_an_error_before_a_file_changes(tmp_path: Path) -> None:
    """The next migrate would refuse such a file, and the comparison of all files could not read it."""
    volume = "  big_{}: {{mountPath: /b, existingClaim: b, size: 1Gi}}\n"
    text = "persistence:\n data:\n" + "".join(map(volume.format, range(100)))
    text += "# " + "x" * (FILE_LIMIT - len(text) - 100) + "\n"
    first, big = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("persistence: {data: {A_1: {mountPath: /a, existingClaim: a}}}\n")
    big.write_text(text)
    before = first.read_text()
    for files in ([big], [first, big], [big, first]):
        result = run("migrate", "--in-place", *map(str, files))
        assert (result.exit_code, result.output) == (1, b""), result.error
        assert f"{big}: error[input-too-large] the migrated file would be larger than 1 MiB" in result.error
        assert "  hint: split the file\n" in result.error
        assert (first.read_text(), big.read_text()) == (before, text)
