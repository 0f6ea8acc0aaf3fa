"""`inventory` of what the chart makes: kept Jobs with their files, a grid that shares its files, and other kinds."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import run
from tests.support.examples import env_of
from tests.support.inventory import Object, as_live, must_run, read_inventory, write
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Render = Callable[[dict[str, Any]], list[Object]]

GRID = {"kind": "group", "hptuning": {"matrix": {"rate": {"values": [1, 2]}}}, "run": {"cmd": "train"}}


@pytest.fixture
def render(tools: Path, helm_env: dict[str, str], tmp_path: Path, helm: str) -> Render:
    def render_runs(runs: dict[str, Any]) -> list[Object]:
        path = tmp_path / "values.yaml"
        persistence = {"outputs": {"results": {"mountPath": "/outputs", "existingClaim": "results"}}}
        values = {"persistence": persistence, "runDefaults": {"image": "busybox"}, "runs": runs}
        path.write_text(yaml.safe_dump(values))
        command = [str(tools / helm), "template", "demo", "chart", "--namespace", "vision", "-f", str(path)]
        bare = subprocess.run(command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, check=True).stdout
        result = run(stdin=bare)
        assert result.exit_code == 0, result.error
        return list(yaml.safe_load_all(result.output))

    return render_runs


def names(objects: list[Object], kind: str) -> set[str]:
    return {item["metadata"]["name"] for item in objects if item["kind"] == kind}


def test_a_changed_run_leaves_its_job_and_its_files(render: Render, tmp_path: Path) -> None:
    old, new = (render({"train": {"files": {"a": text}}, "same": {"files": {"a": "1"}}}) for text in ("1", "2"))
    gone = names(old, "Job") - names(new, "Job")
    files = names(old, "ConfigMap") - names(new, "ConfigMap")
    assert len(gone) == len(files) == 1
    live = write(tmp_path / "live", as_live([*old, *new]), as_list=True)
    text = must_run("--stale", live, write(tmp_path / "new", new))
    assert text == (
        f"# 1 stale Job, finished\nkubectl delete --namespace vision jobs.batch/{gone.pop()} configmaps/{files.pop()}\n"
    )


def test_files_that_a_new_content_still_mounts_stay(render: Render, tmp_path: Path) -> None:
    old, new = (render({"train": {"files": {"a": "1"}, "rerun": number}}) for number in (0, 1))
    live = write(tmp_path / "live", as_live([*old, *new]), as_list=True)
    (line,) = must_run("--stale", live, write(tmp_path / "new", new)).splitlines()[1:]
    assert line.endswith(f" jobs.batch/{names(old, 'Job').pop()}")


def test_the_members_of_a_grid_share_their_files(render: Render, tmp_path: Path) -> None:
    old = render({"train": {"polyaxonfile": GRID, "files": {"a": "1"}}})
    new = render({"other": {}})
    live = write(tmp_path / "live", as_live(old), as_list=True)
    lines = must_run("--stale", live, write(tmp_path / "new", new)).splitlines()[1:]
    assert {line.split()[-1] for line in lines} == {f"jobs.batch/{name}" for name in names(old, "Job")}
    assert len(lines) == 2


def test_other_kinds_of_runs_use_the_claim(render: Render, tmp_path: Path) -> None:
    runs = {"cron": {"schedule": "@daily"}, "explore": {"polyaxonfile": {"kind": "notebook"}}, "train": {}}
    (storage,) = read_inventory(write(tmp_path / "a", render(runs)))["storage"]
    assert [(user["object"].partition("/")[0], user["run"], user["access"]) for user in storage["users"]] == [
        ("CronJob", "cron", "writes"),
        ("Deployment", "explore", "writes"),
        ("Job", "train", "writes"),
    ]
    results = {user["run"]: user["results"] for user in storage["users"]}
    assert results["cron"] == "vision/jobs/<name in the cluster>"
    assert results["explore"] == "vision/notebooks/demo-explore"
