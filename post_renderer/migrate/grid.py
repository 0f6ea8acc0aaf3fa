"""Translates the matrix of a polyaxonfile: the values of params, from which Polyaxon made one experiment each.

The chart computes lists, ranges and linspaces. What its templates can't compute is written out here: logspace and
geomspace as values, and the first ``grid_search.n_experiments`` runs. The rules are those of polyaxon-schemas 0.1 to
0.6, which used numpy.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.migrate.flow_style import flow_text
from post_renderer.migrate.pairs import (
    Pair,
    child_pairs,
    comment_out,
    comments_of,
    expand_flow_first,
    is_empty,
    is_merge,
    read_meant,
    refuse_shared_anchor,
    text_of,
    to_scalar,
)
from post_renderer.migrate.plain_scalars import read_as_polyaxon
from post_renderer.migrate.source_text import LineEdit
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.problems import YamlError, quoted, suggest
from post_renderer.sha256 import sha256
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.source_text import Found, SourceText
    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node

LARGEST = 10**300  # numbers from here on are as good as infinite
EXACT = 2**53  # up to this, a 64-bit float has each whole number
LIMIT = 200  # members of a grid, as in the chart
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?")
KEYS = {
    "range": ("start", "stop", "step"),
    "linspace": ("start", "stop", "num"),
    "geomspace": ("start", "stop", "num"),
    "logspace": ("start", "stop", "num", "base"),
}
DISTRIBUTIONS = frozenset("pvalues uniform quniform loguniform qloguniform normal qnormal lognormal qlognormal".split())
SEARCH_KEYS = ("n_experiments",)  # of grid_search
LATER = "only a program that sees the results of earlier runs can do it: write hptuning.matrix with values"
SEARCHES = {
    "random_search": "remove random_search, and write each param of the matrix as values: [0.1, 0.01]",
    "hyperband": LATER,
    "bo": LATER,
}


class Grid(NamedTuple):
    """``holder``: the top-level pair with the matrix. ``tuning``: the pairs of hptuning. ``params``: of the matrix."""

    holder: Pair
    matrix: Pair
    tuning: dict[str, Pair]
    params: dict[str, Pair]


def read_grid(top: dict[str, Pair]) -> Grid | None:
    """Return the grid of a polyaxonfile; None without a matrix. In Polyaxon 0.0, ``matrix`` was at the top."""
    tuning = child_pairs(top["hptuning"]) if "hptuning" in top else {}
    for holder, matrix in ((top.get("hptuning"), tuning.get("matrix")), (top.get("matrix"), top.get("matrix"))):
        if holder and matrix and not is_empty(matrix):
            return Grid(holder, matrix, tuning, child_pairs(matrix))
    return None


def find_grid_edits(top: dict[str, Pair]) -> Iterator[Found]:
    """Yield edits and problems of a matrix and of the keys beside it."""
    grid = read_grid(top)
    tuning = top.get("hptuning")
    if grid is None:
        if tuning and not is_empty(tuning):
            _refuse_aliases(tuning)
            yield tuning.problem("not-migratable", "it has no matrix", "write hptuning.matrix, or remove hptuning")
        return
    kind = text_of(top.get("kind")) or "group"
    if kind not in ("group", "experiment"):
        message = f"a run of kind {kind} can't have a matrix"
        yield grid.holder.problem("not-migratable", message, f"write kind: group, or remove {grid.holder.name}")
        return
    for key, hint in SEARCHES.items():
        if key in grid.tuning and not grid.tuning[key].value.is_null():
            yield grid.tuning[key].problem(
                "not-migratable", "it is not a grid: it chooses the values of each run", hint
            )
    stopping = grid.tuning.get("early_stopping")
    if stopping:
        message = "no run sees the results of the others, so all of them run to their end"
        yield comment_out(stopping, "not-migrated", message, "stop runs that are not needed: kubectl delete job")
    search = child_pairs(grid.tuning["grid_search"]) if "grid_search" in grid.tuning else {}
    for name, pair in search.items():
        if name not in SEARCH_KEYS and not is_merge(pair.key):
            yield pair.problem("not-migratable", "is not supported", suggest(name, SEARCH_KEYS))
    fixed = {name for key in ("params", "declarations") if key in top for name in child_pairs(top[key])}
    for name, param in grid.params.items():
        if name in fixed:
            message = f"{quoted(name)} is also in the params: Polyaxon used that one value for all runs"
            yield param.problem("not-migratable", message, "remove it from one of the two")
        yield from _find_param_edits(param)


def _refuse_aliases(pair: Pair) -> None:
    """Raise YamlError if an alias or a merge key hides values that migrate must read."""
    todo = [pair.value]
    while todo:
        node = todo.pop()
        if node.kind == ALIAS or (node.kind == SCALAR and is_merge(node)):
            message = f"migrate must read the values of {pair.path}, but an alias or a merge key has them"
            raise YamlError("alias", node.start, message, "write the values instead of the alias or the merge key")
        todo += node.children


def _find_param_edits(param: Pair) -> Iterator[Found]:
    for kind, option in child_pairs(param).items():
        if kind in DISTRIBUTIONS and not option.value.is_null():
            message = "it is a distribution, which only random search can use"
            yield option.problem("not-migratable", message, "write values: [0.1, 0.01], with the values to try")
        elif kind in ("logspace", "geomspace") and not option.value.is_null():
            yield _write_out(option)


def _write_out(option: Pair) -> LineEdit:
    """Return the edit that writes the numbers of a logspace or a geomspace as ``values``. Raises YamlError."""
    if room := expand_flow_first(option, option.within):
        return room
    refuse_shared_anchor(option.value, option)
    text = ", ".join(map(as_yaml, _compute(option)))
    page, indent = option.page, " " * option.column
    lines = [page.new(indent + comment, option.first) for comment in comments_of(option)]
    lines.append(page.new(f"{indent}values: [{text}]", option.first))
    message = f"the values of this {option.name} are written out"
    problem = option.problem("changed-meaning", message, "nothing to do: Helm's templates can't compute them")
    change = TreeChange(removed=(option.key,), added=((option.within, read_meant([f"values: [{text}]"])),))
    return LineEdit([(option.lead, option.behind, lines)], [problem], change=change)


def as_yaml(number: float) -> str:
    """Return a number as text that YAML 1.1 and 1.2 read as this number: in YAML 1.1, 1e-05 is a string."""
    text = str(int(number)) if number.is_integer() and abs(number) < EXACT else repr(number)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def _compute(option: Pair, first: int = 0) -> list[float]:
    """Return the numbers of a range, linspace, logspace or geomspace, as numpy. Raises YamlError.

    ``first``: return only so many numbers. Then a range or linspace may have more than LIMIT.
    """

    def refuse(message: str) -> YamlError:
        return YamlError("not-migratable", option.value.start, message, "write values, with the values to try")

    _refuse_aliases(option)
    keys = KEYS[option.name]
    numbers = _read_numbers(option.value, keys)
    if numbers is None:
        raise refuse(f"{option.name} must have the numbers {', '.join(keys)}")
    start, stop, third = numbers[:3]
    if start >= stop:
        raise refuse("stop must be greater than start")
    if option.name == "range":
        count = math.ceil((stop - start) / third) if third > 0 else 0
    else:
        count = int(third) if third == int(third) else 0
    most = first if option.name in ("range", "linspace") else 0
    if count < 1 or (count > LIMIT and not most):
        raise refuse(f"{option.name} must have between 1 and {LIMIT} values")
    if option.name == "range":
        return [start + number * ((start + third) - start) for number in range(min(count, most or count))]
    if option.name == "linspace":
        return _linspace(start, stop, count, most or count)
    try:
        if option.name == "logspace":
            base = numbers[3] if len(numbers) > 3 else 10.0
            return [float(base**power) for power in _linspace(start, stop, count, count)]
        sign = 1 if start > 0 else -1
        powers = _linspace(math.log10(sign * start), math.log10(sign * stop), count, count)
        inner = [sign * 10.0**power for power in powers[1:-1]]
    except (ArithmeticError, ValueError, TypeError):
        raise refuse(f"{option.name} has values that are not numbers") from None
    return [float(start), *inner, *([float(stop)] if count > 1 else [])]


def _linspace(start: float, stop: float, count: int, first: int) -> list[float]:
    """Return the first numbers of ``count`` with equal distances."""
    if count == 1:
        return [float(start)]
    step = (stop - start) / (count - 1)
    numbers = [number * step + start for number in range(min(count - 1, first))]
    return numbers if first < count else [*numbers, float(stop)]


def _read_numbers(node: Node, keys: tuple[str, ...]) -> list[float] | None:
    """Return the numbers of ``start:stop:num``, of a list or of a mapping. The fourth number is optional."""
    if node.kind == SCALAR:
        numbers = [_to_number(text) for text in node.text.split(":")]
    elif node.kind == SEQUENCE:
        numbers = [_read_number(item) for item in node.children if item.kind == SCALAR]
    else:
        given = {key.text: _read_number(value) for key, value in node.pairs() if value.kind == SCALAR}
        numbers = [given[key] for key in keys if key in given] if set(given) <= set(keys) else []
    found = [number for number in numbers if number is not None and abs(number) < LARGEST]
    return found if len(found) == len(numbers) and 3 <= len(found) <= len(keys) else None


def _read_number(node: Node) -> float | None:
    """Return the number that Polyaxon read in a scalar: 010 is 8. None for anything else."""
    try:
        value = node.text if node.style else read_as_polyaxon(node.text)
    except ValueError:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < LARGEST else math.inf
    return _to_number(node.text)


def _to_number(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text.strip()) else None


def _read_count(pair: Pair | None) -> int | None:
    """Return a whole number, 1 or more; None for anything else, which the chart reports."""
    number = _read_number(pair.value) if pair and pair.value.kind == SCALAR else None
    return int(number) if number is not None and number.is_integer() and number >= 1 else None


def find_notes(top: dict[str, Pair], members: int = 0) -> list[Problem]:
    """Return what the user must know about a grid. ``members``: the number of its runs, if they are written out."""
    grid = read_grid(top)
    if grid is None:
        return []
    notes = []
    concurrency = grid.tuning.get("concurrency")
    limit = _read_count(concurrency) or text_of(concurrency) or 1  # 1: Polyaxon's default
    if not isinstance(limit, int) or limit < (members or _count_members(grid)):
        pair = grid.tuning.get("concurrency", grid.holder)
        message = f"all runs of the grid start at the same time: Polyaxon ran {limit} at a time"
        hint = "to keep that, write the label kueue.x-k8s.io/queue-name of a queue of Kueue under runs.<run>.labels"
        notes.append(pair.problem("changed-meaning", message, hint))
    search = grid.tuning.get("grid_search")
    if members and search:
        message = f"the first {members} runs of the grid are written out, in Polyaxon's order, and have no group"
        hint = "find their results in the directory experiments of the outputs volume, and not in groups"
        notes.append(search.problem("changed-meaning", message, hint))
    return notes


def _count_members(grid: Grid) -> float:
    """Return the number of runs of a grid; infinity if an alias or an error hides it, which Helm or the chart reads."""
    try:
        return math.prod(len(_list_values(grid.holder.page, param)) for param in grid.params.values())
    except YamlError:
        return math.inf


class Member(NamedTuple):
    """One run of a grid.

    ``values``: param -> its value as text in YAML, on one line. ``nodes``: param -> the node of the same value.
    """

    suffix: str
    values: dict[str, str]
    nodes: dict[str, Node]


def find_written_members(page: SourceText, top: dict[str, Pair]) -> list[Member]:
    """Return the runs that are written out: the first ``grid_search.n_experiments`` of a grid that has more runs.

    Polyaxon kept hptuning as jsonb of PostgreSQL, which sorts keys by their length and then by their bytes. It took the
    first combinations in this order, and the last param changed fastest. Raises YamlError.
    """
    grid = read_grid(top)
    search = grid.tuning.get("grid_search") if grid else None
    wanted = _read_count(child_pairs(search).get("n_experiments")) if search else None
    if grid is None or wanted is None:
        return []
    names = sorted(grid.params, key=lambda name: (len(name.encode()), name.encode()))
    # One value more than the runs need shows that there are more combinations.
    first = wanted + 1 if wanted <= LIMIT else 0
    lists = [_list_values(page, grid.params[name], first) for name in names]
    if wanted >= math.prod(map(len, lists)):
        return []
    if wanted > LIMIT:
        raise YamlError("not-migratable", grid.holder.key.start, f"the grid has more than {LIMIT} runs", "write fewer")
    members = []
    for combination in itertools.islice(itertools.product(*lists), wanted):
        values = {name: text for name, (text, _) in zip(names, combination, strict=True)}
        nodes = {name: node for name, (_, node) in zip(names, combination, strict=True)}
        text = ",".join(f"{name}={values[name]}" for name in sorted(values))
        members.append(Member(sha256(text.encode()).hexdigest()[:8], values, nodes))
    if len({member.suffix for member in members}) < len(members):
        message = "two runs of the grid would have the same params"
        raise YamlError("not-migratable", grid.matrix.key.start, message, "write each value of a param once")
    return members


def _list_values(page: SourceText, param: Pair, first: int = 0) -> list[tuple[str, Node]]:
    """Return the values of a param, each as text in YAML and as a node. ``first``: as for ``_compute``.

    Raises YamlError if migrate can't list them.
    """
    for kind, option in child_pairs(param).items():
        if option.value.is_null():
            continue
        if kind == "values" and option.value.kind == SEQUENCE and option.value.children:
            return [(flow_text(page, item), item) for item in option.value.children]
        if kind in KEYS:
            return [(text, parse(text)) for text in map(as_yaml, _compute(option, first))]
    _refuse_aliases(param)
    raise YamlError("not-migratable", param.key.start, "it has no values", "write values: [0.1, 0.01]")


def params_text(page: SourceText, params: Pair | None, values: dict[str, str]) -> str:
    """Return a mapping in braces: the params of a polyaxonfile and the values of one run. Raises YamlError."""
    given = flow_text(page, params.value)[1:-1] if params and params.value.kind == MAPPING else ""
    own = [f"{to_scalar(name)}: {text}" for name, text in values.items()]
    return "{" + ", ".join(([given] if given else []) + own) + "}"
