"""The schemas for editors, the keys in them, and a value that each key accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]
SCHEMAS: dict[str, dict[str, Any]] = {
    name: json.loads((ROOT / "post_renderer" / "schemas" / f"{name}.schema.json").read_text())
    for name in ("values", "catalog", "polyaxonfile", "annotations")
}
NAMES = {
    "data": ["a"],
    "outputs": "b",
    "data_refs": ["a"],
    "artifact_refs": ["b"],
    "jobs": ["a"],
    "experiments": ["p/a"],
}
SAMPLES: dict[str, Any] = {"object": {}, "array": [], "string": "text", "integer": 1, "number": 2}


def find_keys(node: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each key of a polyaxonfile with its path and its schema, also keys that may only be empty."""
    for key, inner in node.get("properties", {}).items():
        yield (*path, key), inner
        yield from find_keys(inner, (*path, key))


def is_refused(node: dict[str, Any]) -> bool:
    return "errorMessage" in node


KEYS = dict(find_keys(SCHEMAS["polyaxonfile"]))
SUPPORTED = {path: node for path, node in KEYS.items() if not is_refused(node)}
REFUSED = {path: node for path, node in KEYS.items() if is_refused(node)}


def make_sample(path: Path) -> Any:
    """Return a value for a key."""
    node = KEYS[path]
    if path[0] == "environment" and path[-1] in NAMES and path != ("environment", "outputs"):
        return NAMES[path[-1]]
    if path == ("run",):
        return {"nocache": True}  # the chart refuses an empty one
    if "enum" in node:
        return node["enum"][0]
    types = node.get("type", "string")
    return SAMPLES[types if isinstance(types, str) else types[0]]


def nest(path: Path, value: Any) -> Any:
    """Return a document that has only this value."""
    for key in reversed(path):
        value = {key: value}
    return value
