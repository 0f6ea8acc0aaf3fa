"""Prepares the subcharts of an Application for Helm: checks each schema, and packs each archive again.

So Helm reads from an archive what was checked, and nothing else. Helm reads subcharts only in directories ``charts``.
"""

from __future__ import annotations

import os

from post_renderer.console.write_file import write_beside
from post_renderer.integrations.argocd_archives import (
    LARGEST_FILE,
    SUFFIX,
    ArchiveError,
    Budget,
    read_archive,
    write_archive,
)
from post_renderer.integrations.argocd_repository import CHART_FILE_LIMIT, read_chart_name
from post_renderer.integrations.argocd_schemas import LARGEST as LARGEST_SCHEMA
from post_renderer.integrations.argocd_schemas import SCHEMA, check_schema
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.integrations.argocd_repository import Repository
    from post_renderer.problems import Problems

CHARTS, CHART_FILE = "charts", "Chart.yaml"
IGNORED = ("_", ".")  # Helm ignores subcharts with such names
DEEPEST = 5  # archives in archives


def prepare_charts(repository: Repository, problems: Problems) -> dict[str, str]:
    """Check the schemas of the chart and its subcharts, and replace each archive. Report what can't be read.

    Return the path of each chart in ``charts/`` with its name, which is '' if it can't be read. For Helm, the name in
    its Chart.yaml says which dependency it is, and not the name of the directory or of the archive.

    Files outside of the repository are skipped: ``Repository.check_links`` reports the links to them.
    """
    budget = Budget()
    charts = os.path.join(repository.folder, CHARTS)
    found = _name_directories(repository, charts)
    for path in _find_files(repository):
        name = os.path.relpath(path, repository.root)
        try:
            is_schema = path.endswith(SCHEMA)
            content = _read(path, is_schema=is_schema)
            if is_schema:
                budget.take(len(content), entries=1)
                check_schema(content, name, problems)
            else:
                head: list[bytes] = []
                _replace(path, content, _pack_again(content, name, budget, head, problems))
                if os.path.dirname(path) == charts:
                    found[name] = read_chart_name(head[-1]) if head else ""
        except (ArchiveError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            hint = "make it a file that can be read and written; package a subchart by `helm package`"
            problems.add("unsafe-path", f"{quoted(name)} can't be used: {reason}", hint)
    return found


def _name_directories(repository: Repository, charts: str) -> dict[str, str]:
    """Return the path and the name of each chart that is a directory in ``charts``."""
    found: dict[str, str] = {}
    try:
        names = sorted(os.listdir(charts)) if repository.holds(charts) else []
    except OSError:
        return found
    for name in names:
        path = os.path.join(charts, name)
        file = os.path.join(path, CHART_FILE)
        if name.startswith(IGNORED) or not repository.holds(file) or not os.path.isfile(file):
            continue
        try:
            with open(file, "rb") as opened:
                content = opened.read(CHART_FILE_LIMIT + 1)
        except OSError:
            content = b""
        found[os.path.relpath(path, repository.root)] = read_chart_name(content)
    return found


def _find_files(repository: Repository) -> Iterator[str]:
    """Yield the paths of the schemas and of the archives. Helm follows links, so each directory is read only once."""
    seen: set[str] = set()
    folders = [repository.folder]
    while folders:
        folder = folders.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        schema = os.path.join(folder, SCHEMA)
        if os.path.isfile(schema) and repository.holds(schema):
            yield schema
        charts = os.path.join(folder, CHARTS)
        try:
            names = sorted(os.listdir(charts)) if repository.holds(charts) else []
        except OSError:
            continue  # there are no subcharts, or Repository.check_links reports the directory
        for name in names:
            path = os.path.join(charts, name)
            if name.startswith(IGNORED) or not repository.holds(path):
                continue
            if os.path.isdir(path):
                folders.append(path)
            elif name.endswith(SUFFIX) and os.path.isfile(path):
                yield path


def _read(path: str, *, is_schema: bool) -> bytes:
    with open(path, "rb") as file:
        content = file.read((LARGEST_SCHEMA if is_schema else LARGEST_FILE) + 1)
    if len(content) > LARGEST_FILE:
        raise ArchiveError(f"it is larger than {LARGEST_FILE >> 20} MiB")
    return content


def _pack_again(
    packed: bytes, name: str, budget: Budget, head: list[bytes], problems: Problems, depth: int = 0
) -> bytes:
    """Return an archive with the same files, and add its Chart.yaml to ``head``. Raises ArchiveError.

    ``depth``: the number of archives around it.
    """
    if depth > DEEPEST:
        raise ArchiveError(f"it has more than {DEEPEST} archives in each other")

    def files() -> Iterator[tuple[str, bytes]]:
        for path, content in read_archive(packed, budget):
            *charts, last = path.split("/")
            within = f"{name}/{path}"
            if _is_chart(charts) and last == SCHEMA:
                check_schema(content, within, problems)
            elif _is_chart([*charts, last]) and last.endswith(SUFFIX):
                content = _pack_again(content, within, budget, [], problems, depth + 1)  # noqa: PLW2901
            elif path == CHART_FILE:
                head.append(content)
            yield path, content

    return write_archive(files())


def _is_chart(parts: list[str]) -> bool:
    """Return whether a path is empty, or that of a subchart: ``charts/NAME``, ``charts/NAME/charts/NAME``, ...."""
    names = parts[1::2]
    return len(parts) == 2 * len(names) and set(parts[::2]) <= {CHARTS} and not any(map(_is_ignored, names))


def _is_ignored(name: str) -> bool:
    return name.startswith(IGNORED)


def _replace(path: str, before: bytes, after: bytes) -> None:
    if before != after:
        target = os.path.realpath(path)
        os.replace(write_beside(target, after), target)
