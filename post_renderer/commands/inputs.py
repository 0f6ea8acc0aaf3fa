"""Reads the input of commands: standard input, the output of a program, files and directories."""

from __future__ import annotations

import os
from bisect import bisect_right

from post_renderer.commands.values_places import ValuesFiles
from post_renderer.console import UsageError, name_program
from post_renderer.console.chart_values import find_values
from post_renderer.console.files import read_file, walk_directory
from post_renderer.console.format import count, join_members
from post_renderer.k8s import CATALOG_LABEL, POLYAXONFILE, RUN_LABEL
from post_renderer.problems import (
    ERROR,
    OWN_FILE,
    Problem,
    escape_control,
    leave_out_following,
    promote_warnings,
    sort_problems,
)
from post_renderer.stream import BOM_BYTES, NEW_FILE, SOURCE_WORDS, UTF_16
from post_renderer.survey import INPUT, survey
from post_renderer.workloads import owner_of
from post_renderer.yamltree import get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options
    from post_renderer.workloads.model import Workload

SUFFIXES = (".yaml", ".yml", ".json")
NEW_DOCUMENT = b"---\n"  # with a comment `# Source:` in the next line, this is a marker of Helm


class Input:
    """One rendered stream.

    ``name``: the path of its file or directory; empty for standard input and for the output of a program.
    ``links``: symbolic links of a directory that were not read.
    ``cut``: files that do not end with a line end.
    """

    # _starts: the line of the separator before each file of a directory in the joined stream; _paths: their paths
    __slots__ = ("_paths", "_starts", "cut", "links", "name", "raw")

    def __init__(self, raw: bytes, name: str = "", parts: list[tuple[int, str]] | None = None) -> None:
        self.raw = raw
        self.name = name
        self.links: list[str] = []
        self.cut = [name] if _is_cut(raw) else []
        self._starts = [start for start, _ in parts or ()]
        self._paths = [path for _, path in parts or ()]

    def locate(self, line: int) -> tuple[str, int]:
        """Return the path and the line of the file that contains a line of the stream. A line of 0 is unknown."""
        if not line or not self._starts:
            return self.name, line
        at = bisect_right(self._starts, line) - 1
        return self._paths[at], max(1, line - self._starts[at])  # an error at the separator is about the whole file


class Findings:
    """What a command found in all its inputs: the number of runs and objects, and the problems in order."""

    __slots__ = (
        "_allow_empty",
        "_command",
        "_has_catalog",
        "_paths",
        "_program",
        "_reported",
        "_source",
        "_strict",
        "_values_files",
        "notes",
        "objects",
        "problems",
        "runs",
    )

    def __init__(self, options: Options) -> None:
        self.runs = 0
        self.objects = 0
        self.problems: list[Problem] = []
        self.notes = ""
        self._strict = options.strict
        self._paths = options.persistence
        self._allow_empty = options.allow_empty
        self._command = options.command
        self._source = f"the output of {os.path.basename(options.program[0])}" if options.program else INPUT
        self._program = name_program(options.program)
        self._values_files = ValuesFiles(options.program)
        self._has_catalog = False
        self._reported: set[tuple[str, int, str]] = set()  # file, line and message of the errors in catalog files

    def add(self, source: Input, problems: list[Problem], runs: int) -> None:
        """Add what was found in one input, and set the file and the line of each problem."""
        seen = survey(source.raw, problems, self._command, self._source, source.name, allow_empty=self._allow_empty)
        self.runs += runs
        self.objects += seen.objects
        self._has_catalog |= CATALOG_LABEL.encode() in source.raw
        for path in source.links:
            self.notes += f"note: {escape_control(path)} is a symbolic link, so it was not read\n"
        found = sort_problems(leave_out_following([*problems, *seen.problems]), self._paths)
        if self._strict:
            promote_warnings(found)
        for problem in found:
            if problem.subject != OWN_FILE:
                self.place(problem, source)
            elif (key := (problem.file, problem.line, problem.message)) in self._reported:
                continue
            else:
                self._reported.add(key)
            self.problems.append(problem)

    def add_repeated_keys(self) -> None:
        """Add an error for each key that is twice in the values files of the program after ``--``."""
        self.problems += self._values_files.find_repeated_keys()

    def place(self, problem: Problem, source: Input) -> None:
        """Set the file and the line of a problem whose line counts lines of the joined stream, and its other places."""
        problem.stream, problem.line = source.locate(problem.line)
        problem.program = self._program
        problem.values_file, problem.values_line = self._values_files.find(find_values(problem)[1])

    def has_errors(self) -> bool:
        return any(problem.severity == ERROR for problem in self.problems)

    def summary(self, verified: int | None = None) -> str:
        """Return a line about what was read. If a catalog has no runs, a second line says what to write."""
        shown = join_members(self.problems)
        errors = sum(problem.severity == ERROR for problem, _ in shown)
        text = f"{count(self.runs, 'run')} in {count(self.objects, 'object')}"
        text += "" if verified is None else f", {verified} verified"
        text += f": {count(errors, 'error')}, {count(len(shown) - errors, 'warning')}\n"
        if self._has_catalog and not self.runs and not errors:
            text += "The stream has a catalog, but no run asks for its volumes: add a run to the values, "
            text += f"or the annotation {POLYAXONFILE}: '{{}}' to a workload.\n"
        return text


def identity_data(workload: Workload) -> dict[str, str | None]:
    """Return what JSON says of a run's object; None where the object does not have it."""
    release, namespace, _ = owner_of(workload)
    run = scalar_text(get_mapping_value(workload.root_metadata or workload.metadata, "labels", RUN_LABEL))
    return {"namespace": namespace or None, "release": release or None, "run": run}


def read_inputs(names: list[str], given: bytes) -> list[Input]:
    """Return the inputs. Raises UsageError.

    ``names``: the files and directories of the command line. ``given``: the content of standard input or the output of
    a program. It is used for ``-``, and if ``names`` is empty.
    """
    return [Input(given) if name == "-" else _read_path(name) for name in names or ["-"]]


def _is_cut(raw: bytes) -> bool:
    """Return whether a part at the end may be missing. Half of a JSON file is an error, so its end can be anywhere."""
    return not raw.endswith(b"\n") and raw.strip() != b"" and not raw.lstrip().startswith(b"{")


def _read_path(path: str) -> Input:
    return _read_directory(path) if os.path.isdir(path) else Input(read_file(path, path), path)


def _read_directory(directory: str) -> Input:
    """Join the files of a directory and of its subdirectories, in the bytewise order of their paths."""
    paths: list[str] = []
    links: list[str] = []
    for folder, inner, names in walk_directory(directory):
        links += [path for name in inner if os.path.islink(path := os.path.join(folder, name))]
        if "Chart.yaml" in names:
            hint = f"render it first: write -- helm template demo {folder}"
            raise UsageError(f"{folder} is a chart, and not a rendered stream", hint)
        for path in (os.path.join(folder, name) for name in names if name.endswith(SUFFIXES)):
            (links if os.path.islink(path) else paths).append(path)
    if not paths:
        hint = f"name a directory with rendered manifests, in files that end in {', '.join(SUFFIXES)}"
        raise UsageError(f"{directory} has no file with manifests", hint)
    parts: list[tuple[int, str]] = []
    cut: list[str] = []
    pieces: list[bytes] = []
    line = 1
    for path in sorted(paths, key=os.fsencode):
        raw = read_file(path, path)
        if raw.startswith(UTF_16):
            raise UsageError(f"{path} is UTF-16", "save the file as UTF-8")
        raw = raw.removeprefix(BOM_BYTES)
        cut += [path] if _is_cut(raw) else []
        raw += b"" if raw.endswith(b"\n") else b"\n"
        parts.append((line, path))
        pieces += (NEW_DOCUMENT if raw.startswith(SOURCE_WORDS) else NEW_FILE, raw)
        line += 1 + raw.count(b"\n")
    joined = Input(b"".join(pieces), directory, parts)
    joined.links, joined.cut = sorted(links), cut
    return joined
