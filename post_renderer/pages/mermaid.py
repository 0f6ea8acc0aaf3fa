"""Writes the picture as a Mermaid diagram, which GitHub and GitLab show in Markdown."""

from __future__ import annotations

from post_renderer.pages.drawing import cut
from post_renderer.pages.picture import RUN, STORAGE, arrange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.pages.picture import Box, Picture
    from post_renderer.pages.view import View

MOST_LINKS = 400  # GitHub shows no diagram with more than 500 lines
MOST_CHARACTERS = 49_900  # Mermaid shows no diagram with more than 50,000; the last line needs a few
LONGEST_TITLE = 500  # characters
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ./:,_-")
SHAPES = {RUN: ('["', '"]'), STORAGE: ('[("', '")]')}
ROUND = ('("', '")')


def write_mermaid(view: View) -> str:
    """Return a flow chart. A solid line writes, a dotted line reads."""
    picture = arrange(view.lines)
    boxes, links = _choose(picture)
    lines = ["flowchart LR\n", *boxes, *links]
    if len(links) < len(picture.links):
        lines.append(f'  more["and {len(picture.links) - len(links)} more lines"]\n')
    if not picture.links:
        lines.append('  nothing["no run uses a volume"]\n')
    return "".join(lines)


def _choose(picture: Picture) -> tuple[list[str], list[str]]:
    """Return the lines of the first boxes and links that are within the limits.

    The link from a volume to its storage comes right after the first link to this volume. Only both of them are shown,
    so that no volume is without its storage.
    """
    boxes: list[str] = []
    links: list[str] = []
    known: set[int] = set()
    size = 0
    shown = (0, 0)  # the numbers of boxes and links that are within the limits
    for link in picture.links:
        is_complete = picture.boxes[link.start].column != RUN or link.end in known
        new = [_write_box(picture.boxes[number]) for number in (link.start, link.end) if number not in known]
        known.update((link.start, link.end))
        boxes += new
        links.append(f"  n{link.start} {'-->' if link.writes else '-.->'} n{link.end}\n")
        size += len(links[-1]) + sum(map(len, new))
        if len(links) > MOST_LINKS or size > MOST_CHARACTERS:
            break
        if is_complete:
            shown = len(boxes), len(links)
    return boxes[: shown[0]], links[: shown[1]]


def _write_box(box: Box) -> str:
    begin, end = SHAPES.get(box.column, ROUND)
    return f"  n{box.number}{begin}{escape(cut(box.title, LONGEST_TITLE))}{end}\n"


def escape(text: str) -> str:
    """Return text for a label in quotes. Each character that could mean something to Mermaid becomes its number."""
    return "".join(char if char in PLAIN else f"#{ord(char)};" for char in text)
