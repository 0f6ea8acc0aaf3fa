"""Finds the place of a path such as ``runs.train`` in the values files of ``check -- helm template … -f FILE``.

Several files, ``--set`` and the chart itself can set one key. A place is returned only if it is certain.
"""

from __future__ import annotations

import os

from post_renderer.commands.repeated_keys import find_repeated_keys
from post_renderer.console import name_program
from post_renderer.console.files import read_file
from post_renderer.problems import YamlError
from post_renderer.stream import LineCounter
from post_renderer.yamltree import MAPPING, parse
from post_renderer.yamltree.node import follow_alias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node

VALUES = "--values"
SETS = ("--set", "--set-string", "--set-json", "--set-file", "--set-literal")
SHORT_WITH_VALUE = ("-n", "-a", "-s")  # other short options of `helm template` have no value, so -f can come after them
RUNS, DEFAULTS, CATALOG = "runs", "runDefaults", "persistence"


class _UncertainError(Exception):
    """Nobody can know the place without Helm's own merge of the values."""


class _Layer:
    """One values file. ``root``: the node of its mapping; None if the file is empty."""

    __slots__ = ("_lines", "path", "root")

    def __init__(self, path: str) -> None:
        if not os.path.isfile(path):  # an address, standard input, or a pipe that Helm has read already
            raise _UncertainError
        self.path = path
        try:
            text = read_file(path, path).decode("utf-8-sig")
            root = parse(text)
        except (UnicodeDecodeError, YamlError):
            raise _UncertainError from None
        self._lines = LineCounter(text.count, "\n")
        self.root = None if root.is_null() else root

    def find(self, keys: list[str]) -> tuple[Node, Node] | None:
        """Return the nodes of the last key and of its value; None if the file does not have this path."""
        node = self.root
        found = None
        for key in keys:
            if node is None:
                return None
            try:
                found = node.pair(key)
            except YamlError:  # not a mapping, or a merge key; null removes what the files before it have
                raise _UncertainError from None
            node = found[1] if found else None
        return found

    def line(self, node: Node) -> int:
        return self._lines.count(node.start) + 1


class ValuesFiles:
    """The values files of one Helm command line. They are read when the first place is wanted."""

    __slots__ = ("_layers", "_program", "_sets")

    def __init__(self, program: list[str]) -> None:
        self._program = program
        self._layers: list[_Layer] | None = None
        self._sets = ""

    def find(self, path: str) -> tuple[str, int]:
        """Return the file and the line of a path in the values, or of the run or the catalog around it.

        Return an empty file and line 0 if the place is not certain.
        """
        if not path or name_program(self._program) != "helm template":
            return "", 0
        try:
            if self._layers is None:
                self._layers = []  # stays if an exception ends the reading: then there is no place
                paths, self._sets = _find_paths(self._program[1:])
                self._layers = list(map(_Layer, paths))
            return self._find(path.split("."))
        except _UncertainError:
            return "", 0

    def find_repeated_keys(self) -> list[Problem]:
        """Return an error for each key that is twice in one mapping of a file: Helm drops the first without a message.

        A file that can't be read here has no errors here.
        """
        if name_program(self._program) != "helm template":
            return []
        try:
            paths = _find_paths(self._program[1:])[0]
        except _UncertainError:
            return []
        found: list[Problem] = []
        for path in dict.fromkeys(paths):
            try:
                layer = _Layer(path)
            except _UncertainError:
                continue
            found += find_repeated_keys(layer.root, path, layer.line)
        return found

    def _find(self, keys: list[str]) -> tuple[str, int]:
        at = next((at for at, key in enumerate(keys) if key in (RUNS, CATALOG)), 0)
        if at > 1 or (at and not _find_chart(self._program[1:])):
            raise _UncertainError  # a chart that is not read here can have values for the charts below it
        if any(word in self._sets for word in (keys[at], DEFAULTS, "\\")):
            raise _UncertainError
        shallowest = at + (2 if keys[at] == RUNS else 1)
        for depth in range(len(keys), shallowest - 1, -1):
            inner = keys[shallowest:depth]
            # runDefaults is merged under the run, so the mistake can be there.
            if keys[at] == RUNS and inner and self._has([*keys[:at], DEFAULTS, *inner]):
                continue
            if place := self._find_exactly(keys[:depth]):
                return place
        return "", 0

    def _has(self, keys: list[str]) -> bool:
        return any(layer.find(keys) for layer in self._layers or ())

    def _find_exactly(self, keys: list[str]) -> tuple[str, int] | None:
        """Return the place in the last file with these keys; None if no file has them.

        A value that is not a mapping replaces the values of all files before it. Mappings of several files are merged.
        """
        found = [(layer, *pair) for layer in self._layers or () if (pair := layer.find(keys))]
        if not found:
            return None
        *earlier, (layer, key, value) = found
        value = follow_alias(value)
        if value.kind == MAPPING and any(_has_keys(other) for _, _, other in earlier):
            raise _UncertainError
        if value.is_null():
            raise _UncertainError
        return layer.path, layer.line(key)


def _has_keys(node: Node) -> bool:
    node = follow_alias(node)
    return node.kind == MAPPING and bool(node.children)


def _find_paths(words: list[str]) -> tuple[list[str], str]:
    """Return the values files of a Helm command line, after those of its chart, and what its ``--set`` options say."""
    files, sets = _read_options(words)
    chart = _find_chart(words)
    values = os.path.join(chart, "values.yaml")
    return [values, *files] if chart and os.path.lexists(values) else files, sets


def _find_chart(words: list[str]) -> str:
    """Return the directory of the chart; empty if the chart is an archive or an address."""
    charts = [word for word in words if not word.startswith("-") and os.path.isfile(os.path.join(word, "Chart.yaml"))]
    if len(charts) > 1:
        raise _UncertainError
    return charts[0] if charts else ""


def _read_options(words: list[str]) -> tuple[list[str], str]:
    """Return the values files of a Helm command line, in their order, and what its ``--set`` options say."""
    files: list[str] = []
    sets = ""
    for option, value in _pair_options(words):
        if option != VALUES:
            sets += f"{value}\n"
        elif '"' in value:  # Helm reads the value as a line of CSV
            raise _UncertainError
        else:
            files += value.split(",")
    return files, sets


def _pair_options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the options for values with their values, as pflag reads them. ``-f`` is yielded as ``--values``."""
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if word == "--":
            return
        if word.startswith("-f"):
            option, value = VALUES, word[2:].removeprefix("=")
            yield option, value or next(rest, "")
        elif option in (VALUES, *SETS):
            yield option, value if equals else next(rest, "")
        elif word[:1] == "-" and word[1:2] != "-" and "f" in word and not word.startswith(SHORT_WITH_VALUE):
            raise _UncertainError  # several short options in one word
