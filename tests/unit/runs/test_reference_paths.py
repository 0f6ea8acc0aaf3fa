"""Where the results of a referenced run are, and which runs may refer to others."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.imports import DEAR, RENDER, loaded
from tests.support.references import (
    KEEP,
    NAMESPACE,
    TARGET,
    in_release,
    mounts_of,
    paths_of,
    refer,
    refuse,
    render,
    variables_of,
)

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
def test_the_directory_follows_the_catalog(catalog: str, folder: str, name: str) -> None:
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


FIRST = "outputs: {o: {mountPath: /o, existingClaim: o}}\n"
KEY_FILE = "outputs: {o: {store: gcs, bucket: gs://b, secret: s, secretKey: k, credentials: env}}\n"


def two_releases(second: str, first: str = FIRST) -> list[str]:
    """A run of release one that refers to a run of release two, which has a catalog of its own."""
    other = make_catalog(second).replace("name: catalog", "name: second")
    catalogs = [
        text.replace("polyaxon.com/catalog: v1", f"polyaxon.com/catalog: v1, app.kubernetes.io/instance: {name}")
        for name, text in (("one", make_catalog(first)), ("two", other))
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


@pytest.mark.parametrize(
    ("second", "first"),
    [("outputs: {o: {mountPath: /o, existingClaim: another}}\n", FIRST), (KEY_FILE, FIRST), (FIRST, KEY_FILE)],
)
def test_two_volumes_of_one_name_are_a_problem(second: str, first: str) -> None:
    result = run(stdin="".join(two_releases(second, first)))
    assert result.exit_code == 1
    assert '"jobs/train": its results are in the volume o, but this run has another volume of that name' in result.error


def test_the_key_files_of_one_secret_are_one_volume() -> None:
    result = run(stdin="".join(two_releases(KEY_FILE, KEY_FILE)))
    assert (result.exit_code, result.error) == (0, "")
    found = next(item for item in yaml.safe_load_all(result.output) if item["metadata"]["name"] == "x")
    assert [item["name"] for item in found["spec"]["template"]["spec"]["volumes"]] == ["o"]


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


def test_a_run_that_can_not_build_its_directory_says_it_once_and_those_that_refer_to_it_say_nothing() -> None:
    said = refuse(
        make_job(refer(jobs=["train"]), name="eval", annotations="polyaxon.com/project: p\n"),
        make_job(),
        catalog=DOCUMENTED + "runFolder: '{project}/{name}'\n",
    )
    assert [line.partition(" (")[0] for line in said] == ["error[run-folder] Job/train"]


def test_a_run_that_finds_no_catalog_has_problems_of_its_own() -> None:
    catalogs = [
        make_catalog().replace("catalog: v1", f"catalog: v1, app.kubernetes.io/instance: {name}") for name in "ab"
    ]
    first = in_release(make_job(refer(jobs=["train"]), name="eval"), "a", "x")
    said = run(stdin="".join([*catalogs, first, make_job()])).error
    assert re.findall(r"error\[[a-z-]+\] \S+", said) == ["error[several-catalogs] Job/train"]


def test_outputs_that_no_entry_offers_are_reported() -> None:
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


def test_a_schedule_is_known_to_the_cluster_alone_whatever_its_directory() -> None:
    cron = make_job(name="nightly", annotations="polyaxon.com/run-folder: best\n")
    cron = (
        cron.replace("kind: Job", "kind: CronJob")
        .replace("  template:\n", "  jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}\n")
        .partition("    spec:\n")[0]
    )
    result = run(stdin=make_catalog() + make_job(refer(jobs=["nightly"])) + cron)
    assert "leave polyaxon.com/run-folder out, and refer to one of its runs" in result.error


# What it looks like, and what it costs


def test_explain_shows_whose_results_a_mount_has_and_which_run_is_none_of_the_stream() -> None:
    stream = make_catalog() + make_job(refer(jobs=["train", "gone"]), name="eval") + make_job(annotations=KEEP)
    result = run("explain", "--output", "json", stdin=stream)
    first, second = json.loads(result.output)["runs"]
    mounts = [item for item in first["mounts"] if item["why"] == "reference"]
    assert [item["storage"] for item in mounts] == [
        f"claim outputs-foo-pvc:/<namespace>/jobs/{second['name']}",
        "claim outputs-foo-pvc:/<namespace>/jobs/gone",
    ]
    assert all(item["readOnly"] for item in mounts)
    where = "its results are expected in this run's outputs volume, in the directory <namespace>/jobs/gone"
    assert first["notes"] == [f"jobs/gone is not in this stream: {where}"]
    text = run("explain", stdin=stream).output.decode()
    assert re.search(r"main +outputs-foo +/polyaxon/refs/jobs/train +read-only +results of another run +claim", text)


def test_explain_shows_the_path_in_a_bucket() -> None:
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
