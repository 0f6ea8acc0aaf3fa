"""Keys of a polyaxonfile's environment that few files have: later spellings, other runs' outputs, replicas.

Imported where one of them stands.
"""

from __future__ import annotations

from post_renderer.k8s import is_segment
from post_renderer.problems import shown, suggest
from post_renderer.request.polyaxonfile import ENVIRONMENT_KEYS, RARE_KEYS, read_names, refuse_alias
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.values import is_number, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.problems import Problems
    from post_renderer.request.polyaxonfile import Asked
    from post_renderer.yamltree import Node

GROUPS = ("jobs", "experiments")  # of runs that others may refer to
LATER = {"data_refs": "persistence.data", "artifact_refs": "persistence.outputs"}  # Polyaxon 0.5 and later
REPLICAS = RARE_KEYS - {*ENVIRONMENT_KEYS, "<<"}


def read_rare_keys(environment: Node, asked: Asked, problems: Problems) -> None:
    """What these keys ask for, and everything that is wrong with them."""
    _read_later_spellings(environment, asked, problems)
    outputs = environment.get("outputs")
    if outputs is not None and not outputs.is_null():
        _read_references(outputs, asked, problems)
    for section in sorted(REPLICAS):
        for key in _find_requests(environment.get(section)):
            message = f"{shown(key.value() or '')} below {section} does nothing: all replicas get what the run asks for"
            hint = "write it in environment, or in an annotation of that replica's pod template"
            problems.add("request-ignored", message, hint, offset=key.start)


def _read_later_spellings(environment: Node, asked: Asked, problems: Problems) -> None:
    persistence = environment.get("persistence")
    for key, earlier in LATER.items():
        later = environment.get(key)
        if later is None or later.is_null():
            continue
        if persistence is not None and not persistence.is_null():
            message = f"{key} and persistence are two spellings of one thing"
            problems.add("invalid-request", message, f"keep one of the two: {key} is {earlier}", offset=later.start)
            continue
        names = read_names(later, key, asked, problems)
        if key == "data_refs":
            asked.data = names
        elif names:
            asked.outputs = names[0]
            if len(names) > 1:
                message = f"a run has one outputs volume: of artifact_refs it gets {shown(names[0])} only"
                problems.add("request-ignored", message, f"artifact_refs: [{names[0]}]", offset=later.start)


def _read_references(outputs: Node, asked: Asked, problems: Problems) -> None:
    """``environment.outputs``: other runs, whose results this one reads."""
    refuse_alias(outputs)
    if outputs.kind != MAPPING:
        hint = "outputs: {jobs: [name]}; the volume for the run's own results is persistence.outputs"
        problems.add("invalid-request", "environment.outputs names other runs", hint, offset=outputs.start)
        return
    read_values(outputs)  # raises where a key stands twice, or an alias stands for something
    for key, names in outputs.pairs():
        group = key.value() or ""
        if group not in GROUPS:
            message = f"unknown key {shown(group)} in environment.outputs"
            problems.add("invalid-request", message, suggest(group, GROUPS), offset=key.start)
        elif not names.is_null():
            _read_group(names, group, asked, problems)


def _read_group(names: Node, group: str, asked: Asked, problems: Problems) -> None:
    if names.kind == SEQUENCE:
        ids = [item for item in names.items() if item.kind == SCALAR and not item.style and is_number(item.text)]
        for item in ids:
            message = f"{shown(item.text)} is an id of Polyaxon's, and runs have names here"
            problems.add("invalid-request", message, f"write the run's name: {group}: [name]", offset=item.start)
        if ids:
            return
    for name in read_names(names, group, asked, problems, f"{group}/"):
        parts = name.split("/")
        if len(parts) > 3 or not all(map(is_segment, parts)):
            if name:
                place = asked.places[f"{group}/{name}"]
                hint = f"{group}: [name], [project/name] or [user/project/name]"
                problems.add("invalid-request", f"{shown(name)} is not a run's name", hint, offset=place)
        else:
            asked.references.append((group, name))


def _find_requests(node: Node | None) -> Iterator[Node]:
    """Keys below a section of replicas that would ask for volumes, were they read."""
    if node is None or node.kind in (SCALAR, ALIAS):
        return
    for item in node.items() if node.kind == SEQUENCE else ():
        yield from _find_requests(item)
    for key, value in node.pairs() if node.kind == MAPPING else ():
        if key.kind == SCALAR and key.value() in ENVIRONMENT_KEYS:
            yield key
        else:
            yield from _find_requests(value)
