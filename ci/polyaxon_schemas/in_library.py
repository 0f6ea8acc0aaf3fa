"""Reads polyaxonfiles with polyaxon-schemas. It runs in a Python from 3.7 to 3.11 that has one release of the library.

usage: PYTHON in_library.py read        (standard input: JSON, name -> text of a polyaxonfile)
       PYTHON in_library.py commands    (standard input: JSON, name -> the value of run.cmd that read found)

``read`` writes JSON: name -> {"cmd", "params", "data", "outputs"}, or {"error": the message}. ``commands`` writes JSON:
name -> [the command of the container, its arguments].
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import yaml

KINDS = {"experiment": "ExperimentSpecification", "job": "JobSpecification"}


def read(text: str) -> dict[str, Any]:
    specification = getattr(import_module("polyaxon_schemas.specs"), KINDS[yaml.safe_load(text)["kind"]])
    spec = specification.read(text)
    if hasattr(spec, "apply_context"):  # from 0.5 on
        spec.apply_context()
    parsed, environment = spec.parsed_data, spec.environment
    persistence = getattr(environment, "persistence", None)  # up to 0.4
    return {
        "cmd": parsed["run"]["cmd"],
        "params": parsed.get("params", parsed.get("declarations")),
        "data": getattr(environment, "data_refs", None) or getattr(persistence, "data", None),
        "outputs": (getattr(environment, "artifact_refs", None) or [getattr(persistence, "outputs", None)])[0],
    }


def read_or_error(text: str) -> dict[str, Any]:
    try:
        return read(text)
    except Exception as error:  # noqa: BLE001 - each release raises other kinds of errors
        return {"error": f"{type(error).__name__}: {error}"}


def find_commands(cmds: dict[str, Any]) -> dict[str, Any]:
    # Up to 0.4 this function was a part of Polyaxon's server, not of the library.
    convert = import_module("polyaxon_schemas.ops.run.cmd").get_container_command_args
    return {name: convert(SimpleNamespace(cmd=cmd)) for name, cmd in cmds.items()}


asked = json.load(sys.stdin)
answer = find_commands(asked) if sys.argv[1] == "commands" else {name: read_or_error(asked[name]) for name in asked}
json.dump(answer, sys.stdout)
