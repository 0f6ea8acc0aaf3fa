"""Applies JSON patches (RFC 6902) to the objects that the target of a Flux patch selects, as kustomize does."""

from __future__ import annotations

import re
from typing import Any

import yaml


def apply_patches(found: list[dict[str, Any]], patches: list[dict[str, Any]]) -> list[str]:
    """Change the objects. Return the targets that do not select exactly one object."""
    wrong = []
    for patch in patches:
        selected = [item for item in found if is_selected(item, patch["target"])]
        if len(selected) != 1:
            wrong.append(f"{patch['target']} selects {len(selected)} objects")
        for item in selected:
            for operation in yaml.safe_load(patch["patch"]):
                apply_operation(item, operation)
    return wrong


def is_selected(item: dict[str, Any], target: dict[str, str]) -> bool:
    """A target's field that is missing or empty selects each object. An object without a namespace is in default."""
    group, _, version = item["apiVersion"].rpartition("/")
    metadata = item["metadata"]
    names = {"group": group, "version": version, "kind": item["kind"], "name": metadata["name"]}
    names["namespace"] = metadata.get("namespace") or "default"
    return all(re.fullmatch(target[key], names[key]) for key in names if target.get(key))


def apply_operation(item: Any, operation: dict[str, Any]) -> None:
    *steps, last = (part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:])
    for step in steps:
        item = item[int(step)] if isinstance(item, list) else item[step]
    key: Any = int(last) if isinstance(item, list) and last != "-" else last
    if operation["op"] == "remove":
        del item[key]
    elif operation["op"] == "add" and isinstance(item, list):
        item.insert(len(item) if key == "-" else key, operation["value"])
    else:
        assert operation["op"] == "add" or item[key] is not None
        item[key] = operation["value"]
