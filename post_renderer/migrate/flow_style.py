"""Rewrites collections in braces or brackets as lines, or on one line. All comments stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from post_renderer.migrate.source_text import COMMENT, LineEdit
from post_renderer.problems import YamlError
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.source_text import SourceLine, SourceText
    from post_renderer.yamltree import Node


def unfold(page: SourceText, node: Node, column: int) -> LineEdit:
    """Return the edit that writes a flow collection as lines, indented by ``column`` characters.

    A comment stays at the end of its line, or becomes a line above the next item.
    """
    first, last = page.row(node.start), page.row(node.end - 1)
    indent = " " * column
    head = page.lines[first].body[: page.column(node.start)].rstrip()
    after = page.lines[last].body[page.column(node.end) :].strip()
    lines = [page.new(f"{head} {after}".rstrip() if head else after, first)] if head or after else []
    position = node.start + 1
    groups = node.pairs() if node.kind == MAPPING else [(item,) for item in node.items()]
    for group in groups:
        lines = _with_comments(page, lines, position, group[0].start, indent)
        row = page.row(group[0].start)
        for part in group:
            lines += [page.new(indent + comment, row) for comment in comments_in(page.text, part)]
        text = ": ".join(flow_text(page, part) for part in group)
        lines.append(page.new(indent + (text if node.kind == MAPPING else f"- {text}"), row))
        position = max(part.end for part in group)
    return LineEdit([(first, last + 1, _with_comments(page, lines, position, node.end, indent))])


def _with_comments(page: SourceText, lines: list[SourceLine], start: int, end: int, indent: str) -> list[SourceLine]:
    """Return the lines with the comments of ``text[start:end]``, the text between two items."""
    beside, _, below = page.text[start:end].partition("\n")
    comment = COMMENT.search(beside)
    if comment and lines:
        lines = [*lines[:-1], lines[-1]._replace(body=f"{lines[-1].body} {comment[0].rstrip()}")]
    elif comment:
        below = f"{comment[0]}\n{below}"
    return lines + [page.new(indent + found.rstrip(), page.row(end - 1)) for found in COMMENT.findall(below)]


def flow_text(page: SourceText, node: Node) -> str:
    """Return the text of a node on one line, with the scalars as in the file. Raises YamlError for an anchor."""
    if node.kind == ALIAS:
        return f"*{node.anchor}"
    if node.anchor:
        raise YamlError(
            "alias",
            node.start,
            f"the anchor &{node.anchor} is in text that must change",
            f"write the value instead of the alias *{node.anchor}",
        )
    if node.kind == SCALAR:
        typed = page.text[node.start : node.end]
        return (
            json.dumps(node.text, ensure_ascii=False)
            if "\n" in typed or node.is_block_scalar()
            else typed.strip() or "null"
        )
    if node.kind == MAPPING:
        return "{" + ", ".join(f"{flow_text(page, key)}: {flow_text(page, value)}" for key, value in node.pairs()) + "}"
    return "[" + ", ".join(flow_text(page, item) for item in node.items()) + "]"


def leaves(node: Node) -> Iterator[Node]:
    if node.kind in (SCALAR, ALIAS):
        yield node
    for child in node.children:
        yield from leaves(child)


def value_leaves(node: Node) -> Iterator[Node]:
    """Yield the scalars and aliases of a node, without the keys of mappings."""
    if node.kind in (SCALAR, ALIAS):
        yield node
    for child in node.children[1::2] if node.kind == MAPPING else node.children:
        yield from value_leaves(child)


def comments_in(text: str, node: Node) -> list[str]:
    """Return the comments between the leaves (scalars and aliases) of a node."""
    found: list[str] = []
    position = node.start
    for leaf in leaves(node):
        found += COMMENT.findall(text[position : leaf.start])
        position = max(position, leaf.end)
    return found + COMMENT.findall(text[position : node.end])
