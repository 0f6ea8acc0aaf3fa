"""``check``: reports every problem of a stream, and what an upgrade to it would do to the runs of a release."""

from __future__ import annotations

from post_renderer.commands.inputs import Findings, read_inputs
from post_renderer.commands.object_keys import ObjectKey, outer_subject
from post_renderer.commands.upgrade_diff import UpgradeEffect, compare, find_withheld_hooks
from post_renderer.console import CommandResult
from post_renderer.console.format import count, format_table, json_text, problem_data
from post_renderer.problems import Problem, escape_control
from post_renderer.render import render
from post_renderer.stream import place
from post_renderer.workloads import owner_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.commands.inputs import Input
    from post_renderer.console.options import Options
    from post_renderer.runs import Run
    from post_renderer.runs.manifest import DocumentRuns
    from post_renderer.stream import Document


def run(options: Options, given: bytes, files: list[CatalogLayer]) -> CommandResult:
    """``given``: the content of standard input or the output of a program. It is used if no file is named."""
    findings = Findings(options)
    findings.add_repeated_keys()
    rendered = b""
    places: dict[tuple[str, str], tuple[Document, int]] = {}  # namespace and subject -> where a run asks for volumes
    subjects: list[ObjectKey] = []  # of each run without errors
    for source in read_inputs(options.files, given):
        runs: list[int] = []  # of each document

        def look(found: DocumentRuns, source: Input = source, runs: list[int] = runs) -> None:
            runs.append(len(found.runs) + found.problems.failed_runs)
            subjects.extend(_key(run, found.document, source) for run in found.runs)
            if options.against:  # then there is only one input
                for run in found.runs:
                    places[_key(run, found.document, source)[1:]] = (found.document, run.request.offset)

        rendering = render(source.raw, files, check_all=True, each=look)
        rendered = b"".join(rendering.chunks)
        hooks = find_withheld_hooks(source.raw, rendered) if rendered else []
        findings.add(source, rendering.problems + hooks, sum(runs))
    effects: list[UpgradeEffect] = []
    compared = bool(options.against) and not findings.has_errors()
    if compared:
        effects = compare(rendered, options.against, files)
        blocked = [effect for effect in effects if effect.outcome == "blocked"]
        for effect in blocked:
            findings.problems.append(_refuse_blocked(effect, *places[effect.key()]))
            findings.place(findings.problems[-1], source)
        findings.problems += _refuse_starts(effects, options.max_starts)
    problems = findings.problems
    if options.output == "json":
        rows = [_effect_data(effect) for effect in effects]
        output = json_text({"problems": problem_data(problems), "runs": rows, "objects": findings.objects})
        return CommandResult(output, problems, problems_in_output=True, note=findings.notes)
    text = _effects_text(effects, options.width) or "There are no runs before or after the upgrade.\n" * compared
    text += findings.summary()
    if options.output != "text":
        from post_renderer.commands import ci_formats

        return ci_formats.make_result(options, problems, subjects, effects, text, findings.notes)
    return CommandResult(text, problems, note=findings.notes)


def _key(run: Run, document: Document, source: Input) -> ObjectKey:
    stream, _ = source.locate(document.line(run.request.offset))
    return ObjectKey(stream, owner_of(run.workload)[1], outer_subject(run.subject))


def _effect_data(effect: UpgradeEffect) -> dict[str, object]:
    return {
        "object": effect.name,
        **effect.identity,
        "outcome": effect.outcome,
        "note": effect.note,
        "reason": effect.reason(),
        "changes": effect.changes,
    }


def _refuse_blocked(effect: UpgradeEffect, document: Document, offset: int) -> Problem:
    message, _, hint = effect.reason().partition(": ")
    message = f"Kubernetes would refuse the upgrade: {message}"
    problem = Problem("blocked-run", message, hint, offset=offset, subject=effect.name)
    place(problem, document)
    return problem


def _refuse_starts(effects: list[UpgradeEffect], limit: int | None) -> list[Problem]:
    starts = [effect for effect in effects if effect.outcome.startswith("starts")]
    if limit is None or len(starts) <= limit:
        return []
    names = ", ".join(effect.name for effect in starts)
    message = f"{count(len(starts), 'run')} would start, but --max-starts allows {limit}: {names}"
    hint = f"write --max-starts {len(starts)} to allow all of them"
    return [Problem("too-many-starts", message, hint, subject="(upgrade)")]


def _effects_text(effects: list[UpgradeEffect], width: int) -> str:
    if not effects:
        return ""
    rows = [("RUN", "UPGRADE", "WHY")]
    rows += [(effect.name, effect.word(), effect.reason()) for effect in effects]
    starts = sum(effect.outcome.startswith("starts") for effect in effects)
    text = format_table(rows, width=width)
    for effect in effects:
        if effect.changes:
            text += escape_control(f"{effect.name} differs from what is installed:") + "\n"
            text += "".join(f"  {escape_control(change)}\n" for change in effect.changes)
    return text + f"{count(starts, 'run')} would start.\n"
