"""Translates ``nfsProvisioner``: the claims that Polyaxon's chart created on its own file server become entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.pairs import (
    add_inside,
    alias_error,
    child_pairs,
    comment_out,
    expand_flow_first,
    is_empty,
    read_meant,
    set_aside,
    to_scalar,
)
from post_renderer.migrate.source_text import LineEdit
from post_renderer.migrate.tables import MUST_STAY, NFS
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.migrate.value_layers import as_mapping
from post_renderer.problems import YamlError, quoted
from post_renderer.yamltree import ALIAS, MAPPING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import Found
    from post_renderer.problems import Problem

MIGRATED = "if a file had it before it was migrated, get its old text back, and migrate all values files in one command"


def find_nfs_edits(
    top: dict[str, Pair], persistence: Pair | None, inside: dict[str, Pair], together: MergedValues, path: str
) -> Iterator[Found]:
    """Yield the next edit. ``together``, ``path``: see ``find_value_edits``.

    The file that gets the entry of a claim may be another one than the file with ``nfsProvisioner``. Raises YamlError.
    """
    claims, values = together.claims_for(path), together.up_to(path)
    if persistence is not None and not is_empty(persistence) and persistence.value.kind != MAPPING:
        if claims and persistence.value.kind == ALIAS:
            raise alias_error(persistence)
        return
    nfs = top.get("nfsProvisioner")
    missing = [role for role in claims if role not in inside or role not in child_pairs(inside[role])]
    spot = nfs or (inside.get(missing[0]) if missing else None) or persistence
    if missing and spot:
        role = missing[0]
        if spot is persistence and not is_empty(persistence):
            raise alias_error(persistence)
        if role in inside:
            _check_kind(inside[role])
        claim = claims[role]
        mount = f"  mountPath: {to_scalar(claim.mount_path)}"
        entry = [f"{role}:", mount, f"  existingClaim: {to_scalar(claim.name)}"]
        hint = f"{MUST_STAY}; from 0.4.3 on, Polyaxon ignored nfsProvisioner and gave runs /tmp/{role} of the node"
        problem = spot.problem("changed-meaning", f"{role} is the claim {quoted(claim.name)} now", hint)
        yield _add_entry(spot, persistence, inside, role, entry, problem)
    elif nfs and values.is_nfs():
        yield comment_out(nfs, "not-migrated", "this chart has no file server", NFS)
    elif nfs and "pvc" in child_pairs(nfs) and "enabled" not in as_mapping(values.nfs):
        message = "it names claims, but no values file has nfsProvisioner.enabled, so Polyaxon's chart made none"
        yield comment_out(nfs, "not-migrated", message, MIGRATED)
    elif nfs:
        yield set_aside(nfs, "services")  # no claims were made


def _check_kind(role: Pair) -> None:
    """Raise YamlError if no entry can be added under ``data`` or ``outputs``."""
    if role.value.kind == ALIAS:
        raise alias_error(role)
    if role.value.kind != MAPPING and not is_empty(role):
        hint = f"write {role.name}: {{}}"
        raise YamlError("not-migratable", role.value.start, f"{role.name} must be a mapping of names to volumes", hint)


def _add_entry(
    nfs: Pair, persistence: Pair | None, inside: dict[str, Pair], role: str, entry: list[str], problem: Problem
) -> LineEdit:
    """Return the edit that adds an entry under ``data`` or ``outputs`` (``role``). It adds missing keys above, too."""
    page = nfs.page
    under_role = [f"{role}:", *(f"  {body}" for body in entry)]
    if persistence is None:
        if room := expand_flow_first(nfs, nfs.within):
            return room
        bodies = ["persistence:", *(f"  {body}" for body in under_role)]
        lines = [page.new(" " * nfs.column + body, nfs.first) for body in bodies]
        change = TreeChange(added=((nfs.within, read_meant(bodies)),))
        return LineEdit([(nfs.first, nfs.first, lines)], [problem], change=change)
    if role in inside:
        first = next(iter(child_pairs(inside[role]).values()), inside[role])
        return expand_flow_first(first, first.within) or add_inside(inside[role], entry, problem)
    spot = next(iter(inside.values()), persistence)
    return expand_flow_first(spot, spot.within) or add_inside(persistence, under_role, problem)
