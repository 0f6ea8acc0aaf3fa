"""Merges values as Helm merges values files, and reads what a catalog means. Does not use the code under test."""

from __future__ import annotations

from typing import Any


def merge(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return base | {key: merge(base.get(key), value) for key, value in over.items()}


def merge_all(files: list[Any]) -> dict[str, Any]:
    merged: Any = {}
    for values in files:
        merged = merge(merged, values or {})
    found: dict[str, Any] = without_nulls(merged)
    return found


def without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(item) for key, item in value.items() if item is not None}


def meaning(values: dict[str, Any]) -> dict[str, Any]:
    """The volumes, and the outputs of a run that names none."""
    persistence = values.get("persistence") or {}
    data, outputs = (persistence.get(role) or {} for role in ("data", "outputs"))
    writable = sorted(name for name, entry in outputs.items() if entry.get("readOnly") is not True)
    default = persistence.get("defaultOutputs") or (writable[0] if writable else None)
    return {"data": data, "outputs": outputs, "default": default}
