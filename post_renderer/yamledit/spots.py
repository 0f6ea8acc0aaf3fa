"""Places in the tree that a path leads to, and why a place may not be changed."""

from __future__ import annotations

from post_renderer.problems import Unreadable
from post_renderer.yamledit.emit import BREAKS, line_start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamledit.edits import Path
    from post_renderer.yamltree import Node

    Piece = tuple[int, int, int, str]  # start, depth, end, new text


class Spot:
    """A place in the tree: the node, the mapping or sequence around it, its key there, and its depth."""

    __slots__ = ("depth", "key", "node", "parent")

    def __init__(self, node: Node, parent: Spot | None, key: Node | None) -> None:
        self.node = node
        self.parent = parent
        self.key = key
        self.depth: int = parent.depth + 1 if parent else 0


def find_spot(root: Node, path: Path, known: dict[Path, Spot]) -> tuple[Spot, Path]:
    """The deepest place on the path that exists, and the keys below it that do not.

    ``known``: places that were found on the way to others of the same workload, by their paths.
    """
    first = len(path)
    while first and path[:first] not in known:
        first -= 1
    spot = known[path[:first]] if first else Spot(root, None, None)
    for index in range(first, len(path)):
        node = spot.node
        step = path[index]
        if node.shared:
            refuse_shared(node)
        if isinstance(step, int):
            spot = Spot(node.items()[step], spot, None)
        elif node.is_null() or (found := node.pair(step)) is None:
            return spot, path[index:]
        else:
            spot = Spot(found[1], spot, found[0])
        known[path[: index + 1]] = spot
    refuse_shared(spot.node)
    return spot, ()


def refuse_shared(node: Node) -> None:
    if node.shared:
        raise Unreadable(
            "alias",
            node.start,
            f"the anchor &{node.anchor} is used elsewhere, so a change here would show there too",
            "write the value out in both places",
        )


def refuse_shared_below(node: Node) -> None:
    """What goes must not hold an anchor that something which stays refers to."""
    stack = [node]
    while stack:
        node = stack.pop()
        refuse_shared(node)
        stack += node.children


def owns_line_end(text: str, leaf: Node) -> bool:
    """A block scalar's last line break is its own; other values end before it."""
    return leaf.is_block_scalar() and text[leaf.end - 1] in BREAKS


def is_explicit(text: str, key: Node) -> bool:
    """Whether a key is written as ``? key``."""
    return text[line_start(text, key.start) : key.start].rstrip().endswith("?")
