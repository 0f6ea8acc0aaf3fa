"""A large catalog's outline: its names and where each entry stands, without reading entries that nobody asks for.

It knows one shape, the one in which Helm's `toYaml` writes maps of plain entries; of any other text it says nothing,
and the text is read as a whole. Whether all lines have the shape is found by string operations on all of them at once.
"""

from __future__ import annotations

from post_renderer.catalog import Part
from post_renderer.problems import Unreadable
from post_renderer.tree import visit
from post_renderer.tree.node import NULLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from post_renderer.catalog import Places
    from post_renderer.tree import Node
    from post_renderer.tree.values import Value

WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"
ANYTHING = str.maketrans(dict.fromkeys(WORD, "w"))
# The line of a name, and those of fields with words or a quoted word, when each run of letters is one w.
NAME, FIELDS = "  w:", frozenset(("    w: w", '    w: "w"', "    w: 'w'"))


class Outline:
    """``entries`` of each role by their names; ``rest``: the text without their lines; ``places``: the offset of each.

    ``origins``: where in the whole text each line of the rest begins.
    """

    __slots__ = ("entries", "origins", "places", "rest")

    def __init__(self) -> None:
        self.rest = ""
        self.origins: list[int] = []
        self.entries: dict[str, dict[str, Part]] = {}
        self.places: dict[tuple[str, ...], int] = {}

    def origin(self, offset: int) -> int:
        """Where in the whole text a place of the rest stands."""
        line = self.rest.count("\n", 0, offset)
        return self.origins[line] + offset - (self.rest.rfind("\n", 0, offset) + 1)


def read_outline(text: str, roles: tuple[str, ...]) -> Outline | None:
    """The outline of a catalog's maps under ``roles``; None where they have not the shape."""
    if not text.isascii() or not text.endswith("\n"):
        return None
    outline = Outline()
    rest: list[str] = []
    sections: dict[str, list[str]] = {}
    section: list[str] | None = None
    offset = 0
    for line in text[:-1].split("\n"):
        if line[:1] not in (" ", ""):
            role = line.removesuffix(":")
            section = sections.setdefault(role, []) if role in roles and role != line else None
            if section is not None:
                if (role,) in outline.places:
                    return None
                outline.places[role,] = offset
        if section is not None and line[:1] in (" ", ""):
            section.append(line)
        else:  # also the line of a role, with nothing below it: that is as much YAML as the whole is
            rest.append(line)
            outline.origins.append(offset)
        offset += len(line) + 1
    outline.rest = "".join(line + "\n" for line in rest)
    for role, lines in sections.items():
        if not _have_shape(lines) or not _read_entries(lines, role, outline):
            return None
    return outline if sections else None


def _have_shape(lines: list[str]) -> bool:
    """Whether the lines are names, each with one or more fields below it."""
    text = "\n".join(lines)
    if " -" in text:  # a list, or a word that looks like one
        return False
    shape = text.translate(ANYTHING)
    while "ww" in shape:
        shape = shape.replace("ww", "w")
    while "w w" in shape:
        shape = shape.replace("w w", "w")
    found = set(shape.split("\n"))
    orderly = shape.startswith(NAME + "\n") and not shape.endswith(NAME) and f"{NAME}\n{NAME}" not in shape
    return orderly and found <= FIELDS | {NAME}


def _read_entries(lines: list[str], role: str, outline: Outline) -> bool:
    """Whether each name and field is a word, and none stands twice."""
    entries = outline.entries[role] = {}
    offset = outline.places[role,] + len(role) + 2
    fields: list[str] = []
    seen: set[str] = set()
    for line in lines:
        key = line[: line.index(":")].lstrip(" ")
        if key in NULLS:
            return False
        if line[2] != " ":
            if key in entries:
                return False
            fields, seen = [], set()
            entries[key] = Part(fields)
            outline.places[role, key] = offset + 2
        elif key in seen:
            return False
        else:
            seen.add(key)
            fields.append(line)
        offset += len(line) + 1
    return True


def read_rest(outline: Outline, work: Callable[[Node], tuple[Value, Places]]) -> tuple[dict[str, Value], Places] | None:
    """Settings and all places of a catalog with an outline; None where the rest has not one meaning by itself."""
    try:
        plain, values, places = visit(outline.rest, lambda root: (root.plain, *work(root)))
    except Unreadable:
        return None
    if not plain or not isinstance(values, dict):
        return None
    if any(role not in values or values[role] is not None for role in outline.entries):
        return None  # something else stands below a role, or around all of them
    return values, {path: outline.origin(at) for path, at in places.items()} | outline.places
