"""The pages that users read, and the commands on them."""

from __future__ import annotations

from tests.support.paths import ROOT

DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md")))}


def commands_of(*pages: str) -> list[str]:
    """The commands on these pages, without their comments."""
    lines = [line.strip() for page in pages for line in PAGES[page].splitlines()]
    return [line[2:].partition("    #")[0].strip() for line in lines if line.startswith("$ ")]
