"""Writes the table of stages in docs/architecture.md from the first lines of the modules.

python -m ci.architecture_docs          writes it
python -m ci.architecture_docs --check  exits 1 when the page is stale
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- stages: made by python -m ci.architecture_docs -->", "<!-- end of stages -->"
# From the top down, as tests/test_layers.py holds them: imports only lead down.
STAGES = (
    "cli", "commands", "integrations", "render", "migrate", "runs", "inject", "resolve", "catalog", "request",
    "workloads", "yamledit", "console", "stream", "yamltree", "problems", "k8s", "sha256",
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


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    new = f"{head}{BEGIN}\n{write_stages()}\n{END}{tail}"
    if "--check" in sys.argv:
        sys.exit("docs/architecture.md is stale: make format" if new != page else 0)
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
