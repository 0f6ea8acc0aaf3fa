"""Has the lines of a user's file with their line numbers, and edits these lines.

YAML is not loaded and dumped, because each unchanged character must stay as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort_left
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.migrate.tree_change import NO_CHANGE, TreeChange
from post_renderer.problems import Problem
from post_renderer.yamltree import SCALAR, Node, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP = 2  # spaces by which a new line is deeper than its key
COMMENT = re.compile(r"(?:(?<=\s)|^)#[^\r\n]*", re.MULTILINE)


class SourceLine(NamedTuple):
    """``end``: the newline. ``origin``: the line number in the user's file, from 1 (of the replaced line)."""

    body: str
    end: str
    origin: int


class LineEdit:
    """One change of a file. Its pieces are applied together or not at all.

    ``change``: what the edit means for the values of the file.
    ``pieces``: tuples (index of the first line, index after the last line, new lines).
    ``part``: a tuple (index of a line, first column, column after the last one, new text). Edits that only have a part
    may share a line.
    ``problems``: what the user must know about the change.
    ``note``: for a change that loses nothing: a reason (a key of NOTES in tables.py) and the path of the key.
    ``within``: the mapping that loses a pair. Its last pair is removed in a separate pass, because {} replaces it.
    """

    __slots__ = ("change", "note", "part", "pieces", "problems", "within")

    def __init__(
        self,
        pieces: list[Piece],
        problems: Iterable[Problem] = (),
        *,
        change: TreeChange = NO_CHANGE,
        within: Node | None = None,
        note: tuple[str, str] | None = None,
        part: Part | None = None,
    ) -> None:
        self.change = change
        self.note = note
        self.part = part
        self.pieces = pieces
        self.problems = list(problems)
        self.within = within


Found = LineEdit | Problem
Piece = tuple[int, int, list[SourceLine]]
Part = tuple[int, int, int, str]


class SourceText:
    """The lines of a file. Offsets count characters of ``text``; rows and columns count from 0."""

    __slots__ = ("_root", "_starts", "_text_rows", "end", "lines", "text", "unfolded")

    def __init__(self, lines: list[SourceLine], end: str) -> None:
        self.lines = lines
        self.end = end
        self.text = "".join(line.body + line.end for line in lines)
        self.unfolded: dict[Node, LineEdit] = {}  # collection in braces -> the edit that all of its pairs need first
        self._root: Node | None = None
        self._text_rows: set[int] | None = None
        self._starts: list[int] = []
        start = 0
        for line in lines:
            self._starts.append(start)
            start += len(line.body) + len(line.end)

    def root(self) -> Node:
        """Return the root node. Raises YamlError if the text is not YAML."""
        if self._root is None:
            self._root = parse(self.text, full=True)
        return self._root

    def is_comment(self, row: int) -> bool:
        """Return whether a line is a comment. A line that begins with # may also be text of a scalar."""
        if not self.lines[row].body.lstrip().startswith("#"):
            return False
        return row not in self.text_rows()

    def text_rows(self) -> set[int]:
        """Return the indexes of the lines on which the text of a scalar goes on."""
        if self._text_rows is None:
            self._text_rows = set()
            todo = [self.root()]
            while todo:
                node = todo.pop()
                todo += node.children
                typed = self.text[node.start : node.end].rstrip() if node.kind == SCALAR else ""
                if "\n" in typed:
                    self._text_rows.update(range(self.row(node.start) + 1, self.row(node.start + len(typed) - 1) + 1))
        return self._text_rows

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
    parts: dict[int, list[Part]] = {}  # by the line, sorted by position
    for edit in edits:
        if edit.part:
            if _take_part(edit.part, parts, taken):
                done.append(edit)
            continue
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
        lines += [_with_parts(page.lines[first], parts[first])] if not new and first in parts else new
        position = behind
    lines += page.lines[position:]
    lines[:-1] = [line if line.end else line._replace(end=page.end) for line in lines[:-1]]
    return SourceText(lines, page.end), done


def _take_part(part: Part, parts: dict[int, list[Part]], taken: list[Piece]) -> bool:
    """Take a part of a line, unless another edit has it."""
    row = part[0]
    others = parts.get(row)
    if others is None:
        piece: Piece = (row, row + 1, [])
        if any(_overlap(piece, other) for other in _neighbours(piece, taken)):
            return False
        insort_left(taken, piece, key=_place)
        parts[row] = [part]
        return True
    at = bisect_left(others, part)
    if any(part[1] <= other[2] and other[1] <= part[2] for other in others[max(0, at - 1) : at + 1]):
        return False
    others.insert(at, part)
    return True


def _with_parts(line: SourceLine, parts: list[Part]) -> SourceLine:
    body = ""
    position = 0
    for _, start, stop, text in parts:
        body += line.body[position:start] + text
        position = stop
    return line._replace(body=body + line.body[position:])


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
