"""Which kinds hold pod templates, and where; annotations of ours by the place they stand in."""

from __future__ import annotations

from post_renderer.problems import Unreadable, shown
from post_renderer.words import ANNOTATIONS, DOMAIN, GATE, JOB_NAME_LABEL, POLYAXONFILE, PREFIX, RESOURCE_LIST
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node, child, text_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from post_renderer.yamledit.edits import Path

    Site = dict[tuple[str, str], "Row"] | None
    Bare = tuple[Node, str, str, "Row | None"]  # an object without pods that are known, its group, kind and row


class Row:
    """Where a kind has its pods, and what has to be known about them.

    ``places``: paths to its pod specs, as dotted keys; a pod template's metadata stands beside its spec. More may stand
    in them where the row is not one of Kubernetes' own kinds (see ``custom``). ``label``: the label of its pods that
    holds the run's name, where there is one; ``many``: it stands for many runs, whose names only the cluster knows.
    ``references``: paths to what it says instead of a pod; ``advice``: where the annotation belongs then.
    ``refused``: why such an object can't be given volumes. ``lacks``: a field of volumeMounts that it can't have.
    ``mounts``: the key, on the way to its pods, of what its operator mounts in all of their containers. ``note``: for
    its users.
    """

    __slots__ = ("advice", "label", "lacks", "many", "mounts", "note", "places", "references", "refused")

    def __init__(self, places: str, label: str = "", *, many: bool = False) -> None:
        self.places = places
        self.label = label
        self.many = many
        self.references = ""
        self.advice = ""
        self.refused = ""
        self.lacks = ""
        self.mounts = ""
        self.note = ""


# Kubernetes' own kinds, by group. All others stand in `table`, which is read when a stream has one of them.
KINDS: dict[tuple[str, str], Row] = {
    ("", "Pod"): Row("spec"),
    ("", "PodTemplate"): Row("template.spec"),
    ("", "ReplicationController"): Row("spec.template.spec"),
    ("apps", "Deployment"): Row("spec.template.spec"),
    ("apps", "ReplicaSet"): Row("spec.template.spec"),
    ("apps", "DaemonSet"): Row("spec.template.spec"),
    ("apps", "StatefulSet"): Row("spec.template.spec"),
    ("extensions", "Deployment"): Row("spec.template.spec"),
    ("extensions", "ReplicaSet"): Row("spec.template.spec"),
    ("extensions", "DaemonSet"): Row("spec.template.spec"),
    ("batch", "Job"): Row("spec.template.spec", JOB_NAME_LABEL),
    ("batch", "CronJob"): Row("spec.jobTemplate.spec.template.spec", JOB_NAME_LABEL, many=True),
}

LABELS = ("labels", "matchLabels", "nodeSelector", "selector")


class Container:
    """A container of a pod, or what its operator makes one of.

    ``path`` leads from the object's root to it; ``node`` is None where nothing stands there yet. ``aside``: it gets
    volumes only when it is named (init containers, sidecars). ``beside``: where else its mounts and variables stand, by
    the key that they have in a container, a mapping and the key in that; ``below``: containers that have what this one
    has, but for what they say themselves.
    ``needs``: the name of the container that must mount what this one mounts; ``refers``: it is written in another
    object, so that nothing can be added here.
    """

    __slots__ = ("aside", "below", "beside", "name", "needs", "node", "offset", "path", "refers")

    def __init__(self, name: str, path: Path, node: Node | None, offset: int, *, aside: bool) -> None:
        self.name = name
        self.path = path
        self.node = node
        self.offset = offset
        self.aside = aside
        self.beside: Sequence[tuple[str, Node, str]] = ()
        self.below: Sequence[Container] = ()
        self.needs = ""
        self.refers = False


class Pod:
    """A pod template (or a Pod): ``path`` leads from the object's root to the spec, which owns ``volumes``.

    ``above``: the mappings on the way to the spec, outermost first. ``around``: other lists of volumes that the pod
    may mount.
    """

    __slots__ = ("above", "around", "containers", "gate", "metadata", "path", "spec")

    def __init__(
        self, path: Path, spec: Node, metadata: Node | None, above: list[Node], containers: list[Container]
    ) -> None:
        self.path = path
        self.spec = spec
        self.metadata = metadata
        self.above = above
        self.containers = containers
        self.around: list[Node] = []
        self.gate = _find_gate(path, spec)


class Workload:
    """An object that holds pod templates. ``live``: as the cluster has it, with what the API server filled in.

    ``name`` is empty where Kubernetes has yet to generate it; ``generated``: it does, or did. ``root``: the object that
    Helm installs; ``node``: that, or the one inside it that this is about, and ``outer`` the root's metadata then.
    ``references``: places that say that pods come from elsewhere; ``alternatives``: its pods stand in places that don't
    go together. ``bare``: objects inside the root that can't be given volumes, told by the first of its workloads.
    """

    __slots__ = (
        "alternatives", "bare", "generated", "group", "kind", "live", "metadata", "name", "namespace", "node", "outer",
        "pods", "references", "root", "row"
    )  # fmt: skip

    def __init__(self, root: Node, group: str, kind: str, row: Row, pods: list[Pod], node: Node | None = None) -> None:
        self.root = root
        self.node = node or root
        self.group = group
        self.kind = kind
        self.row = row
        self.pods = pods
        self.metadata = child(self.node, "metadata")
        self.name = text_or_none(child(self.metadata, "name")) or ""
        self.live = child(self.metadata, "uid") is not None
        self.generated = (self.live or not self.name) and child(self.metadata, "generateName") is not None
        self.namespace = text_or_none(child(self.metadata, "namespace")) or ""
        self.outer: Node | None = None
        self.references: list[Node] = []
        self.alternatives = False
        self.bare: Sequence[Bare] = ()

    def spec(self) -> Node | None:
        return child(self.node, "spec")

    def subject(self, of_root: str) -> str:
        """What it is called in messages and reports, by the root's subject."""
        return of_root if self.node is self.root else f"{of_root} ({self.kind})"

    def is_job(self) -> bool:
        """Whether it is a Job that Helm installs: one inside another object is made by that object's operator."""
        return (self.group, self.kind) == ("batch", "Job") and self.node is self.root

    def is_made(self) -> bool:
        """Whether an operator makes objects of it, each with a name of its own."""
        return self.node is not self.root and self.generated


def find_row(group: str, kind: str, site: Site = None) -> Row | None:
    """What is known about a kind; ``site``: rows of the catalog, which stand before those of ``table``."""
    row = KINDS.get((group, kind))
    if row is not None or "." not in group:  # custom resources have a domain for a group
        return row
    from post_renderer.workloads.custom_resources import read_row  # most streams have only Kubernetes' own kinds

    return (site and site.get((group, kind))) or read_row(group, kind)


def find_workloads(root: Node, group: str, kind: str, row: Row, site: Site = None) -> list[Workload]:
    """The workloads of one object, which is of a kind that has this row: one, or those that it holds."""
    if (group, kind) in KINDS:
        return [Workload(root, group, kind, row, find_pods(root, row.places, (), [root]))]
    from post_renderer.workloads.custom_resources import find_custom

    return find_custom(root, group, kind, row, site)


def find_pods(root: Node, dotted: str, at: Path, above: list[Node]) -> list[Pod]:
    """The pod, if there, to whose spec a path of plain keys leads from ``root``; ``at`` leads to ``root``."""
    steps = dotted.split(".")
    node: Node | None = root
    for step in steps[:-1]:
        node = child(node, step)
        if node is None:
            return []
        above.append(node)
    spec = child(node, steps[-1])
    if node is None or spec is None:
        return []
    path = (*at, *steps)
    containers = [
        Container(
            text_or_none(item.get("name")) or "", (*path, key, index), item, item.start, aside=key != "containers"
        )
        for key in ("containers", "initContainers")
        for index, item in enumerate(_items(spec, key))
    ]
    return [Pod(path, spec, child(node, "metadata"), above, containers)]


def find_objects(root: Node, inherited: tuple[str, str] = ("", "")) -> Iterator[tuple[Node, str, str]]:
    """Each object of a document with its group and kind: the document itself, or the items of a List.

    A kind that merely ends in List is one only where its items are of a kind whose pods are known; a ResourceList is
    what kustomize and kpt give to functions.
    """
    if root.kind != MAPPING:
        return
    group = (text_or_none(child(root, "apiVersion")) or inherited[0]).rpartition("/")[0]
    kind = text_or_none(child(root, "kind")) or inherited[1]
    element = "" if (group, kind) == RESOURCE_LIST else kind.removesuffix("List")
    items = root.get("items") if element != kind and (element == "" or find_row(group, element)) else None
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


def names_us_elsewhere(text: str, workloads: list[Workload], read: list[dict[str, tuple[str, Node]]]) -> bool:
    """Whether an object's text has our name elsewhere than in annotations that were read, our gates and labels.

    ``workloads``: all of the object's.
    """
    root = workloads[0].root
    if text.find("\\", root.start, root.end) >= 0:
        return True  # a name may be written with an escape
    named = text.count(DOMAIN, root.start, root.end)
    for ours in read:
        for name, (_, node) in ours.items():
            named -= name.count(DOMAIN) + text.count(DOMAIN, node.start, node.end)
    for workload in workloads:
        named -= sum(pod.gate is not None for pod in workload.pods)
    if not named:
        return False
    places = [found for workload in workloads for found in (workload.outer, workload.metadata)]
    places += [pod.metadata for workload in workloads for pod in workload.pods]
    metadata = {id(found): found for found in places}
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
    if all(container.aside for container in pod.containers):
        raise Unreadable("wrong-type", pod.spec.start, "the pod spec has no containers", "add at least one container")
