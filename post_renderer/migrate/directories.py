"""Finds the files of a directory that migrate reads: values and polyaxonfiles of Polyaxon."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.console import UsageError
from post_renderer.console.files import walk_directory
from post_renderer.migrate.tables import (
    DECIDE,
    GONE,
    MORE_SERVICES,
    OWN_KEYS,
    RUN_DEFAULTS,
    SERVER_KEYS,
    SERVICES,
    TODAY,
)
from post_renderer.migrate.value_layers import ROLES
from post_renderer.problems import YamlError, escape_control
from post_renderer.yamltree import MAPPING, SCALAR, Node, parse

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = (".yaml", ".yml", ".json")
PERSISTENCE_KEYS = {"data", "outputs", "logs", "repos", "upload", "uploads", "extra"}
KNOWN_KEYS = frozenset((*TODAY, *RUN_DEFAULTS, *SERVICES, *MORE_SERVICES))
SECTIONS = {"run", "build", "environment"}
OWN_SECTIONS = {"hptuning", "declarations"}  # of a polyaxonfile; no other program has them
KINDS = {"experiment", "group", "job", "build", "notebook", "tensorboard"}
POLYAXONFILE_KEYS = {*SECTIONS, "kind", "hptuning", "settings", "project", "model"}
MORE_KEYS = {
    *OWN_SECTIONS,
    *"version name description tags user framework backend params inputs outputs matrix".split(),
}
OWN_NAME = re.compile(r"polyaxon", re.IGNORECASE)
OBJECT_LINE = re.compile(r"^apiVersion:", re.MULTILINE)
OWN_LINE = re.compile(r"^(persistence|hptuning|declarations|runDefaults):", re.MULTILINE)


class Listed(NamedTuple):
    """The files below a directory.

    ``own``: the path and content of each file of Polyaxon. ``others``: the paths of the other YAML files.
    ``unsure``: those of the others that may be values of Polyaxon.
    """

    own: dict[str, bytes]
    others: list[str]
    unsure: list[str]


def list_files(directory: str, read: Callable[[str], bytes]) -> Listed:
    """Find the files of Polyaxon below a directory.

    Hidden files and directories, charts, and all that is no regular file are not read: a named pipe would wait for its
    writer. Raises UsageError.
    """
    paths: list[str] = []
    others: list[str] = []
    unsure: list[str] = []
    for folder, inner, names in walk_directory(directory):
        inner[:] = [name for name in inner if not name.startswith(".")]
        others += [path for name in inner if os.path.islink(path := os.path.join(folder, name))]
        if "Chart.yaml" in names:
            inner[:] = [name for name in inner if name not in ("templates", "crds", "charts")]
            names.remove("Chart.yaml")
        for name in names:
            if name.endswith(SUFFIXES) and not name.startswith("."):
                path = os.path.join(folder, name)
                (paths if _is_regular(path) else others).append(path)
    raws: dict[str, bytes] = {}
    for path in sorted(paths, key=os.fsencode):
        raw = read(path)
        if is_own(path, raw):
            raws[path] = raw
        else:
            others.append(path)
            unsure += [path] if _may_be_values(raw) else []
    if not raws:
        hint = f"name a directory with values or polyaxonfiles, in files that end in {', '.join(SUFFIXES)}"
        raise UsageError(f"{escape_control(directory)} has no file of Polyaxon 0.x", hint)
    return Listed(raws, sorted(others, key=os.fsencode), unsure)


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False  # somebody removed it


def is_own(path: str, raw: bytes) -> bool:
    """Return whether a file is surely one of Polyaxon. A broken file counts if its name or one of its lines says so.

    The file of another program would lose its keys: most keys of Polyaxon's files are common, also ``persistence``.
    """
    has_own_name = bool(OWN_NAME.search(os.path.basename(path)))
    text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        root = parse(text, full=True)
    except YamlError:
        return not OBJECT_LINE.search(text) and bool(has_own_name or OWN_LINE.search(text))
    pairs = _pairs(root)
    if "apiVersion" in pairs:
        return False
    if "runs" in pairs:
        return pairs.keys() <= {*TODAY} and _are_runs(pairs["runs"])
    persistence = _pairs(pairs.get("persistence"))
    if has_own_name and not PERSISTENCE_KEYS.isdisjoint(persistence):
        return True
    is_known = _are_known(pairs)
    if is_known and (_has_own_key(pairs) or _is_catalog(persistence) or (has_own_name and "nfsProvisioner" in pairs)):
        return True
    return _is_polyaxonfile(pairs, has_own_name=has_own_name)


def _may_be_values(raw: bytes) -> bool:
    """Return whether a file may be values of Polyaxon: it has a key that only they have, or no key that they lack."""
    try:
        pairs = _pairs(parse(raw.decode("utf-8", "replace"), full=True))
    except YamlError:
        return False
    has_roles = not {*ROLES}.isdisjoint(_pairs(pairs.get("persistence")))
    return _has_own_key(pairs) or (_are_known(pairs) and (has_roles or "nfsProvisioner" in pairs))


def _are_known(pairs: dict[str, Node]) -> bool:
    """Return whether Polyaxon's charts and this chart have all keys of a values file. A key for anchors counts, too."""
    return all(name in KNOWN_KEYS or name.startswith("x-") for name in pairs)


def _has_own_key(pairs: dict[str, Node]) -> bool:
    """Return whether a values file has a key that no other chart has."""
    server = _pairs(pairs.get("nfsProvisioner"))
    is_server = server.keys() <= {*SERVER_KEYS} and not server.keys().isdisjoint(SERVER_KEYS[:2])
    return is_server or not OWN_KEYS.isdisjoint(pairs)


def _is_polyaxonfile(pairs: dict[str, Node], *, has_own_name: bool) -> bool:
    """Return whether only Polyaxon has such a file, also if its name does not say so."""
    version, kind = (pairs.get(name) for name in ("version", "kind"))
    if version is None or version.kind != SCALAR or version.text not in ("1", "1.0"):
        return False
    if has_own_name:
        return not POLYAXONFILE_KEYS.isdisjoint(pairs)
    if kind is not None and kind.kind == SCALAR and kind.text in KINDS and not SECTIONS.isdisjoint(pairs):
        return True
    is_known = pairs.keys() <= {*DECIDE[""], *GONE[""], *POLYAXONFILE_KEYS, *MORE_KEYS}
    return not OWN_SECTIONS.isdisjoint(pairs) or (is_known and "cmd" in _pairs(pairs.get("run")))


def _pairs(node: Node | None) -> dict[str, Node]:
    if node is None or node.kind != MAPPING:
        return {}
    return {key.text: value for key, value in node.pairs() if key.kind == SCALAR}


def _are_runs(runs: Node) -> bool:
    """Return whether each run is a mapping. An action of GitHub has ``runs: {using: composite}``."""
    return all(run.kind == MAPPING or run.is_null() for run in _pairs(runs).values())


def _is_catalog(persistence: dict[str, Node]) -> bool:
    """Return whether only Polyaxon has such a ``persistence``: with outputs volumes that have names, or the code."""
    volumes = [_pairs(volume) for volume in _pairs(persistence.get("outputs")).values()]
    has_volume = any("mountPath" in keys or "store" in keys for keys in volumes)
    return has_volume or len({"outputs", "repos", "upload"} & persistence.keys()) > 1
