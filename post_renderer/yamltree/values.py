"""Nodes as plain values: dict, list, str, None."""

from __future__ import annotations

from post_renderer.problems import Unreadable, shown
from post_renderer.yamltree.node import ALIAS, MAPPING, SCALAR, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    Value = dict[str, "Value"] | list["Value"] | str | bool | None

# What Helm and kubectl read as booleans when it is not quoted (YAML 1.1's words).
TRUE_WORDS = frozenset("true True TRUE yes Yes YES on On ON y Y".split())
FALSE_WORDS = frozenset("false False FALSE no No NO off Off OFF n N".split())


class Plain(str):
    """The text of an unquoted scalar. It may be a number, a boolean or a string; whoever needs to know asks."""

    __slots__ = ()


def read_values(node: Node) -> Value:
    """What a node holds, keys in order, every scalar by its text.

    Raises Unreadable for aliases, merge keys, repeated keys and keys that are not scalars: what we read must mean one
    thing to every reader.
    """
    if node.plain:
        plain: Value = node.read()
        return plain
    if node.kind == SCALAR:
        text = node.value()
        return text if text is None or node.style else Plain(text)
    if node.kind == MAPPING:
        values: dict[str, Value] = {}
        for key, value in node.pairs():
            name = _key(key)
            if name == "<<" and not key.style:
                raise Unreadable("alias", key.start, 'a merge key ("<<") stands here', "write the merged keys out")
            if name in values:
                raise Unreadable(
                    "duplicate-key", key.start, f"the key {shown(name)} stands twice", "keep one of the two"
                )
            values[name] = read_values(value)
        return values
    if node.kind == ALIAS:
        raise Unreadable(
            "alias", node.start, f"the alias *{node.anchor} stands where a value must be read", "write it out here"
        )
    return [read_values(item) for item in node.items()]


def read_literally(node: Node) -> Value:
    """What a node holds, without judging it: an alias as ``*name``, a repeated key under a name of its own.

    For comparing a document with itself after a change: those names count keys alike, for others before them may go.
    """
    if node.kind == ALIAS:
        return Plain("*" + node.anchor)
    if node.kind == MAPPING:
        values: dict[str, Value] = {}
        counts: dict[str, int] = {}
        for key, value in node.pairs():
            name = _key(key) if key.kind == SCALAR else "\0"
            count = counts[name] = counts.get(name, 0) + 1
            values[name if count == 1 else f"{name}\0{count}"] = read_literally(value)
        return values
    if node.kind == SCALAR:
        text = node.value()
        return text if text is None or node.style else Plain(text)
    return [read_literally(item) for item in node.items()]


def read_bool(value: Value) -> bool | None:
    """A boolean as Helm and kubectl read it; None where it is none (a quoted "true" is a string)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Plain):
        if value in TRUE_WORDS:
            return True
        if value in FALSE_WORDS:
            return False
    return None


def is_string(value: Value) -> bool:
    """Whether every reader takes this for a string: quoted, or plain text that is neither a number nor a boolean."""
    return isinstance(value, str) and not (
        isinstance(value, Plain) and (is_number(value) or read_bool(value) is not None)
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


def _key(key: Node) -> str:
    if key.kind != SCALAR:
        raise Unreadable("unsupported-yaml", key.start, "a key that is not a plain word or a string stands here")
    return key.value() or ""
