"""Translates keys of a polyaxonfile that this chart does not accept, or would read differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import WORDS_OF_HELM
from post_renderer.migrate.grid import read_grid
from post_renderer.migrate.pairs import (
    child_pairs,
    comment_out,
    is_empty,
    is_merge,
    read_pairs,
    rename,
    set_scalar,
    text_of,
)
from post_renderer.migrate.tables import BACKENDS, DECIDE, FOR_JOBS, GONE, NOTHING, SECTIONS
from post_renderer.problems import quoted
from post_renderer.yamledit.emit import quote
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.node import PlainScalar, is_number, read_bool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import Found, LineEdit, SourceText
    from post_renderer.yamltree import Node

LETTERS = ("y", "Y", "n", "N")  # PyYAML, which Polyaxon used, reads these as text
LARGEST_EXACT = 2**53  # above this, a 64-bit float can't represent each whole number
# Section and key of values that the chart passes to programs.
HANDED_ON = (
    ("", "declarations"),
    ("", "params"),
    ("", "inputs"),
    *((name, "env_vars") for name in ("build", "run", "environment")),
)
# Mappings of strings in Kubernetes: a key such as on must stay a string.
LABEL_MAPS = ("labels", "annotations", "node_selector", "node_selectors")
# Section and key where {{ … }} is refused, beside the params. The chart refuses it in the other keys of these sections.
LITERAL = (("run", "env_vars"), ("environment", "security_context"))


def read_sections(page: SourceText, root: Node) -> dict[str, dict[str, Pair]]:
    """Return the pairs of each section of a polyaxonfile that the chart reads."""
    sections: dict[str, dict[str, Pair]] = {"": read_pairs(page, root)}
    for name in SECTIONS:
        holder, _, key = name.rpartition(".")
        sections[name] = child_pairs(sections[holder][key]) if key in sections[holder] else {}
    return sections


def has_image(sections: dict[str, dict[str, Pair]]) -> bool:
    """Return whether ``build`` names an image, or has an alias or a merge key, which may contain an image."""
    build, image = sections[""].get("build"), sections["build"].get("image")
    if any(pair and pair.value.kind == ALIAS for pair in (build, image)):
        return True
    return bool(text_of(image)) or any(is_merge(pair.key) for pair in sections["build"].values())


def find_key_edits(sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Yield edits and problems for keys of Polyaxon that the chart does not accept. The chart reports other keys."""
    for section, pairs in sections.items():
        for pair in pairs.values():
            yield from _find_key_edits(section, pair)


def _find_key_edits(section: str, pair: Pair) -> Iterator[Found]:
    """Helm removes a key with null."""
    key = pair.name
    if key in GONE.get(section, ()):
        yield comment_out(pair, "not-migrated", "it has no counterpart here", GONE[section][key])
    elif key not in DECIDE.get(section, ()) or pair.value.is_null():
        return
    elif is_empty(pair):
        yield comment_out(pair, "not-migrated", "it is empty", NOTHING)
    else:
        message = "is not supported: the run would do something else without it"
        yield pair.problem("not-migratable", message, DECIDE[section][key])


def find_edits_by_kind(sections: dict[str, dict[str, Pair]]) -> Iterator[LineEdit]:
    """Comment out keys that the run's kind does not have, and values that it does not allow."""
    kind = text_of(sections[""].get("kind")) or "experiment"
    backends, hint = BACKENDS.get(kind, ((), ""))
    backend = sections[""].get("backend")
    if backend and text_of(backend) and backends and text_of(backend) not in backends:
        yield comment_out(backend, "not-migrated", "it has no counterpart here", hint)
    for section, key in FOR_JOBS if kind in ("notebook", "tensorboard") else ():
        if key in sections[section]:
            pair = sections[section][key]
            yield comment_out(
                pair,
                "not-migrated",
                f"a {kind} can't have it",
                f"nothing to do, a {kind} is started again when it ends",
            )


def find_yaml11_surprises(sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Quote names, and report numbers, in params and variables that YAML or Helm would change."""
    for section, key in HANDED_ON:
        if key in sections[section]:
            yield from _find_yaml11_surprises(sections[section][key], sections[section][key].value)
    grid = read_grid(sections[""])
    if grid:
        yield from _find_yaml11_surprises(grid.matrix, grid.matrix.value)
    for key in LABEL_MAPS:
        if key in sections["environment"]:
            yield from _quote_names(sections["environment"][key], sections["environment"][key].value)


def _find_yaml11_surprises(pair: Pair, node: Node) -> Iterator[Found]:
    yield from _quote_names(pair, node)
    if node.kind == SCALAR and not node.style and node.text in LETTERS:
        message = f"the value {quoted(node.text)} is in quotes now"
        hint = "without quotes, Helm reads it as true or false, but Polyaxon read it as text"
        problem = pair.problem_at(node, message, hint, "changed-meaning")
        yield set_scalar(pair._replace(value=node), quote(node.text), problem)
    if not abs(_number_of(node)) < LARGEST_EXACT:
        yield pair.problem_at(node, f"{quoted(node.text)} is a number that may lose digits", "write it in quotes")
    for child in node.children[1::2] if node.kind == MAPPING else node.children:
        yield from _find_yaml11_surprises(pair, child)


def _quote_names(pair: Pair, node: Node) -> Iterator[LineEdit]:
    for key, _ in node.pairs() if node.kind == MAPPING else ():
        if key.text not in WORDS_OF_HELM and not key.style and read_bool(PlainScalar(key.text)) is not None:
            message = f"the name {quoted(key.text)} is in quotes now"
            problem = pair.problem_at(key, message, "without quotes, YAML reads it as true or false", "changed-meaning")
            yield rename(pair._replace(key=key), quote(key.text), problem)


def _number_of(node: Node) -> float:
    """Return the number that Helm reads in an unquoted scalar; 0 for anything else."""
    if node.kind != SCALAR or node.style or not is_number(node.text):
        return 0
    bare = node.text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
    try:
        return float(int(bare, 0))
    except ValueError:
        return float(bare)
    except OverflowError:
        return float("inf")


def find_unfilled(sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Report {{ … }} in keys that the chart does not fill in, because the program would get the braces."""
    top = sections[""]
    hint = "write the value itself"
    searched = [(pair, pair.value, hint) for section, key in LITERAL if (pair := sections[section].get(key))]
    hint += ", or write {{ name }} in run.cmd"
    searched += [(top[key], top[key].value, hint) for key in ("params", "declarations") if key in top]
    if "inputs" in top and top["inputs"].value.kind == SEQUENCE:
        keys = [pair for item in top["inputs"].value.items() if item.kind == MAPPING for pair in item.pairs()]
        searched += [(top["inputs"], value, hint) for key, value in keys if key.text == "default"]
    grid = read_grid(top)
    if grid:
        searched.append((grid.matrix, grid.matrix.value, hint))
    for pair, node, remedy in searched:
        for leaf in _value_leaves(node):
            if leaf.kind == SCALAR and any(brace in leaf.text for brace in ("{{", "{%")):
                yield pair.problem_at(leaf, "it contains {{ … }}, but only run.cmd is filled in", remedy)


def _value_leaves(node: Node) -> Iterator[Node]:
    """Yield the scalars and aliases of a node, without the keys of mappings."""
    if node.kind in (SCALAR, ALIAS):
        yield node
    for child in node.children[1::2] if node.kind == MAPPING else node.children:
        yield from _value_leaves(child)
