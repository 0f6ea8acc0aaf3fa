"""The variables and the command of a container, as the kubelet makes them from a rendered pod."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.support.examples import pod_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "team-a"
REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")


def variables_in(workload: dict[str, Any], secrets: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The variables of a workload's first container: only names from before are expanded.

    ``secrets``: name of a Secret -> its keys and values.
    """
    found: dict[str, str] = {}
    fields = {"metadata.namespace": NAMESPACE}
    for label, value in workload["spec"]["template"].get("metadata", {}).get("labels", {}).items():
        fields[f"metadata.labels['{label}']"] = value
    for variable in pod_spec(workload)["containers"][0]["env"]:
        source = variable.get("valueFrom", {})
        if field := source.get("fieldRef"):
            value = fields[field["fieldPath"]]
        elif key := source.get("secretKeyRef"):
            if key.get("optional") and key["key"] not in secrets.get(key["name"], {}):
                continue
            value = secrets[key["name"]][key["key"]]
        else:
            value = expand(variable["value"], found)
        found[variable["name"]] = value
    return found


def command_of(workload: dict[str, Any], variables: Mapping[str, str]) -> list[str]:
    container = pod_spec(workload)["containers"][0]
    return [expand(word, variables) for word in (*container["command"], *container["args"])]


def expand(text: str, variables: Mapping[str, str]) -> str:
    return REFERENCE.sub(lambda match: "$" if match[1] == "$" else variables.get(match[2], match[0]), text)
