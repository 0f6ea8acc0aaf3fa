"""Finds keys below ``persistence`` that Polyaxon ignored. They are no reason to stop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import BUCKET_KEYS, KEYS, OUTPUTS_KEYS, SETTINGS
from post_renderer.migrate.pairs import child_pairs, comment_out, is_merge, set_aside
from post_renderer.migrate.tables import CLAIM_KEYS
from post_renderer.yamltree import SCALAR
from post_renderer.yamltree.node import read_bool, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit

ENTRY_KNOWN = (*KEYS, *OUTPUTS_KEYS, *BUCKET_KEYS, *CLAIM_KEYS)


def find_ignored_edits(keys: dict[str, Pair], known: tuple[str, ...]) -> Iterator[LineEdit]:
    """Comment out the keys that Polyaxon ignored. A key that is like a known one stays: it is a mistake to report."""
    for name, pair in keys.items():
        if name in known or is_merge(pair.key) or pair.value.is_null() or find_near(name, known):
            continue
        is_inside = known is ENTRY_KNOWN
        if is_inside and (name in SETTINGS or not child_pairs(pair).keys().isdisjoint(("mountPath", "store"))):
            continue  # it is indented too far: the chart says where it belongs
        if name == "enabled" and pair.value.kind == SCALAR and read_bool(read_values(pair.value)) is False:
            message = "it had no effect in Polyaxon: runs had this volume"
            yield comment_out(pair, "changed-meaning", message, "remove the volume if runs must not have it")
        else:
            yield set_aside(pair, "ignored")


def find_near(word: str, known: tuple[str, ...]) -> str:
    """Return the known key that a key is like, or ''. The rule is that of the chart: nearest in _keys.tpl."""
    word = re.sub("[-_ ]", "", word.lower())
    for name in sorted(known):
        other = name.lower()
        is_longer = len(word) >= 5 and (word.startswith(other) or word.endswith(other))
        if is_longer or not _cut(word).isdisjoint(_cut(other)):
            return name
    return ""


def _cut(word: str) -> set[str]:
    """Return a word, and the word without one of its letters, for each letter."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
