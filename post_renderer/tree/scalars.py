"""What the small reader's parts share: scalars, and the way to hand over."""

from __future__ import annotations

from post_renderer.tree.node import SCALAR, Node

ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
DEPTH = 90  # near the full reader's limit, which has the words for it


class HandOver(Exception):  # noqa: N818 - it is no error: the full reader goes on
    """The text is not certain to be in the small reader's subset."""


def read_quoted(text: str, start: int, column: int) -> Node:
    """The quoted scalar at ``start``, which closes on its line."""
    style = text[start]
    stop = text.find("\n", start)
    stop = stop if stop >= 0 else len(text)
    close = text.find(style, start + 1, stop)
    if style == '"':
        while close > 0 and text[close - 1] == "\\" and _is_escaped(text, close):
            close = text.find(style, close + 1, stop)
    if close < 0 or (style == "'" and text[close + 1 : close + 2] == "'"):
        raise HandOver
    word = text[start + 1 : close]
    node = Node(SCALAR, start, close + 1, column)
    node.style = style
    node.text = _unescape(word) if style == '"' and "\\" in word else word
    return node


def literal_text(style: str, chomp: str, content: list[str], count: int, *, ends: bool) -> str:
    """The text of a literal's lines; ``count`` of them come before the blank lines at the end."""
    body = content[:count]
    if not body[-1]:
        raise HandOver  # a line of blanks alone ends it: readers count it differently
    breaks = len(content) - count
    if style == ">":
        if any(not line or line[0] == " " for line in body):
            raise HandOver
        text = " ".join(body)
    else:
        text = "\n".join(body)
    if chomp == "-":
        return text
    whole = breaks > 0 or ends
    if chomp == "+":
        return text + "\n" * (breaks + (1 if ends else 0))
    return text + "\n" if whole else text


def _is_escaped(text: str, position: int) -> bool:
    """Whether an odd number of backslashes stands before a place."""
    backslashes = 0
    while text[position - 1 - backslashes] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


def _unescape(word: str) -> str:
    """A double-quoted scalar's text. Raises HandOver for an escape that JSON does not have."""
    parts = word.split("\\")
    out = [parts[0]]
    index = 1
    while index < len(parts):
        part = parts[index]
        if not part:  # two backslashes in a row
            out.append("\\" + (parts[index + 1] if index + 1 < len(parts) else ""))
            index += 2
            continue
        if part[0] == "u":
            digits = part[1:5]
            if len(digits) < 4 or not digits.isalnum() or not digits.isascii() or digits[0] in "dD":
                raise HandOver  # surrogates begin with D
            try:
                out.append(chr(int(digits, 16)) + part[5:])
            except ValueError:
                raise HandOver from None
        elif part[0] in ESCAPES:
            out.append(ESCAPES[part[0]] + part[1:])
        else:
            raise HandOver
        index += 1
    return "".join(out)
