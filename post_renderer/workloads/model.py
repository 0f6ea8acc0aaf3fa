"""What is known of a kind, and an object of it as pod templates and their containers."""

from __future__ import annotations

from post_renderer.k8s import GATE
from post_renderer.problems import YamlError
from post_renderer.yamltree.node import MAPPING, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.yamltree.node import Node, Path

    ExtraKinds = dict[tuple[str, str], "WorkloadKind"] | None
    UninjectedObject = tuple[
        Node, str, str, "WorkloadKind | None"
    ]  # an object without pods that are known, its group, kind and row


class WorkloadKind:
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


class PodTemplate:
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

    def __init__(
        self, root: Node, group: str, kind: str, row: WorkloadKind, pods: list[PodTemplate], node: Node | None = None
    ) -> None:
        self.root = root
        self.node = node or root
        self.group = group
        self.kind = kind
        self.row = row
        self.pods = pods
        self.metadata = get_mapping_value(self.node, "metadata")
        self.name = scalar_text(get_mapping_value(self.metadata, "name")) or ""
        self.live = get_mapping_value(self.metadata, "uid") is not None
        self.generated = (self.live or not self.name) and get_mapping_value(self.metadata, "generateName") is not None
        self.namespace = scalar_text(get_mapping_value(self.metadata, "namespace")) or ""
        self.outer: Node | None = None
        self.references: list[Node] = []
        self.alternatives = False
        self.bare: Sequence[UninjectedObject] = ()

    def spec(self) -> Node | None:
        return get_mapping_value(self.node, "spec")

    def subject(self, of_root: str) -> str:
        """What it is called in messages and reports, by the root's subject."""
        return of_root if self.node is self.root else f"{of_root} ({self.kind})"

    def is_job(self) -> bool:
        """Whether it is a Job that Helm installs: one inside another object is made by that object's operator."""
        return (self.group, self.kind) == ("batch", "Job") and self.node is self.root

    def is_made(self) -> bool:
        """Whether an operator makes objects of it, each with a name of its own."""
        return self.node is not self.root and self.generated


def find_pods(root: Node, dotted: str, at: Path, above: list[Node]) -> list[PodTemplate]:
    """The pod, if there, to whose spec a path of plain keys leads from ``root``; ``at`` leads to ``root``."""
    steps = dotted.split(".")
    node: Node | None = root
    for step in steps[:-1]:
        node = get_mapping_value(node, step)
        if node is None:
            return []
        above.append(node)
    spec = get_mapping_value(node, steps[-1])
    if node is None or spec is None:
        return []
    path = (*at, *steps)
    containers = [
        Container(scalar_text(item.get("name")) or "", (*path, key, index), item, item.start, aside=key != "containers")
        for key in ("containers", "initContainers")
        for index, item in enumerate(_list_items(spec, key))
    ]
    return [PodTemplate(path, spec, get_mapping_value(node, "metadata"), above, containers)]


def _list_items(spec: Node, key: str) -> list[Node]:
    found = get_mapping_value(spec, key)
    return [] if found is None else found.items()


def _find_gate(path: Path, spec: Node) -> Path | None:
    """The path of our scheduling gate. Raises Unreadable where it stands twice, which Kubernetes refuses."""
    found: Path | None = None
    for index, gate in enumerate(_list_items(spec, "schedulingGates")):
        if gate.kind == MAPPING and scalar_text(gate.get("name")) == GATE:
            if found:
                raise YamlError("wrong-type", gate.start, f"the scheduling gate {GATE} stands twice", "keep one")
            found = (*path, "schedulingGates", index)
    return found


def check_containers(pod: PodTemplate) -> None:
    """Raises Unreadable where a pod spec has no containers: nothing could be mounted."""
    if all(container.aside for container in pod.containers):
        raise YamlError("wrong-type", pod.spec.start, "the pod spec has no containers", "add at least one container")
