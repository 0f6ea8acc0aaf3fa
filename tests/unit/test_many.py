"""Streams with many objects, names or errors: no work is repeated for each of them, and messages stay short.

No test here measures time: `make bench-growth` measures how times grow.
"""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING, Any

from post_renderer.catalog.load import read_catalogs
from post_renderer.console.format import join_members
from post_renderer.problems import Problem
from post_renderer.runs.build_index import build_index
from post_renderer.runs.index import RunRecord
from post_renderer.stream import find_documents
from post_renderer.yamltree import libyaml_reader
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

if TYPE_CHECKING:
    import pytest


EVAL = "environment: {outputs: {jobs: [train]}}\n"
CATALOG = "data: {}\noutputs:\n  outputs1: {mountPath: /outputs/1, existingClaim: c}\n"


def place_in_namespace(job: str, number: int) -> str:
    return job.replace("  name:", f"  namespace: ns-{number}\n  name:", 1)


def make_list(*jobs: str) -> str:
    items = "".join("- " + indent(job.split("\n", 2)[2], "  ")[2:] for job in jobs)
    return f"---\napiVersion: v1\nkind: List\nitems:\n{items}"


def count_calls(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[tuple[Any, ...]]:
    """Return a list that gets the arguments of each later call."""
    calls: list[tuple[Any, ...]] = []
    function = getattr(owner, name)

    def call(*arguments: Any) -> Any:
        calls.append(arguments)
        return function(*arguments)

    monkeypatch.setattr(owner, name, call)
    return calls


def test_runs_of_one_name_are_looked_for_in_their_namespace_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_calls(monkeypatch, RunRecord, "matches")
    jobs = [place_in_namespace(make_job(), number) for number in range(50)]
    jobs += [place_in_namespace(make_job(EVAL, name="eval"), number) for number in range(50)]
    result = run(stdin=make_catalog() + "".join(jobs))
    assert (result.exit_code, result.error) == (0, "")
    assert 50 <= len(calls) <= 100


def test_runs_of_one_name_are_looked_for_in_their_project_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_calls(monkeypatch, RunRecord, "matches")
    catalog = CATALOG + "runFolder: '{project}/{name}'\n"
    jobs = []
    for number in range(50):
        project = f"polyaxon.com/project: p-{number}\n"
        jobs.append(make_job(annotations=project))
        asked = EVAL.replace("train", f"p-{number}/train")
        jobs.append(make_job(asked, name=f"eval-{number}", annotations=project))
    result = run(stdin=make_catalog(catalog) + "".join(jobs))
    assert (result.exit_code, result.error) == (0, "")
    assert b"p-49/train" in result.output
    assert 50 <= len(calls) <= 100


def test_an_ambiguous_reference_names_twelve_runs() -> None:
    jobs = [place_in_namespace(make_job(), number) for number in range(30)] + [
        make_job(EVAL, name=f"eval-{n}") for n in range(3)
    ]
    result = run(stdin=make_catalog() + "".join(jobs))
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.count('Job/train in the namespace "ns-') == 3 * 12
    assert result.error.count(" and 18 more") == 3


def test_several_catalogs_are_named_up_to_twelve() -> None:
    catalogs = [
        make_catalog(CATALOG).replace("labels: {", f"labels: {{app.kubernetes.io/instance: r-{number:02}, ")
        for number in range(20)
    ]
    result = run(stdin="".join(catalogs) + make_job())
    assert result.exit_code == 1
    assert 'of the releases "r-00", "r-01",' in result.error
    assert '"r-11" and 8 more)' in result.error
    assert "r-12" not in result.error


def test_writable_outputs_are_named_up_to_twelve() -> None:
    entries = "".join(
        f"  o-{number:02}: {{mountPath: /o/{number}, existingClaim: c-{number}}}\n" for number in range(20)
    )
    catalog = f"{CATALOG}{entries}  old: {{mountPath: /old, existingClaim: old, readOnly: true}}\n"
    result = run(stdin=make_catalog(catalog) + make_job("environment: {persistence: {outputs: old}}\n"))
    assert "hint: choose one of: o-00, o-01," in result.error
    assert "o-11 and 9 more" in result.error


def test_one_patch_for_what_is_twice_in_a_list() -> None:
    result = run(
        "flux-patches", stdin=make_catalog() + make_list(make_job(), make_job(), make_job(name="b")) + make_job()
    )
    assert (result.exit_code, result.error) == (0, "")
    targets = [line.partition("target: ")[2] for line in result.output.decode().splitlines() if "target:" in line]
    assert [json.loads(target)["name"] for target in targets] == ["train", "b"]


def test_verify_reads_what_a_cluster_prints_as_a_render_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads each document once, as a render does: a List of a cluster may have thousands of Jobs."""
    live = [
        job.replace("  name:", f"  uid: u-{number}\n  name:", 1)
        for number, job in enumerate([make_job(), make_job(name="b"), make_job("kind: [\n", name="c")])
    ]
    monkeypatch.setattr(libyaml_reader, "EVENT_LIMIT", 0)  # each document that libyaml reads is an error
    result = run("verify", stdin=make_catalog() + make_list(*live[:2]))
    assert result.exit_code == 1
    assert result.error.count("error[not-verified]") == 2
    assert "input-too-large" not in result.error
    monkeypatch.undo()
    result = run("verify", stdin=make_catalog() + make_list(*live))
    assert [head.partition(" (")[0] for head in heads(result.error)] == [
        "error[not-verified] Job/train", "error[not-verified] Job/b", "error[invalid-polyaxonfile] Job/c"
    ]  # fmt: skip


def test_problems_of_neighbours_in_a_list_are_not_mixed_up() -> None:
    """Objects that a controller created are omitted with their problems. The problems of the objects around them stay."""
    wrong = "environment: {persistence: {data: [unknown]}}\n"
    owner = "  ownerReferences:\n  - {kind: CronJob, name: x, controller: true}\n"
    owned = [
        make_job(wrong, name=f"owned-{number}").replace("  annotations:", f"{owner}  annotations:", 1)
        for number in range(3)
    ]
    jobs = [make_job(wrong, name=f"wrong-{number}") for number in range(3)] + [make_job(name="bare")]
    mixed = [owned[0], jobs[0], owned[1], jobs[3], jobs[1], owned[2], jobs[2]]
    result = run("verify", "--output", "json", stdin=make_catalog() + make_list(*mixed))
    found = json.loads(result.output)
    assert [problem["subject"] for problem in found["problems"]] == [
        "Job/wrong-0", "Job/bare", "Job/wrong-1", "Job/wrong-2"
    ]  # fmt: skip
    assert [row["state"] for row in found["runs"]] == ["bare"]


def test_a_variable_reference_needs_its_closing_bracket() -> None:
    rendered = run(stdin=make_catalog() + make_job()).output.decode()
    for text, refers in (
        ("$(POLYAXON_IN_CLUSTER", False),
        ("$(A $(POLYAXON_IN_CLUSTER)", True),
        ("$$(POLYAXON_IN_CLUSTER)", False),
    ):
        again = rendered.replace("        env:\n", f"        env:\n        - {{name: OWN, value: '{text}'}}\n", 1)
        result = run(stdin=again)
        assert ("below a variable that contains $(" in result.error) == refers, text


def test_ambiguous_references_are_one_edge_for_all_that_have_them() -> None:
    """8,000 runs that refer to 8,000 runs of one name would otherwise have 64 million targets."""
    stream = "".join(place_in_namespace(make_job(), number) for number in range(40))
    stream += "".join(make_job(EVAL, name=f"eval-{number}") for number in range(40))
    documents = list(find_documents((make_catalog() + stream).encode()))
    targets = build_index(documents, read_catalogs(documents, [])).find_targets()
    assert sum(map(len, targets.values())) == 40 + 40


def test_a_circle_through_an_ambiguous_reference_is_one() -> None:
    train = make_job("environment: {outputs: {jobs: [eval]}}\n")
    stream = place_in_namespace(train, 1) + place_in_namespace(train, 2) + make_job(EVAL, name="eval")
    result = run(stdin=make_catalog() + stream)
    assert (result.exit_code, result.output) == (1, b"")
    found = [head.partition(" (")[0] for head in heads(result.error)]
    assert found == ["error[reference-cycle] Job/train"] * 2 + ["error[invalid-reference] Job/eval"]
    assert "Job/train -> Job/eval -> Job/train" in result.error


def test_a_document_that_volumes_make_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only libyaml can read it. It reads it again after the edits, which add volumes and so more nodes."""
    stream = make_catalog() + make_list(*[make_job(name=f"a-{number}") for number in range(5)])
    stream = stream.replace("items:", "items: !!seq")
    assert run(stdin=stream).exit_code == 0
    monkeypatch.setattr(libyaml_reader, "EVENT_LIMIT", 300)
    assert run("verify", stdin=stream).error.count("error[not-verified]") == 5
    result = run(stdin=stream)
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[input-too-large] Job/a-0 (" in result.error
    assert "with its volumes, the document is over a limit: the document has more than 300 YAML events" in result.error
    assert "hint: put fewer runs into one document" in result.error


def test_check_takes_what_a_render_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = make_catalog() + make_list(*[make_job(name=f"a-{number}") for number in range(5)])
    monkeypatch.setattr(libyaml_reader, "EVENT_LIMIT", 300)
    assert (run(stdin=stream).exit_code, run("check", stdin=stream).exit_code) == (0, 0)


class Unsearched(str):
    """A text that must not be searched."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        raise AssertionError(f"the whole document was searched for {part}")


def test_a_large_document_is_not_searched_for_each_of_its_errors() -> None:
    problem = Problem("not-verified", "the run has no volumes", subject="Job/train-0")
    problem.file, problem.text = "shop/templates/runs.yaml", Unsearched("kind: List\n")
    assert join_members([problem]) == [(problem, 1)]
