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
from post_renderer.migrate.aliases import find_alias_problems
from post_renderer.migrate.compare import find_differences
from post_renderer.migrate.directories import Listed, list_files
from post_renderer.migrate.file import NEITHER, MigratedFile
from post_renderer.migrate.file_text import FILE_LIMIT, file_problem
from post_renderer.migrate.in_place import write_files
from post_renderer.migrate.layers import migrate_layers
from post_renderer.migrate.merged_values import MergedValues
from post_renderer.migrate.migrated_before import find_migrated_before
from post_renderer.migrate.polyaxonfile import NO_IMAGE, VALUES_TOO
from post_renderer.migrate.tables import NOTHING
from post_renderer.migrate.value_layers import MERGED, read_layers
from post_renderer.problems import ERROR, Problem, escape_control, promote_warnings, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.console.options import Options


SAME_RUN = "this file and"
# Options of migrate that exclude each other (fields of Options), and what to write.
CONTRADICTIONS = (
    ("check", "in_place", "leave out --in-place to change no file"),
    ("as_one", "in_place", "leave out --in-place, and save what is printed: > values.yaml"),
    ("as_one", "check", "leave out --check: several files always become one new file"),
    ("as_one", "name", "leave out --name: --as-one names the run"),
)
NOT_READ = "these files were not read, because they are links or not surely Polyaxon's; name a file to migrate it"
EXAMPLE = "polyaxon-persistence migrate values.yaml values-dev.yaml values-prod.yaml"
DIRECTORIES = 8  # the most directories in the name of a run


def run(options: Options, given: bytes) -> CommandResult:
    """``given``: the content of standard input, which is used for the file ``-``."""
    _refuse_contradictions(options)
    raws, walked = _read_all(options, given)
    together = MergedValues({} if options.as_one else read_layers(raws))
    _refuse_unnamed_values(walked, together)
    if options.name and len(raws.keys() - together.layers.keys()) > 1:
        raise UsageError("--name names one run", "migrate one polyaxonfile at a time")
    files = [migrate_layers(raws, options.as_one)] if options.as_one else _migrate_all(options, raws, together)
    problems = [problem for file in files for problem in file.problems] + list(_find_same_runs(files, together))
    if not options.as_one:
        problems += find_alias_problems(files, together)
    if not any(problem.severity == ERROR for problem in problems):
        problems += find_differences(files, together)
        problems += find_migrated_before(files, together)
    if len(files) > 1:
        _adapt_hints(problems, together)
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
    if walked.others:
        skipped = ", ".join(map(escape_control, walked.others))
        result.note += f"{NOT_READ}: {skipped}\n"
    result.failed = options.check and bool(changed)
    if options.in_place and changed:
        result.done = f"all files are written: {', '.join(escape_control(file.path) for file in changed)}"
    return result


def _adapt_hints(problems: list[Problem], together: MergedValues) -> None:
    """Name --as-one in the hints of errors that layers have: one of them has no image, or is no whole polyaxonfile.

    Do not ask for the values if they are in the same command.
    """
    for problem in problems:
        if problem.hint == VALUES_TOO and together.layers:
            problem.hint = NOTHING
        if problem.code == "not-migratable" and problem.message.startswith((NO_IMAGE, NEITHER, SAME_RUN)):
            problem.hint += "; if the files are layers of one run (polyaxon run -f … -f …), write --as-one NAME"


def _refuse_contradictions(options: Options) -> None:
    for first, second, hint in CONTRADICTIONS:
        if getattr(options, first) and getattr(options, second):
            words = " and ".join("--" + name.replace("_", "-") for name in (first, second))
            raise UsageError(f"{words} are not possible together", hint)
    if options.as_one and len(options.files) < 2:
        raise UsageError("--as-one needs two files or more", "write --name NAME to name the run of one file")


def _read_all(options: Options, given: bytes) -> tuple[dict[str, bytes], Listed]:
    """Return path -> content of all files, and what the directories among the arguments contain. Raises UsageError."""
    read: list[tuple[str, bytes]] = []
    walked = Listed({}, [], [])
    for path in options.files:
        if path == "-":
            read.append((path, given))
        elif options.as_one and os.path.isdir(path):
            raise UsageError(f"--as-one merges files, but {path} is a directory", "name the files in their order")
        elif os.path.isdir(path):
            found = list_files(path, lambda name: read_file(name, name, FILE_LIMIT))
            read += found.own.items()
            walked = Listed(walked.own | found.own, walked.others + found.others, walked.unsure + found.unsure)
        else:
            read.append((path, _read_user_file(path, options)))
    _refuse_same_files([path for path, _ in read])
    return dict(read), walked


def _refuse_same_files(paths: list[str]) -> None:
    """Raise UsageError if a file is there twice, perhaps below a directory: one result would replace the other."""
    seen: dict[tuple[int, int], str] = {}
    for path in paths:
        try:
            status = os.stat(path) if path != "-" else None
        except OSError:  # somebody removed it
            status = None
        if status is None:
            continue
        other = seen.setdefault((status.st_dev, status.st_ino), path)
        if other is not path:
            what = f"{path} is there twice" if other == path else f"{other} and {path} are the same file"
            raise UsageError(what, "name the file or its directory, and not both")


def _refuse_unnamed_values(walked: Listed, together: MergedValues) -> None:
    """Raise UsageError if a values file of a directory is not the only one: the order of Helm's files is unknown."""
    paths = [path for path, layer in together.layers.items() if not layer.names.isdisjoint(MERGED)]
    if walked.own.keys().isdisjoint(paths):
        return
    beside = {os.path.dirname(path) for path in paths}
    paths += [path for path in walked.unsure if os.path.dirname(path) in beside and path not in paths]
    if len(paths) > 1:
        names = ", ".join(map(escape_control, paths))
        message = f"these values files are not all named, so their order in Helm is unknown: {names}"
        hint = f"name all values files of all releases once, in Helm's order, and the polyaxonfiles: {EXAMPLE}"
        raise UsageError(message, hint)


def _migrate_all(options: Options, raws: dict[str, bytes], together: MergedValues) -> list[MigratedFile]:
    """Migrate the files. Runs of one name get the names of their directories, too, until their names are different.

    A run that was migrated earlier keeps its name.
    """
    files = [MigratedFile(path, raw, options.name, 0, together) for path, raw in raws.items()]
    taken = {name for layer in together.layers.values() for name in layer.programs}
    for directories in range(1, DIRECTORIES):
        names = Counter(name for file in files for name in _names_of(file))
        again = {file.path for file in files if any(names[name] > 1 or name in taken for name in _names_of(file))}
        if not again:
            break
        files = [
            MigratedFile(file.path, file.old, options.name, directories, together) if file.path in again else file
            for file in files
        ]
    return files


def _names_of(file: MigratedFile) -> frozenset[str]:
    """Return the names of the new runs of a file. The group of a grid that is written out has a name, too."""
    return file.runs | {file.run} if file.run else file.runs


def _as_text(
    options: Options, files: list[MigratedFile], changed: list[MigratedFile], problems: list[Problem]
) -> CommandResult:
    note = "".join(f"{escape_control(file.path)}: nothing to migrate\n" for file in files if file not in changed)
    note += "".join(escape_control(f"{file.path}: {text}") + "\n" for file in changed for text in file.notes)
    next_step = _next_step(options, files) if changed or options.in_place else ""
    if options.in_place:
        done = "".join(f"{escape_control(file.path)}: migrated\n" for file in changed)
        return CommandResult(done, problems, note=note, next_step=next_step)
    output = (
        files[0].new
        if files[0].path == "-" and len(files) == 1
        else "".join(_diff(file, changed) for file in files).encode()
    )
    return CommandResult(output, problems, is_stream=True, note=note, next_step=next_step)


def _next_step(options: Options, files: list[MigratedFile]) -> str:
    """Return a line that says how to check the result, because migrate itself renders nothing."""
    before = (
        ""
        if options.in_place or (len(files) == 1 and files[0].path == "-")
        else "write the changes (--in-place), then "
    )
    if any(escape_control(file.path) != file.path for file in files):
        return ""  # an escaped name is not the name of the file
    names = " ".join(f"-f {'FILE' if file.path == '-' else shlex.quote(file.path)}" for file in files)
    return f"next: {before}polyaxon-persistence check -- helm template demo CHART {names}\n"


def _find_same_runs(files: list[MigratedFile], together: MergedValues) -> Iterator[Problem]:
    """Yield an error for each file with a run of the name of another file's run: Helm would merge the two."""
    first = {name: path for path, layer in together.layers.items() for name in layer.programs}
    for file in files:
        for name in sorted(_names_of(file), key=lambda name: name != file.run):
            other = first.setdefault(name, file.path)
            if other != file.path:
                message = f"{SAME_RUN} {escape_control(other)} would both become the run {quoted(name)}"
                hint = "migrate this file alone, with --name NAME"
                yield file_problem("not-migratable", message, hint, file.path)
                break


def _diff(file: MigratedFile, changed: list[MigratedFile]) -> str:
    if file not in changed:
        return ""
    before, after = (io.StringIO(raw.decode(), newline="\n").readlines() for raw in (file.shown, file.new))
    text = ""
    name = escape_control(file.path)
    name += "\t" if " " in name and name == file.path else ""  # for `patch`, as git writes it
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
