"""Resolution: the volumes, mounts and variables that one pod template gets, with the reason for each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.yamltree.node import Value


class Mount:
    """One volume mount, the entry it is for and why the run has it."""

    __slots__ = ("entry", "fields", "reason")

    def __init__(self, entry: Entry, fields: dict[str, Value], reason: str) -> None:
        self.entry = entry
        self.fields = fields
        self.reason = reason


class Resolution:
    """What one pod template gets, in Kubernetes' own fields and in the order in which it is added."""

    __slots__ = ("buckets", "env", "mounts", "notes", "outputs", "references", "run_folder", "volumes")

    def __init__(self) -> None:
        self.volumes: list[dict[str, Value]] = []
        self.mounts: list[Mount] = []
        # What is not mounted, why the run has it, and the path that its program gets, as the kubelet expands it.
        self.buckets: list[tuple[Entry, str, str]] = []
        self.env: list[dict[str, Value]] = []
        self.outputs: Entry | None = None
        self.references = ""  # JSON: where other runs' results are
        self.run_folder = ""
        self.notes: list[str] = []


class Reference:
    """The results that a run asked for, in ``folder``.

    ``entry`` None: the stream has no such run, so they are looked for in the asking run's own outputs volume.
    """

    __slots__ = ("entry", "folder", "group", "text")

    def __init__(self, group: str, text: str, entry: Entry | None, folder: str) -> None:
        self.group = group
        self.text = text
        self.entry = entry
        self.folder = folder


def json_string(text: str) -> str:
    """As ``json.dumps`` writes it; the module itself is imported only for texts that need an escape."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    from json import dumps

    return dumps(text)
