"""The runs of one document: workload, pod, request, resolution, edits. Every verb starts here."""

from __future__ import annotations

from post_renderer.edits import apply_edits
from post_renderer.identity import base_name, identify, is_named_by_content
from post_renderer.plan import plan_pod
from post_renderer.problems import Unreadable, shown
from post_renderer.request import merge_requests, read_request
from post_renderer.resolve import resolve, resolve_build
from post_renderer.tree import MAPPING, child, text_or_none
from post_renderer.tree.values import read_values
from post_renderer.words import GATE, POLYAXONFILE, RELEASE_LABEL
from post_renderer.workloads import (
    KINDS,
    Workload,
    check_containers,
    find_objects,
    find_stray_annotations,
    names_us_elsewhere,
    read_annotations,
    subject_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalogs import Catalogs
    from post_renderer.edits import Edit
    from post_renderer.problems import Problems
    from post_renderer.references import Reference
    from post_renderer.request import Request
    from post_renderer.resolve import Resolution
    from post_renderer.tree import Node
    from post_renderer.workloads import Pod

    Annotations = dict[str, tuple[str, Node]]


class Run:
    """One pod template with a request, what it gets and what changes for that. ``name``: the object's, once named."""

    __slots__ = ("edits", "name", "pod", "request", "resolution", "subject", "workload")

    def __init__(self, workload: Workload, pod: Pod, request: Request, resolution: Resolution, subject: str) -> None:
        self.workload = workload
        self.pod = pod
        self.request = request
        self.resolution = resolution
        self.subject = subject
        self.edits: list[Edit] = []
        self.name = workload.name


def find_runs(root: Node, text: str, catalogs: Catalogs, problems: Problems) -> list[Run]:
    """The runs of a document, and everything that is wrong with what it asks for."""
    runs: list[Run] = []
    objects = list(find_objects(root))
    for node, group, kind in objects:
        problems.subject = kind or "(object)"
        try:
            problems.subject = subject_of(node, kind)
            if (group, kind) in KINDS:
                runs += _find_workload_runs(Workload(node, group, kind), text, catalogs, problems)
            else:
                _refuse_others(node, group, kind, problems)
        except Unreadable as error:
            error.report(problems)
    if root.kind == MAPPING and (not objects or objects[0][0] is not root):
        problems.subject = subject_of(root, "List")
        for name, (_, value) in read_annotations(child(root, "metadata")).items():
            hint = "put it on the items"
            problems.add("misplaced-annotation", f"{name} stands on a List", hint, offset=value.start, about=name)
    return runs


def _refuse_others(node: Node, group: str, kind: str, problems: Problems) -> None:
    """Annotations of ours on an object that holds no pods, or whose kind is not in the table."""
    for name, value in find_stray_annotations(node, set()):
        full = f"{kind}.{group}" if group else kind
        message = f"{shown(full)} is no kind whose pods are known"
        hint = "put it on a workload: " + ", ".join(sorted({known for _, known in KINDS}))
        problems.add("not-a-workload", message, hint, offset=value.start, about=name)


def _find_workload_runs(workload: Workload, text: str, catalogs: Catalogs, problems: Problems) -> list[Run]:
    subject = problems.subject
    outer, requests, read = read_requests(workload, text, problems)
    found = list(read.values())
    runs: list[Run] = []
    for pod, request in requests:
        if request.asked:
            run = None if request.broken else _resolve_run(workload, pod, request, text, catalogs, problems)
            runs += [run] if run else []
        else:
            _refuse_without_request(pod, request, any(found), problems)
    if any(found) and not workload.pods:
        problems.add("wrong-type", "the object has no pod template with a spec", "write one", offset=outer.offset)
    strays = find_stray_annotations(workload.root, set(read)) if names_us_elsewhere(text, workload, found) else ()
    for name, value in strays:
        hint = "put it on the object's own metadata, or on the pod template's"
        problems.add("misplaced-annotation", f"nothing reads {name} here", hint, offset=value.start, about=name)
    for run in runs:
        run.subject = subject
    return runs


def read_requests(
    workload: Workload, text: str, problems: Problems
) -> tuple[Request, list[tuple[Pod, Request]], dict[int, Annotations]]:
    """The workload's own request, that of each of its pods, and the annotations that were read, by their metadata."""
    annotations = read_annotations(workload.metadata)
    outer = read_request(annotations, text, problems)
    read = {workload.metadata.start: annotations} if workload.metadata else {}
    requests = []
    for pod in workload.pods:
        request = outer
        if pod.metadata is not None and pod.metadata.start not in read:
            inner = read[pod.metadata.start] = read_annotations(pod.metadata)
            if inner:
                request = merge_requests(read_request(inner, text, problems), outer, problems)
        requests.append((pod, request))
    return outer, requests, read


def _refuse_without_request(pod: Pod, request: Request, annotated: bool, problems: Problems) -> None:
    if pod.gate:
        message = f"the scheduling gate {GATE} without a polyaxonfile would keep the pod waiting for ever"
        hint = f"add the annotation {POLYAXONFILE}, or take the gate away"
        problems.add("no-request", message, hint, offset=pod.spec.start)
    elif annotated:
        message = "annotations of ours without a polyaxonfile do nothing"
        hint = f"add the annotation {POLYAXONFILE} ({{}} asks for the defaults), or take them away"
        problems.add("no-request", message, hint, offset=request.offset)


def _resolve_run(
    workload: Workload, pod: Pod, request: Request, text: str, catalogs: Catalogs, problems: Problems
) -> Run | None:
    allowed = True
    if request.run_policy or request.base_name:
        from post_renderer.naming import check_policy  # most runs keep their names

        allowed = check_policy(workload, request, problems)
    check_containers(pod)
    if request.kind == "build":
        resolution: Resolution | None = resolve_build(request, problems)
    else:
        catalog = catalogs.find(release_of(workload), request.offset, problems)
        if catalog is None or not allowed:
            return None
        references: list[Reference] = []
        if request.references:
            from post_renderer.others import find_references  # few runs refer to another one

            references = find_references(workload, request, catalogs, catalog, problems)
        resolution = resolve(catalog, request, identify(workload, request), problems, references)
    if resolution is None or not allowed:
        return None
    run = Run(workload, pod, request, resolution, problems.subject)
    templates = child(workload.spec(), "volumeClaimTemplates")
    names = (
        [text_or_none(child(child(item, "metadata"), "name")) or "" for item in templates.items()] if templates else []
    )
    run.edits = plan_pod(pod, resolution, request, names, problems)
    # The API server's defaults are no part of the content that a live Job was named by.
    if is_named_by_content(workload, request) and not workload.live:
        _name(run, text, problems)
    return run


def _name(run: Run, text: str, problems: Problems) -> None:
    from post_renderer.naming import content_name, find_rewritten, plan_name

    spec = run.workload.spec()
    assert spec is not None
    planned = apply_edits({"spec": read_values(spec)}, run.edits)
    assert isinstance(planned, dict)
    run.name = content_name(base_name(run.workload, run.request), planned["spec"])
    run.edits += plan_name(run.workload, run.request, run.name, problems)
    for node in sorted(find_rewritten(spec, run.workload.root.end, text), key=lambda node: node.start):
        block = node.style in ("|", ">")
        what = "block scalar" if block else "missing value"
        message = f"Helm 4 writes this {what} otherwise, so the Job's name would differ between Helm 3 and Helm 4"
        hint = "write the string in quotes, or as a | literal that ends in one newline and is not the last value"
        if not block:
            hint = "write null, or leave the key out"
        problems.add("helm4-rewrites", message, hint, offset=node.start)


def release_of(workload: Workload) -> str:
    return text_or_none(child(child(workload.metadata, "labels"), RELEASE_LABEL)) or ""
