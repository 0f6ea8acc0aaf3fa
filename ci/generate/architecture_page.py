"""Writes the table of stages in docs/architecture.md from the first lines of the modules.

python -m ci.generate.architecture_page          writes it
python -m ci.generate.architecture_page --check  exits 1 when the page is stale
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from ci.generate.writer import replace_between, run_writer

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- stages: made by python -m ci.generate.architecture_page -->", "<!-- end of stages -->"
# From the top down, as in tests/test_layers.py: imports only lead down.
STAGES = (
    "cli", "dispatch", "commands", "integrations", "render", "migrate", "survey", "inventory", "pages",
    "runs", "inject", "resolve", "catalog", "request", "workloads", "yamledit", "console", "stream",
    "yamltree", "problems", "k8s", "sha256",
)  # fmt: skip


def first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].replace("``", "`").replace("|", "\\|")


def write_stages() -> str:
    lines = ["| stage | file | what it does |", "|---|---|---|"]
    for stage in STAGES:
        folder = ROOT / "post_renderer" / stage
        files = sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
        for number, path in enumerate(files):
            name = "" if number else f"**{stage}**"
            lines.append(f"| {name} | `{path.relative_to(ROOT / 'post_renderer')}` | {first_line(path)} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    def write(page: str) -> str:
        return replace_between(page, BEGIN, END, write_stages())

    return run_writer(arguments, PAGE, __doc__, "python -m ci.generate.architecture_page", write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
