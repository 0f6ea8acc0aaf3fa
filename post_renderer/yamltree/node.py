"""A YAML document as nodes that know their place in its text."""

from __future__ import annotations

from post_renderer.problems import Unreadable, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAPPING, SEQUENCE, SCALAR, ALIAS = "mapping", "sequence", "scalar", "alias"
NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class Node:
    """One value of a document. Offsets count characters of the document's text.

    ``start`` is the first character after a tag or anchor (of a scalar: including them), ``end`` that behind the last
    leaf, never behind comments after it; ``column`` is that of ``start``. ``style`` is a scalar's first character
    (``'``, ``"``, ``|``, ``>``; empty: plain). ``shared``: an alias refers to it, so a change would show elsewhere.
    ``plain``: a block of a document that holds nothing unusual, where what is added means what it says.
    """

    plain = False

    __slots__ = ("_found", "anchor", "children", "column", "end", "flow", "kind", "shared", "start", "style", "text")

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
        """Keys and values of a mapping. Raises Unreadable for anything else."""
        self.expect(MAPPING)
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    def names(self) -> list[str]:
        """The keys of a mapping that are scalars, by their text. Raises Unreadable for anything else."""
        return [key.text for key, _ in self.pairs() if key.kind == SCALAR]

    def read(self) -> Any:
        """What ``read_values`` makes of a ``plain`` node."""
        raise NotImplementedError

    def items(self) -> list[Node]:
        """Items of a sequence. Raises Unreadable for anything else."""
        self.expect(SEQUENCE)
        return self.children

    def value(self) -> str | None:
        """A scalar's text, None for a plain null. Raises Unreadable for anything else."""
        if self.kind is not SCALAR:
            self.expect(SCALAR)
        return None if not self.style and self.text in NULLS else self.text

    def pair(self, key: str) -> tuple[Node, Node] | None:
        """The key and the value that stand under ``key``.

        Raises Unreadable where it stands twice (readers differ about which one holds), or where a merge key might
        bring it.
        """
        self.expect(MAPPING)
        if self._found is None:
            self._found = _find_keys(self.children)
        places = self._found.get(key, ())
        if len(places) > 1:
            start = self.children[places[1]].start
            raise Unreadable("duplicate-key", start, f"the key {shown(key)} stands twice", "keep one of the two")
        if places:
            return self.children[places[0]], self.children[places[0] + 1]
        for place in self._found.get("<<", ()):
            if not self.children[place].style:
                start, hint = self.children[place].start, "write the merged keys out here"
                raise Unreadable("alias", start, f'a merge key ("<<") may hide {shown(key)}', hint)
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
        """Raises Unreadable (``alias`` or ``wrong-type``) where the node is not of this kind."""
        if self.kind == kind:
            return
        if self.kind == ALIAS:
            raise Unreadable(
                "alias", self.start, f"the alias *{self.anchor} stands where a {kind} must be read", "write it out here"
            )
        raise Unreadable("wrong-type", self.start, f"a {kind} is needed here, not a {self.kind}", f"write a {kind}")


def _find_keys(children: list[Node]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index in range(0, len(children), 2):
        if children[index].kind == SCALAR:
            found.setdefault(children[index].text, []).append(index)
    return found


def text_or_none(node: Node | None) -> str | None:
    """The text of a scalar that may be missing or null."""
    return None if node is None else node.value()


def child(node: Node | None, key: str) -> Node | None:
    """The value under ``key`` of a mapping that may be missing or null; a null value counts as missing."""
    if node is None or (node.kind is SCALAR and node.is_null()):
        return None
    found = node.get(key)
    return None if found is None or (found.kind is SCALAR and found.is_null()) else found
