"""Writes the descriptions in chart/values.schema.json from the comments in chart/values.yaml.

The schema of a polyaxonfile in it is built from the tables of the templates. The types of the other values are written
by hand in values.schema.json itself.

python -m ci.generate.chart_schema          writes them
python -m ci.generate.chart_schema --check  exits 1 when they are stale
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from ci.generate.compact_json import write_json
from ci.generate.polyaxonfile_schema import PREFIX, build_polyaxonfile
from ci.generate.value_comments import CHART, read_texts
from ci.generate.writer import run_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci.generate.polyaxonfile_schema import Schema

PAGE = CHART / "values.schema.json"


def find_properties(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the path in the values and the schema of each property, without those of the polyaxonfile."""
    yield from _find(schema, schema, "", ())


def _find(root: Schema, node: Any, path: str, seen: tuple[str, ...]) -> Iterator[tuple[str, Schema]]:
    if not isinstance(node, dict):
        return
    target = node.get("$ref", "").rpartition("/")[2]
    if target in {"polyaxonfile", "named"} or target in seen:
        return
    if target:
        yield from _find(root, root["definitions"][target], path, (*seen, target))
    for key, inner in node.get("properties", {}).items():
        where = f"{path}.{key}".lstrip(".")
        yield where, inner
        yield from _find(root, inner, where, seen)
    yield from _find(root, node.get("items"), f"{path}[]", seen)
    name = "<run>" if path == "runs" else "<name>"
    yield from _find(root, node.get("additionalProperties"), f"{path}.{name}", seen)
    yield from _find(root, node.get("then"), path, seen)


def to_comment(path: str) -> str:
    """Return the path under which the comments describe a value: defaults of runs, and outputs, repeat other values."""
    path = re.sub(r"^runDefaults\.", "runs.<run>.", path)
    outputs_only = ".createRunFolder"
    if path.endswith(outputs_only):
        return path.replace("persistence.data.", "persistence.outputs.")
    return path.replace("persistence.outputs.<name>.", "persistence.data.<name>.")


def describe(schema: Schema, texts: dict[str, str]) -> Schema:
    """Return the schema with a description of each property, and with the polyaxonfile. Raises SystemExit."""
    schema["definitions"].pop("polyaxonfile", None)
    used = {path for path in texts if path.startswith(PREFIX)}
    for path, node in list(find_properties(schema)):
        comment = to_comment(path)
        if comment not in texts:
            raise SystemExit(f"values.yaml: {path} of values.schema.json has no description: write '# {comment} -- …'")
        rest = {key: value for key, value in node.items() if key != "description"}
        node.clear()
        node.update({"description": texts[comment], **rest})
        used.add(comment)
    if wrong := sorted(texts.keys() - used):
        raise SystemExit(f"values.yaml describes {wrong[0]}, which values.schema.json does not have")
    polyaxonfile = {**build_polyaxonfile(texts, strict=False), "type": ["object", "string", "null"]}
    schema["definitions"]["polyaxonfile"] = polyaxonfile
    return schema


def write_schema(old: str) -> str:
    return write_json(describe(json.loads(old), read_texts())) + "\n"


def main(arguments: list[str]) -> int:
    return run_writer(arguments, PAGE, __doc__, "python -m ci.generate.chart_schema", write_schema)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
