"""Applies edits to the text of a YAML document, and changes no other character.

Input: the text, and for each workload its root node and its `Edit` objects. `find_spot` finds the node of an edit, and
`find_pieces` makes patches ``(start, depth, end, text)``: ``text`` replaces the characters from ``start`` to ``end``.
Output: the new text. Patches are joined in one pass, ordered by start. At one start, deeper ones come first, so that
new last items of a list come before the key that follows the list. This stage knows YAML and nothing of Kubernetes.
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
    """Return the text after all edits. ``changes``: pairs of a workload's root node and its edits.

    ``text`` is the text that the nodes were parsed from. Raises YamlError, with a character offset, if there is no safe
    place for an edit: ``alias``, ``duplicate-key``, ``no-final-newline``, ``unsupported-yaml``, ``wrong-type``. An
    AssertionError is a bug of polyaxon-persistence: edits that overlap, or that do not fit the document.
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
    """Return the text before the splice, made from the result: cut out the new pieces, put back the old ones."""
    out: list[str] = []
    at = position = 0
    for start, _, end, new in pieces:
        out += (result[at : at + start - position], text[start:end])
        at += start - position + len(new)
        position = end
    out.append(result[at:])
    return "".join(out)


def _locate(root: Node, edits: list[Edit]) -> list[tuple[EditTarget, str, Value]]:
    """Return each node that changes, with its operation and content. Several additions to one mapping become one."""
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
    """Add the content of another edit of the same mapping; a key may be in both if its values are mappings."""
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
