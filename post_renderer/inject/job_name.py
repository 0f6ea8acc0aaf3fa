"""Adds a hash of its content to the name of a Job, and plans the selector, label and annotations for this name.

The pod template of a Job is immutable. So a Job with the annotation ``run-policy`` gets the name
``<base name>-<hash>``. The hash is made from the Job's spec after the injection of the volumes. A changed run becomes a
new Job, and an unchanged run keeps its Job.
"""

from __future__ import annotations

from post_renderer.k8s import BASE_NAME, JOB_NAME_LABEL, RUN_FOLDER, RUN_POLICY, is_dns_subdomain, parse_uint
from post_renderer.problems import quoted
from post_renderer.resolve.identity import base_name, has_selector
from post_renderer.yamledit.edits import ADD, REPLACE, Edit
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.workloads.model import Workload
    from post_renderer.yamltree.node import Value

HASH_LENGTH: Final = 10
JOB_NAME_LIMIT: Final = 63  # characters: the Job's name is also the value of a label of its pods
HASH_DIGITS: Final = frozenset("0123456789abcdef")
# Fields of a Job's spec that are not part of the hash. A change of them does not start the run again. The render
# adds the last two fields after it has made the hash.
EXCLUDED: Final = (
    "suspend", "parallelism", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished",
    "podReplacementPolicy", "maxFailedIndexes", "manualSelector", "selector",
)  # fmt: skip
# Labels and annotations that many charts write with the chart's version or the program's version.
OF_THE_VERSION: Final = ("helm.sh/chart", "app.kubernetes.io/version")
HOOKS: Final = ("helm.sh/hook", "argocd.argoproj.io/hook")
KEPT: Final = {"helm.sh/resource-policy": "keep"}
KEPT_LISTS: Final = {
    "argocd.argoproj.io/sync-options": "Prune=false",
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
}


def check_policy(workload: Workload, request: Request, problems: Problems) -> bool:
    """Return whether the run-policy and the base name of a request are possible for the object. Report why not."""
    before = len(problems.found)
    if request.base_name and not _fits_base(workload, request):
        base = quoted(request.base_name)
        message = f"the object's name {quoted(workload.name)} is not the annotation {base} with a hash"
        hint = "remove the annotation: only a render writes it"
        problems.add("base-name", message, hint, offset=request.place_of(BASE_NAME), about=BASE_NAME)
    if not request.run_policy:
        return len(problems.found) == before
    for message, hint in _why_no_policy(workload, request):
        problems.add("run-policy", message, hint, offset=request.place_of(RUN_POLICY), about=RUN_POLICY)
    room = JOB_NAME_LIMIT - 1 - HASH_LENGTH - _index_length(workload)
    length = len(base_name(workload, request))
    if workload.is_job() and length > room:
        message = f"metadata.name has {length} characters; the limit is {room}, because the post-renderer adds a hash"
        problems.add("name-too-long", message, f"shorten metadata.name to {room} characters", offset=request.offset)
    return len(problems.found) == before


def _why_no_policy(workload: Workload, request: Request) -> list[tuple[str, str]]:
    """Return a message and a hint for each reason why the object can't have the run-policy of its request."""
    if not workload.is_job():
        where = "" if workload.node is workload.root else " inside another object"
        message = f"run-policy is not possible for a {workload.kind}{where}"
        return [(message, "remove the annotation: it is only for Jobs (batch/v1) that Helm installs")]
    found = []
    annotations = get_mapping_value(workload.metadata, "annotations")
    if any(get_mapping_value(annotations, hook) is not None for hook in HOOKS):
        message = "run-policy is not possible for a hook, which every upgrade starts"
        found.append((message, "remove run-policy, or remove helm.sh/hook"))
    if workload.generated:
        message = "run-policy needs a fixed name, but this Job has generateName"
        found.append((message, "write metadata.name instead of metadata.generateName"))
    elif not is_dns_subdomain(workload.name):
        message = f"{quoted(workload.name)} is not a valid Job name"
        found.append((message, "write metadata.name: lower-case letters, digits and dashes"))
    if not request.base_name and has_selector(workload):
        message = "run-policy sets the selector, but this Job has its own"
        found.append((message, "remove spec.selector and spec.manualSelector"))
    if request.run_policy == "keep" and request.run_folder:
        message = f"run-policy keep needs one run folder for each run, but {RUN_FOLDER} is fixed"
        found.append((message, f"remove {RUN_FOLDER}, or set run-policy to replace"))
    return found


def content_name(base: str, spec: Value) -> str:
    """Return ``base``, a dash, and 10 hex digits of a hash of a Job's spec.

    ``spec``: the values after the injection of the volumes. So a change of the catalog changes the name.

    The hash ignores the order of keys and the style of scalars, so Helm 3 and Helm 4 give the same name. It depends on
    the order of lists, and null is not the text "null". The fields in EXCLUDED and the label that `plan_name` adds are
    not part of the hash.
    """
    from post_renderer.sha256 import sha256

    assert isinstance(spec, dict)
    relevant = {key: value for key, value in spec.items() if key not in EXCLUDED}
    relevant["template"] = _without_our_label(relevant.get("template"))
    parts: list[str] = []
    _add_canonical(parts, relevant)
    return f"{base}-{sha256(''.join(parts).encode()).hexdigest()[:HASH_LENGTH]}"


def is_content_hash(digits: str) -> bool:
    """Return whether a text looks like the hash in a Job's name."""
    return len(digits) == HASH_LENGTH and HASH_DIGITS.issuperset(digits)


def plan_name(workload: Workload, request: Request, name: str, problems: Problems) -> list[Edit]:
    """Return the edits that name a Job. The Job may already have a name from an earlier render.

    The edits set metadata.name, a selector, the same label in the pod template, and the annotation ``base-name``. With
    the policy ``keep`` they also add the annotations that make Helm and Argo CD keep the Job. Without the selector,
    Helm 3 can't roll back to a kept Job.
    """
    edits = [Edit(REPLACE, ("metadata", "name"), name)] if workload.name != name else []
    edits += _plan_annotations(workload, request, problems)
    spec = workload.spec()
    _warn_about_versions(spec, problems)
    matching = get_mapping_value(spec, "selector", "matchLabels")
    selected = get_mapping_value(matching, JOB_NAME_LABEL)
    if selected is None and has_selector(workload):
        message = "run-policy sets the selector, but this Job has one that no render wrote"
        hint = "remove spec.selector and spec.manualSelector"
        problems.add("run-policy", message, hint, offset=request.place_of(RUN_POLICY), about=RUN_POLICY)
    elif selected is None:
        selector: Value = {"matchLabels": {JOB_NAME_LABEL: name}}
        edits.append(Edit(ADD, ("spec",), {"manualSelector": True, "selector": selector}))
    elif selected.value() != name:
        edits.append(Edit(REPLACE, ("spec", "selector", "matchLabels", JOB_NAME_LABEL), name))
    labels = ("spec", "template", "metadata", "labels")
    present = get_mapping_value(spec, "template", "metadata", "labels")
    label = present.get(JOB_NAME_LABEL) if present else None
    if label is None:
        edits.append(Edit(ADD, labels, {JOB_NAME_LABEL: name}))
    elif label.value() != name:
        if not request.base_name:
            message = f"run-policy sets the label {JOB_NAME_LABEL}, but the pod template has its own"
            problems.add(
                "run-policy", message, "remove the label from the pod template", offset=label.start, about=RUN_POLICY
            )
        edits.append(Edit(REPLACE, (*labels, JOB_NAME_LABEL), name))
    return edits


def find_helm4_rewrites(spec: Node, document_end: int, text: str) -> Iterator[Node]:
    """Yield the scalars that Helm 4 changes before the render, so that the hash differs between Helm 3 and Helm 4.

    These are: block scalars that end in empty lines (``|+``), ``>`` scalars with lines that are indented more, a block
    scalar at the end of the object, and a missing value in braces, which Helm 4 changes to an empty string.
    ``document_end``: the offset after the last character of the object.
    """
    if spec.plain and text.find("|", spec.start, spec.end) < 0 and text.find(">", spec.start, spec.end) < 0:
        return  # there is no block scalar, and a node of the fast reader has no missing value in braces
    stack = [(spec, False)]
    while stack:
        node, in_flow = stack.pop()
        if node.kind == MAPPING:
            stack += [(value, node.flow) for _, value in node.pairs()]
        elif node.kind == SEQUENCE:
            stack += [(item, node.flow) for item in node.items()]
        elif node.kind == SCALAR and _is_rewritten(node, document_end, in_flow=in_flow):
            yield node


def _is_rewritten(node: Node, document_end: int, *, in_flow: bool) -> bool:
    if node.style not in ("|", ">"):
        return in_flow and node.start == node.end
    content = node.value() or ""
    keeps = content.endswith("\n\n") or content == "\n"
    deeper = node.style == ">" and ("\n " in content or "\n\t" in content or content[:1] in (" ", "\t"))
    return keeps or deeper or node.end >= document_end


def _warn_about_versions(spec: Node | None, problems: Problems) -> None:
    """Warn about labels and annotations of the pod template that change with each version of the chart."""
    found = []
    for field in ("labels", "annotations"):
        present = get_mapping_value(spec, "template", "metadata", field)
        nodes = [(key, present.get(key)) for key in OF_THE_VERSION] if present else []
        found += [(node.start, field, key) for key, node in nodes if node is not None]
    for offset, field, key in sorted(found):
        word = field.removesuffix("s")
        message = f"the {word} {key} of the pod template changes with the version of the chart, and the Job's name "
        message += "contains a hash of the pod template: each new version would start the run again"
        hint = f"write the {word} only in metadata.{field} of the Job, not in its pod template; or remove "
        hint += f"{RUN_POLICY}, and delete the Job before each upgrade that changes its pod template"
        problems.add("changes-with-chart", message, hint, offset=offset)


def _plan_annotations(workload: Workload, request: Request, problems: Problems) -> list[Edit]:
    annotations = get_mapping_value(workload.metadata, "annotations")
    wanted = {BASE_NAME: base_name(workload, request)}
    lists: dict[str, str] = {}
    if request.run_policy == "keep":
        wanted |= KEPT
        lists = KEPT_LISTS
    elif scalar_text(get_mapping_value(annotations, "helm.sh/resource-policy")) == "keep":
        message = "helm.sh/resource-policy: keep contradicts run-policy replace"
        problems.add(
            "conflict",
            message,
            "remove one of the two annotations",
            offset=request.place_of(RUN_POLICY),
            about=RUN_POLICY,
        )
    edits: list[Edit] = []
    new: dict[str, Value] = {}
    for key, value in {**wanted, **lists}.items():
        node = annotations.get(key) if annotations else None
        if node is None:
            new[key] = value
            continue
        if node.is_null():
            problems.add("conflict", f"the annotation {key} has no value", "remove the annotation", offset=node.start)
            continue
        there = node.value() or ""
        if key not in lists and there != value:
            message = f"the annotation {key} is {quoted(there)}, but run-policy keep needs {quoted(value)}"
            problems.add("conflict", message, f"write {quoted(value)}, or remove run-policy", offset=node.start)
        elif key in lists and value not in [option.strip() for option in there.split(",")]:
            edits.append(Edit(REPLACE, ("metadata", "annotations", key), f"{there},{value}" if there else value))
    return [*edits, Edit(ADD, ("metadata", "annotations"), new)] if new else edits


def _fits_base(workload: Workload, request: Request) -> bool:
    """Return whether the object's name is its base name, a dash and a hash, as a render writes it."""
    base, _, digits = workload.name.rpartition("-")
    return base == request.base_name and is_content_hash(digits) and bool(request.run_policy)


def _index_length(workload: Workload) -> int:
    """Return the number of characters that the largest index of an Indexed Job adds to host names; else 0."""
    spec = workload.spec()
    if scalar_text(get_mapping_value(spec, "completionMode")) != "Indexed":
        return 0
    completions = parse_uint(scalar_text(get_mapping_value(spec, "completions")) or "1")
    return 0 if completions is None else 1 + len(str(max(0, completions - 1)))


def _without_our_label(template: Value) -> Value:
    """Return a pod template without the label that `plan_name` adds, and without empty metadata or labels."""
    if not isinstance(template, dict) or not isinstance(metadata := template.get("metadata"), dict | None):
        return template
    metadata = dict(metadata or {})
    labels = metadata.pop("labels", None) or {}
    if not isinstance(labels, dict):
        return template
    labels = {key: value for key, value in labels.items() if key != JOB_NAME_LABEL}
    if labels:
        metadata["labels"] = labels
    rest = {key: value for key, value in template.items() if key != "metadata"}
    return {**rest, "metadata": metadata} if metadata else rest


def _add_canonical(parts: list[str], value: Value) -> None:
    """Append a text for ``value``. It contains lengths, so that two different values never have the same text."""
    if isinstance(value, str):
        parts.append(f"s{len(value)}:{value}")
    elif isinstance(value, dict):
        parts.append(f"m{len(value)}:")
        for key in sorted(value):
            parts.append(f"s{len(key)}:{key}")
            _add_canonical(parts, value[key])
    elif isinstance(value, list):
        parts.append(f"l{len(value)}:")
        for item in value:
            _add_canonical(parts, item)
    elif value is None:
        parts.append("n")
    else:
        _add_canonical(parts, ("false", "true")[value])
