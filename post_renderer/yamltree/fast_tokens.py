"""Reads the parts of one line in block style, without other lines: a dash, a key, and a value or its beginning."""

from __future__ import annotations

from post_renderer.yamltree.node import MAPPING, NULLS, SCALAR, SEQUENCE, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

KEY: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")
NOT_FIRST: Final = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # with another first character, a scalar is plain
# ``order`` of an empty line, and of a flow collection on the line after its key
EMPTY_LINE: Final = -2
FLOW: Final = -3
# The part of a value on later lines: nothing, all of it, the lines of a block scalar, the rest of a flow collection.
COMPLETE: Final = 0
ALL: Final = 1
LITERAL: Final = 2
MORE: Final = 3
SHORT: Final = 200  # characters
REMEMBERED_LINES = 4_000  # lines: charts repeat many lines
remembered: Final[dict[str, Line]] = {}


WIDTH: Final = 4_000  # characters of a line: for each item, the start of its line is searched
KEY_LIMIT: Final = 1000  # characters; the limit of YAML for a key without "?" is 1024
FLOW_DEPTH: Final = 10  # nested brackets
PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+$()")
ESCAPES: Final = frozenset('"nrtbf')  # Python reads these escapes, and u with four digits, in the same way as YAML
HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")


class Line:
    """The parts of one line without its line end. Columns and offsets count characters of the line, from 0.

    ``order``: 2 * ``column`` (+ 1 for a list item), so that a deeper block always has a larger order. EMPTY_LINE for an
    empty line or a comment; then all other fields are missing. FLOW for a flow collection without a key or a dash.
    ``column``: the column of the first character that is not a space.
    ``key_column``: the column of the key after a dash; else ``column``.
    ``key``: the text of the key, or None.
    ``colon``: the offset of the colon; without a key, the offset of the dash.
    ``begin``, ``end``: the offsets of the part of the value on this line.
    ``style``: the same as in Node.
    ``text``: the text of a scalar.
    ``continuation``: the part of the value on later lines: COMPLETE, ALL, LITERAL or MORE.
    Raises NotInSubset.
    """

    __slots__ = ("begin", "colon", "column", "continuation", "end", "key", "key_column", "order", "style", "text")

    def __init__(self, text: str) -> None:
        bare = text.lstrip(" ")
        if bare[:1] in ("", "#"):
            self.order = EMPTY_LINE
            if not text.replace("\t", " ").isprintable():
                raise NotInSubset
            return
        if not text.isprintable():  # a tab is not printable
            raise NotInSubset
        self.column = self.colon = start = len(text) - len(bare)
        self.key_column = start
        self.key: str | None = None
        dash = begins_item(bare)
        self.order = 2 * start + dash
        if dash:
            bare = bare[1:].lstrip(" ")
            start = len(text) - len(bare)
        if start > WIDTH or (dash and begins_item(bare)):  # a list in a list
            raise NotInSubset
        found = None if bare[:1] in ("[", "{", "#") else _read_key(text, start)
        if found:
            self.key, self.colon = found
            self.key_column = start
        elif not dash:
            if bare[0] not in "[{":
                raise NotInSubset  # the line continues a scalar
            self.order = FLOW
            self.colon -= 1
        self._read_value(text)

    def _read_value(self, text: str) -> None:
        value = text[self.colon + 1 :].lstrip(" ")
        first = value[:1]
        self.style = self.text = ""
        if first in ("", "#"):
            self.begin = self.end = self.colon + 1
            self.continuation = ALL
            return
        self.continuation = COMPLETE
        self.begin = begin = len(text) - len(value)
        if first not in NOT_FIRST or (first in "-:" and value[1:2] not in ("", " ", ":")) or value == "=":
            self.text = word = value.partition(" #")[0].rstrip(" ")
            self.end = begin + len(word)
            if ": " in word or word[-1] == ":":
                raise NotInSubset
            return
        self.style = first
        if first in "'\"":
            self.text, self.end = read_quoted(text, begin)
        elif first in "|>":
            self.end = begin + (2 if value[1:2] in ("-", "+") else 1)
            self.continuation = LITERAL
        elif first in "[{":
            try:
                self.end = read_flow(text, begin, begin).end
            except NotInSubset:
                self.end, self.continuation = (
                    len(text),
                    MORE,
                )  # the collection may continue on the next line; `read_flow` checks it with the whole text
        else:
            raise NotInSubset
        if not ends_line(text[self.end :]):
            raise NotInSubset


def begins_item(text: str) -> bool:
    """Return whether a text begins with the dash of a list item."""
    return text[:1] == "-" and text[1:2] in ("", " ")


def _read_key(text: str, start: int) -> tuple[str, int] | None:
    """Return the text of a key and the offset of its colon; None if there is no key. Raises NotInSubset."""
    quoted = text[start : start + 1] in ("'", '"')
    if quoted:
        key, end = read_quoted(text, start)
    else:
        end = text.find(":", start)
        key = text[start:end]
    if end < 0 or text[end : end + 2] not in (":", ": "):
        return None
    if quoted:
        fits = end - start == len(key) + 2
    elif key.isascii() and key.isidentifier():  # most keys; much faster than a test of each character
        fits = key not in NULLS
    elif " #" in key:
        return None
    else:
        fits = key not in NULLS and key[0] != "-" and KEY.issuperset(key)
    if not fits or end - start > KEY_LIMIT:
        raise NotInSubset
    return key, end


def read_line(text: str) -> Line:
    """Return the parts of a line, and save them in `remembered` if the line is short. Raises NotInSubset."""
    line = remembered.get(text)  # an earlier line of the same document may be equal
    if line is None:
        line = Line(text)
        if len(text) < SHORT:
            if len(remembered) >= REMEMBERED_LINES:
                remembered.clear()
            remembered[text] = line
    return line


BLANK: Final = Line("")


class NotInSubset(Exception):  # noqa: N818 - not an error: libyaml reads such a text
    """The text may not be in the fast reader's subset."""


def ends_line(rest: str) -> bool:
    """Return whether the rest of a line is empty or a comment."""
    return rest[:1] != "#" and rest.lstrip(" ")[:1] in ("", "#")


def read_quoted(text: str, start: int) -> tuple[str, int]:
    """Return the text of the quoted scalar at ``start``, and the offset after the scalar. Raises NotInSubset.

    The text after the scalar is not read, because a line may have thousands of scalars.
    """
    style, at = text[start], start + 1
    while (close := text.find(style, at)) >= 0:
        part = text[at:close]
        if style == "'" and text[close + 1 : close + 2] == style:
            at = close + 2
        elif style == '"' and (len(part) - len(part.rstrip("\\"))) % 2:
            at = close + 1
        else:
            word = text[start + 1 : close]
            return word.replace("''", style) if style == "'" else _unescape(word), close + 1
    raise NotInSubset


def _unescape(word: str) -> str:
    if "\\" not in word:
        return word
    for part in word.replace("\\\\", "  ").split("\\")[1:]:
        is_code = part[:1] == "u" and HEX_DIGITS.issuperset(part[1:5]) and len(part) > 4 and part[1] not in "dD"
        if part[:1] not in ESCAPES and not is_code:
            raise NotInSubset
    return word.encode("latin-1", "backslashreplace").decode("unicode_escape")


def read_flow(text: str, start: int, column: int, depth: int = 1) -> Node:
    """Return the flow collection at ``start``. ``depth``: the number of open brackets. Raises NotInSubset."""
    if depth > FLOW_DEPTH:
        raise NotInSubset
    node = Node(SEQUENCE if text[start] == "[" else MAPPING, start, start, column, flow=True)
    children = node.children
    closing = "]" if node.kind is SEQUENCE else "}"
    at = _skip(text, start + 1)
    while text[at] != closing:
        item = _read_item(text, at, depth)
        children.append(item)
        if node.kind is MAPPING:
            colon = item.end
            glued = text[colon + 1 : colon + 2] not in (" ", "\n", "\r") and item.style != '"'
            if text[colon : colon + 1] != ":" or item.flow or glued or colon - at > KEY_LIMIT:
                raise NotInSubset
            item = _read_item(text, _skip(text, colon + 1), depth)
            children.append(item)
        at = _skip(text, item.end)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != closing:
            raise NotInSubset
    node.end = at + 1
    return node


def _read_item(text: str, start: int, depth: int) -> Node:
    column = start - (text.rfind("\n", max(0, start - WIDTH - 1), start) + 1)
    if column > WIDTH:
        raise NotInSubset
    if text[start] in "[{":
        return read_flow(text, start, column, depth + 1)
    style, end = "", start
    if text[start] in "'\"":
        style = text[start]
        word, end = read_quoted(text, start)
        if "\n" in word and "\n" in text[start:end]:  # a line end, not the escape
            raise NotInSubset
    else:
        while text[end : end + 1] in PLAIN:
            end += 1
        word = text[start:end]
        if word in ("", "-"):
            raise NotInSubset
    node = Node(SCALAR, start, end, column)
    node.style, node.text = style, word
    return node


def _skip(text: str, at: int) -> int:
    """Return the offset after spaces and line ends. Raises NotInSubset at the text's end, ``---`` or ``...``."""
    while text[at : at + 1] in (" ", "\n", "\r"):
        at += 1
        if text[at - 1] == "\n" and text.startswith(("---", "..."), at):
            raise NotInSubset
    if at >= len(text):
        raise NotInSubset
    return at
