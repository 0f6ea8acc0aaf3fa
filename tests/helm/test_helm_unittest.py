"""helm-unittest's postRenderer: the example suite for users, which must be able to fail."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


CHART = ROOT / "values-examples" / "other-chart"


def unittest(tools: Path, env: dict[str, str], chart: Path) -> subprocess.CompletedProcess[str]:
    command = [str(tools / "helm-unittest"), "--strict", str(chart)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)


def test_the_example_suite_passes(tools: Path, helm_env: dict[str, str]) -> None:
    done = unittest(tools, helm_env, CHART)
    assert done.returncode == 0, done.stdout
    assert "2 passed, 2 total" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mountPath: /data/1", "mountPath: /data/2", "mounts its data"),
        (
            "postRenderer:\n  cmd: polyaxon-persistence\n  args: [--persistence, values-examples/documented.yaml]\n",
            "",
            "mounts its data",
        ),
        ("outputs: outputs-foo", "outputs: outputs-fo", 'no outputs volume "outputs-fo"'),
    ],
)
def test_a_suite_that_expects_something_else_fails(
    old: str, new: str, message: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(CHART, tmp_path / "chart")
    suite = tmp_path / "chart" / "tests" / "volumes_test.yaml"
    text = suite.read_text()
    assert old in text
    suite.write_text(text.replace(old, new))
    done = unittest(tools, helm_env, tmp_path / "chart")
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
