"""docs/variables.md: its program finds its paths and params in a pod of the chart, and also runs without the variables."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.examples import env_of, objects
from tests.support.kubelet import NAMESPACE, variables_in
from tests.support.pages import PAGES
from tests.support.paths import ROOT
from tests.support.process import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

FILE = ROOT / "docs" / "examples" / "variables" / "train.py"


def start(folder: Path, env: dict[str, str]) -> None:
    subprocess.run([sys.executable, FILE], cwd=folder, env=env, check=True, timeout=60)


def test_the_page_shows_the_program() -> None:
    assert f"<!-- {FILE.relative_to(ROOT)} -->\n```python\n{FILE.read_text()}```\n" in PAGES["variables.md"]


def test_it_runs_without_the_variables(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    start(tmp_path, {})
    assert json.loads((tmp_path / "results" / "metrics.json").read_text()) == {"images": 0, "lr": 0.1}


def test_it_finds_its_paths_and_params_in_a_pod(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    """The mount paths are directories of this machine, so that the program runs with the variables of the pod."""
    images, outputs = tmp_path / "images", tmp_path / "outputs"
    images.mkdir()
    (images / "a.png").touch()
    run = {"image": "python:3.12-slim", "polyaxonfile": {"params": {"lr": 0.01}, "run": {"cmd": "python train.py"}}}
    values: dict[str, Any] = {
        "persistence": {
            "data": {"images": {"mountPath": str(images), "existingClaim": "images-pvc"}},
            "outputs": {"results": {"mountPath": str(outputs), "existingClaim": "results-pvc"}},
        },
        "runs": {"train": run},
    }
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    helm = [str(tools / "helm3"), "template", "demo", str(ROOT / "chart"), "-f", str(tmp_path / "values.yaml")]
    done = subprocess.run(
        [*PROGRAM, "--", *helm], env=env_of("helm3", helm_env), capture_output=True, text=True, check=True, timeout=120
    )
    (job,) = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    variables = variables_in(job, {})
    start(tmp_path, variables)
    result = json.loads((outputs / NAMESPACE / "jobs" / job["metadata"]["name"] / "metrics.json").read_text())
    assert result == {"images": 1, "lr": 0.01}
