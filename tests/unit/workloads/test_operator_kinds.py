"""Kinds of other operators: each has a golden case (kind-*) that hangs on its row, and the three shapes work alike."""

from __future__ import annotations

import json
from typing import Any

import kubernetes_validate
import pytest
import yaml

from post_renderer import workloads
from post_renderer.workloads import NATIVE_KINDS
from post_renderer.workloads.operator_kinds import TABLE
from tests.support.cli import make_catalog, run
from tests.support.custom_resources import INJECTED, POLYAXONFILE, REFUSED, ROWS, annotated, refused, render
from tests.support.paths import GOLDEN

CASES = sorted(path.name for path in GOLDEN.glob("kind*") if path.is_dir())


def kinds_of(case: str) -> set[tuple[str, str]]:
    """Group and kind of each object of a case that asks for volumes, those inside Lists included."""
    found = set()
    for document in yaml.safe_load_all((GOLDEN / case / "input.yaml").read_text()):
        for item in document.get("items") or [document]:
            api, kind = item.get("apiVersion", document["apiVersion"]), item.get("kind", document["kind"])
            if POLYAXONFILE in json.dumps(item):
                found.add((api.rpartition("/")[0], kind.removesuffix("List")))
    return found


KINDS_OF_CASES = {case: kinds_of(case) for case in CASES}


# The table and its golden cases


def test_there_are_many_of_them() -> None:
    assert len(ROWS) >= 45 + len(NATIVE_KINDS)


@pytest.mark.parametrize(("group", "kind"), ROWS)
def test_each_row_has_a_case_that_fails_without_it(group: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [case for case, kinds in KINDS_OF_CASES.items() if (group, kind) in kinds]
    assert cases, f"no golden case for {kind}.{group}"
    # A changed copy: an item that is deleted and put back is the last of its dict, and the tests share one process.
    if (group, kind) in NATIVE_KINDS:
        native = {key: row for key, row in NATIVE_KINDS.items() if key != (group, kind)}
        monkeypatch.setattr(workloads, "NATIVE_KINDS", native)
    else:
        operators = {key: rows for key, rows in TABLE[group].items() if key != kind}
        monkeypatch.setitem(TABLE, group, operators)
    for case in cases:
        result = run(stdin=(GOLDEN / case / "input.yaml").read_bytes())
        assert (result.exit_code, result.output) == (1, b"")
        assert f"error[not-a-workload] {kind}" in result.error


@pytest.mark.parametrize("case", INJECTED)
def test_each_container_of_a_case_gets_all_of_it(case: str) -> None:
    text = (GOLDEN / case / "output.yaml").read_text()
    counted = (
        text.count('mountPath: "/outputs"\n'),
        text.count('mountPath: "/data/images"\n'),
        text.count('name: "POLYAXON_RUN_OUTPUTS_PATH"\n'),
    )
    assert counted == (INJECTED[case],) * 3


def test_each_case_of_another_operator_is_counted() -> None:
    others = {case for case, kinds in KINDS_OF_CASES.items() if not kinds <= set(NATIVE_KINDS)}
    assert others == set(INJECTED)


def find_owners(node: Any) -> list[dict[str, Any]]:
    """Mappings that got our volumes, wherever they are."""
    found: list[dict[str, Any]] = []
    if isinstance(node, dict):
        if any(isinstance(item, dict) and item.get("name") == "results" for item in node.get("volumes") or ()):
            found.append(node)
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        found += find_owners(item)
    return found


def find_containers(node: Any) -> list[dict[str, Any]]:
    """Mappings with mounts of ours, below one that has the volumes."""
    if isinstance(node, list):
        return [found for item in node for found in find_containers(item)]
    if not isinstance(node, dict):
        return []
    own = (
        [node]
        if any(isinstance(item, dict) and item.get("name") == "results" for item in node.get("volumeMounts", ()))
        else []
    )
    return own + [found for value in node.values() for found in find_containers(value)]


@pytest.mark.parametrize("case", INJECTED)
def test_what_a_pod_gets_is_valid_to_kubernetes(case: str) -> None:
    (found,) = list(yaml.safe_load_all((GOLDEN / case / "output.yaml").read_text()))[-1:]
    owners = find_owners(found)
    assert owners
    for owner in owners:
        containers = [
            {"name": f"c{number}", "image": "x", **{key: container[key] for key in ("env", "volumeMounts")}}
            for number, container in enumerate(find_containers(owner))
        ]
        assert containers
        spec = {"containers": containers, "volumes": owner["volumes"]}
        names = {volume["name"] for volume in owner["volumes"]}
        assert {mount["name"] for item in containers for mount in item["volumeMounts"]} - names <= {
            "scratch",
            "flink-logs",
        }
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}
        kubernetes_validate.validate(pod, "1.34", strict=True)


@pytest.mark.parametrize(("group", "kind", "why", "advice"), REFUSED)
def test_a_kind_that_can_not_be_injected_says_what_to_do(group: str, kind: str, why: str, advice: str) -> None:
    error = refused(annotated(group, kind, {}))
    assert f"error[not-injectable] {kind}/train " in error
    assert f"a {kind} can't get volumes: {why}\n  hint: {advice}\n" in error
    assert render(f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: polyaxon.com}}\n").exit_code == 0


@pytest.mark.parametrize("key", ["~", "null", ""])
def test_a_replica_whose_key_is_null_is_an_error(key: str) -> None:
    replicas = f"  mpiReplicaSpecs:\n    ? {key}\n    : template: {{spec: {{containers: [{{name: a}}]}}}}\n"
    head = "---\napiVersion: kubeflow.org/v1\nkind: MPIJob\nmetadata:\n  name: train\n  annotations: {polyaxon.com/polyaxonfile: '{}'}\n"
    for command in ("render", "check"):
        result = run(command, stdin=f"{make_catalog()}{head}spec:\n{replicas}")
        assert (result.exit_code, "error[wrong-type] MPIJob/train" in result.error) == (1, True), result.error
