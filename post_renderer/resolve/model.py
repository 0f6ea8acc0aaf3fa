"""Defines a resolution: the volumes, mounts and variables that one pod template gets, with the reasons."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.yamltree.node import Value


class Mount:
    """One volume mount.

    ``entry``: the entry of the catalog that is mounted.
    ``fields``: dict with the fields of Kubernetes' VolumeMount.
    ``reason``: why the run gets the mount, for the command `explain`.
    """

    __slots__ = ("entry", "fields", "reason")

    def __init__(self, entry: Entry, fields: dict[str, Value], reason: str) -> None:
        self.entry = entry
        self.fields = fields
        self.reason = reason


class Resolution:
    """What one pod template gets. Its lists have the order in which their items are added to the pod template.

    ``volumes``, ``env``: dicts with the fields of Kubernetes' Volume and EnvVar.
    ``mounts``: the mounts of each container that gets the volumes.
    ``buckets``: tuples of an entry that is not mounted, the reason, and the path that the program gets. The kubelet
    expands the path.
    ``outputs``: the entry for the run's results, or None.
    ``run_folder``: the directory of the results in ``outputs``; the kubelet expands it.
    ``references``: JSON text with the paths of other runs' results; empty if there are none.
    ``notes``: sentences for the command `explain`.
    """

    __slots__ = ("buckets", "env", "mounts", "notes", "outputs", "references", "run_folder", "volumes")

    def __init__(self) -> None:
        self.volumes: list[dict[str, Value]] = []
        self.mounts: list[Mount] = []

        self.buckets: list[tuple[Entry, str, str]] = []
        self.env: list[dict[str, Value]] = []
        self.outputs: Entry | None = None
        self.references = ""
        self.run_folder = ""
        self.notes: list[str] = []


class Reference:
    """Another run, whose results a run asks for.

    ``group``: ``jobs`` or ``experiments``.
    ``text``: the name of the other run in the polyaxonfile, ``[[user/]project/]name``.
    ``entry``: the outputs entry of the other run. None if the stream does not have the other run. Then its results are
    expected in the outputs volume of the run that asks.
    ``folder``: the run folder of the other run.
    """

    __slots__ = ("entry", "folder", "group", "text")

    def __init__(self, group: str, text: str, entry: Entry | None, folder: str) -> None:
        self.group = group
        self.text = text
        self.entry = entry
        self.folder = folder


def json_string(text: str) -> str:
    """Return ``json.dumps(text)``. The module json is imported only if the text needs an escape."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    from json import dumps

    return dumps(text)
