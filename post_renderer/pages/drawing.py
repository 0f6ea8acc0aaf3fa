"""Gives each box and each link of the picture its place in the SVG of the page."""

from __future__ import annotations

from typing import NamedTuple

from post_renderer.pages.picture import RUN, STORAGE, VOLUME, Box, Link, Picture

LEFT = {RUN: 0, VOLUME: 490, STORAGE: 740}
WIDTHS = {RUN: 400, VOLUME: 160, STORAGE: 360}
NAMES = ((RUN, "runs"), (VOLUME, "volumes"), (STORAGE, "storage"))
BOX_HEIGHT, STEP, HEADING = 30, 40, 34
CHARACTER = 7.2  # the width of a character of the font, in units of the picture
KINDS = {RUN: "run", VOLUME: "volume", STORAGE: "storage"}


class DrawnBox(NamedTuple):
    """A box with its place. ``label``: its title, cut to its width. ``target``: the group of the page about it."""

    number: int
    kind: str
    x: float
    y: float
    width: float
    label: str
    title: str
    names: list[str]
    target: str


class DrawnLink(NamedTuple):
    """A curve. ``d``: the path of the curve, in the words of SVG."""

    start: int
    end: int
    writes: bool
    d: str


class Drawing(NamedTuple):
    """``headings``: the place and the name of each column."""

    width: int
    height: int
    box_height: int
    headings: list[tuple[int, str]]
    boxes: list[DrawnBox]
    links: list[DrawnLink]


def draw(picture: Picture, targets: dict[str, str]) -> Drawing:
    """Return the picture with places. ``targets``: title of a run or a storage -> the id of its group on the page."""
    columns: dict[int, list[Box]] = {column: [] for column in KINDS}
    for box in picture.boxes:
        columns[box.column].append(box)
    columns[VOLUME] = _near_their_neighbours(columns[VOLUME], columns[RUN], picture.links)
    columns[STORAGE] = _near_their_neighbours(columns[STORAGE], columns[VOLUME], picture.links)
    most = max(map(len, columns.values()))
    boxes: dict[int, DrawnBox] = {}
    for column, found in columns.items():
        top = HEADING + (most - len(found)) * STEP / 2
        for row, box in enumerate(found):
            width = WIDTHS[column]
            target = next((targets[name] for name in box.names if name in targets), "")
            boxes[box.number] = DrawnBox(
                number=box.number,
                kind=KINDS[column],
                x=LEFT[column],
                y=top + row * STEP,
                width=width,
                label=cut(box.title, int((width - 16) / CHARACTER)),
                title=box.title,
                names=box.names,
                target="" if column == VOLUME else target,
            )
    links = [
        DrawnLink(link.start, link.end, link.writes, _curve(boxes[link.start], boxes[link.end]))
        for link in picture.links
    ]
    width = LEFT[STORAGE] + WIDTHS[STORAGE]
    headings = [(LEFT[column], name) for column, name in NAMES]
    return Drawing(width, HEADING + most * STEP, BOX_HEIGHT, headings, list(boxes.values()), links)


def _near_their_neighbours(boxes: list[Box], before: list[Box], links: list[Link]) -> list[Box]:
    """Return the boxes in the order of the middle of their neighbours, so that fewer links cross."""
    rows = {box.number: row for row, box in enumerate(before)}
    found: dict[int, list[int]] = {box.number: [] for box in boxes}
    for link in links:
        if link.end in found and link.start in rows:
            found[link.end].append(rows[link.start])
    return sorted(boxes, key=lambda box: sum(found[box.number]) / max(1, len(found[box.number])))


def _curve(start: DrawnBox, end: DrawnBox) -> str:
    x, y = start.x + start.width, start.y + BOX_HEIGHT / 2
    to_x, to_y = end.x, end.y + BOX_HEIGHT / 2
    bend = (to_x - x) / 2
    return f"M{x:g} {y:g}C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"


def cut(text: str, limit: int) -> str:
    """Return a text with at most ``limit`` characters. The end of a name says more than its middle."""
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-(limit - limit // 2 - 1) :]}"
