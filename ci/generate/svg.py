"""Draws pictures as SVG, for light and dark: boxes, arrows, texts and lines of code. Sizes are pixels."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE = 17  # from one line of code to the next
STYLE = """
:root { --page: #ffffff; --card: #f4f6f8; --edge: #c4ccd4; --text: #1c2733; --soft: #5b6875; --line: #4a6fa5;
  --new: #e3f4e6; --new-text: #14532d; --bad: #fbe4e4; --bad-text: #8a1f1f; --wait: #fff3d6; --wait-text: #6b4e00 }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181d; --card: #1f262e; --edge: #46525e; --text: #e4e9ee; --soft: #a3afba; --line: #8ab0e6;
    --new: #183a24; --new-text: #b6ecc4; --bad: #4a2023; --bad-text: #ffc9c9; --wait: #42371a; --wait-text: #ffe3a1 }
}
text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; font-size: 14px; fill: var(--text) }
.title { font-weight: 600; font-size: 15px } .soft { fill: var(--soft) } .middle { text-anchor: middle }
.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; white-space: pre }
.card { fill: var(--card); stroke: var(--edge) } .new { fill: var(--new) } .bad { fill: var(--bad) }
.wait { fill: var(--wait) } text.new { fill: var(--new-text) } text.bad { fill: var(--bad-text) }
text.wait { fill: var(--wait-text) } .arrow { fill: none; stroke: var(--line); stroke-width: 2; marker-end: url(#head) }
.dotted { stroke-dasharray: 2 5; stroke-linecap: round } .rule { stroke: var(--edge); fill: none }
"""


class Drawing:
    """A picture in the making. ``title`` and ``description`` are for people who can't see it."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(description)}</desc>',
            f"<style>{STYLE}</style>",
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" ',
            'orient="auto"><path d="M0 0L10 5L0 10z" fill="var(--line)"/></marker></defs>',
            f'<rect width="{width}" height="{height}" rx="10" fill="var(--page)"/>',
        ]

    def box(self, x: float, y: float, width: float, height: float, style: str = "card") -> None:
        self.parts.append(f'<rect class="{style}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>')

    def text(self, x: float, y: float, text: str, style: str = "") -> None:
        attribute = f' class="{style}"' if style else ""
        self.parts.append(f'<text{attribute} x="{x}" y="{y}">{escape(text)}</text>')

    def lines(self, x: float, y: float, lines: Sequence[str], style: str = "code", step: float = LINE) -> None:
        for number, line in enumerate(lines):
            self.text(x, y + number * step, line, style)

    def arrow(self, *points: tuple[float, float], dotted: bool = False) -> None:
        path = " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(points))
        self.parts.append(f'<path class="arrow{" dotted" if dotted else ""}" d="{path}"/>')

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.parts.append(f'<path class="rule" d="M{x1} {y1}L{x2} {y2}"/>')

    def card(self, x: float, y: float, width: float, height: float, title: str, notes: Sequence[str] = ()) -> None:
        """A box with a title and lines of small text below it, all in the middle."""
        self.box(x, y, width, height)
        middle = x + width / 2
        top = y + height / 2 - len(notes) * LINE / 2 + 5
        self.text(middle, top, title, "title middle")
        self.lines(middle, top + LINE + 2, notes, "soft middle")

    def finish(self) -> str:
        return "\n".join([*self.parts, "</svg>\n"])
