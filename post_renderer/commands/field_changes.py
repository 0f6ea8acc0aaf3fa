"""Lists the fields of a pod that differ. Values are shown only for fields that can't contain a secret."""

from __future__ import annotations

from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.yamltree.node import Value

    Path = tuple[str, ...]

MOST = 5  # changes that are listed
ANY = "*"
# The lists whose items have a name that tells them apart, and the key with this name.
NAMED = {
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "volumes": "name", "env": "name",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath",
}  # fmt: skip
# The fields whose values may be shown. `*` is the name of an item, or a key. `containers` is each list of containers.
SHOWN = frozenset(
    """
    metadata.labels.*
    containers.*.image containers.*.imagePullPolicy containers.*.stdin containers.*.stdinOnce containers.*.tty
    containers.*.resources.limits.* containers.*.resources.requests.*
    containers.*.volumeMounts.*.name containers.*.volumeMounts.*.mountPath containers.*.volumeMounts.*.readOnly
    containers.*.volumeMounts.*.subPath containers.*.volumeMounts.*.subPathExpr
    containers.*.securityContext.allowPrivilegeEscalation containers.*.securityContext.privileged
    containers.*.securityContext.readOnlyRootFilesystem containers.*.securityContext.runAsGroup
    containers.*.securityContext.runAsNonRoot containers.*.securityContext.runAsUser
    securityContext.fsGroup securityContext.runAsGroup securityContext.runAsNonRoot securityContext.runAsUser
    volumes.*.persistentVolumeClaim.claimName volumes.*.persistentVolumeClaim.readOnly
    activeDeadlineSeconds automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers
    priority restartPolicy setHostnameAsFQDN shareProcessNamespace terminationGracePeriodSeconds
    """.split()
)


def list_changes(before: list[Value], after: list[Value]) -> list[str]:
    """Return one text for each of the first changes, such as ``containers[main].image: "a" -> "b"``.

    ``before``, ``after``: the pod specs of one object, each with the ``metadata`` of its pod template. Fields that may
    contain a secret (env, command, args, annotations, unknown fields) show no value.
    """
    changes: list[str] = []
    for old, new in zip(before, after, strict=False):
        changes += _compare(old, new, ())
    if len(before) != len(after):
        changes.append("the number of pod templates: changed")
    more = len(changes) - MOST
    return changes[:MOST] + ([f"and {more} more"] if more > 0 else [])


def _compare(old: Value, new: Value, path: Path) -> Iterator[str]:
    if old == new and type(old) is type(new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _compare(old.get(key), new.get(key), (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        key = NAMED.get(path[-1] if path else "", "")
        before, after = _items(old, key), _items(new, key)
        for name in dict.fromkeys([*before, *after]):
            yield from _compare(before.get(name), after.get(name), (*path, f"[{name}]"))
        if list(before) != list(after) and set(before) == set(after):
            yield f"{_text(path)}: another order"
    elif old is None or new is None:
        yield f"{_text(path)}: {'added' if old is None else 'removed'}"
    elif _may_be_shown(path) and not isinstance(old, dict | list) and not isinstance(new, dict | list):
        yield f"{_text(path)}: {_value(old)} -> {_value(new)}"
    else:
        yield f"{_text(path)}: changed"


def _items(items: list[Value], key: str) -> dict[str, Value]:
    """Return the items of a list by their names, or else by their positions."""
    names = [str(item[key]) if isinstance(item, dict) and key in item else "" for item in items]
    if not key or "" in names or len(set(names)) < len(names):
        names = [str(number) for number in range(len(items))]
    return dict(zip(names, items, strict=True))


def _may_be_shown(path: Path) -> bool:
    """Return whether SHOWN has the path. A key may contain dots, so it is never part of the searched text."""
    parts = [ANY if part.startswith("[") else part for part in path]
    if path[0] in ("initContainers", "ephemeralContainers"):
        parts[0] = "containers"
    if len(path) > 1 and path[-2] in ("labels", "limits", "requests"):
        parts[-1] = ANY
    return not any("." in part for part in parts) and ".".join(parts) in SHOWN


def _text(path: Path) -> str:
    text = "template" if path[:1] == ("metadata",) else ""  # of the pod template, and not of the object
    for part in path:
        text += part if part.startswith("[") or not text else f".{part}"
    return quoted(text, 200)[1:-1]


def _value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else quoted(str(value))
