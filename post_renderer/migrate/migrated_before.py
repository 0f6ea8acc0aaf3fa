"""Warns of values files that look migrated already, while another values file of the command changes.

A migrated file has lost its old names and keys. So nothing says any more which claims, and which default
outputs volume, Polyaxon used for this file and another one together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import OUTPUTS
from post_renderer.migrate.file_text import decode, file_problem, has_own_comment
from post_renderer.migrate.tables import MADE_CLAIM
from post_renderer.migrate.value_layers import MERGED, ROLES, as_mapping
from post_renderer.problems import Problem, escape_control, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.file import MigratedFile
    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.yamltree.node import Value

HINT = "if so, get its old text back, and migrate all values files of all releases in one command"


def find_migrated_before(files: list[MigratedFile], together: MergedValues) -> Iterator[Problem]:
    """Yield a warning for each values file that looks migrated already, if another one changes now."""
    looks = [file.path for file in files if file.path in together.layers and _looks_migrated(file, together)]
    changed = [file for file in files if file.new != file.old and _is_about_volumes(file.path, together)]
    unlike = [file.path for file in changed if not _is_surely_migrated(file, together)]
    sure_or_new = {*looks, *(file.path for file in changed)}  # these say themselves what they were
    for path in looks:
        if other := next((other for other in unlike if other != path), ""):
            message = f"it looks migrated already, but {escape_control(other)} is not: the old text also decided which "
            message += "claims and which default outputs Polyaxon used"
            yield file_problem("changed-meaning", message, HINT, path)
    for path in (file.path for file in changed):
        name, default = together.find_uncertain_first(path)
        others = [other for other in together.holders(OUTPUTS, default) if other not in sure_or_new]
        if name and others:
            message = f"Polyaxon used {quoted(default)} or {quoted(name)}, the first one by name: if "
            message += f"{escape_control(others[0])} is migrated already, the old name is unknown"
            yield file_problem("changed-meaning", message, HINT, path, f"persistence.{OUTPUTS}")


def _is_about_volumes(path: str, together: MergedValues) -> bool:
    return path in together.layers and not together.layers[path].names.isdisjoint(MERGED)


def _looks_migrated(file: MigratedFile, together: MergedValues) -> bool:
    """Return whether the file is surely migrated, or has the name that migrate gives a volume without a name."""
    if _is_surely_migrated(file, together):
        return True
    if not set(file.old.splitlines()) <= set(file.new.splitlines()):
        return False  # a second migration only adds lines
    return any(name == role for role, name, _ in _entries_of(file, together))


def _is_surely_migrated(file: MigratedFile, together: MergedValues) -> bool:
    """Return whether the file has a comment of migrate, keys of today, or a claim that Polyaxon's chart made."""
    layer = together.layers[file.path]
    persistence = as_mapping(layer.persistence)
    if "runs" in layer.names and not persistence:
        return False  # a polyaxonfile
    if has_own_comment(decode(file.old)) or (persistence and together.is_layer_of_today(file.path)):
        return True
    return any(
        as_mapping(entry).get("existingClaim") == MADE_CLAIM.format(role=role)
        for role, _, entry in _entries_of(file, together)
    )


def _entries_of(file: MigratedFile, together: MergedValues) -> Iterator[tuple[str, str, Value]]:
    """Yield the role, the name and the keys of each volume of the file."""
    persistence = as_mapping(together.layers[file.path].persistence)
    for role in ROLES:
        for name, entry in as_mapping(persistence.get(role)).items():
            yield role, name, entry
