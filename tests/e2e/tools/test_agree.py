"""The comparison of tests/helm/test_same_result.py, with the tools of this folder as well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.examples import link_helm
from tests.support.paths import ROOT
from tests.support.ways import COMPARED, WAYS, Place, check_agreement


def by_helmfile(place: Place, helm: str) -> str:
    path = f"{place.link(helm)}:{place.env['PATH']}"
    state = yaml.safe_load((ROOT / "docs" / "examples" / "helmfile" / "helmfile.yaml").read_text())
    del state["helmDefaults"]["postRendererArgs"]  # the documented ones change the catalog
    shutil.copytree(ROOT / "chart", place.folder / "chart")
    shutil.copy(place.values, place.folder / "values.yaml")
    file = place.folder / "helmfile.yaml"
    file.write_text(yaml.safe_dump(state))
    return place.start([str(place.tools / "helmfile"), "--file", str(file), "template"], helm, PATH=path)


def by_skaffold(place: Place, helm: str) -> str:
    program = shutil.which("polyaxon-persistence", path=place.env["PATH"]) or ""
    path = f"{link_helm(place.folder / 'wrapper', Path(program))}:{place.link(helm)}:{place.env['PATH']}"
    shutil.copytree(ROOT / "chart", place.folder / "chart")
    shutil.copy(place.values, place.folder / "values.yaml")
    shutil.copy(ROOT / "docs" / "examples" / "skaffold" / "skaffold.yaml", place.folder)
    # Skaffold looks for files in the folder in which it is started.
    command = ["env", f"--chdir={place.folder}", str(place.tools / "skaffold"), "render", "--interactive=false"]
    return place.start(command, helm, PATH=path, HOME=str(place.folder), SKAFFOLD_UPDATE_CHECK="false")


@pytest.mark.parametrize("name", COMPARED)
def test_all_ways_agree(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    check_agreement({**WAYS, "helmfile": by_helmfile, "skaffold": by_skaffold}, name, tools, helm_env, tmp_path)
