"""Adds the credentials for the buckets of a run: variables from Secrets, and Google's key files."""

from __future__ import annotations

from post_renderer.catalog.bucket import FILE_VARIABLE, VARIABLES
from post_renderer.resolve.model import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.bucket import Bucket
    from post_renderer.catalog.entry import Entry
    from post_renderer.resolve.model import Resolution
    from post_renderer.yamltree.node import Value

# Polyaxon's libraries read these names: polyaxon-client up to 0.4 the first, polystores later the second.
ACCESS_VARIABLES = ("POLYAXON_RUN_STORES_ACCESS_KEYS", "POLYSTORES_RUN_STORES_ACCESS_KEYS")
FILES_MOUNT = "/polyaxon/credentials"
JSON_REMEDY = "change secret and secretKey of one entry"
VARIABLES_REMEDY = "remove credentials: env from one entry and set its secretKey"


def add_access(resolution: Resolution) -> list[tuple[str, str]]:
    """Add the credentials of the run's buckets to ``resolution``. Return a message and a remedy for each error.

    The kubelet expands ``$(NAME)`` in the paths of buckets, and Polyaxon's libraries look for the expanded path.
    """
    sources: dict[str, tuple[Entry, Bucket, str]] = {}  # variable -> the entry, its bucket, the key of the Secret
    access: dict[str, tuple[str, str]] = {}
    wrong: list[tuple[str, str]] = []
    for entry, _, path in resolution.buckets:
        bucket = entry.bucket
        if bucket is None or not bucket.secret:
            continue
        wrong += _find_clashes(sources, entry, bucket)
        if bucket.in_variables:
            continue
        item = f'{{"store": "{bucket.store}", "secret_key": "{bucket.secret_key}"}}'
        known, first = access.setdefault(path, (item, entry.name))
        if known != item:
            message = f"the entries {first} and {entry.name} are the same bucket, but with different keys or Secrets"
            wrong.append((message, JSON_REMEDY))
    for name, (entry, bucket, key) in sources.items():
        if bucket.key_file:
            _add_file(resolution, entry, bucket)
            continue
        reference: dict[str, Value] = {"name": bucket.secret, "key": key}
        if bucket.in_variables and name in VARIABLES[bucket.store][1]:
            reference["optional"] = True
        resolution.env.append({"name": name, "valueFrom": {"secretKeyRef": reference}})
    if access:
        value = "{" + ", ".join(f'"{path}": {item}' for path, (item, _) in access.items()) + "}"
        resolution.env += [{"name": name, "value": value} for name in ACCESS_VARIABLES]
    return wrong


def _variables(bucket: Bucket) -> dict[str, str]:
    """Return a dict of the variables that a bucket sets -> the keys of its Secret."""
    if bucket.key_file:
        return {FILE_VARIABLE: bucket.secret_key}
    if bucket.in_variables:
        return {name: name for names in VARIABLES.get(bucket.store, ()) for name in names}
    return {bucket.secret_key: bucket.secret_key}


def _find_clashes(sources: dict[str, tuple[Entry, Bucket, str]], entry: Entry, bucket: Bucket) -> list[tuple[str, str]]:
    """Add the variables of a bucket to ``sources``. Return an error for each entry with other values for them."""
    clashes: dict[tuple[str, str], list[str]] = {}  # the other entry, and from where -> names of variables
    remedy = JSON_REMEDY
    for name, key in _variables(bucket).items():
        first, other, its_key = sources.setdefault(name, (entry, bucket, key))
        if (other.secret, its_key) == (bucket.secret, key):
            continue
        where = f"from different Secrets ({other.secret} and {bucket.secret})"
        if other.secret == bucket.secret:
            where = f"from different keys ({its_key} and {key}) of the Secret {bucket.secret}"
        clashes.setdefault((first.name, where), []).append(name)
        if bucket.in_variables or other.in_variables:
            remedy = VARIABLES_REMEDY
    wrong = []
    for (other_entry, where), names in clashes.items():
        words = f"variable{'s' * (len(names) > 1)} ({', '.join(names)})"
        wrong.append((f"the entries {other_entry} and {entry.name} set the same {words} {where}", remedy))
    return wrong


def _add_file(resolution: Resolution, entry: Entry, bucket: Bucket) -> None:
    """Mount only the key with the file, not the whole Secret. The volume has the name of the entry, as others have."""
    path = f"{FILES_MOUNT}/{entry.name}"
    key = bucket.secret_key
    source: dict[str, Value] = {"secretName": bucket.secret, "items": [{"key": key, "path": key}]}
    resolution.volumes.append({"name": entry.name, "secret": source})
    fields: dict[str, Value] = {"name": entry.name, "mountPath": path, "readOnly": True}
    resolution.mounts.append(Mount(entry, fields, "credentials"))
    resolution.env.append({"name": FILE_VARIABLE, "value": f"{path}/{key}"})
