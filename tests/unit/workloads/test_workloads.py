"""Which kinds hold pods, and where annotations of ours may stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from post_renderer.workloads import NATIVE_KINDS
from tests.support.cli import make_catalog, make_job, run

if TYPE_CHECKING:
    from collections.abc import Mapping

POLYAXONFILE = "polyaxon.com/polyaxonfile"
POD_SPEC = {"containers": [{"name": "main", "image": "busybox"}]}
# Written from Kubernetes' API, not from the table: group, kind, path to the pod spec.
PATHS = [
    ("v1", "Pod", ["spec"]),
    ("v1", "PodTemplate", ["template", "spec"]),
    ("v1", "ReplicationController", ["spec", "template", "spec"]),
    ("apps/v1", "Deployment", ["spec", "template", "spec"]),
    ("apps/v1beta1", "Deployment", ["spec", "template", "spec"]),
    ("extensions/v1beta1", "Deployment", ["spec", "template", "spec"]),
    ("apps/v1", "ReplicaSet", ["spec", "template", "spec"]),
    ("extensions/v1beta1", "ReplicaSet", ["spec", "template", "spec"]),
    ("apps/v1", "DaemonSet", ["spec", "template", "spec"]),
    ("extensions/v1beta1", "DaemonSet", ["spec", "template", "spec"]),
    ("apps/v1", "StatefulSet", ["spec", "template", "spec"]),
    ("batch/v1", "Job", ["spec", "template", "spec"]),
    ("batch/v1", "CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]),
    ("batch/v1beta1", "CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]),
]


def build(api: str, kind: str, path: list[str], **metadata: object) -> dict[str, object]:
    body: dict[str, object] = json.loads(json.dumps(POD_SPEC))
    for step in reversed(path):
        body = {step: body}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "train", **metadata}, **body}


def asks(**more: str) -> dict[str, dict[str, str]]:
    return {"annotations": {POLYAXONFILE: "{}", **more}}


def dump(*objects: Mapping[str, object]) -> str:
    return make_catalog() + "---\n" + yaml.safe_dump_all(objects, sort_keys=False)


def find_pod(found: dict[str, object], path: list[str]) -> dict[str, list[dict[str, object]]]:
    node: object = found
    for step in path:
        assert isinstance(node, dict)
        node = node[step]
    assert isinstance(node, dict)
    return node


@pytest.mark.parametrize(("api", "kind", "path"), PATHS)
def test_a_kind_of_kubernetes_gets_its_volumes(api: str, kind: str, path: list[str]) -> None:
    result = run(stdin=dump(build(api, kind, path, **asks())))
    assert (result.exit_code, result.error) == (0, "")
    pod = find_pod(list(yaml.safe_load_all(result.output))[-1], path)
    assert [volume["name"] for volume in pod["volumes"]] == ["outputs-foo", "data-foo", "data1", "data2"]
    assert pod["containers"][0]["volumeMounts"]


def test_every_row_of_the_table_is_tested() -> None:
    tested = {("" if "/" not in api else api.split("/")[0], kind) for api, kind, _ in PATHS}
    assert tested == set(NATIVE_KINDS)


@pytest.mark.parametrize(("api", "kind", "path"), [row for row in PATHS if len(row[2]) > 1])
def test_the_annotation_may_be_on_the_pod_template(api: str, kind: str, path: list[str]) -> None:
    workload = build(api, kind, path)
    template = find_pod(workload, path[:-1])
    template["metadata"] = asks()  # type: ignore[assignment]  # a mapping among lists
    result = run(stdin=dump(workload))
    assert (result.exit_code, result.error) == (0, "")
    assert find_pod(list(yaml.safe_load_all(result.output))[-1], path)["volumes"]


def test_an_annotation_in_a_place_that_nobody_reads_is_a_problem() -> None:
    workload = build("batch/v1", "CronJob", PATHS[12][2])
    workload["spec"]["jobTemplate"]["metadata"] = asks()  # type: ignore[index]
    result = run(stdin=dump(workload))
    assert result.exit_code == 1
    assert "error[misplaced-annotation] CronJob/train" in result.error
    assert f"does not read {POLYAXONFILE} in this place" in result.error
    assert "the metadata of the object, or to the metadata of its pod template" in result.error


def test_an_annotation_on_a_claim_template_is_a_problem_besides_a_good_request() -> None:
    workload = build("apps/v1", "StatefulSet", ["spec", "template", "spec"], **asks())
    workload["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "c", **asks()}}]  # type: ignore[index]
    result = run(stdin=dump(workload))
    assert result.exit_code == 1
    assert result.error.count("error[misplaced-annotation] StatefulSet/train") == 1


OTHERS = [
    ("v1", "Service", '"Service" is not a known kind of workload'),
    ("v1", "ConfigMap", '"ConfigMap" is not a known kind of workload'),
    ("kubeflow.org/v1", "Sweep", '"Sweep.kubeflow.org" is not a known kind of workload'),
    ("batch/v1", "Deployment", '"Deployment.batch" is not a known kind of workload'),
    ("example.com/v1", "Job", '"Job.example.com" is not a known kind of workload'),
    ("example.com/v1", "JobList", '"JobList.example.com" is not a known kind of workload'),
    ("", "", '"" is not a known kind of workload'),
]


@pytest.mark.parametrize(("api", "kind", "message"), OTHERS)
def test_an_annotated_object_without_known_pods_is_never_silence(api: str, kind: str, message: str) -> None:
    result = run(stdin=dump(build(api, kind, ["spec", "template", "spec"], **asks())))
    assert (result.exit_code, result.output) == (1, b"")
    assert f"error[not-a-workload] {kind}/train" in result.error
    assert message in result.error
    custom = "." in api.partition("/")[0]
    assert ("CronJob, DaemonSet, Deployment, Job, Pod, PodTemplate" in result.error) == (not custom)
    assert ("list the known kinds with `polyaxon-persistence kinds`" in result.error) == custom


def test_an_annotation_deep_inside_an_unknown_kind_is_a_problem_too() -> None:
    worker = {"template": {"metadata": asks(), "spec": POD_SPEC}}
    unknown = {
        "apiVersion": "example.com/v1",
        "kind": "Sweep",
        "metadata": {"name": "a"},
        "spec": {"workers": [worker]},
    }
    result = run(stdin=dump(unknown))
    assert result.exit_code == 1
    assert "error[not-a-workload] Sweep/a" in result.error


LISTS = {
    "List": ("v1", "List", {"apiVersion": "batch/v1", "kind": "Job"}),
    "JobList": ("batch/v1", "JobList", {"apiVersion": "batch/v1", "kind": "Job"}),
    "JobList whose items leave their kind out": ("batch/v1", "JobList", {}),
    "a List in a List": ("v1", "List", None),
}


@pytest.mark.parametrize("what", LISTS)
def test_the_items_of_a_list_are_objects(what: str) -> None:
    api, kind, head = LISTS[what]
    job = {"metadata": {"name": "train", **asks()}, "spec": {"template": {"spec": POD_SPEC}}}
    if head is None:
        item: dict[str, object] = {
            "apiVersion": "v1",
            "kind": "List",
            "items": [{"apiVersion": "batch/v1", "kind": "Job", **job}],
        }
    else:
        item = {**head, **job}
    result = run(stdin=dump({"apiVersion": api, "kind": kind, "items": [item, {"apiVersion": "v1", "kind": "Secret"}]}))
    assert (result.exit_code, result.error) == (0, "")
    assert b'claimName: "data-2-pvc"' in result.output


@pytest.mark.parametrize("items", [None, "words", []])
def test_a_list_without_items_is_nobodys_business(items: object) -> None:
    result = run(stdin=dump({"apiVersion": "v1", "kind": "List", "items": items, "metadata": {"name": "polyaxon.com"}}))
    assert (result.exit_code, result.error) == (0, "")


def test_an_annotation_on_a_list_says_where_to_put_it() -> None:
    result = run(stdin=dump({"apiVersion": "v1", "kind": "List", "metadata": asks(), "items": []}))
    assert result.exit_code == 1
    assert "error[misplaced-annotation] List/(no name)" in result.error
    assert "move the annotation to the items" in result.error


BROKEN: dict[str, dict[str, object]] = {
    "no spec": {"spec": None},
    "no template": {"spec": {}},
    "an empty pod": {"spec": {"template": {"spec": {}}}},
    "no containers": {"spec": {"template": {"spec": {"containers": []}}}},
    "only init containers": {"spec": {"template": {"spec": {"initContainers": [{"name": "a"}]}}}},
    "words for a template": {"spec": {"template": "words"}},
    "containers as a mapping": {"spec": {"template": {"spec": {"containers": {"main": {}}}}}},
    "annotations as a list": {"metadata": {"name": "train", "annotations": [f"{POLYAXONFILE}: x"]}},
    "a polyaxonfile that is a mapping": {"metadata": {"name": "train", "annotations": {POLYAXONFILE: {"kind": "job"}}}},
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_workload_that_can_not_be_injected_is_a_problem(what: str) -> None:
    workload = build("batch/v1", "Job", ["spec", "template", "spec"], **asks()) | BROKEN[what]
    result = run(stdin=dump(workload))
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[wrong-type] Job/train" in result.error


def test_what_has_no_name_is_called_so() -> None:
    workload = build("batch/v1", "Job", ["spec", "template", "spec"])
    rows: list[tuple[dict[str, object], str]] = [
        ({"annotations": {POLYAXONFILE: ""}}, "Job/(no name)"),
        ({"generateName": "a-", "annotations": {POLYAXONFILE: ""}}, "Job/a-*"),
    ]
    for metadata, subject in rows:
        result = run(stdin=dump(workload | {"metadata": metadata}))
        assert f"error[invalid-polyaxonfile] {subject} " in result.error


def test_documents_that_are_no_objects_pass() -> None:
    stream = "---\n- polyaxon.com/polyaxonfile\n---\npolyaxon.com/x\n---\n# polyaxon.com/polyaxonfile: x\n---\n12\n"
    assert run(stdin=stream).output == stream.encode()


KIND_HERE = [
    ("selector: {matchLabels: {polyaxon.com/kind: job}}", 0),
    ("podLabels: {polyaxon.com/kind: job}", 0),
    ("nodeSelector: {polyaxon.com/kind: job}", 0),
    ("metadata: {annotations: {polyaxon.com/kind: job}}", 1),
    ("polyaxon.com/kind: job", 1),
]


@pytest.mark.parametrize(("field", "errors"), KIND_HERE)
def test_the_label_of_the_chart_is_no_misplaced_annotation(field: str, errors: int) -> None:
    result = run(stdin=make_catalog() + make_job(spec=f"{field}\n"))
    assert result.exit_code == errors, result.error
    assert result.error.count("error[misplaced-annotation] Job/train") == errors


@pytest.mark.parametrize("merged", ["{team: vision}", "{polyaxon.com/data: data1}"])
def test_a_merge_key_that_adds_nothing_of_ours_is_no_error(merged: str) -> None:
    annotations = f"<<: {merged}\npolyaxon.com/data: 'data2'\n"
    result = run(
        stdin=make_catalog() + make_job("environment: {persistence: {data: [data2]}}\n", annotations=annotations)
    )
    assert (result.exit_code, result.error) == (0, "")
    assert b'POLYAXON_DATA_PATHS"\n          value: "{\\"data2\\": ' in result.output
