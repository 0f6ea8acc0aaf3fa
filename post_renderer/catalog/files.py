"""Reads the catalog files that the command line, the environment or an Argo CD Application names."""

from __future__ import annotations

from post_renderer.catalog.load import read_layer_file
from post_renderer.console.files import read_catalog_files
from post_renderer.problems import OWN_FILE, Problem, YamlError
from post_renderer.stream import line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer


def read_layers(paths: list[str], *, in_chart: bool = False) -> tuple[list[CatalogLayer], list[Problem]]:
    """Return the catalogs in the files, in the order of the paths, and the errors in their text. Raises UsageError.

    ``in_chart``: the same as in `read_catalog_files`.
    """
    layers: list[CatalogLayer] = []
    problems: list[Problem] = []
    for path, raw in zip(paths, read_catalog_files(paths, in_chart=in_chart), strict=True):
        try:
            layers.append(read_layer_file(path, raw))
        except YamlError as error:
            problem = Problem(error.code, error.message, error.hint, subject=OWN_FILE)
            problem.file = path
            problem.line = 0 if error.offset is None else line_of(raw, error.offset)
            problems.append(problem)
    return layers, problems
