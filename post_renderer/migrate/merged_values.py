"""Answers questions about the values that Helm makes of all values files of the user, for the migration of one file.

A rule for one file must not ask only the file: a key of another file has the same effect as a key of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from post_renderer.catalog.entry import OUTPUTS
from post_renderer.migrate.default_outputs import find_default, find_defaults_to_write, find_perhaps_first
from post_renderer.migrate.tables import (
    CLAIM_KEYS,
    ENTRY_KEYS,
    MADE_CLAIM,
    OWN_VOLUMES,
    RUN_DEFAULTS,
    SERVICES,
    TODAY,
)
from post_renderer.migrate.value_layers import ROLES, as_mapping, is_single, merge, name_single, without_nulls
from post_renderer.migrate.volume_names import new_name
from post_renderer.yamltree.node import is_number, read_bool
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from post_renderer.migrate.value_layers import Layer
    from post_renderer.yamltree.node import Value

    Volume = dict[str, Value]  # the keys of a volume that have a value


# Keys that the single volume may lack, and the keys that have the same purpose.
SAME_PURPOSE = {
    "mountPath": ("mountPath", "store"),
    **dict.fromkeys(("existingClaim", "hostPath"), ("existingClaim", "hostPath", "store", "name")),
}
WHOLE = ("mountPath", "store", "bucket")  # a volume has one of these keys in one of the files


class Claim(NamedTuple):
    """A claim that Polyaxon's chart made on its own file server."""

    name: str
    mount_path: str


class MergedValues:
    """All values files together, in the order in which Helm merges them.

    ``tree``: the merged values of ``persistence`` and ``nfsProvisioner``. A single volume has the name of its role.
    ``volumes``: data and outputs -> the new name of a volume -> its keys.
    ``lacking``: data and outputs -> the keys that a single volume lacks, with the values that Polyaxon's chart used.
    They are in ``volumes``, too.
    """

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = layers
        self._before = dict(zip(layers, ["", *layers], strict=False))  # path -> path of the file before it
        self._named = {path: {role: _by_new_name(layer, role) for role in ROLES} for path, layer in layers.items()}
        self._wholes = {role: self._find_wholes(role) for role in ROLES}
        self._until: dict[str, Value] = {"": None}
        persistence: Value = None
        nfs: Value = None
        for path, layer in layers.items():
            if "persistence" in layer.names:
                persistence = merge(persistence, self._with_one_name(name_single(layer.persistence)))
            self._until[path] = persistence
            if "nfsProvisioner" in layer.names:
                nfs = merge(nfs, layer.nfs)
        self.tree = as_mapping(without_nulls({"persistence": persistence, "nfsProvisioner": nfs}))
        self._volumes_until: dict[tuple[str, str], dict[str, Volume]] = {}
        self.volumes = {role: _read_volumes(self.persistence().get(role)) for role in ROLES}
        self.lacking = {role: self._find_lacking(role) for role in ROLES}
        self._defaults = find_defaults_to_write(layers, self._until)
        self._claims = self._find_claims()

    def persistence(self) -> dict[str, Value]:
        return as_mapping(self.tree.get("persistence"))

    def _with_one_name(self, persistence: Value) -> Value:
        """Return ``persistence`` with one old name for each new name.

        A file may already be migrated, so that another one has keys of the same volume under its old name.
        """
        if not isinstance(persistence, dict):
            return persistence
        named: dict[str, Value] = {}
        for role in ROLES:
            if isinstance(entries := persistence.get(role), dict):
                wholes = self._wholes[role]
                named[role] = {wholes.get(new_name(name), [name])[-1]: entry for name, entry in entries.items()}
        return persistence | named

    def _find_wholes(self, role: str) -> dict[str, list[str]]:
        """Return new name -> old names of the volumes that are no mere keys of a volume of another file."""
        found: dict[str, list[str]] = {}
        for named in self._named.values():
            for new, entries in named[role].items():
                names = [name for name, entry in entries.items() if not _filled(entry).keys().isdisjoint(WHOLE)]
                if names:
                    found[new] = sorted({*found.get(new, ()), *names})
        return found

    def _find_lacking(self, role: str) -> dict[str, str]:
        lacking = self.find_lacking(role, self.volume(role, role)) if self.is_single(role) else {}
        if lacking:
            self.volumes[role].setdefault(role, {}).update(lacking)
        return lacking

    def find_lacking(self, role: str, keys: Collection[str]) -> dict[str, str]:
        """Return the keys that a single volume with certain keys lacks, with the values that Polyaxon's chart used."""
        defaults = {"mountPath": f"/{role}", **self._default_source(role)}
        return {key: text for key, text in defaults.items() if not any(name in keys for name in SAME_PURPOSE[key])}

    def _default_source(self, role: str) -> dict[str, str]:
        """Return the source of a single volume without one.

        It was the claim on the file server. If the values switch the file server off, it was the directory of the node
        with the path of the volume. The first charts had no file server, but claims of these names.
        """
        nfs = as_mapping(self.tree.get("nfsProvisioner"))
        if nfs and not self.is_nfs():
            return {"hostPath": str(self.volume(role, role).get("mountPath") or f"/{role}")}
        return {"existingClaim": self._made_claim(role)}

    def _made_claim(self, role: str) -> str:
        """Return the name of the claim that Polyaxon's chart made."""
        nfs = as_mapping(self.tree.get("nfsProvisioner"))
        return str(as_mapping(as_mapping(nfs.get("pvc")).get(role)).get("name") or MADE_CLAIM.format(role=role))

    def volume(self, role: str, name: str) -> Volume:
        """Return the keys of a volume. ``name``: its old or its new name."""
        return self.volumes[role].get(new_name(name), {})

    def volume_until(self, path: str, role: str, name: str) -> Volume:
        """Return the keys that a volume has in the files up to this one. A command may lack the later files."""
        if (path, role) not in self._volumes_until:
            entries = as_mapping(self._until.get(path)).get(role)
            self._volumes_until[path, role] = _read_volumes(without_nulls(entries))
        return self._volumes_until[path, role].get(new_name(name), {})

    def volumes_before(self, path: str, role: str, name: str) -> list[Volume]:
        """Return the keys that a volume has in the first file, in the first two, and so on, without this file."""
        found: list[Volume] = []
        while path := self._before.get(path, ""):
            found.insert(0, self.volume_until(path, role, name))
        return found

    def own_volume(self, path: str, role: str, name: str) -> Volume:
        """Return the keys that a volume has in one file."""
        entries = self._named[path][role].get(new_name(name), {}) if path in self._named else {}
        return _filled({key: value for entry in entries.values() for key, value in as_mapping(entry).items()})

    def default_for(self, path: str) -> str | None:
        """Return the name that the file must have as ``defaultOutputs``: an empty text is null, None is no key."""
        return self._defaults.get(path)

    def find_perhaps_first(self, path: str, *, is_changed: bool) -> tuple[str, str]:
        """Return an outputs volume of a file that Polyaxon may have used, and the default of the files before it.

        The two texts may be empty.
        """
        if path not in self.layers:  # a polyaxonfile
            return "", ""
        before = self._until[self._before[path]]
        return find_perhaps_first(before, self.layers[path], is_changed=is_changed), find_default(before)

    def default_until(self, path: str) -> str:
        """Return the new name of the default outputs volume of the files up to this one, or an empty text."""
        return find_default(self._until[path])

    def is_nfs(self) -> bool:
        """Return whether Polyaxon's chart made claims on its file server. Any text is true for Helm, also "false"."""
        enabled = as_mapping(self.tree.get("nfsProvisioner")).get("enabled")
        if isinstance(enabled, PlainScalar) and is_number(enabled):
            return any(digit in enabled for digit in "123456789")
        if isinstance(enabled, PlainScalar) and read_bool(enabled) is not None:
            return read_bool(enabled) is True
        return bool(enabled)

    def _find_claims(self) -> dict[str, dict[str, Claim]]:
        """Return path -> role -> claim that becomes a volume of this file.

        This is the last file that has the role, perhaps with null. In an earlier file, that null would remove it.
        """
        found: dict[str, dict[str, Claim]] = {}
        claims = as_mapping(as_mapping(self.tree.get("nfsProvisioner")).get("pvc"))
        for role in ROLES if self.is_nfs() else ():
            holders = [path for path, layer in self.layers.items() if role in as_mapping(layer.persistence)]
            if self.persistence().get(role) or not (role in claims or holders):
                continue
            if not holders:
                holders = [path for path, layer in self.layers.items() if "nfsProvisioner" in layer.names]
            claim = as_mapping(claims.get(role))
            found.setdefault(holders[-1], {})[role] = Claim(
                self._made_claim(role), str(claim.get("mountPath") or f"/{role}")
            )
        return found

    def claims_for(self, path: str) -> dict[str, Claim]:
        return self._claims.get(path, {})

    def is_without(self, role: str) -> bool:
        """Return whether runs had no volume for data or outputs but the directory of the node that Polyaxon made."""
        is_extra = role != OUTPUTS and self.persistence().get("extra")
        return not (self.persistence().get(role) or is_extra or any(role in claims for claims in self._claims.values()))

    def find_other(self, path: str, role: str, name: str, keys: Collection[str]) -> str:
        """Return the path of another file in which a volume has one of the keys, or an empty text."""
        for other, named in self._named.items():
            volumes = named[role].get(new_name(name), {}).values() if other != path else ()
            if any(key in _filled(volume) for key in keys for volume in volumes):
                return other
        return ""

    def find_extra(self, path: str) -> str:
        """Return the path of another file with ``persistence.extra``, or an empty text."""
        others = (other for other, layer in self.layers.items() if "extra" in as_mapping(layer.persistence))
        return next((other for other in others if other != path), "")

    def is_shared(self, path: str, role: str, name: str) -> bool:
        """Return whether another volume, of this file or of another one, becomes the name that ``name`` becomes.

        Without a path and a bucket, an entry of another file is no volume, but has keys of one.
        """
        own = self._named[path][role] if path in self._named else {}
        return any(len(names.get(new_name(name), ())) > 1 for names in (own, self._wholes[role]))

    def is_last(self, path: str, role: str, name: str) -> bool:
        """Return whether a file is the last one with keys of a volume."""
        paths = [
            other
            for other, named in self._named.items()
            if any(as_mapping(entry) for entry in named[role].get(new_name(name), {}).values())
        ]
        return paths[-1:] == [path]

    def holders(self, role: str, name: str) -> list[str]:
        """Return the paths of the files that have a volume, perhaps with null."""
        return [path for path, named in self._named.items() if new_name(name) in named[role]]

    def has_role(self, role: str) -> bool:
        """Return whether one of the files has data or outputs, perhaps with null."""
        return any(role in as_mapping(layer.persistence) for layer in self.layers.values())

    def is_single(self, role: str) -> bool:
        """Return whether one of the files has a single volume without a name."""
        return any(is_single(as_mapping(layer.persistence).get(role)) for layer in self.layers.values())

    def is_first_single(self, path: str, role: str) -> bool:
        """Return whether a file is the first one with a single volume without a name."""
        paths = (other for other, layer in self.layers.items() if is_single(as_mapping(layer.persistence).get(role)))
        return next(paths, path) == path

    def is_first(self, path: str) -> bool:
        """Return whether a file is the first one with ``persistence``, or the first one if no file has it."""
        paths = [other for other, layer in self.layers.items() if "persistence" in layer.names] or list(self.layers)
        return paths[:1] == [path]

    def is_polyaxon(self) -> bool:
        """Return whether one of the files has keys that only Polyaxon's chart has."""
        return any(map(_is_polyaxon, self.layers.values()))

    def is_today(self) -> bool:
        """Return whether one of the files has keys that only this chart has."""
        return any(map(_is_today, self.layers.values()))


def _filled(entry: Value) -> Volume:
    return {key: value for key, value in as_mapping(entry).items() if value is not None and value != ""}


def _read_volumes(entries: Value) -> dict[str, Volume]:
    """Return new name -> keys."""
    return {new_name(name): _filled(entry) for name, entry in as_mapping(entries).items() if isinstance(entry, dict)}


def _role(layer: Layer, role: str) -> Value:
    return as_mapping(name_single(layer.persistence)).get(role)


def _by_new_name(layer: Layer, role: str) -> dict[str, dict[str, Value]]:
    """Return new name -> old name -> entry."""
    found: dict[str, dict[str, Value]] = {}
    for name, entry in as_mapping(_role(layer, role)).items():
        found.setdefault(new_name(name), {})[name] = entry
    return found


def _is_polyaxon(layer: Layer) -> bool:
    persistence = as_mapping(layer.persistence)
    if not layer.names.isdisjoint({*RUN_DEFAULTS, *SERVICES}) or not persistence.keys().isdisjoint(
        (*OWN_VOLUMES, "extra")
    ):
        return True
    entries = [(name, entry) for role in ROLES for name, entry in as_mapping(_role(layer, role)).items()]
    return any(is_single(persistence.get(role)) for role in ROLES) or any(
        new_name(name) != name or not as_mapping(entry).keys().isdisjoint(CLAIM_KEYS) for name, entry in entries
    )


def _is_today(layer: Layer) -> bool:
    if not layer.names.isdisjoint(TODAY[1:]):
        return True
    persistence = as_mapping(layer.persistence)
    entries = [entry for role in ROLES for entry in as_mapping(_role(layer, role)).values()]
    return not persistence.keys() <= {*ROLES, *OWN_VOLUMES, "extra"} or any(
        not as_mapping(entry).keys() <= ENTRY_KEYS for entry in entries
    )
