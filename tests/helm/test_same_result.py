"""Whatever renders a chart, the manifests mean the same and the Jobs have the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import run
from tests.support.examples import objects
from tests.support.ways import COMPARED, WAYS, Place, check_agreement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ways = dict[str, Callable[["Place", str], str]]


@pytest.mark.parametrize("name", COMPARED)
def test_all_ways_agree(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    """tests/e2e/tools compares these with the tools that take minutes to build."""
    check_agreement(WAYS, name, tools, helm_env, tmp_path)


@pytest.mark.parametrize("name", COMPARED)
def test_fluxs_patches_agree_names_aside(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    place = Place(tools, helm_env, name, tmp_path)
    runs = yaml.safe_load(place.values.read_text())["runs"]
    served = {
        item["metadata"]["labels"].get("polyaxon.com/run")
        for item in objects(place.helm("helm4"))
        if item["kind"] == "Deployment"
    }
    fixed = [word for key in runs if key not in served for word in ("--set", f"runs.{key}.policy=none")]
    bare = place.helm("helm4", *fixed)
    patched = run("flux-patches", stdin=bare)
    assert patched.exit_code == 0, patched.error
    (renderer,) = yaml.safe_load(patched.output)["spec"]["postRenderers"]
    (tmp_path / "bare.yaml").write_text(bare)
    kustomization = {"resources": ["bare.yaml"], "patches": renderer["kustomize"]["patches"]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    built = place.start([str(tools / "kustomize"), "build", str(tmp_path)], "helm4")
    assert objects(built) == objects(run(stdin=bare).output.decode())
    asked = [item for item in objects(built) if "polyaxon.com/polyaxonfile" in item["metadata"].get("annotations", {})]
    assert len(asked) >= len(runs)
    assert all("POLYAXON_DATA_PATHS" in str(item["spec"]) for item in asked)
