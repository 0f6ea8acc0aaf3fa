"""The lines of a user's file with their line numbers, and edits of these lines.

YAML is not loaded and dumped, because each unchanged character must stay as it is.
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
    """``end``: the newline. ``origin``: the line number in the user's file, from 1 (of the replaced line)."""

    body: str
    end: str
    origin: int


class LineEdit:
    """One change of a file. Its pieces are applied together or not at all.

    ``pieces``: tuples (index of the first line, index after the last line, new lines).
    ``problems``: what the user must know about the change.
    ``note``: for a change that loses nothing: a reason (a key of NOTES in tables.py) and the path of the key.
    ``within``: the mapping that loses a pair. Its last pair is removed in a separate pass, because {} replaces it.
    """

    __slots__ = ("note", "pieces", "problems", "within")

    def __init__(
        self,
        pieces: list[tuple[int, int, list[SourceLine]]],
        problems: Iterable[Problem] = (),
        within: Node | None = None,
        note: tuple[str, str] | None = None,
    ) -> None:
        self.note = note
        self.pieces = pieces
        self.problems = list(problems)
        self.within = within


Found = LineEdit | Problem
Piece = tuple[int, int, list[SourceLine]]


class SourceText:
    """The lines of a file. Offsets count characters of ``text``; rows and columns count from 0."""

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
        """Return the index of the line with an offset."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def column(self, offset: int) -> int:
        return offset - self._starts[self.row(offset)] if self.lines else 0

    def origin(self, offset: int) -> int:
        """Return the number of the line in the user's file for an offset."""
        return self.lines[self.row(offset)].origin if self.lines else 1

    def new(self, body: str, row: int) -> SourceLine:
        """Return a new line with the line number of the line at index ``row``."""
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
    """Apply the edits that don't overlap. Return the new page and the applied edits. The next pass finds the others."""
    done: list[LineEdit] = []
    taken: list[Piece] = []  # sorted by position
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
    """Return the pieces of ``taken`` that can overlap ``piece``: its neighbours, because ``taken`` has no overlaps."""
    at = bisect_left(taken, _place(piece), key=_place)
    return taken[max(0, at - 2) : at + 2]


def _overlap(piece: Piece, other: Piece) -> bool:
    # At an insertion, touching is enough: the order would be undefined.
    if piece[0] == piece[1] or other[0] == other[1]:
        return piece[0] <= other[1] and other[0] <= piece[1]
    return piece[0] < other[1] and other[0] < piece[1]
