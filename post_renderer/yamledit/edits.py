"""Changes of a Kubernetes object as paths and values, without text and offsets.

A path is a tuple of keys and list indices that leads from the object's root.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.yamltree.node import Path, Value


ADD, ADD_FIRST, REMOVE, REPLACE = "add", "add first", "remove", "replace"


class Edit:
    """One change.

    ADD: put the keys of ``content``, a dict, into the mapping at ``path``, which has none of them; or append the items
    of ``content``, a list, to the list at ``path``. ADD_FIRST: put the items before the others. Both create what is
    missing on the path. REMOVE: remove the list item at ``path``, and the key of its list if the list is then empty.
    REPLACE: replace the scalar at ``path`` by ``content``, a string.
    """

    __slots__ = ("content", "op", "path")

    def __init__(self, op: str, path: Path, content: Value = None) -> None:
        self.op = op
        self.path = path
        self.content = content


def apply_edits(values: Value, edits: list[Edit]) -> Value:
    """Change the values of an object in place by its edits, and return them."""
    for edit in edits:
        _apply(values, edit)
    return values


def _apply(root: Any, edit: Edit) -> None:
    parent = root
    owner = None  # the mapping around `parent`, to remove the key of an empty list
    for step in edit.path[:-1]:
        owner = parent
        if isinstance(parent, dict) and parent.get(step) is None:
            parent[step] = {}
        parent = parent[step]
    last = edit.path[-1]
    if edit.op == REMOVE:
        del parent[last]
        if not parent and owner is not None:
            del owner[edit.path[-2]]
        return
    content = _copied(edit.content)
    old = parent.get(last) if isinstance(parent, dict) else parent[last]
    if edit.op == REPLACE:
        parent[last] = content
    elif isinstance(content, dict):
        parent[last] = {**(old or {}), **content}
    elif edit.op == ADD_FIRST:
        parent[last] = [*content, *(old or [])]
    else:
        parent[last] = [*(old or []), *content]


def _copied(value: Any) -> Any:
    """Return a deep copy in which booleans are their text in YAML."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
