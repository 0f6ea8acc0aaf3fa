"""Builds the JSON schema of a polyaxonfile from the tables of the chart's templates and of the post-renderer.

The lenient one is part of the chart's schema. It only describes, because the chart's own messages are better than those
of a schema: its types are all types, the wanted ones first, which editors suggest. The strict one is for editors.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from ci.generate.value_comments import CHART
from post_renderer.migrate.tables import BACKENDS
from post_renderer.request.polyaxonfile import GROUPS

Schema = dict[str, Any]

PREFIX = "runs.<run>.polyaxonfile."
TYPES = ("object", "array", "string", "number", "boolean", "null")
NUMBER: Schema = {"type": ["number", "string", "null"]}
COUNT: Schema = {"type": ["integer", "null"], "minimum": 1}
MAPPING: Schema = {"type": ["object", "null"]}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
THREE_NUMBERS: Schema = {
    "type": ["string", "array", "object", "null"],
    "pattern": "^[^:]+:[^:]+:[^:]+$",
    "minItems": 3,
    "maxItems": 3,
    "minProperties": 3,
    "maxProperties": 3,
}
SEGMENT = r"(?!\.+(/|$))[A-Za-z0-9._-]+"
RUN_NAMES: Schema = {
    "type": ["array", "null"],
    "items": {"type": "string", "pattern": f"^{SEGMENT}(/{SEGMENT}){{0,2}}$"},
}
DATA_NAMES: Schema = {"type": ["array", "null"], "items": {"$ref": "#/definitions/dataName"}, "uniqueItems": True}
# What a value must be, by the words of the chart's table of keys.
OF_KIND: dict[str, Schema] = {
    "any": {},
    "string": {"type": ["string", "null"]},
    "mapping": MAPPING,
    "strings": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}},
    "list": {"type": ["array", "null"]},
    "names": {"type": ["array", "null"], "items": {"type": "string"}},
    "number": {"type": ["integer", "null"], "minimum": 0},
    "declared": {"type": ["array", "null"], "items": {"type": "object"}},
    "variables": {
        "type": ["array", "object", "null"],
        "items": {"type": "array", "items": [{"type": "string"}, SCALAR], "minItems": 2, "maxItems": 2},
        "additionalProperties": SCALAR,
    },
}
KINDS = (*BACKENDS, "group")
SEARCHES = ("random_search", "hyperband", "bo", "early_stopping")
AMOUNTS = ("requests", "limits")
# What the tables do not say: keys below keys, and what their values must be.
BELOW: dict[str, tuple[str, ...]] = {
    "environment.persistence": ("data", "outputs"),
    "environment.outputs": GROUPS,
    **{f"environment.resources.{name}": AMOUNTS for name in ("cpu", "memory", "gpu")},
    "hptuning.grid_search": ("n_experiments",),
    "hptuning.matrix.<param>": ("values", "range", "linspace"),
    "matrix.<param>": ("values", "range", "linspace"),
}
SHAPES: dict[str, Schema] = {
    "version": {"enum": [1, "1", None]},
    "kind": {"enum": [*KINDS, None]},
    "backend": {"enum": [*dict.fromkeys(name for names, _ in BACKENDS.values() for name in names), None]},
    "inputs[].name": {"type": "string"},
    "inputs[].is_flag": {"type": ["boolean", "string", "null"]},
    "environment.persistence": MAPPING,
    "environment.persistence.data": DATA_NAMES,
    "environment.persistence.outputs": {"$ref": "#/definitions/outputsNameOrNull"},
    "environment.data_refs": DATA_NAMES,
    "environment.artifact_refs": {"type": ["array", "null"], "items": {"$ref": "#/definitions/outputsName"}},
    "environment.outputs": MAPPING,
    **{f"environment.outputs.{group}": RUN_NAMES for group in GROUPS},
    **{f"environment.resources.{name}.{bound}": NUMBER for name in ("cpu", "memory", "gpu") for bound in AMOUNTS},
    "run": {**MAPPING, "minProperties": 1},
    "run.cmd": {"type": ["string", "array"], "items": {"type": "string"}, "minLength": 1, "minItems": 1},
    "hptuning.concurrency": COUNT,
    "hptuning.grid_search": MAPPING,
    "hptuning.grid_search.n_experiments": COUNT,
    **{
        f"{matrix}{rest}": shape
        for matrix in ("hptuning.matrix", "matrix")
        for rest, shape in {
            "": MAPPING,
            ".<param>": MAPPING,
            ".<param>.values": {"type": ["array", "null"], "minItems": 1},
            ".<param>.range": THREE_NUMBERS,
            ".<param>.linspace": THREE_NUMBERS,
        }.items()
    },
    "hptuning": MAPPING,
}


def read_template(name: str) -> str:
    return (CHART / "templates" / name).read_text(encoding="utf-8")


@cache
def read_tables() -> dict[str, dict[str, dict[str, str]]]:
    """Return the chart's table: section -> ``taken`` (key -> kind) and ``instead`` (key -> what to write instead)."""
    text = read_template("_polyaxonfile.tpl").partition('define "polyaxon-persistence.polyaxonfileKeys" -}}\n')[2]
    tables: dict[str, dict[str, dict[str, str]]] = YAML(typ="safe").load(text.partition("{{- end }}")[0])
    return {"": tables.pop("polyaxonfile"), **tables}


@cache
def read_keys() -> dict[str, tuple[str, ...]]:
    """Return the supported keys of each mapping in a polyaxonfile, by its path."""

    def read_list(template: str) -> tuple[str, ...]:
        words = re.findall(r'\$known := list ((?:"\w+" ?)+)\}\}', read_template(template))
        return tuple(re.findall(r"\w+", words[0]))

    keys = {section: tuple(table["taken"]) for section, table in read_tables().items()}
    keys[""] += ("hptuning", "matrix")
    return {**keys, **BELOW, "inputs[]": read_list("_inputs.tpl"), "hptuning": read_list("_grid.tpl")}


def build_polyaxonfile(texts: dict[str, str], *, strict: bool) -> Schema:
    """Return the schema. ``texts``: the descriptions by path in the values."""
    return {"type": "object", **_build("", texts, strict=strict)}


def _build(path: str, texts: dict[str, str], *, strict: bool) -> Schema:
    """Return the schema of the value at a path, with all that is below it."""
    keys = read_keys()
    node: Schema = dict(_shape(path) if strict else _all_types(_shape(path))) if path else {}
    below = [where for where in (path, f"{path}[]", f"{path}.<param>") if where in keys]
    for where in below:
        inner = {key: _build(f"{where}.{key}".lstrip("."), texts, strict=strict) for key in keys[where]}
        fields: Schema = {"properties": inner}
        if strict:
            fields = {"additionalProperties": False, "properties": {**inner, **_refused(where)}}
        if where == path:
            node.update(fields)
        elif strict:
            node["items" if where.endswith("[]") else "additionalProperties"] = {**_shape(where), **fields}
        else:
            node["items" if where.endswith("[]") else "additionalProperties"] = fields
    return {"description": _describe(path, texts), **node} if path else node


def _shape(path: str) -> Schema:
    """Return what the value at a path must be."""
    if path in SHAPES:
        return SHAPES[path]
    if path.endswith("[]"):
        return {"type": "object"}
    section, _, key = path.rpartition(".")
    return OF_KIND[read_tables().get(section, {"taken": {}})["taken"].get(key, "any")]


def _all_types(shape: Schema) -> Schema:
    """Return a schema that accepts everything, and in which the types of ``shape`` are the first ones."""
    given = shape.get("type") or ("string" if "$ref" in shape or "enum" in shape else [])
    given = [given] if isinstance(given, str) else given
    wanted = [name.replace("integer", "number") for name in given if name != "null"]
    return {"type": [*wanted, *(name for name in TYPES if name not in wanted)]} if wanted else {}


def _describe(path: str, texts: dict[str, str]) -> str:
    """Return the description of a key. A matrix at the top has the keys of hptuning.matrix."""
    return texts[PREFIX + ("hptuning." + path if path.startswith("matrix.") else path)]


def _refused(section: str) -> Schema:
    """Return the keys that the chart does not support, which may only be null or empty. Editors show what to write."""
    table = read_tables().get(section, {"instead": {}})["instead"]
    refused: Schema = {}
    for key, instead in table.items():
        hint = instead.replace("%s", "runs.<run>")
        if key in read_keys()[section]:
            continue
        refused[key] = {"description": f"Only together with runs.<run>.image: {hint}", "doNotSuggest": True}
        if section != "build":
            refused[key] = _empty(f"not supported: {hint}")
    if section == "hptuning":
        refused = {key: _empty("not supported: no run sees the results of others") for key in SEARCHES}
    return refused


def _empty(message: str) -> Schema:
    text = message[0].upper() + message[1:]
    return {"description": text, "errorMessage": message, "enum": [None, [], {}], "doNotSuggest": True}
