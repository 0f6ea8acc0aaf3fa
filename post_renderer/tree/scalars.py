"""What the small reader takes inside lines: quoted scalars and flow collections; and its way to hand over."""

from __future__ import annotations

from post_renderer.tree.node import MAPPING, SCALAR, SEQUENCE, Node

WIDTH = 4_000  # characters of a line: looking back for its start must stay cheap for each item
KEY_LIMIT = 1000  # characters; YAML's own limit for a key without "?" is 1024
DEPTH = 10  # brackets within brackets
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+$()")
ESCAPES = {'"': '"', "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
HEX = frozenset("0123456789abcdefABCDEF")


class HandOver(Exception):  # noqa: N818 - it is no error: the full reader goes on
    """The text is not certain to be in the small reader's subset."""


def ends_line(rest: str) -> bool:
    """Whether nothing but a comment stands in the rest of a line."""
    return rest[:1] != "#" and rest.lstrip(" ")[:1] in ("", "#")


def read_quoted(text: str, start: int, stop: int) -> tuple[str, int]:
    """The text of the quoted scalar at ``start``, and the offset behind it, up to ``stop``. Raises HandOver.

    Nothing behind it is looked at: a line may have a thousand of them before a long one.
    """
    style, at = text[start], start + 1
    while (close := text.find(style, at, stop)) >= 0:
        slash = close
        while style == '"' and text[slash - 1] == "\\":
            slash -= 1
        if style == "'" and text[close + 1 : close + 2] == style:
            at = close + 2
        elif (close - slash) % 2:
            at = close + 1
        else:
            break
    if close < 0:
        raise HandOver
    word = text[start + 1 : close]
    if style == "'":
        return word.replace("''", style), close + 1
    return "\\".join(map(_unescape, word.split("\\\\"))) if "\\" in word else word, close + 1


def _unescape(text: str) -> str:
    parts = text.split("\\")
    for index in range(1, len(parts)):
        part = parts[index]
        if part[:1] == "u" and len(part) > 4 and HEX.issuperset(part[1:5]) and part[1] not in "dD":
            parts[index] = chr(int(part[1:5], 16)) + part[5:]
        elif part[:1] in ESCAPES:
            parts[index] = ESCAPES[part[0]] + part[1:]
        else:
            raise HandOver
    return "".join(parts)


def read_flow(text: str, start: int, column: int, depth: int = 1) -> Node:
    """The flow collection at ``start``, ``depth`` brackets deep, over as many lines as it likes. Raises HandOver."""
    if depth > DEPTH:
        raise HandOver
    node = Node(SEQUENCE if text[start] == "[" else MAPPING, start, start, column, flow=True)
    closing = "]" if node.kind is SEQUENCE else "}"
    wants_value = False
    at = _skip(text, start + 1)
    while text[at] != closing:
        item = _read_item(text, at, depth)
        node.children.append(item)
        at = _skip(text, item.end)
        wants_value = node.kind is MAPPING and not wants_value
        if wants_value:
            glued = text[at + 1 : at + 2] not in (" ", "\n", "\r") and item.style != '"'
            if text[at] != ":" or at != item.end or item.flow or glued or at - item.start > KEY_LIMIT:
                raise HandOver
        elif text[at] == closing:
            break
        elif text[at] != ",":
            raise HandOver
        at = _skip(text, at + 1)
    if wants_value:
        raise HandOver
    node.end = at + 1
    return node


def _read_item(text: str, start: int, depth: int) -> Node:
    column = start - (text.rfind("\n", max(0, start - WIDTH), start) + 1)
    if column > WIDTH:
        raise HandOver
    if text[start] in "[{":
        return read_flow(text, start, column, depth + 1)
    node = Node(SCALAR, start, start, column)
    if text[start] in "'\"":
        stop = text.find("\n", start)
        node.style = text[start]
        node.text, node.end = read_quoted(text, start, stop if stop >= 0 else len(text))
        return node
    while text[node.end : node.end + 1] in PLAIN:
        node.end += 1
    node.text = text[start : node.end]
    if node.text in ("", "-"):
        raise HandOver
    return node


def _skip(text: str, at: int) -> int:
    """Behind blanks and line ends; raises HandOver at the text's end, or where a line begins a document."""
    while text[at : at + 1] in (" ", "\n", "\r"):
        at += 1
        if text[at - 1] == "\n" and text.startswith(("---", "..."), at):
            raise HandOver
    if at >= len(text):
        raise HandOver
    return at
