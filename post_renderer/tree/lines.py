"""What stands on one line of block style, whatever stands around it: a dash, a key, a value or where one begins."""

from __future__ import annotations

from post_renderer.tree.node import NULLS
from post_renderer.tree.scalars import KEY_LIMIT, WIDTH, HandOver, ends_line, read_flow, read_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Of a Line: column, inner, key, colon, mark, inner_mark.
    Lead = tuple[int, int, str | None, int, str, str]

KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
# What is still to come of a value behind its line: nothing, all of it, a block scalar's lines, a flow collection's.
DONE, ALL, LITERAL, FLOW = range(4)
NO_MARK, FLOW_MARK = "\0", "\2"  # of lines that begin nothing, and of a flow collection below its key
SHORT = 200  # characters
REMEMBERED = 4_000  # lines, and as many leads: charts say the same things again and again
remembered: dict[str, Line] = {}  # all but those that begin a value which goes on in lines of another kind
_leads: dict[str, Lead] = {}  # what stands on lines before their values, by their text up to the colon


def mark_of(column: int, *, dash: bool) -> str:
    """One character for all keys (even), or all dashes (odd), in a column; blocks within a block have greater ones."""
    return chr(2 * column + 4 + dash)


class Line:
    """One line, given without its end. Columns count from its first character. Raises HandOver.

    ``mark``: what begins here; ``column``: where; ``inner``: where a mapping begins behind the dash, else that column
    again. ``key``: its text, None where there is none; ``colon``: where that stands, else where the dash does. The
    value's part on this line, from ``begin`` to ``end``, is of ``style`` (its first character, empty for plain ones);
    ``word`` is a scalar's text, and ``rest`` says what of the value is still to come. ``shape``: three characters, all
    that decides into which blocks the line fits, the mark first. Where nothing begins, only these and ``rest`` are set.
    """

    __slots__ = (
        "begin", "colon", "column", "end", "inner", "inner_mark", "key", "mark", "rest", "shape", "style", "word"
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        self.style = self.word = ""
        lead, colon, _ = text.partition(": ")
        known = _leads.get(lead) if colon else None
        if known is None:
            bare = text.lstrip(" ")
            if bare[:1] in ("", "#"):
                self.mark, self.shape, self.rest = NO_MARK, NO_MARK * 3, DONE
                if not text.replace("\t", " ").isprintable():
                    raise HandOver
                return
            known = _read_lead(text, len(text) - len(bare))
            own_colon = known[3] == len(lead)  # not one within the value
            if own_colon and len(lead) < SHORT:
                if len(_leads) >= REMEMBERED:
                    _leads.clear()
                _leads[lead] = known
        self.column, self.inner, self.key, self.colon, self.mark, self.inner_mark = known
        if not text.isprintable():  # a tab is not
            raise HandOver
        self.rest = self._read_value(text)
        self.shape = f"{self.mark}{self.inner_mark}{self.rest}"

    def begins_item(self) -> bool:
        """Whether there is a dash."""
        return ord(self.mark) % 2 == 1

    def _read_value(self, text: str) -> int:
        """What of the value is still to come, when its part on this line is read."""
        value = text[self.colon + 1 :].lstrip(" ")
        first = value[:1]
        if first in ("", "#"):
            self.begin = self.end = self.colon + 1
            return ALL
        rest = DONE
        self.begin = begin = len(text) - len(value)
        if first not in NOT_FIRST or (first in "-:" and value[1:2] not in ("", " ", ":")) or value == "=":
            self.word = word = value.partition(" #")[0].rstrip(" ")
            self.end = begin + len(word)
            if ": " in word or word[-1] == ":":
                raise HandOver
        elif first in "'\"":
            self.style = first
            self.word, self.end = read_quoted(text, begin, len(text))
        elif first in "|>":
            self.style = first
            self.end = begin + (2 if value[1:2] in ("-", "+") else 1)
            rest = LITERAL
        elif first in "[{":
            self.style = first
            try:
                self.end = read_flow(text, begin, begin).end
            except HandOver:
                self.end, rest = len(text), FLOW  # it may go on; the whole text decides
        else:
            raise HandOver
        if self.end < len(text) and not ends_line(text[self.end :]):
            raise HandOver
        return rest


def _read_lead(text: str, column: int) -> Lead:
    """What stands before the value of a line that is neither blank nor a comment. Raises HandOver."""
    inner = column
    if text[column] == "-" and text[column + 1 : column + 2] in ("", " "):
        inner = len(text) - len(text[column + 1 :].lstrip(" "))
        if text[inner : inner + 1] == "-" and text[inner + 1 : inner + 2] in ("", " "):
            raise HandOver  # a list in a list
    if inner > WIDTH:
        raise HandOver
    dash = inner > column
    key, colon = ("", -1) if text[inner : inner + 1] in ("[", "{") else _read_key(text, inner)
    if colon >= 0:
        return column, inner, key, colon, mark_of(column, dash=dash), mark_of(inner, dash=False)
    if dash:
        return column, column, None, column, mark_of(column, dash=True), mark_of(column, dash=False)
    if text[column] not in "[{":
        raise HandOver  # a scalar that goes on here
    return column, column, None, column - 1, FLOW_MARK, mark_of(column, dash=False)


def _read_key(text: str, start: int) -> tuple[str, int]:
    """A key's text, and where its colon stands: -1 where there is no key. Raises HandOver."""
    if text[start : start + 1] in ("'", '"'):
        key, end = read_quoted(text, start, len(text))
        if text[end : end + 1] != ":":
            return "", -1
        if end - start > len(key) + 2:
            raise HandOver  # escapes
    else:
        key, colon, behind = text[start:].partition(":")
        if not colon or behind[:1] not in ("", " "):
            return "", -1
        if key in NULLS or key[0] == "-" or not KEY.issuperset(key):
            raise HandOver
        end = start + len(key)
    if text[end + 1 : end + 2] not in ("", " ") or end - start > KEY_LIMIT:
        raise HandOver
    return key, end


def read_line(text: str) -> Line:
    """What stands on a line. Raises HandOver."""
    line = Line(text)
    if len(text) < SHORT and line.rest <= ALL:
        if len(remembered) >= REMEMBERED:
            remembered.clear()
        remembered[text] = line
    return line


NOTHING = Line("")
