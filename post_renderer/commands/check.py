"""``check``: reports every problem of a stream, and what an upgrade to it would do to the runs of a release."""

from __future__ import annotations

from post_renderer.commands.inputs import Findings, read_inputs
from post_renderer.commands.upgrade_diff import UpgradeEffect, compare, find_withheld_hooks
from post_renderer.console import CommandResult
from post_renderer.console.format import count, format_table, json_text, problem_data
from post_renderer.problems import Problem
from post_renderer.render import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.runs.manifest import DocumentRuns

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
    """``given``: the content of standard input or the output of a program. It is used if no file is named."""
    findings = Findings(options)
    rendered = b""
    for source in read_inputs(options.files, given):
        runs: list[int] = []  # of each document

        def count_runs(found: DocumentRuns, runs: list[int] = runs) -> None:
            runs.append(len(found.runs) + found.problems.failed_runs)

        rendering = render(source.raw, files, check_all=True, each=count_runs)
        rendered = b"".join(rendering.chunks)
        hooks = find_withheld_hooks(source.raw, rendered) if rendered else []
        findings.add(source, rendering.problems + hooks, sum(runs))
    effects: list[UpgradeEffect] = []
    compared = bool(options.against) and not findings.has_errors()
    if compared:
        effects = compare(rendered, options.against, files)
        findings.problems += _refuse_starts(effects, options.max_starts)
    problems = findings.problems
    if options.output == "json":
        rows = [{"object": effect.name, "outcome": effect.outcome, "note": effect.note} for effect in effects]
        output = json_text({"problems": problem_data(problems), "runs": rows, "objects": findings.objects})
        return CommandResult(output, problems, problems_in_output=True, note=findings.notes)
    text = _effects_text(effects) or "No runs before or after the upgrade.\n" * compared
    return CommandResult(text + findings.summary(), problems, note=findings.notes)


def _refuse_starts(effects: list[UpgradeEffect], limit: int | None) -> list[Problem]:
    starts = [effect for effect in effects if effect.outcome.startswith("starts")]
    if limit is None or len(starts) <= limit:
        return []
    names = ", ".join(effect.name for effect in starts)
    message = f"{count(len(starts), 'run')} would start, but --max-starts allows {limit}: {names}"
    hint = f"write --max-starts {len(starts)} to allow all of them"
    return [Problem("too-many-starts", message, hint, subject="(upgrade)")]


def _effects_text(effects: list[UpgradeEffect]) -> str:
    if not effects:
        return ""
    rows = [("RUN", "UPGRADE", "WHY")]
    rows += [(effect.name, effect.outcome, effect.note or OUTCOMES[effect.outcome]) for effect in effects]
    starts = sum(effect.outcome.startswith("starts") for effect in effects)
    return format_table(rows) + f"{count(starts, 'run')} would start.\n"
