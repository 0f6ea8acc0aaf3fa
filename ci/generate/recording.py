"""Draws a terminal in which the commands of the README run. The outputs are those of the page, which tests compare."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import NamedTuple

from ci.generate.walk import Action, Command, read_steps

COLUMNS, LINE = 112, 19
BUTTONS = ((22, "#ff5f56"), (42, "#ffbd2e"), (62, "#27c93f"))
TYPING, READING = 1.2, 2.5  # seconds for a command, and for its output
STYLE = """
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d7dde3; white-space: pre }
.prompt { fill: #7ee787; font-weight: 600 } .note { fill: #8b98a5 } .bad { fill: #ff9a8d } .hint { fill: #f0c674 }
g { animation: appear 0.2s both } @keyframes appear { from { opacity: 0 } to { opacity: 1 } }
@media (prefers-reduced-motion: reduce) { g { animation: none } }
"""


class Row(NamedTuple):
    """A line of the terminal, and the second in which it appears."""

    text: str
    style: str
    second: float


def read_rows(page: str) -> list[Row]:
    """Return the commands that show an output, with the edits between them as comments."""
    rows: list[Row] = []
    now = -TYPING / 2  # the first command is there at once
    edited = ""
    for step in read_steps(page):
        if isinstance(step, Action) and step.old:
            edited = f"# in {step.path}: {step.old} becomes {step.new}"
        elif isinstance(step, Command) and step.output:
            rows += [Row(edited, "note", now)] if edited else []
            rows.append(Row(f"$ {step.text}", "prompt", now + TYPING / 2))
            now += TYPING
            rows += [Row(line, _style(line), now) for line in _wrapped(step.output)]
            rows.append(Row("", "", now))
            now += READING
    return rows


def _wrapped(output: str) -> list[str]:
    return [
        part
        for line in output.splitlines()
        for part in (wrap(line, COLUMNS, subsequent_indent="    ") if len(line) > COLUMNS else [line])
    ]


def _style(line: str) -> str:
    if "error[" in line or line.startswith("    "):
        return "bad"
    return "hint" if line.startswith("  hint: ") else ""


def draw_recording(page: str) -> str:
    rows = read_rows(page)
    height = 52 + len(rows) * LINE
    title = "A terminal: polyaxon-persistence explains a run, and finds a typing mistake"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height}" role="img" aria-labelledby="t">',
        f'<title id="t">{escape(title)}</title><style>{STYLE}</style>',
        f'<rect width="960" height="{height}" rx="10" fill="#161b22"/>',
        *(f'<circle cx="{x}" cy="20" r="6" fill="{color}"/>' for x, color in BUTTONS),
    ]  # fmt: skip
    for number, row in enumerate(rows):
        if row.text:
            style = f' class="{row.style}"' if row.style else ""
            text = f'<text{style} x="18" y="{58 + number * LINE}">{escape(row.text)}</text>'
            parts.append(f'<g style="animation-delay: {row.second:.1f}s">{text}</g>')
    return "\n".join([*parts, "</svg>\n"])
