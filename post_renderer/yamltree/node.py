"""Defines the nodes of a YAML document, with their positions, and reads their values as Helm and kubectl do."""

from __future__ import annotations

from post_renderer.problems import YamlError, quoted
from post_renderer.yamltree.plain_scalar import PlainScalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    Value = dict[str, "Value"] | list["Value"] | str | bool | None

    Path = tuple[str | int, ...]

MAPPING: Final = "mapping"
SEQUENCE: Final = "sequence"
SCALAR: Final = "scalar"
ALIAS: Final = "alias"
# Nodes to which the aliases of one document may expand: reading them takes about a second.
ALIAS_BUDGET: Final = 1_000_000
DEEPEST_ALIAS: Final = 100  # levels below the node to which an alias refers
# In messages.
NAMES: Final = {MAPPING: "a mapping", SEQUENCE: "a list", SCALAR: "a single value", ALIAS: "an alias"}
NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))


# Helm and kubectl read these words as booleans if they are not quoted (YAML 1.1).
TRUE_WORDS: Final = frozenset("true True TRUE yes Yes YES on On ON y Y".split())
FALSE_WORDS: Final = frozenset("false False FALSE no No NO off Off OFF n N".split())


class Node:
    """One value of a document. Offsets count characters of the document's text.

    ``kind``: MAPPING, SEQUENCE, SCALAR or ALIAS.
    ``start``: the offset of the first character. The tag and the anchor of a scalar are part of the scalar; those of a
    collection are before ``start``.
    ``end``: the offset after the last leaf, before a comment. A leaf is a scalar, an alias or a flow collection.
    ``column``: the column of ``start``, from 0.
    ``flow``: True for a collection in flow style.
    ``style``: for a scalar that is not plain, its first character (``'``, ``"``, ``|`` or ``>``). ``!`` for a plain
    scalar with a tag. Else empty.
    ``anchor``: the name of the anchor, or of the anchor to which an alias refers; or empty.
    ``shared``: True if an alias refers to the node, so that a change of the node would change other places, too.
    ``text``: the text of a scalar.
    ``plain``: True for a block mapping or list from the fast reader. It contains no anchors, aliases, tags and merge
    keys, and has no repeated keys.
    """

    plain = False

    __slots__ = (
        "_children", "_end", "_found", "anchor", "budget", "column", "flow", "kind", "shared", "start", "style",
        "target", "text"
    )  # fmt: skip

    # Only an alias has these fields: the node to which it refers, and the number of nodes to which the aliases of the
    # document may still expand.
    target: Node
    budget: list[int]

    def __init__(self, kind: str, start: int, end: int, column: int, *, flow: bool = False) -> None:
        self.kind = kind
        self.start = start
        self._end = end
        self.column = column
        self.flow = flow
        self.style = ""
        self.anchor = ""
        self.shared = False
        self.text = ""
        self._children: list[Node] = []  # the items of a list; for a mapping: key, value, key, value …
        self._found: dict[str, list[int]] | None = None  # key -> its indices in children

    # Properties, because the fast reader finds both only when other code reads them.
    @property
    def end(self) -> int:
        return self._end

    @end.setter
    def end(self, end: int) -> None:
        self._end = end

    @property
    def children(self) -> list[Node]:
        return self._children

    def pairs(self) -> list[tuple[Node, Node]]:
        """Return the keys and values of a mapping. Raises YamlError for any other node."""
        self.expect(MAPPING)
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    def names(self) -> list[str]:
        """Return the texts of a mapping's keys, as `pair` finds them. Raises YamlError for any other node."""
        keys = [key.target if key.kind is ALIAS else key for key, _ in self.pairs()]
        return [key.text for key in keys if key.kind == SCALAR]

    def read(self) -> Any:
        """Return the values of a ``plain`` node, as ``read_values`` does."""
        raise NotImplementedError

    def items(self) -> list[Node]:
        """Return the items of a sequence. Raises YamlError for any other node."""
        self.expect(SEQUENCE)
        return self.children

    def value(self) -> str | None:
        """Return the text of a scalar; None for a plain null. Raises YamlError for any other node."""
        if self.kind is not SCALAR:
            self.expect(SCALAR)
        return None if not self.style and self.text in NULLS else self.text

    def pair(self, key: str) -> tuple[Node, Node] | None:
        """Return the node of the key ``key`` and the node of its value; None if the mapping does not have the key.

        Raises YamlError if the key is repeated, because YAML readers choose different values, if the key is an alias,
        or if a merge key ("<<") may add the key.
        """
        self.expect(MAPPING)
        if self._found is None:
            self._found = _find_keys(self.children)
        places = self._found.get(key, ())
        if len(places) > 1:
            start = self.children[places[1]].start
            raise YamlError("duplicate-key", start, f"the key {quoted(key)} is repeated", "remove one of the two keys")
        if places:
            if self.children[places[0]].kind is ALIAS:
                start, hint = self.children[places[0]].start, "write the key instead of the alias"
                raise YamlError("alias", start, f"the key {quoted(key)} is an alias", hint)
            return self.children[places[0]], self.children[places[0] + 1]
        for place in self._found.get("<<", ()):
            if not self.children[place].style:
                start, hint = self.children[place].start, "write the merged keys instead of the merge key"
                raise YamlError("alias", start, f'a merge key ("<<") may contain {quoted(key)}', hint)
        return None

    def get(self, key: str) -> Node | None:
        """Return the node of the value of ``key``; None if the key is missing. Raises YamlError like `pair`."""
        found = self.pair(key)
        return found[1] if found else None

    def is_null(self) -> bool:
        return self.kind == SCALAR and self.value() is None

    def is_block_scalar(self) -> bool:
        return self.kind == SCALAR and self.style in ("|", ">")

    def last_leaf(self) -> Node:
        """Return the last leaf in the node. For a scalar, an alias or a flow collection, this is the node itself."""
        node = self
        while node.kind in (MAPPING, SEQUENCE) and not node.flow and node.children:
            node = node.children[-1]
        return node

    def dash_column(self) -> int | None:
        """Return the column of the first block list among the values of a mapping; None if there is none."""
        values = self.children[1::2]
        return next((value.column for value in values if value.kind == SEQUENCE and not value.flow), None)

    def expect(self, kind: str) -> None:
        """Raise YamlError (``alias`` or ``wrong-type``) if the node is not of this kind."""
        if self.kind == kind:
            return
        wanted = NAMES[kind]
        if self.kind == ALIAS:
            message = f"this value is the alias *{self.anchor}, but it must be {wanted}"
            raise YamlError("alias", self.start, message, f"write {wanted} instead of the alias")
        raise YamlError(
            "wrong-type", self.start, f"this value is {NAMES[self.kind]}, but it must be {wanted}", f"write {wanted}"
        )


def _find_keys(children: list[Node]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index in range(0, len(children), 2):
        key = children[index]
        if key.kind is ALIAS:
            key = key.target
        if key.kind == SCALAR:
            found.setdefault(key.text, []).append(index)
    return found


def follow_alias(node: Node) -> Node:
    """Return the node to which an alias refers, or the node itself. Only for reading: an edit must refuse aliases."""
    return node.target if node.kind is ALIAS else node


def scalar_text(node: Node | None) -> str | None:
    """Return the text of a scalar, or of the scalar to which an alias refers; None if it is missing or null."""
    if node is None:
        return None
    return node.target.value() if node.kind is ALIAS else node.value()


def get_mapping_value(node: Node | None, *keys: str) -> Node | None:
    """Return the node at a path of keys. Follow aliases. Return None if the node or a mapping on the path is missing.

    Null counts as missing. Raises YamlError if a node on the path is not a mapping.
    """
    for key in keys:
        if node is None or (node.kind is SCALAR and node.is_null()):
            return None
        node = (node.target if node.kind is ALIAS else node).get(key)
    if node is not None and node.kind is ALIAS:
        node = node.target
    return None if node is None or (node.kind is SCALAR and node.is_null()) else node


def read_through(node: Node) -> Value:
    """Return the values like `read_values`, but follow aliases. Not for values that are changed or hashed.

    Raises YamlError (``alias``) if an alias contains itself, or if the document's aliases expand to too many nodes.
    """
    if node.kind is ALIAS:
        _spend(node, node.budget)
        node = node.target
    elif node.plain or node.kind is SCALAR:
        return read_values(node)
    if node.kind is SEQUENCE:
        return [read_through(item) for item in node.children]
    if node.kind is MAPPING:
        values = read_values(_without_values(node))
        assert isinstance(values, dict)
        return dict(zip(values, map(read_through, node.children[1::2]), strict=True))
    return read_values(node)


def _without_values(node: Node) -> Node:
    """Return a mapping with the same keys, and null as the value of each key."""
    keys = Node(MAPPING, node.start, node.end, node.column)
    for key in node.children[::2]:
        keys.children.extend((key, Node(SCALAR, key.end, key.end, 0)))
    return keys


def _spend(alias: Node, budget: list[int]) -> None:
    """Subtract the number of nodes in the expanded alias from ``budget``. Raises YamlError if it is used up."""
    left, todo = budget[0], [(alias.target, 0)]
    while todo and left > 0:
        node, depth = todo.pop()
        left -= 1
        node = follow_alias(node)
        if depth > DEEPEST_ALIAS:
            left = 0
        todo += [(child, depth + 1) for child in node.children]
    budget[0] = left
    if left <= 0:
        message = f"the alias *{alias.anchor} contains itself, or the aliases of the document are too large"
        raise YamlError("alias", alias.start, message, "write the value instead of the alias")


def read_values(node: Node) -> Value:
    """Return the values of a node as dicts with keys in order, lists, and scalars: str, PlainScalar or None.

    Raises YamlError for aliases, merge keys, repeated keys and keys that are not scalars, because YAML readers differ
    about them.
    """
    if node.plain:
        plain: Value = node.read()
        return plain
    if node.kind == SCALAR:
        text = node.value()
        return text if text is None or node.style else PlainScalar(text)
    if node.kind == MAPPING:
        values: dict[str, Value] = {}
        for key, value in node.pairs():
            name = _key_text(key)
            if name == "<<" and not key.style:
                raise YamlError(
                    "alias",
                    key.start,
                    'a merge key ("<<") is not allowed here',
                    "write the merged keys instead of the merge key",
                )
            if name in values:
                raise YamlError(
                    "duplicate-key", key.start, f"the key {quoted(name)} is repeated", "remove one of the two keys"
                )
            values[name] = read_values(value)
        return values
    if node.kind == ALIAS:
        raise YamlError(
            "alias", node.start, f"the alias *{node.anchor} is not allowed here", "write the value instead of the alias"
        )
    return [read_values(item) for item in node.items()]


def read_raw(node: Node) -> Value:
    """Return the values of a node, also with aliases and repeated keys, to compare a document before and after edits.

    An alias is the text ``*name``. A repeated key gets a number, which counts only equal keys: an edit may remove other
    keys before the key.
    """
    if node.kind == ALIAS:
        return PlainScalar("*" + node.anchor)
    if node.kind == MAPPING:
        values: dict[str, Value] = {}
        counts: dict[str, int] = {}
        for key, value in node.pairs():
            name = _key_text(key) if key.kind == SCALAR else "\0"
            count = counts[name] = counts.get(name, 0) + 1
            values[name if count == 1 else f"{name}\0{count}"] = read_raw(value)
        return values
    if node.kind == SCALAR:
        text = node.value()
        return text if text is None or node.style else PlainScalar(text)
    return [read_raw(item) for item in node.items()]


def read_bool(value: Value) -> bool | None:
    """Return a boolean as Helm and kubectl read it; None if the value is not a boolean. A quoted "true" is a string."""
    if isinstance(value, bool):
        return value
    if isinstance(value, PlainScalar):
        if value in TRUE_WORDS:
            return True
        if value in FALSE_WORDS:
            return False
    return None


def is_string(value: Value) -> bool:
    """Return whether Helm and kubectl read a value as a string: quoted, or plain but no number and no boolean."""
    return isinstance(value, str) and not (
        isinstance(value, PlainScalar) and (is_number(value) or read_bool(value) is not None)
    )


def is_number(text: str) -> bool:
    """Return whether kubectl reads a plain scalar as a number, such as ``1e3``, ``0x1f``, ``0o17`` or ``1_000``."""
    bare = text.replace("_", "").lstrip("+-")
    if bare.lower() in (".inf", ".nan"):
        return True
    if not bare or bare[0] not in "0123456789.":
        return False
    try:
        float(bare)
    except ValueError:
        try:
            int(bare, 0)
        except ValueError:
            return False
    return True


def _key_text(key: Node) -> str:
    if key.kind != SCALAR:
        raise YamlError("unsupported-yaml", key.start, "this key is not a scalar")
    return key.value() or ""
