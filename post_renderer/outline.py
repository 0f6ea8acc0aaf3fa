"""A large catalog's outline: its names and where each entry stands, without reading entries that nobody asks for.

It knows one shape, the one in which Helm's `toYaml` writes maps of plain entries; of any other text it says nothing,
and the text is read as a whole. Whether all lines have the shape is found by string operations on all of them at once.
"""

from __future__ import annotations

from post_renderer.catalog import FIELD, Part
from post_renderer.problems import YamlError
from post_renderer.yamltree import visit
from post_renderer.yamltree.node import NULLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from post_renderer.catalog import KeyOffsets
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value

WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"
WITHOUT_WORDS = str.maketrans(dict.fromkeys(WORD))
BELOW = "\0"  # stands for the end of a line before one that is indented, as FIELD does before an entry's field
NAME_END = ":" + FIELD
# What is left of an entry's name with its first field begun, and of fields with words or a quoted word, without words.
NAME, FIELDS = " " + NAME_END, frozenset((": ", ': ""', ": ''"))


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
    if not text.isascii() or not text.endswith("\n") or BELOW in text or FIELD in text:
        return None
    outline = Outline()
    rest: list[str] = []
    offset = 0
    for block in text[:-1].replace("\n ", BELOW).split("\n"):  # each line of the first column, with those below it
        line, _, below = block.partition(BELOW)
        role = line.removesuffix(":")
        own = block
        if role in roles and role != line:
            first = offset + len(line) + len("\n  ")
            if role in outline.entries or not _read_entries(below, role, first, outline):
                return None
            outline.places[role,] = offset
            own = line  # also a role with nothing below it is as much YAML as the whole is
        at = offset
        for part in own.replace(BELOW, "\n ").split("\n"):
            rest.append(part)
            outline.origins.append(at)
            at += len(part) + 1
        offset += len(line) + 1 + len(below) + below.count(BELOW) + (2 if below else 0)
    outline.rest = "".join(line + "\n" for line in rest)
    return outline if outline.entries else None


def _have_shape(lines: str) -> bool:
    """Whether the lines below a role are names, each with one or more fields below it."""
    # A list, or a word that looks like one; and lines that are indented otherwise.
    if lines.startswith("  ") or any(wrong in lines for wrong in (" -", BELOW + "  ", FIELD + " ")):
        return False
    for quote in "'\"" if "'" in lines or '"' in lines else "":
        around = (": " + quote, quote + BELOW, quote + FIELD)
        if lines.count(quote) != sum(map(lines.count, around)) + lines.endswith(quote):
            return False  # one within a word
    shape = lines.translate(WITHOUT_WORDS)
    while "  " in shape:
        shape = shape.replace("  ", " ")
    entries = set(shape.split(BELOW))
    return all(entry.startswith(NAME) and FIELDS.issuperset(entry[len(NAME) :].split(FIELD)) for entry in entries)


def _read_entries(lines: str, role: str, offset: int, outline: Outline) -> bool:
    """Whether the lines below a role are entries whose names and fields are words, and none stands twice.

    ``offset``: where the first name stands.
    """
    lines = lines.replace(BELOW + "   ", FIELD)
    if not _have_shape(lines):
        return False
    keys = {field[: field.index(":")] for field in lines.split(FIELD)[1:]}
    for key in keys:
        if any(BELOW not in between for between in lines.split(f"{FIELD}{key}:")[1:-1]):
            return False  # twice in one entry
    entries = outline.entries[role] = {}
    found = lines[1:].split(BELOW + " ")
    for entry in found:
        name, _, fields = entry.partition(NAME_END)
        entries[name] = Part(fields)
        outline.places[role, name] = offset
        offset += len(entry) + entry.count(FIELD) * 4 + len("\n  ")
    return len(entries) == len(found) and NULLS.isdisjoint(keys) and NULLS.isdisjoint(entries)


def read_rest(
    outline: Outline, work: Callable[[Node], tuple[Value, KeyOffsets]]
) -> tuple[dict[str, Value], KeyOffsets] | None:
    """Settings and all places of a catalog with an outline; None where the rest has not one meaning by itself."""
    try:
        plain, values, places = visit(outline.rest, lambda root: (root.plain, *work(root)))
    except YamlError:
        return None
    if not plain or not isinstance(values, dict):
        return None
    if any(role not in values or values[role] is not None for role in outline.entries):
        return None  # something else stands below a role, or around all of them
    return values, {path: outline.origin(at) for path, at in places.items()} | outline.places
