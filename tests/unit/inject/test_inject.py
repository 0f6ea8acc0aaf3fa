"""What is there already, what is added, and what stands in the way."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.cli import Result, make_catalog, make_job, run

ASK = "environment: {persistence: {data: [data1, data2], outputs: outputs2}}\n"


def render(
    *, pod: str = "", container: str = "", annotations: str = "", polyaxonfile: str = ASK, catalog: str = ""
) -> Result:
    job = make_job(polyaxonfile, pod=pod, container=container, annotations=annotations)
    return run(stdin=(make_catalog(catalog) if catalog else make_catalog()) + job)


def pod_of(result: Result) -> dict[str, list[dict[str, object]]]:
    assert result.exit_code == 0, result.error
    spec = list(yaml.safe_load_all(result.output))[-1]["spec"]["template"]["spec"]
    container = spec["containers"][0]
    return {
        "volumes": spec.get("volumes", []),
        "mounts": container.get("volumeMounts", []),
        "env": container.get("env", []),
    }


PLAIN = pod_of(render())

# What a pod may have of ours already, written in any way that the API server takes for the same: nothing is doubled.
SAME = {
    "a volume": {"pod": "volumes:\n- name: data2\n  persistentVolumeClaim: {claimName: data-2-pvc}\n"},
    "a volume with the defaults written out": {"pod": "volumes:\n- persistentVolumeClaim: {readOnly: false, claimName: 'data-2-pvc'}\n  name: data2\n"},
    "a host path with its default type": {"pod": "volumes:\n- name: data1\n  hostPath: {path: /path/to/data, type: ''}\n"},
    "a mount": {"container": "volumeMounts:\n- {name: data2, mountPath: /data/2}\n"},
    "a mount with a slash and the defaults": {"container": "volumeMounts:\n- {name: data2, mountPath: /data/2/, readOnly: false, subPath: ''}\n"},
    "a read-only mount": {"container": "volumeMounts:\n- {name: data1, mountPath: /data/1, readOnly: yes}\n"},
    "a variable": {"container": "env:\n- {name: POLYAXON_IN_CLUSTER, value: 'true'}\n"},
}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_what_is_there_is_left_alone(what: str) -> None:
    found = pod_of(render(**SAME[what]))
    for kind, key in (("volumes", "name"), ("mounts", "mountPath"), ("env", "name")):
        names = [str(item[key]).rstrip("/") for item in found[kind]]
        assert sorted(names) == sorted(str(item[key]) for item in PLAIN[kind])


def test_all_of_it_is_left_alone_with_the_api_servers_defaults_in_it() -> None:
    """As an API server gives a pod back: fields of the downward API with their version."""
    env = [dict(item) for item in PLAIN["env"]]
    env[0]["valueFrom"] = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    assert pod_of(render(container=yaml.safe_dump({"env": env})))["env"] == env


CONFLICTS = {
    "a volume with another claim": ({"pod": "volumes:\n- {name: data2, persistentVolumeClaim: {claimName: mine}}\n"}, 'its own volume "data2" (claim mine), but the catalog\'s volume of this name is the claim data-2-pvc'),
    "a volume of another kind": ({"pod": "volumes:\n- {name: data2, nfs: {server: s, path: /}}\n"}, "(nfs), but the catalog's volume of this name is the claim data-2-pvc"),
    "a volume without a source": ({"pod": "volumes:\n- {name: data2}\n"}, "(emptyDir), but the catalog's volume of this name is the claim data-2-pvc"),
    "a read-only claim": ({"pod": "volumes:\n- {name: data2, persistentVolumeClaim: {claimName: data-2-pvc, readOnly: true}}\n"}, 'its own volume "data2"'),
    "another path on the host": ({"pod": "volumes:\n- {name: data1, hostPath: {path: /mnt}}\n"}, "(hostPath), but the catalog's volume of this name is a hostPath"),
    "a host path of another type": ({"pod": "volumes:\n- {name: data1, hostPath: {path: /path/to/data, type: Directory}}\n"}, 'its own volume "data1"'),
    "one of two of a name": ({"pod": "volumes:\n- {name: data2, emptyDir: {}}\n- {name: data2, persistentVolumeClaim: {claimName: data-2-pvc}}\n"}, "(emptyDir), but the catalog's volume of this name is the claim data-2-pvc"),
    "another volume at a path": ({"container": "volumeMounts:\n- {name: mine, mountPath: /data/2}\n"}, 'container "main" mounts volume "mine" at "/data/2", but the catalog mounts "data2" at this path'),
    "a writable mount": ({"container": "volumeMounts:\n- {name: data1, mountPath: /data/1}\n"}, 'mounts volume "data1" at "/data/1"'),
    "a mount of a part": ({"container": "volumeMounts:\n- {name: data2, mountPath: /data/2, subPath: x}\n"}, 'mounts volume "data2" at "/data/2"'),
    "one of two at a path": ({"container": "volumeMounts:\n- {name: mine, mountPath: /data/2}\n- {name: data2, mountPath: /data/2}\n"}, 'mounts volume "mine" at "/data/2"'),
    "another value": ({"container": "env:\n- {name: POLYAXON_RUN_OUTPUTS_PATH, value: /tmp/s3cret}\n"}, 'container "main" sets POLYAXON_RUN_OUTPUTS_PATH, but the post-renderer must set it to another value'),
    "another source of a value": ({"container": "env:\n- {name: POLYAXON_IN_CLUSTER, valueFrom: {secretKeyRef: {name: s3cret, key: k}}}\n"}, "sets POLYAXON_IN_CLUSTER, but the post-renderer must set it to another value"),
    "a variable twice, once otherwise": ({"container": "env:\n- {name: POLYAXON_IN_CLUSTER, value: 'true'}\n- {name: POLYAXON_IN_CLUSTER, value: 's3cret'}\n"}, "sets POLYAXON_IN_CLUSTER, but the post-renderer must set it to another value"),
    "a variable behind one that needs it": ({"container": "env:\n- {name: A, value: s3cret/$(POLYAXON_IN_CLUSTER)}\n- {name: POLYAXON_IN_CLUSTER, value: 'true'}\n"}, "sets POLYAXON_IN_CLUSTER below a variable that contains $(POLYAXON_IN_CLUSTER)"),
    "a variable behind a new one of ours that needs it": ({"container": "env:\n- name: POLYAXON_K8S_NAMESPACE\n  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}\n"}, "sets POLYAXON_K8S_NAMESPACE below a variable that contains $(POLYAXON_K8S_NAMESPACE)"),
    "a variable that stands between ours": ({"container": "env:\n- {name: POLYAXON_RUN_FOLDER, value: $(POLYAXON_K8S_NAMESPACE)/jobs/train}\n"}, "sets POLYAXON_RUN_FOLDER below a variable that contains $(POLYAXON_RUN_FOLDER)"),
}  # fmt: skip


@pytest.mark.parametrize("what", CONFLICTS)
def test_what_is_otherwise_is_never_overwritten(what: str) -> None:
    job, message = CONFLICTS[what]
    result = render(**job)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.count("error[conflict] Job/train (chart/templates/runs.yaml): ") == 1
    assert message in result.error
    assert "s3cret" not in result.error


def test_the_variables_own_references_are_no_conflict() -> None:
    found = pod_of(render(container="env:\n- {name: A, value: $(POLYAXON_RUN_OUTPUTS_PATH)/a}\n"))
    assert [item["name"] for item in found["env"]] == [*(item["name"] for item in PLAIN["env"]), "A"]


def test_a_claim_template_counts_as_a_volume() -> None:
    job = make_job(ASK).replace("batch/v1", "apps/v1").replace("kind: Job", "kind: StatefulSet")
    templates = "  volumeClaimTemplates:\n  - metadata: {name: data2}\n  - {}\n"
    result = run(stdin=make_catalog() + job + templates)
    assert result.exit_code == 1
    assert 'volume "data2" comes from volumeClaimTemplates' in result.error
    assert result.error.count("error[") == 1
    other = run(stdin=make_catalog() + job + templates.replace("data2", "state"))
    assert other.exit_code == 0


WARNINGS = {
    "a volume on the same claim": ({"pod": "volumes:\n- {name: mine, persistentVolumeClaim: {claimName: data-2-pvc}}\n"}, ["claim-mounted-twice"]),
    "a volume on another claim": ({"pod": "volumes:\n- {name: mine, persistentVolumeClaim: {claimName: other}}\n"}, []),
    "a mount inside ours": ({"container": "volumeMounts:\n- {name: x, mountPath: /data/2/cache}\n"}, ["nested-mount-path"]),
    "a mount deep inside ours": ({"container": "volumeMounts:\n- {name: x, mountPath: /data/2/a/b}\n"}, ["nested-mount-path"]),
    "a mount around ours": ({"container": "volumeMounts:\n- {name: x, mountPath: /outputs}\n"}, ["nested-mount-path"]),
    "a mount around two of ours": ({"container": "volumeMounts:\n- {name: x, mountPath: /data}\n"}, ["nested-mount-path"] * 2),
    "a mount beside ours": ({"container": "volumeMounts:\n- {name: x, mountPath: /data/22}\n"}, []),
    "mounts inside each other, none of them ours": ({"container": "volumeMounts:\n- {name: x, mountPath: /a}\n- {name: y, mountPath: /a/b}\n"}, []),
}  # fmt: skip


@pytest.mark.parametrize("what", WARNINGS)
def test_what_may_be_but_should_be_known(what: str) -> None:
    job, codes = WARNINGS[what]
    result = render(**job)
    assert result.exit_code == 0
    assert re.findall(r"^<stdin>:\d+: warning\[(.*?)\]", result.error, re.MULTILINE) == codes


def test_entries_nested_in_each_other_are_a_warning() -> None:
    catalog = "data: {a: {mountPath: /data, existingClaim: a}, b: {mountPath: /data/b, existingClaim: b}}\n"
    result = render(catalog=catalog, polyaxonfile="{}\n")
    assert result.exit_code == 0
    assert "warning[nested-mount-path] Job/train" in result.error
    assert 'the mount "/data/b" is inside "/data"' in result.error


CONTAINERS = [
    ("", {"main", "proxy"}),
    ("main", {"main"}),
    ("proxy", {"proxy"}),
    ("fetch", {"fetch"}),
    ("main,fetch", {"main", "fetch"}),
    (" fetch , proxy ", {"proxy", "fetch"}),
]


@pytest.mark.parametrize(("named", "expected"), CONTAINERS)
def test_which_containers_get_the_volumes(named: str, expected: set[str]) -> None:
    pod = "initContainers:\n- {name: fetch, image: busybox}\n- {name: wait, image: busybox}\n"
    job = make_job(ASK, pod=pod, annotations=f'polyaxon.com/containers: "{named}"\n' if named else "")
    result = run(stdin=make_catalog() + job + "      - name: proxy\n        image: proxy\n")
    assert result.exit_code == 0, result.error
    spec = list(yaml.safe_load_all(result.output))[-1]["spec"]["template"]["spec"]
    changed = {item["name"] for item in spec["containers"] + spec["initContainers"] if "volumeMounts" in item}
    assert changed == expected
    assert changed == {item["name"] for item in spec["containers"] + spec["initContainers"] if "env" in item}


def test_an_unknown_container_is_named_with_those_that_there_are() -> None:
    result = render(annotations="polyaxon.com/containers: mian,main\n", pod="initContainers:\n- image: nameless\n")
    assert result.exit_code == 1
    assert 'polyaxon.com/containers: the pod has no container "mian"' in result.error
    assert 'did you mean "main"? Known: main' in result.error


WRONG_TYPES = {
    "volumes": {"pod": "volumes: {a: b}\n"},
    "a volume": {"pod": "volumes: [a]\n"},
    "volumeMounts": {"container": "volumeMounts: words\n"},
    "a mount": {"container": "volumeMounts: [[a]]\n"},
    "env": {"container": "env: {A: b}\n"},
    "a variable": {"container": "env: [A=b]\n"},
    "gates": {"pod": "schedulingGates: {name: x}\n"},
    "init containers": {"pod": "initContainers: words\n"},
}


@pytest.mark.parametrize("what", WRONG_TYPES)
def test_a_field_of_another_type_is_a_problem_with_its_line(what: str) -> None:
    result = render(**WRONG_TYPES[what])
    assert result.exit_code == 1
    assert re.match(r"<stdin>:\d+: error\[wrong-type\] Job/train \(chart/templates/runs\.yaml\)", result.error)


def test_gates_of_other_names_and_shapes_stay() -> None:
    gates = "schedulingGates:\n- name: example.com/a\n- words\n- name: polyaxon.com/needs-post-renderer\n"
    result = render(pod=gates)
    assert result.exit_code == 0
    spec = list(yaml.safe_load_all(result.output))[-1]["spec"]["template"]["spec"]
    assert spec["schedulingGates"] == [{"name": "example.com/a"}, "words"]


def test_a_doubled_dollar_refers_to_nothing() -> None:
    variables = "env:\n- {name: A, value: $$(POLYAXON_IN_CLUSTER)}\n- {name: POLYAXON_IN_CLUSTER, value: 'true'}\n"
    env = pod_of(render(container=variables))["env"]
    assert [item["name"] for item in env].count("POLYAXON_IN_CLUSTER") == 1
