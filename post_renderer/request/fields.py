"""Reads the annotations ``data``, ``outputs`` and ``kind``, which ask for volumes without a polyaxonfile."""

from __future__ import annotations

from post_renderer.k8s import DATA, KIND, OUTPUTS, PREFIX, is_path_segment
from post_renderer.problems import quoted, suggest
from post_renderer.request.polyaxonfile import POLYAXONFILE_LIMIT, RUN_KINDS, STARTERS, PolyaxonfileRequest
from post_renderer.yamltree import scalar_text
from post_renderer.yamltree.node import follow_alias, is_string, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problems
    from post_renderer.yamltree import Node

# What to write instead of an empty annotation.
WITHOUT = {
    DATA: 'write "" to get no data volume, or remove the annotation to get the default data',
    OUTPUTS: "write the name of one outputs volume, or remove the annotation to get the default outputs",
    KIND: "write a kind, or remove the annotation: the default is job",
}


def read_field(key: str, node: Node, problems: Problems) -> str | None:
    """Return the value of one of these annotations, without spaces around names. None if an error was reported.

    ``key``: the annotation. ``node``: its value. Raises YamlError if the value is a list or a mapping.
    """
    text, code = scalar_text(node), "invalid-annotation"
    if text is not None and len(text) > POLYAXONFILE_LIMIT:
        code, message = "input-too-large", f"the annotation is larger than {POLYAXONFILE_LIMIT // 1024} KiB"
        hint = "name fewer volumes"
    elif text is None:
        message, hint = "the annotation has no value", WITHOUT[key]
    elif not is_string(read_values(follow_alias(node))):
        message = f"Kubernetes refuses the value {quoted(text)}, because it is not a string"
        hint = "write the value in quotes"
    elif key == KIND:
        if text in RUN_KINDS:
            return text
        message, hint = f"unknown kind {quoted(text)}", STARTERS.get(text) or suggest(text, RUN_KINDS)
    else:
        names = [name.strip() for name in text.split(",")] if key == OUTPUTS or text else []
        message, hint = _why_no_names(key, text, names)
        if not message:
            return ",".join(names)
    problems.add(code, message, hint, offset=node.start, about=key)
    return None


def _why_no_names(key: str, text: str, names: list[str]) -> tuple[str, str]:
    """Return the message and the hint of an error in a list of names; both are empty if there is no error."""
    if key == OUTPUTS:
        if len(names) > 1:
            return f"{quoted(text)} names several outputs volumes", "write one name: a run writes to one outputs volume"
        if not names[0]:
            return "the name of the outputs volume is empty", WITHOUT[OUTPUTS]
        if not is_path_segment(names[0]):
            return f"{quoted(text)} is not the name of an outputs volume", WITHOUT[OUTPUTS]
        return "", ""
    if not all(names):
        return f"{quoted(text)} has an empty name", "write each name once, with commas between the names"
    if not all(map(is_path_segment, names)):
        hint = "write the names with commas between them, such as images,labels"
        return f"{quoted(text)} is not a comma-separated list of data volumes", hint
    if len(set(names)) < len(names):
        return f"{quoted(text)} names a data volume twice", "write each name once"
    return "", ""


def ask(annotations: dict[str, str]) -> PolyaxonfileRequest:
    """Return what the annotations ask for, as a polyaxonfile with the same fields would."""
    asked = PolyaxonfileRequest()
    asked.kind = annotations.get(KIND, asked.kind)
    asked.outputs = annotations.get(OUTPUTS)
    names = annotations.get(DATA)
    if names is not None:
        asked.data = names.split(",") if names else []
    return asked


def find_contradictions(annotations: dict[str, str], asked: PolyaxonfileRequest) -> list[tuple[str, str, str]]:
    """Return the annotations that are not equal to a field of the polyaxonfile beside them, with message and hint.

    A field that the polyaxonfile does not have is not equal to the default of that field.
    """
    in_file = {
        KIND: asked.kind if asked.has_kind else None,
        DATA: None if asked.data is None else ",".join(asked.data),  # as `read_field` returns the names
        OUTPUTS: asked.outputs,
    }
    found = []
    for key, value in in_file.items():
        if annotations.get(key, value) == value:
            continue
        field = key.removeprefix(PREFIX)
        written = f"has {quoted(value)}" if value is not None else f"has no {field}"
        message = f"the annotation asks for {quoted(annotations[key])}, but the polyaxonfile of the run {written}"
        hint = f"remove the annotation, or write the same {field} in the polyaxonfile"
        found.append((key, message, hint))
    return found
