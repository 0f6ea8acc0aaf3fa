"""Kinds of other operators: a row's places to pods, in the three shapes that those have.

A place is a path of keys with dots between them, where ``key[]`` is every item of a list (``key[][]``: of the lists in
it) and ``*`` every mapping among the values of a mapping. It leads to a pod spec, to a mapping that one of the SHAPES
is about (``path:shape``), or to an object of its own (``path:object``). ``|`` stands between places that go not
together.
"""

from __future__ import annotations

from post_renderer.workloads import find_kind
from post_renderer.workloads.model import Container, PodTemplate, Workload, WorkloadKind, find_pods
from post_renderer.workloads.operators import SHAPES
from post_renderer.yamltree import ALIAS, MAPPING, Node, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.workloads.model import ExtraKinds, UninjectedObject
    from post_renderer.yamltree.node import Path

EMBEDDED = "object"


def find_custom(root: Node, group: str, kind: str, row: WorkloadKind, site: ExtraKinds) -> list[Workload]:
    """The workloads of an object: itself, or the objects that it holds; itself without pods where there are none."""
    bare: list[UninjectedObject] = []
    found = list(_find_inside(root, root, (group, kind), row, site, (), bare))
    found = found or [_make_workload(root, root, (group, kind), row, [])]
    found[0].uninjected = bare
    return found


def walk(node: Node | None, steps: list[str], at: Path, above: list[Node]) -> Iterator[tuple[Path, Node, list[Node]]]:
    """Each place that a path leads to, with its path from the root and the mappings on the way, outermost first."""
    if node is None or node.is_null():
        return
    if not steps:
        yield at, node, above
    elif steps[0] == "[]":
        for index, item in enumerate(node.items()):
            yield from walk(item, steps[1:], (*at, index), above)
    elif steps[0] == "*":
        for name in node.names():
            value = node.get(name)
            if value and value.kind in (MAPPING, ALIAS):  # the latter raises where it is read
                yield from walk(value, steps[1:], (*at, name), [*above, node])
    else:
        yield from walk(get_mapping_value(node, steps[0]), steps[1:], (*at, steps[0]), [*above, node])


def steps_of(dotted: str) -> list[str]:
    return dotted.replace("[]", ".[]").split(".")


def advise(node: Node, row: WorkloadKind) -> str:
    """What to write, or what to annotate, where an object of a known kind has no pods."""
    if row.advice and (not row.references or _find_references(node, row)):
        return row.advice
    place, _, name = row.pod_spec_paths.split()[0].partition(":")
    if name in SHAPES:
        place += "." + SHAPES[name]["containers"].split()[0].partition("=")[0].removesuffix("[]")
    return f"write {place}"


def _find_inside(
    root: Node,
    node: Node,
    which: tuple[str, str],
    row: WorkloadKind,
    site: ExtraKinds,
    at: Path,
    bare: list[UninjectedObject],
) -> Iterator[Workload]:
    """The workload that ``node`` is, when it has pods of its own, and those of the objects that it holds.

    ``bare`` collects the objects inside that have none.
    """
    choices: list[list[PodTemplate]] = []
    for alternative in row.pod_spec_paths.split("|"):
        pods: list[PodTemplate] = []
        for place in alternative.split():
            dotted, _, shape = place.partition(":")
            if not shape:
                pods += _plain_pods(node, dotted, at, row.shared_mounts_key)
                continue
            for path, found, above in walk(node, steps_of(dotted), at, []):
                if shape == EMBEDDED:
                    yield from _find_embedded(root, found, site, path, bare)
                else:
                    pods += _shaped_pods(found, shape, path, above)
        if pods:
            choices.append(list({pod.path: pod for pod in pods}.values()))  # a site's places may overlap
    if choices:
        workload = _make_workload(root, node, which, row, choices[0])
        workload.has_conflicting_templates = len(choices) > 1
        yield workload


def _find_embedded(root: Node, node: Node, site: ExtraKinds, at: Path, bare: list[UninjectedObject]) -> list[Workload]:
    if node.kind != MAPPING:
        return []
    group = (scalar_text(get_mapping_value(node, "apiVersion")) or "").rpartition("/")[0]
    kind = scalar_text(get_mapping_value(node, "kind")) or ""
    row = find_kind(group, kind, site)
    found: list[Workload] = []
    if row and not row.unsupported_reason:
        found += _find_inside(root, node, (group, kind), row, site, at, bare)
    if not found:
        bare.append((node, group, kind, row))
    return found


def _make_workload(
    root: Node, node: Node, which: tuple[str, str], row: WorkloadKind, pods: list[PodTemplate]
) -> Workload:
    workload = Workload(root, *which, row, pods, node)
    workload.external_templates = _find_references(node, row)
    if node is not root:
        workload.root_metadata = metadata = get_mapping_value(root, "metadata")
        workload.live = get_mapping_value(metadata, "uid") is not None
        workload.namespace = workload.namespace or scalar_text(get_mapping_value(metadata, "namespace")) or ""
        if not workload.name:
            workload.generated = True
            workload.name = scalar_text(get_mapping_value(metadata, "name")) or ""
    return workload


def _find_references(node: Node, row: WorkloadKind) -> list[Node]:
    return [found for path in row.references.split() for _, found, _ in walk(node, steps_of(path), (), [])]


def _plain_pods(root: Node, dotted: str, at: Path, mounts: str) -> Iterator[PodTemplate]:
    *head, last = steps_of(dotted)
    for path, holder, above in walk(root, head, at, []):
        for pod in find_pods(holder, last, path, [*above, holder]):
            for container in pod.containers if mounts else ():
                container.inherits = [("volumeMounts", node, mounts) for node in pod.ancestors]
            yield pod


def _shaped_pods(owner: Node, name: str, path: Path, above: list[Node]) -> list[PodTemplate]:
    """The pod of a mapping that owns ``volumes``, where its operator makes at least one container of it."""
    shape = SHAPES[name]
    containers = list(_find_containers(owner, shape["containers"], path, aside=False))
    if not containers:
        return []
    if "refers" in shape:
        for container in containers:
            container.is_reference = get_mapping_value(container.node, shape["refers"]) is not None
    if "template" in shape:
        key = shape["template"]
        template = get_mapping_value(owner, key)
        whole = Container(key, (*path, key), template, (template or owner).start, aside=False)
        whole.members = containers
        for container in containers:
            container.opt_in = True
            container.inherits = _share(template)
        containers = [whole, *containers]
    containers += _find_containers(owner, shape["aside"], path, aside=True)
    pod = PodTemplate(path, owner, get_mapping_value(owner, "metadata"), [*above, owner], containers)
    if "around" in shape:
        pod.other_volume_lists = [volumes for node in above if (volumes := get_mapping_value(node, shape["around"]))]
    if "defaults" in shape:
        for defaults in [found for node in above if (found := get_mapping_value(node, shape["defaults"]))]:
            _add_defaults(pod, defaults)
    for container in containers if "variables" in shape else ():
        if container.node:
            container.inherits = [("env", container.node, key) for key in shape["variables"].split()]
    return [pod]


def _add_defaults(pod: PodTemplate, defaults: Node) -> None:
    """What a pod has by a mapping over which its operator merges it: volumes, and containers under the same keys."""
    volumes = get_mapping_value(defaults, "volumes")
    pod.other_volume_lists += [volumes] if volumes else []
    for container in pod.containers:
        key = container.path[-1]
        if isinstance(key, str):
            container.inherits = _share(get_mapping_value(defaults, key))


def _share(node: Node | None) -> list[tuple[str, Node, str]]:
    return [(key, node, key) for key in ("env", "volumeMounts")] if node else []


def _find_containers(owner: Node, places: str, path: Path, *, aside: bool) -> Iterator[Container]:
    for place in places.split():
        dotted, _, fixed = place.partition("=")
        for at, node, above in walk(owner, steps_of(dotted), path, []):
            name = fixed or scalar_text(node.get("name")) or ("" if "[]" in dotted else dotted)
            container = Container(name, at, node, node.start, aside=aside)
            if above[-1] is not owner and not aside:
                container.inherits = _share(above[-1])
            elif above[-1] is not owner:
                container.requires_container = str(at[len(path)])
            yield container
