"""The values path in a message is the one that Helm's own values have, also below the keys of subcharts."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import run
from tests.support.examples import env_of
from tests.support.messages import heads, places
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

OURS = {"name": "polyaxon-persistence", "version": ">=0.1.0", "repository": ""}
VALUES = {
    "persistence": {"outputs": {"results": {"mountPath": "results", "existingClaim": "b"}}},
    "runs": {
        "lab": {"image": "busybox", "polyaxonfile": {"kind": "notebook", "environment": {"persistence": {"data": ["x"]}}}},
        "nightly": {"image": "busybox", "schedule": "0 1 * * *", "polyaxonfile": {"environment": {"persistence": {"data": ["x"]}}}},
        # Its Job has a shortened name.
        "a" * 60: {"image": "busybox", "polyaxonfile": {"environment": {"persistence": {"data": ["x"]}}}},
    },
}  # fmt: skip
CATALOG = {"persistence": {"outputs": {"results": {"mountPath": "other", "existingClaim": "b"}}}}
OWN = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: own
  labels: {app.kubernetes.io/instance: demo, polyaxon.com/run: own}
  annotations: {polyaxon.com/data: x}
spec:
  template:
    spec:
      containers: [{name: main, image: busybox}]
"""


def write_chart(path: Path, name: str, *dependencies: dict[str, str]) -> None:
    """A chart with ``dependencies``; ours is copied, so that no repository is needed."""
    path.mkdir(parents=True)
    described = {"apiVersion": "v2", "name": name, "version": "1.0.0", "dependencies": list(dependencies)}
    (path / "Chart.yaml").write_text(yaml.safe_dump(described))
    shutil.copytree(ROOT / "chart", path / "charts" / "polyaxon-persistence")


@pytest.fixture(params=["helm3", "helm4", "helm4-oldest"])
def stream(request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> str:
    """What Helm renders: our chart under an alias, and below another subchart."""
    team = tmp_path / "team"
    middle = {"name": "middle", "version": "1.0.0", "repository": ""}
    write_chart(team, "team", OURS | {"alias": "vision"}, middle)
    write_chart(team / "charts" / "middle", "middle", OURS)
    (team / "templates").mkdir()
    (team / "templates" / "job.yaml").write_text(OWN)
    (team / "values.yaml").write_text(
        yaml.safe_dump({"vision": VALUES | CATALOG, "middle": {"polyaxon-persistence": VALUES}})
    )
    done = subprocess.run(
        [str(tools / request.param), "template", "demo", str(team)],
        env=env_of(request.param, helm_env), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_messages_name_the_values_of_each_subchart(stream: str) -> None:
    error = run("check", stdin=stream).error
    found = {
        match[1]: (match[2], match[3])
        for head in heads(error)
        if (match := re.match(r"error\[[a-z-]+\] (.*?), (\w+)/\S+ \((\S+)\)[,:]", head))
    }
    wanted = {}
    for keys, path in (("vision", "vision"), ("middle.polyaxon-persistence", "middle/charts/polyaxon-persistence")):
        folder = f"team/charts/{path}/templates"
        wanted[f"catalog (values: {keys}.persistence.outputs.results)"] = ("ConfigMap", f"{folder}/catalog.yaml")
        for run_name, kind in (("lab", "Deployment"), ("nightly", "CronJob"), ("a" * 60, "Job")):
            text = f"run {run_name} (values: {keys}.runs.{run_name}.polyaxonfile)"
            wanted[text] = (kind, f"{folder}/{kind.lower()}.yaml")
    assert found == wanted
    (own,) = (head for head in heads(error) if "Job/own" in head)
    assert own.startswith("error[several-catalogs] Job/own (team/templates/job.yaml): ")
    lines = [int(place.removeprefix("<stdin>:")) for place in places(error)]
    assert len(lines) == 9
    assert lines == sorted(lines)
    written = stream.splitlines()
    for line, head in zip(lines, heads(error), strict=True):
        if "unknown-volume" in head:
            assert written[line - 1].strip() == "- x"
