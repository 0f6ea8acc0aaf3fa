"""Reads a rendered stream once for every command: its documents, their catalogs and their runs.

Input: the bytes of a stream and the layers of catalog files. Output: a `Manifest`, whose ``read_runs`` returns the runs
of one document. Only `read_manifest` raises: StreamError, for a stream that can't be read as a whole.
"""

from __future__ import annotations

from post_renderer.catalog import NAME_VARIABLE
from post_renderer.catalog.load import read_catalogs
from post_renderer.inject import choose_containers
from post_renderer.problems import Problem, Problems, YamlError
from post_renderer.runs import find_runs
from post_renderer.stream import document_problems, find_documents, find_glued_separator, place
from post_renderer.yamltree import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.load import CatalogSet
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.runs import Run
    from post_renderer.runs.index import RunIndex
    from post_renderer.stream import Document
    from post_renderer.yamltree import Node

REFERENCE_GROUPS = ("jobs", "experiments")


class DocumentRuns:
    """The runs and the problems of one document. ``root`` is None if the document can't be read."""

    __slots__ = ("document", "problems", "root", "runs")

    def __init__(self, document: Document, root: Node | None, runs: list[Run], problems: Problems) -> None:
        self.document = document
        self.root = root
        self.runs = runs
        self.problems = problems

    def placed_problems(self) -> list[Problem]:
        """Return the problems of the document, each with its template and line."""
        for problem in self.problems.found:
            place(problem, self.document)
        return self.problems.found


class Manifest:
    """One rendered stream. ``documents``: those that contain polyaxon.com, in order; others are not parsed."""

    __slots__ = ("_index", "catalogs", "documents")

    def __init__(self, documents: list[Document], catalogs: CatalogSet, index: RunIndex | None) -> None:
        self.documents = documents
        self.catalogs = catalogs
        self._index = index

    def read_runs(self, document: Document) -> DocumentRuns:
        """Return the runs of one document, and all problems of its requests."""
        found = self._read(document, full=False)
        if not (found.runs or found.problems.found or document.start in self.catalogs.starts):
            # It contains polyaxon.com, but no run, catalog or problem: that must not depend on the fast reader.
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
    """Return the manifest of a stream. ``files``: catalog layers that go over each of its catalogs, lowest first.

    Raises StreamError: over a limit, or not UTF-8. Its offset counts bytes of the stream.
    """
    documents = list(find_documents(raw))
    catalogs = read_catalogs(documents, files)
    index = None
    if any(map(_may_refer, documents)):
        from post_renderer.runs.build_index import build_index  # few streams have references

        index = build_index(documents, catalogs)
    return Manifest(documents, catalogs, index)


def _may_refer(document: Document) -> bool:
    """Return whether a run of the document may refer to another one. A wrong yes only costs time.

    ``jobs`` and ``experiments`` are keys of references. With a slash behind them, they are parts of run folders.
    """
    text = document.text
    if any(text.count(group) > text.count(group + "/") for group in REFERENCE_GROUPS):
        return True
    # Only a backslash can hide such a word, by an escape or a folded line; \" is only a quote.
    return text.count("\\") > text.count('\\"')


class RunUsage:
    """The run folder, Job name and claims that one run uses; compared across documents to find conflicts.

    ``key``: equal for the same object twice in a stream. ``pods``: the number of its pods that run at the same time, if
    a claim has access modes, else 1. ``folder``: namespace, storage and run folder; None: no other run can share it.
    """

    __slots__ = ("claims", "document", "folder", "key", "name", "namespace", "offset", "path", "pods", "subject")

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
        # A name that only the cluster knows makes another folder for each run.
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
    """Return an error for each object that would write into the run folder, or get the Job name, of another one."""
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
