"""Formats problems, tables and JSON."""

from __future__ import annotations

from post_renderer.console.chart_values import find_values
from post_renderer.problems import OWN_FILE, STANDARD_INPUT, USER_FILE, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from post_renderer.problems import Problem

COLOURS = {"error": "\x1b[31m", "warning": "\x1b[33m"}
RESET = "\x1b[0m"


FILES = (OWN_FILE, USER_FILE)  # the line of such a problem counts lines of its file, and not of the stream
PLAIN = ("(stream)", "(input)", *FILES)  # not the name of an object
STDIN = "<stdin>"  # also for the output of a program that polyaxon-persistence started
NAME_LIMIT = 1500  # characters of the run, the path in its values, the object and the template; or of a field
MINIMUM_WIDTH = 60  # columns; in fewer columns, a terminal breaks lines better than a table does
TEXT_LIMIT = 4000  # characters of a message or a hint
PROBLEM_FIELDS = ("severity", "code", "subject", "file", "line", "stream", "about", "message", "hint")


def format_problem(problem: Problem) -> str:
    """Return a line with place, severity, code, object and message; below it a line with the hint if there is one.

    The place is `PATH:LINE:`, as compilers write it.
    """
    place = _format_place(problem)
    message = describe_problem(problem, placed=bool(place))
    text = f"{escape_control(place)}{problem.severity}[{problem.code}] {message}\n"
    return text + (f"  hint: {hint}\n" if (hint := describe_hint(problem)) else "")


def describe_problem(problem: Problem, *, placed: bool) -> str:
    """Return the object and the message in one line. The object has its template in brackets.

    Before an object of the chart polyaxon-persistence come the run and the path in the values.
    ``placed``: the reader sees the place of the problem, so a name such as `(stream)` is left out.
    """
    names = "" if placed and problem.subject in PLAIN else problem.subject
    if problem.file and problem.subject not in FILES:
        names = f"{names} ({problem.file})".lstrip()
    about = problem.about
    run, path = find_values(problem)
    if path:
        names = f"{f'run {run}' if run else 'catalog'} (values: {path}), {names}"
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
    path = problem.file if problem.subject in FILES else problem.stream
    if path == STANDARD_INPUT or (not path and problem.line):
        path = STDIN
    if not path:
        return ""
    return f"{path}:{problem.line}: " if problem.line else f"{path}: "


def format_problems(problems: Iterable[Problem]) -> str:
    return "".join(map(format_problem, problems))


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
        found.append({**{field: getattr(problem, field) for field in PROBLEM_FIELDS}, "run": run, "values": path})
    return found


def json_text(data: object) -> str:
    from json import dumps

    return dumps(data, indent=2) + "\n"  # ASCII only: names may have characters that control a terminal
