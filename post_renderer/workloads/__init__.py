"""Finds the objects of a document, their pod templates, and the annotations of polyaxon.com in them.

A workload is an object that contains pod templates, such as a Job.
Input: the root node of a document. Output: `Workload` objects with their `PodTemplate` and `Container` objects. All
offsets count characters of the document's text. A path is a tuple of keys and list indices from the root of the object
that Helm installs to a node. The functions raise YamlError (``wrong-type``, ``alias``, ``duplicate-key``) if a field
does not have the type that Kubernetes requires, or is ambiguous. The paths to pod specs are those of Kubernetes' API
and of the operators' CRDs.
"""

from __future__ import annotations

from post_renderer.k8s import (
    ANNOTATIONS,
    CHART_LABEL,
    DOMAIN,
    JOB_NAME_LABEL,
    KIND,
    POLYAXONFILE,
    PREFIX,
    RELEASE_LABEL,
    RESOURCE_LIST,
)
from post_renderer.problems import YamlError, quoted
from post_renderer.workloads.model import Workload, WorkloadKind, find_pods
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, scalar_text
from post_renderer.yamltree.node import ALIAS, follow_alias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from post_renderer.workloads.model import CatalogKinds

    Owner = tuple[str, str, str]  # release, namespace, name of the chart (the label app.kubernetes.io/name)


# (API group, kind) -> the kinds of Kubernetes itself. Other kinds are in `operator_kinds`, imported only if needed.
NATIVE_KINDS: dict[tuple[str, str], WorkloadKind] = {
    ("", "Pod"): WorkloadKind("spec"),
    ("", "PodTemplate"): WorkloadKind("template.spec"),
    ("", "ReplicationController"): WorkloadKind("spec.template.spec"),
    ("apps", "Deployment"): WorkloadKind("spec.template.spec"),
    ("apps", "ReplicaSet"): WorkloadKind("spec.template.spec"),
    ("apps", "DaemonSet"): WorkloadKind("spec.template.spec"),
    ("apps", "StatefulSet"): WorkloadKind("spec.template.spec"),
    ("extensions", "Deployment"): WorkloadKind("spec.template.spec"),
    ("extensions", "ReplicaSet"): WorkloadKind("spec.template.spec"),
    ("extensions", "DaemonSet"): WorkloadKind("spec.template.spec"),
    ("batch", "Job"): WorkloadKind("spec.template.spec", JOB_NAME_LABEL),
    ("batch", "CronJob"): WorkloadKind("spec.jobTemplate.spec.template.spec", JOB_NAME_LABEL, creates_many_runs=True),
}

LABEL_KEYS: Final = ("labels", "matchLabels", "nodeSelector", "selector")


def find_kind(group: str, kind: str, extra: CatalogKinds = None) -> WorkloadKind | None:
    """Return how to find the pods of a kind; None if it is unknown. ``extra``: the catalog's kinds, checked first."""
    known = NATIVE_KINDS.get((group, kind))
    if known is not None or "." not in group:  # the API group of a custom resource contains a dot
        return known
    from post_renderer.workloads.operator_kinds import read_kind

    return (extra and extra.get((group, kind))) or read_kind(group, kind)


def find_workloads(
    root: Node, group: str, kind: str, known: WorkloadKind, extra: CatalogKinds = None
) -> list[Workload]:
    """Return the workloads of one object: the object itself, or objects inside it. The list is never empty.

    If the object has no pod templates, the list contains only the object, with empty ``pods``.
    """
    if (group, kind) in NATIVE_KINDS:
        return [Workload(root, group, kind, known, find_pods(root, known.pod_spec_paths, (), [root]))]
    from post_renderer.workloads.pod_paths import find_custom

    return find_custom(root, group, kind, known, lambda group, kind: find_kind(group, kind, extra))


def find_objects(root: Node, inherited: tuple[str, str] = ("", "")) -> Iterator[tuple[Node, str, str]]:
    """Yield each object of a document with its API group and kind: the document itself, or the items of a List.

    A kind such as JobList is a List only if the kind without "List" is known. A ResourceList is the input of a KRM
    function (kustomize, kpt). ``inherited``: apiVersion and kind for an item without apiVersion or kind. Raises
    YamlError for an item that is an alias.
    """
    if root.kind != MAPPING:
        return
    group = (scalar_text(get_mapping_value(root, "apiVersion")) or inherited[0]).rpartition("/")[0]
    kind = scalar_text(get_mapping_value(root, "kind")) or inherited[1]
    element = "" if (group, kind) == RESOURCE_LIST else kind.removesuffix("List")
    items = root.get("items") if element != kind and (element == "" or find_kind(group, element)) else None
    if items is None or items.kind != SEQUENCE:
        yield root, group, kind
        return
    api_version = scalar_text(get_mapping_value(root, "apiVersion")) or ""
    for item in items.items():
        if item.kind == ALIAS:
            item.expect(MAPPING)  # a run in it would start without volumes
        yield from find_objects(item, (api_version, element) if element else ("", ""))


def subject_of(root: Node, kind: str) -> str:
    """Return ``Kind/name`` for messages; ``Kind/prefix*`` if Kubernetes generates the name."""
    metadata = get_mapping_value(root, "metadata")
    name = scalar_text(get_mapping_value(metadata, "name"))
    if name is None:
        generated = scalar_text(get_mapping_value(metadata, "generateName"))
        name = f"{generated}*" if generated else "(no name)"
    return f"{quoted(kind)[1:-1]}/{quoted(name)[1:-1]}"


def read_annotations(metadata: Node | None) -> dict[str, tuple[str, Node]]:
    """Return the annotations ``polyaxon.com/…`` of one metadata mapping: key -> the text and the node of the value.

    Raises YamlError if the annotations can't be read, or if a merge key ("<<") may add one of them.
    """
    annotations = get_mapping_value(metadata, "annotations")
    found: dict[str, tuple[str, Node]] = {}
    if annotations is None:
        return found
    names = annotations.names()
    for name in names:
        if name.startswith(PREFIX):
            value = annotations.get(name)
            assert value is not None
            try:
                found[name] = (scalar_text(value) or "", value)
            except YamlError as error:
                raise _name_annotation(error, name, value) from None
    annotations.get(POLYAXONFILE)  # raises YamlError if a merge key may add the polyaxonfile
    for key, value in annotations.pairs() if "<<" in names else ():
        if key.text == "<<" and not key.style:
            _refuse_merged(value, annotations)
    return found


def _name_annotation(error: YamlError, name: str, value: Node) -> YamlError:
    """Return the error about an annotation whose value is not a string, with the name of the annotation."""
    hint = error.hint
    if name == POLYAXONFILE and value.kind == MAPPING:
        hint = f"write the polyaxonfile as text: write | after {name}:, and the polyaxonfile below it"
    elif value.kind == SEQUENCE:
        texts = [item.text for item in value.items() if item.kind == SCALAR and item.text.isprintable()]
        hint = f"write {quoted(','.join(texts))}" if texts else "write a string in quotes"
    return YamlError(error.code, error.offset, error.message, hint, name)


def _refuse_merged(merged: Node, annotations: Node) -> None:
    """Raise YamlError if the value of a merge key adds an annotation ``polyaxon.com/…`` to ``annotations``."""
    todo, seen = [merged], set()
    while todo:
        source = follow_alias(todo.pop())
        if source.start in seen:
            continue
        seen.add(source.start)
        if source.kind == SEQUENCE:
            todo += source.children
        for key, value in source.pairs() if source.kind == MAPPING else ():
            name = follow_alias(key).text
            if name == "<<":
                todo.append(value)
            elif name.startswith(PREFIX):
                annotations.get(name)  # raises YamlError, except for a key that is in the annotations themselves


def may_hide_names(text: str, start: int, end: int) -> bool:
    """Return whether a backslash can hide a name in a part of a text, as an escape or as a folded line."""
    # An escaped quote can't. All rendered Jobs have it, because the values of variables are JSON.
    return text.find("\\", start, end) >= 0 and text.count("\\", start, end) > text.count('\\"', start, end)


def has_unread_keys(text: str, workloads: list[Workload], read: list[dict[str, tuple[str, Node]]]) -> bool:
    """Return whether an object may contain ``polyaxon.com`` in a place that nothing reads.

    Annotations in ``read``, scheduling gates and labels are no such places.
    ``workloads``: all workloads of the object.
    ``read``: the annotations of each metadata that was read.
    """
    root = workloads[0].root
    start, end = root.start, root.end
    if may_hide_names(text, start, end):
        return True
    named = text.count(DOMAIN, start, end)
    seen: set[int] = set()  # an alias can refer to another object's annotations; two aliases can refer to the same one
    for ours in read:
        for name, (_, node) in ours.items():
            if node.start in seen or not start <= node.start < end:
                continue
            seen.add(node.start)
            named -= name.count(DOMAIN) + text.count(DOMAIN, node.start, node.end)
    for workload in workloads:
        named -= sum(pod.gate_path is not None for pod in workload.pods)
    return named != 0 and named != _count_in_labels(text, workloads)


def _count_in_labels(text: str, workloads: list[Workload]) -> int:
    """Return the number of ``polyaxon.com`` in the labels of an object and of its pod templates."""
    places = [found for workload in workloads for found in (workload.root_metadata, workload.metadata)]
    places += [pod.metadata for workload in workloads for pod in workload.pods]
    count = 0
    root = workloads[0].root
    found = {labels.start: labels for place in places if (labels := get_mapping_value(place, "labels"))}
    for labels in found.values():
        # An alias can refer to the labels of another object.
        if (
            root.start <= labels.start < root.end
            and labels.kind == MAPPING
            and all(value.kind == SCALAR for _, value in labels.pairs())
        ):
            count += text.count(DOMAIN, labels.start, labels.end)
    return count


def find_stray_annotations(node: Node, read: set[int], under: str = "") -> Iterator[tuple[str, Node]]:
    """Yield the key and the value node of each annotation ``polyaxon.com/…`` in a place that nothing reads.

    ``read``: the offsets of the metadata mappings that were read.
    ``under``: the key of ``node``. Below ``labels`` and selectors, the same keys are no annotations. The chart's label
    ``polyaxon.com/kind`` can also be below other keys of labels, such as ``podLabels``.
    """
    if node.kind == SEQUENCE:
        for item in node.items():
            yield from find_stray_annotations(item, read, under)
    if node.kind != MAPPING:
        return
    for key, value in node.pairs():
        name = (follow_alias(key).value() if follow_alias(key).kind == SCALAR else None) or ""
        if name.startswith(PREFIX) and (
            under == "annotations"
            or (name in ANNOTATIONS and under not in LABEL_KEYS and not (name == KIND and _has_labels(under)))
        ):
            yield name, value
        elif name != "annotations" or node.start not in read:
            yield from find_stray_annotations(value, read, name)


def _has_labels(key: str) -> bool:
    """Return whether a key such as ``podLabels`` or ``nodeSelector`` contains labels."""
    return key.lower().endswith(("labels", "selector"))


def list_kinds(extra: CatalogKinds = None) -> list[tuple[str, str, WorkloadKind]]:
    """Return API group, kind and WorkloadKind of all known kinds: first kinds of Kubernetes, then others, sorted."""
    from post_renderer.workloads.operator_kinds import TABLE

    others = {(group, kind) for group, kinds in TABLE.items() for kind in kinds} | set(extra or ())
    keys = [*NATIVE_KINDS, *sorted(others)]
    kinds = ((group, kind, find_kind(group, kind, extra)) for group, kind in keys)
    return [(group, kind, known) for group, kind, known in kinds if known is not None]


def release_of(workload: Workload) -> str:
    return read_release(workload.root_metadata or workload.metadata)


def read_release(metadata: Node | None) -> str:
    return scalar_text(get_mapping_value(metadata, "labels", RELEASE_LABEL)) or ""


def owner_of(workload: Workload) -> Owner:
    return read_owner(workload.root_metadata or workload.metadata)


def read_owner(metadata: Node | None) -> Owner:
    """Return what decides which catalog an object uses. A text is empty if the object does not have it."""
    name = scalar_text(get_mapping_value(metadata, "labels", CHART_LABEL)) or ""
    return read_release(metadata), scalar_text(get_mapping_value(metadata, "namespace")) or "", name
