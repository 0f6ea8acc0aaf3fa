"""Makes the mutants: copies of a module that differ from it in one place. The changes are those of mutmut.

mutmut's own runner leaves out decorated functions and everything outside of functions, such as the tables of names and
rules. It chooses tests by function, not by line. So this directory uses its operators only.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGES = ("resolve", "inject", "catalog", "request", "runs", "yamledit", "yamltree", "commands")
# Only text for readers. `make lint` compares it with docs/errors.md, so its mutants say nothing about the tests.
TEXT = ("post_renderer/commands/code_help.py",)


class Key(NamedTuple):
    """What a mutant is called: it stays the same when lines move. ``number`` counts equal changes of one function."""

    module: str
    function: str
    diff: str
    number: int = 1


class Mutant(NamedTuple):
    """``lines`` replace the lines of the module from ``start`` (from 0) up to ``end``."""

    key: Key
    start: int
    end: int
    lines: tuple[str, ...]

    @property
    def stage(self) -> str:
        return self.key.module.split("/")[1]

    def apply(self, source: str) -> str:
        lines = source.splitlines(keepends=True)
        return "".join([*lines[: self.start], *self.lines, *lines[self.end :]])


class _Visitor(cst.CSTVisitor):
    """Collects pairs of a node and what replaces it."""

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_unread(node):
            return False
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found += [(node, mutated) for mutated in operator(node)]
        return True


def _is_unread(node: cst.CSTNode) -> bool:
    """Types and exports are for tools; a changed argument of len and isinstance raises TypeError at once."""
    if isinstance(node, cst.Annotation | cst.Decorator):
        return True
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in {"len", "isinstance"}
    if isinstance(node, cst.If):
        return isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING"
    if isinstance(node, cst.Assign):
        target = node.targets[0].target
        return isinstance(target, cst.Name) and target.value in {"TYPE_CHECKING", "__all__"}
    return False


def make_mutants(module: str, source: str) -> list[Mutant]:
    """All mutants of one module, in the order of the text. Two operators that give the same text give one mutant."""
    functions = find_functions(source)
    old = source.splitlines(keepends=True)
    seen: set[tuple[int, int, tuple[str, ...]]] = set()
    counts: Counter[Key] = Counter()
    mutants = []
    for text in _make_texts(source):
        start, end, lines = compare(old, text.splitlines(keepends=True))
        place = (start, end, lines)
        if start == end == len(old) or place in seen:
            continue
        seen.add(place)
        before = old[start - 1 : start] if start else []
        key = Key(module, functions[min(start, len(functions) - 1)], write_diff(before, old[start:end], lines))
        counts[key] += 1
        mutants.append(Mutant(key._replace(number=counts[key]), *place))
    return mutants


def _make_texts(source: str) -> Iterator[str]:
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = _Visitor()
    wrapper.module.visit(visitor)
    positions = wrapper.resolve(WhitespaceInclusivePositionProvider)
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    for node, mutated in visitor.found:
        where = positions.get(node)
        if where:
            start = offsets[where.start.line - 1] + where.start.column
            end = offsets[where.end.line - 1] + where.end.column
            if source[start:end] == wrapper.module.code_for_node(node):
                yield source[:start] + wrapper.module.code_for_node(mutated) + source[end:]
                continue
        changed = wrapper.module.deep_replace(node, mutated)
        assert isinstance(changed, cst.Module)
        yield changed.code


def compare(old: list[str], new: list[str]) -> tuple[int, int, tuple[str, ...]]:
    """The lines that differ: from where to where in the old text, and what is there in the new one."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return start, len(old) - tail, tuple(new[start : len(new) - tail])


def write_diff(before: list[str], old: list[str], new: tuple[str, ...]) -> str:
    """The change with the line before it, which tells apart short lines such as `continue`."""
    marks = ["  "] * len(before) + ["- "] * len(old) + ["+ "] * len(new)
    lines = dedent("".join([*before, *old, *new])).splitlines()
    return "\n".join((mark + line).rstrip() for mark, line in zip(marks, lines, strict=True))


def find_functions(source: str) -> list[str]:
    """For each line: the name of the innermost function or class that it is in, or "" at the top of the module."""
    names = [""] * (source.count("\n") + 1)

    def visit(node: ast.AST, outer: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = outer
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{child.name}".lstrip(".")
                assert child.end_lineno is not None
                names[child.lineno - 1 : child.end_lineno] = [name] * (child.end_lineno - child.lineno + 1)
            visit(child, name)

    visit(ast.parse(source), "")
    return names


def read_mutants(root: Path) -> list[Mutant]:
    """All mutants of all stages, always in the same order."""
    mutants: list[Mutant] = []
    for stage in STAGES:
        paths = sorted((root / "post_renderer" / stage).rglob("*.py"))
        assert paths, f"post_renderer/{stage} has no code"
        for path in paths:
            name = path.relative_to(root).as_posix()
            if name not in TEXT:
                mutants += make_mutants(name, path.read_text(encoding="utf-8"))
    return mutants


def choose(mutants: list[Mutant], root: Path, seed: int, size: int | None) -> list[Mutant]:
    """A random sample (all of them without ``size``) of the mutants that Python can compile.

    The order is that of a hash, so that a change of the code changes only a few mutants of the sample of a seed.
    """
    shuffled = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed} {tuple(mutant.key)}".encode()).digest())
    sources: dict[str, str] = {}
    chosen: list[Mutant] = []
    for mutant in shuffled:
        if len(chosen) == size:
            break
        module = mutant.key.module
        source = sources.setdefault(module, (root / module).read_text(encoding="utf-8"))
        if _compiles(mutant.apply(source)):
            chosen.append(mutant)
    return chosen


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True
