"""Formats problems, tables and JSON."""

from __future__ import annotations

from post_renderer.problems import OWN_FILE, USER_FILE, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from post_renderer.problems import Problem

COLOURS = {"error": "\x1b[31m", "warning": "\x1b[33m"}
RESET = "\x1b[0m"


PLAIN = ("(stream)", USER_FILE)  # not the name of an object
PROBLEM_FIELDS = ("severity", "code", "subject", "file", "line", "stream", "about", "message", "hint")


def format_problem(problem: Problem) -> str:
    """Return a line with severity, code, object, place and message; below it a line with the hint if there is one."""
    head = f"{problem.severity}[{problem.code}]"
    places = [problem.file] if problem.file else []
    if problem.line:
        # The line is a line of the stream, also if the file is a template; except in a file that the user named.
        of = "" if problem.subject in (OWN_FILE, USER_FILE) else f" of {problem.stream or 'the stream'}"
        places.append(f"line {problem.line}{of}")
    elif problem.stream and problem.subject != OWN_FILE:
        places.append(problem.stream)
    where = f" ({', '.join(places)})" if places else ""
    about = f", {problem.about}" if problem.about else ""
    # A place such as "line 3 of the stream" says already that the subject is the stream.
    subject = ", ".join(places) if places and problem.subject in PLAIN else f"{problem.subject}{where}"
    text = f"{head} " + escape_control(f"{subject}{about}: {problem.message}") + "\n"
    return text + (f"  hint: {escape_control(problem.hint)}\n" if problem.hint else "")


def format_problems(problems: Iterable[Problem]) -> str:
    return "".join(map(format_problem, problems))


def paint(text: str) -> str:
    """Add colours to `error[CODE]` and `warning[CODE]` at the start of lines. The text must not contain colours yet."""
    for severity, colour in COLOURS.items():
        parts = f"\n{text}".split(f"\n{severity}[")
        text = f"\n{colour}{severity}[".join([parts[0], *(part.replace("]", f"]{RESET}", 1) for part in parts[1:])])[1:]
    return text


def format_table(rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Align the columns, with two spaces between them. The first row is the heading."""
    rows = [[escape_control(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def problem_data(problems: Iterable[Problem]) -> list[dict[str, object]]:
    return [{field: getattr(problem, field) for field in PROBLEM_FIELDS} for problem in problems]


def json_text(data: object) -> str:
    from json import dumps

    return dumps(data, indent=2) + "\n"  # ASCII only: names may have characters that control a terminal
