"""Plans the edits that add volumes, mounts and variables to a pod template.

Input: a `PodTemplate`; its `Request`, which is what its annotations ask for; and its `Resolution`, which is what it
gets: volumes, mounts and variables. Output: a list of `Edit` objects. The path of an edit begins at the root of the
object that Helm installs, such as a Job. Errors and warnings are added to ``problems``; their offsets count characters
of the document.

An item is a volume, a mount or a variable. Items are identified by the keys of Kubernetes: volumes and variables by
``name``, mounts by ``mountPath``. If the pod template already has an item with the same key, the item is not changed.
If it is not equal to the new item, it is reported as ``conflict``. Items are compared with the API server's defaults in
missing fields.
"""

from __future__ import annotations

from post_renderer.k8s import CONTAINERS
from post_renderer.problems import quoted, suggest
from post_renderer.yamledit.edits import ADD, ADD_FIRST, REMOVE, Edit
from post_renderer.yamltree import Node, get_mapping_value
from post_renderer.yamltree.node import follow_alias, read_through

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.resolve.model import Resolution
    from post_renderer.workloads.model import Container, PodTemplate
    from post_renderer.yamltree.node import Value


def plan_pod(
    pod: PodTemplate, resolution: Resolution, request: Request, claim_templates: list[str], problems: Problems
) -> list[Edit]:
    """Return the edits that add a resolution to a pod template, and remove the scheduling gate of polyaxon.com.

    ``claim_templates``: the names of the volumes that ``volumeClaimTemplates`` create, such as those of a StatefulSet.
    Raises YamlError if an existing list of the pod template can't be read.
    """
    edits = [Edit(REMOVE, pod.gate_path)] if pod.gate_path else []
    containers = choose_containers(pod, request)
    if not resolution.env or not containers:
        return edits
    edits += _plan_volumes(pod, resolution, claim_templates, problems)
    chosen = {container.name for container in containers}
    for container in containers:
        planned = _plan_env(container, resolution.env, problems) + _plan_mounts(container, resolution, problems)
        if planned:
            _refuse_addition(container, chosen, request, problems)
        if container.node is None and planned:
            planned = [Edit(ADD, container.path, {str(edit.path[-1]): edit.content for edit in planned})]
        edits += planned
        for other in container.members:  # members inherit the new items: only check them for conflicts
            _plan_env(other, resolution.env, problems)
            _plan_mounts(other, resolution, problems)
    return edits


def choose_containers(pod: PodTemplate, request: Request) -> list[Container]:
    """Return the containers that get the volumes: those that the request names, else all regular containers."""
    if not request.containers:
        return [container for container in pod.containers if not container.opt_in]
    by_name: dict[str, list[Container]] = {}
    for container in pod.containers:
        by_name.setdefault(container.name, []).append(container)
    return [container for name in request.containers for container in by_name.get(name, ())]


def check_container_names(request: Request, pods: list[PodTemplate], problems: Problems) -> None:
    """Report each container name in the annotation that no pod template has. One of several pod templates is enough."""
    if not request.containers:
        return
    # A mapping from which several containers inherit (Tekton's stepTemplate) is not a container.
    known = {container.name for pod in pods for container in pod.containers if not container.members}
    names = known - {""}
    for name in request.containers:
        if name not in known:
            message = f"{'the pod has' if len(pods) == 1 else 'the pods have'} no container {quoted(name)}"
            hint = suggest(name, names)
            problems.add("unknown-container", message, hint, offset=request.place_of(CONTAINERS), about=CONTAINERS)


def _refuse_addition(container: Container, chosen: set[str], request: Request, problems: Problems) -> None:
    """Report a container that can't get env and volumeMounts: its operator would ignore or refuse them.

    ``chosen``: the names of the containers that get the volumes.
    """
    message = ""
    if container.is_reference:
        message = f"container {quoted(container.name)} refers to another object, so it can't have env and volumeMounts"
        hint = f"remove it from {CONTAINERS}: without this annotation, all containers of the pod get the volumes"
    elif container.requires_container and container.requires_container not in chosen:
        message = (
            f"container {quoted(container.name)} can mount only volumes that {container.requires_container} mounts too"
        )
        hint = f"add {container.requires_container} to {CONTAINERS}"
    if message:
        problems.add("not-injectable", message, hint, offset=request.place_of(CONTAINERS), about=CONTAINERS)


def _plan_volumes(
    pod: PodTemplate, resolution: Resolution, claim_templates: list[str], problems: Problems
) -> list[Edit]:
    existing = _read_mappings(get_mapping_value(pod.spec, "volumes"))
    for volumes in pod.other_volume_lists:
        existing += _read_mappings(volumes)
    ours = {str(volume["name"]) for volume in resolution.volumes}
    by_name: dict[str, list[tuple[dict[str, Value], Node]]] = {}
    by_claim: dict[str, list[tuple[dict[str, Value], Node]]] = {}
    for there, node in existing:
        by_name.setdefault(str(there.get("name")), []).append((there, node))
        by_claim.setdefault(_claim(there), []).append((there, node))
    from_templates = set(claim_templates)
    new: list[Value] = []
    for volume in resolution.volumes:
        name = str(volume["name"])
        if name in from_templates:
            message = (
                f"volume {quoted(name)} comes from volumeClaimTemplates, but the catalog has an entry with this name"
            )
            problems.add(
                "conflict", message, "rename the pod's volume or the entry of the catalog", offset=pod.spec.start
            )
            continue
        named = by_name.get(name, ())
        if not named:
            new.append(volume)
            _warn_second_claim(volume, by_claim, ours, problems)
        for there, node in named:
            if _are_same(there, volume, is_volume=True):
                continue
            source = _with_article(_source_words(volume))
            message = f"the pod has its own volume {quoted(name)} ({_source_words(there)}), "
            message += f"but the catalog's volume of this name is {source}"
            problems.add("conflict", message, "rename the pod's volume or the entry of the catalog", offset=node.start)
    return [Edit(ADD, (*pod.path, "volumes"), new)] if new else []


def _warn_second_claim(
    volume: dict[str, Value],
    by_claim: dict[str, list[tuple[dict[str, Value], Node]]],
    ours: set[str],
    problems: Problems,
) -> None:
    """Warn of volumes that the pod template already has, if they use the claim of the new volume."""
    claim = _claim(volume)
    for other, node in by_claim.get(claim, ()) if claim else ():
        if str(other.get("name")) not in ours:
            message = (
                f"the pod's own volume {quoted(str(other.get('name')))} and the catalog's "
                f"{quoted(str(volume['name']))} use one claim, {claim}"
            )
            hint = "remove the pod's own volume: some kubelets (1.34) never start a pod with two volumes on one claim"
            problems.add("claim-mounted-twice", message, hint, offset=node.start)


def _plan_mounts(container: Container, resolution: Resolution, problems: Problems) -> list[Edit]:
    existing = _read_items(container, "volumeMounts")
    by_path: dict[str, list[tuple[dict[str, Value], Node]]] = {}
    for there, node in existing:
        by_path.setdefault(str(there.get("mountPath")).rstrip("/"), []).append((there, node))
    new: list[Value] = []
    for mount in resolution.mounts:
        path = str(mount.fields["mountPath"])
        if path not in by_path:
            new.append(mount.fields)
        for there, node in by_path.get(path, ()):
            if _are_same(there, mount.fields):
                continue
            volume = f"volume {quoted(str(there['name']))}" if "name" in there else "a volume of the object"
            message = (
                f"container {quoted(container.name)} mounts {volume} at {quoted(path)}, "
                f"but the catalog mounts {quoted(str(mount.fields['name']))} at this path"
            )
            problems.add("conflict", message, "change one of the two mount paths", offset=node.start)
    ours = {str(mount.fields["mountPath"]) for mount in resolution.mounts}
    if not container.members:  # each member is checked itself
        _warn_nested(container, ours, ours | set(by_path), problems)
    return [Edit(ADD, (*container.path, "volumeMounts"), new)] if new else []


def _warn_nested(container: Container, ours: set[str], paths: set[str], problems: Problems) -> None:
    for inner in sorted(paths):
        outer = inner.rpartition("/")[0]
        while outer:
            if outer in paths and (inner in ours or outer in ours):
                message = f"in container {quoted(container.name)} the mount {quoted(inner)} is inside {quoted(outer)}"
                hint = "change one of the two paths: the inner mount hides the files that the outer volume has there"
                problems.add("nested-mount-path", message, hint, offset=container.offset)
            outer = outer.rpartition("/")[0]


def _plan_env(container: Container, ours: list[dict[str, Value]], problems: Problems) -> list[Edit]:
    existing = _read_items(container, "env")
    by_name: dict[str, list[int]] = {}
    for index, (variable, _) in enumerate(existing):
        by_name.setdefault(str(variable.get("name")), []).append(index)
    # New variables are first in the list, so that existing variables can refer to them: Kubernetes expands only names
    # that are defined earlier.
    new: list[Value] = [variable for variable in ours if str(variable["name"]) not in by_name]
    referring = _find_references([*new, *(other for other, _ in existing)]) if len(new) < len(ours) else {}
    for variable in ours:
        name = str(variable["name"])
        if name not in by_name:
            continue
        first = existing[by_name[name][0]][1]
        if any(not _are_same(existing[index][0], variable) for index in by_name[name]):
            message = (
                f"container {quoted(container.name)} sets {name}, but the post-renderer must set it to another value"
            )
            problems.add("conflict", message, f"remove {name} from the container's env", offset=first.start)
            continue
        if referring.get(name, len(existing) + len(new)) < len(new) + by_name[name][0]:
            message = f"container {quoted(container.name)} sets {name} below a variable that contains $({name})"
            hint = f"remove {name} from the container's env, because the post-renderer sets it above all others"
            problems.add("conflict", message, hint, offset=first.start)
    return [Edit(ADD_FIRST, (*container.path, "env"), new)] if new else []


def _find_references(variables: list[Value]) -> dict[str, int]:
    """Return a dict of NAME -> the index of the first variable whose value contains ``$(NAME)``.

    ``$$(NAME)`` does not count, because Kubernetes does not expand it.
    """
    first: dict[str, int] = {}
    for number, variable in enumerate(variables):
        if isinstance(variable, dict):
            _, *parts = str(variable.get("value") or "").replace("$$", "").split("$(")
            for name, closed, _ in (part.partition(")") for part in parts):
                if closed:
                    first.setdefault(name, number)
    return first


def _read_items(container: Container, key: str) -> list[tuple[dict[str, Value], Node]]:
    """Return the items of a container's list, each as values and node: inherited items first, then its own."""
    own = _read_mappings(get_mapping_value(container.node, key))
    return [*_read_beside(container, key), *own] if container.inherits else own


def _read_beside(container: Container, key: str) -> list[tuple[dict[str, Value], Node]]:
    found: list[tuple[dict[str, Value], Node]] = []
    for ours, holder, theirs in container.inherits:
        node = get_mapping_value(holder, theirs) if ours == key else None
        if node is not None and ours == "env" != theirs:  # a mapping of the names of variables to their values
            found += [
                ({"name": name.value(), "value": follow_alias(value).text}, value) for name, value in node.pairs()
            ]
        else:
            found += _read_mappings(node)
    return found


def _read_mappings(node: Node | None) -> list[tuple[dict[str, Value], Node]]:
    """Return each mapping of a list as values and node. Raises YamlError for any other node or item."""
    found: list[tuple[dict[str, Value], Node]] = []
    for item in node.items() if node is not None else ():
        follow_alias(item).expect("mapping")
        values = read_through(item)
        assert isinstance(values, dict)
        found.append((values, item))
    return found


def _are_same(there: dict[str, Value], ours: dict[str, Value], *, is_volume: bool = False) -> bool:
    from post_renderer.inject.api_defaults import stored, stored_volume  # rarely needed: few items have equal keys

    normal = stored_volume if is_volume else stored
    return normal(there) == normal(ours)


def _claim(volume: dict[str, Value]) -> str:
    source = volume.get("persistentVolumeClaim")
    return str(source.get("claimName", "")) if isinstance(source, dict) else ""


def _source_words(volume: dict[str, Value]) -> str:
    """Return a short name of a volume's source for messages, such as ``claim data-1`` or ``hostPath``."""
    kinds = [key for key in volume if key != "name"]
    return f"claim {_claim(volume)}" if _claim(volume) else (kinds[0] if kinds else "emptyDir")


def _with_article(words: str) -> str:
    """Return ``the claim data-1`` or ``a hostPath`` for a result of `_source_words`."""
    if words.startswith("claim "):
        return f"the {words}"
    return f"{'an' if words[0] in 'aei' or words in ('nfs', 'rbd', 'fc') else 'a'} {words}"
