"""Joins the objects of all inputs: each object once, and what a controller made as a part of its controller.

Two files can have one object with other volumes: the cluster and a manifest, or the cluster at two times. And a pod can
have volumes that its controller no longer has, or never had. No use of a storage may get lost in this.
"""

from __future__ import annotations

from post_renderer.inventory.owners import deployment_key
from post_renderer.inventory.pod_usage import CLAIM
from post_renderer.inventory.pod_values import NUMBER

DIGITS = "0123456789"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.inventory.objects import FoundObject
    from post_renderer.inventory.pod_usage import PodUsage, Storage, Use


def find_distinct(objects: Iterable[FoundObject]) -> list[FoundObject]:
    """Return each object once. An object of the cluster also has the uses that it has only in a manifest.

    An object whose controller is in the input has only those uses that its controller does not have. If none are left,
    it is left out.
    """
    distinct: dict[object, FoundObject] = {}
    for number, item in enumerate(objects):
        place = item.namespace or item.source.number  # the unknown namespaces of two inputs can be different
        key = (item.kind, item.is_job, place, item.name, item.release) if item.name else number
        distinct[key] = _join(distinct[key], item) if key in distinct else item
    found = list(distinct.values())
    controllers = _find_controllers(found)
    return [left for item in found if (left := _without_shared(item, controllers))]


def expand_claims(objects: Iterable[FoundObject], claim: str) -> list[FoundObject]:
    """Give each StatefulSet the claims of the input that are named like those it makes for its pods.

    ``claim``: the name of the claim that the user asks for, or empty. It can be in any namespace.
    """
    objects = list(objects)
    claims = {use.storage for item in objects for use in item.uses() if use.storage.type == CLAIM}
    claims |= {one._replace(name=claim) for one in claims if claim}
    numbered: dict[Storage, list[Storage]] = {}  # the storage that a template gives -> the claims with a number
    for one in sorted(claims):
        prefix = one.name.rstrip(DIGITS)
        if prefix != one.name:
            numbered.setdefault(one._replace(name=prefix + NUMBER), []).append(one)
    return [
        item._replace(usages=[_expand_usage(usage, numbered) for usage in item.usages]) if item.usages else item
        for item in objects
    ]


def _expand_usage(usage: PodUsage, numbered: dict[Storage, list[Storage]]) -> PodUsage:
    uses = [use._replace(storage=one) for use in usage.uses for one in numbered.get(use.storage, [use.storage])]
    return usage._replace(uses=uses)


def _join(first: FoundObject, second: FoundObject) -> FoundObject:
    main, other = (second, first) if second.uid and not first.uid else (first, second)
    return main._replace(usages=[*main.usages, *_find_other_usages(other, [main])])


def _find_controllers(objects: list[FoundObject]) -> dict[str, list[FoundObject]]:
    """Return the objects of the cluster by what names them in ``owners`` of the objects that they create."""
    found: dict[str, list[FoundObject]] = {}
    for item in objects:
        if item.uid:
            found.setdefault(item.uid, []).append(item)
        if item.uid and item.kind == "Deployment":
            found.setdefault(deployment_key(item.namespace, item.name), []).append(item)
    return found


def _without_shared(item: FoundObject, controllers: dict[str, list[FoundObject]]) -> FoundObject | None:
    own = [one for owner in item.owners for one in controllers.get(owner, ())]
    if not own:
        return item
    usages = _find_other_usages(item, own)
    return item._replace(usages=usages) if usages else None


def _find_other_usages(item: FoundObject, others: list[FoundObject]) -> list[PodUsage]:
    """Return what an object uses and the others do not use, or only in a weaker way."""
    known: dict[Storage, int] = {}
    for use in (use for other in others for use in other.uses()):
        known[use.storage] = max(_strength(use), known.get(use.storage, 0))
    found: list[PodUsage] = []
    for usage in item.usages:
        uses = [use for use in usage.uses if _strength(use) > known.get(use.storage, -1)]
        storages = {use.storage for use in uses}
        results = usage.results if usage.results and usage.results[0] in storages else None
        found += [usage._replace(uses=uses, results=results)] if uses else []
    return found


def _strength(use: Use) -> int:
    return 2 if use.writes else int(use.is_mounted)
