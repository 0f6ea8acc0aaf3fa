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
from post_renderer.integrations.argocd_chart_files import CHART_FILE_LIMIT, read_chart_name
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
GZIP_HEAD = b"\x1f\x8b\x08"  # the first bytes of a file that Helm reads as an archive
DEEPEST = 5  # archives in archives


def prepare_charts(repository: Repository, budget: Budget, problems: Problems) -> dict[str, str]:
    """Check the schemas of the chart and its subcharts, and replace each archive. Report what can't be read.

    Return the path of each chart in ``charts/`` with its name, which is '' if it can't be read. For Helm, the name in
    its Chart.yaml says which dependency it is, and not the name of the directory or of the archive.

    Files outside of the repository are skipped: ``Repository.check_links`` reports the links to them.
    """
    charts = os.path.join(repository.folder, CHARTS)
    found = _name_directories(repository, charts)
    for path in [*_find_files(repository, repository.folder), *_find_others(repository, charts)]:
        name = os.path.relpath(path, repository.root)
        head = _prepare_file(path, name, budget, problems)
        if os.path.dirname(path) == charts and _is_subchart(os.path.basename(path)):
            found[name] = read_chart_name(head)
    return found


def prepare_local(repository: Repository, folders: list[str], budget: Budget, problems: Problems) -> None:
    """Do the same for the directories of local dependencies: to build them, Helm reads each as often as it is named."""
    for folder in folders:
        for path in _find_files(repository, folder):
            _prepare_file(path, os.path.relpath(path, repository.root), budget, problems)


def _prepare_file(path: str, name: str, budget: Budget, problems: Problems) -> bytes:
    """Check a schema, or replace an archive and return its Chart.yaml."""
    head: list[bytes] = []
    is_schema = path.endswith(SCHEMA)
    try:
        content = _read(path, is_schema=is_schema)
        if is_schema:
            budget.take(len(content), entries=1)
            check_schema(content, name, problems)
        else:
            _replace(path, content, _pack_again(content, name, budget, head, problems))
    except (ArchiveError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        hint = "make it a file that can be read and written; package a subchart by `helm package`"
        problems.add("unsafe-path", f"{quoted(name)} can't be used: {reason}", hint)
    return head[-1] if head else b""


def _name_directories(repository: Repository, charts: str) -> dict[str, str]:
    """Return the path and the name of each chart that is a directory in ``charts``."""
    found: dict[str, str] = {}
    for path in _list(repository, charts):
        file = os.path.join(path, CHART_FILE)
        if os.path.basename(path).startswith(IGNORED) or not repository.holds(file) or not os.path.isfile(file):
            continue
        try:
            with open(file, "rb") as opened:
                content = opened.read(CHART_FILE_LIMIT + 1)
        except OSError:
            content = b""
        found[os.path.relpath(path, repository.root)] = read_chart_name(content)
    return found


def _find_files(repository: Repository, folder: str) -> Iterator[str]:
    """Yield the paths of the schemas and of the archives that Helm reads to load the chart in a directory.

    Helm follows links, so each directory is read only once.
    """
    seen: set[str] = set()
    folders = [folder]
    while folders:
        folder = folders.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        schema = os.path.join(folder, SCHEMA)
        if os.path.isfile(schema) and repository.holds(schema):
            yield schema
        for path in _list(repository, os.path.join(folder, CHARTS)):
            name = os.path.basename(path)
            if name.startswith(IGNORED):
                continue
            if os.path.isdir(path):
                folders.append(path)
            elif _is_subchart(name) and os.path.isfile(path):
                yield path


def _find_others(repository: Repository, charts: str) -> Iterator[str]:
    """Yield the paths of archives in ``charts`` that are no subcharts. `helm dependency build` reads them, too.

    It reads each file with the first bytes of an archive, to find out whether to delete it.
    """
    for path in _list(repository, charts):
        if not _is_subchart(os.path.basename(path)) and os.path.isfile(path):
            try:
                with open(path, "rb") as file:
                    is_archive = file.read(len(GZIP_HEAD)) == GZIP_HEAD
            except OSError:
                is_archive = False  # Helm can't read it, either
            if is_archive:
                yield path


def _list(repository: Repository, folder: str) -> list[str]:
    """Return the paths in a directory, without links out of the repository: Repository.check_links reports those."""
    try:
        names = sorted(os.listdir(folder)) if repository.holds(folder) else []
    except OSError:
        return []
    return [path for name in names if repository.holds(path := os.path.join(folder, name))]


def _is_subchart(name: str) -> bool:
    """Return whether Helm renders an archive of this name in ``charts``."""
    return name.endswith(SUFFIX) and not name.startswith(IGNORED)


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
    return (
        len(parts) == 2 * len(names)
        and set(parts[::2]) <= {CHARTS}
        and not any(name.startswith(IGNORED) for name in names)
    )


def _replace(path: str, before: bytes, after: bytes) -> None:
    if before != after:
        target = os.path.realpath(path)
        os.replace(write_beside(target, after), target)
