"""What is known of a kind, and an object of it as pod templates and their containers."""

from __future__ import annotations

from post_renderer.k8s import GATE
from post_renderer.problems import Unreadable
from post_renderer.yamltree.node import MAPPING, child, text_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.yamltree.node import Node, Path

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
