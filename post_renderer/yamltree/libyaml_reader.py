"""Makes nodes from the events of libyaml, for all YAML that the fast reader does not read. This is the full reader.

It uses events, because PyYAML's node tree has no position of aliases and no limit for the number of levels.
"""

from __future__ import annotations

from post_renderer.problems import YamlError
from post_renderer.yamltree.node import ALIAS, ALIAS_BUDGET, MAPPING, SCALAR, SEQUENCE, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

DEPTH_LIMIT: Final = 100
BREAKS: Final = "\r\n\x85\u2028\u2029"  # the line ends of YAML 1.1
PROPERTIES: Final = " \t#!&" + BREAKS  # what may be before a collection: white space, a comment, a tag, an anchor
END_OF_PROPERTY: Final = " \t[{" + BREAKS
LOOK: Final = "look for a missing bracket, quote or indent on this line and above it"
EVENT_LIMIT = 2_000_000  # reading them takes about ten seconds, and memory for their nodes


def read_full(text: str) -> Node:
    """Return the root node of the only document in ``text``. If there is no document, return a plain null.

    Raises YamlError with the code ``invalid-yaml`` and the message of libyaml, or with ``input-too-large``.
    """
    from yaml import MarkedYAMLError, YAMLError
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the published types lack it

    try:
        return _build_tree(CParser(text).get_event, text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.problem and "nesting depth" in error.problem:  # libyaml reads ahead, so it can reach its limit first
            raise _too_deep(mark.index if mark else 0) from None
        raise YamlError("invalid-yaml", mark.index if mark else 0, error.problem or "not valid YAML", LOOK) from None
    except YAMLError as refusal:  # PyYAML's reader found a character that YAML does not allow
        reason = getattr(refusal, "reason", None) or "not valid YAML"
        offset = _count_characters(text, getattr(refusal, "position", 0))
        raise YamlError("invalid-yaml", offset, str(reason), LOOK) from None


def _count_characters(text: str, size: int) -> int:
    """Return the number of characters in ``size`` bytes: only errors of libyaml's reader have byte offsets."""
    return len(text.encode()[:size].decode("utf-8", "ignore"))


class _NodeBuilder:
    """Builds the tree of nodes. It does not recurse, so that deep input can't exhaust Python's stack."""

    __slots__ = ("_anchors", "_budget", "_text", "parents", "top")

    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Node] = {}
        self._budget = [ALIAS_BUDGET]
        self.top = Node(SEQUENCE, 0, 0, 0)  # the innermost open collection; this one contains the document
        self.parents: list[Node] = []

    def add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            node.anchor = anchor
            self._anchors[anchor] = node
        top = self.top
        if node.start == node.end and top.kind is MAPPING and node.kind is SCALAR:
            self._place_missing(node)
        top.children.append(node)

    def _place_missing(self, node: Node) -> None:
        siblings = self.top.children
        if len(siblings) % 2 and not self.top.flow and self._text[node.start - 1] != ":":
            # For "? key" without a value, libyaml reports the position of the next token.
            node.start = node.end = siblings[-1].end

    def add_alias(self, node: Node, anchor: str) -> None:
        if anchor not in self._anchors:
            raise YamlError("invalid-yaml", node.start, "the alias has no anchor before it")
        node.anchor = anchor
        node.target = self._anchors[anchor]
        node.target.shared = True
        node.budget = self._budget
        self.add(node, None)

    def open(self, node: Node, anchor: str | None) -> None:
        self.add(node, anchor)
        self.parents.append(self.top)
        self.top = node
        if len(self.parents) > DEPTH_LIMIT:
            raise _too_deep(node.start)

    def close(self, end: int) -> None:
        node = self.top
        node.end = end if node.flow else node.children[-1].end
        self.top = self.parents.pop()


def _too_deep(offset: int) -> YamlError:
    return YamlError(
        "input-too-large", offset, f"the document is nested deeper than {DEPTH_LIMIT} levels", "use fewer levels"
    )


def _build_tree(next_event: Callable[[], Any], text: str) -> Node:
    from yaml import events

    tree = _NodeBuilder(text)
    scalar = events.ScalarEvent
    for _ in range(EVENT_LIMIT):
        event = next_event()
        kind = event.__class__
        if kind is scalar:
            mark = event.start_mark
            node = Node(SCALAR, mark.index, event.end_mark.index, mark.column)
            node.text = event.value
            node.style = event.style or ""
            if event.tag:
                _apply_tag(node, event.tag)
            tree.add(node, event.anchor)
        elif kind is events.MappingStartEvent:
            tree.open(_collection(MAPPING, event, text), event.anchor)
        elif kind is events.SequenceStartEvent:
            tree.open(_collection(SEQUENCE, event, text), event.anchor)
        elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
            tree.close(event.end_mark.index)
        elif kind is events.AliasEvent:
            mark = event.start_mark
            tree.add_alias(Node(ALIAS, mark.index, event.end_mark.index, mark.column), event.anchor)
        elif kind is events.DocumentStartEvent and tree.top.children:
            hint = "keep one of them; in a stream, write --- on a line of its own between two"
            raise YamlError("invalid-yaml", event.start_mark.index, "the text contains a second document", hint)
        elif kind is events.StreamEndEvent:
            return tree.top.children[0] if tree.top.children else Node(SCALAR, len(text), len(text), 0)
    raise YamlError("input-too-large", 0, f"the document has more than {EVENT_LIMIT:,} YAML events")


def _apply_tag(node: Node, tag: str) -> None:
    """Set the style of a scalar with a tag. Raises YamlError if other readers read a different text."""
    if tag.endswith(":binary"):
        message = "!!binary is base64 text, and the post-renderer does not decode it"
        raise YamlError("unsupported-yaml", node.start, message, "write the text itself, without !!binary")
    if node.text == "<<":
        # Helm 4 and yq write a merge key with a tag. Go's readers merge such a key even if it is quoted.
        if node.style in ("|", ">"):
            raise YamlError(
                "unsupported-yaml", node.start, "this merge key is a block scalar", 'write "<<" on one line'
            )
        node.style = ""
    elif not node.style and not tag.endswith(":null"):
        node.style = "!"  # like a quote, an explicit tag decides the type


def _collection(kind: str, event: Any, text: str) -> Node:
    start, column = event.start_mark.index, event.start_mark.column
    if event.anchor or event.tag:
        mark, start = start, _skip_properties(text, start, bool(event.anchor) + bool(event.tag))
        # Only after the mark, because one line may have thousands of marks.
        newline = max(text.rfind(char, mark, start) for char in BREAKS)
        column = column + start - mark if newline < 0 else start - newline - 1
    return Node(kind, start, start, column, flow=bool(event.flow_style))


def _skip_properties(text: str, position: int, count: int) -> int:
    """Return the offset of a collection's first character, after its tag, its anchor, spaces and comments.

    ``count``: the number of its properties. More properties are those of its first key or item.
    """
    while text[position] in PROPERTIES:
        char = text[position]
        if char in "!&":
            if not count:
                break
            count -= 1
        if char == "#":
            while text[position] not in BREAKS:
                position += 1
        elif text.startswith("!<", position):  # a verbatim tag may contain brackets
            position = text.index(">", position) + 1
        elif char in "!&":
            while text[position] not in END_OF_PROPERTY:
                position += 1
        else:
            position += 1
    return position
