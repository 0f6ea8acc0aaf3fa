"""Finds what a rendered pod has beyond its request. Such a pod was rendered with another catalog or request."""

from __future__ import annotations

from post_renderer.catalog import NAME_VARIABLE
from post_renderer.inject import choose_containers
from post_renderer.inventory.pod_usage import BASE_VARIABLE, DATA_VARIABLE, REFERENCES_VARIABLE, RESULTS_VARIABLE
from post_renderer.inventory.pod_values import read_containers
from post_renderer.problems import YamlError
from post_renderer.resolve import FOLDER_VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.runs import Run

# The variables that a render adds. Users can have a reason to write the others, POLYAXON_K8S_NAMESPACE and so on.
VARIABLES = frozenset(
    (
        *(NAME_VARIABLE, FOLDER_VARIABLE, BASE_VARIABLE, RESULTS_VARIABLE),
        *(DATA_VARIABLE, "POLYAXON_DATA_PATHS", REFERENCES_VARIABLE),
    )
)
MOUNTS = "/polyaxon/"  # no entry of a catalog can be mounted below it
OTHER_CATALOG = "it was rendered with another catalog: add --persistence FILE"


def list_extra(run: Run) -> list[tuple[str, str, str]]:
    """Return tuples of container name, type and name of each item. The list is empty for a pod that is not rendered."""
    try:
        containers = read_containers(run.pod, None)
    except YamlError:  # an alias; a render reports it where it must be changed
        return []
    chosen = {container.path for container in choose_containers(run.pod, run.request)}
    names = {item["name"] for item in run.resolution.env}
    paths = {mount.fields["mountPath"] for mount in run.resolution.mounts}
    found: list[tuple[str, str, str]] = []
    for container, fields in zip(run.pod.containers, containers, strict=True):
        if container.path not in chosen:
            continue
        env, mounts = fields.get("env"), fields.get("volumeMounts")
        for item in env if isinstance(env, list) else ():
            name = item.get("name") if isinstance(item, dict) else None
            if name in VARIABLES and name not in names:
                found.append((container.name, "variable", str(name)))
        for item in mounts if isinstance(mounts, list) else ():
            path = str(item.get("mountPath")) if isinstance(item, dict) else ""
            if path.startswith(MOUNTS) and path not in paths:
                found.append((container.name, "mount", path))
    return found
