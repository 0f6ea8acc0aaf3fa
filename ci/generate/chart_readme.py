"""Writes the table of values in chart/README.md from the comments in chart/values.yaml.

python -m ci.generate.chart_readme          writes the table
python -m ci.generate.chart_readme --check  exits 1 when the table is stale
"""

from __future__ import annotations

import sys

from ci.generate.value_comments import CHART, VALUES, Row, read_rows
from ci.generate.writer import replace_between, run_writer

BEGIN = "<!-- values: made by ci/generate/chart_readme.py from the comments in values.yaml -->"
END = "<!-- end of values -->"


def write_table(rows: list[Row]) -> str:
    lines = ["| value | type | default | meaning |", "|---|---|---|---|"]
    lines += [f"| `{row.path}` | {row.type} | {row.default} | {row.text.replace('|', chr(92) + '|')} |" for row in rows]
    return "\n".join(lines)


def write_readme(old: str) -> str:
    rows = [row for row in read_rows(VALUES.read_text(encoding="utf-8")) if row.type]
    return replace_between(old, BEGIN, END, write_table(rows))


def main(arguments: list[str]) -> int:
    return run_writer(arguments, CHART / "README.md", __doc__, "python -m ci.generate.chart_readme", write_readme)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
