"""Decides which volumes, mounts and variables a pod template gets for its request, and the reason for each.

A request is what the annotations of a pod template ask for.
Input: the `Catalog`, the `Request`, the `Identity` (the run's name), and the other runs that the request refers to.
Output: a `Resolution`. Its volumes, mounts and variables are dicts with the fields of Kubernetes' core/v1. Errors and
warnings are added to ``problems``, with the offset of the request in its document; nothing is raised. The variables and
the meaning of a request are those of Polyaxon 0.x. The result is an interface: the names of Jobs depend on it, so a
change of the result starts the runs of users again.
"""

from __future__ import annotations

from post_renderer.catalog import NAME_VARIABLE, NAMESPACE_VARIABLE
from post_renderer.catalog.entry import double_dollars
from post_renderer.problems import quoted
from post_renderer.resolve.identity import build_folder, fill_sub_path
from post_renderer.resolve.model import Mount, Resolution, json_string
from post_renderer.resolve.selection import choose_data, choose_outputs, warn_ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.resolve.identity import Identity
    from post_renderer.resolve.model import Reference
    from post_renderer.yamltree.node import Value

VALUE_LIMIT: Final = 128 * 1024  # bytes of one string NAME=value and its final zero byte: MAX_ARG_STRLEN of Linux
RUN_MOUNT: Final = "/polyaxon/outputs"
FOLDER_VARIABLE: Final = "POLYAXON_RUN_FOLDER"


def resolve(
    catalog: Catalog, request: Request, identity: Identity, problems: Problems, references: Sequence[Reference] = ()
) -> Resolution | None:
    """Return the resolution of a request. None if an error was reported, or if a setting of the catalog has an error.

    ``references``: the other runs whose results the request asks for, from `runs.references`.
    """
    before = problems.count_errors()
    outputs, why_outputs = choose_outputs(catalog, request, identity, problems)
    data: list[Entry] = []
    why_data = ""
    if request.kind == "tensorboard":
        message = "a run of kind tensorboard gets no data volumes, so the named volumes have no effect"
        warn_ignored(request, problems, message, data=request.data)
    else:
        data, why_data = choose_data(catalog, request, problems)
    if problems.count_errors() > before or catalog.settings_problems:
        return None
    resolution = Resolution()
    if outputs:
        resolution.outputs = outputs
        resolution.run_folder = build_folder(catalog, request, identity, problems)
        resolution.mounts += _outputs_mounts(catalog, outputs, why_outputs)
    resolution.mounts += [
        Mount(entry, _data_fields(entry, request, problems), why_data) for entry in data if not entry.bucket
    ]
    _refuse_same_paths(resolution.mounts, request, why_data, problems)
    if outputs and outputs.bucket:
        _refuse_quotes(resolution.run_folder, request, problems)
        resolution.buckets.append((outputs, why_outputs, _run_path(outputs)))
    resolution.buckets += [(entry, why_data, double_dollars(entry.path())) for entry in data if entry.bucket]
    if references:
        from post_renderer.resolve.reference_mounts import add_references  # few runs refer to other runs

        add_references(resolution, references, why_outputs, request, problems)
    _build_volumes(resolution)
    _build_env(resolution, catalog, identity, data)
    if resolution.buckets:
        _add_access(resolution, request, problems)
    _refuse_long_values(resolution.env, request, problems)
    return None if problems.count_errors() > before else resolution


def _refuse_quotes(run_folder: str, request: Request, problems: Problems) -> None:
    """Report a quote or a backslash in the run folder of a bucket, because the folder becomes part of JSON text."""
    if not set(run_folder).isdisjoint('"\\'):
        message = "the catalog's runFolder has a quote or a backslash, but the path of a bucket can't have these"
        problems.add("run-folder", message, "remove the character from runFolder", offset=request.offset)


def resolve_build(request: Request, problems: Problems) -> Resolution:
    """Return an empty resolution, because a build gets no volumes. Warn if the request asks for volumes."""
    message = "a run of kind build gets no volumes, so the named volumes have no effect"
    warn_ignored(request, problems, message, data=request.data, outputs=request.outputs, references=request.references)
    return Resolution()


def _mount_fields(entry: Entry) -> dict[str, Value]:
    fields: dict[str, Value] = {"name": entry.name, "mountPath": entry.mount_path}
    if entry.read_only:
        fields["readOnly"] = True
    if entry.sub_path:
        fields["subPath"] = entry.sub_path
    return fields


def _data_fields(entry: Entry, request: Request, problems: Problems) -> dict[str, Value]:
    fields = _mount_fields(entry)
    if entry.sub_path_template:
        del fields["subPath"]
        fields["subPathExpr"] = fill_sub_path(entry, entry.sub_path_template, request, problems)
    return fields


def _outputs_mounts(catalog: Catalog, entry: Entry, why: str) -> list[Mount]:
    """Return the mounts of the outputs volume: the whole volume, and only the run folder. A bucket has no mounts.

    The mount of the run folder exists to create the folder: the kubelet creates the directory of ``subPathExpr`` before
    the container starts. It is missing for a read-only volume and with ``createRunFolder: false``. With ``isolateRuns``
    there is only one mount: the run folder, at the mount path of the entry.
    """
    if entry.bucket:
        return []
    folder = f"$({FOLDER_VARIABLE})"
    if entry.sub_path:
        folder = f"{double_dollars(entry.sub_path)}/{folder}"
    alone: dict[str, Value] = {"name": entry.name, "mountPath": RUN_MOUNT, "subPathExpr": folder}
    if catalog.isolate_runs:
        alone["mountPath"] = entry.mount_path
        if entry.read_only:
            alone["readOnly"] = True
        return [Mount(entry, alone, why)]
    mounts = [Mount(entry, _mount_fields(entry), why)]
    if entry.create_run_folder and not entry.read_only:
        mounts.append(Mount(entry, alone, "run folder"))
    return mounts


def _refuse_same_paths(mounts: list[Mount], request: Request, why_data: str, problems: Problems) -> None:
    """Report one error for all pairs of entries with the same mount path."""
    taken: dict[str, Entry] = {}
    pairs: list[str] = []
    for mount in mounts:
        path = str(mount.fields["mountPath"])
        first = taken.setdefault(path, mount.entry)
        if first is not mount.entry:
            pairs.append(f"{first.name} and {mount.entry.name} have the same mount path {quoted(path)}")
    if pairs:
        hint = f"name the volumes that the run needs in {request.where('data')}"
        if why_data != "asked":
            hint = "list the default data in the catalog's defaultData, or " + hint
        else:
            hint = f"name only one entry for each mount path in {request.where('data')}"
        offset = request.offset_of("", "data")
        problems.add("same-mount-path", "; ".join(pairs), hint, offset=offset, about=request.about("data"))


def _build_volumes(resolution: Resolution) -> None:
    """Add one volume for each entry, but only one for each claim: Kubernetes 1.34 hangs on two volumes of one claim."""
    by_claim: dict[str, list[Entry]] = {}
    volumes: dict[str, dict[str, Value]] = {}  # claim -> the volume with this claim
    mounts: dict[Entry, list[Mount]] = {}
    for mount in resolution.mounts:
        mounts.setdefault(mount.entry, []).append(mount)
    for entry, its_mounts in mounts.items():
        if entry.claim:
            by_claim.setdefault(entry.claim, []).append(entry)
        else:
            resolution.volumes.append({"name": entry.name, **entry.source})
            continue
        sharing = by_claim[entry.claim]
        if len(sharing) > 1:
            resolution.notes.append(
                f"{entry.name} shares the volume {sharing[0].name}: both use the claim {entry.claim}"
            )
            for mount in its_mounts:
                mount.fields["name"] = sharing[0].name
        else:
            volumes[entry.claim] = {"name": entry.name, "persistentVolumeClaim": {"claimName": entry.claim}}
            resolution.volumes.append(volumes[entry.claim])
    for claim, sharing in by_claim.items():
        if all(entry.read_only for entry in sharing):
            volumes[claim]["persistentVolumeClaim"] = {"claimName": claim, "readOnly": True}


def _build_env(resolution: Resolution, catalog: Catalog, identity: Identity, data: Sequence[Entry]) -> None:
    """Add the variables. A variable is below those that it refers to: Kubernetes expands only names above it."""
    env = resolution.env
    if resolution.outputs and identity.name_field:
        env.append(_field(NAME_VARIABLE, identity.name_field))
    env.append(_field(NAMESPACE_VARIABLE, "metadata.namespace"))
    if resolution.outputs:
        base = double_dollars(resolution.outputs.path())
        run = base if catalog.isolate_runs else _run_path(resolution.outputs)
        env.append({"name": FOLDER_VARIABLE, "value": resolution.run_folder})
        env.append({"name": "POLYAXON_BASE_OUTPUTS_PATH", "value": base})
        env.append({"name": "POLYAXON_RUN_OUTPUTS_PATH", "value": run})
    items = ", ".join(f"{json_string(entry.name)}: {json_string(entry.path())}" for entry in data)
    paths = double_dollars(f"{{{items}}}")
    # Polyaxon 0.1 and 0.2 had the first name, later versions the second. Each helper library reads one of them.
    env.append({"name": "POLYAXON_DATA_PATHS", "value": paths})
    env.append({"name": "POLYAXON_RUN_DATA_PATHS", "value": paths})
    if resolution.references:
        env.append({"name": "POLYAXON_REFS_OUTPUTS_PATHS", "value": resolution.references})
    env.append({"name": "POLYAXON_IN_CLUSTER", "value": "true"})


def _refuse_long_values(env: list[dict[str, Value]], request: Request, problems: Problems) -> None:
    for variable in env:
        length = len(str(variable["name"])) + 2 + len(str(variable.get("value", "")).encode())
        if length > VALUE_LIMIT:
            size = f"{length:,} bytes"
            message = f"{variable['name']} would have {size}, but Linux starts no program with a variable of this size"
            problems.add("value-too-long", message, "ask for fewer volumes", offset=request.offset)


def _run_path(outputs: Entry) -> str:
    return f"{double_dollars(outputs.path()).removesuffix('/')}/$({FOLDER_VARIABLE})"


def _add_access(resolution: Resolution, request: Request, problems: Problems) -> None:
    from post_renderer.resolve.bucket_env import add_access

    for message, remedy in add_access(resolution):
        has_reference = any(why == "reference" for _, why, _ in resolution.buckets)
        reference = "remove the reference, or " if has_reference else ""
        hint = f"name only the buckets that the run needs in {request.where()}, or {reference}{remedy}"
        offset = request.offset_of("", "data")
        problems.add("bucket-secrets", message, hint, offset=offset, about=request.about("data"))


def _field(name: str, path: str) -> dict[str, Value]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
