"""The classes for a kind of workload, one workload, its pod templates and their containers."""

from __future__ import annotations

from post_renderer.k8s import GATE
from post_renderer.problems import YamlError
from post_renderer.yamltree.node import MAPPING, follow_alias, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.yamltree.node import Node, Path

    CatalogKinds = dict[tuple[str, str], "WorkloadKind"] | None
    # An object without known pods: its node, group, kind and what is known of the kind.
    UninjectedObject = tuple[Node, str, str, "WorkloadKind | None"]


class WorkloadKind:
    """How to find the pod templates of one kind, and what its users must know.

    ``pod_spec_paths``: paths to its pod specs as dotted keys, separated by spaces; the metadata of a pod template is
    beside its spec. Kinds of operators may use the longer syntax of ``pod_paths``. ``label``: the pod label that
    holds the run's name. ``creates_many_runs``: one object starts many runs, whose names only the cluster knows.
    ``references``: paths to fields that name a pod template elsewhere; ``advice``: where to put the annotation instead.
    ``unsupported_reason``: why such an object can't get volumes. ``unsupported_mount_field``: a volumeMounts field that
    its CRD lacks. ``shared_mounts_key``: the key, on the way to its pods, of volumes that its operator mounts in all
    containers. ``note``: a sentence for users.
    """

    __slots__ = (
        "advice", "creates_many_runs", "label", "note", "pod_spec_paths", "references", "shared_mounts_key",
        "unsupported_mount_field", "unsupported_reason"
    )  # fmt: skip

    def __init__(self, pod_spec_paths: str, label: str = "", *, creates_many_runs: bool = False) -> None:
        self.pod_spec_paths = pod_spec_paths
        self.label = label
        self.creates_many_runs = creates_many_runs
        self.references = ""
        self.advice = ""
        self.unsupported_reason = ""
        self.unsupported_mount_field = ""
        self.shared_mounts_key = ""
        self.note = ""


class Container:
    """A container of a pod, or a mapping from which an operator makes a container.

    ``path`` leads from the object's root to it; ``node`` is None if it is not written yet. ``opt_in``: it gets volumes
    only if the annotation ``containers`` names it (init containers, sidecars). ``inherits``: other lists that apply to
    it, as (field of the container, mapping, key in that mapping). ``members``: containers that inherit from it, as from
    Tekton's stepTemplate. ``requires_container``: the name of a container that must mount the same volumes.
    ``is_reference``: another object defines it, so nothing can be added here.
    """

    __slots__ = (
        "inherits", "is_reference", "members", "name", "node", "offset", "opt_in", "path", "requires_container"
    )  # fmt: skip

    def __init__(self, name: str, path: Path, node: Node | None, offset: int, *, opt_in: bool) -> None:
        self.name = name
        self.path = path
        self.node = node
        self.offset = offset
        self.opt_in = opt_in
        self.inherits: Sequence[tuple[str, Node, str]] = ()
        self.members: Sequence[Container] = ()
        self.requires_container = ""
        self.is_reference = False


class PodTemplate:
    """A pod template, or a Pod. ``path`` leads from the object's root to the spec, which owns ``volumes``.

    ``ancestors``: the mappings on the way to the spec, outermost first. ``other_volume_lists``: further lists of
    volumes that its containers may mount. ``gate_path``: the path of the gate of polyaxon.com, or None.
    """

    __slots__ = ("ancestors", "containers", "gate_path", "metadata", "other_volume_lists", "path", "spec")

    def __init__(
        self, path: Path, spec: Node, metadata: Node | None, ancestors: list[Node], containers: list[Container]
    ) -> None:
        self.path = path
        self.spec = spec
        self.metadata = metadata
        self.ancestors = ancestors
        self.containers = containers
        self.other_volume_lists: list[Node] = []
        self.gate_path = _find_gate(path, spec)


class Workload:
    """An object that holds pod templates. Raises YamlError if its metadata can't be read.

    ``root``: the object that Helm installs; ``node``: the workload, which is the root or an object inside it;
    ``root_metadata``: the metadata of the root if the workload is inside it. ``name``: empty if Kubernetes will
    generate it. ``generated``: Kubernetes will generate the name, or has done so. ``live``: the object has a uid, so it
    was read from the cluster and has the API server's defaults. ``external_templates``: fields that name a pod template
    of another object. ``has_conflicting_templates``: it has pod templates in places that exclude each other.
    ``uninjected``: objects inside the root that can't get volumes; only the first workload of an object lists them.
    """

    __slots__ = (
        "external_templates", "generated", "group", "has_conflicting_templates", "kind", "known", "live", "metadata",
        "name", "namespace", "node", "pods", "root", "root_metadata", "uninjected"
    )  # fmt: skip

    def __init__(
        self, root: Node, group: str, kind: str, known: WorkloadKind, pods: list[PodTemplate], node: Node | None = None
    ) -> None:
        self.root = root
        self.node = node or root
        self.group = group
        self.kind = kind
        self.known = known
        self.pods = pods
        self.metadata = get_mapping_value(self.node, "metadata")
        self.name = scalar_text(get_mapping_value(self.metadata, "name")) or ""
        self.live = get_mapping_value(self.metadata, "uid") is not None
        self.generated = (self.live or not self.name) and get_mapping_value(self.metadata, "generateName") is not None
        self.namespace = scalar_text(get_mapping_value(self.metadata, "namespace")) or ""
        self.root_metadata: Node | None = None
        self.external_templates: list[Node] = []
        self.has_conflicting_templates = False
        self.uninjected: Sequence[UninjectedObject] = ()

    def spec(self) -> Node | None:
        return get_mapping_value(self.node, "spec")

    def subject(self, of_root: str) -> str:
        """Return its name for messages and reports. ``of_root``: what ``subject_of`` returns for the root."""
        return of_root if self.node is self.root else f"{of_root} ({self.kind})"

    def is_job(self) -> bool:
        """Return whether it is a Job that Helm installs. A Job inside another object is created by an operator."""
        return (self.group, self.kind) == ("batch", "Job") and self.node is self.root

    def is_created_by_operator(self) -> bool:
        """Return whether an operator creates objects from it, each with another name."""
        return self.node is not self.root and self.generated


def find_pods(root: Node, dotted: str, at: Path, above: list[Node]) -> list[PodTemplate]:
    """Return the pod template at ``dotted``, a path of plain keys from ``root`` to its spec; empty: there is none.

    ``at``: the path to ``root``. ``above``: the mappings down to ``root``; those on the way are appended.
    """
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
        Container(
            scalar_text(follow_alias(item).get("name")) or "",
            (*path, key, index),
            item,
            item.start,
            opt_in=key != "containers",
        )
        for key in ("containers", "initContainers")
        for index, item in enumerate(_list_items(spec, key))
    ]
    return [PodTemplate(path, spec, get_mapping_value(node, "metadata"), above, containers)]


def _list_items(spec: Node, key: str) -> list[Node]:
    found = get_mapping_value(spec, key)
    return [] if found is None else found.items()


def _find_gate(path: Path, spec: Node) -> Path | None:
    """Return the path of the gate of polyaxon.com. Raises YamlError if it is repeated: Kubernetes refuses that."""
    found: Path | None = None
    for index, item in enumerate(_list_items(spec, "schedulingGates")):
        gate = follow_alias(item)
        if gate.kind == MAPPING and scalar_text(gate.get("name")) == GATE:
            if found:
                raise YamlError(
                    "wrong-type", gate.start, f"the scheduling gate {GATE} is repeated", "remove one of the two gates"
                )
            found = (*path, "schedulingGates", index)
    return found


def check_containers(pod: PodTemplate) -> None:
    """Check that a pod spec has containers that can get volumes. Raises YamlError (``wrong-type``)."""
    if all(container.opt_in for container in pod.containers):
        raise YamlError("wrong-type", pod.spec.start, "the pod spec has no containers", "add at least one container")
