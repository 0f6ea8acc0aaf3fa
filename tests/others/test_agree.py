"""The comparison of tests/test_surfaces_agree.py, with the tools of this folder as well."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.examples import ROOT
from tests.test_surfaces_agree import COMPARED, WAYS, Place, check_agreement

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.helm


def by_helmfile(place: Place, helm: str) -> str:
    path = f"{place.link(helm)}:{place.env['PATH']}"
    state = yaml.safe_load((ROOT / "docs" / "examples" / "helmfile" / "helmfile.yaml").read_text())
    del state["helmDefaults"]["postRendererArgs"]  # the documented ones change the catalog
    shutil.copytree(ROOT / "chart", place.folder / "chart")
    shutil.copy(place.values, place.folder / "values.yaml")
    file = place.folder / "helmfile.yaml"
    file.write_text(yaml.safe_dump(state))
    return place.start([str(place.tools / "helmfile"), "--file", str(file), "template"], helm, PATH=path)


@pytest.mark.parametrize("name", COMPARED)
def test_all_ways_agree(name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    check_agreement({**WAYS, "helmfile": by_helmfile}, name, tools, helm_env, tmp_path)
