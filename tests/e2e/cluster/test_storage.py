"""Every kind of storage as real pods see it: run folders, read-only mounts, sources, sub-paths, odd names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.conftest import HELMS
from tests.e2e.cluster.support import IMAGE, PROBE, Helm, Namespace, Object, make_pod, one_run, render_with, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USER = {"runAsUser": 1000, "runAsGroup": 1000}


def catalog(space: Namespace) -> Object:
    ephemeral = {
        "storageClassName": f"{space.name}-ephemeral",
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    data: Object = {
        "locked": {"mountPath": "/data/locked", "existingClaim": "locked", "readOnly": True},
        "part": {"mountPath": "/data/part", "existingClaim": "shared", "subPath": "part", "readOnly": True},
        "whole": {"mountPath": "/data/whole", "existingClaim": "shared"},
        "settings": {"mountPath": "/data/settings", "volumeSource": {"configMap": {"name": "settings"}}},
        "joined": {
            "mountPath": "/data/joined",
            "volumeSource": {"projected": {"sources": [{"configMap": {"name": "settings"}}]}},
        },
        "made": {
            "mountPath": "/data/made",
            "volumeSource": {"ephemeral": {"volumeClaimTemplate": {"spec": ephemeral}}},
        },
        "home": {"mountPath": "/data/$(HOME)", "volumeSource": {"emptyDir": {}}},
        "dollars": {"mountPath": "/data/$$", "volumeSource": {"emptyDir": {}}},
        "escaped": {"mountPath": "/data/$$(X)", "volumeSource": {"emptyDir": {}}},
        "mine": {"mountPath": "/data/mine", "existingClaim": "shared", "subPath": "{namespace}/$(HOME)/{project}"},
    }
    outputs: Object = {
        "claimed": {"mountPath": "/outputs/claimed", "existingClaim": "results"},
        "grouped": {"mountPath": "/outputs/grouped", "existingClaim": "grouped"},
        "on-node": {"mountPath": "/outputs/on-node", "hostPath": f"{space.folder}/new"},
        "open": {"mountPath": "/outputs/open", "hostPath": f"{space.folder}/open"},
        "scratch": {"mountPath": "/outputs/scratch", "volumeSource": {"emptyDir": {}}},
        "own-folder": {"mountPath": "/outputs/own", "existingClaim": "results", "createRunFolder": False},
        "odd": {"mountPath": "/outputs/$(HOME)", "existingClaim": "results", "subPath": "$$ and $(HOME)"},
    }
    return {"data": data, "outputs": outputs, "defaultData": [], "runFolder": "{namespace}/$$/$(HOME)/{name}"}


def ask(outputs: str, *data: str, **run: object) -> Object:
    return {**run, "polyaxonfile": {"environment": {"persistence": {"data": list(data), "outputs": outputs}}}}


RUNS = {
    "all-data": ask("claimed", "locked", "part", "whole", "settings", "joined", "made", "home", "dollars", "escaped"),
    "on-node": ask("on-node"),
    "scratch": ask("scratch"),
    "own-folder": ask("own-folder"),
    "mine": ask("claimed", "mine", project="vision"),
    "new": ask("claimed", "mine", project="speech"),
    "odd": ask("odd"),
    "grouped-user": ask("grouped", podSecurityContext={**USER, "fsGroup": 1000}),
    "open-user": ask("open", podSecurityContext={**USER, "fsGroup": 1000}),
    "closed-user": ask("on-node", podSecurityContext={**USER, "fsGroup": 1000}),
}


@pytest.fixture(scope="module", params=HELMS)
def reports(
    request: pytest.FixtureRequest, make_namespace: Callable[[], Namespace], make_helm: Callable[[str, Namespace], Helm]
) -> dict[str, Object]:
    space = make_namespace()
    space.make_claims("results", "locked", "shared", local=("grouped",))
    space.make_volume("ephemeral")
    space.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"marker": "set"}})
    space.run_on_node(
        f"cd {space.folder}; mkdir -p locked shared/part grouped open new; chmod 777 open; "
        "printf locked >locked/marker; printf whole >shared/marker; printf part >shared/part/marker; "
        f"mkdir -p shared/{space.name}/'$(HOME)'/vision; printf vision >shared/{space.name}/'$(HOME)'/vision/marker"
    )
    helm = make_helm(request.param, space)
    values = {"persistence": catalog(space), "runDefaults": {"command": PROBE, **IMAGE}, "runs": RUNS}
    helm.must_upgrade(values)
    return {run: space.report_of(run) for run in RUNS}


def test_each_project_sees_its_own_directory_of_one_volume(reports: dict[str, Object]) -> None:
    assert reports["mine"]["markers"]["/data/mine"] == "vision"
    # The kubelet makes a directory that is missing.
    assert "/data/mine" in reports["new"]["mounts"]
    assert reports["new"]["markers"].get("/data/mine") is None


def own_write(report: Object) -> str:
    """What came of a write to the run's folder."""
    written: str = report["writes"][report["variables"]["POLYAXON_RUN_OUTPUTS_PATH"]]
    return written


@pytest.mark.parametrize("run", ["all-data", "on-node", "scratch", "odd"])
def test_root_writes_to_its_run_folder_on_a_claim_a_host_path_and_an_empty_dir(
    run: str, reports: dict[str, Object]
) -> None:
    assert reports[run]["run_folder_was_there"]
    assert own_write(reports[run]) == "written"


def test_a_user_with_fs_group_writes_to_its_run_folder_on_a_claim(reports: dict[str, Object]) -> None:
    assert reports["grouped-user"]["user"] == 1000
    assert reports["grouped-user"]["run_folder_was_there"]
    assert own_write(reports["grouped-user"]) == "written"


def test_a_user_writes_on_a_host_path_only_where_the_directory_lets_it(reports: dict[str, Object]) -> None:
    assert own_write(reports["open-user"]) == "written"
    assert own_write(reports["closed-user"]) == "EACCES"


def test_no_run_folder_is_made_where_the_program_makes_its_own(reports: dict[str, Object]) -> None:
    assert reports["own-folder"]["mounts"] == ["/outputs/own"]
    assert not reports["own-folder"]["run_folder_was_there"]


def test_read_only_claim_takes_no_file_through_any_mount(reports: dict[str, Object]) -> None:
    report = reports["all-data"]
    assert report["markers"]["/data/locked"] == "locked"
    assert report["writes"]["/data/locked"] == "EROFS"


def test_two_entries_on_one_claim_are_two_mounts_with_their_own_modes(reports: dict[str, Object]) -> None:
    report = reports["all-data"]
    assert report["markers"]["/data/part"] == "part"
    assert report["markers"]["/data/whole"] == "whole"
    assert report["writes"]["/data/part"] == "EROFS"
    assert report["writes"]["/data/whole"] == "written"


def test_other_volume_sources_are_mounted(reports: dict[str, Object]) -> None:
    report = reports["all-data"]
    assert report["markers"]["/data/settings"] == report["markers"]["/data/joined"] == "set"
    assert report["writes"]["/data/settings"] == report["writes"]["/data/joined"] == "EROFS"
    assert report["writes"]["/data/made"] == "written"


def test_dollars_of_a_mount_path_arrive_as_they_are(reports: dict[str, Object]) -> None:
    report = reports["all-data"]
    wanted = {"home": "/data/$(HOME)", "dollars": "/data/$$", "escaped": "/data/$$(X)"}
    told = json.loads(report["variables"]["POLYAXON_DATA_PATHS"])
    assert {name: told[name] for name in wanted} == wanted
    assert set(wanted.values()) <= set(report["mounts"])


def test_dollars_of_an_outputs_path_and_its_sub_path_arrive_as_they_are(reports: dict[str, Object]) -> None:
    report = reports["odd"]
    assert report["variables"]["POLYAXON_BASE_OUTPUTS_PATH"] == "/outputs/$(HOME)"
    assert "/outputs/$(HOME)" in report["mounts"]


def test_dollars_of_the_run_folder_arrive_as_they_are(reports: dict[str, Object]) -> None:
    assert "/$$/$(HOME)/demo-odd-" in reports["odd"]["variables"]["POLYAXON_RUN_FOLDER"]


def test_an_isolated_run_sees_only_its_own_directory(helm: Helm) -> None:
    space = helm.space
    values = one_run(PROBE)
    values["persistence"]["isolateRuns"] = True
    values["runs"] = {"one": {}, "two": {}}
    space.run_on_node(f"cd {space.folder}; mkdir -p results; echo secret >results/of-others")
    helm.must_upgrade(values)
    for run in values["runs"]:
        report = space.report_of(run)
        assert report["mounts"] == ["/outputs/results"]
        assert report["listed"]["/outputs/results"] == []
        assert own_write(report) == "written"
        assert report["variables"]["POLYAXON_RUN_OUTPUTS_PATH"] == "/outputs/results"


def test_a_run_folder_outlives_a_failed_pod_of_the_run(helm: Helm) -> None:
    """The pod fails once and is tried again: the second try finds what the first one wrote."""
    try_again = "cd $POLYAXON_RUN_OUTPUTS_PATH; [ -e first ] || { touch first; exit 1; }; ls"
    helm.must_upgrade(one_run(["/bin/bash", "-c", try_again], backoffLimit=1))
    (job,) = helm.space.jobs()
    assert helm.space.wait_for_end(job) == "Complete"


def test_a_run_folder_outlives_a_restart_of_the_container(space: Namespace) -> None:
    """The container fails once and is started again in its pod: it finds what it wrote."""
    try_again = "cd $POLYAXON_RUN_OUTPUTS_PATH; [ -e first ] || { touch first; exit 1; }; echo again"
    pod = make_pod("train", ["/bin/bash", "-c", try_again])
    pod["spec"]["restartPolicy"] = "OnFailure"
    pod["metadata"]["annotations"] = {"polyaxon.com/polyaxonfile": "{}"}
    space.kubectl("apply", "-f", "-", stdin=render_with(one_run()["persistence"], pod))
    assert space.wait_for_end_of_pod("train") == "Succeeded"
    assert space.kubectl("logs", "train").strip() == "again"
    restarts = space.kubectl("get", "pod", "train", "-o", "jsonpath={.status.containerStatuses[0].restartCount}")
    assert restarts == "1"


@pytest.fixture
def squashed(space: Namespace) -> Iterator[str]:
    """A folder of the node on which user 1000 may create folders and root may not."""
    path = f"{space.folder}/squashed"
    script = (Path(__file__).parent / "squash.py").read_text()
    run_privileged(space, "squash", ["python3", "-c", script, path])
    yield path
    run_privileged(space, "unsquash", ["/bin/sh", "-c", f"umount {path} && umount {path}"])


def run_privileged(space: Namespace, name: str, command: list[str]) -> None:
    """Run a command whose mounts below the namespace's folder become the node's."""
    pod = make_pod(name, command)
    pod["spec"]["volumes"] = [{"name": "node", "hostPath": {"path": space.folder, "type": "DirectoryOrCreate"}}]
    pod["spec"]["containers"][0] |= {
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": "node", "mountPath": space.folder, "mountPropagation": "Bidirectional"}],
    }
    space.apply(pod)
    assert space.wait_for_end_of_pod(name) == "Succeeded", space.kubectl("logs", name)


def test_where_root_may_not_create_directories_the_program_makes_its_own(helm: Helm, squashed: str) -> None:
    makes_its_own = ["/bin/bash", "-ec", "mkdir -p $POLYAXON_RUN_OUTPUTS_PATH; touch $POLYAXON_RUN_OUTPUTS_PATH/result"]
    values = one_run(makes_its_own)
    values["persistence"]["outputs"] = {
        "made": {"mountPath": "/outputs/made", "hostPath": squashed, "createRunFolder": False},
        "refused": {"mountPath": "/outputs/refused", "hostPath": squashed},
    }
    values["runs"] = {run: ask(run, podSecurityContext=USER) for run in ("made", "refused")}
    helm.must_upgrade(values)
    space = helm.space
    (job,) = space.jobs("made")
    assert space.wait_for_end(job) == "Complete"

    def reasons() -> set[str]:
        statuses = [pod["status"].get("containerStatuses", []) for pod in space.get("pods", run="refused")]
        return {
            item["state"]["waiting"]["reason"] for found in statuses for item in found if "waiting" in item["state"]
        }

    until("the kubelet refuses to start the pod", lambda: "CreateContainerConfigError" in reasons())


def test_read_only_outputs_warn_and_are_refused_by_strict(helm: Helm) -> None:
    values = one_run(PROBE, **ask("fixed"))
    values["persistence"]["outputs"]["fixed"] = {
        "mountPath": "/outputs/fixed",
        "existingClaim": "results",
        "readOnly": True,
    }
    refused = helm.upgrade(values, more=("--post-renderer-args", "--strict"))
    assert refused.returncode != 0
    assert not helm.space.get("jobs")
    helm.must_upgrade(values)
    assert "warning[" in helm.why()
    report = helm.space.report_of("train")
    assert report["mounts"] == ["/outputs/fixed"]
    assert report["writes"]["/outputs/fixed"] == "EROFS"
