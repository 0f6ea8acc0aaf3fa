"""A document's text as nodes. One door, ``visit``; nobody outside this folder knows which reader stands behind it."""

from __future__ import annotations

from post_renderer.yamltree.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["ALIAS", "MAPPING", "SCALAR", "SEQUENCE", "Node", "get_mapping_value", "scalar_text", "visit"]


def visit(text: str, work: Callable[[Node], T], *, thorough: bool = False) -> T:
    """What ``work`` makes of the root node of the one document in ``text``.

    ``thorough``: take no short cut. Raises Unreadable (``invalid-yaml``, ``input-too-large``) where the text can't be
    read at all, and whatever ``work`` raises.
    """
    return work(_read(text, thorough=thorough))


def _read(text: str, *, thorough: bool) -> Node:
    if not thorough:
        from post_renderer.yamltree import fast_reader
        from post_renderer.yamltree.fast_tokens import NotInSubset

        try:
            return fast_reader.read_fast(text)
        except NotInSubset:
            pass  # not certain to be in its subset: the full reader decides
    from post_renderer.yamltree import libyaml_reader

    return libyaml_reader.read_full(text)
