"""``kinds``: the kinds of objects whose pods are known, and where those are."""

from __future__ import annotations

from post_renderer.catalog.read import WORKLOADS, read_catalog
from post_renderer.console import CommandResult
from post_renderer.console.format import format_table, json_text, problem_data
from post_renderer.workloads import list_kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem
    from post_renderer.workloads.model import WorkloadKind

KINDS_COLUMNS = ("KIND", "GROUP", "PODS", "NOTE")


def run(options: Options, files: list[CatalogLayer], wrong: list[Problem]) -> CommandResult:
    """All kinds, with those that the files' catalog adds. ``wrong``: what is wrong with the files' text."""
    catalog = read_catalog(files) if files else None
    # The rest of a layer makes sense only over the stream's catalog.
    settings = catalog.settings_problems if catalog else []
    ours = [problem for problem in settings if problem.about == f"persistence.{WORKLOADS}"]
    problems = [*wrong, *ours]
    rows = list_kinds(catalog.kinds if catalog else {})
    if options.output == "json":
        kinds = [_kind_data(group, kind, row) for group, kind, row in rows]
        return CommandResult(
            json_text({"kinds": kinds, "problems": problem_data(problems)}), problems, problems_in_output=True
        )
    table = [KINDS_COLUMNS]
    for group, kind, row in rows:
        if row.unsupported_reason:
            table.append((kind, group, "-", f"{row.unsupported_reason}: {row.advice}"))
        table += [(kind, group, place, row.note) for place in places_of(row)]
    return CommandResult("" if problems else format_table(table), problems)


def places_of(row: WorkloadKind) -> list[str]:
    """The paths to a row's pod specs, or to what holds the volumes instead."""
    return [place.partition(":")[0] for place in row.pod_spec_paths.split() if place != "|"]


def _kind_data(group: str, kind: str, row: WorkloadKind) -> dict[str, object]:
    if row.unsupported_reason:
        return {"group": group, "kind": kind, "pods": [], "note": f"{row.unsupported_reason}: {row.advice}"}
    return {"group": group, "kind": kind, "pods": places_of(row), "note": row.note}
