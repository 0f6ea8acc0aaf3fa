"""Finds which controllers and which release of Helm created an object of the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.yamltree import get_mapping_value
from post_renderer.yamltree.node import scalar_text

if TYPE_CHECKING:
    from post_renderer.yamltree.node import Node


HELM_NAME, HELM_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
# Charts often contain these kinds without a namespace. Another kind without one is in the namespace of its release.
GLOBAL_KINDS = frozenset(
    (group, kind)
    for group, kinds in {
        "": ("Namespace", "PersistentVolume"),
        "admissionregistration.k8s.io": (
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ),
        "apiextensions.k8s.io": ("CustomResourceDefinition",),
        "apiregistration.k8s.io": ("APIService",),
        "networking.k8s.io": ("IngressClass",),
        "node.k8s.io": ("RuntimeClass",),
        "rbac.authorization.k8s.io": ("ClusterRole", "ClusterRoleBinding"),
        "scheduling.k8s.io": ("PriorityClass",),
        "storage.k8s.io": ("CSIDriver", "StorageClass"),
    }.items()
    for kind in kinds
)


def read_helm_release(annotations: Node | None) -> tuple[str, str] | None:
    """Return the name and the namespace of the release. Helm writes both into each object that it installs."""
    name, namespace = _text(annotations, HELM_NAME), _text(annotations, HELM_NAMESPACE)
    return (name, namespace) if name and namespace else None


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
