"""``explain``: which volume, where, writable or not, why, and where results land."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.messages import heads
from tests.unit.commands.conftest import NOBODY

if TYPE_CHECKING:
    from pathlib import Path

ASK = "kind: experiment\nenvironment: {persistence: {data: [data1, data-foo], outputs: outputs-foo}}\n"


def explain(stream: str, *words: str) -> str:
    result = run("explain", *words, stdin=stream)
    assert (result.exit_code, result.error) == (0, "")
    return result.output.decode()


def runs(stream: str, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(explain(stream, "--output", "json", *words))["runs"]
    return found


def test_a_table_that_a_person_wants_to_look_at() -> None:
    assert explain(make_catalog() + make_job(ASK)) == (
        "Job/train  (experiment; from chart/templates/runs.yaml)\n"
        "  results: claim outputs-foo-pvc:/<namespace>/experiments/train\n"
        "  CONTAINER  VOLUME       MOUNT PATH         MODE       WHY                           STORAGE\n"
        "  main       outputs-foo  /outputs/foo       writable   asked for                     claim outputs-foo-pvc\n"
        "  main       outputs-foo  /polyaxon/outputs  writable   run folder, created at start  claim outputs-foo-pvc\n"
        "  main       data1        /data/1            read-only  asked for                     node /path/to/data\n"
        "  main       data-foo     /data/foo          writable   asked for                     claim data-foo-pvc\n"
        "\n"
        "1 run in 2 objects: 0 errors, 0 warnings\n"
    )


MEMBERS = [make_job(ASK, annotations="polyaxon.com/group: sweep\n", name=f"sweep-{letter}") for letter in "abc"]


def test_the_members_of_a_group_are_one_line_and_one_table() -> None:
    text = explain(make_catalog() + "".join(MEMBERS))
    assert text.startswith(
        "group sweep, 3 runs: sweep-a, sweep-b, sweep-c  (experiment; from chart/templates/runs.yaml)\n"
        "  results: claim outputs-foo-pvc:/<namespace>/groups/sweep/<member>\n"
    )
    assert text.count("CONTAINER") == 1
    assert text.endswith("3 runs in 4 objects: 0 errors, 0 warnings\n")
    assert [row["group"] for row in runs(make_catalog() + "".join(MEMBERS))] == ["sweep"] * 3


def test_members_with_other_volumes_and_groups_of_one_are_shown_as_runs() -> None:
    other = make_job("kind: experiment\n", annotations="polyaxon.com/group: sweep\n", name="sweep-x")
    alone = make_job(ASK, annotations="polyaxon.com/group: alone\n", name="alone-a")
    text = explain(make_catalog() + "".join(MEMBERS) + other + alone)
    assert [line for line in text.splitlines() if line.startswith(("group", "Job"))] == [
        "group sweep, 3 runs: sweep-a, sweep-b, sweep-c  (experiment; from chart/templates/runs.yaml)",
        "Job/sweep-x  (experiment; from chart/templates/runs.yaml)",
        "Job/alone-a  (experiment; from chart/templates/runs.yaml)",
    ]


def test_the_same_as_data() -> None:
    (found,) = runs(make_catalog() + make_job("environment: {persistence: {data: [data1]}}\n"))
    assert found == {
        "object": "Job/train",
        **NOBODY,
        "name": None,
        "group": None,
        "params": None,
        "kind": "job",
        "file": "chart/templates/runs.yaml",
        "line": 25,
        "stream": "",
        "results": "claim outputs-foo-pvc:/<namespace>/jobs/train",
        "resultsLocation": {"type": "claim", "name": "outputs-foo-pvc", "path": "<namespace>/jobs/train"},
        "mounts": [
            {"container": "main", "volume": "outputs-foo", "mountPath": "/outputs/foo", "readOnly": False, "why": "first writable", "description": "", "storage": "claim outputs-foo-pvc:", "source": {"type": "claim", "name": "outputs-foo-pvc", "path": ""}},
            {"container": "main", "volume": "outputs-foo", "mountPath": "/polyaxon/outputs", "readOnly": False, "why": "run folder", "description": "", "storage": "claim outputs-foo-pvc:", "source": {"type": "claim", "name": "outputs-foo-pvc", "path": ""}},
            {"container": "main", "volume": "data1", "mountPath": "/data/1", "readOnly": True, "why": "asked", "description": "", "storage": "node /path/to/data", "source": {"type": "hostPath", "name": "", "path": "/path/to/data"}},
        ],
        "env": {
            "POLYAXON_K8S_NAMESPACE": "(from the pod)",
            "POLYAXON_RUN_FOLDER": "$(POLYAXON_K8S_NAMESPACE)/jobs/train",
            "POLYAXON_BASE_OUTPUTS_PATH": "/outputs/foo",
            "POLYAXON_RUN_OUTPUTS_PATH": "/outputs/foo/$(POLYAXON_RUN_FOLDER)",
            "POLYAXON_DATA_PATHS": '{"data1": "/data/1"}',
            "POLYAXON_RUN_DATA_PATHS": '{"data1": "/data/1"}',
            "POLYAXON_IN_CLUSTER": "true",
        },
        "notes": [],
    }  # fmt: skip


WHY = [
    ("", "{}\n", ["first writable outputs", "run folder, created at start", "all data (no data asked for)"]),
    (
        "defaultData: [data1]\ndefaultOutputs: outputs2\n",
        "{}\n",
        ["default of the catalog", "run folder, created at start"],
    ),
    (
        "outputsSelection: spread\n",
        "{}\n",
        ["chosen by the run's name", "run folder, created at start", "all data (no data asked for)"],
    ),
    ("", ASK, ["asked for", "run folder, created at start"]),
]


@pytest.mark.parametrize(("settings", "polyaxonfile", "reasons"), WHY)
def test_every_reason_is_reported(settings: str, polyaxonfile: str, reasons: list[str]) -> None:
    text = explain(make_catalog(DOCUMENTED + settings) + make_job(polyaxonfile))
    rows = [re.split(" {2,}", line.strip()) for line in text.splitlines() if line.startswith("  main ")]
    assert list(dict.fromkeys(row[4] for row in rows)) == reasons


STORAGES = [
    ("existingClaim: c", "claim c:/<namespace>/jobs/train", "claim c"),
    ("{existingClaim: c, subPath: s}", "claim c:/s/<namespace>/jobs/train", "claim c:/s"),
    ("hostPath: /mnt", "node /mnt/<namespace>/jobs/train", "node /mnt"),
    ("volumeSource: {emptyDir: {}}", "emptyDir:/<namespace>/jobs/train", "emptyDir"),
    ("volumeSource: {nfs: {server: s, path: /}}", "nfs:/<namespace>/jobs/train", "nfs"),
]


@pytest.mark.parametrize(("source", "results", "storage"), STORAGES)
def test_where_results_land(source: str, results: str, storage: str) -> None:
    entry = "{mountPath: /o, " + source.strip("{}" if source.startswith("{") else "") + "}"
    text = explain(make_catalog(f"outputs: {{o: {entry}}}\n") + make_job())
    assert f"  results: {results}\n" in text
    assert text.splitlines()[3].endswith(f"  {storage}")


def test_what_only_the_cluster_knows_is_shown_as_such() -> None:
    generated = make_job().replace("  name: train", "  generateName: train-")
    keep = make_job(annotations="polyaxon.com/run-policy: keep\n")
    first, second = runs(make_catalog(DOCUMENTED + "runFolder: $all/{kind}/{name}\n") + generated + keep)
    assert first["results"] == "claim outputs-foo-pvc:/$all/jobs/<name in the cluster>"
    assert second["name"].startswith("train-")
    assert second["results"] == f"claim outputs-foo-pvc:/$all/jobs/{second['name']}"


def test_the_name_by_content_is_the_renders() -> None:
    stream = make_catalog() + make_job(annotations="polyaxon.com/run-policy: keep\n")
    (found,) = runs(stream)
    assert f'name: "{found["name"]}"' in run(stdin=stream).output.decode()
    assert f"Job/train as {found['name']}  (job; " in explain(stream)


def test_each_container_has_its_rows() -> None:
    pod = "initContainers:\n- {name: fetch, image: busybox}\n- {name: wait, image: busybox}\n"
    job = make_job(ASK, pod=pod, annotations="polyaxon.com/containers: main,fetch\n")
    (found,) = runs(make_catalog() + job)
    assert [mount["container"] for mount in found["mounts"]] == ["main"] * 4 + ["fetch"] * 4


def test_a_run_without_volumes_says_so() -> None:
    text = explain(make_job("kind: build\n"))
    assert text.startswith("Job/train  (build; from chart/templates/runs.yaml)\n  no volumes\n")
    assert "results:" not in text
    assert "  note: nothing changes: a run of this kind (build) gets no volumes\n" in text


def test_a_pod_that_the_annotation_leaves_out_is_reported_to_get_nothing() -> None:
    containers = {"Master": "pytorch", "Worker": "other"}
    template = "    {}:\n      template:\n        spec:\n          containers: [{{name: {}, image: busybox}}]\n"
    stream = (
        make_catalog()
        + "---\napiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata:\n  name: train\n  annotations:\n"
        + "    polyaxon.com/containers: pytorch\n    polyaxon.com/polyaxonfile: '{}'\n"
        + "spec:\n  pytorchReplicaSpecs:\n"
        + "".join(template.format(*item) for item in containers.items())
    )
    for text in (stream, run(stdin=stream).output.decode()):
        _, left_out = runs(text)
        assert left_out["notes"] == ["nothing is added: polyaxon.com/containers names none of this pod's containers"]
        assert (left_out["mounts"], left_out["env"], left_out["results"]) == ([], {}, "")


def test_the_directory_of_a_project_is_shown() -> None:
    catalog = "data: {d: {mountPath: /d, existingClaim: c, subPath: '{namespace}/$x/{project}'}}\n"
    (found,) = runs(make_catalog(catalog) + make_job(annotations="polyaxon.com/project: vision\n"))
    (mount,) = found["mounts"]
    assert mount["storage"] == "claim c:/<namespace>/$x/vision"
    assert mount["source"] == {"type": "claim", "name": "c", "path": "<namespace>/$x/vision"}


def test_shared_claims_are_a_note() -> None:
    catalog = "data: {a: {mountPath: /a, existingClaim: c}, b: {mountPath: /b, existingClaim: c}}\n"
    text = explain(make_catalog(catalog) + make_job())
    assert "  note: b shares the volume a: both use the claim c\n" in text


def test_a_rendered_stream_explains_the_same_and_says_that_nothing_changes() -> None:
    for policy in ("", "polyaxon.com/run-policy: keep\n"):
        stream = make_catalog() + make_job(ASK, annotations=policy)
        before, after = (runs(text)[0] for text in (stream, run(stdin=stream).output.decode()))
        assert after["notes"] == ["nothing changes: the stream has all of it already"]
        for key in ("name", "kind", "file", "results", "mounts", "env"):
            assert after[key] == before[key]


def test_a_persistence_file_is_explained_too(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("data: {data1: {existingClaim: site, hostPath: null}}\n")
    (found,) = runs(make_catalog() + make_job(ASK), "--persistence", str(tmp_path / "site.yaml"))
    assert found["mounts"][2]["storage"] == "claim site:"


def test_a_stream_of_others_has_no_runs() -> None:
    stream = "apiVersion: v1\nkind: ConfigMap\n"
    assert explain(stream) == "0 runs in 1 object: 0 errors, 0 warnings\n"
    assert json.loads(explain(stream, "--output", "json")) == {"runs": [], "problems": [], "objects": 1}


def test_runs_are_separate() -> None:
    text = explain(make_catalog() + make_job() + make_job(name="other"))
    assert text.count("\n\nJob/other  (job; ") == 1


def test_problems_are_reported_and_the_other_runs_are_explained() -> None:
    stream = make_catalog() + make_job("kind: x\n") + make_job(name="other")
    result = run("explain", stdin=stream)
    assert result.exit_code == 1
    assert heads(result.error)[0].startswith("error[invalid-request] Job/train")
    assert result.output.startswith(b"Job/other  (job; ")
    data = json.loads(run("explain", "--output", "json", stdin=stream).output)
    assert [found["object"] for found in data["runs"]] == ["Job/other"]
    assert [problem["code"] for problem in data["problems"]] == ["invalid-request"]


def test_a_stream_that_can_not_be_read_explains_nothing() -> None:
    for stream in (b"polyaxon.com: \xff\n", b"polyaxon.com/polyaxonfile: [\n"):
        result = run("explain", stdin=stream)
        assert (result.exit_code, result.output) == (1, b"0 runs in 0 objects: 1 error, 0 warnings\n")
        assert "error[invalid-" in result.error


def test_an_entry_is_described_as_the_catalog_does() -> None:
    catalog = "data:\n  d: {mountPath: /d, existingClaim: c, description: Photos with labels}\n"
    (found,) = runs(make_catalog(catalog) + make_job())
    assert [mount["description"] for mount in found["mounts"]] == ["Photos with labels"]


def test_an_error_that_follows_from_another_run_is_a_note_of_its_own_run() -> None:
    broken = make_job(
        "kind: job\nenvironment: {persistence: {outputs: nope}}\n",
        name="a",
        annotations="polyaxon.com/run-policy: keep\n",
    )
    asking = make_job("kind: job\nenvironment: {outputs: {jobs: [a]}}\n", name="b")
    result = run("explain", stdin=make_catalog() + broken + asking)
    assert result.error.count("error[") == 1
    assert '  note: "jobs/a" is Job/a, which is invalid itself\n' in result.output.decode()
