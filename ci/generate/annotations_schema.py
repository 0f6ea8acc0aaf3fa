"""Builds the JSON schema of the annotations that ask for volumes, from the tables of their reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.generate.catalog_schema import LABEL, NAMES
from post_renderer.k8s import (
    ANNOTATIONS,
    BASE_NAME,
    CONCURRENCY,
    CONTAINERS,
    DATA,
    GROUP,
    KIND,
    OUTPUTS,
    POLYAXONFILE,
    PREFIX,
    PROJECT,
    RUN_FOLDER,
    RUN_POLICY,
    USER,
)
from post_renderer.request import POLICIES
from post_renderer.request.polyaxonfile import RUN_KINDS

if TYPE_CHECKING:
    from ci.generate.polyaxonfile_schema import Schema

SEGMENT: Schema = {
    "pattern": r"^(?!\.+$)[A-Za-z0-9._-]{1,253}$",
    "patternErrorMessage": "not a directory name: use letters, digits, dashes, dots and underscores, and no slash",
}
DATA_NAMES: Schema = {
    "type": "string",
    "pattern": f"^( *{LABEL} *(, *{LABEL} *)*)?$",
    "patternErrorMessage": "write names with commas between them, such as images,labels",
}
# Each annotation: its description, and what its value must be beside a string.
TABLE: dict[str, tuple[str, Schema]] = {
    POLYAXONFILE: ("The polyaxonfile of the run, as text. It asks for volumes and for the results of other runs.", {}),
    CONTAINERS: (
        "The names of the containers that get the volumes, separated by commas. Default: all regular containers.",
        {
            "pattern": f"^ *{LABEL} *(, *{LABEL} *)*$",
            "patternErrorMessage": "write names of containers with commas between them, such as main,sidecar",
        },
    ),
    RUN_FOLDER: ("A fixed name that replaces `{name}` in the run folder.", SEGMENT),
    PROJECT: ("The value of `{project}` in `runFolder` of the catalog.", SEGMENT),
    USER: ("The value of `{user}` in `runFolder` of the catalog.", SEGMENT),
    RUN_POLICY: (
        "What an upgrade does with the old Job of a changed run: `keep` leaves it, `replace` deletes it.",
        {"enum": list(POLICIES)},
    ),
    BASE_NAME: ("The name of the Job without its hash. Only a render writes it.", {"doNotSuggest": True}),
    DATA: (
        "The data volumes, in this order, with commas between. Empty: no volume. Default: the default data volumes.",
        {"$ref": "#/definitions/dataNames"},
    ),
    OUTPUTS: (
        "The outputs volume. Default: the default outputs volume.",
        {"$ref": "#/definitions/outputsName"},
    ),
    KIND: ("The kind of the run. Default: `job`. A run of kind `build` gets no volumes.", {"enum": list(RUN_KINDS)}),
    GROUP: (
        "The name of a group of runs, such as a grid. `{kind}` in the run folder is then `groups/<name>`.",
        SEGMENT,
    ),
    CONCURRENCY: (
        "How many runs of the group Polyaxon ran at the same time. With more runs in the group, this is a warning.",
        {"pattern": "^0*[1-9][0-9]*$", "patternErrorMessage": 'write a whole number, 1 or more, in quotes: "2"'},
    ),
}


def build_annotations() -> Schema:
    """Return the schema of a mapping of annotations, in which other annotations may be, too."""
    properties = {
        name: {
            "description": TABLE[name][0],
            **({} if "$ref" in TABLE[name][1] else {"type": "string"}),
            **TABLE[name][1],
        }
        for name in ANNOTATIONS
    }
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": {"type": "string"},
        "propertyNames": {
            "if": {"pattern": f"^{PREFIX}".replace(".", r"\.")},
            "then": {"enum": list(ANNOTATIONS)},
        },
        "definitions": {"dataNames": DATA_NAMES, "outputsName": NAMES["outputsName"]},
    }
