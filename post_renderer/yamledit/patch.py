"""Makes the text patches of one edit: new lines in block style, new JSON in flow style, or a removal."""

from __future__ import annotations

from post_renderer.problems import YamlError
from post_renderer.yamledit.edits import ADD_FIRST, REMOVE, REPLACE
from post_renderer.yamledit.emit import BREAKS, block_yaml, flow_yaml, line_end, line_start
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamltree.node import Path, Value

    TextPatch = tuple[int, int, int, str]  # start, depth of the node, end, new text; offsets count characters


def find_pieces(text: str, spot: EditTarget, op: str, content: Value) -> list[TextPatch]:
    """Return the patches of one edit. Raises YamlError if the text has no safe place for the edit."""
    node = spot.node
    if op == REPLACE:
        newline = line_end(text, node.start)[1] if owns_line_end(text, node) else ""
        return [(node.start, spot.depth, node.end, flow_yaml(content) + newline)]
    if op == REMOVE:
        return plan_removal(text, spot)
    if _is_empty(node):
        return _replace_empty(text, spot, content)
    node.expect(MAPPING if isinstance(content, dict) else SEQUENCE)
    if node.flow:
        return [_flow_insertion(text, spot, content, first=op == ADD_FIRST)]
    if op == ADD_FIRST:
        start = line_start(text, node.start)
        if text[start : node.start].strip():
            hint = "begin the list on a line of its own"
            raise YamlError("unsupported-yaml", node.start, "a list begins in the middle of this line", hint)
        start = _before_comments(text, start)
        _, newline = line_end(text, start)
        return [(start, spot.depth + 1, start, block_yaml(content, node.column, _dash_step(spot), newline))]
    return [_lines_after(text, node, spot.depth + 1, content, node.column, _dash_step(spot))]


def _is_empty(node: Node) -> bool:
    """Return whether a node is null or an empty flow collection. A block collection is never empty."""
    return node.is_null() or (node.flow and not _children(node))


def _children(node: Node) -> list[Node]:
    return node.items() if node.kind == SEQUENCE else [half for pair in node.pairs() for half in pair]


def _replace_empty(text: str, spot: EditTarget, content: Value) -> list[TextPatch]:
    """Return the patches that replace an empty value by ``content``. A comment after the value stays."""
    node, key = spot.node, spot.key
    if node.kind != SCALAR and text[node.start + 1 : node.end - 1].strip():  # there is a comment between the brackets
        return [(node.start + 1, spot.depth + 1, node.start + 1, flow_yaml(content)[1:-1] + " ")]
    if key is None or spot.parent is None:
        return [(node.start, spot.depth, node.end, flow_yaml(content))]
    colon = text.find(":", key.end, max(node.start, key.end) + 1)
    if spot.parent.node.flow:
        lead = "" if node.end > node.start else (" " if colon >= 0 else ": ")
        # New keys of the mapping are inserted at the offset of a missing value. The greater depth puts the value first.
        return [(node.start, spot.depth + 1, node.end, lead + flow_yaml(content))]
    if colon < 0 or is_explicit(text, key):
        raise YamlError("unsupported-yaml", key.start, 'this key is written with "?"', 'write the key as "key: value"')
    start = node.start
    if not text[colon + 1 : start].strip():
        start = colon + 1
    parent = spot.parent.node
    column = parent.column + (_dash_step(spot) if isinstance(content, list) else 2)
    pieces: list[TextPatch] = [(start, spot.depth, node.end, "")] if node.end > start else []
    return [*pieces, _lines_after(text, node, spot.depth + 1, content, column, _dash_step(spot))]


def _lines_after(text: str, node: Node, depth: int, content: Value, column: int, step: int) -> TextPatch:
    """Return the patch that adds lines after the last line of a node."""
    leaf = node.last_leaf()
    start, newline = line_end(text, leaf.end)
    if owns_line_end(text, leaf):
        start, newline = leaf.end, line_end(text, leaf.start)[1]
    elif start == len(text) and text[-1] not in BREAKS:
        if leaf.is_block_scalar() and "-" not in text[leaf.start : line_end(text, leaf.start)[0]].partition("#")[0]:
            raise YamlError(
                "no-final-newline",
                leaf.start,
                "a block scalar ends here without a newline, but the post-renderer must add lines after it",
                "add a newline at the end of the text",
            )
        lines = block_yaml(content, column, step, newline)
        return (start, depth, start, newline + lines.removesuffix(newline))
    return (start, depth, start, block_yaml(content, column, step, newline))


def _flow_insertion(text: str, spot: EditTarget, content: Value, *, first: bool) -> TextPatch:
    node = spot.node
    if text[node.start] not in "{[":
        raise YamlError(
            "unsupported-yaml",
            node.start,
            "this key is in a list without braces",
            "write { } around the key and its value",
        )
    inner = flow_yaml(content)[1:-1]
    if first:
        return (node.start + 1, spot.depth + 1, node.start + 1, inner + ", ")
    end = _children(node)[-1].end
    return (end, spot.depth + 1, end, ", " + inner)


def _before_comments(text: str, start: int) -> int:
    """Return the start of the comment lines directly above the line at ``start``: comments stay above their item."""
    while start > 0:
        above = line_start(text, start - 1)
        if not text[above:start].lstrip(" ").startswith("#"):
            return start
        start = above
    return start


def _dash_step(spot: EditTarget) -> int:
    """Return the columns from a key to the dashes of its list, as in a list beside it, else in a list around it."""
    around: EditTarget | None = spot
    while around is not None:
        if around.node.kind == MAPPING and not around.node.flow:
            column = around.node.dash_column()
            if column is not None:
                return max(0, column - around.node.column)
        around = around.parent
    return 0


class EditTarget:
    """A node that an edit changes.

    ``parent``: the EditTarget of the collection around the node; None for the root.
    ``key``: the node of the key if the collection is a mapping; else None.
    ``depth``: the number of collections around the node, up to the root of the object.
    """

    __slots__ = ("depth", "key", "node", "parent")

    def __init__(self, node: Node, parent: EditTarget | None, key: Node | None) -> None:
        self.node = node
        self.parent = parent
        self.key = key
        self.depth: int = parent.depth + 1 if parent else 0


def find_spot(root: Node, path: Path, known: dict[Path, EditTarget]) -> tuple[EditTarget, Path]:
    """Return the deepest node on a path that exists, and the rest of the path, which does not exist yet.

    ``known``: dict of path -> target, for the targets that earlier calls found in the same object. Raises YamlError for
    aliases, anchors that an alias refers to, repeated keys and wrong types on the path.
    """
    first = len(path)
    while first and path[:first] not in known:
        first -= 1
    spot = known[path[:first]] if first else EditTarget(root, None, None)
    for index in range(first, len(path)):
        node = spot.node
        step = path[index]
        if node.shared:
            refuse_shared(node)
        if isinstance(step, int):
            spot = EditTarget(node.items()[step], spot, None)
        elif node.is_null() or (found := node.pair(step)) is None:
            return spot, path[index:]
        else:
            spot = EditTarget(found[1], spot, found[0])
        known[path[: index + 1]] = spot
    refuse_shared(spot.node)
    return spot, ()


def refuse_shared(node: Node) -> None:
    if node.shared:
        raise YamlError(
            "alias",
            node.start,
            f"this value must change, but other places use it by its anchor &{node.anchor}",
            "write the value in each place, without an anchor",
        )


def refuse_shared_below(node: Node) -> None:
    """Raise YamlError if an alias refers to a node or to a node inside it, so the node can't be removed."""
    stack = [node]
    while stack:
        node = stack.pop()
        refuse_shared(node)
        stack += node.children


def owns_line_end(text: str, leaf: Node) -> bool:
    """Return whether a leaf includes its last line end. Only a block scalar can include a line end."""
    return leaf.is_block_scalar() and text[leaf.end - 1] in BREAKS


def is_explicit(text: str, key: Node) -> bool:
    """Return whether a key is written as ``? key``."""
    return text[line_start(text, key.start) : key.start].rstrip().endswith("?")


def plan_removal(text: str, spot: EditTarget) -> list[TextPatch]:
    """Return the patches that remove a list item. If the list is then empty, its key is removed, too."""
    sequence = spot.parent
    assert sequence is not None
    node = sequence.node
    items = node.items()
    index = items.index(spot.node)
    refuse_shared_below(spot.node)
    if len(items) == 1:
        if sequence.key is not None:
            refuse_shared(sequence.key)
        return [_key_removal(text, sequence)]
    if node.flow:
        return [_cut_from_row(text, [(item.start, item.end) for item in items], index, spot.depth)]
    start = line_start(text, spot.node.start)
    while (
        text[start : start + node.column + 1].strip(" ") != "-"
    ):  # a tag may be on a line between the dash and the item
        if start <= node.start:
            hint = "begin the list on a line of its own"
            raise YamlError("unsupported-yaml", node.start, "a list begins in the middle of this line", hint)
        start = line_start(text, start - 1)
    return [(start, spot.depth, _end_of_lines(text, spot.node), "")]


def _key_removal(text: str, spot: EditTarget) -> TextPatch:
    """Return the patch that removes a key and its value."""
    key, parent = spot.key, spot.parent
    if key is None or parent is None:
        raise YamlError("unsupported-yaml", spot.node.start, "this list is directly inside another list")
    pairs = parent.node.pairs()
    index = next(number for number, (name, _) in enumerate(pairs) if name.start == key.start)
    if parent.node.flow:
        return _cut_from_row(text, [(name.start, value.end) for name, value in pairs], index, spot.depth)
    start = line_start(text, key.start)
    if not text[start : key.start].strip():
        return (start, spot.depth, _end_of_lines(text, spot.node), "")
    # The key is on the line of a dash or of a colon, so the next key moves to this place.
    if is_explicit(text, key) or len(pairs) == 1 or text[spot.node.end : pairs[1][0].start].strip():
        hint = "write the key on a line of its own"
        raise YamlError("unsupported-yaml", key.start, "the key that must be removed is not on a line of its own", hint)
    return (key.start, spot.depth, pairs[1][0].start, "")


def _end_of_lines(text: str, node: Node) -> int:
    leaf = node.last_leaf()
    return leaf.end if owns_line_end(text, leaf) else line_end(text, node.end)[0]


def _cut_from_row(text: str, spans: list[tuple[int, int]], index: int, depth: int) -> TextPatch:
    """Return the patch that removes one item of a flow collection, and one comma beside the item."""
    start, end = spans[index]
    if index + 1 < len(spans):
        end = spans[index + 1][0]
    elif index:
        start = spans[index - 1][1]
    else:  # the only item; a comma may follow, and comments before the comma
        comma = end
        while text[comma] in " \t\r\n#":
            comma = line_end(text, comma)[0] if text[comma] == "#" else comma + 1
        end = comma + 1 if text[comma] == "," else end
    return (start, depth, end, "")
