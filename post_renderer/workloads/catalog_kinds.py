"""Reads the kinds that a catalog adds: ``workloads: [{group, kind, podSpecs: [spec.template.spec]}]``."""

from __future__ import annotations

from post_renderer.k8s import is_dns_subdomain
from post_renderer.problems import quoted, suggest
from post_renderer.workloads.model import WorkloadKind
from post_renderer.yamltree.node import is_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Report
    from post_renderer.yamltree.node import Value

KIND_FIELDS = ("group", "kind", "podSpecs")
EXAMPLE = "workloads: [{group: example.com, kind: Train, podSpecs: [spec.template.spec]}]"


def read_kinds(value: Value, report: Report) -> dict[tuple[str, str], WorkloadKind]:
    """Return the valid kinds: (API group, kind) -> WorkloadKind. Report the errors of the other kinds."""
    if not isinstance(value, list):
        report("must be a list of kinds", f"write {EXAMPLE}")
        return {}
    kinds: dict[tuple[str, str], WorkloadKind] = {}
    for number, fields in enumerate(value):
        where = f"entry {number + 1}: "
        if not isinstance(fields, dict):
            report(f"{where}a kind must be a mapping", f"write {EXAMPLE}")
            continue
        wrong = _entry_errors(fields)
        which = (str(fields.get("group")), str(fields.get("kind")))
        if not wrong and which in kinds:
            wrong = [(f"{quoted('.'.join(reversed(which)))} is repeated", "write all of its podSpecs in one entry")]
        for message, hint in wrong:
            report(where + message, hint)
        places = fields.get("podSpecs")
        if not wrong and isinstance(places, list):
            kinds[which] = WorkloadKind(" ".join(map(str, places)))
    return kinds


def _entry_errors(fields: dict[str, Value]) -> list[tuple[str, str]]:
    """Return the errors of one kind, as pairs of a message and a hint."""
    wrong = [(f"unknown key {quoted(key)}", suggest(key, KIND_FIELDS)) for key in fields if key not in KIND_FIELDS]
    group, kind, places = (fields.get(key) for key in KIND_FIELDS)
    if not isinstance(group, str) or "." not in group or not is_dns_subdomain(group):
        what = "is missing" if group is None else f"{quoted(str(group))} is not the group of a custom resource"
        wrong.append((f"group {what}", "write the part of apiVersion before the slash, such as example.com"))
    if not isinstance(kind, str) or not is_string(kind) or not (kind.isascii() and kind.isalnum()):
        what = "is missing" if kind is None else f"{quoted(str(kind))} is not the name of a kind"
        wrong.append((f"kind {what}", "write the kind as in the object, for example PyTorchJob"))
    return wrong + _path_errors(places)


def _path_errors(places: Value) -> list[tuple[str, str]]:
    if not isinstance(places, list) or not places:
        return [("podSpecs must be a list of paths to pod specs", "write podSpecs: [spec.template.spec]")]
    hint = "write keys with dots between them; key[] is every item of a list, * every mapping in a mapping"
    wrong = [place for place in places if not isinstance(place, str) or not _is_path(place)]
    return [(f"{quoted(str(place))} is not a path to pod specs", hint) for place in wrong]


def _is_path(place: str) -> bool:
    """Return whether a path contains only keys, ``key[]``, ``key[][]`` and ``*``, and ends in a plain key."""
    steps = place.split(".")
    if steps[-1] == "*" or steps[-1].endswith("[]"):
        return False
    for step in steps:
        key, *lists = step.split("[]")
        plain = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
        if step != "*" and (any(lists) or not plain):
            return False
    return True
