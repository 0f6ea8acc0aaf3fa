"""What stands on one line of block style, whatever stands around it: a dash, a key, a value or where one begins."""

from __future__ import annotations

from post_renderer.yamltree.node import NULLS
from post_renderer.yamltree.scalars import KEY_LIMIT, WIDTH, HandOver, ends_line, read_flow, read_quoted

KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
NOTHING, FLOW = -2, -3  # marks of lines that begin nothing, and of a flow collection below its key
# What is still to come of a value behind its line: nothing, all of it, a block scalar's lines, a flow collection's.
DONE, ALL, LITERAL, MORE = range(4)
SHORT = 200  # characters
REMEMBERED = 4_000  # lines: charts say the same ones again and again
remembered: dict[str, Line] = {}


class Line:
    """One line, given without its end. Columns count from its first character. Raises HandOver.

    ``mark``: twice the ``column`` where something begins, one more for a dash, so that blocks within a block have
    greater ones; or NOTHING, or FLOW. ``inner``: where a key begins behind the dash, else that column again. ``key``:
    its text, None where there is none; ``colon``: what stands before the value, the colon or else the dash. The part
    of the value on this line, from ``begin`` to ``end``, is of ``style`` (its first character, empty for plain ones);
    ``word`` is a scalar's text, and ``rest`` says what is still to come. Where nothing begins, only ``mark`` is set.
    """

    __slots__ = ("begin", "colon", "column", "end", "inner", "key", "mark", "rest", "style", "word")

    def __init__(self, text: str) -> None:
        bare = text.lstrip(" ")
        if bare[:1] in ("", "#"):
            self.mark = NOTHING
            if not text.replace("\t", " ").isprintable():
                raise HandOver
            return
        if not text.isprintable():  # a tab is not
            raise HandOver
        self.column = self.colon = start = len(text) - len(bare)
        self.inner = start
        self.key: str | None = None
        dash = begins_item(bare)
        self.mark = 2 * start + dash
        if dash:
            bare = bare[1:].lstrip(" ")
            start = len(text) - len(bare)
        if start > WIDTH or (dash and begins_item(bare)):  # a list in a list
            raise HandOver
        found = None if bare[:1] in ("[", "{", "#") else _read_key(text, start)
        if found:
            self.key, self.colon = found
            self.inner = start
        elif not dash:
            if bare[0] not in "[{":
                raise HandOver  # a scalar that goes on here
            self.mark = FLOW
            self.colon -= 1
        self._read_value(text)

    def _read_value(self, text: str) -> None:
        value = text[self.colon + 1 :].lstrip(" ")
        first = value[:1]
        self.style = self.word = ""
        if first in ("", "#"):
            self.begin = self.end = self.colon + 1
            self.rest = ALL
            return
        self.rest = DONE
        self.begin = begin = len(text) - len(value)
        if first not in NOT_FIRST or (first in "-:" and value[1:2] not in ("", " ", ":")) or value == "=":
            self.word = word = value.partition(" #")[0].rstrip(" ")
            self.end = begin + len(word)
            if ": " in word or word[-1] == ":":
                raise HandOver
            return
        self.style = first
        if first in "'\"":
            self.word, self.end = read_quoted(text, begin)
        elif first in "|>":
            self.end = begin + (2 if value[1:2] in ("-", "+") else 1)
            self.rest = LITERAL
        elif first in "[{":
            try:
                self.end = read_flow(text, begin, begin).end
            except HandOver:
                self.end, self.rest = len(text), MORE  # it may go on; the whole text decides
        else:
            raise HandOver
        if not ends_line(text[self.end :]):
            raise HandOver


def begins_item(text: str) -> bool:
    """Whether a dash stands here that begins an item of a list."""
    return text[:1] == "-" and text[1:2] in ("", " ")


def _read_key(text: str, start: int) -> tuple[str, int] | None:
    """A key's text, and where its colon stands. Raises HandOver."""
    quoted = text[start : start + 1] in ("'", '"')
    if quoted:
        key, end = read_quoted(text, start)
    else:
        key = text[start:].partition(" #")[0].partition(":")[0]
        end = start + len(key)
    if text[end : end + 2] not in (":", ": "):
        return None
    fits = end - start == len(key) + 2 if quoted else key not in NULLS and key[0] != "-" and KEY.issuperset(key)
    if not fits or end - start > KEY_LIMIT:
        raise HandOver
    return key, end


def read_line(text: str) -> Line:
    """What stands on a line. Raises HandOver."""
    line = Line(text)
    if len(text) < SHORT:
        if len(remembered) >= REMEMBERED:
            remembered.clear()
        remembered[text] = line
    return line


BLANK = Line("")
