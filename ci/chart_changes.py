"""Lists the newest changes of the chart for Artifact Hub: the first sentences of CHANGELOG.md about it."""

from __future__ import annotations

import json
import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"
BEGIN = "  artifacthub.io/changes: |\n"


def list_changes(changelog: str) -> list[str]:
    """Return the first sentence of each change in the newest section that is about the chart."""
    newest = re.split(r"(?m)^## .*$", changelog)[1]
    changes = [" ".join(part.split()) for part in re.split(r"(?m)^- ", newest)[1:]]
    sentences = [re.split(r"(?<=\.) (?=[A-Z`])", change.removeprefix("Changed: "))[0] for change in changes]
    return [sentence[0].upper() + sentence[1:] for sentence in sentences if re.search(r"\b[Tt]he chart\b", sentence)]


def add_changes(chart: str, changes: list[str]) -> str:
    """Return Chart.yaml with the changes as its last annotation. JSON strings are YAML strings, too."""
    lines = "".join(f"    - {json.dumps(change, ensure_ascii=False)}\n" for change in changes)
    return f"{chart}{BEGIN}{lines}"
