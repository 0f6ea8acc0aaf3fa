"""The pieces of one edit: new lines in block style, JSON in flow style, content instead of nothing."""

from __future__ import annotations

from post_renderer.problems import Unreadable
from post_renderer.yamledit.edits import ADD_FIRST, REMOVE, REPLACE
from post_renderer.yamledit.emit import BREAKS, as_json, as_lines, line_end, line_start
from post_renderer.yamledit.spots import is_explicit, owns_line_end
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamledit.spots import Piece, Spot
    from post_renderer.yamltree.values import Value


def find_pieces(text: str, spot: Spot, op: str, content: Value) -> list[Piece]:
    """Where the edit goes, and what stands there then. Raises Unreadable where there is no safe place."""
    node = spot.node
    if op == REPLACE:
        newline = line_end(text, node.start)[1] if owns_line_end(text, node) else ""
        return [(node.start, spot.depth, node.end, as_json(content) + newline)]
    if op == REMOVE:
        from post_renderer.yamledit.removal import plan_removal  # only gates ever go

        return plan_removal(text, spot)
    if _is_empty(node):
        return _filled(text, spot, content)
    node.expect(MAPPING if isinstance(content, dict) else SEQUENCE)
    if node.flow:
        return [_flow_insertion(text, spot, content, first=op == ADD_FIRST)]
    if op == ADD_FIRST:
        start = line_start(text, node.start)
        if text[start : node.start].strip():
            hint = "begin the list on a line of its own"
            raise Unreadable("unsupported-yaml", node.start, "a list begins in the middle of a line here", hint)
        start = _before_comments(text, start)
        _, newline = line_end(text, start)
        return [(start, spot.depth + 1, start, as_lines(content, node.column, _dash_step(spot), newline))]
    return [_lines_after(text, node, spot.depth + 1, content, node.column, _dash_step(spot))]


def _is_empty(node: Node) -> bool:
    """A null, or a flow collection without items (a block collection always has some)."""
    return node.is_null() or (node.flow and node.end - node.start >= 2 and not _children(node))


def _children(node: Node) -> list[Node]:
    return node.items() if node.kind == SEQUENCE else [half for pair in node.pairs() for half in pair]


def _filled(text: str, spot: Spot, content: Value) -> list[Piece]:
    """Content instead of nothing: the empty value goes, a comment behind it stays."""
    node, key = spot.node, spot.key
    if node.kind != SCALAR and text[node.start + 1 : node.end - 1].strip():  # a comment within the brackets
        return [(node.start + 1, spot.depth + 1, node.start + 1, as_json(content)[1:-1] + " ")]
    if key is None or spot.parent is None:
        return [(node.start, spot.depth, node.end, as_json(content))]
    colon = text.find(":", key.end, max(node.start, key.end) + 1)
    if spot.parent.node.flow:
        lead = "" if node.end > node.start else (" " if colon >= 0 else ": ")
        # Where nothing stands, new keys of the mapping begin at the same offset: those come behind it.
        return [(node.start, spot.depth + 1, node.end, lead + as_json(content))]
    if colon < 0 or is_explicit(text, key):
        raise Unreadable(
            "unsupported-yaml", key.start, 'a key written with "?" stands here', 'write it as "key: value"'
        )
    start = node.start
    if not text[colon + 1 : start].strip():
        start = colon + 1
    parent = spot.parent.node
    column = parent.column + (_dash_step(spot) if isinstance(content, list) else 2)
    pieces: list[Piece] = [(start, spot.depth, node.end, "")] if node.end > start else []
    return [*pieces, _lines_after(text, node, spot.depth + 1, content, column, _dash_step(spot))]


def _lines_after(text: str, node: Node, depth: int, content: Value, column: int, step: int) -> Piece:
    """New lines behind the last leaf of a node and what stands on its line."""
    leaf = node.last_leaf()
    start, newline = line_end(text, leaf.end)
    if owns_line_end(text, leaf):
        start, newline = leaf.end, line_end(text, leaf.start)[1]
    elif start == len(text) and text[-1] not in BREAKS:
        if leaf.is_block_scalar() and "-" not in text[leaf.start : line_end(text, leaf.start)[0]].partition("#")[0]:
            raise Unreadable(
                "no-final-newline",
                leaf.start,
                "a block scalar ends here without a newline, and lines must follow it",
                "end the text with a newline",
            )
        lines = as_lines(content, column, step, newline)
        return (start, depth, start, newline + lines.removesuffix(newline))
    return (start, depth, start, as_lines(content, column, step, newline))


def _flow_insertion(text: str, spot: Spot, content: Value, *, first: bool) -> Piece:
    node = spot.node
    if text[node.start] not in "{[":
        raise Unreadable(
            "unsupported-yaml", node.start, "a key in a list without braces stands here", "write { } around it"
        )
    inner = as_json(content)[1:-1]
    if first:
        return (node.start + 1, spot.depth + 1, node.start + 1, inner + ", ")
    end = _children(node)[-1].end
    return (end, spot.depth + 1, end, ", " + inner)


def _before_comments(text: str, start: int) -> int:
    """The start of the comment lines right above a line: a comment stays with the item that it is about."""
    while start > 0:
        above = line_start(text, start - 1)
        if not text[above:start].lstrip(" ").startswith("#"):
            return start
        start = above
    return start


def _dash_step(spot: Spot) -> int:
    """How far dashes stand behind their key's column here: as in a sibling list, else as in the lists around."""
    around: Spot | None = spot
    while around is not None:
        if around.node.kind == MAPPING and not around.node.flow:
            column = around.node.dash_column()
            if column is not None:
                return max(0, column - around.node.column)
        around = around.parent
    return 0
