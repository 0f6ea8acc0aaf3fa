"""What a render would refuse in the catalog of a values file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import BUCKET_KEYS, DATA, OUTPUTS, SOURCES
from post_renderer.catalog.read import CatalogLayer, read_catalog
from post_renderer.migrate.buckets import complete_bucket
from post_renderer.migrate.pairs import child_pairs, read_pairs
from post_renderer.migrate.values import is_layer
from post_renderer.problems import USER_FILE, YamlError
from post_renderer.yamltree.node import read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import SourceText
    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value

# "extra" is invalid itself; names of entries may stand in another values file.
NOT_CHECKED = ("extra", "defaultData", "defaultOutputs")
# What stands for a source of another values file, and keys that go with one source only.
MADE: dict[str, Value] = {"existingClaim": "made", "hostPath": "/made", "volumeSource": {"emptyDir": {}}}
GO_WITH = {"accessModes": "existingClaim", "hostPathType": "hostPath"}


def find_catalog_problems(page: SourceText, root: Node) -> Iterator[Problem]:
    """Everything that the check of a whole catalog finds, but what is missing in a file of today's."""
    top = read_pairs(page, root)
    if "persistence" not in top or is_layer(set(top)):
        return
    places: dict[tuple[str, ...], int] = {(): top["persistence"].key.start}
    values: dict[str, Value] = {}
    for setting in child_pairs(top["persistence"]).values():
        if setting.name in NOT_CHECKED:
            continue
        places[setting.name,] = setting.key.start
        if setting.name not in (DATA, OUTPUTS):
            values[setting.name] = _read_pair(setting)
            continue
        entries = child_pairs(setting)
        places |= {(setting.name, name): entry.key.start for name, entry in entries.items()}
        values[setting.name] = {name: _completed(_read_pair(entry)) for name, entry in entries.items()}
    catalog = read_catalog([CatalogLayer(values, places, page.text, USER_FILE, "", 1)])
    entry_problems = [problem for found in catalog.entry_problems.values() for problem in found]
    for problem in [*catalog.settings_problems, *entry_problems]:
        problem.line = page.lines[problem.line - 1].origin
        yield problem


def _read_pair(pair: Pair) -> Value:
    """What a pair holds; nothing where Helm has to write an alias out."""
    try:
        return read_values(pair.value)
    except YamlError:
        return None


def _completed(entry: Value) -> Value:
    """An entry with what another values file may bring, and with the claim that the chart makes."""
    if not isinstance(entry, dict):
        return entry
    entry = {key: value for key, value in entry.items() if value is not None}
    if entry.pop("create", None):
        entry.setdefault("existingClaim", MADE["existingClaim"])
    if entry.keys().isdisjoint(BUCKET_KEYS):
        entry.setdefault("mountPath", "/data")
        if entry.keys().isdisjoint(SOURCES):
            goes_with = next((source for key, source in GO_WITH.items() if key in entry), "volumeSource")
            entry[goes_with] = MADE[goes_with]
    else:
        complete_bucket(entry)
    return entry
