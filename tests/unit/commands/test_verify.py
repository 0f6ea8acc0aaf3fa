"""``verify``: whether every run of a release, or of the cluster, has what it asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import DOCUMENTED, Result, make_catalog, make_job, run
from tests.support.messages import heads
from tests.unit.commands.conftest import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASK = "kind: experiment\nenvironment: {persistence: {data: [data1, data-foo], outputs: outputs-foo}}\n"
KEEP = "polyaxon.com/run-policy: keep\n"
GATE = "schedulingGates:\n- name: polyaxon.com/needs-post-renderer\n"
VARIABLES = [
    "POLYAXON_K8S_NAMESPACE",
    "POLYAXON_RUN_FOLDER",
    "POLYAXON_BASE_OUTPUTS_PATH",
    "POLYAXON_RUN_OUTPUTS_PATH",
    "POLYAXON_DATA_PATHS",
    "POLYAXON_RUN_DATA_PATHS",
    "POLYAXON_IN_CLUSTER",
]
CHANGED = "upgrade the release with --post-renderer polyaxon-persistence: somebody changed the run or the catalog after the render"


def render(*objects: str, catalog: str = DOCUMENTED) -> str:
    result = run(stdin=make_catalog(catalog) + "".join(objects))
    assert result.exit_code == 0, result.error
    return result.output.decode()


def verify(stream: str, *words: str) -> Result:
    return run("verify", *words, stdin=stream)


def states(stream: str, *words: str) -> dict[str, str]:
    data = json.loads(verify(stream, "--output", "json", *words).output)
    return {found["object"]: found["state"] for found in data["runs"]}


def edit(stream: str, change: Callable[[dict[str, Any]], None]) -> str:
    """The stream with its one workload changed by hand."""
    documents = [document for document in yaml.safe_load_all(stream) if document]
    change(documents[-1])
    return yaml.safe_dump_all(documents, sort_keys=False)


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]["spec"]
    return found


def main_of(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pod_of(workload)["containers"][0]
    return found


def test_a_rendered_release_is_verified() -> None:
    result = verify(render(make_job(ASK), make_job("kind: build\n", name="image")))
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.decode() == (
        "RUN        STATE     VOLUMES\n"
        "Job/train  verified  outputs-foo, data1, data-foo\n"
        "Job/image  verified  none\n"
        "2 runs in 3 objects, 2 verified: 0 errors, 0 warnings\n"
    )


@pytest.mark.parametrize("policy", ["", KEEP, "polyaxon.com/run-policy: replace\n"])
@pytest.mark.parametrize("request_text", ["{}\n", ASK, "kind: build\n", "kind: tensorboard\n"])
def test_whatever_was_rendered_is_verified(policy: str, request_text: str) -> None:
    stream = render(make_job(request_text, annotations=policy, pod=GATE))
    assert list(states(stream).values()) == ["verified"]


def test_a_release_rendered_without_the_post_renderer_is_bare() -> None:
    result = verify(make_catalog() + make_job(ASK))
    assert result.exit_code == 1
    assert (
        "Job/train  bare   outputs-foo, data1, data-foo\n1 run in 2 objects, 0 verified: 1 error, 0 warnings\n"
        in result.output.decode()
    )
    assert result.error == (
        "<stdin>:25: error[not-verified] Job/train (chart/templates/runs.yaml): the run has none of the volumes that it asked for\n"
        "  hint: upgrade the release with --post-renderer polyaxon-persistence: the run was rendered without the post-renderer\n"
    )


@pytest.mark.parametrize("request_text", [ASK, "kind: build\n"])
def test_a_gate_that_is_still_there_is_reported(request_text: str) -> None:
    result = verify(make_catalog() + make_job(request_text, pod=GATE, annotations=KEEP))
    assert result.exit_code == 1
    assert (
        "its pods wait at the scheduling gate\n  hint: upgrade the release with --post-renderer polyaxon-persistence: the run was rendered without the post-renderer"
        in result.error
    )


def test_of_several_runs_only_the_one_without_volumes_is_reported() -> None:
    stream = render(make_job(ASK)) + make_job(ASK, name="other")
    assert states(stream) == {"Job/train": "verified", "Job/other": "bare"}
    assert "\n2 runs in 3 objects, 1 verified: " in verify(stream).output.decode()


def drop_volume(workload: dict[str, Any]) -> None:
    pod_of(workload)["volumes"].pop()


def drop_mount(workload: dict[str, Any]) -> None:
    main_of(workload)["volumeMounts"].pop(0)


def drop_variable(workload: dict[str, Any]) -> None:
    main_of(workload)["env"].pop()


def add_container(workload: dict[str, Any]) -> None:
    pod_of(workload)["containers"].append({"name": "side", "image": "busybox"})


MISSING = [
    (drop_volume, "the object lacks volume data-foo"),
    (drop_mount, 'container "main" lacks mount /outputs/foo'),
    (drop_variable, 'container "main" lacks variable POLYAXON_IN_CLUSTER'),
    (
        add_container,
        'container "side" lacks '
        + ", ".join(
            [
                *(f"variable {name}" for name in VARIABLES),
                *(f"mount {path}" for path in ("/outputs/foo", "/polyaxon/outputs", "/data/1", "/data/foo")),
            ]
        ),
    ),
]


@pytest.mark.parametrize(("change", "message"), MISSING)
def test_what_was_taken_out_by_hand_is_named(change: Callable[[dict[str, Any]], None], message: str) -> None:
    result = verify(edit(render(make_job(ASK)), change))
    assert result.exit_code == 1
    assert "Job/train  differs  " in result.output.decode()
    assert f": {message}\n  hint: {CHANGED}" in result.error


def change_claim(workload: dict[str, Any]) -> None:
    pod_of(workload)["volumes"][0]["persistentVolumeClaim"]["claimName"] = "other"


def change_mount(workload: dict[str, Any]) -> None:
    main_of(workload)["volumeMounts"][2].pop("readOnly")


def change_variable(workload: dict[str, Any]) -> None:
    main_of(workload)["env"][4]["value"] = "{}"


DIFFERENT = [
    (change_claim, 'the pod has its own volume "outputs-foo" (claim other), but the catalog\'s volume of this name is the claim outputs-foo-pvc'),
    (change_mount, 'container "main" mounts volume "data1" at "/data/1", but the catalog mounts "data1" at this path'),
    (change_variable, 'container "main" sets POLYAXON_DATA_PATHS, but the post-renderer must set it to another value'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), DIFFERENT)
def test_what_was_changed_by_hand_is_named(change: Callable[[dict[str, Any]], None], message: str) -> None:
    result = verify(edit(render(make_job(ASK)), change))
    assert result.exit_code == 1
    assert "Job/train  differs  " in result.output.decode()
    assert f": {message}\n  hint: {CHANGED}" in result.error


def test_what_else_is_there_is_not_checked() -> None:
    def add(workload: dict[str, Any]) -> None:
        pod_of(workload)["volumes"].append({"name": "scratch", "emptyDir": {}})
        main_of(workload)["volumeMounts"].append({"name": "scratch", "mountPath": "/scratch"})
        main_of(workload)["env"].append({"name": "RATE", "value": "1"})

    assert states(edit(render(make_job(ASK)), add)) == {"Job/train": "verified"}


CATALOGS = [
    ("data1: {mountPath: /data/1", "data1: {mountPath: /data/one", "lacks mount /data/one"),
    ("existingClaim: outputs-foo-pvc", "existingClaim: new-pvc", "but the catalog's volume of this name is the claim new-pvc"),
    ("outputs:\n", "isolateRuns: true\noutputs:\n", "mounts volume"),
    ("  data1: {mountPath: /data/1, hostPath: /path/to/data, readOnly: true}\n", "", 'no data volume "data1"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), CATALOGS)
def test_a_catalog_that_changed_since_is_reported(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in DOCUMENTED
    stream = render(make_job(ASK)).replace(make_catalog(), "")
    site = tmp_path / "site.yaml"
    site.write_text(DOCUMENTED)
    assert states(stream, "--persistence", str(site)) == {"Job/train": "verified"}
    site.write_text(DOCUMENTED.replace(old, new))
    result = verify(stream, "--persistence", str(site))
    assert result.exit_code == 1
    assert message in result.error


def test_a_grown_catalog_differs_for_the_runs_that_get_all_data(tmp_path: Path) -> None:
    stream = render(make_job(ASK), make_job(name="all"))
    site = tmp_path / "site.yaml"
    site.write_text("data: {more: {mountPath: /more, existingClaim: more}}\n")
    assert states(stream, "--persistence", str(site)) == {"Job/train": "verified", "Job/all": "differs"}


def test_a_name_that_is_not_that_of_the_content_is_reported() -> None:
    stream = render(make_job(ASK, annotations=KEEP)).replace("image: busybox", "image: busybox:2")
    result = verify(stream)
    assert result.exit_code == 1
    assert "the object lacks the name with the hash of its content, train-" in result.error


def test_what_keeps_a_job_is_looked_for() -> None:
    stream = edit(
        render(make_job(ASK, annotations=KEEP)),
        lambda workload: workload["metadata"]["annotations"].pop("helm.sh/resource-policy"),
    )
    assert "the object lacks annotation helm.sh/resource-policy\n" in verify(stream).error
    listed = edit(
        render(make_job(ASK, annotations=KEEP)),
        lambda workload: workload["metadata"]["annotations"].update(
            {"argocd.argoproj.io/sync-options": "Replace=true"}
        ),
    )
    assert (
        "the object lacks annotation argocd.argoproj.io/sync-options: Replace=true,Prune=false\n"
        in verify(listed).error
    )


def test_other_problems_keep_their_own_words() -> None:
    for stream, code in (
        (make_job(), "no-catalog"),
        (make_catalog() + make_job("kind: x\n"), "invalid-request"),
        (make_catalog() + make_job().replace("polyaxonfile", "polyaxonfil"), "unknown-annotation"),
        (make_catalog() + "---\npolyaxon.com/polyaxonfile: [\n", "invalid-yaml"),
        ("polyaxon.com/polyaxonfile: \udcff\n", "invalid-encoding"),
    ):
        result = run("verify", stdin=stream.encode("utf-8", "surrogateescape"))
        assert result.exit_code == 1
        assert b", 0 verified: " in result.output
        assert f"error[{code}]" in result.error


def test_warnings_do_not_fail_it_unless_strict() -> None:
    stream = render(make_job("environment: {persistence: {outputs: outputs1}}\n"))
    mild, strict = verify(stream), verify(stream, "--strict")
    assert (mild.exit_code, strict.exit_code) == (0, 1)
    assert heads(mild.error)[0].startswith("warning[read-only-outputs]")


def test_the_same_as_data() -> None:
    data = json.loads(verify(edit(render(make_job(ASK)), drop_mount), "--output", "json").output)
    assert data["runs"] == [
        {
            "object": "Job/train",
            **NOBODY,
            "state": "differs",
            "volumes": ["outputs-foo", "data1", "data-foo"],
            "missing": [{"container": "main", "what": "mount", "name": "/outputs/foo"}],
            "extra": [],
            "gated": False,
        }
    ]
    assert [problem["code"] for problem in data["problems"]] == ["not-verified"]


def make_live(stream: str) -> str:
    """`kubectl get jobs,configmaps -o yaml` of the stream's objects: defaults filled in, metadata and status added."""
    items = [item for item in yaml.safe_load_all(stream) if item]
    for item in items:
        item["metadata"] |= {"uid": "6f1", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z"}
        if item["kind"] == "Job":
            fill_in(item)
    return yaml.safe_dump({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})


def test_each_live_job_has_the_results_that_it_was_given() -> None:
    """Kept Jobs of two contents, each followed by one that reads its results."""
    keep = "polyaxon.com/run-policy: keep\n"
    follow = "environment: {outputs: {jobs: [train]}}\n"
    streams = [
        run(
            stdin=make_catalog()
            + make_job(annotations=keep, container=f"command: [{word}]\n")
            + make_job(follow, name="eval", annotations=keep)
        ).output.decode()
        for word in ("one", "two")
    ]
    jobs = streams[1].partition("# Source: chart/templates/runs.yaml")[2]
    live = make_live(f"{streams[0]}---\n{jobs}")
    assert live.count("mountPath: /polyaxon/refs/jobs/train") == 2
    done = run("verify", stdin=live)
    assert (done.exit_code, done.error) == (0, "")
    assert "\n4 runs in 5 objects, 4 verified: " in done.output.decode()


def fill_in(job: dict[str, Any]) -> None:
    metadata, spec = job["metadata"], job["spec"]
    last = json.dumps(job)  # kubectl apply leaves it, with our annotations in it
    metadata["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = last
    if "generateName" in metadata:
        metadata["name"] = metadata["generateName"] + "x7k2p"
    spec.setdefault("manualSelector", False)
    spec.setdefault("selector", {"matchLabels": {"batch.kubernetes.io/controller-uid": "6f1"}})
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    labels |= {"batch.kubernetes.io/job-name": metadata["name"], "batch.kubernetes.io/controller-uid": "6f1"}
    spec |= {"suspend": False, "completionMode": "NonIndexed", "podReplacementPolicy": "TerminatingOrFailed"}
    pod = pod_of(job)
    pod |= {"dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler", "securityContext": {}}
    for volume in pod.get("volumes", []):
        if "hostPath" in volume:
            volume["hostPath"].setdefault("type", "")
    for container in pod["containers"]:
        container |= {"imagePullPolicy": "Always", "resources": {}}
        for variable in container.get("env", []):
            if "valueFrom" in variable:
                variable["valueFrom"]["fieldRef"]["apiVersion"] = "v1"
    job["status"] = {"active": 1}


@pytest.mark.parametrize("policy", ["", KEEP, "polyaxon.com/run-policy: replace\n"])
def test_live_objects_of_a_rendering_are_verified(policy: str) -> None:
    result = verify(make_live(render(make_job(ASK, annotations=policy))))
    assert (result.exit_code, result.error) == (0, "")
    assert ", 1 verified: " in result.output.decode()


def test_a_live_job_of_a_generated_name_is_verified() -> None:
    job = make_job(ASK).replace("  name: train\n", "  generateName: train-\n")
    assert states(make_live(render(job))) == {"Job/train-x7k2p": "verified"}


@pytest.mark.parametrize("policy", ["", KEEP])
def test_live_objects_without_the_post_renderer_are_bare(policy: str) -> None:
    result = verify(make_live(make_catalog() + make_job(ASK, annotations=policy, pod=GATE)))
    assert result.exit_code == 1
    assert "Job/train  bare " in result.output.decode()
    assert result.error.count("error[") == 1


def test_what_a_controller_made_is_left_out() -> None:
    """A Deployment's annotations are copied to its ReplicaSets, whose names are not the run's."""
    deployment = make_job(ASK).replace("batch/v1", "apps/v1").replace("kind: Job", "kind: Deployment")
    items = [item for item in yaml.safe_load_all(render(deployment)) if item]
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "train", "uid": "1", "controller": True}
    old = {
        **items[1],
        "kind": "ReplicaSet",
        "metadata": {**items[1]["metadata"], "name": "train-1", "uid": "2", "ownerReferences": [owner]},
    }
    result = verify(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*items, old]}))
    assert (result.exit_code, result.error) == (
        0,
        "note: 1 object was not verified, because a controller created it. Verify the owner of this object\n",
    )
    assert ", 1 verified: " in result.output.decode()
    old["metadata"]["ownerReferences"] = [{**owner, "controller": False}]
    assert verify(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*items, old]})).exit_code == 1


BROKEN_OWNERS = {"scalar": "x", "mapping": "{controller: true}", "items": "[x]"}


@pytest.mark.parametrize("owners", BROKEN_OWNERS.values(), ids=BROKEN_OWNERS)
def test_owners_that_can_not_be_read_are_an_error(owners: str) -> None:
    stream = render(make_job(ASK)).replace("\n  annotations:\n", f"\n  ownerReferences: {owners}\n  annotations:\n")
    result = verify(stream)
    assert result.exit_code == 1
    assert heads(result.error)[0].startswith("error[wrong-type] Job/train ")
    assert result.error.count("error[") == 1


@pytest.mark.parametrize("metadata", ["metadata: {name: a}\nmetadata: {name: b}", "metadata: text", "metadata: [a]"])
def test_an_unrelated_object_that_can_not_be_read_does_not_end_it(metadata: str) -> None:
    other = f"---\napiVersion: v1\nkind: ConfigMap\n{metadata}\ndata: {{note: polyaxon.com}}\n"
    result = verify(render(make_job(ASK)) + other)
    assert (result.exit_code, result.error.count("error[")) == (1, 1)
    assert ", 1 verified: " in result.output.decode()


def test_an_object_of_an_unknown_kind_is_an_error_whoever_made_it() -> None:
    stream = make_catalog() + make_job(ASK).replace("batch/v1", "example.com/v1").replace("kind: Job", "kind: Other")
    owned = stream.replace("\n  annotations:\n", "\n  ownerReferences: [{controller: true}]\n  annotations:\n")
    for text in (stream, owned):
        result = verify(text)
        assert (result.exit_code, result.output) == (1, b"0 runs in 2 objects, 0 verified: 1 error, 0 warnings\n")
        assert heads(result.error)[0].startswith("error[not-a-workload] Other/train ")
