"""The chart's own messages about values, as both Helms print them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.examples import env_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

INVALID = """
persistence:
  dta: {}
  data: {data_1: {mountPath: /data, readonly: true}, images: {mountPath: /images}}
  outputs: {Results: {mountPath: /outputs}}
runDefaults: {imge: busybox}
runs:
  a: {image: busybox}
  My_Run: {image: busybox}
  train_2: {image: busybox, serviceAccount: x}
  z: {image: busybox}
"""
NAME = (
    "a name must have only lower-case letters, digits and dashes, must begin and end with a letter or digit, and must have at "
    "most 63 characters: write "
)
MESSAGES = [
    "the values have 8 errors:",
    'persistence.dta: unknown key: did you mean "data"?',
    f"persistence.data.data_1: {NAME}data-1",
    'persistence.data.data_1.readonly: unknown key: did you mean "readOnly"?',
    f"persistence.outputs.Results: {NAME}results",
    'runDefaults.imge: unknown key: did you mean "image"?',
    f"runs.My_Run: {NAME}my-run",
    f"runs.train_2: {NAME}train-2",
    'runs.train_2.serviceAccount: unknown key: did you mean "serviceAccountName"?',
]


@pytest.mark.parametrize("helm", ["helm3", "helm4", "helm4-oldest"])
def test_each_invalid_name_and_key_is_reported_at_its_place(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "values.yaml").write_text(INVALID)
    command = [str(tools / helm), "template", "demo", "chart", "-f", str(tmp_path / "values.yaml")]
    done = subprocess.run(command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not done.stdout
    first, *others = done.stderr.splitlines()[: len(MESSAGES)]
    assert [first[first.index("the values have") :], *others] == MESSAGES


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("role", ["data", "outputs"])
def test_lint_reports_the_one_volume_of_polyaxon_and_goes_on(
    role: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    board = "{image: busybox, polyaxonfile: {kind: tensorboard}}"
    text = f"persistence: {{{role}: {{mountPath: /a, existingClaim: b}}}}\nruns: {{board: {board}, train: {{image: busybox}}}}\n"
    (tmp_path / "values.yaml").write_text(text)
    command = [str(tools / helm), "lint", "chart", "-f", str(tmp_path / "values.yaml")]
    done = subprocess.run(command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, check=False)
    assert (done.returncode, "[ERROR]" in done.stdout) == (0, False), done.stdout
    assert f"persistence.{role}.mountPath: each volume needs a name" in done.stderr
