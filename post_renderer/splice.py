"""Edits to text: finds where each one goes and joins the pieces in one forward pass.

This module knows YAML's looks and no word of Kubernetes. A piece is ``(start, depth, end, text)``: ``text`` stands
instead of characters ``start`` to ``end``. Pieces are ordered by start and, at one start, deeper ones first, so that a
list's new last items come before the key that follows the list.
"""

from __future__ import annotations

from post_renderer.edits import ADD, ADD_FIRST, REMOVE, REPLACE
from post_renderer.looks import BREAKS, as_json, as_lines, line_end, line_start
from post_renderer.problems import Unreadable
from post_renderer.tree import MAPPING, SCALAR, SEQUENCE, Node, last_leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.edits import Edit, Path
    from post_renderer.tree.values import Value

    Piece = tuple[int, int, int, str]


class Spot:
    """A place in the tree: the node, the mapping or sequence around it, its key there, and its depth."""

    __slots__ = ("depth", "key", "node", "parent")

    def __init__(self, node: Node, parent: Spot | None, key: Node | None) -> None:
        self.node = node
        self.parent = parent
        self.key = key
        self.depth: int = parent.depth + 1 if parent else 0


def splice(text: str, changes: list[tuple[Node, list[Edit]]]) -> str:
    """The text after all edits, given as pairs of a workload's root and its edits.

    Raises Unreadable where the text leaves no safe place: on aliases, shared anchors and the like.
    """
    pieces: list[Piece] = []
    for root, edits in changes:
        for spot, edit_op, content in _targets(root, edits):
            pieces += _pieces(text, spot, edit_op, content)
    pieces.sort(key=lambda piece: (piece[0], -piece[1]))
    out: list[str] = []
    position = 0
    for start, _, end, new in pieces:
        out += (text[position:start], new)
        position = end
    out.append(text[position:])
    result = "".join(out)
    if _restored(result, text, pieces) != text:
        raise AssertionError("the pieces of a splice overlap")
    return result


def _restored(result: str, text: str, pieces: list[Piece]) -> str:
    """The text before the splice, made of the result: what was inserted cut out, what was replaced put back."""
    out: list[str] = []
    at = position = 0
    for start, _, end, new in pieces:
        out += (result[at : at + start - position], text[start:end])
        at += start - position + len(new)
        position = end
    out.append(result[at:])
    return "".join(out)


def _targets(root: Node, edits: list[Edit]) -> list[tuple[Spot, str, Value]]:
    """Each place that changes, once: what several edits add to one mapping is one piece of text."""
    targets: list[tuple[Spot, str, Value]] = []
    added: dict[int, dict[str, Value]] = {}
    for edit in edits:
        spot, missing = _walk(root, edit.path)
        content = edit.content
        for key in reversed(missing):
            content = {str(key): content}
        if edit.op in (REMOVE, REPLACE) or not isinstance(content, dict):
            targets.append((spot, edit.op, content))
        elif spot.node.start in added:
            added[spot.node.start].update(content)
        else:
            added[spot.node.start] = dict(content)
            targets.append((spot, ADD, added[spot.node.start]))
    return targets


def _walk(root: Node, path: Path) -> tuple[Spot, Path]:
    """The deepest place on the path that exists, and the keys below it that do not."""
    spot = Spot(root, None, None)
    for index, step in enumerate(path):
        node = spot.node
        _refuse_shared(node)
        if isinstance(step, int):
            spot = Spot(node.items()[step], spot, None)
            continue
        if node.is_null():
            return spot, path[index:]
        found = node.pair(step)
        if found is None:
            return spot, path[index:]
        spot = Spot(found[1], spot, found[0])
    _refuse_shared(spot.node)
    return spot, ()


def _refuse_shared(node: Node) -> None:
    if node.shared:
        raise Unreadable(
            "alias",
            node.start,
            f"the anchor &{node.anchor} is used elsewhere, so a change here would show there too",
            "write the value out in both places",
        )


def _refuse_shared_below(node: Node) -> None:
    """What goes must not hold an anchor that something which stays refers to."""
    stack = [node]
    while stack:
        node = stack.pop()
        _refuse_shared(node)
        stack += node.children


def _pieces(text: str, spot: Spot, op: str, content: Value) -> list[Piece]:
    node = spot.node
    if op == REPLACE:
        newline = line_end(text, node.start)[1] if _owns_line_end(text, node) else ""
        return [(node.start, spot.depth, node.end, as_json(content) + newline)]
    if op == REMOVE:
        return _removal(text, spot)
    if _is_empty(node):
        return _filled(text, spot, content)
    node.expect(MAPPING if isinstance(content, dict) else SEQUENCE)
    if node.flow:
        return [_flow_insertion(spot, content, first=op == ADD_FIRST)]
    if op == ADD_FIRST:
        start = _before_comments(text, line_start(text, node.start))
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
        return [(node.start, spot.depth, node.end, lead + as_json(content))]
    if colon < 0 or _is_explicit(text, key):
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


def _is_explicit(text: str, key: Node) -> bool:
    return text[line_start(text, key.start) : key.start].rstrip().endswith("?")


def _lines_after(text: str, node: Node, depth: int, content: Value, column: int, step: int) -> Piece:
    """New lines behind the last leaf of a node and what stands on its line."""
    start, newline = line_end(text, node.end)
    leaf = last_leaf(node)
    if _owns_line_end(text, leaf):
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


def _flow_insertion(spot: Spot, content: Value, *, first: bool) -> Piece:
    node = spot.node
    inner = as_json(content)[1:-1]
    if first:
        return (node.start + 1, spot.depth + 1, node.start + 1, inner + ", ")
    end = _children(node)[-1].end
    return (end, spot.depth + 1, end, ", " + inner)


def _removal(text: str, spot: Spot) -> list[Piece]:
    """A list item goes, and the key when nothing is left in its list."""
    sequence = spot.parent
    assert sequence is not None
    node = sequence.node
    items = node.items()
    index = items.index(spot.node)
    _refuse_shared_below(spot.node)
    if len(items) == 1:
        if sequence.key is not None:
            _refuse_shared(sequence.key)
        return [_key_removal(text, sequence)]
    if node.flow:
        return [_cut_from_row(text, [(item.start, item.end) for item in items], index, spot.depth)]
    start = line_start(text, spot.node.start)
    while text[start : start + node.column + 1].strip(" ") != "-":  # a tag may stand on lines between dash and item
        if start <= node.start:
            hint = "begin the list on a line of its own"
            raise Unreadable("unsupported-yaml", node.start, "a list begins in the middle of a line here", hint)
        start = line_start(text, start - 1)
    return [(start, spot.depth, _end_of_lines(text, spot.node), "")]


def _key_removal(text: str, spot: Spot) -> Piece:
    """The key and its whole value go."""
    key, parent = spot.key, spot.parent
    if key is None or parent is None:
        raise Unreadable("unsupported-yaml", spot.node.start, "a list within a list stands here")
    pairs = parent.node.pairs()
    index = next(number for number, (name, _) in enumerate(pairs) if name is key)
    if parent.node.flow:
        return _cut_from_row(text, [(name.start, value.end) for name, value in pairs], index, spot.depth)
    start = line_start(text, key.start)
    if not text[start : key.start].strip():
        return (start, spot.depth, _end_of_lines(text, spot.node), "")
    # The key follows a dash or a colon: the next key moves up to it.
    if _is_explicit(text, key) or len(pairs) == 1 or text[spot.node.end : pairs[1][0].start].strip():
        hint = "write the key on a line of its own"
        raise Unreadable("unsupported-yaml", key.start, "a key that has to go shares its line here", hint)
    return (key.start, spot.depth, pairs[1][0].start, "")


def _end_of_lines(text: str, node: Node) -> int:
    leaf = last_leaf(node)
    return leaf.end if _owns_line_end(text, leaf) else line_end(text, node.end)[0]


def _owns_line_end(text: str, leaf: Node) -> bool:
    """A block scalar's last line break is its own; other values end before it."""
    return leaf.is_block_scalar() and text[leaf.end - 1] in BREAKS


def _cut_from_row(text: str, spans: list[tuple[int, int]], index: int, depth: int) -> Piece:
    """One item of a flow collection goes, with the comma that it no longer needs."""
    start, end = spans[index]
    if index + 1 < len(spans):
        end = spans[index + 1][0]
    elif index:
        start = spans[index - 1][1]
    else:  # alone, perhaps with a comma behind it, perhaps with comments between the two
        comma = end
        while text[comma] in " \t\r\n#":
            comma = line_end(text, comma)[0] if text[comma] == "#" else comma + 1
        end = comma + 1 if text[comma] == "," else end
    return (start, depth, end, "")


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
            for _, value in around.node.pairs():
                if value.kind == SEQUENCE and not value.flow:
                    return max(0, value.column - around.node.column)
        around = around.parent
    return 0
