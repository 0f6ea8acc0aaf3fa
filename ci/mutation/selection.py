"""Chooses the tests of a mutant: those that run the changed line."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from coverage import CoverageData

if TYPE_CHECKING:
    from pathlib import Path

    from ci.mutation.mutants import Mutant

SMALLEST = 20  # seconds that a run of a few tests may take on a busy machine before it counts as endless
FACTOR = 10  # the tests of a mutant may take so many times the processor seconds that they took without it


class Choice(NamedTuple):
    """The tests of one run of pytest, by file, and the seconds after which it counts as endless."""

    tests: frozenset[str]
    files: tuple[str, ...]
    limit: float


class Coverage:
    """A run of all tests without a mutant: which test runs which line, and the processor seconds of each test."""

    def __init__(self, root: Path, lines: dict[str, dict[int, set[str]]], seconds: dict[str, float]) -> None:
        self.root = root
        self.lines = lines
        self.seconds = seconds

    @classmethod
    def read(cls, root: Path, path: Path, seconds: dict[str, float]) -> Coverage:
        data = CoverageData(str(path))
        data.read()
        lines = {}
        for file in data.measured_files():
            contexts = data.contexts_by_lineno(file)
            # A test's name is followed by |setup, |run or |teardown.
            lines[file.removeprefix(f"{root}/")] = {
                number: {name.rpartition("|")[0] for name in names if name} for number, names in contexts.items()
            }
        return cls(root, lines, seconds)

    def find_tests(self, mutant: Mutant) -> set[str]:
        """A line outside of functions runs once, in any test that imports it: it gets all tests of its module."""
        lines = self.lines.get(mutant.key.module, {})
        source = (self.root / mutant.key.module).read_text(encoding="utf-8")
        statement = find_statement(source, mutant.start + 1)
        found = set().union(*(lines.get(number, set()) for number in statement))
        if not found or runs_at_import(source, mutant.start + 1):
            found = set().union(*lines.values()) | {name for name in self.seconds if name.startswith("tests/docs/")}
        return found & self.seconds.keys()


def runs_at_import(source: str, line: int) -> bool:
    """Return whether a line is outside of the bodies of all functions. Many modules are imported by the first test."""
    functions = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return not any(node.body[0].lineno <= line <= (node.end_lineno or 0) for node in functions)


def find_statement(source: str, line: int) -> range:
    """The lines of the statement at a line; of a compound statement only its head."""
    best = range(line, line + 1)
    smallest = None
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        first, last = _span(node)
        body = getattr(node, "body", None)
        if first <= line <= last and (smallest is None or last - first < smallest):
            smallest = last - first
            end = body[0].lineno - 1 if body else last
            best = range(first, max(end, first) + 1) if line <= max(end, first) else range(line, line + 1)
    return best


def _span(node: ast.stmt | ast.ExceptHandler | ast.match_case) -> tuple[int, int]:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.body[-1].end_lineno or 0
    return node.lineno, node.end_lineno or node.lineno


def split(tests: set[str], stage: str, seconds: dict[str, float], most: float) -> list[Choice]:
    """First the tests of the mutant's own stage, which find nearly all; then the others, up to ``most`` seconds."""
    own = {name for name in tests if name.startswith(f"tests/unit/{stage}/")}
    rest = choose_others(tests - own, seconds, most)
    return [make_choice(part, seconds) for part in (own, rest) if part]


def choose_others(tests: set[str], seconds: dict[str, float], most: float) -> set[str]:
    """The fastest of each file, in turn, so that each file takes part."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(tests, key=lambda name: (seconds[name], name)):
        files[name.partition("::")[0]].append(name)
    chosen: set[str] = set()
    total = 0.0
    while files:
        for file in list(files):
            name = files[file].pop(0)
            if not files[file]:
                del files[file]
            if total + seconds[name] <= most:
                chosen.add(name)
                total += seconds[name]
    return chosen


def make_choice(tests: set[str], seconds: dict[str, float]) -> Choice:
    cost: defaultdict[str, float] = defaultdict(float)
    for name in tests:
        cost[name.partition("::")[0]] += seconds[name]
    total = sum(cost.values())
    # Goldens look at everything, so they come early whatever they take.
    files = sorted(cost, key=lambda file: (not file.startswith("tests/golden/"), cost[file], file))
    return Choice(frozenset(tests), tuple(files), SMALLEST + FACTOR * total)
