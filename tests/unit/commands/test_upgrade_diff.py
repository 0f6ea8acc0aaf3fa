"""What an upgrade would do, from live objects alone, and for objects that contain workloads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

KEEP = "polyaxon.com/run-policy: keep\n"
FAST = "env: [{name: FAST, value: 'yes'}]\n"


def render(*objects: str) -> list[dict[str, Any]]:
    """The objects of a rendering, without its catalog."""
    result = run(stdin=make_catalog() + "".join(objects))
    assert result.exit_code == 0, result.error
    return list(yaml.safe_load_all(result.output))[1:]


def effects(folder: Path, stream: str, *objects: dict[str, Any]) -> dict[str, tuple[str, str]]:
    (folder / "there").write_text(yaml.safe_dump_all(objects))
    result = run("check", "--output", "json", "--against", str(folder / "there"), stdin=make_catalog() + stream)
    assert result.exit_code == (b'"blocked"' in result.output), result.error
    return {row["object"]: (row["outcome"], row["note"]) for row in json.loads(result.output)["runs"]}


def live(found: dict[str, Any]) -> dict[str, Any]:
    """As `kubectl get -o yaml` prints it: with a uid and the API server's defaults."""
    found["metadata"]["uid"] = "6f1"
    found["spec"]["template"]["spec"]["dnsPolicy"] = "ClusterFirst"
    return found


def test_a_kept_job_among_live_objects_alone_is_left_alone(tmp_path: Path) -> None:
    (kept,) = map(live, render(make_job(annotations=KEEP)))
    name = f"Job/{kept['metadata']['name']}"
    # The name contains the hash of the content, so the content is the same and a note is not needed.
    assert effects(tmp_path, make_job(annotations=KEEP), kept) == {name: ("left alone", "")}


def test_a_changed_run_starts_and_nothing_is_known_of_who_made_the_live_job(tmp_path: Path) -> None:
    (kept,) = map(live, render(make_job(annotations=KEEP)))
    changed = make_job(annotations=KEEP, container=FAST)
    (new,) = render(changed)
    # Only the manifest of the release shows whether the live Job belongs to the release, so the Job is not reported.
    assert effects(tmp_path, changed, kept) == {f"Job/{new['metadata']['name']}": ("starts", "")}


@pytest.mark.parametrize("kind", ["Service", "ReplicationController", "Unknown"])
def test_a_run_behind_other_objects_of_a_list_is_found(tmp_path: Path, kind: str) -> None:
    (installed,) = render(make_job())
    other = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}}
    found = effects(tmp_path, make_job(), {"apiVersion": "v1", "kind": "List", "items": [other, installed]})
    assert found == {"Job/train": ("left alone", "")}


def test_a_run_without_a_name_is_called_as_in_messages(tmp_path: Path) -> None:
    stream = make_job().replace("  name: train\n", "  generateName: train-\n")
    assert effects(tmp_path, stream, {"polyaxon.com": None}) == {"Job/train-*": ("starts", "")}


def test_a_generated_name_is_never_the_name_of_an_installed_run(tmp_path: Path) -> None:
    """Not even of one that no API server would accept, and its changes are not looked for by an empty name."""
    (installed,) = render(make_job())
    installed["metadata"]["name"] = "XXXX"
    stream = make_job(annotations="polyaxon.com/run-folder: r\n").replace("  name: train\n", "  generateName: x-\n")
    assert effects(tmp_path, stream, installed) == {"Job/x-*": ("starts", ""), "Job/XXXX": ("removed", "")}


def test_an_installed_run_without_a_name_is_compared_as_it_is(tmp_path: Path) -> None:
    old = make_job(annotations=KEEP)
    (installed,) = render(old)
    installed["metadata"] = {**installed["metadata"], "generateName": "train-", "name": None}
    stream = make_job(annotations=KEEP, container=FAST)
    (tmp_path / "there").write_text(yaml.safe_dump(installed))
    done = run("check", "--output", "json", "--against", str(tmp_path / "there"), stdin=make_catalog() + stream)
    (row, *_) = json.loads(done.output)["runs"]
    assert not any("train" * 3 in change for change in row["changes"])
    assert "containers[main].env[FAST]: added" in row["changes"]


def make_pod(label: str, image: str = "x") -> str:
    return "---\n" + yaml.safe_dump({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "labels": {"a": label}, "annotations": {"polyaxon.com/polyaxonfile": "{}"}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": image}]},
    })  # fmt: skip


def test_only_the_metadata_of_a_pod_may_change(tmp_path: Path) -> None:
    (installed,) = render(make_pod("b"))
    assert effects(tmp_path, make_pod("c"), installed) == {"Pod/one": ("left alone", "")}
    blocked = ("blocked", "these fields of a Pod can't change: delete the Pod before the upgrade")
    in_place = ("updated", "Kubernetes changes the image in the running Pod")
    assert effects(tmp_path, make_pod("b", "y"), installed) == {"Pod/one": in_place}
    changed = make_pod("b", "y").replace("restartPolicy: Never", "restartPolicy: Always")
    assert effects(tmp_path, changed, installed) == {"Pod/one": blocked}


def test_a_label_in_the_template_of_a_job_is_a_change(tmp_path: Path) -> None:
    (installed,) = render(make_job())
    installed["spec"]["template"]["metadata"] = {"labels": {"a": "b"}}
    assert effects(tmp_path, make_job(), installed)["Job/train"][0] == "blocked"


def sweep(*, outer: bool, inner: bool, pod: bool, annotation: str = "polyaxonfile", value: str = "{}") -> str:
    """An AppWrapper that contains a Job, with the request at one or more of three places."""
    asks = {"annotations": {f"polyaxon.com/{annotation}": value}}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "inner", **(asks if inner else {})},
        "spec": {
            "template": {
                **({"metadata": asks} if pod else {}),
                "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "x"}]},
            }
        },
    }
    wrapper = {
        "apiVersion": "workload.codeflare.dev/v1beta2",
        "kind": "AppWrapper",
        "metadata": {"name": "outer", **(asks if outer else {})},
        "spec": {"components": [{"template": job}]},
    }
    return "---\n" + yaml.safe_dump(wrapper)


@pytest.mark.parametrize("place", ["outer", "inner", "pod"])
@pytest.mark.parametrize("asks", [("polyaxonfile", "{}"), ("data", ""), ("outputs", "outputs2"), ("kind", "job")])
def test_an_object_that_contains_workloads_is_a_run_wherever_its_request_is(
    tmp_path: Path, place: str, asks: tuple[str, str]
) -> None:
    outer, inner, pod = (name == place for name in ("outer", "inner", "pod"))
    stream = sweep(outer=outer, inner=inner, pod=pod, annotation=asks[0], value=asks[1])
    (rendered,) = render(stream)
    name = "AppWrapper/outer"
    assert effects(tmp_path, stream, rendered) == {name: ("left alone", "")}
    assert effects(tmp_path, stream, {"polyaxon.com": None})[name][0] == "updated"
    assert effects(tmp_path, "", rendered) == {name: ("removed", "")}
