"""Writes the pictures in docs/pictures. The one of the README and the recording show real runs.

python -m ci.generate.pictures          writes them
python -m ci.generate.pictures --check  exits 1 when a picture is stale
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ci.generate import diagrams
from ci.generate.overview import draw_overview
from ci.generate.recording import draw_recording
from ci.generate.writer import run_writer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PICTURES: dict[str, Callable[[], str]] = {
    "overview": draw_overview,
    "recording": lambda: draw_recording((ROOT / "README.md").read_text(encoding="utf-8")),
    "values-to-pod": diagrams.draw_values_to_pod,
    "run-folders": diagrams.draw_run_folders,
    "policies": diagrams.draw_policies,
    "argocd": diagrams.draw_argocd,
    "stages": diagrams.draw_stages,
}


def main(arguments: list[str]) -> int:
    def write(draw: Callable[[], str], _: str) -> str:
        return draw()

    command = "python -m ci.generate.pictures"
    paths = {name: ROOT / "docs" / "pictures" / f"{name}.svg" for name in PICTURES}
    codes = [
        run_writer(arguments, path, __doc__, command, partial(write, PICTURES[name])) for name, path in paths.items()
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
