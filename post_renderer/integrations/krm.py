"""``krm``: works as a function of kustomize and kpt. It reads and writes a ResourceList, with volumes and ``results``.

The whole list is rendered as one document, and no other text of the list changes.
"""

from __future__ import annotations

from bisect import bisect_left

from post_renderer.catalog.read import read_layer
from post_renderer.console import CommandResult, Rejected, UsageError
from post_renderer.k8s import CATALOG_KEY, RESOURCE_LIST
from post_renderer.problems import ERROR, FUNCTION_CONFIG, Problem, YamlError, promote_warnings, quoted, suggest
from post_renderer.render import render
from post_renderer.stream import LineCounter
from post_renderer.yamledit import splice
from post_renderer.yamledit.edits import ADD, Edit
from post_renderer.yamledit.emit import flow_yaml
from post_renderer.yamltree import MAPPING, get_mapping_value, parse, scalar_text
from post_renderer.yamltree.node import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value


CONFIG_KEYS = ("apiVersion", "kind", "metadata", "persistence")
PATH_ANNOTATIONS = (
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
)  # the file that an item comes from


class Item:
    """One item of the list.

    ``start``, ``end``: offsets in the text of the list, in characters.
    ``file``: the path of the item's file, from its annotations; empty if unknown.
    ``reference``: the ``resourceRef`` of its results.
    """

    __slots__ = ("end", "file", "reference", "start", "subject")

    def __init__(self, node: Node) -> None:
        metadata = get_mapping_value(node, "metadata")
        names = {"name": get_mapping_value(metadata, "name"), "namespace": get_mapping_value(metadata, "namespace")}
        fields = {"apiVersion": get_mapping_value(node, "apiVersion"), "kind": get_mapping_value(node, "kind"), **names}
        annotations = get_mapping_value(metadata, "annotations")
        self.start = node.start
        self.end = node.end
        self.reference: dict[str, Value] = {
            key: found for key, value in fields.items() if (found := scalar_text(value))
        }
        self.file = next(
            (found for path in PATH_ANNOTATIONS if (found := scalar_text(get_mapping_value(annotations, path)))), ""
        )
        self.subject = f"{self.reference.get('kind')}/{self.reference.get('name')}"


def run(options: Options, raw: bytes, files: list[CatalogLayer]) -> CommandResult:
    """Return the list with volumes, and with the problems as ``results``. If there are errors, add no volumes.

    Raises Rejected or UsageError if the list can't be read.
    """
    try:
        text = raw.decode("utf-8")
        items, layers = _read_resource_list(parse(text))
    except UnicodeDecodeError as error:
        raise Rejected([Problem("invalid-encoding", "the ResourceList is not UTF-8", subject="(stream)")]) from error
    except YamlError as error:
        raise _refuse(error, "(stream)") from error
    rendering = render(raw, [*layers, *files])
    problems = rendering.problems
    if options.strict:
        promote_warnings(problems)
    if not problems:
        return CommandResult(rendering.chunks, [])
    failed = any(problem.severity == ERROR for problem in problems)
    results = Edit(ADD, ("results",), _as_results(problems, text, items))
    output = text if failed else b"".join(rendering.chunks).decode("utf-8")
    try:
        return CommandResult(splice(output, [(parse(output), [results])]).encode(), problems)
    except YamlError as error:  # the list has `results` already, but not as a list
        raise _refuse(error, "(stream)", problems, about="results") from None


def _refuse(error: YamlError, subject: str, before: Sequence[Problem] = (), about: str = "") -> Rejected:
    """Return the exception for a text that can't be read. ``before``: problems that were found earlier."""
    return Rejected([*before, Problem(error.code, error.message, error.hint, subject=subject, about=about)])


def _read_resource_list(root: Node) -> tuple[list[Item], list[CatalogLayer]]:
    """Return the items, and the catalog in the functionConfig. Raises Rejected, UsageError."""
    group = (
        (scalar_text(get_mapping_value(root, "apiVersion")) or "").rpartition("/")[0] if root.kind == MAPPING else ""
    )
    if root.kind != MAPPING or (group, scalar_text(get_mapping_value(root, "kind"))) != RESOURCE_LIST:
        hint = "let kustomize or kpt start krm; for Helm's output, leave out the argument krm"
        raise UsageError("standard input is not a ResourceList", hint)
    items, config = get_mapping_value(root, "items"), get_mapping_value(root, "functionConfig")
    try:
        found = [Item(node) for node in items.items()] if items else []
    except YamlError as error:
        raise _refuse(error, "(stream)", about="items") from error
    try:
        catalog = _read_function_config(config) if config else ""
        return found, [read_layer(catalog, FUNCTION_CONFIG, "")] if catalog else []
    except YamlError as error:
        raise _refuse(error, FUNCTION_CONFIG) from error


def _read_function_config(config: Node) -> str:
    """Return the catalog of a functionConfig as YAML text, or '' if the functionConfig has no catalog.

    The text is in the ConfigMap of the chart, or it is made of the value of ``persistence``.
    """
    is_map = scalar_text(get_mapping_value(config, "kind")) == "ConfigMap"
    place = get_mapping_value(config, "data") if is_map else config
    known = (CATALOG_KEY,) if is_map else CONFIG_KEYS
    for name in place.names() if place else ():
        if name not in known:
            raise YamlError("invalid-catalog", None, f"unknown key {quoted(name)}", suggest(name, known))
    value = get_mapping_value(place, known[-1])
    if value is None or value.is_null():
        return ""
    return value.value() or "" if is_map else flow_yaml(read_values(value))


def _as_results(problems: list[Problem], text: str, items: list[Item]) -> Value:
    """Convert problems to results of a KRM function. A result refers to the item with the problem's line."""
    lines = LineCounter(text.count, "\n")
    by_subject: dict[str, list[Item]] = {}
    last_lines: dict[str, list[int]] = {}
    for item in items:
        by_subject.setdefault(item.subject, []).append(item)
        last_lines.setdefault(item.subject, []).append(lines.count(item.end) + 1)
    results: list[Value] = []
    for problem in problems:
        result: dict[str, Value] = {"message": problem.message, "severity": problem.severity}
        result["tags"] = {"code": problem.code, **({"hint": problem.hint} if problem.hint else {})}
        if problem.about:
            result["field"] = {"path": problem.about}
        # In JSON, several items may be on one line.
        at = bisect_left(last_lines.get(problem.subject, ()), problem.line)
        for item in by_subject.get(problem.subject, ())[at : at + 1]:
            if lines.count(item.start) + 1 > problem.line:
                continue
            result["resourceRef"] = item.reference
            if item.file:
                result["file"] = {"path": item.file}
            problem.file = item.file
        problem.line = 0  # users never see this list, so its line numbers do not help
        results.append(result)
    return results
