"""The options --set-file that the docs show, as a shell hands them to Helm."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.examples import env_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ("values-examples/files.yaml", "chart/README.md", "chart/values.yaml")
OPTION = re.compile(r"--set-file [^`\n]+")
SHOWN = sorted({found for page in PAGES for found in OPTION.findall((ROOT / page).read_text())})


def test_the_pages_show_them() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize("option", SHOWN)
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_a_shell_hands_it_to_helm(
    option: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    shown = option.replace("<run>", "nightly")
    file = re.findall(r"=([\w.]+)", shown)[0]
    (tmp_path / file).write_text("{kind: job, environment: {persistence: {data: []}}}\n")
    command = f"{tools / helm} template demo {ROOT / 'chart'} --set runs.nightly.image=busybox {shown}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=env_of(helm, helm_env), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    objects = {item["kind"]: item for item in yaml.safe_load_all(done.stdout)}
    if file.endswith(".yml"):
        assert "data: []" in objects["Job"]["metadata"]["annotations"]["polyaxon.com/polyaxonfile"]
    else:
        (config,) = [item for item in yaml.safe_load_all(done.stdout) if file in (item.get("data") or {})]
        assert config["kind"] == "ConfigMap"
