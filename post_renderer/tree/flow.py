"""The small reader's flow collections: lists and mappings in brackets, over as many lines as they like."""

from __future__ import annotations

from post_renderer.tree.node import MAPPING, SCALAR, SEQUENCE, Node
from post_renderer.tree.scalars import HandOver, end_of_quoted, unquote

WIDTH = 4_000  # characters of a line: looking back for its start must stay cheap for each item
KEY_LIMIT = 1000  # characters; YAML's own limit for a key without "?" is 1024
DEPTH = 10  # brackets within brackets
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+$()")


def read_flow(text: str, start: int, column: int, depth: int = 1) -> Node:
    """The flow collection at ``start``, ``depth`` brackets deep. Raises HandOver."""
    kind = SEQUENCE if text[start] == "[" else MAPPING
    closing = "]" if kind == SEQUENCE else "}"
    if depth > DEPTH:
        raise HandOver
    node = Node(kind, start, start, column, flow=True)
    position = _skip(text, start + 1)
    while text[position] != closing or node.children:
        item = _read_item(text, position, depth)
        position = _skip(text, item.end)
        node.children.append(item)
        if kind == MAPPING:
            if (
                text[position] != ":"
                or item.kind != SCALAR
                or position != item.end
                or item.end - item.start > KEY_LIMIT
            ):
                raise HandOver
            if text[position + 1 : position + 2] not in (" ", "\n", "\r") and item.style != '"':
                raise HandOver
            value = _read_item(text, _skip(text, position + 1), depth)
            node.children.append(value)
            position = _skip(text, value.end)
        if text[position] == closing:
            break
        if text[position] != ",":
            raise HandOver
        position = _skip(text, position + 1)
        if text[position] == closing:
            raise HandOver
    node.end = position + 1
    return node


def _read_item(text: str, start: int, depth: int) -> Node:
    column = start - (text.rfind("\n", max(0, start - WIDTH), start) + 1)
    if column > WIDTH:
        raise HandOver
    char = text[start]
    if char in "[{":
        return read_flow(text, start, column, depth + 1)
    if char in "'\"":
        end = end_of_quoted(text, start)
        node = Node(SCALAR, start, end, column)
        node.style = char
        node.text = unquote(text[start:end])
        return node
    end = start
    while text[end : end + 1] in PLAIN:
        end += 1
    node = Node(SCALAR, start, end, column)
    node.text = text[start:end]
    if node.text in ("", "-"):
        raise HandOver
    return node


def _skip(text: str, position: int) -> int:
    """Behind blanks and line ends; raises HandOver at the text's end, or where a line begins a document."""
    while text[position : position + 1] in (" ", "\n", "\r"):
        position += 1
        if text[position - 1] == "\n" and text.startswith(("---", "..."), position):
            raise HandOver
    if position >= len(text):
        raise HandOver
    return position
