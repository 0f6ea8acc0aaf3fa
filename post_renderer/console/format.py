"""Formats problems, tables and JSON."""

from __future__ import annotations

from post_renderer.console.chart_values import find_grid, find_values, key_of_grid
from post_renderer.problems import OWN_FILE, STANDARD_INPUT, USER_FILE, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from post_renderer.problems import Problem

COLOURS = {"error": "\x1b[31m", "warning": "\x1b[33m"}
RESET = "\x1b[0m"


FILES = (OWN_FILE, USER_FILE)  # the line of such a problem counts lines of its file, and not of the stream
PLAIN = ("(stream)", "(input)", *FILES)  # not the name of an object
STDIN = "stdin"  # instead of a program, in the brackets of `<helm template>`
NAME_LIMIT = 1500  # characters of the run, the path in its values, the object and the template; or of a field
MINIMUM_WIDTH = 60  # columns; in fewer columns, a terminal breaks lines better than a table does
TEXT_LIMIT = 4000  # characters of a message or a hint
PROBLEM_FIELDS = ("severity", "code", "subject", "file", "line", "stream", "about", "message", "hint")


def format_problem(problem: Problem, members: int = 1) -> str:
    """Return a line with place, severity, code, object and message; below it a line with the hint if there is one.

    The place is `PATH:LINE:`, as compilers write it. A place in the values comes before a place in the stream, which
    users do not see. ``members``: how many members of a grid have this problem.
    """
    place = _format_place(problem)
    message = describe_problem(problem, placed=bool(place), members=members)
    text = f"{escape_control(place)}{problem.severity}[{problem.code}] {message}\n"
    return text + (f"  hint: {hint}\n" if (hint := describe_hint(problem)) else "")


def describe_problem(problem: Problem, *, placed: bool, members: int = 1) -> str:
    """Return the object and the message in one line. The object has its template in brackets.

    Before an object of the chart polyaxon-persistence come the run and the path in the values.
    ``placed``: the reader sees the place of the problem, so a name such as `(stream)` is left out.
    ``members``: how many members of a grid have this problem; the object is the first of them.
    """
    names = "" if placed and problem.subject in PLAIN else problem.subject
    if problem.file and problem.subject not in FILES:
        names = f"{names} ({problem.file})".lstrip()
    about = problem.about
    run, path = find_values(problem)
    if path:
        what = f"run {run}" if run else "catalog"
        if members > 1:
            what = f"{members} runs of grid {key_of_grid(run)}"
            names = f"the first is {names}"
        names = f"{what} (values: {path}), {names}"
        about = "" if about and path.endswith(about) else about
    parts = [_cut(part, NAME_LIMIT) for part in (names, about) if part]
    text = _cut(problem.message, TEXT_LIMIT)
    return escape_control(f"{', '.join(parts)}: {text}" if parts else text)


def describe_hint(problem: Problem) -> str:
    """Return the hint in one line; empty if there is none."""
    return escape_control(_cut(problem.hint, TEXT_LIMIT))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"


def _format_place(problem: Problem) -> str:
    if problem.values_file:
        return f"{problem.values_file}:{problem.values_line}: "
    path = problem.file if problem.subject in FILES else problem.stream
    if path == STANDARD_INPUT or (not path and problem.line):
        path = f"<{problem.program or STDIN}>"
    if not path:
        return ""
    return f"{path}:{problem.line}: " if problem.line else f"{path}: "


def format_problems(problems: Iterable[Problem]) -> str:
    return "".join(format_problem(problem, members) for problem, members in join_members(problems))


def join_members(problems: Iterable[Problem]) -> list[tuple[Problem, int]]:
    """Return the problems with the number of runs that have each of them, in their order.

    The members of a grid come from one place in the values, so the same problem in all of them is one mistake.
    """
    joined: dict[object, list[Problem]] = {}
    for problem in problems:
        same = (problem.severity, problem.code, problem.message, problem.hint, problem.about, problem.file)
        joined.setdefault((*same, problem.stream, find_grid(problem) or id(problem)), []).append(problem)
    return [(found[0], len({problem.subject for problem in found})) for found in joined.values()]


def paint(text: str) -> str:
    """Add colours to `error[CODE]` and `warning[CODE]` in messages. The text must not contain colours yet."""
    return "\n".join(map(_paint_line, text.split("\n")))


def _paint_line(line: str) -> str:
    """Add colours to the first severity of a line, if it begins the line or comes after a place (`PATH:LINE: `)."""
    found = [(at, colour) for severity, colour in COLOURS.items() if (at := line.find(f"{severity}[")) >= 0]
    at, colour = min(found, default=(-1, ""))
    if at < 0 or line.startswith(" ") or (at and not line.startswith(": ", at - 2)):
        return line
    return line[:at] + colour + line[at:].replace("]", f"]{RESET}", 1)


def format_table(rows: Sequence[Sequence[str]], indent: str = "", width: int = 0) -> str:
    """Align the columns, with two spaces between them. The first row is the heading.

    ``width``: the columns of the terminal; 0 without a terminal. Only a table that is too wide for it has several lines
    in a cell.
    """
    rows = [[escape_control(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if width >= MINIMUM_WIDTH and len(indent) + sum(widths) + 2 * (len(widths) - 1) > width:
        return "".join(f"{indent}{line}".rstrip() + "\n" for line in _wrap_table(rows, width - len(indent)))
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)


def _wrap_table(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in rows[0]:
        table.add_column(Text(heading), overflow="fold")
    for row in rows[1:]:
        table.add_row(*map(Text, row))
    output = StringIO()
    Console(file=output, width=width, color_system=None, legacy_windows=False).print(table)
    return output.getvalue().splitlines()


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def problem_data(problems: Iterable[Problem]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for problem in problems:
        run, path = find_values(problem)
        found.append(
            {
                **{field: getattr(problem, field) for field in PROBLEM_FIELDS},
                "run": run,
                "values": path,
                "valuesFile": problem.values_file,
                "valuesLine": problem.values_line,
            }
        )
    return found


def json_text(data: object) -> str:
    from json import dumps

    return dumps(data, indent=2) + "\n"  # ASCII only: names may have characters that control a terminal
