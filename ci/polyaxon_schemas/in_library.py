"""Runs in a Python that has one release of polyaxon-schemas: reads polyaxonfiles (JSON: name -> text) from standard input.

Writes JSON: name -> {"command", "params", "data", "outputs"}, or {"error": the message}. It works on Python 3.6.
"""

import json
import sys

import yaml
from polyaxon_schemas.specs import ExperimentSpecification, JobSpecification

try:
    from polyaxon_schemas.ops.run.cmd import get_container_command_args
except ImportError:  # up to 0.4 this function is part of Polyaxon's server
    get_container_command_args = None

KINDS = {"experiment": ExperimentSpecification, "job": JobSpecification}


class Run(object):
    """What get_container_command_args reads."""

    def __init__(self, cmd):
        self.cmd = cmd


def read(text):
    spec = KINDS[yaml.safe_load(text)["kind"]].read(text)
    if hasattr(spec, "apply_context"):
        spec.apply_context()
    parsed = spec.parsed_data
    environment = spec.environment
    persistence = getattr(environment, "persistence", None)
    return {
        "cmd": parsed["run"]["cmd"],
        "params": parsed.get("params", parsed.get("declarations")),
        "data": getattr(environment, "data_refs", None) or getattr(persistence, "data", None),
        "outputs": (getattr(environment, "artifact_refs", None) or [getattr(persistence, "outputs", None)])[0],
    }


def main():
    asked = json.load(sys.stdin)
    if sys.argv[1] == "commands":
        answers = {name: get_container_command_args(Run(cmd)) for name, cmd in asked.items()}
    else:
        answers = {}
        for name, text in asked.items():
            try:
                answers[name] = read(text)
            except Exception as error:  # the library raises many kinds of errors
                answers[name] = {"error": "{}: {}".format(type(error).__name__, error)}
    json.dump(answers, sys.stdout)


main()
