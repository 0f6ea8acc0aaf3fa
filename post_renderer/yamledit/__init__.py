"""Applies edits to the text of a YAML document, and changes no other character.

Input: the text of the document, and pairs of the root node of an object and its `Edit` objects. Output: the new text.
`find_spot` finds the node that an edit changes. `find_pieces` makes the patches of the edit. A patch is a tuple
``(start, depth, end, text)``: ``text`` replaces the characters from ``start`` to ``end``. All patches are applied in
the order of ``start``. For an equal ``start``, the patch of the deeper node is first, so that new items at the end of a
list are before the key that follows the list. This package uses rules of YAML, but no rules of Kubernetes.
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
    """Return the text after all edits.

    ``text``: the text from which the nodes were parsed.
    ``changes``: pairs of the root node of an object and its edits.

    Raises YamlError if an edit has no safe place in the text: ``alias``, ``duplicate-key``, ``no-final-newline``,
    ``unsupported-yaml`` or ``wrong-type``. Its offset counts characters. Edits that overlap or that do not fit the
    document are a bug of polyaxon-persistence, and raise AssertionError.
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
    """Undo the patches in ``result``: return it with the old text instead of the new text of each patch."""
    out: list[str] = []
    at = position = 0
    for start, _, end, new in pieces:
        out += (result[at : at + start - position], text[start:end])
        at += start - position + len(new)
        position = end
    out.append(result[at:])
    return "".join(out)


def _locate(root: Node, edits: list[Edit]) -> list[tuple[EditTarget, str, Value]]:
    """Return the target, operation and content of each change. Several additions to one mapping become one change."""
    targets: list[tuple[EditTarget, str, Value]] = []
    added: dict[int, dict[str, Value]] = {}
    known: dict[Path, EditTarget] = {}
    for edit in edits:
        spot, missing = find_spot(root, edit.path, known)
        if missing and edit.op in (REMOVE, REPLACE):
            raise AssertionError("an edit removes or replaces something that is not there")
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
    """Merge ``content`` into ``into``, and return ``into``. Both can have a key only if both values are dicts."""
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
