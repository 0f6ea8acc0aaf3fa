"""Finds what files that are migrated together have. Helm merges them, so a key of one file counts for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.migrate.file import decode
from post_renderer.migrate.volume_names import first_by_name, new_name
from post_renderer.problems import USER_FILE, Problem, YamlError, quoted
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from post_renderer.migrate.values import Place
    from post_renderer.yamltree.node import Value


class Survey(NamedTuple):
    """What the values of one file have.

    ``keys``: tuples of a role (data, outputs), the new name of a volume, and a key of it. The volume without a name of
    the first charts gets the name of its role.
    ``outputs``: the names of the outputs volumes to which runs may write.
    ``has_default``: whether there is ``defaultOutputs``. ``runs``: the names of the runs with a polyaxonfile.
    """

    keys: frozenset[Place]
    outputs: frozenset[str]
    has_default: bool
    runs: frozenset[str]


NOTHING_FOUND = Survey(frozenset(), frozenset(), has_default=False, runs=frozenset())


def survey(raw: bytes) -> Survey:
    """Return what a file has; nothing for a file that can't be read, which ``MigratedFile`` reports."""
    try:
        values = read_values(parse(decode(raw).removeprefix("\ufeff"), full=True))
    except YamlError:
        return NOTHING_FOUND
    persistence, runs = _mapping(values, "persistence"), _mapping(values, "runs")
    keys = set()
    for role in (DATA, OUTPUTS):
        entries = _mapping(persistence, role)
        keys |= {(role, role, key) for key in _filled(entries)}
        keys |= {(role, new_name(name), key) for name in entries for key in _filled(_mapping(entries, name))}
    outputs = _mapping(persistence, OUTPUTS)
    writable = {
        name for name, entry in outputs.items() if isinstance(entry, dict) and entry.get("readOnly") is not True
    }
    return Survey(
        frozenset(keys),
        frozenset(writable),
        has_default=bool(persistence.get("defaultOutputs")),
        runs=frozenset(name for name in runs if _mapping(runs, name).get("polyaxonfile")),
    )


def _mapping(values: Value, key: str) -> dict[str, Value]:
    found = values.get(key) if isinstance(values, dict) else None
    return found if isinstance(found, dict) else {}


def _filled(entry: dict[str, Value]) -> frozenset[str]:
    return frozenset(key for key, value in entry.items() if value)


def find_holders(surveys: Mapping[str, Survey]) -> dict[Place, list[str]]:
    """Return the paths of the files that have a key of a volume."""
    holders: dict[Place, list[str]] = {}
    for path, found in surveys.items():
        for place in found.keys:
            holders.setdefault(place, []).append(path)
    return holders


def find_changed_default(surveys: Mapping[str, Survey], *, has_default: bool) -> list[Problem]:
    """Return a warning if new names change which outputs volume of all files is the default: the first one by name.

    ``has_default``: whether a migrated file has ``defaultOutputs``, so that the order does not matter.
    """
    holders = {path: found.outputs for path, found in surveys.items() if found.outputs}
    names = {name for outputs in holders.values() for name in outputs}
    if len(holders) < 2 or has_default:
        return []
    before, after = new_name(first_by_name(names)), first_by_name({new_name(name) for name in names})
    if before == after:
        return []
    message = f"the default outputs volume of these files together changes from {quoted(before)} to {quoted(after)}"
    hint = f"to keep it, write persistence.defaultOutputs: {before}"
    problem = Problem("changed-meaning", message, hint, subject=USER_FILE, about="persistence.outputs")
    problem.file = next(path for path, outputs in holders.items() if any(new_name(name) != name for name in outputs))
    return [problem]
