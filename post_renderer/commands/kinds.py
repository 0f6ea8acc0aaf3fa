"""``kinds``: the kinds of objects whose pods are known, and where those are."""

from __future__ import annotations

from post_renderer.catalog import WORKLOADS, Catalog
from post_renderer.console import Outcome
from post_renderer.console.format import as_json, format_table, problem_data
from post_renderer.workloads import list_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Layer
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem
    from post_renderer.workloads.model import Row

COLUMNS = ("KIND", "GROUP", "PODS", "NOTE")


def run(options: Options, files: list[Layer], wrong: list[Problem]) -> Outcome:
    """All kinds, with those that the files' catalog adds. ``wrong``: what is wrong with the files' text."""
    catalog = Catalog(files) if files else None
    # The rest of a layer makes sense only over the stream's catalog.
    ours = [problem for problem in catalog.problems if problem.about == f"persistence.{WORKLOADS}"] if catalog else []
    problems = [*wrong, *ours]
    rows = list_rows(catalog.kinds if catalog else {})
    if options.output == "json":
        kinds = [_as_data(group, kind, row) for group, kind, row in rows]
        return Outcome(as_json({"kinds": kinds, "problems": problem_data(problems)}), problems, told=True)
    table = [COLUMNS]
    for group, kind, row in rows:
        if row.refused:
            table.append((kind, group, "-", f"{row.refused}: {row.advice}"))
        table += [(kind, group, place, row.note) for place in places_of(row)]
    return Outcome("" if problems else format_table(table), problems)


def places_of(row: Row) -> list[str]:
    """The paths to a row's pod specs, or to what holds the volumes instead."""
    return [place.partition(":")[0] for place in row.places.split() if place != "|"]


def _as_data(group: str, kind: str, row: Row) -> dict[str, object]:
    if row.refused:
        return {"group": group, "kind": kind, "pods": [], "note": f"{row.refused}: {row.advice}"}
    return {"group": group, "kind": kind, "pods": places_of(row), "note": row.note}
