"""Two readers that share no code with ours, and what a splice must keep, said in their words."""

from __future__ import annotations

from typing import Any

import ruamel.yaml
import yaml

from post_renderer.yamledit import splice
from post_renderer.yamledit.edits import Edit, apply_edits
from post_renderer.yamltree import parse

NULLS = ("", "~", "null", "Null", "NULL")


def read_texts(text: str) -> Any:
    """PyYAML's own node tree: every scalar by its text, plain nulls as None."""
    return _texts(yaml.compose(text, Loader=yaml.CBaseLoader))


def _texts(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {_texts(key) or "": _texts(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_texts(item) for item in node.value]
    assert node is None or isinstance(node, yaml.ScalarNode)
    if node is None or (not node.style and node.value in NULLS):
        return None
    return node.value


def read_typed(text: str) -> Any:
    """ruamel.yaml: YAML 1.2 in pure Python, strict about repeated keys. Booleans by their text, as in an edit."""
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    return _typed(reader.load(text))


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else value


def spliced(text: str, edits: list[Edit]) -> str:
    """The text after the edits, all paths counted from the document's root."""
    return splice(text, [(parse(text), edits)])


def check_meaning(before: str, after: str, edits: list[Edit], *, both: bool = True) -> None:
    """The result means the old text plus the edits, to either reader."""
    assert read_texts(after) == apply_edits(read_texts(before), edits), after
    if both:
        assert read_typed(after) == apply_edits(read_typed(before), edits), after


def check_additions_only(before: str, after: str) -> None:
    """Every line of the old text is there, in order, to the last byte: with the added lines cut out, it is the old."""
    rest = iter(after.splitlines(keepends=True))
    kept = "".join(line for line in before.splitlines(keepends=True) if line in rest)
    assert kept == before, after
