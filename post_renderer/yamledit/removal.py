"""The piece that takes a list item away, and its list's key when nothing is left in it."""

from __future__ import annotations

from post_renderer.problems import Unreadable
from post_renderer.yamledit.emit import line_end, line_start
from post_renderer.yamledit.spots import is_explicit, owns_line_end, refuse_shared, refuse_shared_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamledit.spots import Piece, Spot
    from post_renderer.yamltree import Node


def plan_removal(text: str, spot: Spot) -> list[Piece]:
    """A list item goes, and the key when nothing is left in its list."""
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
    index = next(number for number, (name, _) in enumerate(pairs) if name.start == key.start)
    if parent.node.flow:
        return _cut_from_row(text, [(name.start, value.end) for name, value in pairs], index, spot.depth)
    start = line_start(text, key.start)
    if not text[start : key.start].strip():
        return (start, spot.depth, _end_of_lines(text, spot.node), "")
    # The key follows a dash or a colon: the next key moves up to it.
    if is_explicit(text, key) or len(pairs) == 1 or text[spot.node.end : pairs[1][0].start].strip():
        hint = "write the key on a line of its own"
        raise Unreadable("unsupported-yaml", key.start, "a key that has to go shares its line here", hint)
    return (key.start, spot.depth, pairs[1][0].start, "")


def _end_of_lines(text: str, node: Node) -> int:
    leaf = node.last_leaf()
    return leaf.end if owns_line_end(text, leaf) else line_end(text, node.end)[0]


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
