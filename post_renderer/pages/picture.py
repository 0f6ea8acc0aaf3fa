"""Arranges runs, volumes and storage in three columns, for the diagram and for the picture of the page."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.pages.view import Line

SEPARATE_RUNS = 30  # if there are more, runs with the same volumes become one box
RUN, VOLUME, STORAGE = 0, 1, 2


class Box(NamedTuple):
    """A run, a volume or a storage.

    ``names``: the titles of all runs in the box, or the only title.
    """

    number: int
    column: int
    title: str
    names: list[str]


class Link(NamedTuple):
    """A line from a box to a box of the next column, by their numbers."""

    start: int
    end: int
    writes: bool


class Picture(NamedTuple):
    boxes: list[Box]
    links: list[Link]


def arrange(lines: Iterable[Line]) -> Picture:
    """Return the boxes of the runs, the volumes and the storage, in their order in ``lines``, and the links."""
    by_run: dict[str, dict[tuple[str, str], bool]] = {}
    for line in lines:
        uses = by_run.setdefault(line.run, {})
        key = (line.volume, line.storage)
        uses[key] = uses.get(key, False) or line.writes
    runs: dict[object, list[str]] = {}
    for run, uses in by_run.items():
        same = frozenset(uses.items()) if len(by_run) > SEPARATE_RUNS else run
        runs.setdefault(same, []).append(run)
    boxes: list[Box] = []
    numbers: dict[tuple[int, object], int] = {}
    links: dict[tuple[int, int], bool] = {}

    def find(column: int, key: object, title: str, names: list[str]) -> int:
        if (column, key) not in numbers:
            numbers[column, key] = len(boxes)
            boxes.append(Box(len(boxes), column, title, names))
        return numbers[column, key]

    def link(start: int, end: int, *, writes: bool) -> None:
        links[start, end] = links.get((start, end), False) or writes

    for names in runs.values():
        title = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        run_box = find(RUN, names[0], title, names)
        for (volume, storage), writes in by_run[names[0]].items():
            volume_box = find(VOLUME, (volume, storage), volume, [volume])
            link(run_box, volume_box, writes=writes)
            link(volume_box, find(STORAGE, storage, storage, [storage]), writes=writes)
    return Picture(boxes, [Link(start, end, writes) for (start, end), writes in links.items()])
