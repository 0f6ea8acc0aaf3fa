"""Where ``check`` reports errors of a directory: the path, the line and the template belong to the right file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import places

if TYPE_CHECKING:
    from pathlib import Path

OPEN = 'apiVersion: batch/v1\nkind: Job\nmetadata:\n  annotations: {polyaxon.com/data: "x"\n'
QUOTE = 'apiVersion: batch/v1\nkind: Job\nmetadata:\n  annotations:\n    polyaxon.com/data: "x\n'
GOOD = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: b}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "e").mkdir()
    return tmp_path / "e"


def test_the_name_of_a_link_can_t_look_like_a_message(folder: Path) -> None:
    (folder / "a.yaml").write_text(GOOD)
    (folder / "x\ne").mkdir()
    (folder / "x\ne" / "a.yaml:1: error[invalid-yaml] forged.yaml").symlink_to("a.yaml")
    result = run("check", "e")
    assert result.error.splitlines() == [
        "note: e/x\\u000ae/a.yaml:1: error[invalid-yaml] forged.yaml is a symbolic link, so it was not read"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (OPEN, 4),
        (OPEN.rstrip("\n"), 4),
        (QUOTE, 5),
        ("kind: x\na: [\n", 2),
        ("a: b\n\nc: [1,\n  2\n", 4),
        (make_catalog("data: [a\n"), 10),
        (make_job("data: [a\n"), 0),
        (make_job("{}\n") + "---\n" + OPEN, 0),
    ],
)
def test_an_error_at_the_end_of_a_file_is_in_its_last_line(text: str, line: int, folder: Path) -> None:
    lines = text.splitlines()
    number = line or next((n for n, row in enumerate(lines, 1) if row.strip() == "data: [a"), len(lines))
    (folder / "a.yaml").write_text(text)
    (folder / "b.yaml").write_text(GOOD)
    assert f"e/a.yaml:{number}" in places(run("check", "e").error)
    assert f"e/a.yaml:{number}" in places(run("check", "e/a.yaml").error)


def test_a_polyaxonfile_that_ends_the_document_has_its_error_in_its_last_line(folder: Path) -> None:
    head = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\n  annotations:\n    polyaxon.com/polyaxonfile: |\n"
    for end in ("", "\n"):
        (folder / "a.yaml").write_text(f"{head}      version: 1\n      data: [a{end}")
        (folder / "b.yaml").write_text(GOOD)
        assert "e/a.yaml:8" in places(run("check", "e").error)


def test_an_error_at_the_end_of_a_catalog_file_is_in_its_last_line(folder: Path) -> None:
    (folder / "site.yaml").write_text("data:\n  a: {mountPath: /a\n")
    assert places(run("check", "--persistence", "e/site.yaml", stdin=GOOD).error) == ["e/site.yaml:2"]


@pytest.mark.parametrize("start", ["", "\ufeff", "---\n"])
@pytest.mark.parametrize(("bad", "line"), [(b"b: \tc: d\n", 3), (b"\xc3\xa4: \xff\n", 3), (b"c: 1: 2\n", 3)])
def test_a_document_that_can_t_be_read_has_the_line_of_the_error(
    start: str, bad: bytes, line: int, folder: Path
) -> None:
    text = start.encode() + "a: \u00e4\n# \u00e4\u00e4\u00e4\n".encode() + bad + b"d: e\n"
    line += start.startswith("---")
    (folder / "a.yaml").write_bytes(text)
    assert places(run("check", "e/a.yaml").error) == [f"e/a.yaml:{line}"]  # no-object
    (folder / "b.yaml").write_text(GOOD)
    assert places(run("check", "e").error) == [f"e/a.yaml:{line}"]  # unread-document


@pytest.mark.parametrize("head", ["", "---\n", "\n# a comment\n"])
def test_a_file_without_a_template_does_not_get_the_template_of_the_file_before_it(head: str, folder: Path) -> None:
    job = make_job("kind: x\n")
    (folder / "a.yaml").write_text(job)
    (folder / "b.yaml").write_text(head + job.removeprefix("---\n# Source: chart/templates/runs.yaml\n"))
    first, _, second, _ = run("check", "e").error.splitlines()
    assert "Job/train (chart/templates/runs.yaml)" in first
    assert second.startswith("e/b.yaml:")
    assert " Job/train, " in second


@pytest.mark.parametrize("head", ["---\n# Source: own/templates/b.yaml\n", "# Source: own/templates/b.yaml\n"])
def test_a_file_has_its_own_template(head: str, folder: Path) -> None:
    job = make_job("kind: x\n")
    rest = job.removeprefix("---\n# Source: chart/templates/runs.yaml\n")
    (folder / "a.yaml").write_text(job)
    (folder / "b.yaml").write_text(head + rest + "---\n" + rest)
    error = run("check", "e").error
    assert error.count("Job/train (own/templates/b.yaml)") == 2
    assert [os.path.dirname(place) for place in places(error)] == ["e"] * 3
