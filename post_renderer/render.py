"""Renders a stream: adds the volumes to its documents, and returns the new stream with all errors and warnings.

The caller writes the whole stream or nothing, because Helm would delete the objects of a missing document.
"""

from __future__ import annotations

from post_renderer.problems import YamlError, flatten, leave_out_following, sort_problems
from post_renderer.runs.manifest import RunUsage, find_conflicts, read_manifest
from post_renderer.stream import StreamError, join, output_problem, stream_problem
from post_renderer.workloads import find_objects
from post_renderer.yamledit import splice
from post_renderer.yamledit.edits import apply_edits
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.problems import Problem
    from post_renderer.runs import Run
    from post_renderer.runs.manifest import DocumentRuns
    from post_renderer.stream import Chunk, Document
    from post_renderer.yamledit.edits import Edit
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value


class Rendering:
    """The result of a render.

    ``chunks``: the rendered stream as pieces of bytes, in order. Do not use them if ``problems`` contains an error.
    ``problems``: errors and warnings with file and line, in the order of `sort_problems`.
    ``releases``: the releases of the catalogs in the stream, also of catalogs with errors.
    """

    __slots__ = ("chunks", "problems", "releases")

    def __init__(self, chunks: list[Chunk], problems: list[Problem], releases: Collection[str] = ()) -> None:
        self.chunks = chunks
        self.problems = problems
        self.releases = releases


def render(
    raw: bytes,
    files: list[CatalogLayer],
    *,
    check_all: bool = False,
    each: Callable[[DocumentRuns], None] | None = None,
) -> Rendering:
    """Render a stream of YAML documents, in UTF-8. A document without changes keeps every byte.

    ``files``: the catalogs of the ``--persistence`` files. They override the stream's catalogs, and a later file
    overrides an earlier file.
    ``check_all``: also report invalid catalog entries that no run uses, and parse every changed document again.
    ``each``: a function that gets the runs of each document, in order. A list of all runs would need too much memory.
    Errors of the input become problems. An AssertionError is a bug of polyaxon-persistence.
    """
    try:
        manifest = read_manifest(raw, files)
    except StreamError as error:
        return Rendering([], [stream_problem(raw, error)])
    catalogs = manifest.catalogs
    changed: list[tuple[Document, str]] = []
    problems: list[Problem] = []
    entry_problems: list[list[Problem]] = catalogs.entry_problems() if check_all else []
    usages: list[RunUsage] = []
    for document in manifest.documents:
        if document.start in catalogs.done:
            continue  # this document contains polyaxon.com only in its catalog, so it has no runs
        found = manifest.read_runs(document)
        text = _render_document(found, check_all=check_all)
        if text != document.text:
            changed.append((document, text))
        problems += found.placed_problems()
        entry_problems += found.problems.in_catalog
        usages += [RunUsage(run, document) for run in found.runs]
        if each:
            each(found)
    problems = [*catalogs.problems, *flatten(entry_problems), *problems, *find_conflicts(usages)]
    if any(entry.access_modes for usage in usages for entry in usage.claims):
        from post_renderer.runs.claim_conflicts import find_claim_conflicts  # most catalogs have no accessModes

        problems += find_claim_conflicts(raw, usages, catalogs)
    if any(usage.limit for usage in usages):
        from post_renderer.runs.concurrency import find_groups_over_limit  # few runs are members of a grid

        problems += find_groups_over_limit(usages)
    chunks = join(raw, changed)
    if too_large := output_problem(chunks):
        problems.append(too_large)
    if problems:
        problems = sort_problems(leave_out_following(problems), [layer.file for layer in files])
    return Rendering(chunks, problems, catalogs.releases)


def _render_document(found: DocumentRuns, *, check_all: bool) -> str:
    """Return the new text of one document. Report an error if an edit has no safe place in the text.

    If only libyaml could read the document, the new text is parsed again, and its values are compared with the planned
    values. A document that the fast reader could read is compared only with ``check_all``.
    """
    text, root = found.document.text, found.root
    if root is None or not found.runs or found.problems.has_errors():
        return text
    try:
        text = splice(text, [(run.workload.root, run.edits) for run in found.runs])
        planned = plan_values(root, found.runs) if check_all or not root.plain else []
    except YamlError as error:
        error.report(found.problems)
        return found.document.text
    if not planned:
        return text
    try:
        written = _read_objects(parse(text, full=True))
    except YamlError as error:
        if error.code != "input-too-large":
            raise
        if root.plain:  # a render accepts the document, because it does not read the text again
            return text
        message = f"with its volumes, the document is over a limit: {error.message}"
        hint = error.hint or "put fewer runs into one document"
        found.problems.subject = found.runs[0].subject
        found.problems.add(error.code, message, hint, offset=found.runs[0].request.offset)
        return found.document.text
    if written != planned:
        raise AssertionError("the document after the edits differs from the plan")
    return text


def _read_objects(root: Node) -> list[Value]:
    return [read_raw(node) for node, _, _ in find_objects(root)]


def plan_values(root: Node, runs: list[Run]) -> list[Value]:
    """Return the values that each object of a document must have after the edits."""
    edits: dict[int, list[Edit]] = {}  # id() of an object's node -> edits: a List may have thousands of objects
    for run in runs:
        edits.setdefault(id(run.workload.root), []).extend(run.edits)
    return [apply_edits(read_raw(node), edits.get(id(node), [])) for node, _, _ in find_objects(root)]
