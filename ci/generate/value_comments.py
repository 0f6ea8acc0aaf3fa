"""Reads the comments of chart/values.yaml, which describe each value for the chart's README and for editors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

CHART = Path(__file__).resolve().parents[2] / "chart"
VALUES = CHART / "values.yaml"

WITHOUT_DEFAULT = re.compile(r"\s*# (?P<path>[\w.<>\[\]]+) -- (?:\((?P<type>[\w ]+)\) )?(?P<text>.+)")
WITH_DEFAULT = re.compile(r"\s*# -- (?P<text>.+)")
KEY = re.compile(r"(?P<indent> *)(?P<key>\w+):")
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


class Row(NamedTuple):
    """One value. Without a ``type``, only editors show it."""

    path: str
    type: str
    default: str
    text: str


def find_values(node: object, path: tuple[str, ...] = ()) -> dict[str, object]:
    """Return every value of values.yaml by its path: scalars, lists and empty maps."""
    if not isinstance(node, dict) or not node:
        return {".".join(path): node}
    return {name: value for key, child in node.items() for name, value in find_values(child, (*path, key)).items()}


def type_of(value: object) -> str:
    for python, name in ((bool, "bool"), (int, "int"), (str, "string"), (list, "list")):
        if isinstance(value, python):
            return name
    return "object"


def read_rows(text: str) -> list[Row]:
    values = find_values(YAML(typ="safe").load(text))
    rows: list[Row] = []
    keys: list[str] = []
    described = ""
    for line in text.splitlines():
        if match := WITHOUT_DEFAULT.fullmatch(line):
            rows.append(Row(match["path"], match["type"] or "", "", match["text"]))
        elif match := WITH_DEFAULT.fullmatch(line):
            described = match["text"]
        elif match := KEY.match(line):
            keys[len(match["indent"]) // 2 :] = [match["key"]]
            path = ".".join(keys)
            if described:
                rows.append(Row(path, type_of(values[path]), f"`{json.dumps(values[path])}`", described))
            elif path in values:
                raise SystemExit(f"values.yaml: {path} has no description: write '# -- …' above it")
            described = ""
    return rows


def read_texts() -> dict[str, str]:
    """Return the description of each value by its path, without links, which editors do not follow."""
    return {row.path: LINK.sub(r"\1", row.text) for row in read_rows(VALUES.read_text(encoding="utf-8"))}
