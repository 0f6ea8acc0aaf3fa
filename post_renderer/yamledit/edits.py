"""Changes of a workload in the terms of Kubernetes: no text, no offsets.

A path leads from the workload's root: keys and list indices.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.yamltree.node import Path, Value


ADD, ADD_FIRST, REMOVE, REPLACE = "add", "add first", "remove", "replace"


class Edit:
    """One change.

    ADD: ``content`` is a dict whose keys the mapping at ``path`` does not have, or a list whose items come last in the
    list at ``path`` (ADD_FIRST: first); what is missing on the way is made. REMOVE: the list item at ``path`` goes, and
    its list's key with it when the list is then empty. REPLACE: the scalar at ``path`` becomes ``content``, a string.
    """

    __slots__ = ("content", "op", "path")

    def __init__(self, op: str, path: Path, content: Value = None) -> None:
        self.op = op
        self.path = path
        self.content = content


def apply_edits(values: Value, edits: list[Edit]) -> Value:
    """The values of a workload, which change in place, after its edits."""
    for edit in edits:
        _apply(values, edit)
    return values


def _apply(root: Any, edit: Edit) -> None:
    parent = root
    owner = None  # what holds `parent`, for the key that goes with an emptied list
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
    """A deep copy in which booleans have the text that they will have in YAML."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
