"""Defines edits: changes of a Kubernetes object as paths and values, without text and offsets.

A path is a tuple of keys and list indices. It begins at the root of the object.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from post_renderer.yamltree.node import Path, Value


ADD: Final = "add"
ADD_FIRST: Final = "add first"
REMOVE: Final = "remove"
REPLACE: Final = "replace"


class Edit:
    """One change of the value at ``path``. ``op`` is ADD, ADD_FIRST, REMOVE or REPLACE.

    ADD: if ``content`` is a dict, add its keys to the mapping at ``path``, which has none of these keys. If ``content``
    is a list, append its items to the list at ``path``. Mappings and lists that are missing on the path are created.
    ADD_FIRST: insert the items of the list ``content`` at the start of the list at ``path``; create it if missing.
    REMOVE: remove the list item at ``path``. If the list is then empty, also remove the key of the list.
    REPLACE: replace the scalar at ``path`` by the string ``content``.
    """

    __slots__ = ("content", "op", "path")

    def __init__(self, op: str, path: Path, content: Value = None) -> None:
        self.op = op
        self.path = path
        self.content = content


def apply_edits(values: Value, edits: list[Edit]) -> Value:
    """Apply edits to ``values``, the values of the object, in place. Return ``values``."""
    for edit in edits:
        _apply(values, edit)
    return values


def _apply(root: Any, edit: Edit) -> None:
    parent = root
    owner = None  # the mapping around `parent`; REMOVE removes the key of an empty list from it
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
    """Return a deep copy, with booleans as the strings true and false, as the parser returns them."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
