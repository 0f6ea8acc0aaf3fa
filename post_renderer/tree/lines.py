"""What stands on one line of block style, whatever stands around it: a dash, a key, a value or where one begins."""

from __future__ import annotations

from post_renderer.tree.flow import KEY_LIMIT, read_flow
from post_renderer.tree.node import NULLS
from post_renderer.tree.scalars import HandOver, end_of_quoted, ends_line, unquote

KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
# What is still to come of a value behind its line: nothing, all of it, a block scalar's lines, a flow collection's.
DONE, ALL, LITERAL, FLOW = range(4)
WITHIN = (DONE, ALL)  # the next line is not the value's own text
REMEMBERED = 4_000
SHORT = 200  # characters
remembered: dict[str, Line] = {}  # lines that were read before: charts say the same ones again and again


class Line:
    """One line; columns count from its first character.

    ``column``: of the first character that is no blank, -1 for blank lines and comments. ``dash``: how wide a dash and
    the blanks behind it are. ``key``: its text, None where there is none; it stands in columns ``key_begin`` to
    ``colon``. The value's part on this line, from ``begin`` to ``end``, is of ``style`` (its first character, empty for
    plain ones), and ``rest`` says what of it is still to come. ``pair_column``: ``column``
    of a line that is a key and its whole value, -1 for others.
    """

    __slots__ = ("begin", "colon", "column", "dash", "end", "key", "key_begin", "pair_column", "rest", "style")

    def __init__(self, text: str) -> None:
        self.dash = 0
        self.style = ""
        self.rest = DONE
        self.pair_column = -1
        head, _colon, value = text.partition(": ")
        key = bare = head.lstrip(" ")
        if key[:2] == "- ":
            key = key[2:].lstrip(" ")
        if (
            key
            and value
            and KEY.issuperset(key)
            and key not in NULLS
            and key[0] != "-"
            and len(key) <= KEY_LIMIT
            and self._is_whole(value)
        ):  # nearly all lines, by a short cut that means the same
            self.key: str | None = key
            self.colon = len(head)
            self.key_begin = self.colon - len(key)
            self.column = self.colon - len(bare)
            self.dash = len(bare) - len(key)
            self.begin = self.colon + 2
            self.end = len(text)
            if not self.dash:
                self.pair_column = self.column
        else:
            self._read(text)

    def _is_whole(self, value: str) -> bool:
        """Whether the rest of a line is just a scalar, plain or in double quotes; for others a closer look decides."""
        if value[0] == '"':
            self.style = '"'
            return value.find('"', 1) == len(value) - 1 > 0 and "\\" not in value and "\t" not in value
        return (
            value[0] not in NOT_FIRST
            and value[-1] not in ": "
            and not (" " in value and (": " in value or " #" in value))
            and "\t" not in value
        )

    def _read(self, text: str) -> None:
        self.style = ""
        bare = text.lstrip(" ")
        self.column = column = -1 if not bare or bare[0] == "#" else len(text) - len(bare)
        if column < 0:
            return
        if "\t" in bare:
            raise HandOver
        self.key = None
        if bare[0] == "-" and bare[1:2] in ("", " "):
            self.dash = len(bare) - len(bare[1:].lstrip(" "))
            column += self.dash
            if text[column : column + 1] == "-" and text[column + 1 : column + 2] in ("", " "):
                raise HandOver  # a list in a list
        self.key_begin = column
        if column < len(text) and self._read_key(text, column):
            column = self.colon + 1
        elif not self.dash and bare[0] not in "[{":
            raise HandOver  # a scalar that goes on here
        self._read_value(text, column)
        if self.rest == DONE and not self.dash and self.key is not None:
            self.pair_column = self.column

    def _read_key(self, text: str, column: int) -> bool:
        first = text[column]
        if first in "'\"":
            end = end_of_quoted(text, column)
            if text[end : end + 1] != ":":
                return False
            self.key = text[column + 1 : end - 1]
            if "\\" in self.key or "'" in self.key:
                raise HandOver
        elif first in "[{":
            return False
        else:
            end = text.find(":", column)
            if end < 0 or (": " not in text[column:] and not text.rstrip(" ").endswith(":")):
                return False
            self.key = text[column:end]
            if self.key in NULLS or self.key[0] == "-" or not KEY.issuperset(self.key):
                raise HandOver
        if text[end + 1 : end + 2] not in ("", " ") or end - column > KEY_LIMIT:
            raise HandOver
        self.colon = end
        return True

    def _read_value(self, text: str, column: int) -> None:
        value = text[column:].lstrip(" ")
        self.begin = self.end = begin = len(text) - len(value)
        first = value[:1]
        if not first or (first == "#" and begin > 0 and text[begin - 1] == " "):
            self.begin = self.end = column if self.key is not None else self.column + 1  # behind the colon or the dash
            self.rest = ALL
            return
        if first in "|>":
            self.rest, self.style = LITERAL, first
            self.end = begin + (2 if value[1:2] in ("-", "+") else 1)
        elif first in "[{":
            self.style = first
            try:
                self.end = read_flow(text, begin, begin).end
            except HandOver:
                self.rest, self.end = FLOW, len(text)  # it may go on; the whole text decides
        elif first in "'\"":
            self.style = first
            self.end = end_of_quoted(text, begin)
            unquote(text[begin : self.end])
        else:
            self.end = begin + _length_of_plain(value)
        if not ends_line(text[self.end :]):
            raise HandOver


def _length_of_plain(value: str) -> int:
    comment = value.find(" #")
    word = (value if comment < 0 else value[:comment]).rstrip(" ")
    if word[0] in NOT_FIRST and not (word[0] in "-:" and word[1:2] not in ("", " ", ":")) and word != "=":
        raise HandOver
    if ": " in word or word[-1] == ":":
        raise HandOver
    return len(word)


def read_line(text: str) -> Line:
    """What stands on a line, given without its end. Raises HandOver."""
    line = Line(text)
    if len(text) < SHORT:
        if len(remembered) >= REMEMBERED:
            remembered.clear()
        remembered[text] = line
    return line
