"""Reads the catalog files that the command line, the environment or an Argo CD Application names."""

from __future__ import annotations

import os

from post_renderer.catalog.load import read_layer_file
from post_renderer.console import FILES_VARIABLE, UsageError
from post_renderer.console.files import read_file
from post_renderer.console.options import find_site_files
from post_renderer.problems import OWN_FILE, Problem, YamlError
from post_renderer.stream import CATALOG_LIMIT, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer


def read_layers(paths: list[str], *, in_chart: bool = False) -> tuple[list[CatalogLayer], list[Problem]]:
    """Return the catalogs in the files, in the order of the paths, and the errors in their text. Raises UsageError.

    ``in_chart``: the current directory can be that of a chart. A relative path would name a file of the chart's author.
    """
    layers: list[CatalogLayer] = []
    problems: list[Problem] = []
    site_files = find_site_files()
    for path in paths:
        named = f"{FILES_VARIABLE}:" if path in site_files else "--persistence"
        if in_chart and not os.path.isabs(path):
            hint = "write an absolute path: a relative path would name a file of the chart that is rendered"
            raise UsageError(f"{named} {path}: the path is relative", hint)
        raw = read_file(path, f"{named} {path}", CATALOG_LIMIT)
        try:
            layers.append(read_layer_file(path, raw))
        except YamlError as error:
            problem = Problem(error.code, error.message, error.hint, subject=OWN_FILE)
            problem.file = path
            problem.line = 0 if error.offset is None else line_of(raw, error.offset)
            problems.append(problem)
    return layers, problems
