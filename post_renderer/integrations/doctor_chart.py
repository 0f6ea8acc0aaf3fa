"""Checks the chart in the current directory for ``doctor``: this project's chart, or a chart that depends on it."""

from __future__ import annotations

import os

from post_renderer import __version__
from post_renderer.integrations.doctor_row import ERROR, INFO, OK, WARNING, Row, read_mapping, read_numbers
from post_renderer.problems import YamlError, quoted
from post_renderer.yamltree import SEQUENCE, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamltree import Node

CHART_FILE = "Chart.yaml"
NAME = "polyaxon-persistence"
BUILD = "run helm dependency update ."


def check_chart() -> list[Row]:
    """Return a row about the chart in the current directory, or one for each version of this chart in its charts/."""
    if not os.path.lexists(CHART_FILE):
        return [Row("chart", INFO, "there is no Chart.yaml in this directory")]
    root = read_mapping(CHART_FILE)
    if root is None:
        return [Row("chart", ERROR, f"{CHART_FILE} can't be read", "run helm lint . to see what is wrong")]
    try:
        return _check_root(root)
    except YamlError as error:
        return [
            Row("chart", ERROR, f"a {CHART_FILE} is wrong: {error.message}", "run helm lint . to see what is wrong")
        ]


def _check_root(root: Node) -> list[Row]:
    name, version = scalar_text(root.get("name")) or "", scalar_text(root.get("version")) or ""
    if name == NAME:
        return [_compare(f"chart {NAME} {version}", version, "use the program and the chart of one version: {}")]
    wanted = _find_dependencies(root)
    if wanted:
        return _check_dependency(name, wanted)
    message = f"the chart {quoted(name)} does not depend on {NAME}, so its catalog must come from elsewhere"
    return [Row("chart", INFO, message)]


def _find_dependencies(root: Node) -> list[str]:
    """Return the version of each dependency on this chart."""
    dependencies = root.get("dependencies")
    items = dependencies.items() if dependencies is not None and dependencies.kind == SEQUENCE else []
    found = [item for item in items if scalar_text(item.get("name")) == NAME]
    return [scalar_text(item.get("version")) or "" for item in found]


def _check_dependency(chart: str, wanted: list[str]) -> list[Row]:
    names = f"chart {quoted(chart)} with the dependency {NAME}"
    installed = _find_installed()
    if not installed:
        return [Row("chart", ERROR, f"{names} {' and '.join(wanted)}, which is not in charts/", BUILD)]
    remedy = f"write version: {{}} in {CHART_FILE}, and {BUILD}"
    return [_compare(f"{names} {version}", version, remedy) for version in installed]


def _find_installed() -> list[str]:
    """Return the versions of this chart in ``charts/``, in directories and in archives."""
    found: set[str] = set()
    try:
        names = sorted(os.listdir("charts"))
    except OSError:
        return []
    for name in names:
        if name.startswith(f"{NAME}-") and name.endswith(".tgz"):
            found.add(name.removeprefix(f"{NAME}-").removesuffix(".tgz"))
        root = read_mapping(os.path.join("charts", name, CHART_FILE))
        if root is not None and scalar_text(root.get("name")) == NAME:
            found.add(scalar_text(root.get("version")) or "")
    return sorted(found)


def _compare(message: str, version: str, remedy: str) -> Row:
    """A chart of a later version can write what the program does not know. An earlier chart can lack new keys."""
    chart, program = read_numbers(version), read_numbers(__version__)
    if chart == program:
        return Row("chart", OK, message)
    text = f"{message}: the program has version {__version__}"
    if chart > program:
        return Row(
            "chart", ERROR, text, f"install the version {version} of the program, or {remedy.format(__version__)}"
        )
    return Row("chart", WARNING, text, remedy.format(__version__))
