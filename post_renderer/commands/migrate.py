"""``migrate``: translates files of Polyaxon 0.x to values of this chart, and prints a diff or saves the files."""

from __future__ import annotations

import io
import os
import shlex
import stat
from collections import Counter
from difflib import unified_diff

from post_renderer.console import CommandResult, UsageError
from post_renderer.console.files import read_file
from post_renderer.console.format import json_text, problem_data
from post_renderer.migrate.directories import list_files
from post_renderer.migrate.file import FILE_LIMIT, MigratedFile
from post_renderer.migrate.in_place import write_files
from post_renderer.problems import ERROR, USER_FILE, Problem, escape_control, promote_warnings, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.console.options import Options


DIRECTORIES = 8  # the most directories in the name of a run


def run(options: Options, given: bytes) -> CommandResult:
    """``given``: the content of standard input, which is used for the file ``-``."""
    raws, skipped = _read_all(options, given)
    files = _migrate_all(options, raws)
    problems = [problem for file in files for problem in file.problems] + list(_find_same_runs(files))
    if options.strict:
        promote_warnings(problems)
    failed = any(problem.severity == ERROR for problem in problems)
    changed = [] if failed else [file for file in files if file.new != file.old]
    if options.in_place:
        write_files(changed)
    if options.output == "json":
        rows = [
            {"file": file.path, "changed": file in changed, "notes": file.notes, "diff": _diff(file, changed)}
            for file in files
        ]
        output = json_text({"problems": problem_data(problems), "files": rows})
        result = CommandResult(output, problems, problems_in_output=True)
    elif failed:
        result = CommandResult(b"", problems, is_stream=True)
    else:
        result = _as_text(options, files, changed, problems)
        result.note += f"not read, because these are links or other files: {skipped}\n" if skipped else ""
    result.failed = options.check and bool(changed)
    return result


def _read_all(options: Options, given: bytes) -> tuple[dict[str, bytes], str]:
    """Return path -> content of all files, and the names of the files in directories that are not Polyaxon's."""
    raws: dict[str, bytes] = {}
    skipped: list[str] = []
    for path in options.files:
        if path == "-":
            raws[path] = given
        elif os.path.isdir(path):
            found, others = list_files(path, lambda name: read_file(name, name, FILE_LIMIT))
            raws |= found
            skipped += others
        else:
            raws[path] = _read_user_file(path, options)
    if options.name and len(raws) > 1:
        raise UsageError("--name names one run", "migrate one polyaxonfile at a time")
    return raws, ", ".join(escape_control(path) for path in skipped)


def _migrate_all(options: Options, raws: dict[str, bytes]) -> list[MigratedFile]:
    """Migrate the files. Runs of one name get the names of their directories, too, until their names are different."""
    files = [MigratedFile(path, raw, options.name) for path, raw in raws.items()]
    for directories in range(1, DIRECTORIES):
        runs = Counter(file.run for file in files if file.run)
        if not runs or max(runs.values()) == 1:
            break
        files = [
            MigratedFile(file.path, file.old, options.name, directories) if runs[file.run] > 1 else file
            for file in files
        ]
    return files


def _as_text(
    options: Options, files: list[MigratedFile], changed: list[MigratedFile], problems: list[Problem]
) -> CommandResult:
    note = "".join(f"{escape_control(file.path)}: nothing to migrate\n" for file in files if file not in changed)
    note += "".join(escape_control(f"{file.path}: {text}") + "\n" for file in changed for text in file.notes)
    next_step = _next_step(options, files) if changed or options.in_place else ""
    if options.in_place:
        done = "".join(f"{escape_control(file.path)}: migrated\n" for file in changed)
        return CommandResult(done, problems, note=note, next_step=next_step)
    output = files[0].new if options.files == ["-"] else "".join(_diff(file, changed) for file in files).encode()
    return CommandResult(output, problems, is_stream=True, note=note, next_step=next_step)


def _next_step(options: Options, files: list[MigratedFile]) -> str:
    """Return a line that says how to check the result, because migrate itself renders nothing."""
    before = "" if options.in_place or options.files == ["-"] else "write the changes (--in-place), then "
    names = " ".join(f"-f {'FILE' if file.path == '-' else shlex.quote(file.path)}" for file in files)
    return escape_control(f"next: {before}polyaxon-persistence check -- helm template demo CHART {names}") + "\n"


def _find_same_runs(files: list[MigratedFile]) -> Iterator[Problem]:
    """Yield an error for each file whose run has the name of another file's run: Helm would merge the two."""
    first: dict[str, MigratedFile] = {}
    for file in files:
        if file.run and (other := first.setdefault(file.run, file)) is not file:
            message = f"this file and {escape_control(other.path)} would both become the run {quoted(file.run)}"
            problem = Problem("not-migratable", message, "migrate this file alone, with --name NAME", subject=USER_FILE)
            problem.file = file.path
            yield problem


def _diff(file: MigratedFile, changed: list[MigratedFile]) -> str:
    if file not in changed:
        return ""
    before, after = (io.StringIO(raw.decode(), newline="\n").readlines() for raw in (file.shown, file.new))
    text = ""
    name = escape_control(file.path)
    for line in unified_diff(before, after, name, name):
        text += line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
    return text


def _read_user_file(path: str, options: Options) -> bytes:
    """Read at most ``FILE_LIMIT`` + 1 bytes; with --in-place, of a regular file only. Raises UsageError."""
    try:
        if options.in_place and not stat.S_ISREG(os.lstat(path).st_mode):
            raise UsageError(f"{path}: not a regular file", "name the file itself, or leave out --in-place")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "name a file that can be read") from None
    return read_file(path, path, FILE_LIMIT)
