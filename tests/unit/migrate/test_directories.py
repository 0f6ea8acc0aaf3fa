"""Directories as arguments, the names of runs in them, --check, and the line at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import run
from tests.support.migrate import CATALOG, migrate
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RUN = "version: 1\nkind: experiment\nbuild: {image: x}\nrun: {cmd: a}\n"
OTHERS = {
    "compose.yml": "version: 1\nservices: {db: {build: .}}\n",
    "k8s/job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n",
    "polyaxon-pv.yml": "apiVersion: v1\nkind: PersistentVolume\n---\napiVersion: v1\nkind: Job\n",
    "config.yaml": "model: {layers: 3}\nparams: {lr: 1}\nuser: ada\n",
    "appveyor.yml": "version: 1.0.{build}\nbuild: off\nenvironment: {A: b}\n",
    "redis.yaml": "persistence: {enabled: true, size: 8Gi}\n",
    "chart/templates/x.yaml": "a: {{ .Values.a }}\nb: {{- toYaml . }}\n",
    "broken.yaml": "a: [1\n",
    "action.yml": "name: a\nruns: {using: composite, steps: []}\n",
    "list.json": "[1, 2]\n",
    ".pre-commit-config.yaml": "repos: []\n",
    ".github/workflows/ci.yml": "name: ci\non: push\njobs: {}\n",
    "train.py": "run: no YAML\n",
}


def fill(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names_of(path: Path) -> list[str]:
    return sorted(yaml.safe_load(path.read_text())["runs"])


def test_a_directory_means_its_values_and_polyaxonfiles(tmp_path: Path) -> None:
    own = {
        "values.yml": CATALOG + "rbac: {}\n",
        "mnist/polyaxonfile.yml": RUN,
        "cifar/deep/polyaxonfile.json": '{"version": 1, "kind": "job", "build": {"image": "x"}}\n',
        "old.yml": "version: 1\nproject: {name: mnist}\nrun: {image: x, cmd: a}\n",
    }
    fill(tmp_path, {**own, **OTHERS})
    result = run("migrate", "--in-place", str(tmp_path))
    assert result.exit_code == 0, result.error
    assert result.output.decode().splitlines() == [
        f"{tmp_path / name}: migrated" for name in sorted(own, key=lambda name: os.fsencode(str(tmp_path / name)))
    ]
    for name, text in OTHERS.items():
        assert (tmp_path / name).read_text() == text
    (skipped,) = [line for line in result.error.splitlines() if line.startswith("these files were not read, because")]
    listed = skipped.split(": ")[1].split(", ")
    assert listed == sorted(str(tmp_path / name) for name in OTHERS if not name.startswith(".") and name != "train.py")


def test_a_broken_file_of_polyaxon_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    for name, text in {"polyaxonfile.yml": "version: 1\nkind: [\n", "values.yaml": "persistence:\n  data: {\n"}.items():
        directory = tmp_path / name.partition(".")[0]
        fill(directory, {name: text, "good.yml": RUN})
        result = run("migrate", "--in-place", str(directory))
        assert (result.exit_code, result.output) == (1, b"")
        assert f"{directory / name}:2: error[" in result.error
        assert (directory / "good.yml").read_text() == RUN


def test_a_directory_without_files_of_polyaxon(tmp_path: Path) -> None:
    fill(tmp_path, {"compose.yml": OTHERS["compose.yml"]})
    result = run("migrate", str(tmp_path))
    assert (result.exit_code, result.output) == (2, b"")
    assert (
        f"{tmp_path} has no file of Polyaxon 0.x\n  hint: name a directory with values or polyaxonfiles" in result.error
    )
    assert run("migrate", "--name", "a", str(tmp_path)).exit_code == 2


def test_a_file_behind_a_link_is_not_read(tmp_path: Path) -> None:
    fill(tmp_path, {"a/train.yml": RUN, "b/good.yml": RUN})
    (tmp_path / "b" / "link.yml").symlink_to(tmp_path / "a" / "train.yml")
    result = run("migrate", "--in-place", str(tmp_path / "b"))
    assert result.exit_code == 0
    assert (tmp_path / "a" / "train.yml").read_text() == RUN
    link = tmp_path / "b" / "link.yml"
    for options in (["--output=json"], ["--check"]):
        assert (
            "these files were not read, because they are links or not surely Polyaxon's; name a file to migrate it: "
            in run("migrate", *options, str(tmp_path / "b")).error
        )
    assert (
        f"these files were not read, because they are links or not surely Polyaxon's; name a file to migrate it: {link}\n"
        in result.error
    )


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["mnist/polyaxonfile.yml", "cifar/polyaxonfile.yml"], ["mnist", "cifar"]),
        (["mnist/polyaxonfile.yml", "cifar/polyaxon/../polyaxonfile.yaml"], ["mnist", "cifar"]),
        (["a/train.yml", "b/train.yml", "c/eval.yml"], ["a-train", "b-train", "eval"]),
        (["x/a/polyaxonfile.yml", "y/a/polyaxonfile.yml"], ["x-a", "y-a"]),
        (["mnist/polyaxonfile.yml", "mnist.yml"], ["experiment", "mnist"]),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_directories(
    paths: list[str], names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    fill(work, dict.fromkeys((os.path.normpath(path) for path in paths), RUN))
    (work / "cifar" / "polyaxon").mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(work)
    result = run("migrate", "--in-place", *paths)
    assert result.exit_code == 0, result.error
    found = [names_of(work / path) for path in paths]
    assert found == [[name] for name in names]


def test_check_exits_with_1_if_something_would_change(tmp_path: Path) -> None:
    fill(tmp_path, {"a/polyaxonfile.yml": RUN, "values.yaml": CATALOG})
    result = run("migrate", "--check", str(tmp_path))
    assert result.exit_code == 1
    assert result.output == run("migrate", str(tmp_path)).output
    assert result.output.startswith(b"--- ")
    assert (tmp_path / "a" / "polyaxonfile.yml").read_text() == RUN
    assert run("migrate", str(tmp_path)).exit_code == 0
    assert run("migrate", "--check", "--output=json", str(tmp_path)).exit_code == 1
    assert run("migrate", "--in-place", str(tmp_path)).exit_code == 0
    for options in ([], ["--output=json"]):
        assert run("migrate", "--check", *options, str(tmp_path)).exit_code == 0
    assert migrate(RUN, "--check")[0] == 1
    assert migrate(CATALOG, "--check")[0] == 0
    both = run("migrate", "--check", "--in-place", str(tmp_path))
    assert (both.exit_code, both.output) == (2, b"")
    assert "--check and --in-place are not possible together" in both.error


def test_the_output_ends_with_the_command_that_checks_the_result(tmp_path: Path) -> None:
    fill(tmp_path, {"train.yml": RUN})
    done = subprocess.run(
        [sys.executable, "-m", "post_renderer", "migrate", "train.yml"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
    )  # fmt: skip
    last = done.stdout.splitlines()[-1]
    assert last == (
        "next: write the changes (--in-place), then polyaxon-persistence check -- helm template demo CHART -f train.yml"
    )


@pytest.mark.parametrize(
    "text",
    [
        "image: {repository: x}\ncontrollers: {}\npersistence: {data: {enabled: true, existingClaim: media, mountPath: /m}}\n",
        "replicaCount: 1\npersistence: {data: {size: 1Gi}, logs: {enabled: false}}\n",
    ],
)
def test_the_values_of_another_chart_are_not_read(text: str, tmp_path: Path) -> None:
    """Other charts have a key persistence with the names of volumes, too."""
    fill(tmp_path, {"other.yaml": text, "own.yaml": RUN, "polyaxon-values.yaml": text})
    result = run("migrate", str(tmp_path))
    assert "other.yaml" not in result.output.decode()
    assert (
        f"because they are links or not surely Polyaxon's; name a file to migrate it: {tmp_path / 'other.yaml'}\n"
        in result.error
    )
    assert "polyaxon-values.yaml" in result.output.decode()


def test_runs_beside_an_environment_are_no_polyaxonfile(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("runs: {a: {image: x}}\nenvironment: {persistence: {data: [a]}}\n")
    result = run("migrate", str(tmp_path / "values.yaml"))
    assert "aliases" not in result.error
