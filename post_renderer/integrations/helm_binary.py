"""Finds the real Helm, and never this program under the name of helm."""

from __future__ import annotations

import os
import sys

from post_renderer.console import UsageError
from post_renderer.k8s import parse_uint

NAMED = "POLYAXON_PERSISTENCE_HELM"
DEPTH = "POLYAXON_PERSISTENCE_DEPTH"
DEEPEST = 8  # a plugin of Helm's may call helm, and so come here again; nobody does that so often
OURS = (b"post_renderer", b"polyaxon-persistence")  # what a console script or a shell script around it says


def find_helm() -> tuple[str, dict[str, str]]:
    """The path of the real Helm, and the environment to start it with. Raises UsageError."""
    number = parse_uint(os.environ.get(DEPTH, "")) or 0
    if number >= DEEPEST:
        message = f"the helm that is started as the real one starts this program again ({DEEPEST} times by now)"
        raise UsageError(message, f"set {NAMED} to the path of the real Helm")
    return _find_real_helm(), {**os.environ, DEPTH: str(number + 1)}


def _find_real_helm() -> str:
    named = os.environ.get(NAMED, "")
    if named:
        if not _can_be_started(named):
            raise UsageError(f"{NAMED}: no program at {named}", "name the real Helm by its absolute path")
        if _is_ours(named):
            raise UsageError(f"{NAMED} names this program itself: {named}", "name the real Helm")
        return named
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, "helm")
        # A relative folder of PATH would be one of the repository that is being rendered.
        if os.path.isabs(folder) and _can_be_started(path) and not _is_ours(path):
            return path
    raise UsageError("no helm on PATH besides this program", f"set {NAMED} to the path of the real Helm")


def _can_be_started(path: str) -> bool:
    return os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK)


def _is_ours(path: str) -> bool:
    """Whether a program is this one: a link to it, a copy of it, or a script that calls it."""
    if os.path.realpath(path) == os.path.realpath(sys.argv[0]):
        return True
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return False  # it may be started and not be read: no script
    return head.startswith(b"#!") and any(word in head for word in OURS)
