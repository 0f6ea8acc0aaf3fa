"""Buckets of 0.x: what Polyaxon took, or ignored, and a bucket of today has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.bucket import STORES, url_error
from post_renderer.catalog.entry import BUCKET_KEYS, KEYS, SHARED_KEYS
from post_renderer.migrate.pairs import comment_out, non_null, set_scalar, text_of
from post_renderer.migrate.tables import NOTHING
from post_renderer.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit
    from post_renderer.yamltree.node import Value

VOLUMES = ("existingClaim", "hostPath", "volumeSource", "create")

# An entry with some key of buckets and not both of these is part of one, unless it has keys of volumes too.
WHERE = ("store", "bucket")


def find_bucket_edits(keys: dict[str, Pair]) -> Iterator[LineEdit]:
    """What to change next in an entry that is a bucket and nothing else."""
    store, url = text_of(keys.get("store")), text_of(keys.get("bucket"))
    if store not in STORES or non_null(keys, VOLUMES):
        return
    if "mountPath" in keys:
        message = "Polyaxon mounted an empty folder there, and gave programs this path instead of the bucket"
        yield comment_out(keys["mountPath"], "changed-meaning", message, "programs read the bucket's URL now")
    if "subPath" in keys:
        yield comment_out(keys["subPath"], "not-migrated", "Polyaxon ignored it for buckets", NOTHING)
    better = f"{STORES[store].partition('//')[0]}//{url}"
    if url and "//" not in url and not url_error(store, better):
        hint = "programs that read it from POLYAXON_DATA_PATHS or the outputs path see the URL"
        problem = keys["bucket"].problem("changed-meaning", f"{quoted(url)} is written as its URL now", hint)
        yield set_scalar(keys["bucket"], better, problem)


def find_missing(keys: Collection[str]) -> list[str]:
    """What an entry does not say of where its bucket is, so that another values file must; nothing of a volume.

    Merged keys are left to Helm.
    """
    of_volumes = {*KEYS, "<<"} - set(SHARED_KEYS)
    if not set(keys) & set(BUCKET_KEYS) or set(keys) & of_volumes:
        return []
    return [key for key in WHERE if key not in keys]


def complete_bucket(entry: dict[str, Value]) -> None:
    """Give part of a bucket what another values file may bring: a store only where it is the one of the URL."""
    if not find_missing(entry):
        return
    url = entry.get("bucket")
    if "bucket" not in entry:
        store = entry.setdefault("store", "s3")
        entry["bucket"] = STORES.get(store, "") if isinstance(store, str) else ""
    for store, example in STORES.items():
        if isinstance(url, str) and url.startswith(example.partition("//")[0] + "//"):
            entry["store"] = store
    for key, other in (("secret", "secretKey"), ("secretKey", "secret")):
        if key in entry:
            entry.setdefault(other, "made")
