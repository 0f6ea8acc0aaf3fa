"""Finds the node that contains an offset. A List may have thousands of objects and of problems."""

from __future__ import annotations

from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamltree.node import Node


class NodeIndex:
    """The places of some nodes of one document.

    ``nodes``: in the order of the document. No node is inside another one.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, nodes: list[Node]) -> None:
        self._starts = [node.start for node in nodes]
        self._ends = [node.end for node in nodes]

    def find(self, offset: int | None) -> int | None:
        """Return the start of the node that contains the offset; None if no node contains it."""
        if offset is None:
            return None
        at = bisect_right(self._starts, offset) - 1
        return self._starts[at] if at >= 0 and offset < self._ends[at] else None
