"""Which files a command means: one file under two names, the values files of directories, and what is no file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.unit.migrate.test_directories import RUN, fill

if TYPE_CHECKING:
    from pathlib import Path

TWO_NAMES = "persistence: {outputs: {B_x: {mountPath: /b, existingClaim: b}, a: {mountPath: /a, existingClaim: a}}}\n"
OVERLAY = "persistence: {outputs: {B_x: {existingClaim: prod}}}\n"
# Only keys that many charts have.
JELLYFIN = """\
replicas: 1
resources: {limits: {cpu: 1}}
ingress: {enabled: true}
redis: {password: geheim}
persistence: {data: {media: {mountPath: /media, existingClaim: media, size: 1Gi}}}
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("values.yaml", "."),
        (".", "values.yaml"),
        ("sub", "."),
        (".", "sub"),
        ("sub/run.yaml", "sub"),
        ("PWD", "values.yaml"),
        ("hard.yaml", "values.yaml"),
    ],
)
def test_a_file_that_is_named_twice_is_an_error(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second result would replace the first one, and lose what it added."""
    fill(tmp_path, {"values.yaml": TWO_NAMES, "sub/run.yaml": RUN})
    monkeypatch.chdir(tmp_path)
    if "hard.yaml" in arguments:
        os.link("values.yaml", "hard.yaml")
    result = run("migrate", "--in-place", *(str(tmp_path) if word == "PWD" else word for word in arguments))
    assert (result.exit_code, result.output) == (2, b"")
    assert "are the same file" in result.error or "is there twice" in result.error
    assert "name the file or its directory, and not both" in result.error
    assert ((tmp_path / "values.yaml").read_text(), (tmp_path / "sub/run.yaml").read_text()) == (TWO_NAMES, RUN)


@pytest.mark.parametrize(
    "names",
    [
        ("a/values.yaml", "b/values.yaml"),
        ("envs/prod.yaml", "values.yaml"),
        ("values-prod.yaml", "values.yaml"),
    ],
)
def test_a_directory_has_at_most_one_values_file(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of two teams are no layers, and nobody knows the order of layers."""
    fill(tmp_path, {**dict.fromkeys(names, TWO_NAMES), "run.yaml": RUN})
    monkeypatch.chdir(tmp_path)
    result = run("migrate", "--in-place", ".")
    assert (result.exit_code, result.output) == (2, b"")
    paths = ", ".join(f"./{name}" for name in names)
    assert f"these values files are not all named, so their order in Helm is unknown: {paths}\n" in result.error
    assert (
        "  hint: name all values files of all releases once, in Helm's order, and the polyaxonfiles: polyaxon-persistence"
        in result.error
    )
    assert all((tmp_path / name).read_text() == TWO_NAMES for name in names)


def test_a_layer_that_is_not_surely_polyaxons_counts_beside_values(tmp_path: Path) -> None:
    """Without the layer, values.yaml would be migrated as if it were used alone."""
    fill(tmp_path, {"values.yaml": TWO_NAMES, "values-prod.yaml": OVERLAY})
    result = run("migrate", "--in-place", str(tmp_path))
    assert (result.exit_code, result.output) == (2, b"")
    assert f"is unknown: {tmp_path / 'values.yaml'}, {tmp_path / 'values-prod.yaml'}\n" in result.error


def test_a_directory_of_values_beside_a_named_values_file(tmp_path: Path) -> None:
    fill(tmp_path, {"values.yaml": TWO_NAMES, "envs/prod.yaml": TWO_NAMES, "runs/a.yaml": RUN})
    values = str(tmp_path / "values.yaml")
    result = run("migrate", values, str(tmp_path / "envs"))
    assert (result.exit_code, "are not all named" in result.error) == (2, True)
    assert run("migrate", values, str(tmp_path / "envs" / "prod.yaml"), str(tmp_path / "runs")).exit_code == 0


def test_migrated_runs_are_no_values_files(tmp_path: Path) -> None:
    fill(tmp_path, {"values.yaml": TWO_NAMES, "a/polyaxonfile.yml": RUN, "b/polyaxonfile.yml": RUN})
    assert run("migrate", "--in-place", str(tmp_path)).exit_code == 0
    assert run("migrate", "--check", str(tmp_path)).exit_code == 0


def test_the_values_of_another_chart_in_a_directory_stay(tmp_path: Path) -> None:
    files = {
        "jellyfin/values-prod.yaml": JELLYFIN,
        "comfyui/values.yaml": "persistence: {outputs: {mountPath: /out, existingClaim: o, size: 1Gi}}\nimage: x\n",
        "ci/runs.yaml": "runs: {nightly: {steps: []}}\nreplicas: 1\n",
    }
    fill(tmp_path, {"polyaxon/values.yaml": TWO_NAMES, **files})
    result = run("migrate", "--in-place", str(tmp_path))
    assert result.exit_code == 0, result.error
    assert all((tmp_path / name).read_text() == text for name, text in files.items())
    assert all(str(tmp_path / name) in result.error for name in files)


@pytest.mark.parametrize(
    "text",
    [
        TWO_NAMES + "rbac: {enabled: true}\n",
        "rbac: {}\nnfsProvisioner: {enabled: true, pvc: {outputs: {size: 1Gi}}}\n",
        "nfsProvisioner: {enabled: true, persistence: {enabled: true}}\npersistence: {logs: null, repos: null, upload: null}\n",
        "x-c: &c {existingClaim: c, mountPath: /o}\npersistence: {outputs: {o: *c}}\nhpsearch: {replicas: 1}\n",
        "serviceType: ClusterIP\npersistence: {repos: {existingClaim: r}, upload: {existingClaim: u}}\n",
        "persistence: {outputs: {mountPath: /o, existingClaim: o}, repos: {mountPath: /repos}}\n",
        "persistence: {data: {a: {mountPath: /a, existingClaim: a}}}\nhpsearch: {replicas: 1}\n",
        "runs: {a: {image: x, command: [y]}}\npersistence: {data: {a: {mountPath: /a, existingClaim: a}}}\n",
    ],
)
def test_values_that_only_polyaxon_has_are_read(text: str, tmp_path: Path) -> None:
    fill(tmp_path, {"values.yaml": text})
    result = run("migrate", str(tmp_path))
    assert result.exit_code == 0, result.error
    assert "not surely Polyaxon's" not in result.error


def test_only_regular_files_of_a_directory_are_read(tmp_path: Path) -> None:
    """A named pipe waits for its writer."""
    fill(tmp_path, {"run.yaml": RUN})
    os.mkfifo(tmp_path / "pipe.yaml")
    result = run("migrate", "--in-place", str(tmp_path))
    assert result.exit_code == 0, result.error
    assert f"name a file to migrate it: {tmp_path / 'pipe.yaml'}\n" in result.error


# The shapes of public files of other programs.
FOREIGN = {
    "the NFS provisioner of OpenEBS": "rbac: {create: true}\nnfsProvisioner: {enabled: true, enableLeaderElection: 'true'}\nnfsStorageClass: {name: nfs}\n",
    "an overlay of it": "imagePullSecrets: []\nnfsProvisioner: {enabled: true, image: {tag: 0.11.0}, resources: {}}\n",
    "settings of a platform": "nfsProvisioner: {resources: {}, tolerations: [], nodeSelector: {}}\nvelero: {enabled: false}\n",
    "a chart with a key of Polyaxon": "hpsearch: {replicas: 1}\nmodel: {layers: 3}\n",
    "a chart with its own defaults of runs": "runDefaults: {image: x}\njenkins: {url: 'https://x'}\n",
    "AWS App Runner": "version: 1.0\nruntime: python3\nbuild: {commands: {build: [make]}}\nrun: {command: python app.py}\n",
    "AWS App Runner without a runtime": "version: 1\nbuild: {commands: {build: [make]}}\nrun: {command: a, network: {port: 80}}\n",
    "a pipeline of Drone": "version: 1\nkind: pipeline\nspec: {stages: [{type: ci}]}\n",
    "a manifest of a trainer": "version: 1\nname: base\nvendor: vast\nrun: {cmd: python train.py}\n",
    "AppVeyor": "version: 1.0\nenvironment: {matrix: [{A: b}]}\nbuild: off\n",
}


@pytest.mark.parametrize("case", FOREIGN)
def test_files_of_other_programs_are_only_listed(case: str, tmp_path: Path) -> None:
    fill(tmp_path, {"other/config.yaml": FOREIGN[case], "run.yaml": RUN, "values.yaml": TWO_NAMES})
    result = run("migrate", "--in-place", str(tmp_path))
    assert result.exit_code == 0, result.error
    assert f"name a file to migrate it: {tmp_path / 'other/config.yaml'}\n" in result.error
    assert (tmp_path / "other/config.yaml").read_text() == FOREIGN[case]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train.yml", "version: 1\ndeclarations: {lr: 1}\nbuild: {image: x}\nrun: {cmd: a}\n"),
        ("train.yml", "version: 1\nproject: {name: mnist}\nrun: {image: x, cmd: a}\n"),
        ("train.yml", "version: 1\nkind: notebook\nbuild: {image: x}\n"),
        ("train.yml", "version: 1\nhptuning: {matrix: {lr: {values: [1]}}}\nbuild: {image: x}\nrun: {cmd: a}\n"),
        ("polyaxonfile.yml", "version: 1\nbuild: {image: x}\nrun: {cmd: a}\nframwork: keras\n"),
        ("polyaxon-config.yml", "rbac: {enabled: true}\nnfsProvisioner: {enabled: true}\n"),
    ],
)
def test_files_that_only_polyaxon_has_are_read(name: str, text: str, tmp_path: Path) -> None:
    fill(tmp_path, {name: text})
    result = run("migrate", str(tmp_path))
    assert f"--- {tmp_path / name}\n" in result.output.decode()


def test_a_layer_with_an_unknown_key_counts_beside_values(tmp_path: Path) -> None:
    layer = "defaultPersistence: {outputs: {o: {mountPath: /o}}}\npersistense: {}\n"
    fill(tmp_path, {"values.yaml": TWO_NAMES, "prod.yaml": layer})
    result = run("migrate", str(tmp_path))
    assert (result.exit_code, "so their order in Helm is unknown" in result.error) == (2, True)
