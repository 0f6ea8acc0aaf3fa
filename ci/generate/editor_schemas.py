"""Writes the strict JSON schemas for editors into post_renderer/schemas, from the tables of the code.

python -m ci.generate.editor_schemas          writes them
python -m ci.generate.editor_schemas --check  exits 1 when one is stale
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ci.generate.annotations_schema import build_annotations
from ci.generate.catalog_schema import NAME_KEYS, NAMES, build_catalog
from ci.generate.chart_schema import PAGE as CHART_SCHEMA
from ci.generate.compact_json import write_json
from ci.generate.polyaxonfile_schema import build_polyaxonfile
from ci.generate.value_comments import read_texts
from ci.generate.writer import run_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.generate.polyaxonfile_schema import Schema

FOLDER = Path(__file__).resolve().parents[2] / "post_renderer" / "schemas"


def read_chart_schema() -> Schema:
    schema: Schema = json.loads(CHART_SCHEMA.read_text(encoding="utf-8"))
    return schema


def build_values() -> Schema:
    """Return the schema of the chart's values: the types of the chart's schema, and the strict catalog and runs."""
    lenient = read_chart_schema()
    catalog = build_catalog(lenient)
    properties = lenient["properties"]
    description = properties["persistence"]["description"]
    properties["persistence"] = {"description": description, "$ref": "#/definitions/persistence"}
    properties["runs"]["propertyNames"] = NAME_KEYS
    run = {**lenient["definitions"]["run"], "additionalProperties": False}
    polyaxonfile = {**build_polyaxonfile(read_texts(), strict=True), "type": ["object", "string", "null"]}
    return {
        "title": "Values of the chart polyaxon-persistence",
        "type": lenient["type"],
        "additionalProperties": False,
        **{key: lenient[key] for key in ("patternProperties", "properties")},
        "definitions": {
            **catalog,
            "port": lenient["definitions"]["port"],
            "run": run,
            "polyaxonfile": polyaxonfile,
        },
    }


def build_catalog_file() -> Schema:
    """Return the schema of a --persistence file: a catalog, or values with the key persistence."""
    lenient = read_chart_schema()
    described = {
        "description": lenient["properties"]["persistence"]["description"],
        "$ref": "#/definitions/persistence",
    }
    return {
        "title": "A catalog of polyaxon-persistence, or values with the key persistence",
        "type": ["object", "null"],
        "if": {"required": ["persistence"]},
        "then": {"properties": {"persistence": described}},
        "else": {"$ref": "#/definitions/persistence"},
        "definitions": build_catalog(lenient),
    }


def build_polyaxonfile_file() -> Schema:
    schema = build_polyaxonfile(read_texts(), strict=True)
    return {
        "title": "A polyaxonfile of Polyaxon 0.x, as the chart polyaxon-persistence reads it",
        **schema,
        "definitions": NAMES,
    }


def build_annotations_file() -> Schema:
    return {"title": "Annotations that ask for volumes of polyaxon-persistence", **build_annotations()}


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "values": build_values,
    "catalog": build_catalog_file,
    "polyaxonfile": build_polyaxonfile_file,
    "annotations": build_annotations_file,
}


def write_page(name: str) -> Callable[[str], str]:
    text = write_json({"$schema": "http://json-schema.org/draft-07/schema#", **SCHEMAS[name]()}) + "\n"
    return lambda _: text


def main(arguments: list[str]) -> int:
    FOLDER.mkdir(exist_ok=True)
    command = "python -m ci.generate.editor_schemas"
    for name in SCHEMAS:
        code = run_writer(arguments, FOLDER / f"{name}.schema.json", __doc__, command, write_page(name))
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
