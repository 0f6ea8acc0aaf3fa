"""``check``: every problem of a stream, and what an upgrade with it would do to the runs of a release."""

from __future__ import annotations

from post_renderer.catalog.load import read_catalogs
from post_renderer.commands.upgrade_diff import UpgradeEffect, compare, find_withheld_hooks
from post_renderer.console import CommandResult
from post_renderer.console.files import read_file
from post_renderer.console.format import count, format_table, json_text, problem_data
from post_renderer.problems import ERROR, OWN_FILE, Problem, promote_warnings
from post_renderer.render import render
from post_renderer.stream import find_documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import CatalogLayer
    from post_renderer.console.options import Options

# What an upgrade does to a run, and what that means.
OUTCOMES = {
    "starts": "a new Job",
    "starts unless kept": "a new Job, unless its kept Job is still there (live objects would tell)",
    "left alone": "its content has not changed",
    "replaced": "the old Job is deleted, and stopped if it runs",
    "goes on": "kept: it runs to its end, Helm no longer manages it",
    "removed": "Helm deletes it, and stops it if it runs",
    "blocked": "the pod changes under one name: delete the Job first, or give it a run-policy",
    "updated": "its pods are made anew",
    "changed": "its operator decides what becomes of its pods",
}


def run(options: Options, given: bytes, files: list[CatalogLayer]) -> CommandResult:
    """``given`` is standard input, for the file ``-`` and where no file is named."""
    problems: list[Problem] = []
    raw = rendered = b""
    for path in options.files or ["-"]:
        raw = given if path == "-" else read_file(path, path)
        rendered, found = _check(raw, files)
        problems += found if path == "-" else _with_file_name(path, found, problems)
    if options.strict:
        promote_warnings(problems)
    changes: list[UpgradeEffect] = []
    errors = any(problem.severity == ERROR for problem in problems)
    if options.against and not errors:
        changes = compare(rendered, options.against, read_catalogs(list(find_documents(raw)), files))
        starts = [change for change in changes if change.outcome.startswith("starts")]
        if options.max_starts is not None and len(starts) > options.max_starts:
            message = f"{count(len(starts), 'run')} would start: {', '.join(change.name for change in starts)}"
            hint = f"at most {options.max_starts} may (--max-starts)"
            problems.append(Problem("too-many-starts", message, hint, subject="(upgrade)"))
    if options.output == "json":
        rows = [{"object": change.name, "outcome": change.outcome, "note": change.note} for change in changes]
        return CommandResult(json_text({"problems": problem_data(problems), "runs": rows}), problems, told=True)
    return CommandResult(_summary_text(changes, problems, compared=bool(options.against) and not errors), problems)


def _check(raw: bytes, files: list[CatalogLayer]) -> tuple[bytes, list[Problem]]:
    pieces, problems = render(raw, files, check_all=True)
    rendered = b"".join(pieces)
    return rendered, problems + (find_withheld_hooks(raw, rendered) if rendered else [])


def _with_file_name(path: str, found: list[Problem], before: list[Problem]) -> list[Problem]:
    """A file's problems, with its name; what is wrong with a --persistence file is told once for all files."""
    told = {(problem.file, problem.line, problem.message) for problem in before if problem.subject == OWN_FILE}
    for problem in found:
        problem.stream = path
    return [problem for problem in found if (problem.file, problem.line, problem.message) not in told]


def _summary_text(changes: list[UpgradeEffect], problems: list[Problem], *, compared: bool) -> str:
    text = ""
    if changes:
        rows = [("RUN", "UPGRADE", "WHY")]
        rows += [(change.name, change.outcome, change.note or OUTCOMES[change.outcome]) for change in changes]
        starts = sum(change.outcome.startswith("starts") for change in changes)
        text = format_table(rows) + f"{count(starts, 'run')} would start.\n"
    elif compared:
        text = "No runs before or after the upgrade.\n"
    errors = sum(problem.severity == ERROR for problem in problems)
    return text + f"{count(errors, 'problem')}, {count(len(problems) - errors, 'warning')}\n"
