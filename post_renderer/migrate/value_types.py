"""Values in a polyaxonfile that today's chart refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.pairs import child_pairs, is_merge, text_of
from post_renderer.migrate.tables import KINDS_OF_VALUES, RESERVED, TAKEN
from post_renderer.problems import quoted
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.node import is_number, is_string, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node

LARGEST_EXACT = 2**53  # from here on, a 64-bit float does not hold each number


def number_of(node: Node) -> float | None:
    """The number that Helm reads in an unquoted scalar; none in anything else."""
    if node.kind != SCALAR or node.style or not is_number(node.text):
        return None
    bare = node.text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
    try:
        return float(int(bare, 0))
    except ValueError:
        return float(bare)
    except OverflowError:
        return float("inf")


def find_wrong_kinds(sections: dict[str, dict[str, Pair]]) -> Iterator[Problem]:
    """Values that are not of the kind that the chart takes."""
    for section, kinds in TAKEN.items():
        for key, pair in sections[section].items():
            kind = kinds.get(key, "any")
            if kind != "any" and not pair.value.is_null() and not _is_kind(kind, pair.value):
                message, example = KINDS_OF_VALUES[kind]
                yield pair.problem("not-migratable", message, f"{key}: {example}")


def _is_kind(kind: str, node: Node) -> bool:
    """Whether a node is what the chart expects; Helm writes aliases out, and takes nulls of a mapping away."""
    if node.kind == ALIAS:
        return True
    if kind == "variables":
        return node.kind in (MAPPING, SEQUENCE) and all(map(_is_variable, _read_variables(node)))
    if kind in ("mapping", "strings"):
        return node.kind == MAPPING and (kind == "mapping" or all(map(_is_text_or_null, _own_values(node))))
    if kind in ("list", "names"):
        return node.kind == SEQUENCE and (kind == "list" or all(_is_kind("string", item) for item in node.items()))
    return node.kind == SCALAR and (number_of(node) is not None if kind == "number" else is_string(read_values(node)))


def _own_values(node: Node) -> list[Node]:
    return [value for key, value in node.pairs() if not is_merge(key)]


def _is_text_or_null(node: Node) -> bool:
    return node.is_null() or _is_kind("string", node)


def _read_variables(node: Node) -> list[list[Node]]:
    """Polyaxon's pairs of names and values, or a mapping of them, of which Helm takes nulls away."""
    if node.kind == MAPPING:
        return [[key, value] for key, value in node.pairs() if not (value.is_null() or is_merge(key))]
    return [item.children if item.kind == SEQUENCE else [item] for item in node.children if item.kind != ALIAS]


def _is_variable(words: list[Node]) -> bool:
    return len(words) == 2 and all(word.kind in (SCALAR, ALIAS) for word in words)


def find_refused_values(sections: dict[str, dict[str, Pair]]) -> Iterator[Problem]:
    """Values of the right kind that the chart refuses."""
    version = sections[""].get("version")
    said = version is not None and version.value.kind != ALIAS and not version.value.is_null()
    if version and said and number_of(version.value) != 1 and version.value.text != "1":
        yield version.problem("not-migratable", "is not 1, that of Polyaxon 0.x", "version: 1")
    restarts = sections["environment"].get("max_restarts")
    number = number_of(restarts.value) if restarts else None
    if restarts and number is not None and not (number.is_integer() and 0 <= number < LARGEST_EXACT):
        yield restarts.problem("not-migratable", "is a whole number, 0 or more", "max_restarts: 3")
    for key, prefixes in RESERVED.items():
        pair = sections["environment"].get(key)
        for name in child_pairs(pair).values() if pair else ():
            if name.name.startswith(prefixes):
                message = f"{quoted(name.name)} is not free to set"
                yield name.problem("not-migratable", message, "take it out: the chart writes it")
    for section in ("build", "run", "environment"):
        if "env_vars" in sections[section]:
            yield from _find_refused_variables(sections[section]["env_vars"], section)
    for pair in sections["environment.resources"].values():
        yield from _find_refused_amounts(pair)


def _find_refused_variables(pair: Pair, section: str) -> Iterator[Problem]:
    for words in filter(_is_variable, _read_variables(pair.value) if _is_kind("variables", pair.value) else ()):
        name, value = words
        if pair.value.kind == SEQUENCE and not _is_kind("string", name):
            yield pair.problem_at(name, f"{quoted(name.text)} is no name as YAML reads it", "write it in quotes")
        if value.is_null():
            yield pair.problem_at(value, f"{quoted(name.text)} has no value", 'write one, "" for an empty one')
        elif "$" in value.text and section != "environment":
            message = f"{quoted(name.text)} holds a $, which was filled while an image was built"
            yield pair.problem_at(value, message, "write the value itself")


def _find_refused_amounts(pair: Pair) -> Iterator[Problem]:
    """``resources.cpu`` and its like: requests and limits, which are one for a GPU."""
    amounts = {name: amount for name, amount in child_pairs(pair).items() if not is_merge(amount.key)}
    for name, amount in amounts.items():
        if name not in ("requests", "limits"):
            yield amount.problem("not-migratable", f"unknown key {quoted(name)}", "write requests or limits")
        elif not amount.value.is_null() and not (_is_kind("number", amount.value) or _is_kind("string", amount.value)):
            yield amount.problem("not-migratable", "is a number", f"{name}: 1")
    texts = {_written(amount.value) for amount in amounts.values() if text_of(amount)}
    if pair.name == "gpu" and len(texts) > 1:
        message = "Kubernetes gives as many GPUs as the limit says"
        yield pair.problem("not-migratable", message, "write the same number for requests and limits")


def _written(node: Node) -> str:
    """An amount as Helm writes it, a number in its shortest form."""
    number = number_of(node)
    return node.text if number is None else f"{number:.16g}"
