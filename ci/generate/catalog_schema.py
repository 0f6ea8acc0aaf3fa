"""Builds the strict JSON schema of a catalog from the tables of its reader, and the types in the chart's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.bucket import STORES
from post_renderer.catalog.entry import (
    ACCESS_MODES,
    BUCKET_KEYS,
    DATA,
    HOST_PATH_TYPES,
    KEYS,
    OUTPUTS,
    OUTPUTS_KEYS,
    SETTINGS,
    SHARED_KEYS,
    SOURCES,
    VOLUME_SOURCES,
    WORDS_OF_HELM,
)
from post_renderer.catalog.path_template import PLACEHOLDERS, SUB_PATH_PLACEHOLDERS
from post_renderer.catalog.read import SELECTIONS
from post_renderer.workloads.catalog_kinds import KIND_FIELDS

if TYPE_CHECKING:
    from ci.generate.polyaxonfile_schema import Schema

LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
NAME = f"^(?!({'|'.join(sorted(WORDS_OF_HELM))})$){LABEL}$"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
PATH = "[^/:][^:]*$"
NAME_MESSAGE = "not a name: write lower-case letters, digits and dashes"
NAME_KEYS: Schema = {"pattern": NAME, "patternErrorMessage": NAME_MESSAGE}
# The names that runs may ask for. The command `schema` replaces them by the names of the site.
NAMES: Schema = {
    "dataName": {"type": "string", **NAME_KEYS},
    "outputsName": {"type": "string", **NAME_KEYS},
    "outputsNameOrNull": {"type": ["string", "null"], **NAME_KEYS},
}


def _template(placeholders: tuple[str, ...]) -> Schema:
    return {
        "pattern": rf"^([^{{}}:]|\{{({'|'.join(placeholders)})\}})*$",
        "patternErrorMessage": f"the placeholders are {', '.join(f'{{{name}}}' for name in placeholders)}",
    }


# What the reader checks beside the types.
SHAPES: dict[str, Schema] = {
    "mountPath": {
        "pattern": f"^/(?!polyaxon(/|$)){PATH}",
        "patternErrorMessage": "write an absolute path, such as /data/images, that is not below /polyaxon",
    },
    "hostPath": {"pattern": f"^/{PATH}", "patternErrorMessage": "write an absolute path, such as /srv/data"},
    "hostPathType": {"enum": [*HOST_PATH_TYPES, None]},
    "existingClaim": {"pattern": f"^{SUBDOMAIN}$", "patternErrorMessage": "not the name of a PersistentVolumeClaim"},
    "volumeSource": {
        "additionalProperties": False,
        "properties": {name: {"type": ["object", "null"]} for name in sorted(VOLUME_SOURCES)},
    },
    "accessModes": {"items": {"enum": list(ACCESS_MODES)}, "minItems": 1},
    "store": {"enum": [*STORES, None]},
    "bucket": {
        "pattern": f"^({'|'.join(url.partition('//')[0] for url in STORES.values())})//",
        "patternErrorMessage": f"write a URL, such as {', '.join(STORES.values())}",
    },
    "secret": {"pattern": f"^({SUBDOMAIN})?$", "patternErrorMessage": "not the name of a Secret"},
    "credentials": {"enum": ["env", "", None]},
}
SUB_PATHS = {
    DATA: _template(SUB_PATH_PLACEHOLDERS),
    OUTPUTS: {"pattern": "^[^{}:]*$", "patternErrorMessage": "only data entries can have placeholders"},
}


def _forbid(keys: list[str], message: str) -> Schema:
    return {"properties": {key: {"type": "null", "errorMessage": message} for key in keys}}


def _has(key: str) -> Schema:
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}


def _build_entry(lenient: Schema, role: str) -> Schema:
    keys = [*KEYS, *(OUTPUTS_KEYS if role == OUTPUTS else ()), *BUCKET_KEYS]
    types = lenient["definitions"]["entry"]["properties"]
    shapes = {**SHAPES, "subPath": SUB_PATHS[role]}
    volume_keys = [key for key in (*KEYS, *OUTPUTS_KEYS) if key in keys and key not in SHARED_KEYS]
    bucket = _forbid(volume_keys, "a bucket can't have this key: no pod mounts it")
    rules: list[Schema] = [{"if": {"anyOf": [_has(key) for key in BUCKET_KEYS]}, "then": bucket}]
    for number, source in enumerate(SOURCES[:-1]):
        others = list(SOURCES[number + 1 :])
        only = _forbid(others, f"an entry has exactly one source, and this one has {source}")
        rules.append({"if": _has(source), "then": only})
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {key: {**types[key], **shapes.get(key, {})} for key in keys},
        "allOf": rules,
    }


def build_catalog(lenient: Schema) -> Schema:
    """Return the definitions of the catalog. ``lenient``: the chart's schema, with types and descriptions."""
    types = lenient["properties"]["persistence"]["properties"]
    kind_types = types["workloads"]["items"]["properties"]
    shapes: dict[str, Schema] = {
        **{
            role: {"type": ["object", "null"], "propertyNames": NAME_KEYS, "additionalProperties": {"$ref": entry}}
            for role, entry in ((DATA, "#/definitions/dataEntry"), (OUTPUTS, "#/definitions/outputsEntry"))
        },
        "defaultData": {"items": {"$ref": "#/definitions/dataName"}, "uniqueItems": True},
        "defaultOutputs": {"$ref": "#/definitions/outputsNameOrNull"},
        "outputsSelection": {"enum": [*SELECTIONS, None]},
        "runFolder": _template(PLACEHOLDERS),
        "workloads": {
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": list(KIND_FIELDS),
                "properties": {key: {**kind_types[key], "type": kind_types[key]["type"][0]} for key in KIND_FIELDS},
            }
        },
    }
    settings = {}
    for key in SETTINGS:
        merged = {**types[key], **shapes.get(key, {})}
        if merged.get("$ref") == types[key].get("$ref"):
            merged.pop("$ref", None)  # the chart's lenient definition
        settings[key] = merged
    return {
        **NAMES,
        "dataEntry": _build_entry(lenient, DATA),
        "outputsEntry": _build_entry(lenient, OUTPUTS),
        "persistence": {"type": ["object", "null"], "additionalProperties": False, "properties": settings},
    }
