"""Answers questions about the values that Helm makes of all values files of the user, for the migration of one file.

A rule for one file must not ask only the file: a key of another file has the same effect as a key of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.migrate.default_outputs import find_default, find_defaults_to_write, find_perhaps_first
from post_renderer.migrate.made_claims import find_made_claims, is_server_on, read_claim
from post_renderer.migrate.tables import (
    CLAIM_KEYS,
    ENTRY_KEYS,
    OWN_VOLUMES,
    RUN_DEFAULTS,
    SERVICES,
    TODAY,
)
from post_renderer.migrate.value_layers import ROLES, as_mapping, is_single, merge, name_single, without_nulls
from post_renderer.migrate.volume_names import new_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from post_renderer.migrate.made_claims import Claim, Doubt
    from post_renderer.migrate.value_layers import Layer
    from post_renderer.yamltree.node import Value

    Volume = dict[str, Value]  # the keys of a volume that have a value


# Keys that the single volume may lack, and the keys that have the same purpose.
SAME_PURPOSE = {
    "mountPath": ("mountPath", "store"),
    **dict.fromkeys(("existingClaim", "hostPath"), ("existingClaim", "hostPath", "store", "name")),
}
WHOLE = ("mountPath", "store", "bucket")  # a volume has one of these keys in one of the files


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
        self._nfs_until: dict[str, Value] = {}
        persistence: Value = None
        nfs: Value = None
        for path, layer in layers.items():
            if "persistence" in layer.names:
                persistence = merge(persistence, self._with_one_name(name_single(layer.persistence)))
            self._until[path] = persistence
            if "nfsProvisioner" in layer.names:
                nfs = merge(nfs, layer.nfs)
            self._nfs_until[path] = nfs
        self.tree = as_mapping(without_nulls({"persistence": persistence, "nfsProvisioner": nfs}))
        self._volumes_until: dict[tuple[str, str], dict[str, Volume]] = {}
        self.volumes = {role: self._read_volumes(role, self.persistence().get(role)) for role in ROLES}
        self.lacking = {role: self._find_lacking(role) for role in ROLES}
        self._defaults = find_defaults_to_write(layers, self._until)
        self._made = find_made_claims(layers, self._until, self._nfs_until)

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

    def _read_volumes(self, role: str, entries: Value) -> dict[str, Volume]:
        """Return new name -> keys, without ``name`` if it was not the claim of the volume."""
        volumes = {
            new_name(name): _filled(entry) for name, entry in as_mapping(entries).items() if isinstance(entry, dict)
        }
        for name, volume in volumes.items():
            if not (name == role and self.has_claim_name(role)):
                volume.pop("name", None)
        return volumes

    def has_claim_name(self, role: str) -> bool:
        """Return whether ``name`` was the claim of a single volume without another source.

        It was the claim on the file server. Beside a claim for data, it was also the claim of outputs.
        """
        return self.is_single(role) and (self.is_nfs() or (role == OUTPUTS and self._has_data_claim(self.tree)))

    def _has_data_claim(self, tree: Value) -> bool:
        persistence = as_mapping(as_mapping(tree).get("persistence"))
        return self.is_single(DATA) and bool(_filled(as_mapping(persistence.get(DATA)).get(DATA)).get("existingClaim"))

    def changes_source(self, path: str, role: str) -> bool:
        """Return whether a file gives a single volume of an earlier file another source, without naming this source."""
        paths = list(self.layers)
        before = paths[: paths.index(path)] if path in paths else []
        keys = {key for key in self.volume(role, role) if key not in self.lacking[role]}
        if not keys.isdisjoint(("existingClaim", "hostPath", "store")):
            return False
        is_later = any(is_single(as_mapping(self.layers[other].persistence).get(role)) for other in before)
        return is_later and self._had_claim(before[-1], role) != self._had_claim(path, role)

    def _had_claim(self, path: str, role: str) -> bool:
        """Return whether a single volume without a source was a claim in the files up to this one."""
        tree = {"persistence": self._until[path]}
        return is_server_on(self._nfs_until[path]) or (role == OUTPUTS and self._has_data_claim(tree))

    def has_two_sources(self) -> bool:
        """Return whether the versions of Polyaxon disagree about the source of a single outputs volume."""
        return "hostPath" in self.lacking[OUTPUTS] and self._has_data_claim(self.tree)

    def is_claim_of_services(self) -> bool:
        """Return whether some versions of Polyaxon did not give runs the claim of a single outputs volume."""
        has_names = self.persistence().get(DATA) and not self.is_single(DATA)
        has_claim = self.is_single(OUTPUTS) and "existingClaim" in self.volume(OUTPUTS, OUTPUTS)
        return has_claim and not (has_names or self.is_nfs() or self._has_data_claim(self.tree))

    def _find_lacking(self, role: str) -> dict[str, str]:
        volume = self.volume(role, role)
        lacking = self._find_defaults(role, volume, volume) if self.is_single(role) else {}
        if lacking:
            self.volumes[role].setdefault(role, {}).update(lacking)
        return lacking

    def find_lacking(self, path: str, role: str, keys: Collection[str]) -> dict[str, str]:
        """Return the keys that a single volume lacks in a file, with the values that Polyaxon's chart used.

        ``keys``: the keys that it has there.
        """
        return self._find_defaults(role, keys, self.volume_until(path, role, role))

    def _find_defaults(self, role: str, keys: Collection[str], volume: Volume) -> dict[str, str]:
        """Return the keys that are not among ``keys``.

        The source of ``volume`` was the claim on the file server. Without that server, it was the directory of the node
        with the path of the volume.
        """
        known = [key for key in keys if key != "name" or self.has_claim_name(role)]
        defaults = {"mountPath": f"/{role}"}
        if self.is_nfs():
            defaults["existingClaim"] = read_claim(self.tree.get("nfsProvisioner"), role).name
        else:
            defaults["hostPath"] = str(volume.get("mountPath") or f"/{role}")
        return {key: text for key, text in defaults.items() if not any(name in known for name in SAME_PURPOSE[key])}

    def volume(self, role: str, name: str) -> Volume:
        """Return the keys of a volume. ``name``: its old or its new name."""
        return self.volumes[role].get(new_name(name), {})

    def volume_until(self, path: str, role: str, name: str) -> Volume:
        """Return the keys that a volume has in the files up to this one. A command may lack the later files."""
        if (path, role) not in self._volumes_until:
            entries = as_mapping(self._until.get(path)).get(role)
            self._volumes_until[path, role] = self._read_volumes(role, without_nulls(entries))
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
        return is_server_on(self.tree.get("nfsProvisioner"))

    def claims_for(self, path: str) -> dict[str, Claim]:
        """Return role -> claim of the file server that becomes a volume of this file."""
        return self._made.new.get(path, {})

    def find_doubts(self, path: str) -> list[Doubt]:
        return self._made.doubts.get(path, [])

    def is_without(self, role: str) -> bool:
        """Return whether runs had no volume for data or outputs but the directory of the node that Polyaxon made."""
        is_extra = role != OUTPUTS and self.persistence().get("extra")
        has_default = any(as_mapping(layer.defaults).get(role) for layer in self.layers.values())
        return not (self.persistence().get(role) or is_extra or self.is_nfs() or has_default)

    def uses_defaults(self, path: str) -> bool:
        """Return whether runs had a volume of the file's ``defaultPersistence`` with the files up to this one."""
        if path not in self.layers:
            return False  # a run, which was a polyaxonfile
        persistence = as_mapping(without_nulls(self._until[path]))
        roles = [role for role in ROLES if as_mapping(self.layers[path].defaults).get(role)]
        return not is_server_on(self._nfs_until[path]) and any(not persistence.get(role) for role in roles)

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
