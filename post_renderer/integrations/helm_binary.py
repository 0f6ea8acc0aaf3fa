"""Finds the real Helm. It never finds polyaxon-persistence, which can be installed under the name helm too."""

from __future__ import annotations

import os
import sys

from post_renderer.console import UsageError
from post_renderer.k8s import parse_uint

NAMED = "POLYAXON_PERSISTENCE_HELM"
DEPTH = "POLYAXON_PERSISTENCE_DEPTH"
DEEPEST = 8  # a Helm plugin may call helm, which starts this program again; more levels must be a loop
OWN_TEXTS = (
    b"post_renderer",
    b"polyaxon-persistence",
)  # text in the console script, or in a shell script that calls it


def find_helm(path: str = "") -> tuple[str, dict[str, str]]:
    """Return the path of the real Helm, and the environment to start it with. Raises UsageError.

    ``path``: the program that the caller named. If it has a slash, it is used, unless it is polyaxon-persistence.
    """
    number = parse_uint(os.environ.get(DEPTH, "")) or 0
    if number >= DEEPEST:
        message = f"the helm that polyaxon-persistence found starts polyaxon-persistence again ({DEEPEST} times)"
        raise UsageError(message, f"set {NAMED} to the path of the real Helm")
    found = os.path.abspath(path) if "/" in path else ""
    if found and not _can_be_started(found):
        raise UsageError(f"there is no program at {path}", "write the path of the real Helm")
    helm = found if found and not _is_ours(found) else _find_real_helm()
    return helm, {**os.environ, DEPTH: str(number + 1)}


def _find_real_helm() -> str:
    named = os.environ.get(NAMED, "")
    if named:
        if not _can_be_started(named):
            raise UsageError(f"{NAMED}: there is no program at {named}", "write the absolute path of the real Helm")
        if _is_ours(named):
            raise UsageError(f"{NAMED} names polyaxon-persistence itself: {named}", "write the path of the real Helm")
        return named
    # A relative directory in PATH would be one of the repository that is being rendered.
    folders = filter(os.path.isabs, os.environ.get("PATH", "").split(os.pathsep))
    found = [path for folder in folders if _can_be_started(path := os.path.join(folder, "helm"))]
    if real := next((path for path in found if not _is_ours(path)), ""):
        return real
    message = "there is no program named helm on PATH"
    if found:
        message = "there is no helm on PATH except polyaxon-persistence"
    raise UsageError(message, f"install Helm, or set {NAMED} to the path of the real Helm")


def _can_be_started(path: str) -> bool:
    return os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK)


def _is_ours(path: str) -> bool:
    """Return whether a program is polyaxon-persistence: a link to it, a copy of it, or a script that calls it."""
    if os.path.realpath(path) == os.path.realpath(sys.argv[0]):
        return True
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return False  # executable but not readable: it is not a script
    return head.startswith(b"#!") and any(word in head for word in OWN_TEXTS)
