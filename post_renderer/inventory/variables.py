"""Expands the variables of a container as the kubelet does. What only the cluster knows becomes words in brackets."""

from __future__ import annotations

import re

from post_renderer.k8s import JOB_NAME_LABEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamltree.node import Value

PREFIX = "POLYAXON_"
UNKNOWN_NAMESPACE = "<namespace>"
UNKNOWN_NAME = "<name in the cluster>"
UNKNOWN_VALUE = "<unknown>"
REFERENCE = re.compile(r"\$(?:\$|\(([^()]*)\))")


def make_fields(namespace: str, *, job: str, pod: str) -> dict[str, str]:
    """Return what the downward API gives to a pod. A text is empty if only the cluster knows it.

    ``job``: the name of the pod's Job. ``pod``: the name of the pod.
    """
    return {
        "metadata.namespace": namespace or UNKNOWN_NAMESPACE,
        "metadata.name": pod or UNKNOWN_NAME,
        f"metadata.labels['{JOB_NAME_LABEL}']": job or UNKNOWN_NAME,
    }


def read_variables(env: list[dict[str, Value]], fields: dict[str, str]) -> dict[str, str]:
    """Return the values of a container's variables. ``fields``: what the downward API gives to the pod.

    The values of other variables may be secret, so ``$(NAME)`` of such a variable is not expanded.
    """
    variables: dict[str, str] = {}
    for item in env:
        name, value, source = str(item.get("name")), item.get("value"), item.get("valueFrom")
        field = source.get("fieldRef") if isinstance(source, dict) else None
        if isinstance(field, dict):
            variables[name] = fields.get(str(field.get("fieldPath")), UNKNOWN_VALUE)
        elif isinstance(value, str) and name.startswith(PREFIX):
            variables[name] = expand(value, variables)
    return variables


def expand(text: str, variables: dict[str, str]) -> str:
    """Replace ``$(NAME)`` by the value of a variable, and ``$$`` by ``$``. An unknown name stays as it is."""

    def replace(found: re.Match[str]) -> str:
        return "$" if found[1] is None else variables.get(found[1], found[0])

    return REFERENCE.sub(replace, text)
