"""Defines what a page, a diagram and a Markdown text show: groups of rows, lines from runs to storage, and problems."""

from __future__ import annotations

from typing import NamedTuple

from post_renderer.problems import STANDARD_INPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from post_renderer.problems import Problem


class Line(NamedTuple):
    """A run uses a volume on a storage. ``run``, ``storage``: their titles in the picture."""

    run: str
    volume: str
    storage: str
    writes: bool


class Group(NamedTuple):
    """Rows with one title, such as the volumes of a run or the users of a claim.

    ``node``: the title of the run or the storage in the picture that the group is about; empty if there is none.
    ``details``: sentences below the title.
    ``problems``: the errors and warnings about the object of the group.
    """

    title: str
    node: str
    details: Sequence[str]
    rows: Sequence[Sequence[str]]
    problems: Sequence[Problem] = ()


class Table(NamedTuple):
    """Groups with the same columns. ``after``: commands that are shown below the table."""

    title: str
    columns: Sequence[str]
    groups: Sequence[Group]
    after: Sequence[str] = ()


class View(NamedTuple):
    """Everything that is shown. ``summary``: a sentence about what was read. ``problems``: those without a group."""

    title: str
    summary: str
    lines: Sequence[Line]
    tables: Sequence[Table]
    problems: Sequence[Problem]

    def all_problems(self) -> list[Problem]:
        placed = [problem for table in self.tables for group in table.groups for problem in group.problems]
        return [*self.problems, *placed]


def tell_apart(titles: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return a title for each pair of a title and its file: with the file if the title is in other files too."""
    files: dict[str, set[str]] = {}
    for title, file in titles:
        files.setdefault(title, set()).add(file)
    return {
        (title, file): f"{title}, {file or STANDARD_INPUT}" if len(found) > 1 else title
        for title, found in files.items()
        for file in found
    }
