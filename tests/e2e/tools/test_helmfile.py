"""helmfile, the real one: its documented file, with both Helms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.examples import objects, pod_spec, template
from tests.support.release import Folder, make_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Folder:
    return make_folder("helmfile", tools, helm, helm_env, tmp_path)


@pytest.fixture
def helmfile(tools: Path) -> Path:
    return tools / "helmfile"


@pytest.fixture
def expected(folder: Folder, helm: str, tools: Path, helm_env: dict[str, str]) -> str:
    """What Helm itself gives with the post-renderer and the site's catalog."""
    more = ["--post-renderer-args", "--persistence", "--post-renderer-args", str(folder.path / "site.yaml")]
    done = template(tools, helm_env, "documented", helm, "-n", "vision", *more)
    assert done.returncode == 0, done.stderr
    assert "site-data-2-pvc" in done.stdout
    return done.stdout


def change(folder: Folder, **release: object) -> None:
    """Give the one release of the documented file more, or other, settings."""
    file = folder.path / "helmfile.yaml"
    state = yaml.safe_load(file.read_text())
    state["releases"][0] |= release
    file.write_text(yaml.safe_dump(state))


def claims(workload: dict[str, Any]) -> set[str]:
    return {
        item["persistentVolumeClaim"]["claimName"]
        for item in pod_spec(workload)["volumes"]
        if "persistentVolumeClaim" in item
    }


def test_the_documented_file(folder: Folder, helmfile: Path, expected: str) -> None:
    rendered = folder.must(helmfile, "--file", folder.path / "helmfile.yaml", "template")
    assert objects(rendered) == objects(expected)


def test_files_are_rendered_as_well(folder: Folder, helmfile: Path, expected: str, tmp_path: Path) -> None:
    """Helm 3 itself writes them as no post-renderer saw them."""
    words = ["template", "--output-dir", str(tmp_path / "written")]
    folder.must(helmfile, "--file", folder.path / "helmfile.yaml", *words)
    written = "\n---\n".join(file.read_text() for file in (tmp_path / "written").rglob("*.yaml"))
    assert objects(written) == objects(expected)


def test_a_release_has_arguments_of_its_own(folder: Folder, helmfile: Path) -> None:
    """They come instead of helmDefaults', and are templates."""
    (folder.path / "of-demo.yaml").write_text("persistence: {data: {data2: {existingClaim: of-demo}}}\n")
    change(folder, postRendererArgs=["--persistence", "of-{{ .Release.Name }}.yaml"])
    rendered = folder.must(helmfile, "--file", folder.path / "helmfile.yaml", "template")
    assert 'claimName: "of-demo"' in rendered
    assert "site-data-2-pvc" not in rendered


def test_its_patches_come_before_the_post_renderer(folder: Folder, helmfile: Path, expected: str) -> None:
    """So they find a Job by its name without the hash, and what they ask for is rendered."""
    ask = "environment: {persistence: {data: [data2]}}\n"
    path = "/metadata/annotations/polyaxon.com~1polyaxonfile"
    patch = {
        "target": {"group": "batch", "version": "v1", "kind": "Job", "name": "demo-chosen-data"},
        "patch": [{"op": "replace", "path": path, "value": ask}],
    }
    change(folder, jsonPatches=[patch])
    rendered = folder.must(helmfile, "--file", folder.path / "helmfile.yaml", "template")
    found, before = ({item["metadata"]["name"]: item for item in objects(text)} for text in (rendered, expected))
    (new,) = found.keys() - before.keys()
    (old,) = before.keys() - found.keys()
    assert {name.rpartition("-")[0] for name in (old, new)} == {"demo-chosen-data"}
    assert claims(before[old]) - claims(found[new]) == {"data-foo-pvc"}
    assert claims(found[new]) - claims(before[old]) == {"site-data-2-pvc"}


def test_a_problem_ends_it_with_our_message(folder: Folder, helmfile: Path) -> None:
    (folder.path / "bad.yaml").write_text(
        "runs: {bad: {polyaxonfile: {environment: {persistence: {data: [data-fo]}}}}}\n"
    )
    change(folder, values=["values.yaml", "bad.yaml"])
    done = folder.start(helmfile, "--file", folder.path / "helmfile.yaml", "template")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'no data volume "data-fo"' in done.stderr
    assert 'did you mean "data-foo"?' in done.stderr
