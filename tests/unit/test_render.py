"""What names us and comes to nothing is read once more by the full reader: a short cut may never pass a run in silence."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from post_renderer.runs import Run
from post_renderer.yamltree import parse
from tests.support.cli import make_catalog, make_job, run
from tests.support.faults import overlook_line, write_wrongly

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_reader_that_sees_nothing_costs_nobody_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = make_catalog() + make_job()
    expected = run(stdin=stream).output
    assert b"POLYAXON_DATA_PATHS" in expected
    for line in ("  annotations:", "    polyaxon.com/polyaxonfile: |", "      {}"):
        overlook_line(monkeypatch, line)
    document = make_job()
    assert [parse(document, full=full).get("metadata").names() for full in (False, True)] == [  # type: ignore[union-attr]
        ["name"],
        ["name", "annotations"],
    ]
    assert run(stdin=stream).output == expected


def test_a_document_that_only_the_full_reader_reads_is_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # A splice that writes a wrong value into a document with an anchor is our bug, and nothing of it is written.
    write_wrongly(monkeypatch, "outputs-foo-pvc", "another-pvc")
    result = run(stdin=make_catalog() + make_job() + "x: &a b\n")
    assert (result.exit_code, result.output) == (3, b"")
    assert run("check", stdin=make_catalog() + make_job()).exit_code == 3  # `check` does so for all documents


def test_a_key_that_is_no_scalar_may_be_behind_one_that_goes() -> None:
    gate = "schedulingGates:\n- name: polyaxon.com/needs-post-renderer\n"
    stream = make_catalog() + make_job(pod=gate + "? {a: b}\n: c\n? [d]\n: e\n")
    result = run(stdin=stream)
    assert result.exit_code == 0, result.error
    assert b"needs-post-renderer" not in result.output
    assert b"? {a: b}" in result.output


@pytest.mark.pure
def test_the_runs_of_a_list_are_gone_through_once_and_not_for_each_of_its_objects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import post_renderer.render as module

    passes = []

    class Counted(list[Run]):
        def __iter__(self) -> Iterator[Run]:
            passes.append(len(self))
            return super().__iter__()

    right = module.plan_values
    monkeypatch.setattr(module, "plan_values", lambda root, runs: right(root, Counted(runs)))
    job = make_job().removeprefix("---\n").replace("# Source: chart/templates/runs.yaml\n", "")
    items = ["- " + indent(job, "  ")[2:].replace("name: train", f"name: train-{number}") for number in range(20)]
    result = run("check", stdin=make_catalog() + "---\napiVersion: v1\nkind: List\nitems:\n" + "".join(items))
    assert result.exit_code == 0, result.error
    assert passes == [20]
