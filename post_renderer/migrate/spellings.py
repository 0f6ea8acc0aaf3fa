"""Rewrites plain scalars that Helm reads differently than Polyaxon did, such as ``08`` and ``1:30``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import WORDS_OF_HELM
from post_renderer.migrate.grid import as_yaml, read_grid
from post_renderer.migrate.pairs import child_pairs, is_merge, rename, set_scalar
from post_renderer.migrate.plain_scalars import evaluate, is_same, read_as_helm, read_as_polyaxon
from post_renderer.problems import quoted
from post_renderer.yamledit.emit import quote
from post_renderer.yamltree import MAPPING, SCALAR
from post_renderer.yamltree.node import follow_alias, read_bool
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.plain_scalars import Plain
    from post_renderer.migrate.source_text import Found, LineEdit
    from post_renderer.yamltree import Node

LARGEST_EXACT = 2**53  # above this, a 64-bit float can't represent each whole number
MAY_DIFFER = re.compile(r"[-+.0-9].*|[yYnN]", re.DOTALL)  # the two readers agree about all other scalars
VARIABLES = "env_vars"  # their values reach no message
FLAGS = frozenset(("is_flag", "is_list", "is_optional"))  # keys of an input; Polyaxon read y and n there as booleans
# Section and key of values that the chart passes to programs.
HANDED_ON = (
    ("", "declarations"),
    ("", "params"),
    ("", "inputs"),
    *((name, VARIABLES) for name in ("build", "run", "environment")),
)
# Section and key of texts, and of names of other objects.
TEXTS = (
    *(("", key) for key in ("name", "user", "project", "description", "tags")),
    ("build", "image"),
    *(("run", key) for key in ("cmd", "image")),
    *(
        ("environment", key)
        for key in """labels annotations node_selector node_selectors persistence data_refs artifact_refs outputs
        service_account secret_refs configmap_refs""".split()
    ),
)
# Mappings of strings in Kubernetes: a key such as on must stay a string.
LABEL_MAPS = ("labels", "annotations", "node_selector", "node_selectors")


def find_spelling_edits(sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Yield edits of names, texts and numbers that Helm would read differently, and report numbers that lose digits."""
    for section, key in HANDED_ON:
        if key in sections[section]:
            yield from _Search(sections[section][key]).find(sections[section][key].value)
    grid = read_grid(sections[""])
    if grid:
        yield from _Search(grid.matrix).find_names(grid.matrix.value)
        for param in grid.params.values():
            for name, option in child_pairs(param).items():
                if name in ("values", "pvalues"):
                    yield from _Search(option).find(option.value)
    for section, key in TEXTS:
        if key in sections[section]:
            search = _Search(sections[section][key], is_text=True)
            yield from search.find(sections[section][key].value, names=key in LABEL_MAPS)


class _Search:
    """Searches the value of a pair, and follows aliases. ``is_text``: numbers stay, because they were an error."""

    def __init__(self, pair: Pair, *, is_text: bool = False) -> None:
        self._pair = pair
        self._is_text = is_text
        self._seen: set[Node] = set()

    def find(self, node: Node, *, names: bool = True) -> Iterator[Found]:
        node = follow_alias(node)
        if node in self._seen:
            return
        self._seen.add(node)
        if names:
            yield from self.find_names(node)
        if node.kind == SCALAR and not node.style and MAY_DIFFER.fullmatch(node.text):
            yield from self._find_value(node)
        if node.kind != MAPPING:
            children = node.children
        elif self._pair.name == "inputs":
            children = [value for key, value in node.pairs() if key.text not in FLAGS]
        else:
            children = node.children[1::2]
        for child in children:
            yield from self.find(child, names=names)

    def find_names(self, node: Node) -> Iterator[LineEdit]:
        for key, _ in node.pairs() if node.kind == MAPPING else ():
            if key.kind != SCALAR or key.style or key.text in WORDS_OF_HELM or is_merge(key):
                continue
            why = name = ""
            if read_bool(PlainScalar(key.text)) is not None:
                name, why = key.text, "true or false"
            elif MAY_DIFFER.fullmatch(key.text):
                name, why = _name_of(key.text), "a number"
            if why and name:
                message, hint = f"the name {quoted(name)} is in quotes now", f"without quotes, YAML reads it as {why}"
                problem = self._pair.problem_at(key, message, hint, "changed-meaning")
                yield rename(self._pair._replace(key=key), quote(name), problem)

    def _find_value(self, node: Node) -> Iterator[Found]:
        old, new = _read(node.text)
        old = old if self._is_text else evaluate(old)
        shown = "a value" if self._pair.name == VARIABLES else f"the value {quoted(node.text)}"
        if isinstance(old, str) and not is_same(old, new):
            read = "true or false" if isinstance(new, bool) else "a number"
            hint = f"without quotes, Helm reads it as {read}, but Polyaxon read it as text"
            yield self._written(node, quote(node.text), f"{shown} is in quotes now", hint)
        if self._is_text or isinstance(old, bool) or not isinstance(old, int | float):
            return
        if not -LARGEST_EXACT < old < LARGEST_EXACT:  # nor is infinity, or what is not a number
            yield self._pair.problem_at(node, f"{shown} is a number that may lose digits", "write it in quotes")
        elif self._pair.name == VARIABLES and isinstance(old, float) and old.is_integer():
            hint = "a variable is text: without quotes, Helm would write 1 for the number 1.0"
            yield self._written(node, quote(str(old)), f"{shown} is in quotes now", hint)
        elif not is_same(old, new):
            text = as_yaml(old) if isinstance(old, float) else str(old)
            message = f"{shown} is {'a number' if self._pair.name == VARIABLES else text} now"
            yield self._written(node, text, message, "Polyaxon read it as this number, but Helm reads it as text")

    def _written(self, node: Node, text: str, message: str, hint: str) -> LineEdit:
        problem = self._pair.problem_at(node, message, hint, "changed-meaning")
        return set_scalar(self._pair._replace(value=node), text, problem)


def _read(text: str) -> tuple[Plain, Plain]:
    """Return the values of a scalar for Polyaxon and for Helm; twice None for a scalar that Polyaxon refused."""
    try:
        return read_as_polyaxon(text), read_as_helm(text)
    except ValueError:
        return None, None


def _name_of(text: str) -> str:
    """Return a name such as 08, which is text for Polyaxon and a number for Helm; else ''.

    Polyaxon refused numbers as names of params.
    """
    old, new = _read(text)
    old = evaluate(old)
    return old if isinstance(old, str) and old != new else ""
