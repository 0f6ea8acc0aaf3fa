"""Names of Jobs by content: what changes them, what does not, and what goes with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.job_name import JOB, edited

if TYPE_CHECKING:
    from pathlib import Path


ASK = "        persistence: {}\n"


def name_of(output: bytes) -> str:
    (name,) = re.findall(r'^  name: "?([^"\n]*-[0-9a-f]{10})"?$', output.decode(), re.MULTILINE)
    return str(name)


def render_name(job: str = JOB, catalog: str = DOCUMENTED, *arguments: str) -> str:
    result = run(*arguments, stdin=make_catalog(catalog) + job)
    assert result.exit_code == 0, result.error
    return name_of(result.output)


# What changes the pod, and so the name.
CHANGES = {
    "a changed variable": edited(('value: "10"', 'value: "20"')),
    "one more variable": edited(("        resources:\n", "        - name: LR\n          value: x\n        resources:\n")),
    "another image": edited(("3.12-slim", "3.13-slim")),
    "another command": edited(("train.py]", "train.py, --fast]")),
    "another order of a list": edited(("[python, train.py]", "[train.py, python]")),
    "another limit": edited(("4Gi", "8Gi")),
    "another label of the pod": edited(("team: vision", "team: text")),
    "one more completion": edited(("completions: 1", "completions: 2")),
    "other data": edited((ASK, "        persistence: {data: [data1]}\n")),
    "data in another order": edited((ASK, "        persistence: {data: [data2, data1, data-foo]}\n")),
    "other outputs": edited((ASK, "        persistence: {outputs: outputs2}\n")),
    "another kind": edited(("kind: experiment", "kind: job")),
    "a null where a value was": edited(("command: [python, train.py]", "command: null")),
    "a string that looks like null": edited(("team: vision", 'team: "null"')),
    "a container of its own alone": edited(("polyaxon.com/run-policy: keep", "polyaxon.com/run-policy: replace\n    polyaxon.com/run-folder: best")),
}  # fmt: skip


# What does not.
NO_CHANGES = {
    "quotes": edited(('"python:3.12-slim"', "'python:3.12-slim'"), ('value: "10"', "value: '10'"), ("restartPolicy: Never", 'restartPolicy: "Never"')),
    "no quotes": edited(('"python:3.12-slim"', "python:3.12-slim"), ('value: "10"', "value: 10")),
    "comments": edited(("      containers:\n", "      # the containers\n      containers: # one\n"), ("restartPolicy: Never", "restartPolicy: Never # once")),
    "flow style": edited(('        - name: EPOCHS\n          value: "10"\n', '        - {name: EPOCHS, value: "10"}\n')),
    "block style": edited(("[python, train.py]", "\n        - python\n        - train.py"), ("limits: {memory: 4Gi}", "limits:\n            memory: 4Gi")),
    "a literal": edited(('value: "10"', "value: |-\n            10")),
    "the order of keys": edited(('        - name: EPOCHS\n          value: "10"\n', '        - value: "10"\n          name: EPOCHS\n'), ('      - name: main\n        image: "python:3.12-slim"\n', '      - image: "python:3.12-slim"\n        name: main\n')),
    "indents": edited(('        - name: EPOCHS\n          value: "10"\n', '            -   name: EPOCHS\n                value: "10"\n')),
    "suspend": edited(("suspend: false", "suspend: true")),
    "no suspend": edited(("  suspend: false\n", "")),
    "parallelism": edited(("parallelism: 1", "parallelism: 2")),
    "backoffLimit": edited(("backoffLimit: 0", "backoffLimit: 6")),
    "activeDeadlineSeconds": edited(("activeDeadlineSeconds: 60", "activeDeadlineSeconds: 600")),
    "ttlSecondsAfterFinished": edited(("  ttlSecondsAfterFinished: 60\n", "")),
    "podReplacementPolicy": edited(("podReplacementPolicy: Failed", "podReplacementPolicy: TerminatingOrFailed")),
    "maxFailedIndexes": edited(("maxFailedIndexes: 1", "maxFailedIndexes: 2")),
    "another chart version": edited(("chart-0.1.0", "chart-0.2.0"), ("# Source: chart/templates/runs.yaml\n", "# Source: chart/templates/all.yaml\n")),
    "the policy": edited(("run-policy: keep", "run-policy: replace")),
    "the polyaxonfile's other sections": edited(("kind: experiment\n", "kind: experiment\n      version: 1\n      run: {cmd: x}\n")),
    "the defaults written out": edited((ASK, "        persistence: {data: [data-foo, data1, data2], outputs: outputs-foo}\n")),
    "our gate": edited(("      restartPolicy: Never\n", "      schedulingGates:\n      - name: polyaxon.com/needs-post-renderer\n      restartPolicy: Never\n")),
    "a namespace": edited(("  name: train\n", "  name: train\n  namespace: vision\n")),
}  # fmt: skip


def test_the_name_of_release_0_1_0() -> None:
    """Pinned: another name restarts people's training."""
    assert render_name() == "train-e626028336"


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_the_pod_changes_the_name(what: str) -> None:
    assert render_name(CHANGES[what]) != render_name()


def test_all_changes_give_different_names() -> None:
    names = [render_name(), *map(render_name, CHANGES.values())]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("what", NO_CHANGES)
def test_what_leaves_the_pod_alone_leaves_the_name_alone(what: str) -> None:
    assert render_name(NO_CHANGES[what]) == render_name()


# The catalog of the stream, and a --persistence file over it: text, whether the name changes.
CATALOGS = {
    "a grown catalog": ("data: {data3: {mountPath: /data/3, existingClaim: data-3}}", True),
    "a smaller catalog": ("data: {data2: null}", True),
    "another claim": ("data: {data2: {existingClaim: other}}", True),
    "another mount path": ("data: {data2: {mountPath: /data/two}}", True),
    "read-only now": ("data: {data2: {readOnly: true}}", True),
    "another default": ("defaultOutputs: outputs2", True),
    "another run folder": ("runFolder: '{kind}/{name}'", True),
    "isolated runs": ("isolateRuns: true", True),
    "outputs that are not the default": ("outputs: {outputs9: {mountPath: /outputs/9, existingClaim: o}}", False),
    "a description": ("data: {data2: {description: pictures}}", False),
    "the default that it had": ("defaultOutputs: outputs-foo", False),
    "all data, named": ("defaultData: [data-foo, data1, data2]", False),
    "nothing": ("{}", False),
}


@pytest.mark.parametrize("what", CATALOGS)
def test_a_persistence_file_changes_the_name_with_the_pod(what: str, tmp_path: Path) -> None:
    text, changes = CATALOGS[what]
    (tmp_path / "site.yaml").write_text(text)
    assert (render_name(JOB, DOCUMENTED, "--persistence", str(tmp_path / "site.yaml")) != render_name()) is changes


def test_a_grown_catalog_leaves_a_run_alone_that_names_its_volumes() -> None:
    job = edited((ASK, "        persistence: {data: [data1], outputs: outputs2}\n"))
    grown = DOCUMENTED.replace("outputs:\n", "  data3: {mountPath: /data/3, existingClaim: c}\noutputs:\n")
    assert render_name(job, grown) == render_name(job)


def test_the_catalogs_own_text_is_no_content() -> None:
    shuffled = "# ours\n" + "\n".join(["data:", *DOCUMENTED.splitlines()[3:0:-1], *DOCUMENTED.splitlines()[4:]]) + "\n"
    assert render_name(JOB, shuffled) == render_name()


def test_a_second_render_keeps_the_name() -> None:
    once = run(stdin=make_catalog() + JOB).output
    assert name_of(run(stdin=once).output) == name_of(once)


def test_a_render_over_an_older_render_replaces_the_hash() -> None:
    once = run(stdin=make_catalog() + JOB).output.decode()
    changed = once.replace("3.12-slim", "3.13-slim")
    twice = run(stdin=changed)
    assert twice.exit_code == 0
    name = name_of(twice.output)
    assert name == render_name(CHANGES["another image"])
    assert twice.output.decode().count(name) == 3  # the name, the selector and the label
    assert name_of(once.encode()) not in twice.output.decode()


def test_the_base_name_is_no_part_of_the_hash() -> None:
    other = edited(("  name: train\n", "  name: eval\n"))
    assert render_name(other).removeprefix("eval-") == render_name().removeprefix("train-")


def test_two_runs_on_one_base_name_never_get_one_job() -> None:
    both = run(stdin=make_catalog() + JOB + CHANGES["a changed variable"])
    assert both.exit_code == 0
    names = re.findall(r'^  name: "(train-[0-9a-f]{10})"$', both.output.decode(), re.MULTILINE)
    assert len(set(names)) == 2
    same = run(stdin=make_catalog() + JOB + NO_CHANGES["comments"])
    assert same.exit_code == 1
    assert same.output == b""
    assert "error[same-name] Job/train" in same.error
    elsewhere = run(stdin=make_catalog() + JOB + NO_CHANGES["a namespace"])
    assert elsewhere.exit_code == 0


# Room for the hash


@pytest.mark.parametrize(
    ("length", "spec", "fits"),
    [
        (52, "", True),
        (53, "", False),
        (52, "completions: 100\n", True),
        (50, "completionMode: Indexed\ncompletions: 10\n", True),
        (51, "completionMode: Indexed\ncompletions: 10\n", False),
        (49, "completionMode: Indexed\ncompletions: 11\n", True),
        (50, "completionMode: Indexed\ncompletions: 11\n", False),
        (50, "completionMode: Indexed\n", True),
        (52, "completionMode: NonIndexed\ncompletions: 1000\n", True),
    ],
)
def test_base_name_and_hash_fit_in_63_characters(length: int, spec: str, fits: bool) -> None:
    job = make_job(name="a" * length, annotations="polyaxon.com/run-policy: keep\n", spec=spec)
    result = run(stdin=make_catalog() + job)
    assert (result.exit_code == 0) is fits
    if fits:
        assert len(name_of(result.output)) == length + 11
    else:
        assert f"error[name-too-long] Job/{'a' * length}" in result.error


@pytest.mark.parametrize("completions", ["many", "9" * 5000])
def test_completions_that_are_no_number_are_someone_elses_problem(completions: str) -> None:
    spec = f"completionMode: Indexed\ncompletions: {completions}\n"
    job = make_job(name="a" * 52, annotations="polyaxon.com/run-policy: keep\n", spec=spec)
    assert run(stdin=make_catalog() + job).exit_code == 0
