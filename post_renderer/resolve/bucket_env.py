"""Adds the variables with the credentials for the buckets of a run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.catalog.entry import Entry
    from post_renderer.yamltree.node import Value

# Polyaxon's libraries read these names: polyaxon-client up to 0.4 the first, polystores later the second.
ACCESS_VARIABLES = ("POLYAXON_RUN_STORES_ACCESS_KEYS", "POLYSTORES_RUN_STORES_ACCESS_KEYS")


def add_access(env: list[dict[str, Value]], reached: Iterable[tuple[str, Entry]]) -> list[str]:
    """Append the variables with the credentials of buckets to ``env``, and return error messages.

    ``reached``: pairs of the path that the program gets, and the entry. The kubelet expands ``$(NAME)`` in the paths,
    and Polyaxon's libraries look for the expanded path.
    """
    secrets: dict[str, tuple[str, str]] = {}
    access: dict[str, tuple[str, str]] = {}
    wrong = []
    for path, entry in reached:
        bucket = entry.bucket
        if bucket is None or not bucket.secret:
            continue
        secret, first = secrets.setdefault(bucket.secret_key, (bucket.secret, entry.name))
        if secret != bucket.secret:
            wrong.append(
                f"the entries {first} and {entry.name} both set the variable {bucket.secret_key}, "
                f"from the Secrets {secret} and {bucket.secret}"
            )
        item = f'{{"store": "{bucket.store}", "secret_key": "{bucket.secret_key}"}}'
        known, first = access.setdefault(path, (item, entry.name))
        if known != item:
            wrong.append(
                f"the entries {first} and {entry.name} are the same bucket, but with different keys or Secrets"
            )
    for name, (secret, _) in secrets.items():
        env.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": name}}})
    if access:
        value = "{" + ", ".join(f'"{path}": {item}' for path, (item, _) in access.items()) + "}"
        env += [{"name": name, "value": value} for name in ACCESS_VARIABLES]
    return wrong
