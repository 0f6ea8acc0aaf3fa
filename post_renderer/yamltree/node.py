"""A YAML document as nodes that know their place in its text."""

from __future__ import annotations

from post_renderer.problems import YamlError, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Value = dict[str, "Value"] | list["Value"] | str | bool | None

    Path = tuple[str | int, ...]

MAPPING, SEQUENCE, SCALAR, ALIAS = "mapping", "sequence", "scalar", "alias"
ALIAS_BUDGET = 1_000_000  # nodes that may replace the aliases of one document: about a second of work
DEEPEST_ALIAS = 100  # levels below the node of an alias
NULLS = frozenset(("", "~", "null", "Null", "NULL"))


# What Helm and kubectl read as booleans when it is not quoted (YAML 1.1's words).
TRUE_WORDS = frozenset("true True TRUE yes Yes YES on On ON y Y".split())
FALSE_WORDS = frozenset("false False FALSE no No NO off Off OFF n N".split())


class Node:
    """One value of a document. Offsets count characters of the document's text.

    ``start`` is the first character after a tag or anchor (of a scalar: including them), ``end`` that behind the last
    leaf, never behind comments after it; ``column`` is that of ``start``. ``style`` is a scalar's first character
    (``'``, ``"``, ``|``, ``>``; empty: plain). ``shared``: an alias refers to it, so a change would show elsewhere.
    ``plain``: a block of a document that holds nothing unusual, where what is added means what it says.
    """

    plain = False

    __slots__ = (
        "_found", "anchor", "budget", "children", "column", "end", "flow", "kind", "shared", "start", "style", "target",
        "text"
    )  # fmt: skip

    # Of an alias alone: the node that it refers to, and how many more nodes may replace the aliases of its document.
    target: Node
    budget: list[int]

    def __init__(self, kind: str, start: int, end: int, column: int, *, flow: bool = False) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.column = column
        self.flow = flow
        self.style = ""
        self.anchor = ""
        self.shared = False
        self.text = ""
        self.children: list[Node] = []  # of a mapping: key, value, key, value …
        self._found: dict[str, list[int]] | None = None  # each key's places among the children

    def pairs(self) -> list[tuple[Node, Node]]:
        """Keys and values of a mapping. Raises YamlError for anything else."""
        self.expect(MAPPING)
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    def names(self) -> list[str]:
        """The keys of a mapping that are scalars, by their text. Raises YamlError for anything else."""
        return [key.text for key, _ in self.pairs() if key.kind == SCALAR]

    def read(self) -> Any:
        """What ``read_values`` makes of a ``plain`` node."""
        raise NotImplementedError

    def items(self) -> list[Node]:
        """Items of a sequence. Raises YamlError for anything else."""
        self.expect(SEQUENCE)
        return self.children

    def value(self) -> str | None:
        """A scalar's text, None for a plain null. Raises YamlError for anything else."""
        if self.kind is not SCALAR:
            self.expect(SCALAR)
        return None if not self.style and self.text in NULLS else self.text

    def pair(self, key: str) -> tuple[Node, Node] | None:
        """The key and the value of ``key``.

        Raises YamlError where it is repeated (readers differ about which one holds), or where a merge key might
        bring it.
        """
        self.expect(MAPPING)
        if self._found is None:
            self._found = _find_keys(self.children)
        places = self._found.get(key, ())
        if len(places) > 1:
            start = self.children[places[1]].start
            raise YamlError("duplicate-key", start, f"the key {quoted(key)} is repeated", "keep one of the two")
        if places:
            return self.children[places[0]], self.children[places[0] + 1]
        for place in self._found.get("<<", ()):
            if not self.children[place].style:
                start, hint = self.children[place].start, "write the merged keys out here"
                raise YamlError("alias", start, f'a merge key ("<<") may hide {quoted(key)}', hint)
        return None

    def get(self, key: str) -> Node | None:
        """The value under ``key``, as ``pair`` finds it."""
        found = self.pair(key)
        return found[1] if found else None

    def is_null(self) -> bool:
        return self.kind == SCALAR and self.value() is None

    def is_block_scalar(self) -> bool:
        return self.kind == SCALAR and self.style in ("|", ">")

    def last_leaf(self) -> Node:
        """The last leaf below the node (the node itself for scalars, aliases and flow collections)."""
        node = self
        while node.kind in (MAPPING, SEQUENCE) and not node.flow and node.children:
            node = node.children[-1]
        return node

    def dash_column(self) -> int | None:
        """The column of the first block list among the values of a mapping."""
        values = self.children[1::2]
        return next((value.column for value in values if value.kind == SEQUENCE and not value.flow), None)

    def expect(self, kind: str) -> None:
        """Raises YamlError (``alias`` or ``wrong-type``) where the node is not of this kind."""
        if self.kind == kind:
            return
        if self.kind == ALIAS:
            raise YamlError(
                "alias", self.start, f"the alias *{self.anchor} is where a {kind} must be read", "write it out here"
            )
        raise YamlError("wrong-type", self.start, f"a {kind} is needed here, not a {self.kind}", f"write a {kind}")


def _find_keys(children: list[Node]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index in range(0, len(children), 2):
        if children[index].kind == SCALAR:
            found.setdefault(children[index].text, []).append(index)
    return found


def follow_alias(node: Node) -> Node:
    """The node that an alias refers to, or the node itself: for what is only read. An edit never gets here."""
    return node.target if node.kind is ALIAS else node


def scalar_text(node: Node | None) -> str | None:
    """The text of a scalar, or of one that an alias refers to, which may be missing or null."""
    if node is None:
        return None
    return node.target.value() if node.kind is ALIAS else node.value()


def get_mapping_value(node: Node | None, *keys: str) -> Node | None:
    """The value that a path of keys leads to, through aliases; None if one of them is missing or null.

    Raises YamlError where something else than a mapping is on the way.
    """
    for key in keys:
        if node is None or (node.kind is SCALAR and node.is_null()):
            return None
        node = (node.target if node.kind is ALIAS else node).get(key)
    if node is not None and node.kind is ALIAS:
        node = node.target
    return None if node is None or (node.kind is SCALAR and node.is_null()) else node


def read_through(node: Node) -> Value:
    """As ``read_values``, but an alias is what it refers to: for what is neither changed nor hashed.

    Raises YamlError (``alias``) if an alias contains itself, or if the aliases of the document are too large.
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
    """A mapping of the same keys, each with a null."""
    keys = Node(MAPPING, node.start, node.end, node.column)
    for key in node.children[::2]:
        keys.children += (key, Node(SCALAR, key.end, key.end, 0))
    return keys


def _spend(alias: Node, budget: list[int]) -> None:
    """Count the nodes that replace an alias, before anything is made of them."""
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
        raise YamlError("alias", alias.start, message, "write it out here")


class PlainScalar(str):
    """The text of an unquoted scalar. It may be a number, a boolean or a string; whoever needs to know asks."""

    __slots__ = ()


def read_values(node: Node) -> Value:
    """What a node holds, keys in order, every scalar by its text.

    Raises YamlError for aliases, merge keys, repeated keys and keys that are not scalars: what we read must mean one
    thing to every reader.
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
                raise YamlError("alias", key.start, 'there is a merge key ("<<") here', "write the merged keys out")
            if name in values:
                raise YamlError(
                    "duplicate-key", key.start, f"the key {quoted(name)} is repeated", "keep one of the two"
                )
            values[name] = read_values(value)
        return values
    if node.kind == ALIAS:
        raise YamlError(
            "alias", node.start, f"the alias *{node.anchor} is where a value must be read", "write it out here"
        )
    return [read_values(item) for item in node.items()]


def read_raw(node: Node) -> Value:
    """What a node holds, without judging it: an alias as ``*name``, a repeated key under a name of its own.

    For comparing a document with itself after a change: those names count keys alike, for others before them may go.
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
    """A boolean as Helm and kubectl read it; None where it is none (a quoted "true" is a string)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, PlainScalar):
        if value in TRUE_WORDS:
            return True
        if value in FALSE_WORDS:
            return False
    return None


def is_string(value: Value) -> bool:
    """Whether every reader takes this for a string: quoted, or plain text that is neither a number nor a boolean."""
    return isinstance(value, str) and not (
        isinstance(value, PlainScalar) and (is_number(value) or read_bool(value) is not None)
    )


def is_number(text: str) -> bool:
    """Whether a plain scalar is a number to kubectl, which also reads ``0x1f``, ``0o17``, ``0b11`` and ``1_000``."""
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
        raise YamlError("unsupported-yaml", key.start, "there is a key here that is neither a plain word nor a string")
    return key.value() or ""
