"""Reads from a document which objects it has, what their pods use, and which of them Helm keeps."""

from __future__ import annotations

import re
from typing import NamedTuple

from post_renderer.inventory.owners import GLOBAL_KINDS, find_owners, read_helm_release
from post_renderer.inventory.pod_usage import PodUsage, Use, is_rendered, read_usage
from post_renderer.inventory.pod_values import read_all, read_containers, read_made_claims, read_volumes
from post_renderer.inventory.variables import make_fields
from post_renderer.k8s import BASE_NAME, CATALOG_LABEL, RUN_LABEL
from post_renderer.problems import Problems, YamlError
from post_renderer.request import has_request
from post_renderer.workloads import read_annotations, read_release
from post_renderer.yamledit.edits import apply_edits
from post_renderer.yamltree import Node, get_mapping_value, scalar_text
from post_renderer.yamltree.node_index import NodeIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.load import CatalogSet, KubernetesObject
    from post_renderer.runs import Run
    from post_renderer.runs.manifest import DocumentRuns
    from post_renderer.yamltree.node import Value

WORD = "a-z0-9-"  # a dot can be part of the name of a claim, and can be the end of a sentence
KEPT = "helm.sh/resource-policy"
ENDS = ("Complete", "Failed")


class Source(NamedTuple):
    """One input. ``number``: its place on the command line. ``namespace``: of objects without one.

    ``claim``: the name of the claim that the user asks for; or empty.
    """

    number: int
    namespace: str
    claim: str = ""


class FoundObject(NamedTuple):
    """One object of a stream. A text is empty if the object does not have it.

    ``source``: the input that contains it.
    ``is_generated``: the API server generates its name.
    ``namespace``: its own, or the one that the command line gives.
    ``has_given_namespace``: the command line gives its namespace.
    ``release``: the label app.kubernetes.io/instance.
    ``helm_release``: the name and the namespace of the release, from Helm's annotations; only in the cluster.
    ``is_catalog``: it is a ConfigMap with a catalog. ``is_global``: its kind has no namespace.
    ``run``: the name of the run in the values of the chart.
    ``uid``: only an object from the cluster has one.
    ``owners``: the controllers that created the object, as ``find_owner_keys`` names them.
    ``is_kept``: Helm keeps the object when it leaves the release.
    ``base``: for a Job that is named by its content: the name without the hash.
    ``is_run``: it asks for volumes, or a render has added some.
    ``is_unresolved``: it asks for volumes, but they can't be resolved. So its final name is not known.
    ``is_bare``: a render would still change it, so it is not in a manifest of a release that was rendered.
    ``is_job``: it is a Job of Kubernetes itself, and not of an operator.
    ``status``: complete, failed, suspended or active, for a Job.
    ``usages``: what each of its pods uses.
    ``mentions``: its text has the name of the claim that the user asks for.
    ``file``, ``line``: the template, and the line in the stream.
    """

    source: Source
    kind: str
    name: str
    is_generated: bool
    namespace: str
    has_given_namespace: bool
    release: str
    helm_release: tuple[str, str] | None
    is_catalog: bool
    is_global: bool
    run: str
    uid: str
    owners: tuple[str, ...]
    is_kept: bool
    base: str
    is_run: bool
    is_unresolved: bool
    is_bare: bool
    is_job: bool
    status: str
    usages: list[PodUsage]
    mentions: bool
    file: str
    line: int

    def subject(self) -> str:
        return f"{self.kind}/{self.name or '(no name)'}"

    def uses(self) -> list[Use]:
        return [use for usage in self.usages for use in usage.uses]


class ObjectReader:
    """Reads the objects of one document.

    ``needs_catalog``: the document has runs that are not rendered yet.
    ``unread``: the offsets of objects that can't be read.
    """

    def __init__(self, found: DocumentRuns, source: Source) -> None:
        self.needs_catalog = False
        self.unread: list[int] = []
        self._found = found
        self._source = source
        self._settled: list[Node] = []  # objects that need no catalog, because their volumes are there already
        self._runs: dict[int, list[Run]] = {}  # start of an object -> its runs
        for run in found.runs:
            self._runs.setdefault(run.workload.root.start, []).append(run)

    def read(self, catalogs: CatalogSet) -> list[FoundObject]:
        """Return the objects. Remove the problems that are about rendered objects: `verify` reports them."""
        if self._found.root is None:
            return []
        objects: list[FoundObject] = []
        failed = Problems()
        reported = {problem.subject for problem in self._found.problems.found}
        try:
            for one in catalogs.find_objects(self._found.root):
                failed.subject = one.subject
                try:
                    objects.append(self._read_object(one))
                except YamlError as error:
                    self.unread.append(one.node.start)
                    if one.subject not in reported:
                        error.report(failed)
        except YamlError as error:  # an item of a List is an alias, or a key such as kind is repeated
            self.unread.append(self._found.root.start)
            failed.subject = "(unreadable document)"
            error.report(failed)
        index = NodeIndex(self._settled)
        problems = self._found.problems
        problems.keep(lambda problem: index.find(problem.offset) is None)
        problems.found += failed.found
        return objects

    def _read_object(self, one: KubernetesObject) -> FoundObject:
        """Return one object. Raises YamlError if a part of it can't be read."""
        if one.error:
            raise one.error
        metadata = get_mapping_value(one.node, "metadata")
        labels = get_mapping_value(metadata, "labels")
        annotations = get_mapping_value(metadata, "annotations")
        uid, name = _text(metadata, "uid"), _text(metadata, "name")
        pods = [pod for workload in one.workloads for pod in workload.pods]
        containers = [read_containers(pod, None) for pod in pods]
        rendered = any(map(is_rendered, containers))
        asking = _count_asking(one)
        values: Value = None
        unresolved = bare = False
        if uid or rendered:
            self._settled.append(one.node)
        elif asking:
            runs = self._runs.get(one.node.start, [])
            self.needs_catalog = True
            unresolved = len(runs) < asking
            bare = unresolved or any(run.edits for run in runs)
            values = apply_edits(read_all(one.node), [edit for run in runs for edit in run.edits])
            containers = [read_containers(pod, values) for pod in pods]
            name = next((run.name for run in runs if run.workload.node is one.node), name)
        own_namespace = _text(metadata, "namespace")
        namespace = own_namespace or self._source.namespace
        made = read_made_claims(one.node, one.kind, name)
        is_job = (one.group, one.kind) == ("batch", "Job")
        fields = make_fields(namespace, job=name * is_job, pod=name * (one.kind == "Pod"))
        return FoundObject(
            source=self._source,
            kind=one.kind,
            name=name,
            is_generated=bool(_text(metadata, "generateName")),
            namespace=namespace,
            has_given_namespace=bool(namespace and not own_namespace),
            release=read_release(metadata),
            helm_release=read_helm_release(annotations),
            is_catalog=one.kind == "ConfigMap" and bool(_text(labels, CATALOG_LABEL)),
            is_global=(one.group, one.kind) in GLOBAL_KINDS,
            run=_text(labels, RUN_LABEL),
            uid=uid,
            owners=find_owners(metadata, namespace),
            is_kept=_text(annotations, KEPT) == "keep",
            base=_text(annotations, BASE_NAME),
            is_run=bool(asking) or rendered,
            is_unresolved=unresolved,
            is_bare=bare,
            is_job=is_job,
            status=_read_status(one.node) if is_job else "",
            usages=[
                read_usage([*read_volumes(pod, values), *made], found, namespace, fields)
                for pod, found in zip(pods, containers, strict=True)
            ],
            mentions=self._mentions(one.node) and (one.kind, name) != ("PersistentVolumeClaim", self._source.claim),
            file=self._found.document.template(),
            line=self._found.document.line(one.node.start),
        )

    def _mentions(self, node: Node) -> bool:
        """Return whether the claim that the user asks for is a word in the text of an object."""
        if not self._source.claim or self._source.claim not in self._found.document.text:
            return False
        word = rf"(?<![{WORD}]){re.escape(self._source.claim)}(?![{WORD}])"
        return re.search(word, self._found.document.text[node.start : node.end]) is not None


def _count_asking(one: KubernetesObject) -> int:
    """Return the number of pod templates of an object that ask for volumes."""
    outer = get_mapping_value(one.node, "metadata")
    return sum(
        any(has_request(read_annotations(metadata)) for metadata in (outer, workload.metadata, pod.metadata))
        for workload in one.workloads
        for pod in workload.pods
    )


def _read_status(job: Node) -> str:
    """Return how far a Job is. A suspended Job can go on, so it is not finished."""
    conditions = get_mapping_value(job, "status", "conditions")
    for item in conditions.items() if conditions else ():
        if _text(item, "type") in ENDS and _text(item, "status") == "True":
            return _text(item, "type").lower()
    return "suspended" if _text(get_mapping_value(job, "spec"), "suspend") == "true" else "active"


def _text(node: Node | None, key: str) -> str:
    return scalar_text(get_mapping_value(node, key)) or ""
