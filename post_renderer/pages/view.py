"""Defines what a page, a diagram and a Markdown text show: groups of rows, lines from runs to storage, and problems."""

from __future__ import annotations

from typing import NamedTuple

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


def split_problems(
    problems: Iterable[Problem], subjects: Iterable[str]
) -> tuple[list[Problem], dict[str, list[Problem]]]:
    """Return the problems about no subject, and those about each subject."""
    known = set(subjects)
    others: list[Problem] = []
    placed: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.subject in known:
            placed.setdefault(problem.subject, []).append(problem)
        else:
            others.append(problem)
    return others, placed
