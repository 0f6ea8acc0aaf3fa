"""The catalog as a value: the named volumes of one release, its settings, and their errors.

`load` finds the catalogs: ConfigMaps in the stream with the label ``polyaxon.com/catalog: v1``, and files. `read`
merges the layers of each, as Helm merges values, and checks the result. Input: YAML text of layers. Output: a
`CatalogSet` with one `Catalog` per release. Errors of a stream's catalog become problems with file and line. A file
that is not readable raises YamlError, with a byte offset. The rules of volume sources are those of Kubernetes' core/v1.
"""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, OUTPUTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problem
    from post_renderer.workloads.model import WorkloadKind

PLACEHOLDERS = ("namespace", "project", "user", "kind", "name")
NAMESPACE_VARIABLE = "POLYAXON_K8S_NAMESPACE"
NAME_VARIABLE = "POLYAXON_RUN_NAME"  # the run's name, if only the cluster knows it


class RunFolder:
    """The template of run folders. ``parts``: pairs of literal text and False, or of a placeholder's name and True."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[tuple[str, bool]]) -> None:
        self.parts = parts

    def placeholders(self) -> set[str]:
        return {part for part, is_placeholder in self.parts if is_placeholder}

    def fill(self, values: dict[str, str]) -> str:
        """Return the run folder for the kubelet: ``$`` is doubled in literal text, ``values`` are used as they are."""
        return "".join(values[part] if placeholder else double_dollars(part) for part, placeholder in self.parts)


class Catalog:
    """The named volumes of one release. ``read_catalog`` makes it, and nothing changes it later.

    ``entries``: by role and name, in bytewise order of names. ``entry_problems``: the errors of invalid entries, by
    role and name; a render reports those of entries that its runs use. ``settings_problems``: all other errors.
    ``default_data`` and ``default_outputs``: None if the catalog does not set them. ``kinds``: the workload kinds that
    the catalog adds, by group and kind. All problems have a file and a line.
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
        """Return the names of the outputs entries that are not read-only, in bytewise order."""
        if self._writable is None:
            self._writable = [name for name, entry in self.entries[OUTPUTS].items() if not entry.read_only]
        return self._writable


def double_dollars(text: str) -> str:
    """Return text that the kubelet turns back into ``text``: it expands ``$(NAME)``, and ``$$`` to ``$``."""
    return text.replace("$", "$$")
