"""Finds the runs of a stream by the names in other runs' references."""

from __future__ import annotations

from operator import itemgetter

from post_renderer.k8s import RUN_FOLDER, RUN_LABEL
from post_renderer.problems import Problems
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.resolve.identity import Identity, base_name, build_folder, identify, is_named_by_content
from post_renderer.resolve.selection import choose_outputs
from post_renderer.workloads import release_of
from post_renderer.yamltree import get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.request import Request
    from post_renderer.stream import Document
    from post_renderer.workloads.model import Workload

    ReferenceKey = tuple[str, str, str, str]  # group and text of a reference, namespace and release of its run
    Target: TypeAlias = "RunRecord | ReferenceKey"

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
            self.error = (CODE, "has no outputs volume", "remove the reference")
        elif not self.entry.storage():
            self.error = (
                CODE,
                f"writes to {self.entry.name}, a volume that each pod has for itself",
                "use an outputs volume on a claim",
            )


class _SameName:
    """The runs of one name, in the order of the stream. There may be thousands, in different namespaces or projects."""

    __slots__ = ("_all", "_by_value")

    def __init__(self) -> None:
        self._all: list[RunRecord] = []
        self._by_value: tuple[dict[str, list[tuple[int, RunRecord]]], ...] = ({}, {}, {})

    def add(self, number: int, record: RunRecord) -> None:
        """Add a run. ``number``: its index in the list of all runs of the stream."""
        self._all.append(record)
        values = (record.request.user, record.request.project, record.namespace)
        for by_value, value in zip(self._by_value, values, strict=True):
            by_value.setdefault(value, []).append((number, record))

    def candidates(self, *wanted: str) -> list[RunRecord]:
        """Return all runs that match a user, a project and a namespace, and few others. An empty value matches all.

        A run without a user, project or namespace matches every value.
        """
        fewest = self._all
        for by_value, value in zip(self._by_value, wanted, strict=True):
            if not value:
                continue
            same, unsaid = by_value.get(value, []), by_value.get("", [])
            if len(same) + len(unsaid) < len(fewest):
                fewest = [record for _, record in sorted([*same, *unsaid], key=itemgetter(0))]
        return fewest


class RunIndex:
    """All runs of a stream. A name with the hash of a content is none of its names: it means an earlier run.

    ``ambiguous``: dict of a reference that may mean several runs -> code, message and hint of its error.
    """

    __slots__ = ("_aliases", "_bases", "_found", "ambiguous", "records")

    def __init__(self, records: list[RunRecord]) -> None:
        self.records = records
        self._bases: dict[str, _SameName] = {}
        self._aliases: dict[tuple[str, str], _SameName] = {}
        self._found: dict[ReferenceKey, list[RunRecord]] = {}
        self.ambiguous: dict[ReferenceKey, tuple[str, str, str]] = {}
        for number, record in enumerate(records):
            self._bases.setdefault(record.base, _SameName()).add(number, record)
            for alias in record.aliases:
                self._aliases.setdefault((record.release, alias), _SameName()).add(number, record)

    def find(self, group: str, text: str, namespace: str, release: str) -> list[RunRecord]:
        """Return the runs that a reference means; runs of another kind only if there is none of this kind.

        ``group``: ``jobs`` or ``experiments``. ``text``: ``[[user/]project/]name``. ``namespace``, ``release``: those
        of the run that refers.
        """
        reference = (group, text, namespace, release)
        if reference not in self._found:
            self._found[reference] = self._find(*reference)
        return self._found[reference]

    def _find(self, group: str, text: str, namespace: str, release: str) -> list[RunRecord]:
        for user, project, name in read_parts(text):
            for named in (self._bases.get(name), self._aliases.get((release, name))):
                candidates = named.candidates(user, project, namespace) if named else ()
                found = {
                    record.key: record for record in reversed(candidates) if record.matches(user, project, namespace)
                }  # fmt: skip
                if found:
                    right = [record for record in found.values() if record.group == group]
                    return right or list(found.values())
        return []

    def find_targets(self) -> dict[Target, list[Target]]:
        """Return the runs that each run refers to, each once.

        A reference that may mean several runs is one target, and a key with these runs as its own targets. A target
        for each pair of runs would be too many.
        """
        targets: dict[Target, list[Target]] = {}
        for record in self.records:
            found: dict[Target, None] = {}
            for group, text in record.request.references:
                reference = (group, text, record.namespace, record.release)
                meant = self.find(*reference)
                if len(meant) > 1:
                    found[reference] = None
                    targets[reference] = list(meant)
                else:
                    found.update(dict.fromkeys(meant))
            targets[record] = list(found)
        return targets


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
