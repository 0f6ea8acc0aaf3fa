"""What Artifact Hub and `helm lint` read in Chart.yaml."""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from ci.chart_changes import add_changes, list_changes
from tests.support.examples import env_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CHART = yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())


def test_the_icon_is_the_picture_of_the_docs() -> None:
    kind, _, data = CHART["icon"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data) == (ROOT / "docs" / "icon.svg").read_bytes().strip()


@pytest.mark.parametrize("helm", ["helm3", "helm4", "helm4-oldest"])
@pytest.mark.parametrize("values", [(), ("-f", "values-examples/everything.yaml")], ids=["no runs", "all keys"])
def test_lint_has_nothing_to_say(helm: str, values: tuple[str, ...], tools: Path, helm_env: dict[str, str]) -> None:
    command = [str(tools / helm), "lint", "--strict", "chart", *values]
    done = subprocess.run(command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line]
    assert (done.returncode, lines) == (0, ["==> Linting chart", "1 chart(s) linted, 0 chart(s) failed"])
    assert done.stderr == ""


def test_only_the_first_sentences_about_the_chart_in_the_newest_section_are_its_changes() -> None:
    changelog = """# Changelog
## 0.3.0 (unreleased)
- Changed: the chart reads `a.b.c`
  and "d". Before, it did not.
- `migrate` reads the values. The chart does not.
- The plugin refuses a `Chart.yaml` and charts of others.

## 0.2.0
- The chart is new.
"""
    assert list_changes(changelog) == ['The chart reads `a.b.c` and "d".']
    packaged = yaml.safe_load(add_changes("name: a\nannotations:\n  b: c\n", list_changes(changelog)))
    assert yaml.safe_load(packaged["annotations"]["artifacthub.io/changes"]) == list_changes(changelog)
