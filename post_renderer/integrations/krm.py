"""``krm``: a function for kustomize and kpt. A ResourceList comes in and goes out, with results for what was found.

The list is rendered as the one document that it is, so whatever else its items carry stays where it is.
"""

from __future__ import annotations

from bisect import bisect_left

from post_renderer.catalog.read import read_layer
from post_renderer.console import CommandResult, Rejected, UsageError
from post_renderer.k8s import CATALOG_KEY, RESOURCE_LIST
from post_renderer.problems import ERROR, Problem, YamlError, promote_warnings, quoted, suggest
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


SUBJECT = "(functionConfig)"
CONFIG_KEYS = ("apiVersion", "kind", "metadata", "persistence")
PATH_ANNOTATIONS = (
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
)  # the file that an item comes from


class Item:
    """One item of the list: its place, what it is, and the file that it comes from, if that is known."""

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
    """The list with its runs' volumes; with problems, the list as it came, and results that say what is wrong."""
    try:
        text = raw.decode("utf-8")
        items, layers = _read_resource_list(parse(text))
    except UnicodeDecodeError as error:
        raise Rejected([Problem("invalid-encoding", "the list is not UTF-8", subject="(stream)")]) from error
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
        return CommandResult(splice(output, [(parse(output), [results])]), problems)
    except YamlError as error:  # `results` is there and is no list
        raise _refuse(error, "(stream)", problems, about="results") from None


def _refuse(error: YamlError, subject: str, before: Sequence[Problem] = (), about: str = "") -> Rejected:
    """What can't be read, after the problems found before it."""
    return Rejected([*before, Problem(error.code, error.message, error.hint, subject=subject, about=about)])


def _read_resource_list(root: Node) -> tuple[list[Item], list[CatalogLayer]]:
    """The items, and the catalog that the functionConfig holds."""
    group = (
        (scalar_text(get_mapping_value(root, "apiVersion")) or "").rpartition("/")[0] if root.kind == MAPPING else ""
    )
    if root.kind != MAPPING or (group, scalar_text(get_mapping_value(root, "kind"))) != RESOURCE_LIST:
        hint = "krm is started by kustomize or kpt; for Helm's output leave the word out"
        raise UsageError("standard input holds no ResourceList", hint)
    items, config = get_mapping_value(root, "items"), get_mapping_value(root, "functionConfig")
    try:
        found = [Item(node) for node in items.items()] if items else []
    except YamlError as error:
        raise _refuse(error, "(stream)", about="items") from error
    try:
        catalog = _read_function_config(config) if config else ""
        return found, [read_layer(catalog, SUBJECT, "")] if catalog else []
    except YamlError as error:
        raise _refuse(error, SUBJECT) from error


def _read_function_config(config: Node) -> str:
    """The catalog of a functionConfig: under ``persistence``, or as text in a ConfigMap like the chart's."""
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
    """Problems as results of a KRM function, each about the item on whose lines it is."""
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
        # In JSON, several items may stand on one line.
        at = bisect_left(last_lines.get(problem.subject, ()), problem.line)
        for item in by_subject.get(problem.subject, ())[at : at + 1]:
            if lines.count(item.start) + 1 > problem.line:
                continue
            result["resourceRef"] = item.reference
            if item.file:
                result["file"] = {"path": item.file}
            problem.file = item.file
        problem.line = 0  # nobody sees the list's lines
        results.append(result)
    return results
