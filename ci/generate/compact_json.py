"""Writes JSON for people: what fits into a line is on one line."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 120


def write_json(value: Any, indent: int = 0, *, room: int = WIDTH) -> str:
    """Return ``value`` as JSON. ``room``: the columns that are left in the line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= room or not isinstance(value, (dict, list)) or not value:
        return line
    inner, space = indent + 2, " " * (indent + 2)
    if isinstance(value, list):
        parts = [space + write_json(item, inner, room=WIDTH - inner - 1) for item in value]
    else:
        parts = []
        for key, item in value.items():
            head = f"{space}{json.dumps(key, ensure_ascii=False)}: "
            parts.append(head + write_json(item, inner, room=WIDTH - len(head) - 1))
    begin, end = ("[", "]") if isinstance(value, list) else ("{", "}")
    return f"{begin}\n" + ",\n".join(parts) + f"\n{' ' * indent}{end}"
