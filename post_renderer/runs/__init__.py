"""Finds the runs of one document: pod templates with a request. Plans the edits that add their volumes.

A request is what the annotations ask for. A resolution is what a pod template gets: volumes, mounts and variables.
Input: the root node and the text of a document, the catalogs of the stream, and the index of all runs of the stream.
Output: one `Run` for each pod template with a request that can be resolved. Errors and warnings are added to
``problems``; their offsets count characters of the document. An annotation of polyaxon.com that nothing reads is an
error. Otherwise a run would start without the volumes that it asks for. `manifest` reads a whole stream, and calls
`find_runs` for each document.
"""

from __future__ import annotations

from post_renderer.inject import check_container_names, plan_pod
from post_renderer.k8s import DATA, GATE, OUTPUTS, POLYAXONFILE
from post_renderer.problems import YamlError, list_names
from post_renderer.request import Request, merge_requests, read_request
from post_renderer.resolve import resolve, resolve_build
from post_renderer.resolve.identity import base_name, identify, is_named_by_content
from post_renderer.workloads import find_stray_annotations, has_unread_keys, owner_of, read_annotations, subject_of
from post_renderer.workloads.model import check_containers
from post_renderer.yamledit.edits import apply_edits
from post_renderer.yamltree import MAPPING, get_mapping_value, scalar_text
from post_renderer.yamltree.node import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.load import CatalogSet, KubernetesObject
    from post_renderer.problems import Problems
    from post_renderer.resolve.model import Reference, Resolution
    from post_renderer.runs.index import RunIndex
    from post_renderer.runs.refusals import Around
    from post_renderer.workloads.model import PodTemplate, Workload
    from post_renderer.yamledit.edits import Edit
    from post_renderer.yamltree import Node

    Annotations = dict[str, tuple[str, Node]]


class Run:
    """One pod template with its request, its resolution and its edits.

    ``name``: the name of the workload after the render.
    ``subject``: the workload in messages, as ``Kind/name``.
    """

    __slots__ = ("edits", "name", "pod", "request", "resolution", "subject", "workload")

    def __init__(
        self, workload: Workload, pod: PodTemplate, request: Request, resolution: Resolution, subject: str
    ) -> None:
        self.workload = workload
        self.pod = pod
        self.request = request
        self.resolution = resolution
        self.subject = subject
        self.edits: list[Edit] = []
        self.name = workload.name


def find_runs(root: Node, text: str, catalogs: CatalogSet, index: RunIndex | None, problems: Problems) -> list[Run]:
    """Return the runs of a document, and report all errors of its requests.

    ``index``: all runs of the stream; None if no run refers to another run. Raises YamlError if apiVersion, kind, items
    or metadata of the document can't be read. An error inside one object is reported and raises nothing.
    """
    runs: list[Run] = []
    is_list = root.kind == MAPPING
    for found in catalogs.find_objects(root):
        is_list = is_list and found.node is not root
        problems.subject = found.subject
        try:
            if found.error:
                raise found.error
            if found.workloads:
                runs += find_object_runs(found.workloads, text, catalogs, index, problems)
            else:
                _refuse_annotations(found, problems)
        except YamlError as error:
            error.report(problems)
    if is_list:
        problems.subject = subject_of(root, "List")
        for name, (_, value) in read_annotations(get_mapping_value(root, "metadata")).items():
            hint = "move the annotation to the items of the List"
            problems.add("misplaced-annotation", f"a List can't have {name}", hint, offset=value.start, about=name)
    return runs


def _refuse_annotations(found: KubernetesObject, problems: Problems) -> None:
    """Report annotations of polyaxon.com on an object of an unknown kind, or of a kind that can't get volumes."""
    for name, value in find_stray_annotations(found.node, set()):
        from post_renderer.runs.refusals import why_not_injectable

        code, message, hint = why_not_injectable(found.node, found.group, found.kind, found.known)
        problems.add(code, message, hint, offset=value.start, about=name)


def find_object_runs(
    workloads: list[Workload], text: str, catalogs: CatalogSet, index: RunIndex | None, problems: Problems
) -> list[Run]:
    """Return the runs of one object, which is a workload or contains workloads."""
    subject = problems.subject
    outer, requests, read = read_requests(workloads, text, problems)
    runs: list[Run] = []
    for workload, pod, request in requests:
        if not request.asks:
            continue
        run = None
        if not request.is_invalid:
            run = _resolve_run(workload, pod, request, text, catalogs, index, problems)
        if run:
            runs.append(run)
        else:
            problems.failed_runs += 1
    asks = any(request.asks for _, _, request in requests)
    _refuse_missing_requests(requests, read, problems, asks=asks)
    _refuse_unread(workloads, outer, requests, text, read, problems)
    if asks:
        _check_partial_injection(workloads, outer, problems)
    if outer.asks and workloads[0].uninjected:
        from post_renderer.runs.refusals import warn_uninjected

        warn_uninjected(workloads[0].uninjected, problems)
    for run in runs:
        run.subject = run.workload.subject(subject)
    return runs


def _refuse_missing_requests(
    requests: list[tuple[Workload, PodTemplate, Request]],
    read: dict[int, Annotations],
    problems: Problems,
    *,
    asks: bool,
) -> None:
    """Report pod templates without a request that have the scheduling gate or annotations of polyaxon.com.

    ``asks``: another pod template of the object has a request.
    """
    reported: set[int] = set()
    for _, pod, request in requests:
        if request.asks:
            continue
        own = pod.metadata and read[pod.metadata.start]
        if pod.gate_path:
            message = f"the pod has the scheduling gate {GATE} but asks for no volumes, so it would never start"
            hint = f"add the annotation {POLYAXONFILE}, {DATA} or {OUTPUTS}, or remove the gate"
            problems.add("no-request", message, hint, offset=pod.spec.start)
        elif request.offset and request.offset not in reported and (own or not asks):
            reported.add(request.offset)
            message = "the object has annotations of polyaxon.com, but none that asks for volumes, so it gets none"
            hint = f"add the annotation {DATA}, {OUTPUTS} or {POLYAXONFILE} ({{}} asks for the defaults), "
            hint += "or remove the other annotations"
            problems.add("no-request", message, hint, offset=request.offset)


def _refuse_unread(
    workloads: list[Workload],
    outer: Request,
    requests: list[tuple[Workload, PodTemplate, Request]],
    text: str,
    read: dict[int, Annotations],
    problems: Problems,
) -> None:
    """Report annotations of polyaxon.com in places that nothing reads, and on an object without pod templates."""
    first = workloads[0]
    found = list(read.values())
    if any(found) and not requests:
        from post_renderer.runs.refusals import why_not_injectable

        code, message, hint = why_not_injectable(first.node, first.group, first.kind, first.known)
        problems.add(code, message, hint, offset=outer.offset)
    if not has_unread_keys(text, workloads, found):
        return
    around: Around | None = None
    for name, value in find_stray_annotations(first.root, set(read)):
        code, message = "misplaced-annotation", f"the post-renderer does not read {name} in this place"
        hint = "move the annotation to the metadata of the object, or to the metadata of its pod template"
        if first.uninjected:
            from post_renderer.runs.refusals import Around, why_not_injectable

            around = around or Around(first.uninjected)
            if inside := around.find(value.start):
                code, message, hint = why_not_injectable(*inside)
        problems.add(code, message, hint, offset=value.start, about=name)


def read_requests(
    workloads: list[Workload], text: str, problems: Problems
) -> tuple[Request, list[tuple[Workload, PodTemplate, Request]], dict[int, Annotations]]:
    """Return the request of an object, the request of each pod template, and the annotations that were read.

    The third result is a dict: offset of a metadata mapping -> its annotations. The annotations of a pod template
    override the annotations of its workload. The annotations of a workload override the annotations of the object that
    contains the workload.
    """
    read: dict[int, Annotations] = {}
    known: dict[int, Request] = {}  # offset of a metadata mapping -> the request in it; several places may share it

    def read_inner(metadata: Node | None, around: Request, pods: list[PodTemplate]) -> Request:
        if metadata is None:
            return around
        if metadata.start not in read:
            annotations = read[metadata.start] = read_annotations(metadata)
            if annotations:
                known[metadata.start] = read_request(annotations, text, problems)
        own = known.get(metadata.start)
        if own is None or own is around:  # the same metadata, because the workload is the object itself
            return around
        check_container_names(own, pods, problems)
        return merge_requests(own, around, problems) if around.offset else own

    outer = read_inner(
        get_mapping_value(workloads[0].root, "metadata"), Request(), [pod for one in workloads for pod in one.pods]
    )
    requests = []
    for workload in workloads:
        request = read_inner(workload.metadata, outer, workload.pods)
        requests += [(workload, pod, read_inner(pod.metadata, request, [pod])) for pod in workload.pods]
    return outer, requests, read


def _check_partial_injection(workloads: list[Workload], request: Request, problems: Problems) -> None:
    """Report pod templates that exclude each other. Warn of pods whose template is in another object."""
    for workload in workloads:
        if workload.has_conflicting_templates:
            message = (
                f"this {workload.kind} has several pod templates that its operator merges, so they can't get volumes"
            )
            problems.add("not-injectable", message, workload.known.advice, offset=request.offset)
        for reference in workload.external_templates:
            message = f"this {workload.kind} uses a pod template of another object, and its pods get no volumes"
            problems.add("pod-elsewhere", message, workload.known.advice, offset=reference.start)


def _resolve_run(
    workload: Workload,
    pod: PodTemplate,
    request: Request,
    text: str,
    catalogs: CatalogSet,
    index: RunIndex | None,
    problems: Problems,
) -> Run | None:
    allowed = True
    if request.run_policy or request.base_name:
        from post_renderer.inject.job_name import check_policy  # most Jobs keep their names

        allowed = check_policy(workload, request, problems)
    check_containers(pod)
    if request.kind == "build":
        resolution: Resolution | None = resolve_build(request, problems)
    else:
        catalog = catalogs.find(owner_of(workload), request.offset, problems)
        if catalog is None or not allowed:
            return None
        references: list[Reference] = []
        if request.references:
            from post_renderer.runs.references import find_references  # few runs refer to other runs

            assert index is not None, "a stream with references has no index of its runs"
            references = find_references(workload, request, text, index, catalog, problems)
        if catalog.empty and request.data is None and request.outputs is None and not request.references:
            catalogs.warn_empty(catalog)
        resolution = resolve(catalog, request, identify(workload, request), problems, references)
    if resolution is None or not allowed:
        return None
    run = Run(workload, pod, request, resolution, problems.subject)
    run.edits = plan_pod(pod, resolution, request, _find_claim_templates(pod), problems)
    _refuse_fields(workload, resolution, request, problems)
    if request.kind == "tensorboard" and (resolution.outputs is None or resolution.outputs.bucket):
        from post_renderer.runs.tensorboard import warn_unshown

        warn_unshown(pod, resolution.outputs, request, problems)
    # An object from the cluster has the API server's defaults. The hash in the Job's name was made without them.
    if is_named_by_content(workload, request) and not workload.live:
        _name_job(run, text, problems)
    return run


def _name_job(run: Run, text: str, problems: Problems) -> None:
    from post_renderer.inject.job_name import content_name, find_helm4_rewrites, plan_name

    spec = run.workload.spec()
    assert spec is not None
    planned = apply_edits({"spec": read_values(spec)}, run.edits)
    assert isinstance(planned, dict)
    run.name = content_name(base_name(run.workload, run.request), planned["spec"])
    run.edits += plan_name(run.workload, run.request, run.name, problems)
    for node in sorted(find_helm4_rewrites(spec, run.workload.root.end, text), key=lambda node: node.start):
        block = node.style in ("|", ">")
        what = "block scalar" if block else "missing value"
        message = f"Helm 4 rewrites this {what}, and the Job's name contains a hash of it: "
        message += "Helm 3 and Helm 4 would give different names"
        hint = "write the string in quotes; Helm 4 also keeps a | block that ends in one newline, "
        hint += "if another key follows the block"
        if not block:
            hint = "write null, or leave the key out"
        problems.add("helm4-rewrites", message, hint, offset=node.start)


def _find_claim_templates(pod: PodTemplate) -> list[str]:
    """Return the names of the volumes that come from ``volumeClaimTemplates`` of a mapping around the pod spec."""
    names: list[str] = []
    for node in pod.ancestors[1:]:
        templates = get_mapping_value(node, "volumeClaimTemplates")
        if templates:
            names += [scalar_text(get_mapping_value(item, "metadata", "name")) or "" for item in templates.items()]
    return names


def _refuse_fields(workload: Workload, resolution: Resolution, request: Request, problems: Problems) -> None:
    """Report a mount with a field that the kind of the workload does not support."""
    lacks = workload.known.unsupported_mount_field
    mounts = [mount for mount in resolution.mounts if lacks in mount.fields] if lacks else []
    data = [mount.entry.name for mount in mounts if mount.entry.sub_path_template]
    message = f"a {workload.kind} of {workload.group} does not support {lacks}, which mounts "
    if len(data) < len(mounts):
        hint = "use an outputs entry with createRunFolder: false, and don't refer to other runs"
        problems.add("not-injectable", f"{message}run folders", hint, offset=request.offset)
    if data:
        hint = "ask for other data volumes, or write subPath without placeholders"
        message += f"a subPath with placeholders ({list_names(data)})"
        problems.add("not-injectable", message, hint, offset=request.offset)
