"""Compares the merged new values files with the migration of the merged old ones, which must mean the same.

Each file is migrated by itself, but Helm merges the files. This check finds each rule that forgets another file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.file import MigratedFile
from post_renderer.migrate.merged_values import MergedValues
from post_renderer.migrate.stronger_keys import RULES
from post_renderer.migrate.value_layers import ROLES, as_mapping, read_layers
from post_renderer.problems import ERROR, STANDARD_INPUT, USER_FILE, Problem, quoted
from post_renderer.yamledit.emit import block_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import Volume
    from post_renderer.yamltree.node import Value

HINT = (
    "merge the files into one and migrate that, or migrate files that you do not use together in commands of their own"
)
LOST = "the new files together would lose this volume"
ADDED = "the new files together would have this volume, which the old files together do not have"
POD_DIRECTORY: Value = {"emptyDir": {}}


def find_differences(files: list[MigratedFile], before: MergedValues) -> Iterator[Problem]:
    """Yield an error for each volume, and for the default outputs, that the new files together would change.

    ``files``: migrated without an error. ``before``: the values files among them.
    """
    if len(before.layers) < 2:
        return
    paths = list(before.layers)
    expected = MigratedFile(paths[0], block_yaml(_as_files_have_it(before), 0, 2, "\n").encode())
    for problem in expected.problems:
        if problem.severity == ERROR:
            yield _problem(paths, problem.about, f"in the merged values files: {problem.message}")
            return
    wanted = MergedValues(read_layers({paths[0]: expected.new}))
    found = MergedValues(read_layers({file.path: file.new for file in files if file.path in before.layers}))
    for role in ROLES:
        for name in sorted(wanted.volumes[role].keys() | found.volumes[role].keys()):
            if said := _compare(wanted.volumes[role].get(name), found.volumes[role].get(name)):
                yield _problem(_holders(before, role, name), f"persistence.{role}.{name}", said)
    one, other = wanted.default_until(paths[0]), found.default_until(paths[-1])
    if one != other:
        said = f"the default outputs volume of the new files together is {quoted(other)} instead of {quoted(one)}"
        yield _problem(paths, "persistence.outputs", said)
        return
    yield from _compare_defaults(paths[:-1], before, found)
    yield from _find_weaker(paths[:-1], found)


def _compare_defaults(paths: list[str], before: MergedValues, found: MergedValues) -> Iterator[Problem]:
    """Yield an error for the first file that, with the files before it, would get another default outputs volume.

    Their volumes are not compared: a single volume may lack a key that only a later file has. A warning says so. Files
    without an outputs volume may get the claim of Polyaxon's file server.
    """
    for path in paths:
        one, other = before.default_until(path), found.default_until(path)
        if one and one != other:
            said = f"the default outputs volume without the files behind it is {quoted(other)} instead of {quoted(one)}"
            yield _problem([path], "persistence.outputs", said)
            return


def _find_weaker(paths: list[str], found: MergedValues) -> Iterator[Problem]:
    """Yield an error for each volume that the first files alone would have with a key and one that beats it.

    A later file removes the stronger key and needs the weaker one. The chart refuses both together.
    """
    for path in paths:
        for role in ROLES:
            for name in found.volumes[role]:
                volume = found.volume_until(path, role, name)
                rule = next((rule for rule in RULES if rule.key in volume and rule.is_beaten(volume)), None)
                if rule:
                    said = f"a later file needs {rule.key}, which has no effect without that file: {rule.message}"
                    yield _problem([path], f"persistence.{role}.{name}", said)


def _as_files_have_it(before: MergedValues) -> dict[str, Value]:
    """Return the merged values. A single volume that is the only one has no name, as in the files.

    A role that is null in a file is empty: Polyaxon's chart then made a claim on its file server.
    """
    persistence = dict(before.persistence())
    for role in ROLES:
        if before.has_role(role):
            persistence.setdefault(role, {})
        entries = as_mapping(persistence.get(role))
        if list(entries) == [role] and before.is_single(role):
            persistence[role] = entries[role] or {"mountPath": f"/{role}"}
    return before.tree | {"persistence": persistence}


def _problem(paths: list[str], about: str, message: str) -> Problem:
    problem = Problem("not-migratable", message, HINT, subject=USER_FILE, about=about)
    problem.file = STANDARD_INPUT if paths[-1] == "-" else paths[-1]
    return problem


def _holders(before: MergedValues, role: str, name: str) -> list[str]:
    return before.holders(role, name) or list(before.layers)


def _compare(wanted: Volume | None, found: Volume | None) -> str:
    """Return a sentence about the first key that is different, or an empty text."""
    if wanted is None or found is None:
        return "" if wanted == found else LOST if found is None else ADDED
    for key in sorted(wanted.keys() | found.keys()):
        one, other = wanted.get(key), found.get(key)
        # Only a file without keys of this chart gets the source that Polyaxon gave. Without a source, check reports it.
        if one != other and not (key == "volumeSource" and one == POD_DIRECTORY and other is None):
            return f"the new files together would have {_shown(key, other)} instead of {_shown(key, one)}"
    return ""


def _shown(key: str, value: Value | None) -> str:
    if value is None:
        return f"no {key}"
    return f"{key}: {quoted(value) if isinstance(value, str) else 'another value'}"
