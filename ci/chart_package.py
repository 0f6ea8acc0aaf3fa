"""Packages the chart with Helm 4: python -m ci.chart_package DIRECTORY.

The links of its README become absolute, and Chart.yaml lists the newest changes for Artifact Hub.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from ci.chart_changes import CHANGELOG, add_changes, list_changes
from hatch_readme import make_absolute

ROOT = Path(__file__).resolve().parent.parent
HELM = ROOT / ".tools" / "bin" / "helm4"


def read_settings() -> dict[str, str]:
    settings: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"][
        "metadata"
    ]["hooks"]["custom"]
    return settings


def prepare(folder: Path, settings: dict[str, str]) -> Path:
    """Copy the chart into this directory, with absolute links and with its changes."""
    chart = Path(shutil.copytree(ROOT / "chart", folder / "polyaxon-persistence"))
    readme = chart / "README.md"
    text = readme.read_text(encoding="utf-8")
    absolute = make_absolute(text, "chart", settings)
    if absolute != text:
        readme.write_text(absolute, encoding="utf-8")
    metadata = chart / "Chart.yaml"
    changes = list_changes(CHANGELOG.read_text(encoding="utf-8"))
    metadata.write_text(add_changes(metadata.read_text(encoding="utf-8"), changes), encoding="utf-8")
    return chart


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        chart = prepare(Path(folder), read_settings())
        return subprocess.run([HELM, "package", chart, "--destination", arguments[0]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
