"""Compares each new file that has aliases or merge keys with the migration of its values, without them.

The rules edit the text of a file, so they can't change a value in one of several places that have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.file import MigratedFile
from post_renderer.migrate.file_text import BOM, decode, join_surrogates, shown_path
from post_renderer.migrate.pairs import is_merge
from post_renderer.migrate.value_layers import read_resolved
from post_renderer.migrate.volume_names import new_name
from post_renderer.problems import ERROR, USER_FILE, Problem, YamlError
from post_renderer.yamledit.emit import block_yaml
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value

MESSAGE = "an alias or a merge key gives several places this value, and it must not change in all of them"
HINT = "write the value instead of the alias or the merge key"


def find_alias_problems(files: list[MigratedFile], together: MergedValues) -> Iterator[Problem]:
    """Yield an error for each file that would mean something else with its values instead of aliases.

    ``together``: the values files, as they were before the migration.
    """
    for file in files:
        if not any(problem.severity == ERROR for problem in file.problems):
            yield from _find_problems(file, together)


def _find_problems(file: MigratedFile, together: MergedValues) -> Iterator[Problem]:
    root = _parse(file.old)
    if not any(map(_is_alias, _walk(root))):
        return
    is_values = file.path in together.layers
    problem, path = Problem("alias", MESSAGE, HINT, subject=USER_FILE), []
    try:
        text = block_yaml(read_resolved(root), 0, 2, "\n")
        expected = MigratedFile(file.path, text.encode(), file.run, together=together, is_expanded=True)
        error = next((problem for problem in expected.problems if problem.severity == ERROR), None)
        if error:
            problem = error
            problem.message = f"with the values of aliases and merge keys: {error.message}"
            path = error.about.split(".")
        else:
            found = _find_difference(*(read_resolved(_parse(raw)) for raw in (file.new, expected.new)))
            if found is None:
                return
            path = found if is_values else found[3:]  # runs.NAME.polyaxonfile
            problem.about = ".".join(path)
    except YamlError as large:
        problem.message = large.message
    problem.file = shown_path(file.path)
    problem.line = _text(file.old).count("\n", 0, _find_spot(root, path).start) + 1
    yield problem


def _text(raw: bytes) -> str:
    return join_surrogates(decode(raw, len(raw)).removeprefix(BOM))


def _parse(raw: bytes) -> Node:
    return parse(_text(raw), full=True)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _is_alias(node: Node) -> bool:
    return node.kind == ALIAS or (node.kind == SCALAR and is_merge(node))


def _find_difference(one: Value, other: Value) -> list[str] | None:
    """Return the path of the first difference; None if the values are equal."""
    if one == other:
        return None
    if isinstance(one, dict) and isinstance(other, dict):
        for name in (*other, *one):
            inner = _find_difference(one[name], other[name]) if name in one and name in other else []
            if inner is not None:
                return [name, *inner]
    return []


def _find_spot(root: Node, path: list[str]) -> Node:
    """Return the first alias or merge key in the innermost node of a path, or that node.

    A volume may have its new name in the path.
    """
    node = root
    for name in path:
        pairs = node.pairs() if node.kind == MAPPING else []
        found = [value for key, value in pairs if key.kind == SCALAR and new_name(key.text) == new_name(name)]
        if not found:
            break
        node = found[0]
    return next(filter(_is_alias, _walk(node)), node)
