"""Finds the files of a directory that migrate reads: values and polyaxonfiles of Polyaxon."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.console import UsageError
from post_renderer.console.files import walk_directory
from post_renderer.migrate.tables import MORE_SERVICES, OWN_KEYS, RUN_DEFAULTS, SERVICES, TODAY
from post_renderer.migrate.value_layers import ROLES
from post_renderer.problems import YamlError, escape_control
from post_renderer.yamltree import MAPPING, SCALAR, Node, parse

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = (".yaml", ".yml", ".json")
PERSISTENCE_KEYS = {"data", "outputs", "logs", "repos", "upload", "uploads", "extra"}
KNOWN_KEYS = frozenset((*TODAY, *RUN_DEFAULTS, *SERVICES, *MORE_SERVICES))
POLYAXONFILE_KEYS = {"kind", "run", "build", "hptuning", "settings", "environment", "project", "model"}
OWN_NAME = re.compile(r"polyaxon", re.IGNORECASE)
OBJECT_LINE = re.compile(r"^apiVersion:", re.MULTILINE)
OWN_LINE = re.compile(r"^(persistence|hptuning|declarations|runDefaults):", re.MULTILINE)


class Listed(NamedTuple):
    """The files below a directory.

    ``own``: the path and content of each file of Polyaxon. ``others``: the paths of the other YAML files.
    ``unsure``: those of the others that have a catalog, which may be Polyaxon's.
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

    The file of another program would lose its keys: most keys of Polyaxon's values are common, also ``persistence``.
    """
    text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        root = parse(text, full=True)
    except YamlError:
        if OBJECT_LINE.search(text):
            return False
        return bool(OWN_NAME.search(os.path.basename(path)) or OWN_LINE.search(text))
    pairs = _pairs(root)
    if "apiVersion" in pairs:
        return False
    if not OWN_KEYS.isdisjoint(pairs):
        return True
    if "runs" in pairs:
        return pairs.keys() <= {*TODAY} and _are_runs(pairs["runs"])
    persistence = _pairs(pairs.get("persistence"))
    if OWN_NAME.search(os.path.basename(path)) and not PERSISTENCE_KEYS.isdisjoint(persistence):
        return True
    if KNOWN_KEYS.issuperset(pairs) and _is_catalog(persistence):
        return True
    version = pairs.get("version")
    is_version_1 = version is not None and version.kind == SCALAR and version.text in ("1", "1.0")
    return is_version_1 and not POLYAXONFILE_KEYS.isdisjoint(pairs)


def _may_be_values(raw: bytes) -> bool:
    """Return whether a file may be values of Polyaxon: it has data or outputs, and all its keys are known."""
    try:
        pairs = _pairs(parse(raw.decode("utf-8", "replace"), full=True))
    except YamlError:
        return False
    return KNOWN_KEYS.issuperset(pairs) and not {*ROLES}.isdisjoint(_pairs(pairs.get("persistence")))


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
    return any("mountPath" in keys or "store" in keys for keys in volumes) or {"outputs", "repos"} <= persistence.keys()
