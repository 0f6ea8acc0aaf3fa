"""Finds the claims that Polyaxon's chart made on its own file server, and used for data and outputs without a volume.

A file may be used without the files behind it. So this is decided for the first file, for the first two, and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from post_renderer.migrate.tables import MADE_CLAIM
from post_renderer.migrate.value_layers import ROLES, as_mapping, is_single, without_nulls
from post_renderer.problems import quoted
from post_renderer.yamltree.node import is_number, read_bool
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from post_renderer.migrate.value_layers import Layer
    from post_renderer.yamltree.node import Value


class Claim(NamedTuple):
    """A claim that Polyaxon's chart made on its own file server."""

    name: str
    mount_path: str


class Doubt(NamedTuple):
    """What one file changes for the files before it, so that no file can get the right claim. ``role``: where it is."""

    role: str
    message: str
    hint: str


class MadeClaims(NamedTuple):
    """``new``: path -> role -> claim that the file must get. ``doubts``: path -> the errors of the file."""

    new: dict[str, dict[str, Claim]]
    doubts: dict[str, list[Doubt]]


def is_server_on(nfs: Value) -> bool:
    """Return whether Polyaxon's chart made claims on its file server."""
    return _is_true(as_mapping(nfs).get("enabled"))


def _is_true(value: Value) -> bool:
    """Return whether a value is true for Helm. Any text is true, also "false"."""
    if isinstance(value, PlainScalar) and is_number(value):
        return any(digit in value for digit in "123456789")
    if isinstance(value, PlainScalar) and read_bool(value) is not None:
        return read_bool(value) is True
    return bool(value)


def read_claim(nfs: Value, role: str) -> Claim:
    claim = as_mapping(as_mapping(as_mapping(nfs).get("pvc")).get(role))
    return Claim(str(claim.get("name") or MADE_CLAIM.format(role=role)), str(claim.get("mountPath") or f"/{role}"))


def find_made_claims(
    layers: Mapping[str, Layer], until: Mapping[str, Value], nfs_until: Mapping[str, Value]
) -> MadeClaims:
    """``until``, ``nfs_until``: path -> ``persistence`` and ``nfsProvisioner``, merged up to this file."""
    found = MadeClaims({}, {})
    before: dict[str, Claim] = {}
    for path, layer in layers.items():
        nfs, persistence = nfs_until[path], as_mapping(without_nulls(until[path]))
        empty = [role for role in ROLES if is_server_on(nfs) and not _is_true(persistence.get(role))]
        claims = {role: read_claim(nfs, role) for role in empty}
        switches = is_server_on(layer.nfs)  # it may be used without an earlier file that switches the server on, too
        found.new[path] = {role: claim for role, claim in claims.items() if switches or before.get(role) != claim}
        kept = claims.keys() - found.new[path].keys()
        found.doubts[path] = list(_find_doubts(layer, before, claims, kept, is_on=is_server_on(nfs)))
        before = claims
    return found


def _find_doubts(
    layer: Layer, before: Mapping[str, Claim], claims: Mapping[str, Claim], kept: Collection[str], *, is_on: bool
) -> Iterator[Doubt]:
    """``before``, ``claims``: the claims without and with the file. ``kept``: roles that this file does not write."""
    entries = as_mapping(layer.persistence)
    for role, claim in claims.items():
        volumes = as_mapping(entries.get(role))
        is_named = role in volumes and volumes[role] is None
        if is_named or (role in kept and _is_removed(layer, role)):
            about = f"{role}: null" if is_named else "null"
            message = f"{about} would remove the claim {quoted(claim.name)} that Polyaxon gave runs"
            yield Doubt(role, message, "remove this key")
    for role, claim in before.items():
        if role not in claims and not (is_on and is_single(entries.get(role))):
            message = (
                f"with this file, Polyaxon did not use the claim {quoted(claim.name)}, which the files before it use "
                "without it"
            )
            if is_single(entries.get(role)):
                directory = as_mapping(entries[role]).get("mountPath") or f"/{role}"
                keys = f"existingClaim: null and hostPath: {directory}"  # without a source, it would be empty
                then = f"{keys} under persistence.{role}.{role} in this file, or its own claim"
            elif role in as_mapping(entries.get(role)):
                then = f"existingClaim: null under persistence.{role}.{role} in this file, or its own claim"
            else:
                then = f"{role}: null under persistence.{role} in this file"
            entry = f"{{mountPath: {claim.mount_path}, existingClaim: {claim.name}}}"
            written = f"persistence: {{{role}: {{{role}: {entry}}}}}"
            yield Doubt(role, message, f"write the claim in the first file that uses it: {written}; and write {then}")


def _is_removed(layer: Layer, role: str) -> bool:
    if "persistence" not in layer.names:
        return False
    entries = layer.persistence
    return not isinstance(entries, dict) or (role in entries and not isinstance(entries[role], dict))
