"""Which fields of a changed run `check --against` names, and that no value of it gets into a message."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer.commands.field_changes import MOST, list_changes
from tests.support.cli import make_catalog, make_job, run
from tests.unit.commands.conftest import KEEP, NOBODY, render, source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.commands.conftest import Checker

SECRET = "hunter2"
POD: Any = {
    "metadata": {"labels": {"a.b/c": "x"}, "annotations": {"note": "x"}},
    "restartPolicy": "Never",
    "hostNetwork": False,
    "unknown": 1,
    "containers": [
        {
            "name": "main",
            "image": "busybox:1",
            "command": ["a", "b"],
            "args": ["a"],
            "env": [{"name": "A", "value": "x"}, {"name": "B", "value": "x"}],
            "resources": {"limits": {"nvidia.com/gpu": 1}, "other": {"x": 1}},
            "volumeMounts": [{"name": "data", "mountPath": "/data"}],
        }
    ],
    "initContainers": [{"name": "init", "image": "busybox:1"}],
    "volumes": [
        {"name": "data", "persistentVolumeClaim": {"claimName": "a"}},
        {"name": "k", "secret": {"secretName": "s"}},
    ],
}


def main_of(pod: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pod["containers"][0]
    return found


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], list[str]]] = {
    "image": (lambda pod: main_of(pod).update(image="busybox:2"), ['containers[main].image: "busybox:1" -> "busybox:2"']),
    "image of an init container": (lambda pod: pod["initContainers"][0].update(image="x"), ['initContainers[init].image: "busybox:1" -> "x"']),
    "resources": (lambda pod: main_of(pod)["resources"]["limits"].update({"nvidia.com/gpu": 2}), ['containers[main].resources.limits.nvidia.com/gpu: "1" -> "2"']),
    "label": (lambda pod: pod["metadata"]["labels"].update({"a.b/c": "y"}), ['template.metadata.labels.a.b/c: "x" -> "y"']),
    "claim": (lambda pod: pod["volumes"][0]["persistentVolumeClaim"].update(claimName="b"), ['volumes[data].persistentVolumeClaim.claimName: "a" -> "b"']),
    "mount": (lambda pod: main_of(pod)["volumeMounts"][0].update(name="k"), ['containers[main].volumeMounts[/data].name: "data" -> "k"']),
    "mount path": (lambda pod: main_of(pod)["volumeMounts"][0].update(mountPath="/d"), ["containers[main].volumeMounts[/data]: removed", "containers[main].volumeMounts[/d]: added"]),
    "boolean": (lambda pod: pod.update(hostNetwork=True), ["hostNetwork: false -> true"]),
    "volume": (lambda pod: pod["volumes"].pop(0), ["volumes[data]: removed"]),
    "order": (lambda pod: main_of(pod)["env"].reverse(), ["containers[main].env: another order"]),
    "env": (lambda pod: main_of(pod)["env"][0].update(value=SECRET), ["containers[main].env[A].value: changed"]),
    "new env": (lambda pod: main_of(pod)["env"].append({"name": "C", "value": SECRET}), ["containers[main].env[C]: added"]),
    "command": (lambda pod: main_of(pod)["command"].__setitem__(1, SECRET), ["containers[main].command[1]: changed"]),
    "args": (lambda pod: main_of(pod)["args"].append(SECRET), ["containers[main].args[1]: added"]),
    "annotation": (lambda pod: pod["metadata"]["annotations"].update(note=SECRET), ["template.metadata.annotations.note: changed"]),
    "unknown field": (lambda pod: pod.update(unknown=SECRET), ["unknown: changed"]),
    "another form": (lambda pod: main_of(pod).update(image={"a": SECRET}), ["containers[main].image: changed"]),
    "below resources": (lambda pod: main_of(pod)["resources"]["other"].update(x=SECRET), ["containers[main].resources.other.x: changed"]),
    "another volume source": (lambda pod: pod["volumes"][1]["secret"].update(secretName=SECRET), ["volumes[k].secret.secretName: changed"]),
    "a path with a dot": (lambda pod: pod.update({"containers.*.image": SECRET}), ["containers.*.image: added"]),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_the_path_and_only_harmless_values(what: str) -> None:
    change, expected = CHANGES[what]
    after = copy.deepcopy(POD)
    change(after)
    assert list_changes([POD], [after]) == expected
    assert list_changes([POD], [copy.deepcopy(POD)]) == []


def test_the_first_changes_and_the_number_of_the_others() -> None:
    after = {**POD, **{f"f{number}": True for number in range(8)}}
    assert list_changes([POD], [after]) == [*(f"f{number}: added" for number in range(MOST)), "and 3 more"]


def test_another_number_of_pods() -> None:
    assert list_changes([POD], [POD, POD]) == ["the number of pod templates: changed"]


def test_a_key_that_steers_a_terminal() -> None:
    (text,) = list_changes([{}], [{"\x1b[31m\n": "1"}])
    assert text.isprintable()


PLACES = {
    "env": f"env: [{{name: TOKEN, value: {SECRET}}}]\n",
    "command": f"command: [{SECRET}]\n",
    "args": f"args: [{SECRET}]\n",
    "unknown": f"unknown: {SECRET}\n",
    "image": f"image2: {SECRET}\n",
}


@pytest.mark.parametrize("policy", ["", KEEP])
@pytest.mark.parametrize("place", PLACES)
def test_a_secret_reaches_no_message_and_no_report(place: str, policy: str, checker: Checker) -> None:
    before, after = make_job(annotations=policy), make_job(annotations=policy, container=PLACES[place])
    for old, new in ((before, after), (after, before), (after, after.replace(SECRET, "other"))):
        for words in ([], ["--output", "json"]):
            result = checker.run(source(new), render(old), None, *words)
            assert "differs from what" in result.output.decode() or words
            assert SECRET.encode() not in result.output
            assert SECRET not in result.error + run("last-report").output.decode()


def test_a_blocked_run_is_an_error_with_its_line_and_its_changes(checker: Checker) -> None:
    changed = make_job(
        container="image: busybox:2\n".replace("image", "imagePullPolicy").replace("busybox:2", "Always")
    )
    result = checker.run(source(changed), render(make_job()))
    assert result.exit_code == 1
    assert result.error == (
        "<stdin>:25: error[blocked-run] Job/train (chart/templates/runs.yaml): Kubernetes would refuse the upgrade: the pod template changes, but the Job's name does not\n"
        "  hint: delete the Job first, or give it a run-policy, which deletes the Job, also if it runs\n"
    )
    assert (
        "Job/train differs from what is installed:\n  containers[main].imagePullPolicy: added\n"
        in result.output.decode()
    )
    data = json.loads(checker.run(source(changed), render(make_job()), None, "--output", "json").output)
    assert data["runs"] == [
        {
            "object": "Job/train",
            **NOBODY,
            "outcome": "blocked",
            "note": "",
            "reason": "the pod template changes, but the Job's name does not: delete the Job first, or give it a run-policy, which deletes the Job, also if it runs",
            "changes": ["containers[main].imagePullPolicy: added"],
        }
    ]
    assert [problem["code"] for problem in data["problems"]] == ["blocked-run"]


def test_a_job_named_by_content_is_compared_with_the_installed_one(checker: Checker) -> None:
    """The run folder has the name with the hash in it. It is no change of its own."""
    old = make_job(annotations=KEEP, container="imagePullPolicy: Always\n")
    new = make_job(annotations=KEEP, container="imagePullPolicy: Never\n")
    data = json.loads(checker.run(source(new), render(old), None, "--output", "json").output)
    starts, goes_on = data["runs"]
    assert (starts["outcome"], starts["changes"]) == (
        "starts unless kept",
        ['containers[main].imagePullPolicy: "Always" -> "Never"'],
    )
    assert (goes_on["outcome"], goes_on["changes"]) == ("goes on", [])


def test_the_label_that_changes_with_the_chart_is_named_as_the_reason(checker: Checker) -> None:
    def labelled(version: str) -> str:
        job = make_job(annotations=KEEP)
        return job.replace(
            "  template:\n", f"  template:\n    metadata: {{labels: {{helm.sh/chart: jobs-{version}}}}}\n"
        )

    data = json.loads(checker.run(source(labelled("2")), render(labelled("1")), None, "--output", "json").output)
    assert data["runs"][0]["changes"] == ['template.metadata.labels.helm.sh/chart: "jobs-1" -> "jobs-2"']


def test_every_outcome_has_a_reason(checker: Checker, tmp_path: Path) -> None:
    live = {"apiVersion": "v1", "kind": "List", "items": [doc for doc in yaml.safe_load_all(render(make_job())) if doc]}
    (tmp_path / "live").write_text(yaml.safe_dump(live))
    data = json.loads(
        checker.run(
            make_catalog() + make_job() + make_job(name="b"), render(make_job(name="c")), None, "--output", "json"
        ).output
    )
    assert all(row["reason"] for row in data["runs"])
    assert len(data["runs"]) == 3
