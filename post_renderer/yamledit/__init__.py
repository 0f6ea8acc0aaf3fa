"""Edits to text: finds where each one goes and joins the pieces in one forward pass.

This directory knows the text of YAML and nothing of Kubernetes. A patch is ``(start, depth, end, text)``: ``text``
replaces characters ``start`` to ``end``. Pieces are ordered by start and, at one start, deeper ones first, so that a
list's new last items come before the key that follows the list.
"""

from __future__ import annotations

from post_renderer.yamledit.edits import ADD, REMOVE, REPLACE
from post_renderer.yamledit.patch import find_pieces, find_spot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamledit.edits import Edit
    from post_renderer.yamledit.patch import EditTarget, TextPatch
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Path, Value


def splice(text: str, changes: list[tuple[Node, list[Edit]]]) -> str:
    """The text after all edits, given as pairs of a workload's root and its edits.

    Raises YamlError where the text leaves no safe place: on aliases, shared anchors and the like.
    """
    pieces: list[TextPatch] = []
    for root, edits in changes:
        for spot, edit_op, content in _locate(root, edits):
            pieces += find_pieces(text, spot, edit_op, content)
    pieces.sort(key=lambda piece: (piece[0], -piece[1]))
    out: list[str] = []
    position = 0
    for start, _, end, new in pieces:
        out += (text[position:start], new)
        position = end
    out.append(text[position:])
    result = "".join(out)
    if _undo(result, text, pieces) != text:
        raise AssertionError("the pieces of a splice overlap")
    return result


def _undo(result: str, text: str, pieces: list[TextPatch]) -> str:
    """The text before the splice, made of the result: what was inserted cut out, what was replaced put back."""
    out: list[str] = []
    at = position = 0
    for start, _, end, new in pieces:
        out += (result[at : at + start - position], text[start:end])
        at += start - position + len(new)
        position = end
    out.append(result[at:])
    return "".join(out)


def _locate(root: Node, edits: list[Edit]) -> list[tuple[EditTarget, str, Value]]:
    """Each place that changes, once: what several edits add to one mapping is one piece of text."""
    targets: list[tuple[EditTarget, str, Value]] = []
    added: dict[int, dict[str, Value]] = {}
    known: dict[Path, EditTarget] = {}
    for edit in edits:
        spot, missing = find_spot(root, edit.path, known)
        if missing and edit.op in (REMOVE, REPLACE):
            raise AssertionError("an edit takes or replaces what is not there")
        content = edit.content
        for key in reversed(missing):
            content = {str(key): content}
        if edit.op in (REMOVE, REPLACE) or not isinstance(content, dict):
            targets.append((spot, edit.op, content))
        elif spot.node.start in added:
            _merge(added[spot.node.start], content)
        else:
            added[spot.node.start] = _merge({}, content)
            targets.append((spot, ADD, added[spot.node.start]))
    return targets


def _merge(into: dict[str, Value], content: dict[str, Value]) -> dict[str, Value]:
    """Add what another edit puts below the same missing key; both may have keys in common where these hold mappings."""
    for key, value in content.items():
        if isinstance(value, dict):
            inner = into.setdefault(key, {})
            if isinstance(inner, dict):
                _merge(inner, value)
                continue
        if key in into:
            raise AssertionError("two edits write to one place")
        into[key] = value
    return into
