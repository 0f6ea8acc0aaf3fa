"""`make fuzz`: it fails on a finding, and on a target that ran nothing. The targets find what they are to find."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from ci.fuzz import __main__ as fuzz
from post_renderer.yamltree import fast_tokens
from tests.robustness.fuzz.seeds import seeds_of
from tests.robustness.fuzz.targets import TARGETS, check_document, check_requests, read_document
from tests.support.cli import make_catalog, make_job

if TYPE_CHECKING:
    from pathlib import Path


def finish(monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, tuple[int, bool]]) -> str:
    """The error with which the program ends, for the executions and the success of some targets."""
    monkeypatch.setattr(fuzz, "install", dict)
    monkeypatch.setattr(fuzz, "run_target", lambda target, _seconds, _env: outcomes[target])
    with pytest.raises(SystemExit) as ended:
        fuzz.main(["--only", " ".join(outcomes)])
    return str(ended.value)


def test_a_finding_and_a_target_that_ran_nothing_are_failures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = {"render": (5, True), "readers": (7, False), "krm": (0, True)}
    assert finish(monkeypatch, outcomes).startswith("failed: readers krm;")
    assert capsys.readouterr().out == "render: 5 executions\nreaders: 7 executions\nkrm: 0 executions\n"


@pytest.mark.parametrize("code", [0, 77])
def test_what_is_read_from_the_fuzzer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int) -> None:
    def start(command: list[str], *, stdout: object, **_: object) -> subprocess.CompletedProcess[bytes]:
        stdout.write(b"#5\tDONE\nstat::number_of_executed_units: 12\nstat::average_exec_per_sec: 6\n")  # type: ignore[attr-defined]
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(fuzz, "ROOT", tmp_path)
    monkeypatch.setattr(fuzz, "WORK", tmp_path)
    monkeypatch.setattr(subprocess, "run", start)
    assert fuzz.run_target("argocd", 1, {}) == (12, code == 0)


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_starts_from_texts_that_keep_the_promises(target: str) -> None:
    seeds = seeds_of(target)
    assert len(seeds) >= 8
    for raw in seeds[:40]:
        TARGETS[target](raw)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nb: 2\n", "a: 1\n"),
        ("a: [1, 2]\n", "a: [2, 1]\n"),
        ("a: 1\n", "a: 2\n"),
        ("a: '1'\n", "a: 1\n"),
        ("a: {b: c}\n", "a: [b, c]\n"),
        ("a: 1\n", "a: 1\nb: [\n"),
        ("a: 1\n", "a: 1\n...\nb: 2\n"),
        ("a: 1 # c\n", "a: 1\n"),
        ("name: a\n", "name: b\n"),
        ("schedulingGates: [{name: a}]\n", "b: c\n"),
    ],
)
def test_a_change_that_is_no_addition_is_found(before: str, after: str) -> None:
    head = "# polyaxon.com\n"
    check_document(head + before, head + before + "z: 1\n")
    with pytest.raises(AssertionError):
        check_document(head + before, head + after)


def test_a_job_without_its_volumes_is_found() -> None:
    with pytest.raises(AssertionError):
        check_requests(make_catalog() + make_job())


def test_a_reader_with_other_nodes_is_found() -> None:
    other = fast_tokens.Line("a: c")
    with patch.dict(fast_tokens.remembered, {"a: b": other}), pytest.raises(AssertionError):
        read_document(b"a: b\n")
