"""The catalog of a stream as a value: named volumes and settings, layered, read as a whole and checked."""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, OUTPUTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problem
    from post_renderer.workloads.model import WorkloadKind

PLACEHOLDERS = ("namespace", "project", "user", "kind", "name")
NAMESPACE_VARIABLE = "POLYAXON_K8S_NAMESPACE"
NAME_VARIABLE = "POLYAXON_RUN_NAME"  # holds the run's name if only the cluster knows it


class RunFolder:
    """The template of run folders. ``parts``: literal text, and placeholders (with True beside them)."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[tuple[str, bool]]) -> None:
        self.parts = parts

    def placeholders(self) -> set[str]:
        return {part for part, is_placeholder in self.parts if is_placeholder}

    def fill(self, values: dict[str, str]) -> str:
        """The run folder as the kubelet expands it: ``$`` is doubled in literal text, and values stay as they are."""
        return "".join(values[part] if placeholder else double_dollars(part) for part, placeholder in self.parts)


class Catalog:
    """The named volumes of one release. Nothing changes it after ``read_catalog`` has made it.

    ``entries``: by role and name, in bytewise order of their names. ``entry_problems``: those of invalid entries, by
    role and name; a render reports them for entries that its runs use. ``settings_problems``: those of everything else.
    ``default_data`` and ``default_outputs`` are None if the catalog does not set them. ``kinds``: kinds of workloads
    that the catalog adds, by group and kind. All problems have their file and line.
    """

    __slots__ = (
        "_writable", "default_data", "default_outputs", "entries", "entry_problems", "isolate_runs", "kinds",
        "run_folder", "settings_problems", "spread"
    )  # fmt: skip

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Entry]] = {DATA: {}, OUTPUTS: {}}
        self.entry_problems: dict[tuple[str, str], list[Problem]] = {}
        self.settings_problems: list[Problem] = []
        self.default_data: list[str] | None = None
        self.default_outputs: str | None = None
        self.spread = False
        self.isolate_runs = False
        self.run_folder = RunFolder([])
        self.kinds: dict[tuple[str, str], WorkloadKind] = {}
        self._writable: list[str] | None = None

    def writable_outputs(self) -> list[str]:
        """Names of the outputs entries that a run may write to, in bytewise order."""
        if self._writable is None:
            self._writable = [name for name, entry in self.entries[OUTPUTS].items() if not entry.read_only]
        return self._writable


def double_dollars(text: str) -> str:
    """Text that the kubelet, which expands ``$(NAME)`` and ``$$``, turns back into ``text``."""
    return text.replace("$", "$$")
