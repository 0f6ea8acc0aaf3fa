"""``argocd discover``: finds out whether the chart in the current directory uses polyaxon-persistence."""

from __future__ import annotations

import os

from post_renderer.console import CommandResult
from post_renderer.integrations.argocd_archives import LARGEST_FILE, SUFFIX, ArchiveError, Budget, read_archive
from post_renderer.integrations.argocd_repository import find_repository
from post_renderer.k8s import DOMAIN
from post_renderer.problems import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from post_renderer.integrations.argocd_repository import Repository

# What annotations begin with: a slash, or an escape of it, as some writers of JSON have it.
OWN_DOMAIN = (DOMAIN.encode() + b"/", DOMAIN.encode() + b"\\")
OWN_CHART = b"polyaxon-persistence"
OVERLAP = 64  # bytes: longer than the longest of these words
PIECE = 1 << 20  # bytes that are read at once
CHART_FILES = ("Chart.yaml", "requirements.yaml")  # they name the chart and its dependencies
ALL_BYTES = 1 << 30  # of all files: more would take longer than Argo CD waits
DEEPEST = 5  # archives in archives


def discover() -> CommandResult:
    """Return a line if a file of the chart contains ``polyaxon.com/``, or if the chart depends on polyaxon-persistence.

    Every file counts, because a template can include each of them. Links within the repository are followed.
    """
    repository = find_repository()
    if not os.path.isfile("Chart.yaml") or not repository.holds("Chart.yaml"):
        return CommandResult(b"", [])
    left = ALL_BYTES
    budget = Budget()
    for path in _find_files(repository):
        words = _wanted(os.path.basename(path))
        try:
            with open(path, "rb") as file:
                if path.endswith(SUFFIX) and _is_in_archive(file.read(LARGEST_FILE + 1), budget, 0):
                    return _answer(path)
                file.seek(0)
                is_found, size = _is_in_file(file, words, left)
        except OSError:
            continue  # unreadable: Helm reports it
        if is_found:
            return _answer(path)
        left -= size
    return CommandResult(b"", [])


def _answer(path: str) -> CommandResult:
    return CommandResult(f"{escape_control(path)}\n", [])


def _wanted(name: str) -> tuple[bytes, ...]:
    """Return the texts that show in a file of this name that the chart uses polyaxon-persistence."""
    return (*OWN_DOMAIN, OWN_CHART) if name in CHART_FILES else OWN_DOMAIN


def _find_files(repository: Repository) -> Iterator[str]:
    """Yield the paths of all files below the current directory, those of the upper directories first."""
    seen: set[str] = set()
    folders = ["."]
    for folder in folders:  # it grows
        real = os.path.realpath(folder)
        if real in seen or os.path.basename(real) == ".git":
            continue
        seen.add(real)
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue  # unreadable: `generate` reports it
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) and not repository.holds(path):
                continue
            if os.path.isdir(path):
                folders.append(path)
            elif os.path.isfile(path):
                yield path


def _is_in_file(file: BinaryIO, words: tuple[bytes, ...], most: int) -> tuple[bool, int]:
    """Return whether one of the words is in the first ``most`` bytes of a file, and how many bytes were read."""
    size = 0
    before = b""
    while size < most and (piece := file.read(min(PIECE, most - size))):
        size += len(piece)
        text = before + piece
        if any(word in text for word in words):
            return True, size
        before = text[-OVERLAP:]
    return False, size


def _is_in_archive(packed: bytes, budget: Budget, depth: int) -> bool:
    """Return whether a file of an archive has one of the texts for its name."""
    try:
        for path, content in read_archive(packed, budget):
            name = path.rpartition("/")[2]
            if any(word in content for word in _wanted(name)):
                return True
            if name.endswith(SUFFIX) and depth < DEEPEST and _is_in_archive(content, budget, depth + 1):
                return True
    except ArchiveError:
        pass  # `generate` reports it
    return False
