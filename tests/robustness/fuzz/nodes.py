"""What a render may change, by PyYAML's own nodes: additions, the gate of the chart, and the names of Jobs."""

from __future__ import annotations

import re
from typing import Any

import yaml

JOB_NAME = "batch.kubernetes.io/job-name"
GATE = "polyaxon.com/needs-post-renderer"
SEPARATOR = re.compile(r"^(?=---(?:[ \t\r\n]|\Z))", re.MULTILINE)
NULLS = ("", "~", "null", "Null", "NULL")
HASHED = re.compile(r"-[0-9a-f]{10}\Z")


def split(text: str) -> list[str]:
    return SEPARATOR.split(text)


def compose(text: str) -> list[yaml.Node] | None:
    """The documents of a text, or None if it is not YAML. Unlike `yaml.compose_all`, it lets anchors be used again."""
    documents: list[yaml.Node] = []
    anchors: dict[str | None, yaml.Node] = {}
    open_nodes: list[list[yaml.Node]] = []
    event: Any
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.CollectionEndEvent):
                items = open_nodes.pop()
                if isinstance(event, yaml.MappingEndEvent):
                    (open_nodes[-1] if open_nodes else documents)[-1].value += zip(items[::2], items[1::2], strict=True)
                continue
            if isinstance(event, yaml.AliasEvent):
                open_nodes[-1].append(anchors[event.anchor])
            elif isinstance(event, yaml.NodeEvent):
                node = make_node(event)
                (open_nodes[-1] if open_nodes else documents).append(node)
                if event.anchor:
                    anchors[event.anchor] = node
                if isinstance(event, yaml.CollectionStartEvent):
                    open_nodes.append(node.value if isinstance(node, yaml.SequenceNode) else [])
            elif isinstance(event, yaml.DocumentStartEvent):
                anchors = {}
    except (yaml.YAMLError, ValueError, KeyError):  # a ValueError: a surrogate; a KeyError: an alias without an anchor
        return None
    return documents


def make_node(event: Any) -> yaml.Node:
    if isinstance(event, yaml.ScalarEvent):
        return yaml.ScalarNode(event.tag or "", event.value, style=event.style)
    kind = yaml.SequenceNode if isinstance(event, yaml.SequenceStartEvent) else yaml.MappingNode
    return kind(event.tag, [])


def is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in NULLS


def child(node: yaml.Node | None, *way: str) -> yaml.Node | None:
    for name in way:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in pairs if key.value == name), None)
    return node


class Additions:
    """Compares two documents. ``seen``: the pairs that were compared, because aliases can make a circle."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()

    def check(self, before: Any, after: Any, key: str = "", above: str = "") -> None:
        if (id(before), id(after)) in self.seen:
            return
        self.seen.add((id(before), id(after)))
        if is_null(before):
            return  # a list or a mapping may take its place
        assert (before.id, before.tag) == (after.id, after.tag) or not before.value, (before, after)
        if isinstance(before, yaml.MappingNode):
            self._check_pairs(before, after, key)
        elif isinstance(before, yaml.SequenceNode):
            self._check_items(before, after, key)
        elif before.value != after.value and not after.value.startswith(f"{before.value},"):  # Argo CD's options
            assert HASHED.search(after.value), after
            if key != JOB_NAME:
                assert (key, above) == ("name", "metadata"), (before, after)
                assert HASHED.sub("", after.value) in (HASHED.sub("", before.value), before.value), (before, after)

    def _check_pairs(self, before: yaml.Node, after: yaml.Node, above: str) -> None:
        rest = iter(after.value)
        for key, value in before.value:
            if key.value == "schedulingGates" and child(after, key.value) is None:
                assert not [item for item in value.value if getattr(child(item, "name"), "value", "") != GATE]
                continue
            for found, new in rest:
                if (found.id, found.tag) == (key.id, key.tag) and (key.id != "scalar" or found.value == key.value):
                    self.check(value, new, key.value if key.id == "scalar" else "", above)
                    break
            else:
                raise AssertionError(f"a key is missing: {key}")

    def _check_items(self, before: yaml.Node, after: yaml.Node, key: str) -> None:
        old, new = before.value, after.value
        if len(new) < len(old) and key == "schedulingGates":
            old = [item for item in old if getattr(child(item, "name"), "value", "") != GATE]
        assert len(new) >= len(old), (before, after)
        # Variables are added in front, because the container's own ones may use them.
        for one, other in zip(old, new[len(new) - len(old) :] if key == "env" else new, strict=False):
            self.check(one, other, "", key)
