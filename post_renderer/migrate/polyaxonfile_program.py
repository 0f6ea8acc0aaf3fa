"""Checks what a polyaxonfile passes to its program: the command, and the inputs (Polyaxon 0.5 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.grid import read_grid
from post_renderer.migrate.pairs import child_pairs, is_empty, is_merge, set_scalar
from post_renderer.problems import quoted
from post_renderer.yamledit.emit import quote
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.node import read_bool, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import Found
    from post_renderer.yamltree import Node

INPUT_KEYS = frozenset("default description is_flag is_list is_optional name options type".split())
LIST = "write a list of mappings: [{name: NAME, type: TYPE}]"
DECLARED = {
    "inputs": LIST,
    "outputs": f"{LIST}; environment.persistence.outputs chooses the volume for the results",
}


def find_program_edits(sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Yield edits and problems of ``run.cmd``, ``inputs`` and ``outputs``. Helm resolves merge keys and aliases."""
    yield from _find_empty_commands(sections[""].get("run"), sections["run"].get("cmd"))
    for key, hint in DECLARED.items():
        pair = sections[""].get(key)
        if pair is None or pair.value.is_null() or pair.value.kind == ALIAS:
            continue
        items = pair.value.items() if pair.value.kind == SEQUENCE else []
        if pair.value.kind != SEQUENCE or any(item.kind not in (MAPPING, ALIAS) for item in items):
            yield pair.problem("not-migratable", "it is not a list of mappings", hint)
        elif key == "inputs":
            yield from _find_input_edits(pair, items, sections[""])


def _find_empty_commands(run: Pair | None, cmd: Pair | None) -> Iterator[Found]:
    hint = "write a command, or remove the key to run the command of the image"
    if run and is_empty(run):
        yield run.problem("not-migratable", "it is empty", hint)
    if cmd is None:
        return
    items = cmd.value.items() if cmd.value.kind == SEQUENCE else [cmd.value]
    if not items or (cmd.value.kind == SCALAR and _is_no_command(cmd.value)):
        yield cmd.problem("not-migratable", "it is empty", hint)
    elif cmd.value.kind == SEQUENCE:
        for item in filter(_is_no_command, items):
            yield cmd.problem_at(item, "an item is empty", "write a command, or remove the item")


def _is_no_command(node: Node) -> bool:
    """Return whether an item holds only spaces, backslashes at the ends of lines, and comments of the shell."""
    if node.kind != SCALAR:
        return False
    lines = [line.strip() for line in (node.value() or "").split("\n")]
    return all(line in ("", "\\") or line.startswith("#") for line in lines)


def _find_input_edits(inputs: Pair, items: list[Node], top: dict[str, Pair]) -> Iterator[Found]:
    params = top.get("params") or top.get("declarations")
    known = {name for name, pair in child_pairs(params).items() if not pair.value.is_null()} if params else set()
    grid = read_grid(top)
    known.update(grid.params if grid else ())  # each member of the grid has a value of these
    complete = params is None or not _has_alias(params.value)
    for item in items:
        if _has_alias(item) or not INPUT_KEYS.issuperset(item.names()):
            continue  # the chart reports an unknown key, which may be the default with a typing error
        name = item.get("name")
        if name is None or name.kind != SCALAR:
            continue
        if not name.style and read_bool(read_values(name)) is not None:
            message, hint = (
                f"the name {quoted(name.text)} is in quotes now",
                "without quotes, YAML reads it as true or false",
            )
            problem = inputs.problem_at(name, message, hint, "changed-meaning")
            yield set_scalar(inputs._replace(value=name), quote(name.text), problem)
        default = item.get("default")
        if complete and name.text not in known and (default is None or default.is_null()):
            hint = "write the value under params, or write a default for the input"
            known.add(name.text)  # a second input of this name would give the same error
            yield inputs.problem_at(name, f"the input {quoted(name.text)} has no value", hint)


def _has_alias(node: Node) -> bool:
    """Return whether a node is an alias, or a mapping with a merge key or an alias as a value."""
    pairs = node.pairs() if node.kind == MAPPING else ()
    return node.kind == ALIAS or any(is_merge(key) or value.kind == ALIAS for key, value in pairs)
