"""Reads the volumes and the containers of a pod template, as they are in the stream or as they are after a render."""

from __future__ import annotations

from post_renderer.problems import YamlError
from post_renderer.yamltree import Node, get_mapping_value, scalar_text
from post_renderer.yamltree.node import read_raw, read_through

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.inventory.pod_usage import Fields
    from post_renderer.workloads.model import PodTemplate
    from post_renderer.yamltree.node import Path, Value

CONTAINER_LISTS = ("env", "envFrom", "volumeMounts", "volumeDevices")
NUMBER = "<number>"  # of a pod of a StatefulSet


def read_all(node: Node) -> Value:
    """Return the values of an object. Aliases are followed if that is possible."""
    try:
        return read_through(node)
    except YamlError:
        return read_raw(node)


def read_containers(pod: PodTemplate, values: Value) -> list[Fields]:
    """Return all containers of a pod, with the variables and mounts that they inherit.

    ``values``: the values of the object after the render; None to read the stream as it is.
    """
    found: list[Fields] = []
    for container in pod.containers:
        fields: Fields = {
            key: _values_of(get_mapping_value(container.node, key), (*container.path, key), values)
            for key in CONTAINER_LISTS
        }
        for field, node, key in container.inherits:
            inherited = get_mapping_value(node, key)
            own = fields.get(field)
            fields[field] = [
                *(own if isinstance(own, list) else []),
                *(inner if inherited and isinstance(inner := read_through(inherited), list) else []),
            ]
        found.append(fields)
    debuggers = get_mapping_value(pod.spec, "ephemeralContainers")  # of a pod in the cluster: no render changes them
    found += [
        {key: _values_of(get_mapping_value(node, key), (), None) for key in CONTAINER_LISTS}
        for node in (debuggers.items() if debuggers else ())
    ]
    return found


def read_made_claims(root: Node, kind: str, name: str) -> list[Fields]:
    """Return a volume for each claim that Kubernetes makes for the pods of an object, and names after them.

    A StatefulSet has templates of claims, and a pod can have a generic ephemeral volume.
    """
    if kind == "StatefulSet":
        templates = get_mapping_value(root, "spec", "volumeClaimTemplates")
        volumes = [_name(get_mapping_value(item, "metadata")) for item in (templates.items() if templates else ())]
        claims = [(volume, f"{volume}-{name}-{NUMBER}") for volume in volumes]
    elif kind == "Pod" and name:
        found = get_mapping_value(root, "spec", "volumes")
        volumes = [_name(item) for item in (found.items() if found else ()) if get_mapping_value(item, "ephemeral")]
        claims = [(volume, f"{name}-{volume}") for volume in volumes]
    else:
        return []
    return [{"name": volume, "persistentVolumeClaim": {"claimName": claim}} for volume, claim in claims]


def _name(node: Node | None) -> str:
    return scalar_text(get_mapping_value(node, "name")) or ""


def read_volumes(pod: PodTemplate, values: Value) -> list[Fields]:
    lists = [_values_of(get_mapping_value(pod.spec, "volumes"), (*pod.path, "volumes"), values)]
    lists += [read_through(node) for node in pod.other_volume_lists]
    return [item for found in lists if isinstance(found, list) for item in found if isinstance(item, dict)]


def _values_of(node: Node | None, path: Path, values: Value) -> Value:
    """Return the values at a path of an object; those of ``node`` if ``values`` is None."""
    if values is None:
        return None if node is None else read_through(node)
    found: Value = values
    for step in path:
        if isinstance(found, dict) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int):
            found = found[step]
        else:
            return None
    return found
