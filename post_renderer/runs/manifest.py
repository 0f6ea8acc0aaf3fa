"""One rendered stream: its documents, their catalogs, and what its runs use."""

from __future__ import annotations

from post_renderer.folder import NAME_VARIABLE
from post_renderer.inject import choose_containers
from post_renderer.problems import Problem
from post_renderer.stream import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.runs import Run
    from post_renderer.stream import Document


class RunUsage:
    """What a run claims for itself, for holding runs of different documents against each other."""

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


def find_clashes(facts: list[RunUsage]) -> list[Problem]:
    """Different objects that would write into one run folder, or become one Job."""
    problems: list[Problem] = []
    folders: dict[tuple[str, str, str], RunUsage] = {}
    names: dict[tuple[str, str], RunUsage] = {}
    for fact in facts:
        if fact.folder and (first := folders.setdefault(fact.folder, fact)).key != fact.key:
            message = f"{first.subject} writes into the same run folder, {fact.folder[2]}"
            problems.append(_clash_problem("same-run-folder", message, "give one of them another name", fact))
        if fact.name and names.setdefault(fact.name, fact) is not fact:
            message = "the stream has this Job twice, with the same content: they would be one"
            problems.append(_clash_problem("same-name", message, "give one of them another name", fact))
    return problems


def _clash_problem(code: str, message: str, hint: str, fact: RunUsage) -> Problem:
    problem = Problem(code, message, hint, offset=fact.offset, subject=fact.subject)
    place(problem, fact.document)
    return problem
