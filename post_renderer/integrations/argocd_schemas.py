"""Checks the JSON schemas of a chart and of its subcharts: Helm reads the files and the addresses that they refer to.

A reference to a file would let a repository test for files outside of it, and show parts of them in Helm's messages.
"""

from __future__ import annotations

import io
import os
import tarfile
import zlib

from post_renderer.integrations.foreign_json import read_pairs
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.integrations.argocd_repository import Repository
    from post_renderer.problems import Problems

SCHEMA = "values.schema.json"
ARCHIVE = ".tgz"
CHARTS = "charts"  # the directory of subcharts
REFERENCES = ("$ref", "$schema", "$dynamicRef", "$recursiveRef")
ALLOWED = ("#", "http://", "https://")  # a part of the same schema, or an address: all other texts are paths of files
LIMIT = 64 * 1024 * 1024  # bytes of all archives, unpacked: a chart is much smaller
DEEPEST = 5  # archives in archives


class _UnreadableError(Exception):
    """A schema or an archive that can't be read. The message says why."""


def check_schemas(repository: Repository, problems: Problems) -> None:
    """Report each reference to a file in a schema of the chart, and each schema or archive that can't be read."""
    budget = [LIMIT]
    for path in _find_files(repository):
        name = os.path.relpath(path, repository.root)
        try:
            with open(path, "rb") as file:
                found = list(_find_references(os.path.basename(path), file.read(LIMIT + 1), budget, 0))
        except (_UnreadableError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            hint = "make the file readable, fix its JSON, or make the archive smaller than 64 MiB"
            problems.add("unsafe-path", f"{quoted(name)} can't be read: {reason}", hint)
            continue
        for reference in found:
            hint = "copy the other schema into this file, below $defs, or write an https:// address"
            problems.add("unsafe-path", f"{quoted(name)} refers to a file by {quoted(reference)}", hint)


def _find_files(repository: Repository) -> Iterator[str]:
    """Yield the paths of the schemas and subchart archives. Helm follows the links to other directories."""
    seen: set[tuple[str, bool]] = set()
    folders = [repository.folder]
    while folders:
        folder = folders.pop()
        has_charts = os.path.basename(folder) == CHARTS
        key = (os.path.realpath(folder), has_charts)
        if key in seen:
            continue
        seen.add(key)
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue  # Repository.check_links reports it
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                folders.append(path)
            elif (name == SCHEMA or (has_charts and name.endswith(ARCHIVE))) and os.path.isfile(path):
                yield path


def _find_references(name: str, content: bytes, budget: list[int], depth: int) -> Iterator[str]:
    """Yield the references to files in a schema, or in the schemas of an archive. Raises _UnreadableError.

    ``budget``: how many bytes may still be unpacked. ``depth``: the number of archives around the file.
    """
    budget[0] -= len(content)
    if budget[0] < 0 or depth > DEEPEST:
        raise _UnreadableError("it is too large")
    if not name.endswith(ARCHIVE):
        yield from _find_in_schema(content)
        return
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                budget[0] -= member.size
                if budget[0] < 0:
                    raise _UnreadableError("it is too large")
                # Helm cleans the path, so its last part may not be the name of the file.
                is_archive = CHARTS in member.name and ARCHIVE in member.name
                if member.issym() or member.islnk() or not (is_archive or SCHEMA in member.name):
                    continue
                if inner := archive.extractfile(member):
                    last = SCHEMA if SCHEMA in member.name else ARCHIVE
                    yield from _find_references(last, inner.read(), budget, depth + 1)
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise _UnreadableError("it is not an archive") from error


def _find_in_schema(content: bytes) -> list[str]:
    # Of repeated keys, Helm takes the last one: each of them is checked.
    pairs, error = read_pairs(content.decode("utf-8-sig", "replace"))
    if error:
        raise _UnreadableError(error)
    return [
        value
        for key, value in pairs
        if key in REFERENCES and isinstance(value, str) and value and not value.startswith(ALLOWED)
    ]
