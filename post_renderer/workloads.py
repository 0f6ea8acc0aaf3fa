"""Which kinds hold pod templates, and where; annotations of ours by the place they stand in."""

from __future__ import annotations

from post_renderer.problems import Unreadable, shown
from post_renderer.tree import MAPPING, SCALAR, SEQUENCE, Node, child, text_or_none
from post_renderer.words import ANNOTATIONS, DOMAIN, GATE, POLYAXONFILE, PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.edits import Path

# (group, kind): the paths of its pod specs, as dotted keys; a pod template's metadata stands beside its spec.
KINDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template.spec",),
    ("", "ReplicationController"): ("spec.template.spec",),
    ("apps", "Deployment"): ("spec.template.spec",),
    ("apps", "ReplicaSet"): ("spec.template.spec",),
    ("apps", "DaemonSet"): ("spec.template.spec",),
    ("apps", "StatefulSet"): ("spec.template.spec",),
    ("extensions", "Deployment"): ("spec.template.spec",),
    ("extensions", "ReplicaSet"): ("spec.template.spec",),
    ("extensions", "DaemonSet"): ("spec.template.spec",),
    ("batch", "Job"): ("spec.template.spec",),
    ("batch", "CronJob"): ("spec.jobTemplate.spec.template.spec",),
}

LABELS = ("labels", "matchLabels", "nodeSelector", "selector")


class Container:
    """A container of a pod: its name, its path from the workload's root, and whether it is an init container."""

    __slots__ = ("init", "name", "node", "path")

    def __init__(self, name: str, path: Path, node: Node, *, init: bool) -> None:
        self.name = name
        self.path = path
        self.node = node
        self.init = init


class Pod:
    """A pod template (or a Pod): ``path`` leads from the workload's root to the spec, which owns ``volumes``."""

    __slots__ = ("containers", "gate", "metadata", "path", "spec")

    def __init__(self, path: Path, spec: Node, metadata: Node | None) -> None:
        self.path = path
        self.spec = spec
        self.metadata = metadata
        self.containers = [
            Container(text_or_none(node.get("name")) or "", (*path, key, index), node, init=key != "containers")
            for key in ("containers", "initContainers")
            for index, node in enumerate(_items(spec, key))
        ]
        self.gate = _find_gate(path, spec)


class Workload:
    """An object that holds pod templates. ``live``: as the cluster has it, with what the API server filled in.

    ``name`` is empty where Kubernetes has yet to generate it; ``generated``: it does, or did.
    """

    __slots__ = ("generated", "group", "kind", "live", "metadata", "name", "namespace", "pods", "root")

    def __init__(self, root: Node, group: str, kind: str) -> None:
        self.root = root
        self.group = group
        self.kind = kind
        self.metadata = child(root, "metadata")
        self.name = text_or_none(child(self.metadata, "name")) or ""
        self.live = child(self.metadata, "uid") is not None
        self.generated = (self.live or not self.name) and child(self.metadata, "generateName") is not None
        self.namespace = text_or_none(child(self.metadata, "namespace")) or ""
        self.pods = [pod for path in KINDS[group, kind] for pod in _find_pods(self, path)]

    def spec(self) -> Node | None:
        return child(self.root, "spec")

    def is_job(self) -> bool:
        return (self.group, self.kind) == ("batch", "Job")


def find_objects(root: Node, inherited: tuple[str, str] = ("", "")) -> Iterator[tuple[Node, str, str]]:
    """Each object of a document with its group and kind: the document itself, or the items of a List.

    A kind that merely ends in List is one only where its items are of a kind that this table has.
    """
    if root.kind != MAPPING:
        return
    group = (text_or_none(child(root, "apiVersion")) or inherited[0]).rpartition("/")[0]
    kind = text_or_none(child(root, "kind")) or inherited[1]
    element = kind.removesuffix("List")
    items = root.get("items") if element != kind and (element == "" or (group, element) in KINDS) else None
    if items is None or items.kind != SEQUENCE:
        yield root, group, kind
        return
    api_version = text_or_none(child(root, "apiVersion")) or ""
    for item in items.items():
        yield from find_objects(item, (api_version, element) if element else ("", ""))


def subject_of(root: Node, kind: str) -> str:
    """``Kind/name`` for messages; a generated name with a star behind it."""
    metadata = child(root, "metadata")
    name = text_or_none(child(metadata, "name"))
    if name is None:
        generated = text_or_none(child(metadata, "generateName"))
        name = f"{generated}*" if generated else "(no name)"
    return f"{shown(kind)[1:-1]}/{shown(name)[1:-1]}"


def read_annotations(metadata: Node | None) -> dict[str, tuple[str, Node]]:
    """Our annotations of one metadata mapping: key to text and value node."""
    annotations = child(metadata, "annotations")
    found: dict[str, tuple[str, Node]] = {}
    if annotations is None:
        return found
    for name in annotations.names():
        if name.startswith(PREFIX):
            value = annotations.get(name)
            assert value is not None
            found[name] = (value.value() or "", value)
    annotations.get(POLYAXONFILE)  # raises where a merge key might bring it
    return found


def names_us_elsewhere(text: str, workload: Workload, read: list[dict[str, tuple[str, Node]]]) -> bool:
    """Whether the object's text has our name elsewhere than in annotations that were read, our gates and labels."""
    if text.find("\\", workload.root.start, workload.root.end) >= 0:
        return True  # a name may be written with an escape
    named = text.count(DOMAIN, workload.root.start, workload.root.end)
    named -= sum(pod.gate is not None for pod in workload.pods)
    for ours in read:
        for name, (_, node) in ours.items():
            named -= name.count(DOMAIN) + text.count(DOMAIN, node.start, node.end)
    if not named:
        return False
    metadata = {id(found): found for found in (workload.metadata, *(pod.metadata for pod in workload.pods))}
    for labels in [child(found, "labels") for found in metadata.values()]:
        if labels and labels.kind == MAPPING and all(value.kind == SCALAR for _, value in labels.pairs()):
            named -= text.count(DOMAIN, labels.start, labels.end)
    return named != 0


def find_stray_annotations(node: Node, read: set[int], under: str = "") -> Iterator[tuple[str, Node]]:
    """Annotations of ours in places that nobody read: ``read`` has the offsets of the metadata mappings that were.

    ``under``: the key of the mapping. Labels and selectors may have keys of the same names.
    """
    if node.kind == SEQUENCE:
        for item in node.items():
            yield from find_stray_annotations(item, read, under)
    if node.kind != MAPPING:
        return
    for key, value in node.pairs():
        name = (key.value() if key.kind == "scalar" else None) or ""
        if name.startswith(PREFIX) and (under == "annotations" or (name in ANNOTATIONS and under not in LABELS)):
            yield name, value
        elif name != "annotations" or node.start not in read:
            yield from find_stray_annotations(value, read, name)


def _find_pods(workload: Workload, dotted: str) -> Iterator[Pod]:
    path = tuple(dotted.split("."))
    node: Node | None = workload.root
    for step in path[:-1]:
        node = child(node, step)
    spec = child(node, path[-1])
    if node is not None and spec is not None:
        yield Pod(path, spec, child(node, "metadata"))


def _items(spec: Node, key: str) -> list[Node]:
    found = child(spec, key)
    return [] if found is None else found.items()


def _find_gate(path: Path, spec: Node) -> Path | None:
    """The path of our scheduling gate. Raises Unreadable where it stands twice, which Kubernetes refuses."""
    found: Path | None = None
    for index, gate in enumerate(_items(spec, "schedulingGates")):
        if gate.kind == MAPPING and text_or_none(gate.get("name")) == GATE:
            if found:
                raise Unreadable("wrong-type", gate.start, f"the scheduling gate {GATE} stands twice", "keep one")
            found = (*path, "schedulingGates", index)
    return found


def check_containers(pod: Pod) -> None:
    """Raises Unreadable where a pod spec has no containers: nothing could be mounted."""
    if not any(not container.init for container in pod.containers):
        raise Unreadable("wrong-type", pod.spec.start, "the pod spec has no containers", "add at least one container")
