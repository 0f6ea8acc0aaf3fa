"""Finds the runs that references mean. A reference is the name of another run, whose results a run reads."""

from __future__ import annotations

from operator import itemgetter

from post_renderer.k8s import RUN_FOLDER, RUN_LABEL
from post_renderer.problems import COMPARISONS, Problems
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.resolve.identity import Identity, base_name, build_folder, identify, is_named_by_content
from post_renderer.resolve.selection import choose_outputs
from post_renderer.workloads import owner_of
from post_renderer.yamltree import get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.request import Request
    from post_renderer.stream import Document
    from post_renderer.workloads.model import Workload

    # Group and text of a reference, and namespace and release of the run that has the reference.
    ReferenceKey = tuple[str, str, str, str]
    Target: TypeAlias = "RunRecord | ReferenceKey"

CODE = "invalid-reference"
# The error of a reference to a run that has errors of its own. It is shown only if nothing shows those errors.
INVALID = (CODE, "is invalid itself", "fix its errors first")
SIMILAR = 0.8  # the least similarity of a name that is taken for a misspelt one: "resent" and "resnet" have 0.83
NO_DIGITS = str.maketrans("", "", "0123456789")  # train-2 is another run than train-1, and no mistake


class RunRecord:
    """One run, with everything that a reference to the run needs.

    ``start``: the offset of the run's object, in characters of the document.
    ``group``: the directory of its kind of runs, such as ``jobs`` or ``experiments``.
    ``base``: the run's name without the hash of its content.
    ``aliases``: other names of the run. Only runs of the same release can use them.
    ``named``: True for a Job whose name gets a hash of its content.
    ``key``: equal for two records of one run; a stream may contain a run twice.
    ``error``: code, message and hint why no run can refer to this run. If the code is empty, ``entry`` and ``folder``
    are set.
    ``entry``, ``folder``: the outputs entry and the run folder (the directory of the run's results).
    """

    __slots__ = (
        "aliases", "base", "document", "entry", "error", "folder", "group", "identity", "key", "named", "namespace",
        "owner", "release", "request", "start", "subject"
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
        self.owner = owner_of(workload)
        self.release = self.owner[0]
        self.identity = identify(workload, request)
        self.named = is_named_by_content(workload, request)
        # A stream may contain an object twice, and several pod templates of one workload may be one run. For a Job from
        # the cluster, the key contains the full name, because a cluster may have several Jobs of one run.
        self.key = (
            workload.group, workload.kind, workload.namespace, workload.name if workload.live else self.base,
            request.outputs, request.run_folder, request.project, request.user, request.group
        )  # fmt: skip
        self.entry: Entry | None = None
        self.folder = ""
        self.error = INVALID

    def matches(self, user: str, project: str, namespace: str) -> bool:
        """Return whether a reference with these fields can point to this run.

        A field that is empty in the reference or in the run matches everything.
        """
        pairs = ((user, self.request.user), (project, self.request.project), (namespace, self.namespace))
        return all(one == other or not (one and other) for one, other in pairs)

    def settle(self, catalog: Catalog | None, name: str = "") -> None:
        """Set ``entry``, ``folder`` and ``error``. ``name``: the name with the hash, for a run that is ``named``."""
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
    """All runs with one name, in the order of the stream. There may be thousands, in other namespaces or projects."""

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
        """Return all runs that match a user, a project and a namespace, and perhaps some that don't match.

        An empty value in ``wanted`` matches every run. A run with an empty value matches every value in ``wanted``.
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
    """All runs of a stream, by name. The names have no hash: a name with a hash may be that of an earlier run.

    ``records``: the runs in the order of the stream.
    ``ambiguous``: dict of a reference that may mean several runs -> code, message and hint of the error.
    """

    # _comparisons: how many more names may be compared with unknown names
    __slots__ = ("_aliases", "_bases", "_comparisons", "_found", "_groups", "ambiguous", "records")

    def __init__(self, records: list[RunRecord]) -> None:
        self.records = records
        self._bases: dict[str, _SameName] = {}
        self._aliases: dict[tuple[str, str], _SameName] = {}
        self._found: dict[ReferenceKey, list[RunRecord]] = {}
        self._groups: dict[tuple[str, str], _SameName] | None = None
        self._comparisons = COMPARISONS
        self.ambiguous: dict[ReferenceKey, tuple[str, str, str]] = {}
        for number, record in enumerate(records):
            self._bases.setdefault(record.base, _SameName()).add(number, record)
            for alias in record.aliases:
                self._aliases.setdefault((record.release, alias), _SameName()).add(number, record)

    def find(self, group: str, text: str, namespace: str, release: str) -> list[RunRecord]:
        """Return the runs that a reference may mean.

        ``group``: ``jobs`` or ``experiments``. Runs of another group are returned only if no run of this group matches.
        ``text``: ``[[user/]project/]name``.
        ``namespace``, ``release``: the namespace and the release of the run that has the reference.
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

    def find_similar(self, text: str, namespace: str, release: str) -> str:
        """Return the name of a run that a misspelt reference may mean; empty if there is none."""
        from difflib import SequenceMatcher  # slow to import: few references are to runs outside of the stream

        user, project, name = read_parts(text)[-1]
        matcher = SequenceMatcher(b=name)
        best, found = SIMILAR, ""
        for record in self.records:
            if self._comparisons <= 0:
                break
            names = {record.base} | (record.aliases if record.release == release else set())
            self._comparisons -= len(names)
            for known in sorted(names) if record.matches(user, project, namespace) else ():
                if known.translate(NO_DIGITS) == name.translate(NO_DIGITS):
                    continue
                matcher.set_seq1(known)
                if matcher.real_quick_ratio() >= best and matcher.quick_ratio() >= best and matcher.ratio() >= best:
                    best, found = matcher.ratio() + 1e-9, known
        return found

    def find_members(self, text: str, namespace: str, release: str) -> list[RunRecord]:
        """Return the runs of a group. ``text``: its name, or the name of its grid in the chart of ``release``."""
        if self._groups is None:
            self._groups = self._read_groups()
        for user, project, name in read_parts(text):
            for named in (self._groups.get(("", name)), self._groups.get((release, name))):
                candidates = named.candidates(user, project, namespace) if named else ()
                found = [record for record in candidates if record.matches(user, project, namespace)]
                if found:
                    return found
        return []

    def _read_groups(self) -> dict[tuple[str, str], _SameName]:
        """Return a dict of release and name -> the runs of a group. The release is empty for the name of the group."""
        groups: dict[tuple[str, str], _SameName] = {}
        for number, record in enumerate(self.records):
            if record.request.group:
                names = {("", record.request.group)}
                names |= {(record.release, grid) for grid in map(split_member, record.aliases) if grid}
                for name in names:
                    groups.setdefault(name, _SameName()).add(number, record)
        return groups

    def find_targets(self) -> dict[Target, list[Target]]:
        """Return a dict of each run -> the runs that it refers to, without duplicates.

        A reference that may mean several runs is a target itself. It is also a key of the dict, with these runs as its
        targets. Otherwise thousands of runs that refer to thousands of runs would make millions of targets.
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


def split_member(name: str) -> str:
    """Return the name of a grid from the name of a member, ``<grid>-<8 hex digits>``; empty for another name."""
    grid, _, digits = name.rpartition("-")
    return grid if len(digits) == 8 and set("0123456789abcdef").issuperset(digits) else ""


def read_parts(text: str) -> list[tuple[str, str, str]]:
    """Return each way to read a reference, as a user, a project and a name. Missing parts are empty.

    Polyaxon 0.x also wrote references with dots: ``user.project.name``. If the stream does not have the run, the last
    way applies.
    """
    parts = text.split("/")
    readings = []
    if len(parts) == 1:
        readings.append(("", "", text))
        parts = text.split(".")
    if 1 < len(parts) <= 3 and all(parts):
        readings.append(("" if len(parts) == 2 else parts[0], parts[-2], parts[-1]))
    return readings
