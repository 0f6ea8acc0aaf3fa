"""Translates bucket entries of 0.x, because Polyaxon accepted keys on buckets that this catalog does not accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.bucket import STORES, url_error
from post_renderer.migrate.pairs import comment_out, set_scalar, text_of
from post_renderer.migrate.tables import NOTHING
from post_renderer.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import Volume
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit

VOLUMES = ("existingClaim", "hostPath", "volumeSource", "create")


def find_bucket_edits(keys: dict[str, Pair], volume: Volume) -> Iterator[LineEdit]:
    """Yield the next edits of an entry that is only a bucket. ``volume``: the keys that it has in all files."""
    store, url = str(volume.get("store", "")), text_of(keys.get("bucket"))
    if store not in STORES or not volume.keys().isdisjoint(VOLUMES):
        return
    if "mountPath" in keys:
        message = "Polyaxon mounted an empty directory there, and gave programs this path instead of the bucket"
        yield comment_out(keys["mountPath"], "changed-meaning", message, "programs read the bucket's URL now")
    if "subPath" in keys:
        yield comment_out(keys["subPath"], "not-migrated", "Polyaxon ignored it for buckets", NOTHING)
    better = f"{STORES[store].partition('//')[0]}//{url}"
    if url and "//" not in url and not url_error(store, better):
        hint = "programs that read it from POLYAXON_DATA_PATHS or the outputs path see the URL"
        problem = keys["bucket"].problem(
            "changed-meaning", f"{quoted(url)} is changed to the URL {quoted(better)}", hint
        )
        yield set_scalar(keys["bucket"], better, problem)
