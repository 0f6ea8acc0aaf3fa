"""Translates the keys from which Polyaxon's chart created the claim of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import ACCESS_MODES
from post_renderer.migrate.pairs import comment_out, rename, set_scalar, text_of
from post_renderer.migrate.tables import CLAIM_KEYS, UNUSED_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit


def find_claim_edits(keys: dict[str, Pair], *, is_claim: bool, is_claim_here: bool) -> Iterator[LineEdit]:
    """Yield the next edits: rename ``accessMode``, then make its value a list, and comment out the other keys.

    ``is_claim``: the volume is a claim, in this file or in another one. ``is_claim_here``: also without later files.
    """
    mode = keys.get("accessMode")
    said = text_of(mode) in ACCESS_MODES and is_claim and "accessModes" not in keys
    if mode and said:
        message = "it only says how pods may mount the claim, and creates no claim"
        hint = "with it, pods that would wait for each other give a warning"
        yield rename(mode, "accessModes", mode.problem("changed-meaning", message, hint))
    elif text_of(keys.get("accessModes")) in ACCESS_MODES:
        yield set_scalar(keys["accessModes"], f"[{text_of(keys['accessModes'])}]")
    for key, hint in CLAIM_KEYS.items():
        if key in keys and not (key == "accessMode" and said):
            why = UNUSED_NAME if key == "name" and not is_claim_here else hint
            yield comment_out(keys[key], "not-migrated", "it was for creating the claim", why)
