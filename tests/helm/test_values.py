"""The chart's own messages about values, as both Helms print them."""

from __future__ import annotations

import shutil
import subprocess
from textwrap import indent
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


POLYAXONFILE = """\
version: 1
kind: experiment
environment: {persistence: {data: [images], outputs: results}}
build: {image: 'python:3.12-slim'}
run: {cmd: python train.py}
"""
UNKNOWN = "persistance: {}\nrun: {}\nenvironment: {}\nglobal: {team: a}\nx-images: {tag: '1'}\n"
UNKNOWN_MESSAGES = [
    "environment: unknown key: write runs.<name>.polyaxonfile.environment",
    'persistance: unknown key: did you mean "persistence"?',
    'run: unknown key: did you mean "runs"?',
]


def read_error(helm: str, tools: Path, helm_env: dict[str, str], chart: Path, values: Path) -> str:
    command = [str(tools / helm), "template", "demo", str(chart), "-f", str(values)]
    done = subprocess.run(command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not done.stdout
    return done.stderr


@pytest.mark.parametrize("helm", ["helm3", "helm4", "helm4-oldest"])
def test_the_schema_leaves_the_keys_at_the_top_to_the_charts_own_messages(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(UNKNOWN)
    error = read_error(helm, tools, helm_env, ROOT / "chart", values)
    assert ": the values have 3 errors:\n" + "\n".join(UNKNOWN_MESSAGES) + "\n" in error
    values.write_text(POLYAXONFILE)
    error = read_error(helm, tools, helm_env, ROOT / "chart", values)
    assert (
        ": this is a polyaxonfile, not a values file: run polyaxon-persistence migrate FILE, or write it under "
        "runs.<name>.polyaxonfile\n" in error
    )


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_in_an_umbrella_chart_the_messages_have_the_whole_path(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "charts").mkdir()
    shutil.copytree(ROOT / "chart", tmp_path / "charts" / "polyaxon-persistence")
    dependency = "{name: polyaxon-persistence, version: '*', alias: vision, condition: vision.enabled}"
    (tmp_path / "Chart.yaml").write_text(f"apiVersion: v2\nname: u\nversion: 1.0.0\ndependencies: [{dependency}]\n")
    values = tmp_path / "site.yaml"
    values.write_text("vision:\n  enabled: true\n" + indent(UNKNOWN, "  ") + "tags: {vision: true}\nglobal: {a: b}\n")
    error = read_error(helm, tools, helm_env, tmp_path, values)
    messages = [line.replace("runs.<name>", "vision.runs.<name>") for line in UNKNOWN_MESSAGES]
    assert ": the values have 3 errors:\n" + "\n".join(f"vision.{line}" for line in messages) + "\n" in error
