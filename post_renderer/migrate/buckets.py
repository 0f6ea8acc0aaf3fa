"""Translates bucket entries of 0.x, because Polyaxon accepted keys on buckets that this catalog does not accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.bucket import STORES, url_error
from post_renderer.migrate.pairs import set_scalar, text_of
from post_renderer.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import Volume
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit

VOLUMES = ("existingClaim", "hostPath", "volumeSource", "create")


def is_bucket(volume: Volume) -> bool:
    """Return whether a volume is only a bucket."""
    return str(volume.get("store", "")) in STORES and volume.keys().isdisjoint(VOLUMES)


def find_bucket_edits(keys: dict[str, Pair], volume: Volume) -> Iterator[LineEdit]:
    """Yield the edit that makes a URL of the name of a bucket. ``volume``: the keys of the entry."""
    if not is_bucket(volume):
        return
    store, url = str(volume["store"]), text_of(keys.get("bucket"))
    better = f"{STORES[store].partition('//')[0]}//{url}"
    if url and "//" not in url and not url_error(store, better):
        hint = "programs that read it from POLYAXON_DATA_PATHS or the outputs path see the URL"
        problem = keys["bucket"].problem(
            "changed-meaning", f"{quoted(url)} is changed to the URL {quoted(better)}", hint
        )
        yield set_scalar(keys["bucket"], better, problem)
