"""Writes the table of values in chart/README.md from the comments in chart/values.yaml.

python -m ci.generate.chart_readme          writes the table
python -m ci.generate.chart_readme --check  exits 1 when the table is stale
"""

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from ci.generate.writer import replace_between, run_writer

CHART = Path(__file__).resolve().parents[2] / "chart"
BEGIN = "<!-- values: made by ci/generate/chart_readme.py from the comments in values.yaml -->"
END = "<!-- end of values -->"

WITHOUT_DEFAULT = re.compile(r"\s*# (?P<path>[\w.<>]+) -- \((?P<type>[\w ]+)\) (?P<text>.+)")
WITH_DEFAULT = re.compile(r"\s*# -- (?P<text>.+)")
KEY = re.compile(r"(?P<indent> *)(?P<key>\w+):")


class Row(NamedTuple):
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
            rows.append(Row(match["path"], match["type"], "", match["text"]))
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


def write_table(rows: list[Row]) -> str:
    lines = ["| value | type | default | meaning |", "|---|---|---|---|"]
    lines += [f"| `{row.path}` | {row.type} | {row.default} | {row.text.replace('|', chr(92) + '|')} |" for row in rows]
    return "\n".join(lines)


def write_readme(old: str) -> str:
    table = write_table(read_rows((CHART / "values.yaml").read_text(encoding="utf-8")))
    return replace_between(old, BEGIN, END, table)


def main(arguments: list[str]) -> int:
    return run_writer(arguments, CHART / "README.md", __doc__, "python -m ci.generate.chart_readme", write_readme)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
