"""Writes what ``init`` prints if the site has a catalog: the names are known, so no catalog is made up."""

from __future__ import annotations

import shlex

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.catalog.own_errors import find_own_errors
from post_renderer.catalog.read import read_catalog
from post_renderer.commands.init_text import plain_scalar, write_first_run
from post_renderer.console import CommandResult
from post_renderer.console.options import find_site_files
from post_renderer.problems import list_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem

HEAD = """\
# Annotations for a workload, written by `polyaxon-persistence init` with the names of the site's catalog.
# The site's catalog defines the volumes, so the chart needs no dependency and no values for them.
{names}
# Write this into the metadata of a workload in templates/:
annotations:
"""
POLICY = """\
  # Only for a Job: a changed Job gets a new name, and the old one runs to its end.
  polyaxon.com/run-policy: keep
"""
VALUES = """\
# Values for the chart polyaxon-persistence, written by `polyaxon-persistence init` with the names of a site's catalog.
# The site's catalog defines the volumes, so these values have none.
{names}
"""
NEXT = """\
next: {save}. Then run
  polyaxon-persistence explain{options} -- helm template demo {chart}
  helm upgrade --install demo {chart} --post-renderer polyaxon-persistence{arguments}
"""


def run(
    options: Options, files: list[CatalogLayer], wrong: list[Problem], chart: str, *, is_own: bool
) -> CommandResult:
    """Print annotations, or values if ``is_own`` is False: ``chart`` is then no chart of the user's own.

    ``wrong``: errors in the text of the files.
    """
    problems = wrong or find_own_errors(files)
    if problems:
        return CommandResult("", problems)
    catalog = read_catalog(files)
    text = _write_annotations(catalog) if is_own else _write_values(catalog)
    named = options.persistence[len(find_site_files()) :]  # the post-renderer finds the others itself
    words = [word for path in named for word in ("--persistence", shlex.quote(path))]
    step = NEXT.format(
        save="add these lines to a template" if is_own else "save this output in a new file, such as runs.yaml",
        options="".join(f" {word}" for word in words),
        arguments="".join(f" --post-renderer-args={word}" for word in words),
        chart=chart if is_own else f"{chart} -f runs.yaml",
    )
    return CommandResult(text, [], next_step=step)


def _write_annotations(catalog: Catalog) -> str:
    data, outputs = _choose(catalog)
    text = HEAD.format(names=_list_all(catalog))
    text += f"  polyaxon.com/data: {plain_scalar(data)}\n" if data else ""
    text += f"  polyaxon.com/outputs: {plain_scalar(outputs)}\n" if outputs else ""
    # Without names the run asks for the defaults.
    return text + ("" if data or outputs else "  polyaxon.com/kind: job\n") + POLICY


def _write_values(catalog: Catalog) -> str:
    return VALUES.format(names=_list_all(catalog)) + write_first_run(*_choose(catalog))


def _choose(catalog: Catalog) -> tuple[str, str]:
    """Return the name of a data volume and of an outputs volume, the defaults first; empty if there is none."""
    data = [*(catalog.default_data or ()), *catalog.entries[DATA]]
    outputs = [name for name in (catalog.default_outputs, *catalog.writable_outputs()) if name]
    return (data or [""])[0], (outputs or [""])[0]


def _list_all(catalog: Catalog) -> str:
    rows = ((DATA, list(catalog.entries[DATA])), (OUTPUTS, catalog.writable_outputs()))
    return "\n".join(f"# Its {role} volumes: {list_names(names) if names else 'none'}" for role, names in rows)
