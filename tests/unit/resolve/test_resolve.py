"""Catalog, request and identity to volumes, mounts and variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from post_renderer.problems import Problems
from post_renderer.resolve import resolve
from post_renderer.resolve.identity import POD_NAME_FIELD, Identity
from tests.support.cli import DOCUMENTED
from tests.support.resolve import JOB_NAME_FIELD, ask, mounts, read, refused, resolved, variables, volumes

# Which volumes, in which order, and why


@pytest.mark.parametrize(
    ("settings", "fields", "names", "reasons"),
    [
        ("", {}, ["outputs-foo", "data-foo", "data1", "data2"], ["first writable", "run folder", "all data", "all data", "all data"]),
        ("", {"data": ["data1", "data-foo"], "outputs": "outputs-foo"}, ["outputs-foo", "data1", "data-foo"], ["asked", "run folder", "asked", "asked"]),
        ("", {"data": []}, ["outputs-foo"], ["first writable", "run folder"]),
        ("", {"data": [], "outputs": "outputs2"}, ["outputs2"], ["asked", "run folder"]),
        ("", {"data": [], "outputs": "outputs1"}, ["outputs1"], ["asked"]),
        ("defaultData: [data2, data1]\n", {}, ["outputs-foo", "data2", "data1"], ["first writable", "run folder", "default", "default"]),
        ("defaultData: []\n", {}, ["outputs-foo"], ["first writable", "run folder"]),
        ("defaultData: [data2]\n", {"data": ["data1"]}, ["outputs-foo", "data1"], ["first writable", "run folder", "asked"]),
        ("defaultOutputs: outputs2\n", {"data": []}, ["outputs2"], ["default", "run folder"]),
        ("defaultOutputs: outputs2\n", {"data": [], "outputs": "outputs-foo"}, ["outputs-foo"], ["asked", "run folder"]),
        ("isolateRuns: true\n", {"data": []}, ["outputs-foo"], ["first writable"]),
        ("", {"kind": "notebook", "data": ["data1"]}, ["outputs-foo", "data1"], ["first writable", "run folder", "asked"]),
        ("", {"kind": "tensorboard"}, ["outputs-foo"], ["first writable", "run folder"]),
    ],
)  # fmt: skip
def test_the_volumes_of_a_request(settings: str, fields: dict[str, Any], names: list[str], reasons: list[str]) -> None:
    resolution = resolved(DOCUMENTED + settings, **fields)
    assert volumes(resolution) == names
    assert [mount.reason for mount in resolution.mounts] == reasons


def test_nothing_to_mount_still_has_variables() -> None:
    resolution = resolved("{}")
    assert resolution.volumes == []
    assert variables(resolution) == {
        "POLYAXON_K8S_NAMESPACE": None,
        "POLYAXON_DATA_PATHS": "{}",
        "POLYAXON_RUN_DATA_PATHS": "{}",
        "POLYAXON_IN_CLUSTER": "true",
    }


def test_the_variables_are_in_the_order_in_which_they_refer_to_each_other() -> None:
    identity = Identity("", JOB_NAME_FIELD)
    resolution = resolved(DOCUMENTED, identity, kind="experiment")
    assert list(variables(resolution)) == [
        "POLYAXON_RUN_NAME",
        "POLYAXON_K8S_NAMESPACE",
        "POLYAXON_RUN_FOLDER",
        "POLYAXON_BASE_OUTPUTS_PATH",
        "POLYAXON_RUN_OUTPUTS_PATH",
        "POLYAXON_DATA_PATHS",
        "POLYAXON_RUN_DATA_PATHS",
        "POLYAXON_IN_CLUSTER",
    ]
    assert resolution.env[0]["valueFrom"] == {"fieldRef": {"fieldPath": JOB_NAME_FIELD}}
    assert resolution.env[1]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.namespace"}}


def test_the_run_name_is_asked_of_the_cluster_only_for_a_run_folder() -> None:
    resolution = resolved("data: {d: {mountPath: /d, existingClaim: d}}", Identity("", JOB_NAME_FIELD))
    assert "POLYAXON_RUN_NAME" not in variables(resolution)


# What users read and asked for


@pytest.mark.parametrize(
    "paths",
    [
        {},
        {"a": "/a"},
        {"b": "/with space", "a": "/müll"},
        {"a": '/quo"te', "b": "/back\\slash"},
        {"a": "/日本"},
    ],
)
def test_the_data_paths_are_what_pythons_json_writes(paths: dict[str, str]) -> None:
    catalog = json.dumps({"data": {name: {"mountPath": path, "existingClaim": name} for name, path in paths.items()}})
    found = variables(resolved(catalog, data=list(paths)))
    assert found["POLYAXON_DATA_PATHS"] == json.dumps(paths)
    assert found["POLYAXON_RUN_DATA_PATHS"] == json.dumps(paths)


def test_dollars_are_doubled_where_the_kubelet_expands() -> None:
    catalog = """\
data: {d: {mountPath: "/data/$(HOME)", existingClaim: d, subPath: $a}}
outputs: {o: {mountPath: /out/$x, existingClaim: o, subPath: a$b}}
runFolder: $runs/{name}
"""
    resolution = resolved(catalog)
    found = variables(resolution)
    assert found["POLYAXON_DATA_PATHS"] == '{"d": "/data/$$(HOME)"}'
    assert found["POLYAXON_BASE_OUTPUTS_PATH"] == "/out/$$x"
    assert found["POLYAXON_RUN_OUTPUTS_PATH"] == "/out/$$x/$(POLYAXON_RUN_FOLDER)"
    assert found["POLYAXON_RUN_FOLDER"] == "$$runs/train"
    assert mounts(resolution) == [
        {"name": "o", "mountPath": "/out/$x", "subPath": "a$b"},
        {"name": "o", "mountPath": "/polyaxon/outputs", "subPathExpr": "a$$b/$(POLYAXON_RUN_FOLDER)"},
        {"name": "d", "mountPath": "/data/$(HOME)", "subPath": "$a"},
    ]


@pytest.mark.parametrize(
    ("sub_path", "expected"),
    [
        ("{project}/images", "vision/images"),
        ("{namespace}/{user}-{project}", "$(POLYAXON_K8S_NAMESPACE)/ann-vision"),
        ("$a/$(HOME)/{project}", "$$a/$$(HOME)/vision"),
    ],
)
def test_each_project_sees_its_own_directory_of_a_data_volume(sub_path: str, expected: str) -> None:
    catalog = f"data: {{d: {{mountPath: /d, existingClaim: c, subPath: '{sub_path}', readOnly: true}}}}\n"
    resolution = resolved(catalog, project="vision", user="ann")
    assert mounts(resolution) == [{"name": "d", "mountPath": "/d", "readOnly": True, "subPathExpr": expected}]
    assert resolution.env[0]["name"] == "POLYAXON_K8S_NAMESPACE"


# The outputs' mounts


@pytest.mark.parametrize(
    ("catalog", "expected"),
    [
        ("outputs: {o: {mountPath: /o, existingClaim: o}}", [{"name": "o", "mountPath": "/o"}, {"name": "o", "mountPath": "/polyaxon/outputs", "subPathExpr": "$(POLYAXON_RUN_FOLDER)"}]),
        ("outputs: {o: {mountPath: /o, existingClaim: o, subPath: s}}", [{"name": "o", "mountPath": "/o", "subPath": "s"}, {"name": "o", "mountPath": "/polyaxon/outputs", "subPathExpr": "s/$(POLYAXON_RUN_FOLDER)"}]),
        ("outputs: {o: {mountPath: /o, existingClaim: o, createRunFolder: false}}", [{"name": "o", "mountPath": "/o"}]),
        ("outputs: {o: {mountPath: /o, existingClaim: o, readOnly: true}}", [{"name": "o", "mountPath": "/o", "readOnly": True}]),
        ("{isolateRuns: true, outputs: {o: {mountPath: /o, existingClaim: o}}}", [{"name": "o", "mountPath": "/o", "subPathExpr": "$(POLYAXON_RUN_FOLDER)"}]),
        ("{isolateRuns: true, outputs: {o: {mountPath: /o, existingClaim: o, subPath: s}}}", [{"name": "o", "mountPath": "/o", "subPathExpr": "s/$(POLYAXON_RUN_FOLDER)"}]),
        ("{isolateRuns: true, outputs: {o: {mountPath: /o, existingClaim: o, readOnly: true}}}", [{"name": "o", "mountPath": "/o", "subPathExpr": "$(POLYAXON_RUN_FOLDER)", "readOnly": True}]),
    ],
)  # fmt: skip
def test_the_mounts_of_outputs(catalog: str, expected: list[dict[str, object]]) -> None:
    assert mounts(resolved(catalog, outputs="o")) == expected


def test_isolated_runs_have_one_outputs_path() -> None:
    found = variables(resolved("{isolateRuns: true, outputs: {o: {mountPath: /o, existingClaim: o}}}"))
    assert found["POLYAXON_BASE_OUTPUTS_PATH"] == found["POLYAXON_RUN_OUTPUTS_PATH"] == "/o"


# One claim, one volume


@pytest.mark.parametrize(
    ("catalog", "expected_volumes", "mount_names"),
    [
        ("data: {x: {mountPath: /x, existingClaim: a}, y: {mountPath: /y, existingClaim: a}}", [{"name": "x", "persistentVolumeClaim": {"claimName": "a"}}], ["x", "x"]),
        ("data: {x: {mountPath: /x, existingClaim: a, readOnly: true}, y: {mountPath: /y, existingClaim: a}}", [{"name": "x", "persistentVolumeClaim": {"claimName": "a"}}], ["x", "x"]),
        ("data: {x: {mountPath: /x, existingClaim: a, readOnly: true}, y: {mountPath: /y, existingClaim: a, readOnly: true}}", [{"name": "x", "persistentVolumeClaim": {"claimName": "a", "readOnly": True}}], ["x", "x"]),
        ("data: {x: {mountPath: /x, existingClaim: a}, y: {mountPath: /y, volumeSource: {persistentVolumeClaim: {claimName: a}}}}", [{"name": "x", "persistentVolumeClaim": {"claimName": "a"}}], ["x", "x"]),
        ("{data: {x: {mountPath: /x, existingClaim: a, readOnly: true}}, outputs: {o: {mountPath: /o, existingClaim: a}}}", [{"name": "o", "persistentVolumeClaim": {"claimName": "a"}}], ["o", "o", "o"]),
        ("data: {x: {mountPath: /x, existingClaim: a}, y: {mountPath: /y, existingClaim: b}}", [{"name": "x", "persistentVolumeClaim": {"claimName": "a"}}, {"name": "y", "persistentVolumeClaim": {"claimName": "b"}}], ["x", "y"]),
        ("data: {x: {mountPath: /x, hostPath: /a}, y: {mountPath: /y, hostPath: /a}}", [{"name": "x", "hostPath": {"path": "/a"}}, {"name": "y", "hostPath": {"path": "/a"}}], ["x", "y"]),
    ],
)  # fmt: skip
def test_entries_on_one_claim_share_a_volume(
    catalog: str, expected_volumes: list[dict[str, object]], mount_names: list[str]
) -> None:
    resolution = resolved(catalog)
    assert resolution.volumes == expected_volumes
    assert [fields["name"] for fields in mounts(resolution)] == mount_names
    assert len(resolution.notes) == len(set(mount_names) ^ {mount.entry.name for mount in resolution.mounts})


def test_resolving_twice_gives_the_same() -> None:
    catalog = read("data: {x: {mountPath: /x, existingClaim: a}, y: {mountPath: /y, existingClaim: a, readOnly: true}}")
    first, second = (resolve(catalog, ask(), Identity("train"), Problems()) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.volumes, mounts(first), first.env) == (second.volumes, mounts(second), second.env)


# The run folder


@pytest.mark.parametrize(
    ("template", "identity", "fields", "folder"),
    [
        ("", Identity("train"), {"kind": "experiment"}, "$(POLYAXON_K8S_NAMESPACE)/experiments/train"),
        ("", Identity("train"), {"kind": "job"}, "$(POLYAXON_K8S_NAMESPACE)/jobs/train"),
        ("", Identity("train"), {"kind": "notebook"}, "$(POLYAXON_K8S_NAMESPACE)/notebooks/train"),
        ("", Identity("train"), {"kind": "tensorboard"}, "$(POLYAXON_K8S_NAMESPACE)/tensorboards/train"),
        ("", Identity("", JOB_NAME_FIELD), {}, "$(POLYAXON_K8S_NAMESPACE)/jobs/$(POLYAXON_RUN_NAME)"),
        ("", Identity("", POD_NAME_FIELD), {}, "$(POLYAXON_K8S_NAMESPACE)/jobs/$(POLYAXON_RUN_NAME)"),
        ("", Identity("nightly", JOB_NAME_FIELD, "reports"), {}, "$(POLYAXON_K8S_NAMESPACE)/jobs/reports/$(POLYAXON_RUN_NAME)"),
        ("{user}/{project}/{kind}/{name}", Identity("train"), {"user": "user1", "project": "vision"}, "user1/vision/jobs/train"),
        ("{user}/{project}/{kind}/{name}", Identity("train"), {"user": "ann.b", "project": "v1.2"}, "ann.b/v1.2/jobs/train"),
        ("{project}-{user}", Identity("train"), {"user": "user1", "project": "vision"}, "vision-user1"),
        ("runs/{name}.{kind}", Identity("train"), {}, "runs/train.jobs"),
        ("all", Identity(""), {}, "all"),
    ],
)  # fmt: skip
def test_the_run_folder(template: str, identity: Identity, fields: dict[str, Any], folder: str) -> None:
    setting = f"runFolder: '{template}'\n" if template else ""
    resolution = resolved("outputs: {o: {mountPath: /o, existingClaim: o}}\n" + setting, identity, **fields)
    assert resolution.run_folder == variables(resolution)["POLYAXON_RUN_FOLDER"] == folder


@pytest.mark.parametrize(
    ("template", "identity", "missing"),
    [
        ("{project}/{name}", Identity("train"), ["polyaxon.com/project"]),
        ("{user}/{name}", Identity("train"), ["polyaxon.com/user"]),
        ("{user}/{project}", Identity("train"), ["polyaxon.com/project", "polyaxon.com/user"]),
        ("{kind}/{name}", Identity(""), ["polyaxon.com/run-folder"]),
    ],
)
def test_a_directory_that_can_not_be_built_names_the_annotation(
    template: str, identity: Identity, missing: list[str]
) -> None:
    found = refused(f"outputs: {{o: {{mountPath: /o, existingClaim: o}}}}\nrunFolder: '{template}'\n", identity)
    assert [code for code, _, _ in found] == ["run-folder"] * len(missing)
    assert [hint for _, _, hint in found] == [f"set the annotation {key}" for key in missing]
