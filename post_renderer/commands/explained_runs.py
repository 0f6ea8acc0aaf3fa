"""Describes runs, or the members of a group as one, for the text and the pages of `explain`."""

from __future__ import annotations

from post_renderer.commands.params import format_params

TYPE_CHECKING = False
if TYPE_CHECKING:
    ExplainedRun = dict[str, object]


def member_name(row: ExplainedRun) -> str:
    return str(row["name"] or row["object"]).rpartition("/")[2]


def format_place(same: list[ExplainedRun]) -> str:
    """Return where a run, or the first member of a group, is: its template, and the line in its file.

    The line is not one of the template, so the two are apart. Without a file, the user does not see the lines.
    """
    row = same[0]
    template = f"from {row['file']}" if row["file"] else ""
    if template and not row["stream"]:
        return template
    line = f"{row['stream']}, line {row['line']}".removeprefix(", ")
    return ", ".join(filter(None, (f"first in {line}" if len(same) > 1 else line, template)))


def describe_params(same: list[ExplainedRun]) -> list[str]:
    """Return a line for each member of a group; no lines if a member has no params. A single run needs no name."""
    lines = []
    for row in same:
        params = row["params"]
        if not isinstance(params, dict):
            return []
        name = f"{member_name(row)}  " if len(same) > 1 else ""
        lines.append(f"{name}params: {format_params(params)}")
    return lines
