"""Finds the files of a directory that migrate reads: values and polyaxonfiles of Polyaxon."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from post_renderer.console import UsageError
from post_renderer.console.files import walk_directory
from post_renderer.migrate.tables import MORE_SERVICES, RUN_DEFAULTS, SERVICES, TODAY
from post_renderer.problems import YamlError, escape_control
from post_renderer.yamltree import MAPPING, SCALAR, parse

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = (".yaml", ".yml", ".json")
# Keys that show that a file is one of Polyaxon's. A file that the user names needs less.
VALUES_KEYS = {"nfsProvisioner", "runs", "runDefaults"}
PERSISTENCE_KEYS = {"data", "outputs", "logs", "repos", "upload", "uploads", "extra"}
KNOWN_KEYS = frozenset((*TODAY, *RUN_DEFAULTS, *SERVICES, *MORE_SERVICES))
POLYAXONFILE_KEYS = {"kind", "run", "build", "hptuning", "settings", "environment", "project", "model"}
OWN_NAME = re.compile(r"polyaxon", re.IGNORECASE)
OBJECT_LINE = re.compile(r"^apiVersion:", re.MULTILINE)
OWN_LINE = re.compile(r"^(persistence|hptuning|declarations|runDefaults):", re.MULTILINE)


def list_files(directory: str, read: Callable[[str], bytes]) -> tuple[dict[str, bytes], list[str]]:
    """Return the path and content of each file of Polyaxon below a directory, and the paths of the other YAML files.

    Hidden files and directories, links and charts are not read. The order is the bytewise order of the paths
    without their suffixes: values.yaml comes before values-prod.yaml, as people give them to Helm. Raises UsageError.
    """
    paths: list[str] = []
    others: list[str] = []
    for folder, inner, names in walk_directory(directory):
        inner[:] = [name for name in inner if not name.startswith(".")]
        others += [path for name in inner if os.path.islink(path := os.path.join(folder, name))]
        if "Chart.yaml" in names:
            inner[:] = [name for name in inner if name not in ("templates", "crds", "charts")]
            names.remove("Chart.yaml")
        for name in names:
            if name.endswith(SUFFIXES) and not name.startswith("."):
                path = os.path.join(folder, name)
                (others if os.path.islink(path) else paths).append(path)
    raws: dict[str, bytes] = {}
    for path in sorted(paths, key=_order):
        raw = read(path)
        if is_own(path, raw):
            raws[path] = raw
        else:
            others.append(path)
    if not raws:
        hint = f"name a directory with values or polyaxonfiles, in files that end in {', '.join(SUFFIXES)}"
        raise UsageError(f"{escape_control(directory)} has no file of Polyaxon 0.x", hint)
    return raws, sorted(others, key=os.fsencode)


def _order(path: str) -> tuple[bytes, bytes]:
    return os.fsencode(os.path.splitext(path)[0]), os.fsencode(path)


def is_own(path: str, raw: bytes) -> bool:
    """Return whether a file is surely one of Polyaxon. A broken file counts if its name or one of its lines says so."""
    text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        root = parse(text, full=True)
    except YamlError:
        if OBJECT_LINE.search(text):
            return False
        return bool(OWN_NAME.search(os.path.basename(path)) or OWN_LINE.search(text))
    pairs = {key.text: value for key, value in root.pairs() if key.kind == SCALAR} if root.kind == MAPPING else {}
    runs = pairs.get("runs")
    is_action = runs is not None and runs.kind == MAPPING and "using" in runs.names()  # of GitHub
    if "apiVersion" in pairs or is_action:
        return False
    persistence, version = pairs.get("persistence"), pairs.get("version")
    is_catalog = persistence and persistence.kind == MAPPING and PERSISTENCE_KEYS.intersection(persistence.names())
    if is_catalog and (KNOWN_KEYS.issuperset(pairs) or OWN_NAME.search(os.path.basename(path))):
        return True  # other charts have a key persistence, too
    is_version_1 = version is not None and version.kind == SCALAR and version.text in ("1", "1.0")
    return not VALUES_KEYS.isdisjoint(pairs) or (is_version_1 and not POLYAXONFILE_KEYS.isdisjoint(pairs))
