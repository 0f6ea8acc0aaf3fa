"""Removes the keys of a volume that a stronger key beats, perhaps one of another values file.

A file may be used with other files, too. So a key never gets lost because of a later file: the later file, which has
the stronger key, removes it with null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from post_renderer.migrate.buckets import is_bucket
from post_renderer.migrate.pairs import (
    add_inside,
    comment_out,
    expand_flow_first,
    non_null,
    refuse_shared_anchor,
    set_scalar,
)
from post_renderer.migrate.tables import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from post_renderer.migrate.merged_values import Volume
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit

ENTRY_SOURCES = ("existingClaim", "hostPath", "volumeSource", "store", "create")


class Known(NamedTuple):
    """The keys of a volume: in the files up to this one, and in this file.

    ``before``: its keys in the first file, in the first two files, and so on, without this file.
    """

    until: Volume
    own: Volume
    before: list[Volume]


class _Rule(NamedTuple):
    """``key``: the weaker key. ``is_beaten``: whether a volume has the stronger key. The rest is a problem."""

    key: str
    is_beaten: Callable[[Volume], bool]
    code: str
    message: str
    hint: str = NOTHING


def has_source(volume: Volume) -> bool:
    return not volume.keys().isdisjoint(ENTRY_SOURCES)


def is_claim(volume: Volume) -> bool:
    """Return whether runs had a claim: that of the user, or that of Polyaxon's file server."""
    return "existingClaim" in volume or ("name" in volume and not has_source(volume))


RULES = (
    _Rule(
        "hostPath",
        is_claim,
        "not-migrated",
        "Polyaxon used existingClaim if both were set",
    ),
    _Rule(
        "mountPath",
        is_bucket,
        "changed-meaning",
        "Polyaxon mounted an empty directory there, and gave programs this path instead of the bucket",
        "programs read the bucket's URL now",
    ),
    _Rule("subPath", is_bucket, "not-migrated", "Polyaxon ignored it for buckets"),
)


def find_weaker_edits(entry: Pair, keys: dict[str, Pair], known: Known) -> Iterator[LineEdit]:
    """Yield the next edits of one volume. ``keys``: its pairs in this file."""
    for rule in RULES:
        if not rule.is_beaten(known.until):
            continue
        # A file between may have the stronger key, too. This file may be used without it.
        is_weak = any(rule.key in volume and not rule.is_beaten(volume) for volume in known.before)
        if is_weak and (rule.is_beaten(known.own) or not rule.is_beaten(known.before[-1])):
            yield from _find_null_edits(entry, keys, rule.key, rule.message, rule.hint)
        elif non_null(keys, (rule.key,)):
            yield comment_out(keys[rule.key], rule.code, rule.message, rule.hint)
    was_made = any("name" in volume and not has_source(volume) for volume in known.before)
    if was_made and has_source(known.own) and "existingClaim" not in known.until:
        message = "Polyaxon used name only without another source"
        yield from _find_null_edits(entry, keys, "existingClaim", message, NOTHING)


def _find_null_edits(entry: Pair, keys: dict[str, Pair], key: str, message: str, hint: str) -> Iterator[LineEdit]:
    """Yield the edit that makes a key null, unless it is."""
    said = f"{key} is null now, which removes the value of an earlier values file: {message}"
    if key in keys:
        if non_null(keys, (key,)):
            yield set_scalar(keys[key], "null", keys[key].problem("changed-meaning", said, hint))
        return
    if keys and (room := expand_flow_first(list(keys.values())[-1], entry.value)):
        yield room
        return
    refuse_shared_anchor(entry.value, entry)
    yield add_inside(entry, [f"{key}: null"], entry.problem("changed-meaning", said, hint))
