"""Lists for each storage the objects that use it."""

from __future__ import annotations

from typing import NamedTuple

from post_renderer.inventory.distinct import expand_claims, find_distinct
from post_renderer.inventory.pod_usage import BUCKET, CLAIM, OUTPUTS, TYPES, Storage, Use

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.inventory.objects import FoundObject


class User(NamedTuple):
    """One object that uses a storage.

    ``uses``: what its pods do with each directory of the storage.
    ``results``: the directory of the storage that gets the results of the run; None if the storage gets none.
    """

    item: FoundObject
    uses: list[Use]
    results: str | None

    def writes(self) -> bool:
        return any(use.writes for use in self.uses)

    def access(self) -> str:
        if self.writes():
            return "writes"
        return "reads" if any(use.is_mounted for use in self.uses) else "unmounted"

    def directories(self) -> list[str]:
        """Return the directories that the object uses, sorted. The list is empty if it uses the whole storage."""
        found = {use.directory for use in self.uses}
        return [] if "" in found else sorted(found)


def list_users(objects: Iterable[FoundObject], claim: str = "") -> dict[Storage, list[User]]:
    """Return the users of each storage, sorted. Without ``claim``: only storage that at least one run uses.

    ``claim``: the name of a claim; only the claims with this name are listed, also if no run uses them.
    """
    objects = [item for item in find_distinct(expand_claims(objects, claim)) if item.usages]
    buckets = {use.storage.name for item in objects for use in item.uses() if use.storage.type == BUCKET and use.writes}
    found: dict[Storage, list[User]] = {}
    for item in objects:
        own: dict[Storage, list[Use]] = {}
        for use in item.uses():
            moved = _find_bucket(use, buckets)
            own.setdefault(moved.storage, []).append(moved)
        results = {usage.results[0]: usage.results[1] for usage in item.usages if usage.results}
        for storage, uses in own.items():
            found.setdefault(storage, []).append(User(item, list(dict.fromkeys(uses)), results.get(storage)))
    if claim:
        wanted = [storage for storage in found if (storage.type, storage.name) == (CLAIM, claim)]
    else:
        wanted = [storage for storage, users in found.items() if any(user.item.is_run for user in users)]
    wanted.sort(key=lambda storage: (TYPES.index(storage.type), storage.namespace, storage.name))
    return {storage: sorted(found[storage], key=_order) for storage in wanted}


def _find_bucket(use: Use, buckets: set[str]) -> Use:
    """Return the use of the results of another run with the bucket that contains them, if that bucket is known."""
    if use.storage.type != BUCKET or use.volume != OUTPUTS or use.writes:
        return use
    around = [name for name in buckets if use.storage.name.startswith(f"{name}/")]
    if not around:
        return use
    name = max(around, key=len)
    directory = "/".join(filter(None, (use.storage.name[len(name) + 1 :], use.directory)))
    return use._replace(storage=Storage(BUCKET, "", name), directory=directory)


def _order(user: User) -> tuple[str, ...]:
    return user.item.namespace, user.item.release, user.item.kind, user.item.name
