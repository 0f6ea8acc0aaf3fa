"""The full reader: libyaml's events, read into nodes.

Events rather than PyYAML's own node tree, because that loses an alias's place and has no limit on depth.
"""

from __future__ import annotations

from post_renderer.problems import Unreadable
from post_renderer.tree.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yaml.events import Event

DEPTH_LIMIT = 100
EVENT_LIMIT = 2_000_000  # about ten seconds of work, and the memory that its nodes take


def read(text: str) -> Node:
    """The root node of the one document in ``text`` (a plain null where there is none).

    Raises Unreadable: ``invalid-yaml`` or ``input-too-large``, with the parser's own words.
    """
    from yaml import MarkedYAMLError, YAMLError
    from yaml.cyaml import CParser

    try:
        return _build(CParser(text), text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable("invalid-yaml", mark.index if mark else 0, error.problem or "not valid YAML") from None
    except YAMLError as error:  # the reader's: a character that YAML does not allow
        reason = getattr(error, "reason", None) or "not valid YAML"
        raise Unreadable("invalid-yaml", getattr(error, "position", 0), str(reason)) from None
    except UnicodeEncodeError as error:
        raise Unreadable("invalid-yaml", error.start, "a lone surrogate is not valid text") from None


def _build(parser: object, text: str) -> Node:
    """Events to nodes, without recursion: hostile depth must not reach Python's own stack."""
    from yaml import (
        AliasEvent,
        DocumentStartEvent,
        MappingEndEvent,
        MappingStartEvent,
        ScalarEvent,
        SequenceEndEvent,
        SequenceStartEvent,
        StreamEndEvent,
    )

    next_event = parser.get_event  # type: ignore[attr-defined]  # CParser has no published types
    open_nodes: list[Node] = []
    anchors: dict[str, Node] = {}
    root: Node | None = None
    count = 0
    while True:
        event = next_event()
        count += 1
        node: Node | None = None
        if isinstance(event, ScalarEvent):
            mark = event.start_mark
            node = Node(SCALAR, mark.index, event.end_mark.index, mark.column)
            # An explicit tag settles the type as a quote does.
            node.style = event.style or ("!" if event.tag and not event.tag.endswith(":null") else "")
            node._text = event.value
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            node = _collection(event, text)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            closed = open_nodes.pop()
            closed.end = event.end_mark.index if closed.flow else closed._children[-1].end
            continue
        elif isinstance(event, AliasEvent):
            mark = event.start_mark
            node = Node(ALIAS, mark.index, event.end_mark.index, mark.column)
            node.anchor = event.anchor
            if event.anchor not in anchors:
                raise Unreadable("invalid-yaml", mark.index, "an alias without its anchor")
            anchors[event.anchor].shared = True
        elif isinstance(event, DocumentStartEvent) and root is not None:
            raise Unreadable(
                "invalid-yaml", event.start_mark.index, "a second document starts here", "write --- on a line before it"
            )
        elif isinstance(event, StreamEndEvent):
            break
        if node is None:
            continue
        if node.kind != ALIAS and event.anchor:
            node.anchor = event.anchor
            anchors[event.anchor] = node
        if open_nodes:
            open_nodes[-1]._children.append(node)
        else:
            root = node
        if node.kind in (MAPPING, SEQUENCE):
            open_nodes.append(node)
        if len(open_nodes) > DEPTH_LIMIT:
            raise Unreadable("input-too-large", node.start, f"nested deeper than {DEPTH_LIMIT} levels")
        if count > EVENT_LIMIT:
            raise Unreadable("input-too-large", node.start, f"more than {EVENT_LIMIT:,} pieces in one document")
    return root or Node(SCALAR, len(text), len(text), 0)


def _collection(event: Event, text: str) -> Node:
    kind = MAPPING if type(event).__name__ == "MappingStartEvent" else SEQUENCE
    mark = event.start_mark
    start, column = mark.index, mark.column
    if event.anchor or event.tag:
        start = _skip_properties(text, start)
        column = start - (text.rfind("\n", 0, start) + 1)
    return Node(kind, start, start, column, flow=bool(event.flow_style))


def _skip_properties(text: str, position: int) -> int:
    """Behind tags, anchors, blanks and comments: where the collection's own first character stands."""
    while position < len(text):
        char = text[position]
        if char in " \t\r\n":
            position += 1
        elif char == "#":
            position = text.find("\n", position) % (len(text) + 1)
        elif char in "!&":
            while position < len(text) and text[position] not in " \t\r\n":
                position += 1
        else:
            break
    return position
