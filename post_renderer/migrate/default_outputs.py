"""Finds the default outputs volume of values files, and the files that must name it because volumes get new names.

A file may be used without the files behind it. So this is decided for the first file, for the first two, and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import OUTPUTS
from post_renderer.migrate.value_layers import as_mapping, name_single, without_nulls
from post_renderer.migrate.volume_names import first_by_name, new_name
from post_renderer.yamltree.node import read_bool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from post_renderer.migrate.value_layers import Layer
    from post_renderer.yamltree.node import Value

LAST = "\U0010ffff"  # the last character in the order of the bytes


def find_default(persistence: Value) -> str:
    """Return the new name of the volume that a run gets if it names no outputs volume, or an empty text."""
    chosen = as_mapping(persistence).get("defaultOutputs")
    names = _find_names(persistence)
    return str(chosen) if chosen else new_name(first_by_name(names)) if names else ""


def find_defaults_to_write(layers: Mapping[str, Layer], until: Mapping[str, Value]) -> dict[str, str]:
    """Return path -> the name that the file must have as ``defaultOutputs``. An empty text is null, for no volume.

    ``until``: path -> the merged ``persistence`` of the files up to this one.
    """
    found: dict[str, str] = {}
    written = ""  # what the files so far got
    for path, layer in layers.items():
        is_removed = "persistence" in layer.names and not isinstance(layer.persistence, dict)
        if is_removed or "defaultOutputs" in as_mapping(layer.persistence):
            written = ""
        if as_mapping(until[path]).get("defaultOutputs"):
            continue
        names = [new_name(name) for name in _find_names(until[path])]
        default = find_default(until[path])
        if default != (written or (first_by_name(names) if names else "")):
            found[path] = written = default
    return found


def find_perhaps_first(before: Value, layer: Layer, *, is_changed: bool) -> str:
    """Return the name of a new volume of a file that Polyaxon may have used as the default outputs, or an empty text.

    An earlier file that was migrated in another command says ``defaultOutputs``, but not the old name of that volume.
    So only a part of the order by name is known. ``before``: the merged ``persistence`` of the files before this one.
    ``is_changed``: this file is migrated now. Else only a name counts that was surely the first one.
    """
    default = str(as_mapping(before).get("defaultOutputs") or "")
    if not default or "defaultOutputs" in as_mapping(layer.persistence):
        return ""
    last_old_name = default.replace("-", LAST) + LAST
    bound = last_old_name if is_changed else default.upper()
    first = _find_first_new(before, layer)
    return first if first.encode() < bound.encode() else ""


def find_uncertain_first(before: Value, layer: Layer) -> str:
    """Return the name of a new volume of a file, if it is uncertain whether Polyaxon used it, or an empty text.

    The default of the files before this one may have had another name, which was behind or before this name.
    ``before``: the merged ``persistence`` of the files before this one.
    """
    if "defaultOutputs" in as_mapping(before) or "defaultOutputs" in as_mapping(layer.persistence):
        return ""
    default, first = find_default(before), _find_first_new(before, layer)
    return first if default.upper().encode() < first.encode() < default.replace("-", LAST).encode() else ""


def _find_first_new(before: Value, layer: Layer) -> str:
    """Return the first name of the outputs volumes that only this file has, or an empty text."""
    known = {new_name(name) for name in as_mapping(as_mapping(before).get(OUTPUTS))}
    names = [name for name in _find_names(name_single(layer.persistence)) if new_name(name) not in known]
    return first_by_name(names) if names else ""


def _find_names(persistence: Value) -> list[str]:
    """Return the names of the outputs volumes that runs may write to."""
    entries = as_mapping(without_nulls(as_mapping(persistence).get(OUTPUTS)))
    return [
        name
        for name, entry in entries.items()
        if isinstance(entry, dict) and read_bool(entry.get("readOnly")) is not True
    ]
