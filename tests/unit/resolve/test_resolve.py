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


def test_the_variables_stand_in_the_order_in_which_they_refer_to_each_other() -> None:
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
def test_a_folder_that_can_not_be_built_names_the_annotation(
    template: str, identity: Identity, missing: list[str]
) -> None:
    found = refused(f"outputs: {{o: {{mountPath: /o, existingClaim: o}}}}\nrunFolder: '{template}'\n", identity)
    assert [code for code, _, _ in found] == ["run-folder"] * len(missing)
    assert [hint for _, _, hint in found] == [f"set the annotation {key}" for key in missing]


# Problems


@pytest.mark.parametrize(
    ("catalog", "fields", "code", "message", "hint"),
    [
        (DOCUMENTED, {"data": ["data-fo"]}, "unknown-volume", 'no data volume "data-fo"', 'did you mean "data-foo"?'),
        (DOCUMENTED, {"data": ["outputs2"]}, "unknown-volume", 'no data volume "outputs2"', '"outputs2" is an outputs volume'),
        (DOCUMENTED, {"outputs": "data1"}, "unknown-volume", 'no outputs volume "data1"', '"data1" is a data volume'),
        (DOCUMENTED, {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "Known: outputs-foo, outputs1, outputs2"),
        ("{}", {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "None are known."),
        ("outputs: {o: {mountPath: /o, existingClaim: o, readOnly: true}}", {}, "no-default-outputs", "no outputs entry is writable", "make one writable"),
        ("outputs: {o: {mountPath: /o, volumeSource: {nfs: {server: s, path: /, readOnly: true}}}}", {}, "no-default-outputs", "no outputs entry is writable", "make one writable"),
        ("{data: {a: {mountPath: /x, existingClaim: a}, b: {mountPath: /x, existingClaim: b}}}", {}, "same-mount-path", 'a and b at "/x"', "defaultData"),
        ("{data: {a: {mountPath: /x, existingClaim: a}}, outputs: {o: {mountPath: /x, existingClaim: o}}}", {"data": ["a"]}, "same-mount-path", 'o and a at "/x"', "name the ones"),
    ],
)  # fmt: skip
def test_a_request_that_can_not_be_met(
    catalog: str, fields: dict[str, Any], code: str, message: str, hint: str
) -> None:
    ((found, said, what),) = refused(catalog, **fields)
    assert found == code
    assert message in said
    assert hint in what


def test_two_entries_may_share_a_mount_path_while_no_run_has_both() -> None:
    catalog = "{data: {v1: {mountPath: /x, existingClaim: a}, v2: {mountPath: /x, existingClaim: b}}}"
    assert volumes(resolved(catalog, data=["v2"])) == ["v2"]


def test_all_unknown_names_are_said_at_once() -> None:
    assert len(refused(DOCUMENTED, data=["x", "y"], outputs="z")) == 3


def test_a_wrong_entry_is_the_catalogs_problem_not_the_requests() -> None:
    catalog = read("data: {a: {mountPath: a, existingClaim: a}}")
    problems = Problems()
    assert resolve(catalog, ask(), Identity("train"), problems) is None
    assert problems.found == []
    assert [problem.code for found in problems.in_catalog for problem in found] == ["invalid-entry"]


@pytest.mark.parametrize(("length", "fits"), [(131072, True), (131073, False)])
def test_linux_takes_128_kib_for_one_variable(length: int, fits: bool) -> None:
    """MAX_ARG_STRLEN counts NAME=value and the byte that ends it."""
    frame = len("POLYAXON_RUN_DATA_PATHS=" + '{"d": "/"}') + 1
    catalog = f"data: {{d: {{mountPath: /{'x' * (length - frame)}, existingClaim: d}}}}"
    if fits:
        assert variables(resolved(catalog))["POLYAXON_RUN_DATA_PATHS"]
    else:
        assert [code for code, _, _ in refused(catalog)] == ["value-too-long"]


def test_an_explicit_read_only_outputs_entry_is_a_warning() -> None:
    problems = Problems()
    resolution = resolve(read(DOCUMENTED), ask(outputs="outputs1"), Identity("train"), problems)
    assert resolution is not None
    (warning,) = problems.found
    assert (warning.code, warning.severity) == ("read-only-outputs", "warning")
    assert "outputs-foo, outputs2" in warning.hint


@pytest.mark.parametrize(
    ("fields", "warned"),
    [({}, False), ({"data": []}, False), ({"data": ["data1"]}, True), ({"outputs": "outputs2"}, False)],
)
def test_a_tensorboard_that_asks_for_data_is_warned(fields: dict[str, Any], warned: bool) -> None:
    problems = Problems()
    assert resolve(read(DOCUMENTED), ask(kind="tensorboard", **fields), Identity("board"), problems) is not None
    assert [problem.code for problem in problems.found] == ["request-ignored"] * warned


# How outputsSelection spreads runs over entries


def spread(names: list[str]) -> str:
    entries = "".join(f"  {name}: {{mountPath: /{name}, existingClaim: {name}}}\n" for name in names)
    return "outputsSelection: spread\noutputs:\n" + entries


# Pinned for release 0.1.0: another pick would move a run's results.
PICKS = {"train": "c", "train-1": "a", "train-2": "a", "eval": "c", "a": "b", "sweep-17": "c"}


@pytest.mark.parametrize(("name", "picked"), PICKS.items())
def test_the_picks_of_release_0_1_0(name: str, picked: str) -> None:
    assert volumes(resolved(spread(["a", "b", "c"]), Identity(name), kind="experiment")) == [picked]


def test_a_new_entry_moves_only_runs_to_itself() -> None:
    few, many = read(spread(["a", "b", "c"])), read(spread(["a", "b", "c", "d"]))
    moved = 0
    for number in range(200):
        before, after = (resolve(catalog, ask(), Identity(f"run-{number}"), Problems()) for catalog in (few, many))
        assert before is not None
        assert after is not None
        if volumes(before) != volumes(after):
            assert volumes(after) == ["d"]
            moved += 1
    assert 25 <= moved <= 75  # a quarter of them, give or take


def test_every_entry_gets_its_share() -> None:
    catalog = read(spread(["a", "b", "c"]))
    picked = [resolve(catalog, ask(), Identity(f"run-{number}"), Problems()) for number in range(300)]
    counts = {name: sum(volumes(item) == [name] for item in picked if item) for name in "abc"}
    assert all(60 <= count <= 140 for count in counts.values()), counts


def test_the_kind_is_part_of_the_identity() -> None:
    catalog = read(spread([f"o{number}" for number in range(20)]))
    picks = {
        kind: resolve(catalog, ask(kind=kind), Identity("train"), Problems())
        for kind in ("job", "experiment", "notebook")
    }
    assert len({tuple(volumes(pick)) for pick in picks.values() if pick}) == 3


def test_read_only_entries_are_never_picked() -> None:
    catalog = read(spread(["a"]) + "  b: {mountPath: /b, existingClaim: b, readOnly: true}\n")
    for number in range(20):
        pick = resolve(catalog, ask(), Identity(f"run-{number}"), Problems())
        assert pick is not None
        assert volumes(pick) == ["a"]


@pytest.mark.parametrize(
    ("identity", "refusal"),
    [
        (Identity("train"), False),
        (Identity("train", JOB_NAME_FIELD), False),
        (Identity("", JOB_NAME_FIELD), True),
        (Identity("", POD_NAME_FIELD), True),
        (Identity(""), True),
    ],
)
def test_spread_needs_a_name_that_stands_in_the_stream(identity: Identity, refusal: bool) -> None:
    if refusal:
        ((code, message, hint),) = refused(spread(["a", "b"]), identity)
        assert code == "no-default-outputs"
        assert "name is generated" in message
        assert "polyaxon.com/run-folder" in hint
    else:
        assert resolved(spread(["a", "b"]), identity)


# Runs of one stream: what the same choice of entries gives is found once


def test_runs_that_choose_alike_differ_in_their_folders_alone() -> None:
    catalog = read(DOCUMENTED)
    first, second = (resolve(catalog, ask(data=["data1"]), Identity(name), Problems()) for name in ("a", "b"))
    assert first is not None
    assert second is not None
    folders = [variables(one).pop("POLYAXON_RUN_FOLDER") for one in (first, second)]
    assert folders == [one.run_folder for one in (first, second)]
    assert folders[0] != folders[1]
    alone = resolved(DOCUMENTED, Identity("b"), data=["data1"])
    assert second.env == alone.env
    assert (mounts(second), second.volumes) == (mounts(alone), alone.volumes)


def test_each_run_has_its_own_choice_and_name() -> None:
    catalog = read(DOCUMENTED)
    asked = [
        ask(data=["data1"]),
        ask(data=["data-foo"]),
        ask(data=["data-foo", "data1"]),
        ask(),
        ask(kind="tensorboard"),
    ]
    found = [resolve(catalog, one, Identity("train"), Problems()) for one in (*asked, *asked)]
    alone = [resolve(read(DOCUMENTED), one, Identity("train"), Problems()) for one in (*asked, *asked)]
    assert [one and (one.env, mounts(one), one.volumes) for one in found] == [
        one and (one.env, mounts(one), one.volumes) for one in alone
    ]
    generated = resolve(catalog, asked[0], Identity("", JOB_NAME_FIELD), Problems())
    assert generated is not None
    assert [item["name"] for item in generated.env][:3] == [
        "POLYAXON_RUN_NAME", "POLYAXON_K8S_NAMESPACE", "POLYAXON_RUN_FOLDER"
    ]  # fmt: skip


def test_what_is_wrong_with_a_choice_is_told_of_each_run() -> None:
    catalog = read("data:\n  a: {mountPath: /x, hostPath: /a}\n  b: {mountPath: /x, hostPath: /b}\n")
    for _ in range(2):
        problems = Problems()
        assert resolve(catalog, ask(), Identity("train"), problems) is None
        assert [problem.code for problem in problems.found] == ["same-mount-path"]


def test_values_that_are_too_long_are_told_in_the_order_of_the_variables() -> None:
    long = "/".join(["x" * 200] * 700)
    found = refused(f"runFolder: '{long}/{{name}}'\noutputs:\n  o: {{mountPath: '/{long}', hostPath: /o}}\n")
    assert [(code, message.split()[0]) for code, message, _ in found] == [
        ("value-too-long", name)
        for name in ("POLYAXON_RUN_FOLDER", "POLYAXON_BASE_OUTPUTS_PATH", "POLYAXON_RUN_OUTPUTS_PATH")
    ]


def test_runs_that_get_the_same_entries_have_reasons_of_their_own() -> None:
    catalog = read("data:\n  a: {mountPath: /a, hostPath: /a}\noutputs:\n  o: {mountPath: /o, hostPath: /o}\n")
    asked = (ask(), ask(data=["a"]), ask(outputs="o"), ask(data=["a"], outputs="o"))
    found = [resolve(catalog, one, Identity("train"), Problems()) for one in (*asked, *asked)]
    reasons = [[mount.reason for mount in one.mounts if mount.reason != "run folder"] for one in found if one]
    expected = [["first writable", "all data"], ["first writable", "asked"], ["asked", "all data"], ["asked", "asked"]]
    assert reasons == expected * 2
