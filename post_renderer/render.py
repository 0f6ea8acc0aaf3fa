"""The filter, from bytes to bytes: catalogs first, then each document's runs, then all of it or nothing."""

from __future__ import annotations

from post_renderer.catalog.load import read_catalogs
from post_renderer.problems import Problem, Problems, YamlError
from post_renderer.runs import find_runs
from post_renderer.runs.manifest import RunUsage, find_clashes
from post_renderer.stream import document_problems, find_documents, find_glued_separator, join, place, stream_problem
from post_renderer.workloads import find_objects
from post_renderer.yamledit import splice
from post_renderer.yamledit.edits import apply_edits
from post_renderer.yamltree import visit
from post_renderer.yamltree.node import read_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import CatalogLayer
    from post_renderer.catalog.load import CatalogSet
    from post_renderer.runs import Run
    from post_renderer.stream import Chunk, Document
    from post_renderer.yamledit.edits import Edit
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value


def render(raw: bytes, files: list[CatalogLayer], *, check_all: bool = False) -> tuple[list[Chunk], list[Problem]]:
    """The rendered stream, in pieces, and all problems and warnings; with an error among them, it is not to be used.

    ``check_all``: check catalog entries that no run asks for as well, and parse every changed document again.
    """
    try:
        documents = list(find_documents(raw))
    except YamlError as error:
        return [], [stream_problem(raw, error)]
    catalogs = read_catalogs(documents, files)
    changed: list[tuple[Document, str]] = []
    found: list[Problem] = []
    facts: list[RunUsage] = []
    for document in documents:
        if document.start in catalogs.done:
            continue
        text, problems, claims = render_document(document, catalogs, check_all=check_all)
        found += problems
        facts += claims
        if text != document.text:
            changed.append((document, text))
    if check_all:
        catalogs.check_all()
    found = [*catalogs.problems, *found, *find_clashes(facts)]
    if any(entry.access_modes for fact in facts for entry in fact.claims):
        from post_renderer.runs.claim_conflicts import find_claim_conflicts

        found += find_claim_conflicts(raw, facts, catalogs)
    return join(raw, changed), found


def render_document(
    document: Document, catalogs: CatalogSet, *, check_all: bool
) -> tuple[str, list[Problem], list[RunUsage]]:
    """One document's new text, with its problems and the claims of its runs."""

    def work(root: Node) -> tuple[str, list[Problem], list[RunUsage], list[Value]]:
        problems = Problems()
        runs = find_runs(root, document.text, catalogs, problems)
        text, planned = document.text, []
        if runs and not problems.has_errors():
            try:
                text = splice(text, [(run.workload.root, run.edits) for run in runs])
                planned = plan_values(root, runs) if check_all or not root.plain else []
            except YamlError as error:
                error.report(problems)
        return text, problems.found, [RunUsage(run, document) for run in runs], planned

    try:
        text, problems, facts, planned = visit(document.text, work)
        if not (problems or facts or document.start in catalogs.starts):
            # It names us and nothing came of it: that must not hang on a short cut of the reader.
            text, problems, facts, planned = visit(document.text, work, thorough=True)
    except YamlError as error:
        text, problems, facts, planned = document.text, document_problems(document, error), [], []
    glued = find_glued_separator(document)
    if glued is not None and (facts or problems):
        message, hint = "--- stands glued to text here", "write --- on a line of its own"
        problems = [Problem("glued-separator", message, hint, offset=glued, subject="(stream)")]
    for problem in problems:
        place(problem, document)
    if planned and visit(text, read_objects, thorough=True) != planned:
        raise AssertionError("the text after the splice does not hold what was planned")
    return text, problems, facts


def read_objects(root: Node) -> list[Value]:
    return [read_raw(node) for node, _, _ in find_objects(root)]


def plan_values(root: Node, runs: list[Run]) -> list[Value]:
    """What each object of the document shall hold after the edits."""
    edits: dict[int, list[Edit]] = {}  # by their object: a List may hold thousands
    for run in runs:
        edits.setdefault(id(run.workload.root), []).extend(run.edits)
    return [apply_edits(read_raw(node), edits.get(id(node), [])) for node, _, _ in find_objects(root)]
