"""Finds the runs of a stream by the names in other runs' references."""

from __future__ import annotations

from post_renderer.k8s import RUN_FOLDER, RUN_LABEL
from post_renderer.problems import Problems
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.resolve.identity import Identity, base_name, build_folder, identify, is_named_by_content
from post_renderer.resolve.selection import choose_outputs
from post_renderer.workloads import release_of
from post_renderer.yamltree import get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.request import Request
    from post_renderer.stream import Document
    from post_renderer.workloads.model import Workload

CODE = "invalid-reference"


class RunRecord:
    """What runs that refer to a run need to know of it.

    ``start``: the offset of its object. ``base``: its name without a hash. ``aliases``: other names, which are valid in
    its release. ``named``: it is a Job that its content names. ``key``: equal for the same run twice in a stream.
    ``error``: code, message and hint of why nobody can refer to it; an empty code: ``entry`` and ``folder`` are set.
    """

    __slots__ = (
        "aliases", "base", "document", "entry", "error", "folder", "group", "identity", "key", "named", "namespace",
        "release", "request", "start", "subject"
    )  # fmt: skip

    def __init__(self, workload: Workload, request: Request, subject: str, document: Document) -> None:
        self.document = document
        self.start = workload.root.start
        self.subject = subject
        self.request = request
        self.group = RUN_KINDS[request.kind]
        self.base = base_name(workload, request)
        label = scalar_text(get_mapping_value(workload.metadata, "labels", RUN_LABEL))
        self.aliases = {alias for alias in (label, request.run_folder) if alias}
        self.namespace = workload.namespace
        self.release = release_of(workload)
        self.identity = identify(workload, request)
        self.named = is_named_by_content(workload, request)
        # One object may be in a stream twice, and several pods of one workload may be one run. A live Job has its full
        # name here, because a cluster may have several Jobs of one run.
        self.key = (
            workload.group, workload.kind, workload.namespace, workload.name if workload.live else self.base,
            request.outputs, request.run_folder, request.project, request.user
        )  # fmt: skip
        self.entry: Entry | None = None
        self.folder = ""
        self.error = (CODE, "is invalid itself", "fix its errors first")

    def matches(self, user: str, project: str, namespace: str) -> bool:
        """Return whether a reference may mean this run. A part that one of both does not have matches everything."""
        pairs = ((user, self.request.user), (project, self.request.project), (namespace, self.namespace))
        return all(one == other or not (one and other) for one, other in pairs)

    def settle(self, catalog: Catalog | None, name: str = "") -> None:
        """Set ``entry``, ``folder`` and ``error``. ``name``: the name that its content gives it, if any."""
        if catalog is None or self.request.is_invalid or (self.named and not name):
            return
        problems = Problems()
        self.entry = choose_outputs(catalog, self.request, self.identity, problems)[0]
        identity = Identity(name) if self.named else self.identity
        self.folder = build_folder(catalog, self.request, identity, problems)
        if problems.has_errors() or catalog.settings_problems:
            return
        self.error = ("", "", "")
        if identity.name_field:
            hint = "refer to one of its runs by the name of that run"
            if self.request.run_folder:
                hint = f"leave {RUN_FOLDER} out, and {hint}"
            self.error = (CODE, "writes into run folders whose names only the cluster knows", hint)
        elif self.entry is None:
            self.error = (CODE, "has no outputs volume", "leave the reference out")
        elif not self.entry.storage():
            self.error = (CODE, f"writes to {self.entry.name}, a volume that each pod has for itself", "use a claim")


class RunIndex:
    """All runs of a stream. A name with the hash of a content is none of its names: it means an earlier run."""

    __slots__ = ("_aliases", "_bases", "records")

    def __init__(self, records: list[RunRecord]) -> None:
        self.records = records
        self._bases: dict[str, list[RunRecord]] = {}
        self._aliases: dict[tuple[str, str], list[RunRecord]] = {}
        for record in records:
            self._bases.setdefault(record.base, []).append(record)
            for alias in record.aliases:
                self._aliases.setdefault((record.release, alias), []).append(record)

    def find(self, group: str, text: str, namespace: str, release: str) -> list[RunRecord]:
        """Return the runs that a reference means; runs of another kind only if there is none of this kind.

        ``group``: ``jobs`` or ``experiments``. ``text``: ``[[user/]project/]name``. ``namespace``, ``release``: those
        of the run that refers.
        """
        for user, project, name in read_parts(text):
            for named in (self._bases.get(name, ()), self._aliases.get((release, name), ())):
                found = {
                    record.key: record for record in reversed(named) if record.matches(user, project, namespace)
                }  # fmt: skip
                if found:
                    right = [record for record in found.values() if record.group == group]
                    return right or list(found.values())
        return []

    def find_targets(self, record: RunRecord) -> list[RunRecord]:
        """Return the runs that a run refers to, each once."""
        found = (self.find(*reference, record.namespace, record.release) for reference in record.request.references)
        return list(dict.fromkeys(target for targets in found for target in targets))


def read_parts(text: str) -> list[tuple[str, str, str]]:
    """Return the ways to read a reference, as user, project and name. The last one is for a run outside the stream.

    Polyaxon 0.x wrote references with dots, too: ``user.project.name``.
    """
    parts = text.split("/")
    readings = []
    if len(parts) == 1:
        readings.append(("", "", text))
        parts = text.split(".")
    if 1 < len(parts) <= 3 and all(parts):
        readings.append(("" if len(parts) == 2 else parts[0], parts[-2], parts[-1]))
    return readings
