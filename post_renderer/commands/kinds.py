"""``kinds``: lists the known kinds of objects, and the paths to their pod specs."""

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
    """List all kinds, also the kinds that --persistence files add. ``wrong``: errors in the text of these files."""
    catalog = read_catalog(files) if files else None
    # Other settings of a layer can only be checked together with the stream's catalog.
    settings = catalog.settings_problems if catalog else []
    own = [problem for problem in settings if problem.about.rpartition(".")[2] == WORKLOADS]
    problems = [*wrong, *own]
    kinds = list_kinds(catalog.kinds if catalog else {})
    if options.output == "json":
        data = {"kinds": [_kind_data(*kind) for kind in kinds], "problems": problem_data(problems)}
        return CommandResult(json_text(data), problems, problems_in_output=True)
    table = [KINDS_COLUMNS]
    for group, kind, known in kinds:
        if known.unsupported_reason:
            table.append((kind, group, "-", f"{known.unsupported_reason}: {known.advice}"))
        table += [(kind, group, place, known.note) for place in places_of(known)]
    return CommandResult("" if problems else format_table(table, width=options.width), problems)


def places_of(known: WorkloadKind) -> list[str]:
    """Return the paths to the pod specs of a kind, or to the fields that have the volumes instead."""
    return [place.partition(":")[0] for place in known.pod_spec_paths.split() if place != "|"]


def _kind_data(group: str, kind: str, known: WorkloadKind) -> dict[str, object]:
    if known.unsupported_reason:
        return {"group": group, "kind": kind, "pods": [], "note": f"{known.unsupported_reason}: {known.advice}"}
    return {"group": group, "kind": kind, "pods": places_of(known), "note": known.note}
