"""Writes tables and the diagram as Markdown, for a comment on a pull request."""

from __future__ import annotations

from post_renderer.console.format import format_problem, join_members
from post_renderer.pages.mermaid import write_mermaid
from post_renderer.problems import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from post_renderer.pages.view import Table, View
    from post_renderer.problems import Problem

BAR = "\\|"
LONGEST_FENCE = 8  # backticks; programs that read Markdown have a limit, above which backticks mean nothing


def write_markdown(view: View) -> str:
    """Return a heading, the problems, the diagram and the tables.

    Text of the input is in code spans. So it can't be markup, a link, or the name of a person, who would get a
    notification. GitHub makes links of addresses also in HTML elements, but not in code spans.
    """
    parts = [f"## {view.title}\n"]
    parts += [_list_problems(view.all_problems())] if view.all_problems() else []
    parts += [f"```mermaid\n{write_mermaid(view)}```\n\nSolid lines write, dotted lines read.\n"]
    parts += [_write_table(table) for table in view.tables if table.groups]
    parts += [f"{view.summary.strip()}\n"]
    return "\n".join(parts)


def code(text: str) -> str:
    """Return text as a code span; empty text stays empty."""
    inner = escape_control(text)
    if "`" * LONGEST_FENCE in inner:
        inner = inner.replace("`", "\\u0060")
    fence = "`"
    while fence in inner:
        fence += "`"
    # Markdown removes one space from both ends. Without these spaces, a backtick would be part of the fence.
    space = " " if inner[:1] in ("`", " ") or inner[-1:] in ("`", " ") else ""
    return f"{fence}{space}{inner}{space}{fence}" if inner.strip(" ") else ""


def _list_problems(problems: Iterable[Problem]) -> str:
    return "".join(
        f"- {'<br>'.join(code(line.strip()) for line in format_problem(problem, members).splitlines())}\n"
        for problem, members in join_members(problems)
    )


def _write_table(table: Table) -> str:
    lines = [f"### {table.title}", ""]
    lines += [
        _write_row(["", *(column.lower() for column in table.columns)]),
        _write_row(["---"] * (len(table.columns) + 1)),
    ]
    for group in table.groups:
        for number, row in enumerate(group.rows or [[""] * len(table.columns)]):
            title = "" if number else "<br>".join(map(code, [group.title, *group.details]))
            lines.append(_write_row([title, *map(code, row)]))
    lines += ["", "```console", *map(escape_control, table.after), "```"] if table.after else []
    return "\n".join(lines) + "\n"


def _write_row(cells: Sequence[str]) -> str:
    """Return a row. A table takes each bar without a backslash as the end of a cell, also in a code span."""
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"
