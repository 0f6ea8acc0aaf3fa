"""Reports pods that use a claim in a way that the claim's access modes in the catalog do not allow."""

from __future__ import annotations

from post_renderer.catalog.entry import ANY, DATA, ONCE, ONCE_POD, READ_ONLY, Entry
from post_renderer.problems import Problem, YamlError, quoted
from post_renderer.stream import find_documents, place
from post_renderer.workloads.replicas import count_pods, is_true
from post_renderer.yamltree import get_mapping_value, parse, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.catalog.load import CatalogSet
    from post_renderer.runs.manifest import RunUsage
    from post_renderer.stream import Document
    from post_renderer.workloads.model import PodTemplate, Workload


SEARCHED_NAMES = 20  # searching a text for more claim names takes longer than parsing it


class UnmanagedPodTemplate:
    """A pod template without a claim from the catalog. It has those fields of RunUsage that this module reads.

    ``claims``: one Entry for each claim among the volumes of the pod template.
    Raises YamlError if these volumes can't be read.
    """

    __slots__ = ("claims", "document", "key", "namespace", "offset", "path", "pods", "subject")

    def __init__(self, workload: Workload, pod: PodTemplate, subject: str, document: Document) -> None:
        self.document = document
        self.offset = pod.spec.start
        self.subject = subject
        self.namespace = workload.namespace
        self.key = (workload.group, workload.kind, workload.namespace, workload.name)
        self.path = pod.path
        self.pods = count_pods(workload, pod)
        self.claims = list(_read_claims(pod, workload.known.shared_mounts_key))


def find_claim_conflicts(raw: bytes, facts: list[RunUsage], catalogs: CatalogSet) -> Iterator[Problem]:
    """Yield an error for each writable volume of a ReadOnlyMany claim, and a warning for pods that can't share a claim.

    The access modes of a claim are ``accessModes`` of its entry in the catalog. A claim without them is not checked.
    The rules are those of Kubernetes: one node can mount a ReadWriteOnce claim at a time, and one pod can mount a
    ReadWriteOncePod claim at a time.
    """
    claims: dict[tuple[str, str], list[tuple[RunUsage | UnmanagedPodTemplate, Entry]]] = {}
    templates: list[RunUsage | UnmanagedPodTemplate] = [*facts, *find_unmanaged(raw, facts, catalogs)]
    for template in templates:
        for entry in template.claims:
            claims.setdefault((template.namespace, entry.claim), []).append((template, entry))
    for uses in claims.values():
        modes = {mode for _, entry in uses for mode in entry.access_modes}
        writing = [(template, entry) for template, entry in uses if not entry.read_only]
        if modes == {READ_ONLY}:
            yield from (_refuse_writing(template, entry) for template, entry in writing)
        elif modes and ANY not in modes and (writing or READ_ONLY not in modes):
            yield from _find_sharing(uses, ONCE if ONCE in modes else ONCE_POD)


def _refuse_writing(template: RunUsage | UnmanagedPodTemplate, entry: Entry) -> Problem:
    message = f"the claim {entry.claim} is {READ_ONLY}, but the volume {quoted(entry.name)} is writable"
    hint = f"write readOnly: true for the volume {quoted(entry.name)}"
    if entry.name.startswith("/"):  # a mount path: the operator mounts the claim, and has no field readOnly
        hint = "mount the claim by a volume of the pod templates, with readOnly: true"
    return _problem("read-only-claim", message, hint, template)


def find_unmanaged(raw: bytes, facts: list[RunUsage], catalogs: CatalogSet) -> list[UnmanagedPodTemplate]:
    """Return the pod templates that get no claim from the catalog, but may mount one that has access modes there.

    All documents that contain the name of such a claim are read, also documents without polyaxon.com.
    """
    names = {entry.claim for fact in facts for entry in fact.claims if entry.access_modes}
    runs = {(fact.document.start, fact.subject, fact.path) for fact in facts if fact.claims}
    others: list[UnmanagedPodTemplate] = []
    try:
        for document in find_documents(raw, b"laimName"):
            if len(names) > SEARCHED_NAMES or any(name in document.text for name in names):
                others += _read_unmanaged(document, catalogs)
    except YamlError:
        pass  # a document without polyaxon.com is not UTF-8; one with polyaxon.com would be an error before
    return [other for other in others if (other.document.start, other.subject, other.path) not in runs]


def _read_unmanaged(document: Document, catalogs: CatalogSet) -> list[UnmanagedPodTemplate]:
    """Return the pod templates of one document, without those of unreadable objects."""
    unmanaged: list[UnmanagedPodTemplate] = []
    try:
        for found in catalogs.find_objects(parse(document.text)):
            for workload in found.workloads:
                subject = workload.subject(found.subject)
                unmanaged += _read_templates(workload, subject, document)
    except YamlError:
        return []
    return unmanaged


def _read_templates(workload: Workload, subject: str, document: Document) -> list[UnmanagedPodTemplate]:
    try:
        return [UnmanagedPodTemplate(workload, pod, subject, document) for pod in workload.pods]
    except YamlError:
        return []


def _read_claims(pod: PodTemplate, mounts: str) -> Iterator[Entry]:
    """Yield an Entry without access modes for each claim among the volumes of a pod template.

    ``mounts``: the key of a list of volumes that an operator mounts in all containers; empty if the kind has none. A
    volume in this list has a mount path, but no name.
    """
    lists = [get_mapping_value(pod.spec, "volumes")]
    lists += [get_mapping_value(node, mounts) for node in pod.ancestors if mounts]
    for volume in [volume for found in lists if found for volume in found.items()]:
        source = get_mapping_value(volume, "persistentVolumeClaim")
        claim = scalar_text(get_mapping_value(source, "claimName") or get_mapping_value(volume, "volumeClaimName"))
        if claim:
            entry = Entry(
                scalar_text(get_mapping_value(volume, "name") or get_mapping_value(volume, "mountPath")) or "", DATA
            )
            entry.claim = claim
            entry.read_only = is_true(source, "readOnly")
            yield entry


def _find_sharing(uses: list[tuple[RunUsage | UnmanagedPodTemplate, Entry]], mode: str) -> Iterator[Problem]:
    """Yield warnings for pod templates that use the same claim: one for the second and for each later pod template, and
    one for the first pod template if it has several pods.

    ``uses``: pairs of a pod template and its entry on the claim. ``mode``: the claim's access mode. A message that
    applies to several pod templates of one object is reported once.
    """
    seen: dict[object, RunUsage | UnmanagedPodTemplate] = {}
    reported: set[object] = set()
    for template, entry in uses:
        key = (template.key, template.path)
        if template.pods == 0 or key in seen:
            continue
        first = next(iter(seen.values()), None)
        seen[key] = template
        if first is not None and first.subject == template.subject:
            message = f"the claim {entry.claim} is {mode}, but several pod templates of this object mount it"
        elif first is not None:
            message = f"the claim {entry.claim} is {mode}, but {first.subject} mounts it too"
        elif template.pods > 1:
            message = f"the claim {entry.claim} is {mode}, but several pods of this object mount it"
        else:
            continue
        if (template.key, message) in reported:
            continue
        reported.add((template.key, message))
        whose = "one pod can" if mode == ONCE_POD else "the pods of one node can"
        hint = f"start them one after another, or use a {ANY} claim: only {whose} mount a {mode} claim, others wait"
        yield _problem("claim-in-use", message, hint, template)


def _problem(code: str, message: str, hint: str, template: RunUsage | UnmanagedPodTemplate) -> Problem:
    problem = Problem(code, message, hint, offset=template.offset, subject=template.subject)
    place(problem, template.document)
    return problem
