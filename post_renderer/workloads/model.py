"""Defines the classes for kinds of workloads, workloads, pod templates and containers.

A workload is an object that contains pod templates, such as a Job. A path is a tuple of keys and list indices from the
root of the object that Helm installs to a node.
"""

from __future__ import annotations

from post_renderer.k8s import GATE
from post_renderer.problems import YamlError
from post_renderer.yamltree.node import MAPPING, follow_alias, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.yamltree.node import Node, Path

    CatalogKinds = dict[tuple[str, str], "WorkloadKind"] | None
    # An object that gets no volumes: its node, API group and kind, and its WorkloadKind if the kind is known.
    UninjectedObject = tuple[Node, str, str, "WorkloadKind | None"]


class WorkloadKind:
    """How to find the pod templates of one kind of workload. A field is empty if it does not apply to the kind.

    ``pod_spec_paths``: paths to the pod specs, as keys with dots; spaces separate the paths. Custom resources can use
    the longer syntax in ``pod_paths``. The metadata of a pod template is beside its spec.
    ``label``: the pod label that contains the run's name.
    ``creates_many_runs``: True if one object starts many runs, with names that only the cluster knows.
    ``references``: paths to fields that name a pod template of another object.
    ``advice``: what to write or to annotate instead of this object.
    ``unsupported_reason``: why objects of this kind can't get volumes.
    ``unsupported_mount_field``: a field of volumeMounts that the CRD lacks.
    ``shared_mounts_key``: the key of a list of volumes that the operator mounts in all containers. The list is in a
    mapping around the pod spec.
    ``note``: a sentence about the kind for users.
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
    """A container of a pod template, or a mapping from which an operator makes a container.

    ``path``: the path to the container.
    ``node``: the mapping at ``path``; None if the mapping does not exist yet.
    ``offset``: where errors about the container are reported, in characters of the document.
    ``opt_in``: True if it gets volumes only if the annotation ``containers`` names it (init containers, sidecars).
    ``inherits``: lists outside the container that apply to the container: tuples of the field of the container (env or
    volumeMounts), the mapping with the list, and the key of the list in this mapping.
    ``members``: the containers that inherit from this mapping, if it is like Tekton's stepTemplate.
    ``requires_container``: the name of another container, which must mount the same volumes; or empty.
    ``is_reference``: True if another object defines the container, so nothing can be added here.
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
    """A pod template, or a Pod.

    ``path``: the path to the spec, which is the mapping that contains ``volumes``.
    ``ancestors``: the mappings on the way to the spec, outermost first.
    ``other_volume_lists``: more lists of volumes that the containers can mount.
    ``gate_path``: the path to the scheduling gate of polyaxon.com; None without the gate.
    Raises YamlError if the gate is repeated.
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
    """An object that contains pod templates. Raises YamlError if its metadata can't be read.

    ``root``: the object that Helm installs.
    ``node``: the workload: the root, or an object inside the root.
    ``root_metadata``: the metadata of the root if the workload is inside the root; else None.
    ``name``: the name of the workload. A workload without a name inside another object has the name of the root. The
    name is empty if Kubernetes will generate the name.
    ``generated``: True if Kubernetes or an operator generates the name.
    ``live``: True if the root has a uid. Then it was read from the cluster and has the API server's defaults.
    ``external_templates``: the fields that name a pod template of another object.
    ``has_conflicting_templates``: True if the workload has pod templates in places that exclude each other.
    ``uninjected``: the objects inside the root that can't get volumes. Only the first workload of a root lists them.
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
        """Return the workload's name for messages. ``of_root``: the name that `subject_of` returns for the root."""
        return of_root if self.node is self.root else f"{of_root} ({self.kind})"

    def is_job(self) -> bool:
        """Return whether the workload is a Job that Helm installs. An operator creates a Job inside another object."""
        return (self.group, self.kind) == ("batch", "Job") and self.node is self.root

    def is_created_by_operator(self) -> bool:
        """Return whether an operator creates objects from the workload, each with another name."""
        return self.node is not self.root and self.generated


def find_pods(root: Node, dotted: str, at: Path, above: list[Node]) -> list[PodTemplate]:
    """Return a list with the pod template whose spec is at ``dotted``, or an empty list.

    ``dotted``: keys with dots between them, from ``root`` to the spec.
    ``at``: the path to ``root``.
    ``above``: the mappings from the outermost to ``root``; the mappings from ``root`` to the spec are appended to it.
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
    """Return the path to the gate of polyaxon.com, or None. Raises YamlError for two gates: Kubernetes refuses them."""
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
    """Raise YamlError (``wrong-type``) if the pod spec has no container that gets volumes by default."""
    if all(container.opt_in for container in pod.containers):
        raise YamlError("wrong-type", pod.spec.start, "the pod spec has no containers", "add at least one container")
