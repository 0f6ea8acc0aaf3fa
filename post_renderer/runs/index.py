"""The runs of a stream that others refer to: which one is meant by a name, and where its results lie.

A run's folder may hold the name that its content gives it, and its content has the folders of the runs that it refers
to. So names are decided in the order of the references. A reference may be by such a name, which shows only when names
are decided: then they are decided again. Imported where a run refers to another one.
"""

from __future__ import annotations

from post_renderer.folder import NAMESPACE_VARIABLE, fill_template
from post_renderer.inject.job_name import is_content_hash
from post_renderer.k8s import POLYAXONFILE, RUN_FOLDER, RUN_LABEL
from post_renderer.problems import Problems, YamlError, quoted
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.resolve.identity import Identity, base_name, build_folder, identify, is_named_by_content
from post_renderer.resolve.model import Reference
from post_renderer.resolve.selection import choose_outputs
from post_renderer.runs import find_runs, read_requests
from post_renderer.workloads import find_kind, find_objects, find_workloads, release_of, subject_of
from post_renderer.yamltree import get_mapping_value, scalar_text, visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.catalog.load import CatalogSet
    from post_renderer.request import Request
    from post_renderer.stream import Document
    from post_renderer.workloads.model import Workload
    from post_renderer.yamltree import Node

LONGEST_CHAIN = 100  # runs of which each refers to the next: a List is read once for each of them
SHOWN_IN_CYCLE = 6  # runs of a circle, in a message
CODE = "invalid-reference"


class RunRecord:
    """A run of the stream as others see it.

    ``name``: the one that its content gives it, once decided.
    ``error``: code, message and hint of why nobody can refer to it, until ``entry`` and ``folder`` are decided.
    """

    __slots__ = (
        "aliases",
        "base",
        "document",
        "entry",
        "error",
        "folder",
        "group",
        "identity",
        "key",
        "name",
        "named",
        "namespace",
        "release",
        "request",
        "start",
        "subject"
    )  # fmt: skip

    def __init__(self, workload: Workload, request: Request, subject: str, document: Document) -> None:
        self.document = document
        self.start = workload.root.start
        self.subject = subject
        self.request = request
        self.group = RUN_KINDS[request.kind]
        self.base = base_name(workload, request)
        label = scalar_text(get_mapping_value(get_mapping_value(workload.metadata, "labels"), RUN_LABEL))
        self.aliases = {alias for alias in (label, request.run_folder) if alias}
        self.namespace = workload.namespace
        self.release = release_of(workload)
        self.identity = identify(workload, request)
        self.named = is_named_by_content(workload, request)
        self.name = ""
        # The same object may stand in a stream twice, and several pods of one workload may be one run. In the cluster
        # there may be Jobs of several contents.
        self.key = (
            workload.group, workload.kind, workload.namespace, workload.name if workload.live else self.base,
            request.outputs, request.run_folder, request.project, request.user
        )  # fmt: skip
        self.entry: Entry | None = None
        self.folder = ""
        self.error = (CODE, "has problems of its own", "mend those first")

    def matches(self, user: str, project: str, namespace: str) -> bool:
        """Whether it can be meant: what one side does not say is not held against it."""
        pairs = ((user, self.request.user), (project, self.request.project), (namespace, self.namespace))
        return all(one == other or not (one and other) for one, other in pairs)

    def settle(self, catalogs: CatalogSet, name: str = "") -> None:
        """Where its results lie. ``name``: the one that its content gives it."""
        self.name = name
        catalog = catalogs.find(self.release, 0, Problems())
        if catalog is None or self.request.is_invalid or (self.named and not name):
            return
        problems = Problems()
        self.entry = choose_outputs(catalog, self.request, self.identity, problems)[0]
        identity = Identity(name) if self.named else self.identity
        self.folder = build_folder(catalog, self.request, identity, problems)
        if problems.has_errors() or catalog.problems:
            return
        self.error = ("", "", "")
        if identity.name_field:
            hint = "refer to one of its runs, by that one's own name"
            if self.request.run_folder:
                hint = f"leave {RUN_FOLDER} out, and {hint}"
            self.error = (CODE, "has results in folders whose names only the cluster knows", hint)
        elif self.entry is None:
            self.error = (CODE, "has no outputs volume", "leave the reference out")
        elif not self.entry.storage():
            self.error = (CODE, f"writes to {self.entry.name}, of which each pod has one for itself", "use a claim")


class RunIndex:
    """All runs of a stream, by the names that others may refer to them by."""

    def __init__(self, documents: list[Document], catalogs: CatalogSet) -> None:
        self._catalogs = catalogs
        self._all = [other for document in documents for other in _read_records(document, catalogs)]
        self._bases: dict[str, list[RunRecord]] = {}
        self._aliases: dict[tuple[str, str], list[RunRecord]] = {}
        for other in self._all:
            self._bases.setdefault(other.base, []).append(other)
            for alias in other.aliases:
                self._aliases.setdefault((other.release, alias), []).append(other)
        readings = [part for other in self._all for _, text in other.request.references for part in read_parts(text)]
        self._asked = {other for _, _, name in readings for other in self._find_hashed(name)}

    def find(self, group: str, text: str, namespace: str, release: str) -> list[RunRecord]:
        """The runs that are meant, those of another kind only where there is none of this one."""
        for user, project, name in read_parts(text):
            decided = [other for other in self._find_hashed(name) if other.name == name]
            for named in (self._bases.get(name, ()), decided, self._aliases.get((release, name), ())):
                found = {other.key: other for other in reversed(named) if other.matches(user, project, namespace)}
                if found:
                    right = [other for other in found.values() if other.group == group]
                    return right or list(found.values())
        return []

    def _find_hashed(self, name: str) -> list[RunRecord]:
        """The runs named by their content that this may be a name of, hash and all."""
        base, _, digits = name.rpartition("-")
        return [other for other in self._bases.get(base, ()) if other.named] if is_content_hash(digits) else []

    def decide(self) -> None:
        """Decide where the results of each run lie that another one refers to."""
        before = None
        while (targets := {other: self._targets(other) for other in self._all}) != before:
            self._decide_all(targets)
            before = targets

    def _decide_all(self, targets: dict[RunRecord, set[RunRecord]]) -> None:
        """Decide them in the order of ``targets``: of each run, those that it refers to."""
        followers: dict[RunRecord, list[RunRecord]] = {other: [] for other in self._asked}
        left: dict[RunRecord, int] = {}  # of each run, those that it refers to and that are not decided yet
        for other in self._all:
            left[other] = len(targets[other])
            for target in targets[other]:
                followers.setdefault(target, []).append(other)
        ready = [other for other in self._all if not left[other]]
        step = 0
        while ready:
            wanted = [other for other in ready if other in followers]
            if step < LONGEST_CHAIN:
                self._decide(wanted)
            for other in wanted if step >= LONGEST_CHAIN else ():
                message = f"refers to runs that refer to others, more than {LONGEST_CHAIN} in a row"
                other.error = (CODE, message, "refer to fewer of them")
            step += 1
            ready = _take_off(ready, left, followers)
        for other in left:
            message = "refers to others in a circle: " + " -> ".join(self._circle(other, left))
            other.error = ("reference-cycle", message, "take one of these references out")

    def _targets(self, other: RunRecord) -> set[RunRecord]:
        found = (self.find(*reference, other.namespace, other.release) for reference in other.request.references)
        return {target for targets in found for target in targets}

    def _decide(self, others: list[RunRecord]) -> None:
        """Decide those that follow nothing undecided, each document's in one visit."""
        names: dict[int, dict[int, str]] = {}
        for other in others:
            if other.named and other.document.start not in names:
                names[other.document.start] = _read_names(other.document, self._catalogs)
            other.settle(self._catalogs, names[other.document.start].get(other.start, "") if other.named else "")

    def _circle(self, other: RunRecord, left: dict[RunRecord, int]) -> Iterator[str]:
        """The runs on the way round, or into one that goes round."""
        seen: set[RunRecord] = set()
        step: RunRecord | None = other
        while step and step not in seen and len(seen) < SHOWN_IN_CYCLE:
            seen.add(step)
            yield step.subject
            step = next((target for target in sorted(self._targets(step), key=_place) if target in left), None)
        yield step.subject if step in seen and step else "…"


def find_references(
    workload: Workload, request: Request, text: str, catalogs: CatalogSet, catalog: Catalog, problems: Problems
) -> list[Reference]:
    """What the references of a request mean; those that mean nothing become problems. ``text``: the document's."""
    others: RunIndex = catalogs.others()
    found: list[Reference] = []
    for group, name in request.references:
        place = request.offsets.get(f"{group}/{name}", request.offset)

        def note(code: str, message: str, hint: str, place: int = place, what: str = f"{group}/{name}") -> None:
            problems.add(code, f"{quoted(what)} {message}", hint, offset=place, about=POLYAXONFILE)

        meant = others.find(group, name, workload.namespace, release_of(workload))
        if workload.live and len(meant) > 1:  # of the Jobs that are there, the one whose results it has
            own = text[workload.root.start : workload.root.end]
            meant = [other for other in meant if other.folder and other.folder in own] or meant
        if not meant:
            found.append(_external_run(group, name, request, catalog))
        elif len(meant) > 1:
            note(CODE, *_ambiguity_message(meant))
        elif meant[0].group != group:
            right = meant[0].group in ("jobs", "experiments")
            hint = f"write it under {meant[0].group}" if right else "refer to jobs and experiments only"
            note(CODE, f"is {meant[0].subject}, of kind {meant[0].request.kind}", hint)
        elif meant[0].error[0]:
            code, message, hint = meant[0].error
            note(code, f"is {meant[0].subject}, which {message}", hint)
        else:
            found.append(Reference(group, name, meant[0].entry, meant[0].folder))
    return found


def _ambiguity_message(meant: list[RunRecord]) -> tuple[str, str]:
    """What to say of a name that several runs have, and what to write instead."""
    if len({other.namespace for other in meant}) == 1:
        names = ", ".join(sorted(other.subject for other in meant))
        return f"could be {names}", "write project/name, or give one of them another name"
    names = ", ".join(sorted(f"{other.subject} in {_namespace_of(other)}" for other in meant))
    hint = "write metadata.namespace in each of them and in this run: a run finds those of its own namespace"
    return f"could be {names}", hint


def _namespace_of(other: RunRecord) -> str:
    return f"the namespace {quoted(other.namespace)}" if other.namespace else "the release's namespace"


def _external_run(group: str, text: str, request: Request, catalog: Catalog) -> Reference:
    """A run that the stream does not have: in the asking run's own project, unless it says otherwise."""
    user, project, name = read_parts(text)[-1]
    values = {
        "namespace": f"$({NAMESPACE_VARIABLE})",
        "project": project or request.project,
        "user": user or request.user,
        "kind": group,
        "name": name,
    }
    return Reference(group, text, None, fill_template(catalog.run_folder, values))


def read_parts(text: str) -> list[tuple[str, str, str]]:
    """The readings of a reference as user, project and name; the last one is that of a run outside the stream."""
    parts = text.split("/")
    readings = []
    if len(parts) == 1:
        readings.append(("", "", text))
        parts = text.split(".")
    if 1 < len(parts) <= 3 and all(parts):
        readings.append(("" if len(parts) == 2 else parts[0], parts[-2], parts[-1]))
    return readings


def _take_off(
    ready: list[RunRecord], left: dict[RunRecord, int], followers: dict[RunRecord, list[RunRecord]]
) -> list[RunRecord]:
    """Those that wait for nobody any more once these are decided."""
    following = []
    for target in ready:
        del left[target]
        for other in followers.get(target, ()):
            left[other] -= 1
            if not left[other]:
                following.append(other)
    return following


def _place(other: RunRecord) -> tuple[int, int]:
    return other.document.start, other.start


def _read_records(document: Document, catalogs: CatalogSet) -> list[RunRecord]:
    def work(root: Node) -> list[RunRecord]:
        found: list[RunRecord] = []
        for node, group, kind in find_objects(root):
            try:
                site = catalogs.kinds_of(node)
                row = find_kind(group, kind, site)
                if row and not row.unsupported_reason:
                    workloads = find_workloads(node, group, kind, row, site)
                    requests = read_requests(workloads, document.text, Problems())[1]
                    subject = subject_of(node, kind)
                    found += [
                        RunRecord(workload, request, workload.subject(subject), document)
                        for workload, _, request in requests
                        if request.has_polyaxonfile
                    ]
            except YamlError:
                continue  # whoever renders the document reports it
        return found

    try:
        return visit(document.text, work)
    except YamlError:
        return []


def _read_names(document: Document, catalogs: CatalogSet) -> dict[int, str]:
    """The names that content gives to the runs of a document, by where each one's object begins."""

    def work(root: Node) -> dict[int, str]:
        return {run.workload.root.start: run.name for run in find_runs(root, document.text, catalogs, Problems())}

    try:
        return visit(document.text, work)
    except YamlError:
        return {}  # as above
