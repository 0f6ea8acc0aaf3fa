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

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ./:,;()-")


def write_markdown(view: View) -> str:
    """Return a heading, the problems, the diagram and the tables.

    Text of the input is in code elements, with each other character as a number. So it can't be markup, a link, or the
    name of a person, who would get a notification.
    """
    parts = [f"## {view.title}\n"]
    parts += [_list_problems(view.all_problems())] if view.all_problems() else []
    parts += [f"```mermaid\n{write_mermaid(view)}```\n\nSolid lines write, dotted lines read.\n"]
    parts += [_write_table(table) for table in view.tables if table.groups]
    parts += [f"{view.summary.strip()}\n"]
    return "\n".join(parts)


def code(text: str) -> str:
    """Return text as a code element; empty text stays empty."""
    inner = "".join(char if char in PLAIN else f"&#{ord(char)};" for char in escape_control(text))
    return f"<code>{inner}</code>" if text else ""


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
    return f"| {' | '.join(cells)} |"
