"""Writes the picture as a Mermaid diagram, which GitHub and GitLab show in Markdown."""

from __future__ import annotations

from post_renderer.pages.picture import RUN, STORAGE, arrange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.pages.view import View

MOST_LINKS = 400  # GitHub shows no diagram with more than 500 lines
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ./:,_-")
SHAPES = {RUN: ('["', '"]'), STORAGE: ('[("', '")]')}
ROUND = ('("', '")')


def write_mermaid(view: View) -> str:
    """Return a flow chart. A solid line writes, a dotted line reads."""
    picture = arrange(view.lines)
    links = picture.links[:MOST_LINKS]
    shown = {number for link in links for number in (link.start, link.end)}
    lines = ["flowchart LR"]
    for box in picture.boxes:
        if box.number in shown:
            begin, end = SHAPES.get(box.column, ROUND)
            lines.append(f"  n{box.number}{begin}{escape(box.title)}{end}")
    lines += [f"  n{link.start} {'-->' if link.writes else '-.->'} n{link.end}" for link in links]
    if len(links) < len(picture.links):
        lines.append(f'  more["and {len(picture.links) - len(links)} more lines"]')
    if not links:
        lines.append('  nothing["no run uses a volume"]')
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text for a label in quotes. Each character that could mean something to Mermaid becomes its number."""
    return "".join(char if char in PLAIN else f"#{ord(char)};" for char in text)
