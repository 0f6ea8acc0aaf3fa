"""The classes for a resolution: the volumes, mounts and variables of one pod template, with their reasons."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.yamltree.node import Value


class Mount:
    """One volume mount. ``fields``: those of Kubernetes' VolumeMount. ``reason``: why the run has it, for `explain`."""

    __slots__ = ("entry", "fields", "reason")

    def __init__(self, entry: Entry, fields: dict[str, Value], reason: str) -> None:
        self.entry = entry
        self.fields = fields
        self.reason = reason


class Resolution:
    """What one pod template gets, with the fields of Kubernetes, in the order in which it is added."""

    __slots__ = ("buckets", "env", "mounts", "notes", "outputs", "references", "run_folder", "volumes")

    def __init__(self) -> None:
        self.volumes: list[dict[str, Value]] = []
        self.mounts: list[Mount] = []
        # The entries that are not mounted, the reason, and the program's path as text that the kubelet expands.
        self.buckets: list[tuple[Entry, str, str]] = []
        self.env: list[dict[str, Value]] = []
        self.outputs: Entry | None = None
        self.references = ""  # JSON: the paths of other runs' results
        self.run_folder = ""
        self.notes: list[str] = []


class Reference:
    """The results of another run, which a run asked for.

    ``text``: as the polyaxonfile names it. ``folder``: its run folder. ``entry``: its outputs entry. None: the stream
    has no such run, so its results are expected in the outputs volume of the run that asks.
    """

    __slots__ = ("entry", "folder", "group", "text")

    def __init__(self, group: str, text: str, entry: Entry | None, folder: str) -> None:
        self.group = group
        self.text = text
        self.entry = entry
        self.folder = folder


def json_string(text: str) -> str:
    """Return text as ``json.dumps`` does. The module json is imported only for text that needs an escape."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    from json import dumps

    return dumps(text)
