"""Finds keys that are twice in one mapping of a values file. Helm takes the last one, and says nothing.

So a run can get lost: a copied name, or a name that is indented too far, so that its keys repeat those of the run
before it.
"""

from __future__ import annotations

from post_renderer.problems import USER_FILE, Problem, escape_control, quoted
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from post_renderer.yamltree import Node

    LineOf = Callable[[Node], int]


def find_repeated_keys(root: Node | None, path: str, line_of: LineOf) -> list[Problem]:
    """Return an error for each repeated key, in the order of the lines.

    ``root``: the root node of the file; None if the file is empty. Aliases are not followed: their keys are elsewhere.
    """
    found: list[tuple[int, Problem]] = []
    todo: list[tuple[Node, str]] = [(root, "")] if root else []
    while todo:
        node, place = todo.pop()
        if node.kind == SEQUENCE:
            todo += [(item, f"{place}[{number}]") for number, item in enumerate(node.children)]
        elif node.kind == MAPPING:
            todo += [(value, _join(place, key)) for key, value in node.pairs()]
            for key, first, empty in _find_repeated(node):
                problem = _report(_join(place, key), line_of(first), (empty.text, line_of(empty)) if empty else None)
                problem.file, problem.line = path, line_of(key)
                found.append((key.start, problem))
    return [problem for _, problem in sorted(found, key=lambda pair: pair[0])]


def _join(place: str, key: Node) -> str:
    name = key.text if key.kind == SCALAR else "?"
    return f"{place}.{name}" if place else name


def _find_repeated(node: Node) -> Iterator[tuple[Node, Node, Node | None]]:
    """Yield each repeated key, the first key of this name, and the last key without a value between the two."""
    seen: dict[str, tuple[int, Node]] = {}
    empty_at, empty = -1, None
    for number, (key, value) in enumerate(node.pairs()):
        if key.kind != SCALAR or (key.text == "<<" and not key.style):
            continue
        first_at, first = seen.setdefault(key.text, (number, key))
        if first is not key:
            yield key, first, empty if empty_at > first_at else None
        elif value.is_null():
            empty_at, empty = number, key


def _report(place: str, first_line: int, empty: tuple[str, int] | None) -> Problem:
    """Return the error about a repeated key. ``empty``: the name and the line of a key without a value before it."""
    message = f"{escape_control(place)} is written twice (first in line {first_line})"
    hint = "Helm takes the last one. Remove or rename one of the two keys"
    if empty:
        hint = f"Helm takes the last one. Is {quoted(empty[0])} (line {empty[1]}) indented too far?"
    return Problem("duplicate-key", message, hint, subject=USER_FILE)
