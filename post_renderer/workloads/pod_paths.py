"""Finds the pod templates of custom resources by the paths in ``operator_kinds.TABLE`` or in a catalog.

A path contains keys with dots between them. ``key[]`` means every item of the list at ``key``. ``key[][]`` means every
item of the lists in this list. ``*`` means every mapping among the values of a mapping. A path ends at a pod spec, at a
mapping that one of the SHAPES describes (``path:shape``), or at a complete object (``path:object``). ``|`` separates
paths that exclude each other.
"""

from __future__ import annotations

from post_renderer.problems import YamlError
from post_renderer.workloads.model import Container, PodTemplate, Workload, WorkloadKind, find_pods
from post_renderer.workloads.operator_kinds import SHAPES
from post_renderer.yamltree import ALIAS, MAPPING, Node, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from post_renderer.workloads.model import UninjectedObject
    from post_renderer.yamltree.node import Path

    FindKind = Callable[[str, str], WorkloadKind | None]  # the arguments are API group and kind

EMBEDDED = "object"


def find_custom(root: Node, group: str, kind: str, known: WorkloadKind, find_kind: FindKind) -> list[Workload]:
    """Return the workloads in an object: itself and objects inside it. If none has pods, return the object itself."""
    bare: list[UninjectedObject] = []
    found = list(_find_inside(root, root, (group, kind), known, find_kind, (), bare))
    found = found or [_make_workload(root, root, (group, kind), known, [])]
    found[0].uninjected = bare
    return found


def walk(node: Node | None, steps: list[str], at: Path, above: list[Node]) -> Iterator[tuple[Path, Node, list[Node]]]:
    """Yield each node at the end of ``steps``, with the node's path and the mappings around it, outermost first.

    ``steps``: the result of `steps_of`, starting at ``node``.
    ``at``, ``above``: the path of ``node``, and the mappings around ``node``.
    """
    if node is None or node.is_null():
        return
    if not steps:
        yield at, node, above
    elif steps[0] == "[]":
        for index, item in enumerate(node.items()):
            yield from walk(item, steps[1:], (*at, index), above)
    elif steps[0] == "*":
        for name in node.names():
            pair = node.pair(name)
            if pair and pair[1].kind in (MAPPING, ALIAS):  # reading an alias raises YamlError
                if pair[0].is_null():
                    raise YamlError("wrong-type", pair[0].start, "a key must not be null", "write a name in quotes")
                yield from walk(pair[1], steps[1:], (*at, name), [*above, node])
    else:
        yield from walk(get_mapping_value(node, steps[0]), steps[1:], (*at, steps[0]), [*above, node])


def steps_of(dotted: str) -> list[str]:
    return dotted.replace("[]", ".[]").split(".")


def advise(node: Node, known: WorkloadKind) -> str:
    """Return the hint for an object of a known kind without pod templates: what to write, or what to annotate."""
    if known.advice and (not known.references or _find_references(node, known)):
        return known.advice
    place, _, name = known.pod_spec_paths.split()[0].partition(":")
    if name in SHAPES:
        place += "." + SHAPES[name]["containers"].split()[0].partition("=")[0].removesuffix("[]")
    return f"write {place}"


def _find_inside(
    root: Node,
    node: Node,
    which: tuple[str, str],
    known: WorkloadKind,
    find_kind: FindKind,
    at: Path,
    bare: list[UninjectedObject],
) -> Iterator[Workload]:
    """Yield the workloads of the objects inside ``node``, then ``node`` as a workload if it has pod templates.

    ``bare``: gets the objects inside ``node`` that have no pod templates.
    """
    choices: list[list[PodTemplate]] = []
    for alternative in known.pod_spec_paths.split("|"):
        pods: list[PodTemplate] = []
        for place in alternative.split():
            dotted, _, shape = place.partition(":")
            if not shape:
                pods += _plain_pods(node, dotted, at, known.shared_mounts_key)
                continue
            for path, found, above in walk(node, steps_of(dotted), at, []):
                if shape == EMBEDDED:
                    yield from _find_embedded(root, found, find_kind, path, bare)
                else:
                    pods += _shaped_pods(found, shape, path, above)
        if pods:
            # Two paths of a catalog may find the same pod template.
            choices.append(list({pod.path: pod for pod in pods}.values()))
    if choices:
        workload = _make_workload(root, node, which, known, choices[0])
        workload.has_conflicting_templates = len(choices) > 1
        yield workload


def _find_embedded(
    root: Node, node: Node, find_kind: FindKind, at: Path, bare: list[UninjectedObject]
) -> list[Workload]:
    if node.kind != MAPPING:
        return []
    group = (scalar_text(get_mapping_value(node, "apiVersion")) or "").rpartition("/")[0]
    kind = scalar_text(get_mapping_value(node, "kind")) or ""
    known = find_kind(group, kind)
    found: list[Workload] = []
    if known and not known.unsupported_reason:
        found += _find_inside(root, node, (group, kind), known, find_kind, at, bare)
    if not found:
        bare.append((node, group, kind, known))
    return found


def _make_workload(
    root: Node, node: Node, which: tuple[str, str], known: WorkloadKind, pods: list[PodTemplate]
) -> Workload:
    workload = Workload(root, *which, known, pods, node)
    workload.external_templates = _find_references(node, known)
    if node is not root:
        workload.root_metadata = metadata = get_mapping_value(root, "metadata")
        workload.live = get_mapping_value(metadata, "uid") is not None
        workload.namespace = workload.namespace or scalar_text(get_mapping_value(metadata, "namespace")) or ""
        if not workload.name:
            workload.generated = True
            workload.name = scalar_text(get_mapping_value(metadata, "name")) or ""
    return workload


def _find_references(node: Node, known: WorkloadKind) -> list[Node]:
    return [found for path in known.references.split() for _, found, _ in walk(node, steps_of(path), (), [])]


def _plain_pods(root: Node, dotted: str, at: Path, mounts: str) -> Iterator[PodTemplate]:
    *head, last = steps_of(dotted)
    for path, holder, above in walk(root, head, at, []):
        for pod in find_pods(holder, last, path, [*above, holder]):
            for container in pod.containers if mounts else ():
                container.inherits = [("volumeMounts", node, mounts) for node in pod.ancestors]
            yield pod


def _shaped_pods(owner: Node, name: str, path: Path, above: list[Node]) -> list[PodTemplate]:
    """Return a list with the pod template of a mapping with the shape ``name``; empty if it has no containers."""
    shape = SHAPES[name]
    containers = list(_find_containers(owner, shape["containers"], path, opt_in=False))
    if not containers:
        return []
    for container in containers if "refers" in shape else ():
        container.is_reference = get_mapping_value(container.node, shape["refers"]) is not None
    if "template" in shape:
        containers = [_read_template(owner, shape["template"], path, containers), *containers]
    containers += _find_containers(owner, shape["aside"], path, opt_in=True)
    pod = PodTemplate(path, owner, get_mapping_value(owner, "metadata"), [*above, owner], containers)
    if "around" in shape:
        pod.other_volume_lists = _find_all(above, shape["around"])
    for defaults in _find_all(above, shape["defaults"]) if "defaults" in shape else ():
        _add_defaults(pod, defaults)
    for container in containers if "variables" in shape else ():
        if container.node:
            container.inherits = [("env", container.node, key) for key in shape["variables"].split()]
    return [pod]


def _read_template(owner: Node, key: str, path: Path, members: list[Container]) -> Container:
    """Return the mapping from which all ``members`` inherit, as a Container. The members get their volumes from it."""
    template = get_mapping_value(owner, key)
    whole = Container(key, (*path, key), template, (template or owner).start, opt_in=False)
    whole.members = members
    for container in members:
        container.opt_in = True
        container.inherits = _share(template)
    return whole


def _find_all(nodes: list[Node], key: str) -> list[Node]:
    return [found for node in nodes if (found := get_mapping_value(node, key))]


def _add_defaults(pod: PodTemplate, defaults: Node) -> None:
    """Add what a pod inherits from the mapping ``defaults``: volumes, and fields of containers with the same key."""
    volumes = get_mapping_value(defaults, "volumes")
    pod.other_volume_lists += [volumes] if volumes else []
    for container in pod.containers:
        key = container.path[-1]
        if isinstance(key, str):
            container.inherits = _share(get_mapping_value(defaults, key))


def _share(node: Node | None) -> list[tuple[str, Node, str]]:
    return [(key, node, key) for key in ("env", "volumeMounts")] if node else []


def _find_containers(owner: Node, places: str, path: Path, *, opt_in: bool) -> Iterator[Container]:
    for place in places.split():
        dotted, _, fixed = place.partition("=")
        for at, node, above in walk(owner, steps_of(dotted), path, []):
            name = fixed or scalar_text(node.get("name")) or ("" if "[]" in dotted else dotted)
            container = Container(name, at, node, node.start, opt_in=opt_in)
            if above[-1] is not owner and not opt_in:
                container.inherits = _share(above[-1])
            elif above[-1] is not owner:
                container.requires_container = str(at[len(path)])
            yield container
