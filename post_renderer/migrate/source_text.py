"""A user's file as lines that remember where they came from, and edits to them.

Lines, not a loaded and dumped tree: what need not change stays as it was typed, to the last blank.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort_left
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.yamltree import Node

STEP = 2  # spaces by which a new line is deeper than its key
COMMENT = re.compile(r"(?:(?<=\s)|^)#[^\r\n]*", re.MULTILINE)


class SourceLine(NamedTuple):
    """``origin``: the number of the line of the user's file that this one came from, or replaces."""

    body: str
    end: str
    origin: int


class LineEdit:
    """One change: pieces (first line, line behind the last, new lines), applied together or not at all.

    ``problems`` are what the user must know of it; their lines are settled already. ``within``: the mapping
    that it takes a pair from, of which the last pair goes alone, because something must be in its place.
    """

    __slots__ = ("pieces", "problems", "within")

    def __init__(
        self,
        pieces: list[tuple[int, int, list[SourceLine]]],
        problems: Iterable[Problem] = (),
        within: Node | None = None,
    ) -> None:
        self.pieces = pieces
        self.problems = list(problems)
        self.within = within


Found = LineEdit | Problem
Piece = tuple[int, int, list[SourceLine]]


class SourceText:
    """The lines of a file, and where the offsets of its text lie."""

    __slots__ = ("_starts", "end", "lines", "text")

    def __init__(self, lines: list[SourceLine], end: str) -> None:
        self.lines = lines
        self.end = end
        self.text = "".join(line.body + line.end for line in lines)
        self._starts: list[int] = []
        start = 0
        for line in lines:
            self._starts.append(start)
            start += len(line.body) + len(line.end)

    def row(self, offset: int) -> int:
        """The index of the line that holds an offset."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def column(self, offset: int) -> int:
        return offset - self._starts[self.row(offset)] if self.lines else 0

    def origin(self, offset: int) -> int:
        """The number of the user's line that an offset lies in."""
        return self.lines[self.row(offset)].origin if self.lines else 1

    def new(self, body: str, row: int) -> SourceLine:
        """A new line, which belongs to the user's line in ``row``."""
        return SourceLine(body, self.end, self.lines[row].origin)


def read_page(text: str) -> SourceText:
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        body = line.removesuffix("\r")
        lines.append(SourceLine(body, line[len(body) :] + "\n", number))
    last = lines.pop()
    if last.body or last.end != "\n":
        lines.append(SourceLine(last.body, last.end[:-1], last.origin))
    return SourceText(lines, "\r\n" if lines and lines[0].end == "\r\n" else "\n")


def apply(page: SourceText, edits: list[LineEdit]) -> tuple[SourceText, list[LineEdit]]:
    """The page with all edits done that don't get in each other's way, and those: the others come again."""
    done: list[LineEdit] = []
    taken: list[Piece] = []  # in the order of their places
    left: dict[int, int] = {}  # pairs of a mapping, by where it starts
    for edit in edits:
        if any(_overlap(piece, other) for piece in edit.pieces for other in _neighbours(piece, taken)):
            continue
        if edit.within:
            pairs = left.get(edit.within.start)
            if pairs == 1:
                continue
            left[edit.within.start] = (pairs or len(edit.within.children) // 2) - 1
        for piece in edit.pieces:
            insort_left(taken, piece, key=_place)
        done.append(edit)
    lines: list[SourceLine] = []
    position = 0
    for first, behind, new in taken:
        lines += page.lines[position:first]
        lines += new
        position = behind
    lines += page.lines[position:]
    lines[:-1] = [line if line.end else line._replace(end=page.end) for line in lines[:-1]]
    return SourceText(lines, page.end), done


def _place(piece: Piece) -> tuple[int, int]:
    return piece[:2]


def _neighbours(piece: Piece, taken: list[Piece]) -> list[Piece]:
    """Those around a place; as they do not overlap, no others can overlap what is there."""
    at = bisect_left(taken, _place(piece), key=_place)
    return taken[max(0, at - 2) : at + 2]


def _overlap(piece: Piece, other: Piece) -> bool:
    if piece[0] == piece[1] or other[0] == other[1]:  # two that meet where lines go in would do so in either order
        return piece[0] <= other[1] and other[0] <= piece[1]
    return piece[0] < other[1] and other[0] < piece[1]
