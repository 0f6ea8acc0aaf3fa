"""Reads the values files that are migrated together as layers: in the order in which Helm merges them.

Aliases and merge keys are resolved, as Helm does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from post_renderer.catalog.entry import BUCKET_KEYS, DATA, OUTPUTS
from post_renderer.migrate.file_text import decode, join_surrogates
from post_renderer.migrate.pairs import is_merge
from post_renderer.migrate.polyaxonfile import is_polyaxonfile
from post_renderer.migrate.tables import ENTRY_KEYS, PROGRAM_KEYS
from post_renderer.problems import YamlError
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE, parse
from post_renderer.yamltree.node import follow_alias, read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value

ROLES = (DATA, OUTPUTS)
MERGED = ("persistence", "nfsProvisioner")  # the keys at the top that migrate reads of all values files together
NODES_LIMIT = 300_000  # of one file, with its aliases: reading them takes about half a second
TEXT_LIMIT = 8 << 20  # characters of all values of one file, with its aliases
DEEPEST = 150  # levels
READ = ("persistence", "nfsProvisioner", "defaultPersistence")
# A null is a key of a single volume without a name only if nobody calls a volume so. Else it removes a volume.
NO_VOLUMES = frozenset(("mountPath", "hostPath", "existingClaim", "readOnly", "subPath", "accessMode", "secretKey"))

UNUSED = frozenset(("hostPath", *BUCKET_KEYS))  # the first charts did not read these keys of the single volume


class Layer(NamedTuple):
    """What a values file has.

    ``names``: its top-level keys. ``persistence``, ``nfs``, ``defaults``: the values of ``persistence``,
    ``nfsProvisioner`` and ``defaultPersistence``, as they are. ``programs``: the names of its runs that have a program.
    """

    names: frozenset[str]
    persistence: Value
    nfs: Value
    defaults: Value
    programs: frozenset[str]


def read_layers(raws: Mapping[str, bytes]) -> dict[str, Layer]:
    """Return path -> layer for all values files. A file that can't be read is absent: ``MigratedFile`` reports it."""
    layers = {}
    for path, raw in raws.items():
        try:
            root = parse(join_surrogates(decode(raw).removeprefix("\ufeff")), full=True)
            if (root.kind == MAPPING and not is_polyaxonfile(root)) or root.is_null():
                layers[path] = _read_layer(root)
        except YamlError:
            continue
    return layers


def _read_layer(root: Node) -> Layer:
    reader = _Reader()
    top = reader.pairs(root)
    runs = as_mapping(reader.read(top["runs"]) if "runs" in top else None)
    persistence, nfs, defaults = (reader.read(top[name]) if name in top else None for name in READ)
    return Layer(
        frozenset(top),
        persistence,
        nfs,
        defaults,
        frozenset(name for name, values in runs.items() if any(as_mapping(values).get(key) for key in PROGRAM_KEYS)),
    )


def read_resolved(root: Node) -> dict[str, Value]:
    """Return the values of a file without aliases and merge keys. Raises YamlError."""
    reader = _Reader()
    return {name: reader.read(node) for name, node in reader.pairs(root).items()}


class _Reader:
    """Reads values through aliases and merge keys. Raises YamlError if the aliases expand to too many nodes."""

    def __init__(self) -> None:
        self._left = NODES_LIMIT
        self._characters = TEXT_LIMIT

    def read(self, node: Node, depth: int = 0) -> Value:
        self._spend(node, depth)
        if node.kind == ALIAS:
            return self.read(node.target, depth + 1)
        if node.kind == SEQUENCE:
            return [self.read(item, depth + 1) for item in node.children]
        if node.kind == MAPPING:
            return {name: self.read(value, depth + 1) for name, value in self.pairs(node, depth).items()}
        return read_values(node)

    def pairs(self, node: Node, depth: int = 0) -> dict[str, Node]:
        """Return the values of a mapping by name, also those that merge keys add; {} for another node."""
        merged: dict[str, Node] = {}
        own: dict[str, Node] = {}
        for key, value in node.pairs() if node.kind == MAPPING else ():
            if key.kind == SCALAR and is_merge(key):
                source = follow_alias(value)
                for mapping in reversed(source.children if source.kind == SEQUENCE else [source]):
                    self._spend(mapping, depth)
                    merged |= self.pairs(follow_alias(mapping), depth + 1)
            elif key.kind == SCALAR:
                own[key.text] = value
        return merged | own

    def _spend(self, node: Node, depth: int) -> None:
        self._left -= 1
        self._characters -= len(node.text) if node.kind == SCALAR else 0
        if self._left < 0 or self._characters < 0 or depth > DEEPEST:
            raise YamlError("alias", node.start, "the aliases of the file are too large", "write the values instead")


def as_mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def is_single(entries: Value) -> bool:
    """Return whether ``persistence.data`` or ``.outputs`` is the one volume without a name of the first charts."""
    return any(
        name in (NO_VOLUMES if value is None else ENTRY_KEYS) and not isinstance(value, dict | list)
        for name, value in as_mapping(entries).items()
    )


def name_single(persistence: Value) -> Value:
    """Return ``persistence`` with the name of the role for a single volume. Later charts gave it this name.

    Without the keys that the first charts did not read.
    """
    if not isinstance(persistence, dict):
        return persistence
    named: dict[str, Value] = {}
    for role in ROLES:
        if is_single(entries := persistence.get(role)):
            keys = {key: value for key, value in as_mapping(entries).items() if key not in UNUSED}
            named[role] = {role: keys}
    return persistence | named


def merge(base: Value, over: Value) -> Value:
    """Merge values as Helm merges values files. Null replaces a value, as any value that is not a mapping does."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return base | {key: merge(base[key], value) if key in base else value for key, value in over.items()}


def without_nulls(value: Value) -> Value:
    """Return values without the keys that are null, which Helm removes after the merge."""
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(item) for key, item in value.items() if item is not None}
