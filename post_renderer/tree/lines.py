"""What stands on one line of block style, whatever stands around it: a dash, a key, a value or where one begins."""

from __future__ import annotations

from post_renderer.tree.node import NULLS
from post_renderer.tree.scalars import KEY_LIMIT, HandOver, end_of_quoted, ends_line, read_flow, unquote

KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
# What is still to come of a value behind its line: nothing, all of it, a block scalar's lines, a flow collection's.
DONE, ALL, LITERAL, FLOW = range(4)
REMEMBERED = 4_000
SHORT = 200  # characters
remembered: dict[str, Line] = {}  # lines that were read before: charts say the same ones again and again


class Line:
    """One line, given without its end; columns count from its first character. Raises HandOver.

    ``column``: of the first character that is no blank, -1 for blank lines and comments; ``inner``: that of what
    stands behind the dash, where there is one. ``key``: its text, None where there is none; it ends before ``colon``.
    The value's part on this line, from ``begin`` to ``end``, is of ``style`` (its first character, empty for plain
    ones), ``word`` is a scalar's text, and ``rest`` says what of the value is still to come.
    """

    __slots__ = ("begin", "colon", "column", "end", "inner", "key", "rest", "style", "word")

    def __init__(self, text: str) -> None:
        self.key: str | None = None
        self.style = self.word = ""
        self.rest = DONE
        self.column = -1
        bare = text.lstrip(" ")
        if not bare or bare[0] == "#":
            return
        if "\t" in bare:
            raise HandOver
        self.column = self.inner = len(text) - len(bare)
        if bare[0] == "-" and bare[1:2] in ("", " "):
            bare = bare[1:].lstrip(" ")
            self.inner = len(text) - len(bare)
            if bare[:1] == "-" and bare[1:2] in ("", " "):
                raise HandOver  # a list in a list
        if bare[:1] not in ("[", "{"):
            self._read_key(text, bare)
            if self.key is None and self.inner == self.column:
                raise HandOver  # a scalar that goes on here
        self._read_value(text, self.inner if self.key is None else self.colon + 1)

    def _read_key(self, text: str, bare: str) -> None:
        if bare[:1] in ("'", '"'):
            end = end_of_quoted(text, self.inner, len(text))
            key = text[self.inner + 1 : end - 1]
            if text[end : end + 1] != ":":
                return
            if "\\" in key or "'" in key:
                raise HandOver
        else:
            key, colon, behind = bare.partition(":")
            if not colon or behind[:1] not in ("", " "):
                return
            if key in NULLS or key[0] == "-" or not KEY.issuperset(key):
                raise HandOver
            end = self.inner + len(key)
        if text[end + 1 : end + 2] not in ("", " ") or end - self.inner > KEY_LIMIT:
            raise HandOver
        self.key, self.colon = key, end

    def _read_value(self, text: str, column: int) -> None:
        value = text[column:].lstrip(" ")
        self.begin = begin = len(text) - len(value)
        first = value[:1]
        if first in ("", "#"):
            self.begin = self.end = self.column + 1 if self.key is None else column  # behind the dash or the colon
            self.rest = ALL
            return
        self.style = first if first in "|>[{'\"" else ""
        if first in "|>":
            self.rest = LITERAL
            self.end = begin + (2 if value[1:2] in ("-", "+") else 1)
        elif first in "[{":
            try:
                self.end = read_flow(text, begin, begin).end
            except HandOver:
                self.rest, self.end = FLOW, len(text)  # it may go on; the whole text decides
        elif first in "'\"":
            self.end = end_of_quoted(text, begin, len(text))
            self.word = unquote(text[begin : self.end])
        else:
            self.word = word = value.partition(" #")[0].rstrip(" ")
            self.end = begin + len(word)
            if first in NOT_FIRST and not (first in "-:" and word[1:2] not in ("", " ", ":")) and word != "=":
                raise HandOver
            if ": " in word or word[-1] == ":":
                raise HandOver
        if not ends_line(text[self.end :]):
            raise HandOver


def read_line(text: str) -> Line:
    """What stands on a line. Raises HandOver."""
    line = Line(text)
    if len(text) < SHORT:
        if len(remembered) >= REMEMBERED:
            remembered.clear()
        remembered[text] = line
    return line
