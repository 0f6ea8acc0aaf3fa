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

CHARTS, CHART_FILE, REQUIREMENTS = "charts", "Chart.yaml", "requirements.yaml"
HEAD = (CHART_FILE, REQUIREMENTS)  # where Helm reads the name of a chart
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
    for path in [*_find_files(repository, repository.folder, budget, problems), *_find_others(repository, charts)]:
        name = os.path.relpath(path, repository.root)
        head = _prepare_file(path, name, budget, problems)
        if os.path.dirname(path) == charts and _is_subchart(os.path.basename(path)):
            found[name] = read_chart_name(head.get(CHART_FILE, b""), head.get(REQUIREMENTS, b""))
    return found


def remove_copies(
    repository: Repository, before: dict[str, str], after: dict[str, str], repeated: set[str], problems: Problems
) -> None:
    """Remove each download of a chart that ``charts/`` also has as a directory.

    Helm downloads all dependencies if one is missing, and renders one of two charts with the same name at random.
    ``before``, ``after``: what `prepare_charts` returned before and after the download. ``repeated``: the names of
    several dependencies, which may need several versions.
    """
    kept = {name: path for path, name in before.items() if os.path.isdir(os.path.join(repository.root, path))}
    for path, name in after.items():
        if path in before or name not in kept:
            continue
        if name not in repeated:
            os.remove(os.path.join(repository.root, path))
            continue
        message = f"several dependencies are called {quoted(name)}, and {quoted(kept[name])} may be one of them"
        problems.add("unsafe-path", message, "put all dependencies into charts/, or none of this name")


def prepare_local(repository: Repository, folders: list[str], budget: Budget, problems: Problems) -> None:
    """Do the same for the directories of local dependencies: to build them, Helm reads each as often as it is named."""
    for folder in folders:
        for path in _find_files(repository, folder, budget, problems):
            _prepare_file(path, os.path.relpath(path, repository.root), budget, problems)


def _prepare_file(path: str, name: str, budget: Budget, problems: Problems) -> dict[str, bytes]:
    """Check a schema, or replace an archive and return its files that name the chart."""
    head: dict[str, bytes] = {}
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
    return head


def _name_directories(repository: Repository, charts: str) -> dict[str, str]:
    """Return the path and the name of each chart that is a directory in ``charts``."""
    found: dict[str, str] = {}
    for path in _list(repository, charts):
        if os.path.basename(path).startswith(IGNORED):
            continue
        chart_file, requirements = (_read_head(repository, os.path.join(path, file)) for file in HEAD)
        if chart_file is not None:
            found[os.path.relpath(path, repository.root)] = read_chart_name(chart_file, requirements or b"")
    return found


def _read_head(repository: Repository, path: str) -> bytes | None:
    """Return the beginning of a file, which is empty if it can't be read; None if there is no such file."""
    if not repository.holds(path) or not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as opened:
            return opened.read(CHART_FILE_LIMIT + 1)
    except OSError:
        return b""


def _find_files(repository: Repository, folder: str, budget: Budget, problems: Problems) -> Iterator[str]:
    """Yield the paths of the schemas and of the archives that Helm reads to load the chart in a directory.

    Helm follows links, so each directory is read only once.
    """
    try:
        yield from _walk(repository, folder, budget)
    except ArchiveError as error:
        name = os.path.relpath(folder, repository.root)
        hint = "name each directory once, and keep only the subcharts in charts/"
        problems.add("unsafe-path", f"{quoted(name)} can't be used: {error}", hint)


def _walk(repository: Repository, folder: str, budget: Budget) -> Iterator[str]:
    """Yield the same paths. Raises ArchiveError."""
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
        paths = _list(repository, os.path.join(folder, CHARTS))
        budget.take(0, entries=1 + len(paths))
        for path in paths:
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
    packed: bytes, name: str, budget: Budget, head: dict[str, bytes], problems: Problems, depth: int = 0
) -> bytes:
    """Return an archive with the same files, and add those that name the chart to ``head``. Raises ArchiveError.

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
                content = _pack_again(content, within, budget, {}, problems, depth + 1)  # noqa: PLW2901
            elif path in HEAD:
                head[path] = content
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
