"""Writes the outputs of the commands on pages that one can follow step by step. Needs `ci/tools.sh helm3`.

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
NAMES = ("tutorial", "notebooks", "buckets", "results", "sweeps", "migrate")
PAGES = (ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in NAMES))
HELM = ROOT / ".tools" / "bin" / "helm3"
CHART_FILE = "apiVersion: v2\nname: my-chart\nversion: 1.0.0\n"
LEFT_OUT = ("pip install", "helm plugin install", "make ", "python3 -m venv", "source .venv", "kubectl ")


def without_cluster(command: str) -> str:
    """Leave out what installs something or asks a cluster; and render instead of changing a cluster."""
    return "" if command.startswith(LEFT_OUT) else command.replace("helm upgrade --install", "helm template")


def prepare(folder: Path, helm_program: Path) -> dict[str, str]:
    """Make the directory from which the reader of a page starts, and a home with a checkout. Return the environment."""
    work = folder / "work"
    (work / "my-chart").mkdir(parents=True)
    (work / "my-chart" / "Chart.yaml").write_text(CHART_FILE, encoding="utf-8")
    (work / "chart").symlink_to(ROOT / "chart")
    (folder / "polyaxon-persistence").symlink_to(ROOT)
    binaries = folder / "bin"
    binaries.mkdir()
    (binaries / "helm").symlink_to(helm_program)
    path = f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    names = ("DATA", "CONFIG", "CACHE")
    helm = {f"HELM_{name}_HOME": str(folder / name.lower()) for name in names}
    return {"PATH": path, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "LANG": "C.UTF-8", **helm}


def run_page(page: str) -> list[Command]:
    with tempfile.TemporaryDirectory() as folder:
        env = prepare(Path(folder), HELM)
        return run_steps(read_steps(page), Path(folder) / "work", env, without_cluster)


def write_page(page: str) -> str:
    return fill_outputs(page, run_page(page))


def main(arguments: list[str]) -> int:
    if not HELM.exists():
        print(f"page_outputs: there is no {HELM}: run ci/tools.sh helm3", file=sys.stderr)
        return 1
    codes = [run_writer(arguments, page, __doc__, "python -m ci.generate.page_outputs", write_page) for page in PAGES]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
