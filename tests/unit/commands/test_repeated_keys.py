"""A key that is twice in a values file is an error of `check` and `explain`: Helm takes the last one silently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

LOST = """\
runs:
  resnet:
    image: a
    command: [python]
    vgg:
    image: b
    command: [python, x]
"""
HINT = 'Helm takes the last one. Is "vgg" (line 5) indented too far?'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a `helm` that prints a stream."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "stream").write_text(make_catalog() + make_job())
    (tmp_path / "bin" / "helm").write_text("#!/bin/sh\nexec cat stream\n")
    (tmp_path / "bin" / "helm").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path


def report(command: str, values: str, *words: str) -> str:
    with open("values.yaml", "w", encoding="utf-8") as file:
        file.write(values)
    result = run(command, "--", "helm", "template", "demo", "chart", *(words or ("-f", "values.yaml")))
    assert result.exit_code == (1 if "error[" in result.error else 0)
    return result.error


@pytest.mark.parametrize("command", ["check", "explain"])
def test_a_name_that_is_indented_too_far(command: str) -> None:
    assert report(command, LOST) == (
        "values.yaml:6: error[duplicate-key] runs.resnet.image is written twice (first in line 3)\n"
        f"  hint: {HINT}\n"
        "values.yaml:7: error[duplicate-key] runs.resnet.command is written twice (first in line 4)\n"
        f"  hint: {HINT}\n"
    )


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("runs: {resnet: {}, 'resnet': {}}\n", ["values.yaml:1: runs.resnet (1)"]),
        ("runs:\n  empty:\n  a: {}\n  a: {}\n", ["values.yaml:4: runs.a (3)"]),  # `empty` is before both
        ("a: 1\nb:\n- c: 1\n  c: 2\na: 3\n", ["values.yaml:4: b[0].c (3)", "values.yaml:5: a (1)"]),
        ("a: 1\na: 2\na: 3\n", ["values.yaml:2: a (1)", "values.yaml:3: a (1)"]),
        ("x: &x {a: 1}\ny: {<<: *x, a: 2}\nz: *x\n", []),
        ("a: {b: 1}\nb: 1\n", []),
        ("# empty\n", []),
        ("a: [\n", []),  # Helm reports it
    ],
)
def test_what_is_twice(values: str, found: list[str]) -> None:
    lines = [line for line in report("check", values).splitlines() if "error[" in line]
    short = [
        line.replace("error[duplicate-key] ", "").replace(" is written twice (first in line ", " (") for line in lines
    ]
    assert short == found


def test_several_files_and_the_values_of_the_chart(folder: Path) -> None:
    (folder / "chart").mkdir()
    for path in ("chart/Chart.yaml", "chart/values.yaml", "b.yaml"):
        (folder / path).write_text("a: 1\na: 2\n")
    error = report("check", LOST, "-f", "b.yaml,gone.yaml", "--values=b.yaml", "-f", "-")
    assert [line.partition(":")[0] for line in error.splitlines()[::2]] == ["chart/values.yaml", "b.yaml"]


def test_only_helm_template_has_values_files(folder: Path) -> None:
    (folder / "values.yaml").write_text(LOST)
    assert run("check", "--", "cat", "stream", "values.yaml").error.count("is written twice") == 0
    assert run("check", "--", "helm", "get", "manifest", "demo", "-f", "values.yaml").error == ""


def test_the_error_as_data() -> None:
    report("check", LOST)
    words = ("--output", "json", "--", "helm", "template", "demo", "chart", "-f", "values.yaml")
    problems = json.loads(run("check", *words).output)["problems"]
    assert [(problem["file"], problem["line"], problem["code"]) for problem in problems] == [
        ("values.yaml", 6, "duplicate-key"),
        ("values.yaml", 7, "duplicate-key"),
    ]


def test_text_of_the_file_forges_nothing() -> None:
    error = report("check", '"a\\n::error::": 1\n"a\\n::error::": 2\n')
    assert error.splitlines()[0] == (
        "values.yaml:2: error[duplicate-key] a\\u000a::error:: is written twice (first in line 1)"
    )


def test_many_repeated_keys_take_no_longer_than_their_number() -> None:
    assert report("check", "a: 1\n" * 30_000).count("error[duplicate-key]") == 29_999
