"""Writes the tables of docs/kinds.md from the rows that the post-renderer works by.

python -m ci.generate.kinds_page          writes them
python -m ci.generate.kinds_page --check  exits 1 when the page is stale
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ci.generate.writer import replace_between, run_writer
from post_renderer.commands.kinds import places_of
from post_renderer.workloads import list_kinds

if TYPE_CHECKING:
    from post_renderer.workloads.model import WorkloadKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "kinds.md"
BEGIN = "<!-- {}: made by python -m ci.generate.kinds_page -->"
END = "<!-- end of {} -->"


def write_kinds() -> str:
    lines = ["| kind | API group | pods | name in the run folder | what to know |", "|---|---|---|---|---|"]
    for group, kind, row in list_kinds():
        if not row.unsupported_reason:
            places = "<br>".join(f"`{place}`" for place in places_of(row))
            lines.append(f"| {kind} | {group or 'core'} | {places} | {_folder(kind, group, row)} | {row.note} |")
    return "\n".join(lines)


def write_refused() -> str:
    lines = ["| kind | API group | why | instead |", "|---|---|---|---|"]
    for group, kind, row in list_kinds():
        if row.unsupported_reason:
            lines.append(f"| {kind} | {group} | {row.unsupported_reason} | {row.advice} |")
    return "\n".join(lines)


def _folder(kind: str, group: str, row: WorkloadKind) -> str:
    if row.creates_many_runs:
        return f"It is each run's name, from the label `{row.label}`."
    if row.label:
        return f"It is the object's name. A generated name comes from the label `{row.label}`."
    if row.pod_spec_paths.endswith(":object"):
        return "It is the name of the object inside."
    generated = " A generated name is the pod's." if (group, kind) == ("", "Pod") else ""
    return f"It is the object's name.{generated}"


def write_tables(page: str) -> str:
    for name, table in (("kinds", write_kinds()), ("refused", write_refused())):
        page = replace_between(page, BEGIN.format(name), END.format(name), table)
    return page


def main(arguments: list[str]) -> int:
    return run_writer(arguments, PAGE, __doc__, "python -m ci.generate.kinds_page", write_tables)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
