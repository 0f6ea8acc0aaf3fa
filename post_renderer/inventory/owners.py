"""Finds which controllers created an object of the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.yamltree import get_mapping_value
from post_renderer.yamltree.node import scalar_text

if TYPE_CHECKING:
    from post_renderer.yamltree.node import Node


def find_owners(metadata: Node | None, namespace: str) -> tuple[str, ...]:
    """Return the uid of the controller; for a pod of a Deployment also the Deployment.

    Between the two is a ReplicaSet, which is seldom in the input. Kubernetes names it after the Deployment and the hash
    of the pod template, and writes this hash into a label of the pod.
    """
    owners = get_mapping_value(metadata, "ownerReferences")
    found = [owner for owner in owners.items() if _text(owner, "controller") == "true"] if owners else []
    if not found:
        return ()
    name = _text(found[0], "name")
    template = _text(get_mapping_value(metadata, "labels"), "pod-template-hash")
    if _text(found[0], "kind") != "ReplicaSet" or not template or not name.endswith(f"-{template}"):
        return (_text(found[0], "uid"),)
    return _text(found[0], "uid"), deployment_key(namespace, name.removesuffix(f"-{template}"))


def deployment_key(namespace: str, name: str) -> str:
    return f"Deployment/{namespace}/{name}"


def _text(node: Node | None, key: str) -> str:
    return scalar_text(get_mapping_value(node, key)) or ""
