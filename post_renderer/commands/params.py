"""Reads the params of a run from its variable POLYAXON_PARAMS, such as those of a member of a grid."""

from __future__ import annotations

from json import dumps, loads
from math import isfinite

from post_renderer.problems import YamlError
from post_renderer.yamltree import MAPPING, SEQUENCE, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.workloads.model import PodTemplate
    from post_renderer.yamltree import Node

    Params = dict[str, object]

PARAMS = "POLYAXON_PARAMS"


def read_params(pod: PodTemplate) -> Params | None:
    """Return the params of the first container that has some; None if there are none.

    Only a value in the pod itself is read. A value from a Secret or a ConfigMap is not in the stream, and a text that
    is not a JSON object is not from the chart.
    """
    for container in pod.containers:
        try:
            text = _find_value(container.node) if container.node else None
            if text is not None:
                return _parse(text)
        except YamlError:
            return None
    return None


def _find_value(container: Node) -> str | None:
    variables = get_mapping_value(container, "env")
    for item in variables.items() if variables and variables.kind == SEQUENCE else ():
        if item.kind == MAPPING and scalar_text(get_mapping_value(item, "name")) == PARAMS:
            return scalar_text(get_mapping_value(item, "value"))
    return None


def _parse(text: str) -> Params | None:
    try:
        # $$ is how the chart writes a dollar sign, which the kubelet would expand. JSON has no infinity.
        found = loads(text.replace("$$", "$"), parse_constant=str, parse_float=_read_float)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None


def _read_float(text: str) -> float | str:
    number = float(text)
    return number if isfinite(number) else text


def format_params(params: Params) -> str:
    """Return `bs=32 lr=0.01`. A text with a space, a quote or a backslash is written as JSON."""
    return " ".join(f"{name}={_format(value)}" for name, value in params.items())


def _format(value: object) -> str:
    is_plain = isinstance(value, str) and value and not any(char.isspace() or char in '"\\=' for char in value)
    return str(value) if is_plain else dumps(value)
