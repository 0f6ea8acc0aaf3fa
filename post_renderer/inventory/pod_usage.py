"""Reads from a pod spec which storage its containers read and write, and where the results of the run are.

The input is what Kubernetes gets: volumes, mounts and variables. So the answer is also right for a run that is older
than its catalog, and for pods without a request. Claims, directories of nodes, NFS exports and buckets are storage.
Volumes that each pod has for itself (emptyDir) and volumes from the API (configMap, secret) are not.
"""

from __future__ import annotations

from typing import NamedTuple

from post_renderer.inventory.variables import expand, read_variables
from post_renderer.problems import YamlError
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_bool, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.yamltree.node import Value

    Fields = dict[str, Value]

CLAIM, HOST_PATH, NFS, BUCKET = "claim", "hostPath", "nfs", "bucket"
TYPES = (CLAIM, HOST_PATH, NFS, BUCKET)
DATA_VARIABLE = "POLYAXON_RUN_DATA_PATHS"  # each rendered pod has this variable
BASE_VARIABLE = "POLYAXON_BASE_OUTPUTS_PATH"
RESULTS_VARIABLE = "POLYAXON_RUN_OUTPUTS_PATH"
REFERENCES_VARIABLE = "POLYAXON_REFS_OUTPUTS_PATHS"
OUTPUTS = "outputs"  # the name of an outputs bucket: no variable has the name of its entry
URL = "://"


class Storage(NamedTuple):
    """A place that several pods can share. Only a claim has a namespace; the namespace is empty if it is unknown."""

    type: str
    namespace: str
    name: str


class Use(NamedTuple):
    """What the containers of one pod do with one directory of a storage.

    ``volume``: the name of the volume in the pod, or of the bucket in the catalog.
    ``directory``: a relative path on the storage; empty for all of it.
    ``is_mounted``: False for a volume of the pod that no container mounts. Its claim is in use all the same.
    """

    storage: Storage
    volume: str
    directory: str
    writes: bool
    is_mounted: bool = True


class PodUsage(NamedTuple):
    """What one pod uses.

    ``results``: the storage and the directory that get the results of the run; None if the pod can't write any.
    ``config_maps``: the names of the ConfigMaps that the pod reads.
    """

    uses: list[Use]
    results: tuple[Storage, str] | None
    config_maps: set[str]


def is_rendered(containers: list[Fields]) -> bool:
    """Return whether a render has added its variables to one of the containers."""
    return any(item.get("name") == DATA_VARIABLE for container in containers for item in _list(container, "env"))


def read_usage(volumes: list[Fields], containers: list[Fields], namespace: str, fields: dict[str, str]) -> PodUsage:
    """Return what the containers of a pod use.

    ``volumes``: the volumes of the pod spec. ``containers``: all containers, with the fields that they inherit.
    ``namespace``: the namespace of the pod; empty if it is unknown.
    ``fields``: what the downward API gives to the pod.
    """
    storages = dict(_read_volumes(volumes, namespace))
    uses: dict[tuple[Storage, str, str], Use] = {}
    results: tuple[Storage, str] | None = None
    for container in containers:
        variables = read_variables(_list(container, "env"), fields)
        mounts = list(_read_mounts(container, storages, variables, namespace))
        for use in (*(use for _, use in mounts), *_read_buckets(variables)):
            key = use.storage, use.volume, use.directory
            writes = use.writes or (key in uses and uses[key].writes)
            uses[key] = use._replace(writes=writes)
        results = results or _find_results(variables, mounts)
    mounted = {use.storage for use in uses.values()}
    unused = [Use(one, name, "", False, False) for name, (one, _) in storages.items() if one not in mounted]
    uses |= {(use.storage, use.volume, ""): use for use in unused}
    return PodUsage(list(uses.values()), results, _find_config_maps(volumes, containers))


def _read_volumes(volumes: list[Fields], namespace: str) -> Iterator[tuple[str, tuple[Storage, bool]]]:
    """Yield name -> storage, and whether the volume is read-only, for each volume on a storage."""
    for volume in volumes:
        for key, source in volume.items():
            if not isinstance(source, dict):
                continue
            storage = None
            if key == "persistentVolumeClaim":
                storage = Storage(CLAIM, namespace, str(source.get("claimName")))
            elif key == "hostPath":
                storage = Storage(HOST_PATH, "", str(source.get("path")))
            elif key == "nfs":
                storage = Storage(NFS, "", f"{source.get('server')}:{source.get('path')}")
            if storage:
                yield str(volume.get("name")), (storage, _is_true(source.get("readOnly")))


def _read_mounts(
    container: Fields, storages: dict[str, tuple[Storage, bool]], variables: dict[str, str], namespace: str
) -> Iterator[tuple[str, Use]]:
    """Yield the path of each mount and of each device in the container, with its use."""
    for mount in _list(container, "volumeMounts"):
        name = str(mount.get("name"))
        claim = mount.get("volumeClaimName")  # a mount of an operator that needs no volume
        if isinstance(claim, str):
            name, found = claim, (Storage(CLAIM, namespace, claim), False)
        elif name in storages:
            found = storages[name]
        else:
            continue
        storage, read_only = found
        template = mount.get("subPathExpr")
        directory = expand(str(template), variables) if template else str(mount.get("subPath") or "")
        writes = not read_only and not _is_true(mount.get("readOnly"))
        yield str(mount.get("mountPath")), Use(storage, name, directory.strip("/"), writes)
    for device in _list(container, "volumeDevices"):  # the whole volume, as a block device
        name = str(device.get("name"))
        if name in storages:
            storage, read_only = storages[name]
            yield str(device.get("devicePath")), Use(storage, name, "", not read_only)


def _read_buckets(variables: dict[str, str]) -> Iterator[Use]:
    base = variables.get(BASE_VARIABLE, "").rstrip("/")
    if URL in base:
        yield Use(Storage(BUCKET, "", base), OUTPUTS, "", writes=True)
    for name, url in _read_urls(variables.get(DATA_VARIABLE, "")):
        yield Use(Storage(BUCKET, "", url.rstrip("/")), name, "", writes=False)
    for _, url in _read_urls(variables.get(REFERENCES_VARIABLE, "")):  # the results of other runs
        bucket = base if base and url.startswith(f"{base}/") else url.rstrip("/")
        yield Use(Storage(BUCKET, "", bucket), OUTPUTS, url.removeprefix(bucket).strip("/"), writes=False)


def _read_urls(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and the URLs in the JSON of a variable: paths by name, or lists of paths by kind."""
    if URL not in text:
        return
    try:
        values = read_values(parse(text))
    except YamlError:
        return  # somebody else wrote the variable
    for name, value in values.items() if isinstance(values, dict) else ():
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, str) and URL in path:
                yield name, path


def _find_results(variables: dict[str, str], mounts: list[tuple[str, Use]]) -> tuple[Storage, str] | None:
    """Return where the results of a run are: below the mount that contains the path of its variable."""
    path = variables.get(RESULTS_VARIABLE, "")
    if URL in path:
        base = variables.get(BASE_VARIABLE, "").rstrip("/")
        return Storage(BUCKET, "", base), path.removeprefix(base).strip("/")
    found = [(at, use) for at, use in mounts if path == at or path.startswith(at.rstrip("/") + "/")]
    if not found:
        return None
    at, use = max(found, key=lambda pair: len(pair[0]))
    inside = path[len(at.rstrip("/")) :].strip("/")
    return (use.storage, "/".join(filter(None, (use.directory, inside)))) if use.writes else None


def _find_config_maps(volumes: list[Fields], containers: list[Fields]) -> set[str]:
    sources = [source for volume in volumes for source in (volume, *_list(volume.get("projected"), "sources"))]
    found = [source.get("configMap") for source in sources]
    for container in containers:
        found += [item.get("configMapRef") for item in _list(container, "envFrom")]
        found += [
            source.get("configMapKeyRef")
            for item in _list(container, "env")
            if isinstance(source := item.get("valueFrom"), dict)
        ]
    return {str(source["name"]) for source in found if isinstance(source, dict) and source.get("name")}


def _is_true(value: Value) -> bool:
    """Return whether a field is true. The values of planned edits are texts."""
    return value == "true" or read_bool(value) is True


def _list(fields: Value, key: str) -> list[Fields]:
    """Return the mappings in a list of a mapping; none if there is no such list."""
    value = fields.get(key) if isinstance(fields, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
