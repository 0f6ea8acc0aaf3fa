"""Checks that edited lines have exactly the values that the edits mean, so that no edit of text can lose a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, Node
from post_renderer.yamltree.node import is_string
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    # A node of the old file or of new text, or a mapping of names to such values.
    Meant = Node | Mapping[str, "Meant"]
    Loaded = dict[str, "Loaded"] | list["Loaded"] | str | None

TEXT, OTHER = '"', "="  # the first character of a loaded string, and of a number, a boolean or a merge key


class TreeChange(NamedTuple):
    """What an edit does to the nodes of a page.

    ``removed``: keys of the removed pairs. ``renamed``: keys with the nodes of their new names.
    ``replaced``: nodes with their new values. ``added``: mappings with their new pairs.
    """

    removed: tuple[Node, ...] = ()
    renamed: tuple[tuple[Node, Node], ...] = ()
    replaced: tuple[tuple[Node, Meant], ...] = ()
    added: tuple[tuple[Node, Mapping[str, Meant]], ...] = ()


NO_CHANGE = TreeChange()


def load_values(root: Node, changes: Iterable[TreeChange] = ()) -> Loaded:
    """Return the values that a document has after the changes. The style of a string does not matter."""
    return _Reader(changes).read(root)


class _Reader:
    def __init__(self, changes: Iterable[TreeChange]) -> None:
        self._removed: set[Node] = set()
        self._renamed: dict[Node, Node] = {}
        self._replaced: dict[Node, Meant] = {}
        self._added: dict[Node, list[Mapping[str, Meant]]] = {}
        self._targets: dict[Node, str] = {}
        for change in changes:
            self._removed.update(change.removed)
            self._renamed.update(change.renamed)
            self._replaced.update(change.replaced)
            for node, pairs in change.added:
                self._added.setdefault(node, []).append(pairs)

    def read(self, node: Node) -> Loaded:
        if node in self._replaced:
            return self._fill(self._replaced[node], node)
        return self._read(node)

    def _read(self, node: Node) -> Loaded:
        loaded: Loaded
        if node.kind == SCALAR:
            loaded = _load_scalar(node)
        elif node.kind == ALIAS:
            return f"*{node.anchor} {self._read_target(node.target)}"
        elif node.kind == MAPPING:
            loaded = {}
            for key, value in node.pairs():
                if key not in self._removed:
                    loaded[self._read_key(self._renamed.get(key, key))] = self.read(value)
            for pairs in self._added.get(node, ()):
                loaded |= {TEXT + name: self._fill(value, node) for name, value in pairs.items()}
        else:
            loaded = [self.read(item) for item in node.items()]
        return {f"&{node.anchor}": loaded} if node.anchor else loaded

    def _read_key(self, key: Node) -> str:
        if key.kind == SCALAR and not key.anchor:
            return OTHER + key.text if key.text == "<<" and not key.style else _load_scalar(key) or ""
        return repr(self.read(key))

    def _read_target(self, target: Node) -> str:
        """Return a text that is different for anchors of one name with other values."""
        if target not in self._targets:
            self._targets[target] = ""  # an anchor may contain itself
            self._targets[target] = str(hash(repr(self.read(target))))
        return self._targets[target]

    def _fill(self, meant: Meant, replaced: Node) -> Loaded:
        if isinstance(meant, Node):
            return self._read(meant) if meant is replaced else self.read(meant)
        return {TEXT + name: self._fill(value, replaced) for name, value in meant.items()}


def _load_scalar(node: Node) -> str | None:
    if node.is_null():
        return None
    if node.style == "!":
        return f"!{node.text}"
    return (TEXT if node.style or is_string(PlainScalar(node.text)) else OTHER) + node.text


def find_difference(root: Node, found: Loaded, expected: Loaded) -> tuple[Node, list[str]]:
    """Return the innermost node below ``root`` with another value than expected, and the keys on its path."""
    path: list[str] = []
    node = root
    while isinstance(found, dict) and isinstance(expected, dict) and node.kind == MAPPING and not node.anchor:
        name = next((name for name in found if name not in expected or found[name] != expected[name]), "")
        inner = next((value for key, value in node.pairs() if name and key.text == name[1:]), None)
        if inner is None:
            break
        node, found, expected = inner, found[name], expected.get(name)
        path.append(name[1:])
    return node, path
