"""Adds the results of other runs to a resolution: a read-only mount for each, and a variable with all paths.

A resolution is what one pod template gets. A reference is a run whose results another run asks for. This module is
imported only if a run has references.
"""

from __future__ import annotations

from post_renderer.catalog.entry import double_dollars
from post_renderer.k8s import POLYAXONFILE
from post_renderer.problems import quoted
from post_renderer.request.polyaxonfile import GROUPS
from post_renderer.resolve.model import Mount, json_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.resolve.model import Reference, Resolution
    from post_renderer.yamltree.node import Value

REFERENCES_MOUNT = "/polyaxon/refs"
OUTSIDE = "no run of the stream has this name, and"


def add_references(
    resolution: Resolution, references: Sequence[Reference], why_outputs: str, request: Request, problems: Problems
) -> None:
    """Add a mount and a path for each reference. Two references to the same run folder are added only once."""
    volumes = {mount.entry.name: mount.entry for mount in resolution.mounts}
    volumes |= {entry.name: entry for entry, _, _ in resolution.buckets if _has_volume(entry)}
    folders: dict[str, tuple[str, str]] = {}  # path -> the volume, and the directory in the volume
    seen: set[tuple[str, str]] = set()
    paths: dict[str, list[str]] = {}
    for reference in references:
        entry = reference.entry or resolution.outputs
        path = _path(reference, entry)
        message, hint = _reference_error(reference, entry, volumes, why_outputs)
        if entry and not message:
            there = (entry.name, _inner_folder(reference, entry))
            if there in seen:
                continue
            seen.add(there)
            if folders.setdefault(path, there) != there:
                message, hint = f"another reference is mounted at {path}", "write both references as user/project/name"
        if message:
            words = f"{reference.group}/{reference.text}"
            place = request.offset_of(words)
            problems.add("invalid-reference", f"{quoted(words)}: {message}", hint, offset=place, about=POLYAXONFILE)
        elif entry:
            _add(resolution, volumes.setdefault(entry.name, entry), reference, path, folders[path][1])
            paths.setdefault(reference.group, []).append(path)
    groups = [f'"{group}": [{", ".join(map(json_string, paths[group]))}]' for group in GROUPS if group in paths]
    resolution.references = f"{{{', '.join(groups)}}}"


def _path(reference: Reference, entry: Entry | None) -> str:
    """Return the path that the program gets: the URL in a bucket, or the path of the mount.

    In the path of a mount, a slash in the run's name becomes a dot, so that no mount is inside another mount.
    """
    if entry and entry.bucket:
        return f"{double_dollars(entry.path()).removesuffix('/')}/{reference.folder}"
    return f"{REFERENCES_MOUNT}/{reference.group}/{reference.text.replace('/', '.')}"


def _has_volume(entry: Entry) -> bool:
    """Return whether a pod has a volume with the name of the entry: for a bucket, it contains the key file."""
    return entry.bucket is None or entry.bucket.key_file


def _inner_folder(reference: Reference, entry: Entry) -> str:
    return f"{double_dollars(entry.sub_path)}/{reference.folder}" if entry.sub_path else reference.folder


def _add(resolution: Resolution, entry: Entry, reference: Reference, path: str, folder: str) -> None:
    if not reference.entry:
        words = f"{reference.group}/{reference.text}"
        where = f"its results are expected in this run's outputs volume, in the directory {folder}"
        resolution.notes.append(f"{words} is not in this stream: {where}")
    if entry.bucket:
        resolution.buckets.append((entry, "reference", path))
        return
    fields: dict[str, Value] = {"name": entry.name, "mountPath": path, "readOnly": True, "subPathExpr": folder}
    resolution.mounts.append(Mount(entry, fields, "reference"))


def _reference_error(
    reference: Reference, entry: Entry | None, volumes: dict[str, Entry], why_outputs: str
) -> tuple[str, str]:
    """Return the message and the hint of the error of a reference. Two empty strings mean that there is no error."""
    outside = reference.entry is None
    if entry is None:
        return f"{OUTSIDE} this run has no outputs volume to look for its results", "check the name of the run"
    if outside and why_outputs == "spread":
        hint = "check the name of the run, or write the outputs volume of both runs in the polyaxonfile"
        return f"{OUTSIDE} with outputsSelection: spread its results may be in any outputs volume", hint
    if outside and not entry.storage():
        return (
            f"{OUTSIDE} each pod has its own volume {entry.name}, without earlier results",
            "check the name of the run",
        )
    if _has_volume(entry) and (there := volumes.get(entry.name)) and there.source != entry.source:
        return (
            f"its results are in the volume {entry.name}, but this run has another volume of that name",
            "rename one volume",
        )
    return "", ""
