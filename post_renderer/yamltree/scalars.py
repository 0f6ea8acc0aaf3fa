"""What the small reader takes inside lines: quoted scalars and flow collections; and its way to hand over."""

from __future__ import annotations

from post_renderer.yamltree.node import MAPPING, SCALAR, SEQUENCE, Node

WIDTH = 4_000  # characters of a line: looking back for its start must stay cheap for each item
KEY_LIMIT = 1000  # characters; YAML's own limit for a key without "?" is 1024
FLOW_DEPTH = 10  # brackets within brackets
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+$()")
ESCAPES = frozenset('"nrtbf')  # that Python reads alike, as it does u and four digits
HEX = frozenset("0123456789abcdefABCDEF")


class HandOver(Exception):  # noqa: N818 - it is no error: the full reader goes on
    """The text is not certain to be in the small reader's subset."""


def ends_line(rest: str) -> bool:
    """Whether nothing but a comment stands in the rest of a line."""
    return rest[:1] != "#" and rest.lstrip(" ")[:1] in ("", "#")


def read_quoted(text: str, start: int) -> tuple[str, int]:
    """The text of the quoted scalar at ``start``, and the offset behind it. Raises HandOver.

    Nothing behind it is looked at: a line may have a thousand of them before a long one.
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
    raise HandOver


def _unescape(word: str) -> str:
    if "\\" not in word:
        return word
    for part in word.replace("\\\\", "  ").split("\\")[1:]:
        is_code = part[:1] == "u" and HEX.issuperset(part[1:5]) and len(part) > 4 and part[1] not in "dD"
        if part[:1] not in ESCAPES and not is_code:
            raise HandOver
    return word.encode("latin-1", "backslashreplace").decode("unicode_escape")


def read_flow(text: str, start: int, column: int, depth: int = 1) -> Node:
    """The flow collection at ``start``, ``depth`` brackets deep, over as many lines as it likes. Raises HandOver."""
    if depth > FLOW_DEPTH:
        raise HandOver
    node = Node(SEQUENCE if text[start] == "[" else MAPPING, start, start, column, flow=True)
    closing = "]" if node.kind is SEQUENCE else "}"
    at = _skip(text, start + 1)
    while text[at] != closing:
        item = _read_item(text, at, depth)
        node.children.append(item)
        if node.kind is MAPPING:
            colon = item.end
            glued = text[colon + 1 : colon + 2] not in (" ", "\n", "\r") and item.style != '"'
            if text[colon : colon + 1] != ":" or item.flow or glued or colon - at > KEY_LIMIT:
                raise HandOver
            item = _read_item(text, _skip(text, colon + 1), depth)
            node.children.append(item)
        at = _skip(text, item.end)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != closing:
            raise HandOver
    node.end = at + 1
    return node


def _read_item(text: str, start: int, depth: int) -> Node:
    column = start - (text.rfind("\n", max(0, start - WIDTH - 1), start) + 1)
    if column > WIDTH:
        raise HandOver
    if text[start] in "[{":
        return read_flow(text, start, column, depth + 1)
    node = Node(SCALAR, start, start, column)
    if text[start] in "'\"":
        node.style = text[start]
        node.text, node.end = read_quoted(text, start)
        if "\n" in node.text and "\n" in text[start : node.end]:  # not an escape
            raise HandOver
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
