"""Finds definitions of volumes in a polyaxonfile. They belong in the values, and a polyaxonfile names the volumes."""

from __future__ import annotations

from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node

MESSAGE = "a volume is defined here, but a polyaxonfile can only name volumes"
HINT = (
    "move it into the values, to persistence.data.NAME or persistence.outputs.NAME, "
    "and write environment: {persistence: {data: [NAME], outputs: NAME}}"
)
# Keys of an entry of the catalog. A key of several meanings (description, name) is missing.
ENTRY_KEYS = frozenset(
    """mountPath hostPath existingClaim volumeSource create hostPathType readOnly subPath accessModes accessMode store
    bucket secret secretKey credentials createRunFolder size storageClass""".split()
)
# Keys of the catalog, of today and of Polyaxon, beside the volumes.
CATALOG_KEYS = frozenset(
    "defaultData defaultOutputs outputsSelection runFolder isolateRuns workloads extra logs repos upload".split()
)


def find_definition(persistence: Node) -> Node | None:
    """Return the first node below ``persistence`` that defines a volume; None if there is none.

    ``persistence`` may have entry keys itself, or a mapping under ``data`` or ``outputs``, or a list of mappings there.
    """
    if persistence.kind != MAPPING:
        return None
    for key, value in persistence.pairs():
        if (
            key.text in ENTRY_KEYS
            or key.text in CATALOG_KEYS
            or (key.text in ("data", "outputs") and is_definition(value))
        ):
            return key
    return None


def is_definition(node: Node) -> bool:
    """Return whether the value of ``data`` or ``outputs`` defines volumes."""
    if node.kind == SEQUENCE:
        return any(item.kind == MAPPING and is_definition(item) for item in node.items())
    if node.kind != MAPPING:
        return False
    # Either the keys of one volume, or names of volumes with their keys.
    return any(key.kind == SCALAR and (key.text in ENTRY_KEYS or _is_entry(value)) for key, value in node.pairs())


def _is_entry(node: Node) -> bool:
    """Return whether a node has keys of an entry, or is the path of a directory."""
    if node.kind != MAPPING:
        return node.kind == SCALAR and node.text.startswith("/")
    return any(key.text in ENTRY_KEYS for key, _ in node.pairs())
