"""Translates keys of a polyaxonfile that this chart does not accept, or would read differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.flow_style import value_leaves
from post_renderer.migrate.grid import read_grid
from post_renderer.migrate.pairs import (
    child_pairs,
    comment_out,
    is_empty,
    is_merge,
    read_pairs,
    text_of,
)
from post_renderer.migrate.tables import BACKENDS, DECIDE, FOR_JOBS, GONE, NOTHING, SECTIONS
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import Found, LineEdit, SourceText
    from post_renderer.yamltree import Node

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
        for leaf in value_leaves(node):
            if leaf.kind == SCALAR and any(brace in leaf.text for brace in ("{{", "{%")):
                yield pair.problem_at(leaf, "it contains {{ … }}, but only run.cmd is filled in", remedy)
