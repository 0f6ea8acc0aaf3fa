"""Buckets of 0.x: what Polyaxon took, or ignored, and a bucket of today has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.buckets import STORES, wrong_url
from post_renderer.migrate.places import comment_out, given, set_scalar, text_of
from post_renderer.migrate.tables import NOTHING
from post_renderer.problems import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.page import Edit
    from post_renderer.migrate.places import Pair

VOLUMES = ("existingClaim", "hostPath", "volumeSource", "create")


def find_bucket_edits(keys: dict[str, Pair]) -> Iterator[Edit]:
    """What to change next in an entry that is a bucket and nothing else."""
    store, url = text_of(keys.get("store")), text_of(keys.get("bucket"))
    if store not in STORES or given(keys, VOLUMES):
        return
    if "mountPath" in keys:
        message = "Polyaxon mounted an empty folder there, and told programs this path instead of the bucket"
        yield comment_out(keys["mountPath"], "changed-meaning", message, "programs read the bucket's URL now")
    if "subPath" in keys:
        yield comment_out(keys["subPath"], "not-migrated", "Polyaxon ignored it for buckets", NOTHING)
    better = f"{STORES[store].partition('//')[0]}//{url}"
    if url and "//" not in url and not wrong_url(store, better):
        hint = "programs that read it from POLYAXON_DATA_PATHS or the outputs path see the URL"
        problem = keys["bucket"].problem("changed-meaning", f"{shown(url)} is written as its URL now", hint)
        yield set_scalar(keys["bucket"], better, problem)
