"""Defines the catalog: the named volumes of one release (entries), its settings, and the errors in them.

A layer is one source of a catalog: a ConfigMap in the stream with the label ``polyaxon.com/catalog: v1``, or a
``--persistence`` file. `load` finds the layers. `read` merges the layers of each release, as Helm merges values, and
checks the result. Input: the YAML text of the layers. Output: a `CatalogSet` with one `Catalog` for each release.
Errors in a catalog become problems with file and line. A file that can't be read raises YamlError; its offset counts
bytes. The rules of volume sources are those of Kubernetes' core/v1.
"""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, OUTPUTS, PathTemplate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from post_renderer.catalog.entry import Entry
    from post_renderer.problems import Problem
    from post_renderer.workloads.model import WorkloadKind

NAMESPACE_VARIABLE: Final = "POLYAXON_K8S_NAMESPACE"
NAME_VARIABLE: Final = "POLYAXON_RUN_NAME"  # this variable contains the run's name if only the cluster knows the name


class Catalog:
    """The named volumes (entries) and the settings of one release. `read_catalog` makes it; it never changes later.

    ``entries``: dict of role (data or outputs) -> name -> Entry, names sorted bytewise.
    ``entry_problems``: dict of (role, name) -> the errors of this entry. A render reports them only if a run uses the
    entry.
    ``settings_problems``: all other errors of the catalog. A render always reports them.
    ``default_data``: the names of the default data entries; None if the catalog does not set ``defaultData``.
    ``default_outputs``: the name of the default outputs entry; None if the catalog does not set ``defaultOutputs``.
    ``spread``: True for ``outputsSelection: spread``.
    ``run_folder``: the template of run folders, the directories for the results of runs.
    ``kinds``: dict of (API group, kind) -> WorkloadKind, for the kinds that the catalog adds.
    ``empty``: a warning for runs that get nothing because the catalog has no entry; None if it has one.
    ``is_incomplete``: an error in the settings can hide entries, so a name without an entry is no error of its own.

    All errors have a file and a line.
    """

    __slots__ = (
        "_writable", "default_data", "default_outputs", "empty", "entries", "entry_problems", "is_incomplete",
        "isolate_runs", "kinds", "run_folder", "settings_problems", "spread"
    )  # fmt: skip

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Entry]] = {DATA: {}, OUTPUTS: {}}
        self.entry_problems: dict[tuple[str, str], list[Problem]] = {}
        self.settings_problems: list[Problem] = []
        self.default_data: list[str] | None = None
        self.default_outputs: str | None = None
        self.spread = False
        self.isolate_runs = False
        self.run_folder = PathTemplate([])
        self.kinds: dict[tuple[str, str], WorkloadKind] = {}
        self.empty: Problem | None = None
        self.is_incomplete = False
        self._writable: list[str] | None = None

    def writable_outputs(self) -> list[str]:
        """Return the names of the outputs entries that are not read-only, in bytewise order."""
        if self._writable is None:
            self._writable = [name for name, entry in self.entries[OUTPUTS].items() if not entry.read_only]
        return self._writable
