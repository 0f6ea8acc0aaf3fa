"""Writes the outputs of the commands in README.md and docs/tutorial.md, from real runs. Needs `ci/tools.sh helm3`.

python -m ci.generate.page_outputs          writes them
python -m ci.generate.page_outputs --check  exits 1 when a page is stale
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from ci.generate.walk import Command, fill_outputs, read_steps, run_steps
from ci.generate.writer import run_writer

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
HELM = ROOT / ".tools" / "bin" / "helm3"
CHART_FILE = "apiVersion: v2\nname: my-chart\nversion: 1.0.0\n"
INSTALLS = ("pip install", "helm plugin install", "make ", "python3 -m venv", "source .venv")


def without_install(command: str) -> str:
    """Leave out what installs something; and render instead of changing a cluster."""
    return "" if command.startswith(INSTALLS) else command.replace("helm upgrade --install", "helm template")


def prepare(folder: Path) -> dict[str, str]:
    """Make the directory from which the README's reader starts, and a home with a checkout. Return the environment."""
    work = folder / "work"
    (work / "my-chart").mkdir(parents=True)
    (work / "my-chart" / "Chart.yaml").write_text(CHART_FILE, encoding="utf-8")
    (work / "chart").symlink_to(ROOT / "chart")
    (folder / "polyaxon-persistence").symlink_to(ROOT)
    binaries = folder / "bin"
    binaries.mkdir()
    (binaries / "helm").symlink_to(HELM)
    path = f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    names = ("DATA", "CONFIG", "CACHE")
    helm = {f"HELM_{name}_HOME": str(folder / name.lower()) for name in names}
    return {"PATH": path, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "LANG": "C.UTF-8", **helm}


def run_page(page: str) -> list[Command]:
    with tempfile.TemporaryDirectory() as folder:
        env = prepare(Path(folder))
        return run_steps(read_steps(page), Path(folder) / "work", env, without_install)


def write_page(page: str) -> str:
    return fill_outputs(page, run_page(page))


def main(arguments: list[str]) -> int:
    if not HELM.exists():
        print(f"page_outputs: there is no {HELM}: run ci/tools.sh helm3", file=sys.stderr)
        return 1
    codes = [
        run_writer(arguments, page, __doc__, "python -m ci.generate.page_outputs", write_page)
        for page in (README, TUTORIAL)
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
