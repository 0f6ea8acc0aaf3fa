"""A grid as running pods: a run folder and a result for each member, and a new value that starts only new Jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.cluster.support import IMAGE, one_run

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Namespace, Object

SAVES = 'python3 /code/save.py --lr={{ lr }} --depth={{ depth }} > "$POLYAXON_RUN_OUTPUTS_PATH/result.json"'
PROGRAM = 'import json, os, sys\nprint(json.dumps([json.loads(os.environ["POLYAXON_PARAMS"]), sys.argv[1:]]))\n'
# Each result with its path, from the top of the outputs volume.
LISTS = 'cd "$POLYAXON_BASE_OUTPUTS_PATH"; find . -name result.json | while read f; do echo "$f $(cat $f)"; done'


def grid(*rates: float, **run: Any) -> Object:
    matrix = {"lr": {"values": list(rates)}, "depth": {"range": "2:4:1"}}
    file = {
        "version": 1,
        "kind": "group",
        "hptuning": {"concurrency": 2, "matrix": matrix},
        "params": {"epochs": 3},
        "run": {"cmd": SAVES},
    }
    values = one_run(files={"save.py": PROGRAM}, polyaxonfile=file, workingDir="/tmp", **run)
    values["runDefaults"] = {**IMAGE}
    return values


def members(space: Namespace) -> dict[str, str]:
    """The Jobs of the grid by their names, with their uids."""
    found = space.get("jobs", **{"polyaxon.com/group": "demo-train"})
    return {job["metadata"]["name"]: job["metadata"]["uid"] for job in found}


def results(helm: Helm, values: Object) -> dict[str, Any]:
    """What the members wrote: path of the run folder on the volume -> params and arguments."""
    values["runs"]["list"] = {
        "command": ["/bin/bash", "-c", LISTS],
        "policy": "replace",
        "rerun": len(members(helm.space)),
    }
    helm.must_upgrade(values)
    (name,) = helm.space.jobs("list")
    assert helm.space.wait_for_end(name) == "Complete"
    lines = helm.space.kubectl("logs", f"job/{name}").splitlines()
    return {
        path.removesuffix("/result.json"): json.loads(text) for path, _, text in (line.partition(" ") for line in lines)
    }


def test_each_member_of_a_grid_has_its_own_folder_and_result_and_a_new_value_starts_only_new_jobs(helm: Helm) -> None:
    helm.must_upgrade(grid(0.1, 0.2))
    jobs = members(helm.space)
    assert len(jobs) == 4
    assert {helm.space.wait_for_end(job) for job in jobs} == {"Complete"}
    found = results(helm, grid(0.1, 0.2))
    assert set(found) == {f"./{helm.space.name}/groups/demo-train/{job}" for job in jobs}
    wanted = [
        [{"depth": depth, "epochs": 3, "lr": rate}, [f"--lr={rate}", f"--depth={depth}"]]
        for rate in (0.1, 0.2)
        for depth in (2, 3)
    ]
    assert sorted(found.values(), key=str) == sorted(wanted, key=str)
    helm.must_upgrade(grid(0.05, 0.1, 0.2))
    more = members(helm.space)
    assert len(more) == 6
    assert jobs.items() < more.items()
    new = more.keys() - jobs.keys()
    assert {helm.space.wait_for_end(job) for job in new} == {"Complete"}
    found = results(helm, grid(0.05, 0.1, 0.2))
    assert [params["lr"] for path, (params, _) in found.items() if path.rpartition("/")[2] in new] == [0.05, 0.05]
    assert len(found) == 6
    assert len(helm.space.get("configmaps", **{"polyaxon.com/group": "demo-train"})) == 1


def test_a_run_reads_the_results_of_a_member(helm: Helm) -> None:
    helm.must_upgrade(grid(0.1))
    jobs = helm.space.get("jobs", **{"polyaxon.com/group": "demo-train"})
    assert {helm.space.wait_for_end(job["metadata"]["name"]) for job in jobs} == {"Complete"}
    member = jobs[0]["metadata"]["labels"]["polyaxon.com/run"]
    values = grid(0.1)
    reads = ["/bin/bash", "-c", f"cat /polyaxon/refs/experiments/{member}/result.json"]
    values["runs"]["report"] = {
        "command": reads,
        "polyaxonfile": {"kind": "job", "environment": {"outputs": {"experiments": [member]}}},
    }
    helm.must_upgrade(values)
    (name,) = helm.space.jobs("report")
    assert helm.space.wait_for_end(name) == "Complete"
    params, _ = json.loads(helm.space.kubectl("logs", f"job/{name}"))
    assert params["lr"] == 0.1
    assert len(members(helm.space)) == 2
