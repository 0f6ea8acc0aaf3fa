"""Answers questions about the values that Helm makes of all values files of the user, for the migration of one file.

A rule for one file must not ask only the file: a key of another file has the same effect as a key of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.migrate.default_outputs import (
    find_default,
    find_defaults_to_write,
    find_perhaps_first,
    find_uncertain_first,
)
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

    from post_renderer.migrate.made_claims import Claim, Doubt, MadeClaims
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

    A file may be used without the files behind it. So a rule for one file asks ``up_to`` of this file. Only errors and
    notices, and the keys that a file lacks because another file has them, are about all files.

    ``merged``, ``nfs``: the merged values of ``persistence`` and of ``nfsProvisioner``, with nulls.
    ``tree``: both of them, without nulls. A single volume has the name of its role.
    ``volumes``: data and outputs -> the new name of a volume -> its keys.
    ``lacking``: data and outputs -> the keys that a single volume lacks, with the values that Polyaxon's chart used.
    They are in ``volumes``, too.
    """

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = layers
        self._up_to: dict[str, MergedValues] = {}
        self._defaults: dict[str, str] | None = None
        self._made: MadeClaims | None = None
        self._named = {path: {role: _by_new_name(layer, role) for role in ROLES} for path, layer in layers.items()}
        self._wholes = {role: self._find_wholes(role) for role in ROLES}
        self.merged: Value = None
        self.nfs: Value = None
        for layer in layers.values():
            if "persistence" in layer.names:
                self.merged = merge(self.merged, self._with_one_name(name_single(layer.persistence)))
            if "nfsProvisioner" in layer.names:
                self.nfs = merge(self.nfs, layer.nfs)
        self.tree = as_mapping(without_nulls({"persistence": self.merged, "nfsProvisioner": self.nfs}))
        self.volumes = {role: self._read_volumes(role, self.persistence().get(role)) for role in ROLES}
        self.lacking = {role: self._find_lacking(role) for role in ROLES}

    def up_to(self, path: str) -> MergedValues:
        """Return the values of the files up to this one, in which ``layers`` has no later file.

        A polyaxonfile is no values file: then return all values.
        """
        paths = list(self.layers)
        if path not in self.layers or path == paths[-1]:
            return self
        if path not in self._up_to:
            self._up_to[path] = self.of(paths[: paths.index(path) + 1])
        return self._up_to[path]

    def before(self, path: str) -> list[MergedValues]:
        """Return the values of the first file, of the first two files, and so on, without this file."""
        paths = list(self.layers)
        return [self.up_to(other) for other in paths[: paths.index(path)]] if path in paths else []

    def of(self, paths: Collection[str]) -> MergedValues:
        """Return the values of some of the files."""
        return MergedValues({path: self.layers[path] for path in paths})

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
        return self.is_single(role) and (self.is_nfs() or (role == OUTPUTS and self._has_data_claim()))

    def _has_data_claim(self) -> bool:
        data = as_mapping(as_mapping(self.persistence().get(DATA)).get(DATA))
        return self.is_single(DATA) and bool(_filled(data).get("existingClaim"))

    def has_two_sources(self) -> bool:
        """Return whether the versions of Polyaxon disagree about the source of a single outputs volume."""
        return "hostPath" in self.lacking[OUTPUTS] and self._has_data_claim()

    def is_claim_of_services(self) -> bool:
        """Return whether some versions of Polyaxon did not give runs the claim of a single outputs volume."""
        has_names = self.persistence().get(DATA) and not self.is_single(DATA)
        has_claim = self.is_single(OUTPUTS) and "existingClaim" in self.volume(OUTPUTS, OUTPUTS)
        return has_claim and not (has_names or self.is_nfs() or self._has_data_claim())

    def _find_lacking(self, role: str) -> dict[str, str]:
        """Return the keys that a single volume lacks, with the values that Polyaxon's chart used.

        Its source was the claim on the file server. Without that server, it was the directory of the node with the path
        of the volume.
        """
        if not self.is_single(role):
            return {}
        volume = self.volumes[role].setdefault(role, {})
        defaults = {"mountPath": f"/{role}"}
        if self.is_nfs():
            defaults["existingClaim"] = read_claim(self.tree.get("nfsProvisioner"), role).name
        else:
            defaults["hostPath"] = str(volume.get("mountPath") or f"/{role}")
        lacking = {key: text for key, text in defaults.items() if volume.keys().isdisjoint(SAME_PURPOSE[key])}
        volume.update(lacking)
        return lacking

    def volume(self, role: str, name: str) -> Volume:
        """Return the keys of a volume. ``name``: its old or its new name."""
        return self.volumes[role].get(new_name(name), {})

    def own_volume(self, path: str, role: str, name: str) -> Volume:
        """Return the keys that a volume has in one file."""
        entries = self._named[path][role].get(new_name(name), {}) if path in self._named else {}
        return _filled({key: value for entry in entries.values() for key, value in as_mapping(entry).items()})

    def default_for(self, path: str) -> str | None:
        """Return the name that the file must have as ``defaultOutputs``: an empty text is null, None is no key."""
        if self._defaults is None:
            until = {path: self.up_to(path).merged for path in self.layers}
            self._defaults = find_defaults_to_write(self.layers, until)
        return self._defaults.get(path)

    def find_default(self) -> str:
        """Return the new name of the default outputs volume, or an empty text."""
        return find_default(self.merged)

    def find_perhaps_first(self, path: str, *, is_changed: bool) -> tuple[str, str]:
        """Return an outputs volume of a file that Polyaxon may have used, and the default of the files before it.

        The two texts may be empty.
        """
        before = self.before(path)
        if not before:  # a polyaxonfile, or the first file
            return "", ""
        name = find_perhaps_first(before[-1].merged, self.layers[path], is_changed=is_changed)
        return name, before[-1].find_default()

    def find_uncertain_first(self, path: str) -> tuple[str, str]:
        """Return an outputs volume of a file, and the default of the files before it, if their order is uncertain.

        The first text is empty if their old names can't have had another order.
        """
        before = self.before(path)
        name = find_uncertain_first(before[-1].merged, self.layers[path]) if before else ""
        return name, before[-1].find_default() if before else ""

    def is_nfs(self) -> bool:
        return is_server_on(self.tree.get("nfsProvisioner"))

    def claims_for(self, path: str) -> dict[str, Claim]:
        """Return role -> claim of the file server that becomes a volume of this file."""
        return self._find_made().new.get(path, {})

    def find_doubts(self, path: str) -> list[Doubt]:
        return self._find_made().doubts.get(path, [])

    def _find_made(self) -> MadeClaims:
        if self._made is None:
            until = {path: self.up_to(path) for path in self.layers}
            self._made = find_made_claims(
                self.layers,
                {path: values.merged for path, values in until.items()},
                {path: values.nfs for path, values in until.items()},
            )
        return self._made

    def is_without(self, role: str) -> bool:
        """Return whether runs had no volume for data or outputs but the directory of the node that Polyaxon made."""
        is_extra = role != OUTPUTS and self.persistence().get("extra")
        has_default = any(as_mapping(layer.defaults).get(role) for layer in self.layers.values())
        return not (self.persistence().get(role) or is_extra or self.is_nfs() or has_default)

    def uses_defaults(self, path: str) -> bool:
        """Return whether runs had a volume of a file's ``defaultPersistence``."""
        if path not in self.layers:
            return False  # a run, which was a polyaxonfile
        roles = [role for role in ROLES if as_mapping(self.layers[path].defaults).get(role)]
        return not self.is_nfs() and any(not self.persistence().get(role) for role in roles)

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

    def is_layer_of_today(self, path: str) -> bool:
        return _is_today(self.layers[path])

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
