"""References to other runs: which run is meant, where its results lie, and what becomes of names by content."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.imports import DEAR, RENDER, loaded

KEEP = "polyaxon.com/run-policy: keep\n"
NAMESPACE = "$(POLYAXON_K8S_NAMESPACE)"


def refer(kind: str = "job", persistence: str = "{}", **names: list[str]) -> str:
    groups = ", ".join(f"{group}: {json.dumps(texts)}" for group, texts in names.items())
    return f"kind: {kind}\nenvironment: {{persistence: {persistence}, outputs: {{{groups}}}}}\n"


def render(*documents: str, catalog: str = DOCUMENTED) -> list[dict[str, Any]]:
    """The objects of a rendered stream, the catalog's left out."""
    result = run(stdin=make_catalog(catalog) + "".join(documents))
    assert result.exit_code == 0, result.error
    return [found for found in yaml.safe_load_all(result.output) if found["kind"] != "ConfigMap"]


def refuse(*documents: str, catalog: str = DOCUMENTED) -> list[str]:
    """What is said about a stream that is refused, hints left out."""
    result = run(stdin=make_catalog(catalog) + "".join(documents))
    assert (result.exit_code, result.output) == (1, b"")
    return [line for line in result.error.splitlines() if not line.startswith("  hint:")]


def mounts_of(workload: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The mounts of references: path to volume and folder; each is read-only, on the mount alone."""
    pod = workload["spec"]["template"]["spec"]
    found = [mount for mount in pod["containers"][0]["volumeMounts"] if mount["mountPath"].startswith("/polyaxon/refs")]
    assert all(mount.keys() == {"name", "mountPath", "readOnly", "subPathExpr"} for mount in found)
    assert all(mount["readOnly"] is True for mount in found)
    return {mount["mountPath"]: (mount["name"], mount["subPathExpr"]) for mount in found}


def variables_of(workload: dict[str, Any]) -> dict[str, str]:
    container = workload["spec"]["template"]["spec"]["containers"][0]
    return {variable["name"]: variable.get("value", "") for variable in container["env"]}


def paths_of(workload: dict[str, Any]) -> Any:
    return json.loads(variables_of(workload)["POLYAXON_REFS_OUTPUTS_PATHS"])


def test_the_mount_the_variable_and_the_volume_of_a_reference() -> None:
    train = make_job("kind: experiment\nenvironment: {persistence: {outputs: outputs2}}\n")
    found = render(make_job(refer(experiments=["train"]), name="eval"), train)[0]
    path = "/polyaxon/refs/experiments/train"
    assert mounts_of(found) == {path: ("outputs2", f"{NAMESPACE}/experiments/train")}
    assert variables_of(found)["POLYAXON_REFS_OUTPUTS_PATHS"] == f'{{"experiments": ["{path}"]}}'
    volumes = found["spec"]["template"]["spec"]["volumes"]
    # After outputs and data. The claim is not read-only: the kubelet makes the folder where the run has not begun.
    assert volumes[-1] == {"name": "outputs2", "persistentVolumeClaim": {"claimName": "outputs-2-pvc"}}
    assert [volume["name"] for volume in volumes[:-1]] == ["outputs-foo", "data-foo", "data1", "data2"]


def test_jobs_come_before_experiments_and_both_in_the_order_in_which_they_are_named() -> None:
    text = refer(experiments=["b", "a"], jobs=["d", "c"])
    found = render(make_job(text))[0]
    assert paths_of(found) == {
        "jobs": ["/polyaxon/refs/jobs/d", "/polyaxon/refs/jobs/c"],
        "experiments": ["/polyaxon/refs/experiments/b", "/polyaxon/refs/experiments/a"],
    }
    assert list(paths_of(found)) == ["jobs", "experiments"]


TARGET = "polyaxon.com/project: vision\npolyaxon.com/user: ann\n"
NAMES = [
    ("train", True), ("vision/train", True), ("vision.train", True), ("ann/vision/train", True),
    ("ann.vision.train", True), ("text/train", False), ("bob/vision/train", False), ("vision/ann/train", False),
    ("trian", False), ("best", True), ("vision/best", True), ("first", True), ("text/first", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "is_meant"), NAMES)
def test_the_names_of_a_run(text: str, is_meant: bool) -> None:
    """Its own, its fixed folder's and our chart's, each with project and user, which may stay away."""
    target = make_job(annotations=TARGET + "polyaxon.com/run-folder: best\n").replace(
        "  annotations:", "  labels: {polyaxon.com/run: first}\n  annotations:"
    )
    found = render(make_job(refer(jobs=[text]), name="eval"), target)[0]
    ((_, folder),) = mounts_of(found).values()
    outside = f"{NAMESPACE}/jobs/{text.rpartition('/')[2].rpartition('.')[2]}"
    assert folder == (f"{NAMESPACE}/jobs/best" if is_meant else outside)


def test_a_mount_path_has_a_dot_for_each_slash() -> None:
    found = render(make_job(refer(jobs=["ann/vision/train"]), name="eval"))[0]
    assert paths_of(found) == {"jobs": ["/polyaxon/refs/jobs/ann.vision.train"]}


def test_two_names_of_one_run_are_mounted_once() -> None:
    found = render(make_job(refer(jobs=["train", "vision/train"]), name="eval"), make_job())[0]
    assert paths_of(found) == {"jobs": ["/polyaxon/refs/jobs/train"]}


def test_a_name_with_dots_is_looked_for_as_a_whole_first() -> None:
    found = render(make_job(refer(jobs=["v1.train"]), name="eval"), make_job(name="train"), make_job(name="v1.train"))
    assert mounts_of(found[0])["/polyaxon/refs/jobs/v1.train"][1] == f"{NAMESPACE}/jobs/v1.train"


def in_release(document: str, name: str, label: str) -> str:
    labels = f"app.kubernetes.io/instance: {name}, polyaxon.com/run: {label}"
    return document.replace("  annotations:", f"  labels: {{{labels}}}\n  annotations:")


def test_the_chart_s_names_are_those_of_the_same_release() -> None:
    runs = [in_release(make_job(name=f"{name}-train"), name, "train") for name in ("first", "second")]
    runs += [in_release(make_job(refer(jobs=["train"]), name=f"{name}-x"), name, "x") for name in ("first", "second")]
    folders = [next(iter(mounts_of(found).values()))[1] for found in render(*runs)[2:]]
    assert folders == [f"{NAMESPACE}/jobs/first-train", f"{NAMESPACE}/jobs/second-train"]


def test_an_object_s_own_name_goes_before_the_chart_s() -> None:
    runs = [in_release(make_job(name="demo-train"), "demo", "train"), in_release(make_job(), "demo", "other")]
    found = render(in_release(make_job(refer(jobs=["train"]), name="x"), "demo", "x"), *runs)[0]
    assert mounts_of(found)["/polyaxon/refs/jobs/train"][1] == f"{NAMESPACE}/jobs/train"


@pytest.mark.parametrize(("own", "other", "is_meant"), [("", "a", True), ("a", "", True), ("a", "a", True), ("a", "b", False)])  # fmt: skip
def test_a_run_of_another_namespace_is_another_one(own: str, other: str, is_meant: bool) -> None:
    catalog = "outputs: {o: {mountPath: /o, existingClaim: o}, p: {mountPath: /p, existingClaim: p}}\n"

    def place(document: str, namespace: str) -> str:
        return document.replace("  name:", f"  namespace: {namespace}\n  name:", 1) if namespace else document

    target = place(make_job("environment: {persistence: {outputs: p}}\n"), other)
    found = render(place(make_job(refer(jobs=["train"]), name="eval"), own), target, catalog=catalog)[0]
    assert mounts_of(found)["/polyaxon/refs/jobs/train"][0] == ("p" if is_meant else "o")


# Names by content


def chain(length: int, **first: str) -> list[str]:
    """Kept Jobs, of which each refers to the one before it; more lines of the first one."""
    return [make_job(name="run-0", annotations=KEEP, **first)] + [
        make_job(refer(jobs=[f"run-{number - 1}"]), name=f"run-{number}", annotations=KEEP)
        for number in range(1, length)
    ]


def as_list(jobs: list[str]) -> str:
    items = [yaml.safe_load(job) for job in jobs]
    return "---\n" + yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}, sort_keys=False)


def names_of(jobs: list[dict[str, Any]]) -> dict[str, str]:
    return {job["metadata"]["annotations"]["polyaxon.com/base-name"]: job["metadata"]["name"] for job in jobs}


@pytest.mark.parametrize("length", [2, 5, 101])
@pytest.mark.parametrize("layout", ["in order", "reversed", "list", "reversed list"])
def test_names_by_content_are_decided_first(length: int, layout: str) -> None:
    jobs = chain(length)
    ordered = jobs[::-1] if "reversed" in layout else jobs
    objects = render(*([as_list(ordered)] if "list" in layout else ordered))
    found = objects[0]["items"] if "list" in layout else objects
    names = names_of(found)
    assert len(set(names.values())) == length
    for job in found:
        before = f"run-{int(job['metadata']['annotations']['polyaxon.com/base-name'][4:]) - 1}"
        wanted = {f"/polyaxon/refs/jobs/{before}": ("outputs-foo", f"{NAMESPACE}/jobs/{names.get(before)}")}
        assert mounts_of(job) == (wanted if before in names else {})
    # Names hang neither on the layout nor on where the documents stand.
    assert names == names_of(render(*jobs))


def test_a_changed_run_is_another_one_to_all_that_follow_it() -> None:
    before = names_of(render(*chain(4), make_job(name="alone", annotations=KEEP)))
    after = names_of(render(*chain(4, container="command: [x]\n"), make_job(name="alone", annotations=KEEP)))
    assert {name for name in before if before[name] != after[name]} == {"run-0", "run-1", "run-2", "run-3"}


def test_a_second_render_follows_the_names_of_the_first() -> None:
    once = run(stdin=make_catalog() + "".join(chain(4)[::-1])).output
    assert run(stdin=once).output == once
    assert list(mounts_of(list(yaml.safe_load_all(once))[1])) == ["/polyaxon/refs/jobs/run-2"]


def test_a_chain_has_an_end() -> None:
    (said,) = refuse(*chain(102))
    assert '"jobs/run-100" is Job/run-100, which refers to runs that refer to others, more than 100 in a row' in said


def test_a_circle_is_told_by_each_of_its_runs_and_shortened() -> None:
    jobs = [make_job(refer(jobs=[f"r{(n + 1) % 9}"]), name=f"r{n}", annotations=KEEP * (n % 2)) for n in range(9)]
    said = refuse(*jobs)
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/r{n}" for n in range(9)]
    assert said[0].endswith("in a circle: Job/r1 -> Job/r2 -> Job/r3 -> Job/r4 -> Job/r5 -> Job/r6 -> …")


def test_a_run_in_a_document_that_nobody_can_read_is_none() -> None:
    broken = make_job(name="train") + "      - [\n"
    said = refuse(make_job(refer(jobs=["train"]), name="eval"), broken)
    assert [line.partition("]")[0] for line in said] == ["error[invalid-yaml"]


def test_a_run_with_an_object_that_nobody_can_read_is_none() -> None:
    broken = make_job(name="train").replace("  name: train\n", "  name: train\n  name: train\n")
    said = refuse(make_job(refer(jobs=["train"]), name="eval"), broken)
    assert [line.partition("]")[0] for line in said] == ["error[duplicate-key"]


def test_a_run_in_a_list_that_nobody_can_read_is_none() -> None:
    listed = as_list([make_job(annotations=KEEP)]).replace("kind: List\n", "kind: List\nmetadata: []\n")
    said = refuse(make_job(refer(jobs=["train"]), name="eval"), listed)
    codes = [line.partition("]")[0] for line in said]
    assert codes == ["error[invalid-reference", "error[wrong-type"]


def hashed(name: str, *documents: str) -> str:
    return names_of([job for job in render(*documents) if job["metadata"]["name"].startswith(f"{name}-")])[name]


@pytest.mark.parametrize("policy", ["", KEEP])
@pytest.mark.parametrize("text", ["{}", "vision.{}", "vision/{}"])
def test_a_name_with_a_hash_is_an_earlier_run_whatever_the_current_one_is_called(text: str, policy: str) -> None:
    b = make_job("environment: {persistence: {outputs: outputs2}}\n", name="b", annotations=KEEP)
    words = text.format(hashed("b", b))
    a = make_job(refer(jobs=[words]), name="a", annotations=policy)
    for jobs in ([a, b], [b, a]):
        found = next(job for job in render(*jobs) if job["metadata"]["name"].startswith("a"))
        path = f"/polyaxon/refs/jobs/{words.replace('/', '.')}"
        assert mounts_of(found) == {path: ("outputs-foo", f"{NAMESPACE}/jobs/{hashed('b', b)}")}


def test_a_name_with_another_hash_is_an_earlier_run_its_own_one_too() -> None:
    b = make_job(refer(jobs=["b-0123456789"]), name="b", annotations=KEEP)
    found = render(b)[0]
    assert mounts_of(found) == {
        "/polyaxon/refs/jobs/b-0123456789": ("outputs-foo", f"{NAMESPACE}/jobs/b-0123456789"),
    }


def test_a_run_that_goes_on_from_an_earlier_one_is_no_circle() -> None:
    """b goes on from an earlier a, the current a reads b, and c reads the current a."""
    b = make_job(refer(jobs=["a-0123456789"], persistence="{outputs: outputs2}"), name="b", annotations=KEEP)
    a = make_job(refer(jobs=["b"]), name="a", annotations=KEEP)
    c = make_job(refer(jobs=["a"]), name="c", annotations=KEEP)
    for jobs in ([a, b, c], [c, b, a]):
        found = {job["metadata"]["name"][0]: job for job in render(*jobs)}
        names = names_of(list(found.values()))
        assert mounts_of(found["a"]) == {"/polyaxon/refs/jobs/b": ("outputs2", f"{NAMESPACE}/jobs/{names['b']}")}
        assert mounts_of(found["c"]) == {"/polyaxon/refs/jobs/a": ("outputs-foo", f"{NAMESPACE}/jobs/{names['a']}")}
        once = run(stdin=make_catalog() + "".join(jobs)).output
        assert run(stdin=once).output == once


def test_many_circles_are_refused_without_naming_each() -> None:
    jobs = [make_job(refer(jobs=[f"r{n ^ 1}"]), name=f"r{n}") for n in range(60)]
    said = refuse(*jobs)
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/r{n}" for n in range(60)]
    assert said[0].endswith("in a circle: Job/r1 -> Job/r0 -> Job/r1")
    assert said[-1].endswith("may refer to others in a circle")


def test_as_many_circles_as_are_named_leave_other_runs_alone() -> None:
    """Just as many circles as messages name each run of: two other runs are no part of any."""
    jobs = [make_job(refer(jobs=[f"r{n ^ 1}"]), name=f"r{n}") for n in range(40)]
    said = refuse(*jobs, make_job(refer(jobs=["plain"]), name="eval"), make_job(name="plain"))
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/r{n}" for n in range(40)]


@pytest.mark.parametrize("policy", ["", KEEP])
def test_a_run_of_a_circle_may_refer_to_a_valid_run(policy: str) -> None:
    a = make_job(refer(jobs=["b", "plain"]), name="a")
    said = refuse(a, make_job(refer(jobs=["a"]), name="b"), make_job(name="plain", annotations=policy))
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/{name}" for name in "ab"]


# Each is one key, `jobs`, of the polyaxonfile; `jobs` is nowhere in the document's text.
HIDDEN_KEYS = {
    "line that goes on": '"{environment: {outputs: {? \\"jo\\\\\\nbs\\" : [train]}}}"',
    "line separator": '|-\n      {environment: {outputs: {? "jo\\\u2028       bs" : [train]}}}',
    "carriage return": '"{environment: {outputs: {? \\"jo\\\\\\rbs\\" : [train]}}}"',
    "next line": '"{environment: {outputs: {? \\"jo\\\\\\Nbs\\" : [train]}}}"',
    "escape": '"{environment: {outputs: {\\"jo\\x62s\\": [train]}}}"',
    "escape inside": "'{environment: {outputs: {\"jo\\u0062s\": [train]}}}'",
    "escaped escape": '"{environment: {outputs: {\\"jo\\x5cx62s\\": [train]}}}"',
    "line of the document": '"{environment: {outputs: {jo\\\n      bs: [train]}}}"',
}


@pytest.mark.parametrize("text", HIDDEN_KEYS.values(), ids=HIDDEN_KEYS)
def test_a_reference_is_found_however_its_key_is_written(text: str) -> None:
    head, _, rest = make_job(name="eval").partition("polyaxon.com/polyaxonfile:")
    body = rest[rest.index("\nspec:") :]
    stream = f"{head}polyaxon.com/polyaxonfile: {text}{body}"
    assert "jobs" not in stream
    assert mounts_of(render(stream, make_job())[0]).keys() == {"/polyaxon/refs/jobs/train"}


def test_one_name_in_two_namespaces_is_told_apart_by_namespace() -> None:
    def placed(name: str) -> str:
        return make_job(name="b").replace("  name:", f"  namespace: {name}\n  name:", 1)

    result = run(stdin=make_catalog() + make_job(refer(jobs=["b"]), name="a") + placed("x") + placed("y"))
    assert (result.exit_code, result.output) == (1, b"")
    assert '"jobs/b" may mean Job/b in the namespace "x", Job/b in the namespace "y"' in result.error
    assert "hint: write metadata.namespace in each of them and in this run" in result.error
    result = run(stdin=make_catalog() + make_job(refer(jobs=["b"]), name="a") + placed("x") + make_job(name="b"))
    assert """may mean Job/b in the namespace "x", Job/b in the release's namespace""" in result.error


# Where results lie


CATALOGS = [
    ("outputs: {o: {mountPath: /o, existingClaim: o, subPath: team}}\n", f"team/{NAMESPACE}/jobs/train"),
    ("outputs: {o: {mountPath: /o, existingClaim: o, subPath: $x}}\n", f"$$x/{NAMESPACE}/jobs/train"),
    ("outputs: {o: {mountPath: /o, existingClaim: o}}\nrunFolder: $all/{name}\n", "$$all/train"),
    ("outputs: {o: {mountPath: /o, existingClaim: o}}\nisolateRuns: true\n", f"{NAMESPACE}/jobs/train"),
    ("outputs: {o: {mountPath: /o, existingClaim: o, createRunFolder: false}}\n", f"{NAMESPACE}/jobs/train"),
    ("outputs: {o: {mountPath: /o, volumeSource: {nfs: {server: s, path: /}}}}\n", f"{NAMESPACE}/jobs/train"),
]


@pytest.mark.parametrize(("catalog", "folder"), CATALOGS)
@pytest.mark.parametrize("name", ["train", "outside"])
def test_the_folder_follows_the_catalog(catalog: str, folder: str, name: str) -> None:
    found = render(make_job(refer(jobs=[name]), name="eval"), make_job(), catalog=catalog)[0]
    assert mounts_of(found) == {f"/polyaxon/refs/jobs/{name}": ("o", folder.replace("train", name))}
    assert len(found["spec"]["template"]["spec"]["volumes"]) == 1


def test_a_reference_shares_the_volume_of_its_claim_and_leaves_it_writable() -> None:
    catalog = (
        "data: {d: {mountPath: /d, existingClaim: c, readOnly: true}}\n"
        "outputs: {o: {mountPath: /o, existingClaim: c}, p: {mountPath: /p, existingClaim: p}}\n"
    )
    eval_job = make_job(refer(jobs=["train"], persistence="{outputs: p}"), name="eval")
    found = render(eval_job, make_job("environment: {persistence: {outputs: o}}\n"), catalog=catalog)[0]
    assert mounts_of(found) == {"/polyaxon/refs/jobs/train": ("d", f"{NAMESPACE}/jobs/train")}
    volumes = {volume["name"]: volume for volume in found["spec"]["template"]["spec"]["volumes"]}
    assert volumes.keys() == {"p", "d"}
    assert volumes["d"] == {"name": "d", "persistentVolumeClaim": {"claimName": "c"}}


def test_a_run_outside_the_stream_lies_in_the_own_project_unless_it_says_otherwise() -> None:
    catalog = DOCUMENTED + "runFolder: '{user}/{project}/{kind}/{name}'\n"
    text = refer(experiments=["a", "text/a", "bob/text/a"], persistence="{outputs: outputs2}")
    found = render(make_job(text, name="eval", annotations=TARGET), catalog=catalog)[0]
    folders = ["ann/vision/experiments/a", "ann/text/experiments/a", "bob/text/experiments/a"]
    assert list(mounts_of(found).values()) == [("outputs2", folder) for folder in folders]


def two_releases(second: str) -> list[str]:
    """A run of release one that refers to a run of release two, which has a catalog of its own."""
    other = make_catalog(second).replace("name: catalog", "name: second")
    catalogs = [
        text.replace("polyaxon.com/catalog: v1", f"polyaxon.com/catalog: v1, app.kubernetes.io/instance: {name}")
        for name, text in (("one", make_catalog("outputs: {o: {mountPath: /o, existingClaim: o}}\n")), ("two", other))
    ]
    return [
        *catalogs,
        in_release(make_job(refer(jobs=["train"]), name="x"), "one", "x"),
        in_release(make_job(), "two", "y"),
    ]


@pytest.mark.parametrize(
    ("second", "volume"),
    [("{o: {mountPath: /else, existingClaim: o}}", "o"), ("{p: {mountPath: /p, existingClaim: p}}", "p")],
)
def test_a_run_of_another_release_lies_where_its_own_catalog_says(second: str, volume: str) -> None:
    result = run(stdin="".join(two_releases(f"outputs: {second}\nrunFolder: '{{name}}/x'\n")))
    assert result.exit_code == 0, result.error
    found = next(item for item in yaml.safe_load_all(result.output) if item["metadata"]["name"] == "x")
    assert mounts_of(found) == {"/polyaxon/refs/jobs/train": (volume, "train/x")}
    names = [item["name"] for item in found["spec"]["template"]["spec"]["volumes"]]
    assert names == list(dict.fromkeys(["o", volume]))


def test_two_volumes_of_one_name_are_a_problem() -> None:
    result = run(stdin="".join(two_releases("outputs: {o: {mountPath: /o, existingClaim: another}}\n")))
    assert result.exit_code == 1
    assert '"jobs/train": its results are in o, and this run has another volume of that name' in result.error


REFUSED = [
    ("outputsSelection: spread\n", "{}", "with outputsSelection: spread its results may be in any outputs volume"),
    ("outputs: null\n", "{}", "this run has no outputs volume to look for its results"),
]


@pytest.mark.parametrize(("settings", "persistence", "message"), REFUSED)
def test_a_run_outside_the_stream_needs_a_volume_to_lie_in(settings: str, persistence: str, message: str) -> None:
    catalog = DOCUMENTED.partition("outputs:")[0] + settings if "null" in settings else DOCUMENTED + settings
    (said,) = refuse(make_job(refer(jobs=["x"], persistence=persistence)), catalog=catalog)
    assert said.startswith("error[invalid-reference] Job/train (")
    assert said.endswith(message)


def test_with_spread_a_run_of_the_stream_is_found_and_a_named_volume_will_do() -> None:
    found = render(
        make_job(refer(jobs=["train"]), name="eval"),
        make_job(),
        make_job(refer(jobs=["x"], persistence="{outputs: outputs2}"), name="named"),
        catalog=DOCUMENTED + "outputsSelection: spread\n",
    )
    target = variables_of(found[1])["POLYAXON_BASE_OUTPUTS_PATH"]
    assert target == "/outputs/" + mounts_of(found[0])["/polyaxon/refs/jobs/train"][0].removeprefix("outputs").strip(
        "-"
    )
    assert mounts_of(found[2])["/polyaxon/refs/jobs/x"][0] == "outputs2"


def test_a_run_that_can_not_build_its_folder_says_it_once_and_those_that_refer_to_it_point_there() -> None:
    said = refuse(
        make_job(refer(jobs=["train"]), name="eval", annotations="polyaxon.com/project: p\n"),
        make_job(),
        catalog=DOCUMENTED + "runFolder: '{project}/{name}'\n",
    )
    assert [line.partition(" (")[0] for line in said] == [
        "error[invalid-reference] Job/eval",
        "error[run-folder] Job/train",
    ]
    assert said[0].endswith('"jobs/train" is Job/train, which is invalid itself')


def test_a_run_that_finds_no_catalog_has_problems_of_its_own() -> None:
    catalogs = [
        make_catalog().replace("catalog: v1", f"catalog: v1, app.kubernetes.io/instance: {name}") for name in "ab"
    ]
    first = in_release(make_job(refer(jobs=["train"]), name="eval"), "a", "x")
    said = run(stdin="".join([*catalogs, first, make_job()])).error
    assert re.findall(r"error\[[a-z-]+\] \S+", said) == [
        "error[invalid-reference] Job/eval", "error[several-catalogs] Job/train"
    ]  # fmt: skip


def test_outputs_that_no_entry_offers_are_told() -> None:
    catalog = DOCUMENTED.partition("outputs:")[0]
    (said,) = refuse(make_job(refer(jobs=["train"]), name="eval"), make_job(), catalog=catalog)
    assert said.endswith('"jobs/train" is Job/train, which has no outputs volume')


# Kinds of runs


def test_a_tensorboard_reads_the_results_of_others() -> None:
    board = make_job(refer("tensorboard", experiments=["train"]), name="board")
    found = render(board, make_job("kind: experiment\n"))[0]
    assert list(mounts_of(found)) == ["/polyaxon/refs/experiments/train"]


def test_a_build_gets_no_references() -> None:
    result = run(stdin=make_catalog() + make_job(refer("build", jobs=["x"])))
    assert result.exit_code == 0
    assert "warning[request-ignored] Job/train" in result.error
    assert b"refs" not in result.output.partition(b"kind: Job")[2].partition(b"spec:")[2]


@pytest.mark.parametrize(("inner", "is_refused"), [(["a"], False), (["b"], True), ([], True)])
def test_a_template_may_not_refer_to_other_runs_than_its_workload(inner: list[str], is_refused: bool) -> None:
    job = make_job(refer(jobs=["a"])).replace(
        "  template:\n",
        f"  template:\n    metadata: {{annotations: {{polyaxon.com/polyaxonfile: {json.dumps(refer(jobs=inner))}}}}}\n",
    )
    result = run(stdin=make_catalog() + job)
    assert ("error[contradiction] Job/train" in result.error) is is_refused
    assert result.exit_code == int(is_refused)


def test_a_kind_without_sub_paths_can_not_have_references() -> None:
    catalog = "outputs: {o: {mountPath: /o, existingClaim: o, createRunFolder: false}}\n"
    service = make_job(refer(jobs=["prepare"])).replace("batch/v1", "serving.knative.dev/v1").replace("Job", "Service")
    result = run(stdin=make_catalog(catalog) + service)
    assert "error[not-injectable] Service/train" in result.error
    assert "and don't refer to other runs" in result.error


def test_a_schedule_is_known_to_the_cluster_alone_whatever_its_folder() -> None:
    cron = make_job(name="nightly", annotations="polyaxon.com/run-folder: best\n")
    cron = (
        cron.replace("kind: Job", "kind: CronJob")
        .replace("  template:\n", "  jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}\n")
        .partition("    spec:\n")[0]
    )
    result = run(stdin=make_catalog() + make_job(refer(jobs=["nightly"])) + cron)
    assert "leave polyaxon.com/run-folder out, and refer to one of its runs" in result.error


# What it looks like, and what it costs


def test_explain_tells_whose_results_a_mount_has_and_which_run_is_none_of_the_stream() -> None:
    stream = make_catalog() + make_job(refer(jobs=["train", "gone"]), name="eval") + make_job(annotations=KEEP)
    result = run("explain", "--output", "json", stdin=stream)
    first, second = json.loads(result.output)["runs"]
    mounts = [item for item in first["mounts"] if item["why"] == "reference"]
    assert [item["storage"] for item in mounts] == [
        f"claim outputs-foo-pvc:/<namespace>/jobs/{second['name']}",
        "claim outputs-foo-pvc:/<namespace>/jobs/gone",
    ]
    assert all(item["readOnly"] for item in mounts)
    assert first["notes"] == ["jobs/gone is not in this stream: its results are expected in this run's outputs volume"]
    text = run("explain", stdin=stream).output.decode()
    assert re.search(r"main +outputs-foo +/polyaxon/refs/jobs/train +read-only +results of another run +claim", text)


def test_explain_tells_the_path_in_a_bucket() -> None:
    catalog = "outputs: {b: {store: gcs, bucket: 'gs://models'}}\n"
    stream = make_catalog(catalog) + make_job(refer(jobs=["train"]), name="eval") + make_job()
    mounts = json.loads(run("explain", "--output", "json", stdin=stream).output)["runs"][0]["mounts"]
    assert [(item["storage"], item["readOnly"]) for item in mounts] == [
        ("bucket gs://models", False), ("bucket gs://models/<namespace>/jobs/train", True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "catalog", [DOCUMENTED, "outputs: {b: {store: gcs, bucket: 'gs://models', secret: s, secretKey: k}}\n"]
)
def test_verify_finds_what_a_render_gave(catalog: str) -> None:
    jobs = [make_job(refer(jobs=["train", "gone"]), name="eval"), make_job(annotations=KEEP)]
    once = run(stdin=make_catalog(catalog) + "".join(jobs)).output
    done = run("verify", "--output", "json", stdin=once)
    found = json.loads(done.output)["runs"]
    assert (done.exit_code, [item["state"] for item in found]) == (0, ["verified", "verified"])
    assert found[0]["volumes"][0] == ("b" if "gcs" in catalog else "outputs-foo")


def test_a_path_in_a_bucket_is_quoted_as_json() -> None:
    catalog = "outputs: {b: {store: gcs, bucket: 'gs://models'}}\nrunFolder: 'é/{name}'\n"
    found = render(make_job(refer(jobs=["train"]), name="eval"), make_job(), catalog=catalog)[0]
    assert paths_of(found) == {"jobs": ["gs://models/é/train"]}


def test_only_a_stream_with_references_loads_what_they_need() -> None:
    ours = {"post_renderer.runs.index", "post_renderer.resolve.reference_mounts"}
    assert loaded(RENDER, make_catalog() + make_job()) & ours == set()
    modules = loaded(RENDER, make_catalog() + make_job(refer(jobs=["train"]), name="eval") + make_job(annotations=KEEP))
    assert modules & (DEAR | {"yaml"}) == set()
    assert ours <= modules
