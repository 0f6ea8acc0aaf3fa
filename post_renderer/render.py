"""The filter, from bytes to bytes: catalogs first, then each document's runs, then all of it or nothing."""

from __future__ import annotations

from post_renderer.catalog.load import read_catalogs
from post_renderer.folder import NAME_VARIABLE
from post_renderer.inject import choose_containers
from post_renderer.problems import Problem, Problems, Unreadable
from post_renderer.runs import find_runs
from post_renderer.stream import find_documents, find_glued_separator, join, line_of, place
from post_renderer.words import ANNOTATIONS, CATALOG_LABEL, GATE
from post_renderer.workloads import find_objects
from post_renderer.yamledit import splice
from post_renderer.yamledit.edits import apply_edits
from post_renderer.yamltree import visit
from post_renderer.yamltree.values import read_literally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Layer
    from post_renderer.catalog.load import Catalogs
    from post_renderer.runs import Run
    from post_renderer.stream import Document, Piece
    from post_renderer.yamledit.edits import Edit
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.values import Value


class Fact:
    """What a run claims for itself, for holding runs of different documents against each other."""

    __slots__ = ("claims", "document", "folder", "name", "namespace", "offset", "path", "pods", "subject", "who")

    def __init__(self, run: Run, document: Document) -> None:
        workload, resolution = run.workload, run.resolution
        self.document = document
        self.offset = run.request.offset
        self.subject = run.subject
        base = run.request.base_name or workload.name
        self.namespace = workload.namespace
        self.who = (workload.group, workload.kind, workload.namespace, base)
        self.path = run.pod.path
        self.claims = list(dict.fromkeys(mount.entry for mount in resolution.mounts if mount.entry.claim))
        if run.request.containers and not choose_containers(run.pod, run.request):
            self.claims = []
        self.pods = 1
        if any(entry.access_modes for entry in self.claims):
            from post_renderer.runs.claim_conflicts import count_pods  # most catalogs say nothing of their claims

            self.pods = count_pods(workload, run.pod, choose_containers(run.pod, run.request))
        # Jobs named by content: two of them under one name would be one object.
        self.name = (workload.namespace, run.name) if run.request.run_policy else None
        # The folder is another one for each name that only the cluster knows.
        self.folder: tuple[str, str, str] | None = None
        outputs = resolution.outputs
        if (
            outputs
            and outputs.storage()
            and not outputs.read_only
            and f"$({NAME_VARIABLE})" not in resolution.run_folder
        ):
            self.folder = (workload.namespace, f"{outputs.storage()} {outputs.sub_path}", resolution.run_folder)


def render(raw: bytes, files: list[Layer], *, check_all: bool = False) -> tuple[list[Piece], list[Problem]]:
    """The rendered stream, in pieces, and all problems and warnings; with an error among them, it is not to be used.

    ``check_all``: check catalog entries that no run asks for as well, and parse every changed document again.
    """
    try:
        documents = list(find_documents(raw))
    except Unreadable as error:
        return [], [judge_stream(raw, error)]
    catalogs = read_catalogs(documents, files)
    changed: list[tuple[Document, str]] = []
    found: list[Problem] = []
    facts: list[Fact] = []
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
    document: Document, catalogs: Catalogs, *, check_all: bool
) -> tuple[str, list[Problem], list[Fact]]:
    """One document's new text, with its problems and the claims of its runs."""

    def work(root: Node) -> tuple[str, list[Problem], list[Fact], list[Value]]:
        problems = Problems()
        runs = find_runs(root, document.text, catalogs, problems)
        text, planned = document.text, []
        if runs and not problems.has_errors():
            try:
                text = splice(text, [(run.workload.root, run.edits) for run in runs])
                planned = plan_values(root, runs) if check_all or not root.plain else []
            except Unreadable as error:
                error.report(problems)
        return text, problems.found, [Fact(run, document) for run in runs], planned

    try:
        text, problems, facts, planned = visit(document.text, work)
        if not (problems or facts or document.start in catalogs.starts):
            # It names us and nothing came of it: that must not hang on a short cut of the reader.
            text, problems, facts, planned = visit(document.text, work, thorough=True)
    except Unreadable as error:
        text, problems, facts, planned = document.text, judge_unreadable(document, error), [], []
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
    return [read_literally(node) for node, _, _ in find_objects(root)]


def plan_values(root: Node, runs: list[Run]) -> list[Value]:
    """What each object of the document shall hold after the edits."""
    edits: dict[int, list[Edit]] = {}  # by their object: a List may hold thousands
    for run in runs:
        edits.setdefault(id(run.workload.root), []).extend(run.edits)
    return [apply_edits(read_literally(node), edits.get(id(node), [])) for node, _, _ in find_objects(root)]


def find_clashes(facts: list[Fact]) -> list[Problem]:
    """Different objects that would write into one run folder, or become one Job."""
    problems: list[Problem] = []
    folders: dict[tuple[str, str, str], Fact] = {}
    names: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        if fact.folder and (first := folders.setdefault(fact.folder, fact)).who != fact.who:
            message = f"{first.subject} writes into the same run folder, {fact.folder[2]}"
            problems.append(_clash("same-run-folder", message, "give one of them another name", fact))
        if fact.name and names.setdefault(fact.name, fact) is not fact:
            message = "the stream has this Job twice, with the same content: they would be one"
            problems.append(_clash("same-name", message, "give one of them another name", fact))
    return problems


def judge_unreadable(document: Document, error: Unreadable) -> list[Problem]:
    """The problem of a document that can't be parsed, not placed yet; none where it is not ours to judge."""
    problems = Problems()
    problems.subject = "(unreadable document)"
    if speaks_to_us(document):
        error.report(problems)
    return problems.found


def speaks_to_us(document: Document) -> bool:
    """Whether a document that can't be parsed seems to carry a key of ours, rather than to speak of it."""
    if document.template().endswith("NOTES.txt"):
        return False
    for key in (*ANNOTATIONS, CATALOG_LABEL):
        position = document.text.find(key)
        while position >= 0:
            if document.text[position + len(key) :].lstrip("\"' ").startswith(":"):
                return True
            position = document.text.find(key, position + 1)
    return f"name: {GATE}" in document.text


def _clash(code: str, message: str, hint: str, fact: Fact) -> Problem:
    problem = Problem(code, message, hint, offset=fact.offset, subject=fact.subject)
    place(problem, fact.document)
    return problem


def judge_stream(raw: bytes, error: Unreadable) -> Problem:
    """The problem of a stream that can't be read as a whole."""
    problem = Problem(error.code, error.message, error.hint, subject="(stream)")
    problem.line = line_of(raw, error.offset) if error.offset is not None else 0
    return problem
