"""``check``: reports every problem of a stream, and what an upgrade to it would do to the runs of a release."""

from __future__ import annotations

from post_renderer.commands.upgrade_diff import UpgradeEffect, compare, find_withheld_hooks
from post_renderer.console import CommandResult
from post_renderer.console.files import read_file
from post_renderer.console.format import count, format_table, json_text, problem_data
from post_renderer.problems import ERROR, OWN_FILE, Problem, promote_warnings
from post_renderer.render import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options

# What an upgrade does to a run, and the explanation in the table.
OUTCOMES = {
    "starts": "a new Job",
    "starts unless kept": "a new Job, unless its kept Job is still there (live objects would tell)",
    "left alone": "its content has not changed",
    "replaced": "the old Job is deleted, and stopped if it runs",
    "goes on": "kept: it runs to its end, Helm no longer manages it",
    "removed": "Helm deletes it, and stops it if it runs",
    "blocked": "its pod changes, but its name does not: delete the Job first, or give it a run-policy",
    "updated": "its pods are created again",
    "changed": "its operator decides what happens to its pods",
}


def run(options: Options, given: bytes, files: list[CatalogLayer]) -> CommandResult:
    """``given``: the content of standard input. It is used for the file ``-``, and if no file is named."""
    problems: list[Problem] = []
    raw = rendered = b""
    reported: set[tuple[str, int, str]] = set()
    for path in options.files or ["-"]:
        raw = given if path == "-" else read_file(path, path)
        rendering = render(raw, files, check_all=True)
        rendered = b"".join(rendering.chunks)
        found = rendering.problems + (find_withheld_hooks(raw, rendered) if rendered else [])
        if path != "-":
            found = _with_file_name(path, found, reported)
        problems += found
        reported |= {(problem.file, problem.line, problem.message) for problem in found if problem.subject == OWN_FILE}
    if options.strict:
        promote_warnings(problems)
    effects: list[UpgradeEffect] = []
    errors = any(problem.severity == ERROR for problem in problems)
    if options.against and not errors:
        effects = compare(rendered, options.against, files)
        problems += _refuse_starts(effects, options.max_starts)
    if options.output == "json":
        rows = [{"object": effect.name, "outcome": effect.outcome, "note": effect.note} for effect in effects]
        output = json_text({"problems": problem_data(problems), "runs": rows})
        return CommandResult(output, problems, problems_in_output=True)
    return CommandResult(_summary_text(effects, problems, compared=bool(options.against) and not errors), problems)


def _refuse_starts(effects: list[UpgradeEffect], limit: int | None) -> list[Problem]:
    starts = [effect for effect in effects if effect.outcome.startswith("starts")]
    if limit is None or len(starts) <= limit:
        return []
    names = ", ".join(effect.name for effect in starts)
    message = f"{count(len(starts), 'run')} would start, but --max-starts allows {limit}: {names}"
    hint = f"write --max-starts {len(starts)} to allow all of them"
    return [Problem("too-many-starts", message, hint, subject="(upgrade)")]


def _with_file_name(path: str, found: list[Problem], reported: set[tuple[str, int, str]]) -> list[Problem]:
    """Set the file name in the problems, and remove errors of --persistence files that are reported already.

    ``reported``: the file, the line and the message of each error that is reported already.
    """
    for problem in found:
        problem.stream = path
    return [problem for problem in found if (problem.file, problem.line, problem.message) not in reported]


def _summary_text(effects: list[UpgradeEffect], problems: list[Problem], *, compared: bool) -> str:
    text = ""
    if effects:
        rows = [("RUN", "UPGRADE", "WHY")]
        rows += [(effect.name, effect.outcome, effect.note or OUTCOMES[effect.outcome]) for effect in effects]
        starts = sum(effect.outcome.startswith("starts") for effect in effects)
        text = format_table(rows) + f"{count(starts, 'run')} would start.\n"
    elif compared:
        text = "No runs before or after the upgrade.\n"
    errors = sum(problem.severity == ERROR for problem in problems)
    return text + f"{count(errors, 'problem')}, {count(len(problems) - errors, 'warning')}\n"
