"""What stands on one line of block style, whatever stands around it: a dash, a key, a value or where one begins."""

from __future__ import annotations

from post_renderer.tree.flow import read_flow
from post_renderer.tree.scalars import HandOver, end_of_quoted, unquote

KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
KEY_LIMIT = 1000  # characters; YAML's own limit for a key without "?" is 1024
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
# What is still to come of a value behind its line: nothing, all of it, a block scalar's lines, a flow collection's.
DONE, ALL, LITERAL, FLOW = range(4)
REMEMBERED = 4_000  # lines: charts say the same ones again and again
_known: dict[str, Line] = {}


class Line:
    """Columns count from the line's first character. ``dash``: how wide a dash and the blanks behind it are.

    ``key``: its text, None where there is none; it ends in column ``colon``. The value's part on this line, from
    ``begin`` to ``end``, is of ``style`` (its first character, empty for plain ones).
    """

    __slots__ = ("begin", "colon", "dash", "end", "key", "rest", "style")

    def __init__(self, bare: str) -> None:
        if "\t" in bare:
            raise HandOver
        self.dash = 0
        self.key: str | None = None
        self.style = ""
        self.rest = DONE
        column = 0
        if bare[0] == "-" and bare[1:2] in ("", " "):
            self.dash = column = len(bare) - len(bare[1:].lstrip(" "))
            if bare[column : column + 1] == "-" and bare[column + 1 : column + 2] in ("", " "):
                raise HandOver  # a list in a list
        if column < len(bare) and self._read_key(bare, column):
            column = self.colon + 1
        elif not self.dash and bare[0] not in "[{":
            raise HandOver  # a scalar that goes on here
        self._read_value(bare, column)

    def _read_key(self, bare: str, column: int) -> bool:
        first = bare[column]
        if first in "'\"":
            end = end_of_quoted(bare, column)
            if bare[end : end + 1] != ":":
                return False
            self.key = bare[column + 1 : end - 1]
            if "\\" in self.key or "'" in self.key:
                raise HandOver
        elif first in "[{":
            return False
        else:
            end = bare.find(":", column)
            if end < 0 or (": " not in bare[column:] and not bare.rstrip(" ").endswith(":")):
                return False
            self.key = bare[column:end]
            if not self.key or self.key[0] == "-" or not KEY.issuperset(self.key):
                raise HandOver
        if bare[end + 1 : end + 2] not in ("", " ") or end - column > KEY_LIMIT:
            raise HandOver
        self.colon = end
        return True

    def _read_value(self, bare: str, column: int) -> None:
        value = bare[column:].lstrip(" ")
        self.begin = self.end = begin = len(bare) - len(value)
        first = value[:1]
        if not first or (first == "#" and begin > 0 and bare[begin - 1] == " "):
            self.begin = self.end = column if self.key is not None else 1  # behind the colon or the dash
            self.rest = ALL
            return
        if first in "|>":
            self.rest, self.style = LITERAL, first
            self.end = begin + (2 if value[1:2] in ("-", "+") else 1)
        elif first in "[{":
            self.style = first
            try:
                self.end = read_flow(bare, begin, begin).end
            except HandOver:
                self.rest, self.end = FLOW, len(bare)  # it may go on; the whole text decides
        elif first in "'\"":
            self.style = first
            self.end = end_of_quoted(bare, begin)
            unquote(bare[begin : self.end])
        else:
            self.end = begin + _length_of_plain(value)
        behind = bare[self.end :]
        if behind.lstrip(" ")[:1] not in ("", "#") or behind[:1] == "#":
            raise HandOver


def _length_of_plain(value: str) -> int:
    comment = value.find(" #")
    word = (value if comment < 0 else value[:comment]).rstrip(" ")
    if word[0] in NOT_FIRST and not (word[0] in "-:" and word[1:2] not in ("", " ", ":")) and word != "=":
        raise HandOver
    if ": " in word or word[-1] == ":":
        raise HandOver
    return len(word)


def read_line(bare: str) -> Line:
    """What stands on a line, given without its indent and its end. Raises HandOver."""
    line = _known.get(bare)
    if line is None:
        line = Line(bare)
        if len(_known) >= REMEMBERED:
            _known.clear()
        _known[bare] = line
    return line
