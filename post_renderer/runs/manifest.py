"""Reads a rendered stream once for every command: its documents, their catalogs and their runs.

Input: the bytes of a stream, and the catalogs of the ``--persistence`` files. Output: a `Manifest`; its method
``read_runs`` returns the runs of one document. `read_manifest` raises StreamError if the stream can't be read at all.
Other errors become problems.
"""

from __future__ import annotations

from post_renderer.catalog import NAME_VARIABLE
from post_renderer.catalog.load import read_catalogs
from post_renderer.inject import choose_containers
from post_renderer.k8s import CONCURRENCY, QUEUE_LABEL
from post_renderer.problems import Problem, Problems, YamlError
from post_renderer.runs import find_runs
from post_renderer.stream import document_problems, find_documents, find_glued_separator, place
from post_renderer.workloads import may_hide_names
from post_renderer.yamltree import get_mapping_value, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from post_renderer.catalog.load import CatalogSet
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.runs import Run
    from post_renderer.runs.index import RunIndex
    from post_renderer.stream import Document
    from post_renderer.yamltree import Node

REFERENCE_GROUPS: Final = ("jobs", "experiments")


class DocumentRuns:
    """The runs, errors and warnings of one document.

    ``root``: the root node; None if the document can't be read.
    """

    __slots__ = ("document", "problems", "root", "runs")

    def __init__(self, document: Document, root: Node | None, runs: list[Run], problems: Problems) -> None:
        self.document = document
        self.root = root
        self.runs = runs
        self.problems = problems

    def placed_problems(self) -> list[Problem]:
        """Set the template and the line of each problem of the document, and return these problems."""
        for problem in self.problems.found:
            place(problem, self.document)
        return self.problems.found


class Manifest:
    """One rendered stream.

    ``documents``: the documents that contain polyaxon.com, in order. Other documents are not parsed.
    ``catalogs``: the catalogs in these documents and in the files.
    """

    __slots__ = ("_index", "catalogs", "documents")

    def __init__(self, documents: list[Document], catalogs: CatalogSet, index: RunIndex | None) -> None:
        self.documents = documents
        self.catalogs = catalogs
        self._index = index

    def read_runs(self, document: Document) -> DocumentRuns:
        """Return the runs of one document, with the errors and warnings of the document."""
        found = self._read(document, full=False)
        if not (found.runs or found.problems.found or document.start in self.catalogs.starts):
            # polyaxon.com is in the text, but the fast reader found no run, catalog or error. libyaml reads it again.
            found = self._read(document, full=True)
        glued = find_glued_separator(document)
        if glued is not None and (found.runs or found.problems.found):
            found.problems = Problems()
            found.problems.subject = "(stream)"
            message, hint = "the line has text directly after ---", "write --- on a line of its own"
            found.problems.add("glued-separator", message, hint, offset=glued)
        return found

    def _read(self, document: Document, *, full: bool) -> DocumentRuns:
        problems = Problems()
        try:
            root = parse(document.text, full=full)
            runs = find_runs(root, document.text, self.catalogs, self._index, problems)
        except YamlError as error:
            return DocumentRuns(document, None, [], document_problems(document, error))
        return DocumentRuns(document, root, runs, problems)


def read_manifest(raw: bytes, files: list[CatalogLayer]) -> Manifest:
    """Return the manifest of a stream.

    ``files``: the catalogs of the ``--persistence`` files. They override each catalog of the stream, and a later file
    overrides an earlier file. Raises StreamError if the stream is over a limit or not UTF-8; its offset counts bytes of
    the stream.
    """
    documents = list(find_documents(raw))
    catalogs = read_catalogs(documents, files)
    index = None
    if any(map(_may_refer, documents)):
        from post_renderer.runs.build_index import build_index  # few streams have references

        index = build_index(documents, catalogs)
    return Manifest(documents, catalogs, index)


def _may_refer(document: Document) -> bool:
    """Return whether a run of the document may refer to another run. A wrong True costs only time.

    A reference is below the key ``jobs`` or ``experiments``. With a slash after it, the word is part of a run folder.
    """
    text = document.text
    if any(group in text and text.count(group) > text.count(group + "/") for group in REFERENCE_GROUPS):
        return True
    return may_hide_names(text, 0, len(text))


class RunUsage:
    """What one run uses: the run folder, the Job name and the claims. All runs are compared to find conflicts.

    ``key``: equal for two usages of one object; a stream may contain an object twice.
    ``claims``: the entries with a claim that the run mounts.
    ``pods``: the number of pods of the run that run at the same time, if a claim has access modes; else 1.
    ``name``: namespace and name of a Job with a run-policy; None for other objects.
    ``limit``: namespace and group of the run, and how many runs of the group may run at the same time; None without a
    limit.
    ``limit_offset``: the offset of the annotation with this limit.
    ``folder``: namespace, storage and run folder; None if no other run can conflict with this run folder.
    """

    __slots__ = (
        "claims", "document", "folder", "key", "limit", "limit_offset", "name", "namespace", "offset", "path", "pods",
        "subject"
    )  # fmt: skip

    def __init__(self, run: Run, document: Document) -> None:
        workload, resolution = run.workload, run.resolution
        self.document = document
        self.offset = run.request.offset
        self.subject = run.subject
        base = run.request.base_name or workload.name
        self.namespace = workload.namespace
        self.key = (workload.group, workload.kind, workload.namespace, base)
        self.path = run.pod.path
        self.claims = list(dict.fromkeys(mount.entry for mount in resolution.mounts if mount.entry.claim))
        if run.request.containers and not choose_containers(run.pod, run.request):
            self.claims = []
        self.pods = 1
        if any(entry.access_modes for entry in self.claims):
            from post_renderer.workloads.replicas import count_pods

            self.pods = count_pods(workload, run.pod)
        # Two Jobs with one name would be one object.
        self.name = (workload.namespace, run.name) if run.request.run_policy else None
        self.limit: tuple[str, str, int] | None = None
        self.limit_offset = 0
        # A Job in a queue of Kueue waits there, so it keeps the limit of its queue.
        if run.request.concurrency and not get_mapping_value(workload.metadata, "labels", QUEUE_LABEL):
            self.limit = (workload.namespace, run.request.group, run.request.concurrency)
            self.limit_offset = run.request.place_of(CONCURRENCY)
        # If the run folder contains a name that only the cluster knows, each run has another run folder.
        self.folder: tuple[str, str, str] | None = None
        outputs = resolution.outputs
        if (
            outputs
            and outputs.storage()
            and not outputs.read_only
            and f"$({NAME_VARIABLE})" not in resolution.run_folder
        ):
            self.folder = (workload.namespace, f"{outputs.storage()} {outputs.sub_path}", resolution.run_folder)


def find_conflicts(usages: list[RunUsage]) -> list[Problem]:
    """Return an error for each object that has the same run folder or the same Job name as another object."""
    problems: list[Problem] = []
    folders: dict[tuple[str, str, str], RunUsage] = {}
    names: dict[tuple[str, str], RunUsage] = {}
    for usage in usages:
        if usage.folder and (first := folders.setdefault(usage.folder, usage)).key != usage.key:
            message = f"this object and {first.subject} would write into one run folder, {usage.folder[2]}"
            problems.append(_conflict("same-run-folder", message, "rename one of the two", usage))
        if usage.name and names.setdefault(usage.name, usage) is not usage:
            message = "the stream has this Job twice with the same content, so both would get the same name"
            problems.append(_conflict("same-name", message, "rename one of the two", usage))
    return problems


def _conflict(code: str, message: str, hint: str, usage: RunUsage) -> Problem:
    problem = Problem(code, message, hint, offset=usage.offset, subject=usage.subject)
    place(problem, usage.document)
    return problem
