"""``flux-patches``: prints the changes of a render as kustomize patches for a HelmRelease.

Flux starts no other programs, so the user saves the patches before. They fit the stream that Flux will render.
"""

from __future__ import annotations

from json import dumps

from post_renderer.console import CommandResult
from post_renderer.k8s import RUN_POLICY
from post_renderer.problems import ERROR, Problem, Problems, promote_warnings, sort_problems
from post_renderer.render import render
from post_renderer.resolve.identity import is_named_by_content
from post_renderer.stream import place
from post_renderer.yamledit.edits import ADD_FIRST, REMOVE, REPLACE, apply_edits
from post_renderer.yamledit.emit import flow_yaml
from post_renderer.yamltree import get_mapping_value, scalar_text
from post_renderer.yamltree.node import read_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.runs import Run
    from post_renderer.runs.manifest import DocumentRuns
    from post_renderer.yamledit.edits import Edit
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Path, Value

# kustomize refuses an object without one of them.
NEEDED = ("apiVersion", "kind", "name")
# The output is itself a patch. kustomize requires a kind and a name in it, although a target selects the release.
HEAD = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: any
spec:
  postRenderers:
  - kustomize:
      patches:"""


def run(options: Options, raw: bytes, files: list[CatalogLayer]) -> CommandResult:
    patches: dict[str, str] = {}  # target -> operations, both as text, so that each patch is written once
    refused: list[Problem] = []

    def plan(found: DocumentRuns) -> None:
        if found.problems.has_errors():
            return
        problems = Problems()
        _plan_patches(found.runs, patches, problems)
        for problem in problems.found:
            place(problem, found.document)
        refused.extend(problems.found)

    problems = render(raw, files, each=plan).problems
    if not any(problem.severity == ERROR for problem in problems):
        problems = sort_problems(problems + refused, options.persistence)
    if options.strict:
        promote_warnings(problems)
    return CommandResult(_write_patches(patches).encode(), problems, is_stream=True)


def _plan_patches(runs: list[Run], patches: dict[str, str], problems: Problems) -> None:
    """Add the patches of one document to ``patches``."""
    by_workload: dict[int, list[Run]] = {}
    for run in runs:
        by_workload.setdefault(run.workload.root.start, []).append(run)
    for same in by_workload.values():
        workload, request = same[0].workload, same[0].request
        problems.subject = same[0].subject
        edits = [edit for run in same for edit in run.edits]
        names = _names(workload.root)
        if is_named_by_content(workload, request):
            message = "with a run-policy, the Job gets a new name, and Flux's patches can't rename an object"
            hint = "remove the annotation (in the chart, write policy: none), and delete the Job before its run changes"
            problems.add("not-patchable", message, hint, offset=request.place_of(RUN_POLICY), about=RUN_POLICY)
        elif lacking := [key for key in NEEDED if not names[key]]:
            message = f"the object has no {lacking[0]}, and a patch finds an object by its kind and name"
            where = "metadata.name" if lacking[0] == "name" else lacking[0]
            problems.add("not-patchable", message, f"write {where}", offset=request.offset)
        elif edits:
            operations = _write_operations(_as_operations(read_raw(workload.root), edits))
            # Flux renders hooks and other objects apart or together. Together, each patch would apply to both.
            if patches.setdefault(_write_target(names), operations) != operations:
                message = "another object with this kind and name needs other changes, and a patch applies to both"
                problems.add("not-patchable", message, "give the objects different names", offset=request.offset)


def _names(root: Node) -> dict[str, str]:
    metadata = get_mapping_value(root, "metadata")
    found = {key: scalar_text(get_mapping_value(root, key)) or "" for key in ("apiVersion", "kind")}
    return found | {key: scalar_text(get_mapping_value(metadata, key)) or "" for key in ("name", "namespace")}


def _write_target(names: dict[str, str]) -> str:
    """Return the target of a patch. kustomize reads its names as regular expressions, so dots are escaped.

    Without a namespace, a target finds objects of all namespaces. For kustomize, and so for Flux, which applies the
    patches before Helm sets a namespace, an object without a namespace is in ``default``.
    """
    group, _, version = names["apiVersion"].rpartition("/")
    target = {"group": group, "version": version, "kind": names["kind"], "name": names["name"].replace(".", "\\.")}
    target["namespace"] = names["namespace"].replace(".", "\\.") or "default"
    return dumps({key: value for key, value in target.items() if value})


def _as_operations(values: Value, edits: list[Edit]) -> list[dict[str, Value]]:
    """Return the edits as operations of a JSON patch (RFC 6902). Each one applies to the result of the earlier ones."""
    operations: list[dict[str, Value]] = []
    for edit in edits:
        operations += _as_operation(values, edit)
        values = apply_edits(values, [edit])
    return operations


def _find_deepest(values: Any, path: Path) -> tuple[Any, int]:
    """Follow a path as far as it exists. Return the last value and the number of steps to it."""
    found, depth = values, 0
    for step in path:
        inner = found[step] if isinstance(step, int) else found.get(step)
        if inner is None:
            break
        found, depth = inner, depth + 1
    return found, depth


def _as_operation(values: Any, edit: Edit) -> list[dict[str, Value]]:
    found, depth = _find_deepest(values, edit.path)
    if edit.op == REMOVE:
        holder = _find_deepest(values, edit.path[:-1])[0]
        return [{"op": "remove", "path": _pointer(edit.path if len(holder) > 1 else edit.path[:-1])}]
    if edit.op == REPLACE:
        return [{"op": "replace", "path": _pointer(edit.path), "value": edit.content}]
    content: Any = edit.content
    if depth < len(edit.path) or not found:
        # Create what is missing on the path, and replace a null or empty value.
        for step in reversed(edit.path[depth + 1 :]):
            content = {str(step): content}
        return [{"op": "add", "path": _pointer(edit.path[: depth + 1]), "value": content}]
    if isinstance(content, dict):
        return [{"op": "add", "path": _pointer((*edit.path, key)), "value": value} for key, value in content.items()]
    end = "0" if edit.op == ADD_FIRST else "-"
    items = reversed(content) if edit.op == ADD_FIRST else content
    return [{"op": "add", "path": _pointer((*edit.path, end)), "value": item} for item in items]


def _pointer(path: Path) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _write_operations(operations: list[dict[str, Value]]) -> str:
    """Return the operations as YAML: its plain scalars stay numbers and booleans. In JSON, they would be strings."""
    return "\n".join(f"          - {flow_yaml(operation)}" for operation in operations)


def _write_patches(patches: dict[str, str]) -> str:
    if not patches:
        return f"{HEAD} []\n"
    lines = [HEAD]
    for target, operations in patches.items():
        lines += [f"      - target: {target}", "        patch: |", operations]
    return "\n".join(lines) + "\n"
