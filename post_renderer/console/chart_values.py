"""Finds the run and the path in the values that an object of the chart polyaxon-persistence comes from.

Users do not see the stream. They see their values. Only messages need this, so only the formatting of messages does it.
"""

from __future__ import annotations

from post_renderer.k8s import (
    CATALOG_KEY,
    CATALOG_LABEL,
    CHART_LABEL,
    CONTAINERS,
    GROUP,
    KIND,
    POLYAXONFILE,
    PROJECT,
    RELEASE_LABEL,
    RUN_FOLDER,
    RUN_LABEL,
    RUN_POLICY,
    USER,
)
from post_renderer.problems import YamlError
from post_renderer.yamltree import MAPPING, get_mapping_value, parse, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problem

# The templates of the chart whose objects can have errors, and the kinds of these objects.
TEMPLATES = {"job.yaml": "Job", "cronjob.yaml": "CronJob", "deployment.yaml": "Deployment", "catalog.yaml": "ConfigMap"}
VERSION_LABEL = "helm.sh/chart"  # name (or alias) and version of the chart
CHART_LABELS = {RELEASE_LABEL, CHART_LABEL, "app.kubernetes.io/managed-by", VERSION_LABEL}
RUN_LABELS = CHART_LABELS | {RUN_LABEL, KIND}
CATALOG_LABELS = CHART_LABELS | {CATALOG_LABEL}
# An annotation of a run, and the key of the run's values that the chart writes into it.
KEYS = {
    POLYAXONFILE: "polyaxonfile",
    CONTAINERS: "containers",
    RUN_FOLDER: "folder",
    PROJECT: "project",
    USER: "user",
    RUN_POLICY: "policy",
}

MEMBER_DIGITS = 8  # of the hash in the name of a member of a grid
HEX_DIGITS = frozenset("0123456789abcdef")

_labels: dict[tuple[str, str], dict[str, str]] = {}  # of the last document: its errors come one after another


def find_values(problem: Problem) -> tuple[str, str]:
    """Return the name of the run, and the path in the values, such as ``vision.runs.train.polyaxonfile``.

    The name is empty for a catalog. Both are empty if it is not certain that the chart wrote the object: its template,
    its kind and all its labels must be those of the chart.
    """
    directory, _, template = problem.file.rpartition("/templates/")
    kind = TEMPLATES.get(template)
    if not kind or not problem.text:
        return "", ""
    # Helm writes the chart of a dependency as PARENT/charts/NAME, with the alias as NAME if there is one.
    _, *keys = directory.split("/charts/")
    name = keys[-1] if keys else directory
    labels = _read_labels(problem.text, kind)
    version = labels.get(VERSION_LABEL, "").removeprefix(f"{name}-")
    if not version[:1].isdigit():
        return "", ""
    if kind == "ConfigMap":
        if labels.keys() != CATALOG_LABELS:
            return "", ""
        is_setting = problem.about.startswith("persistence.") and problem.about != CATALOG_KEY
        return "", ".".join([*keys, problem.about if is_setting else "persistence"])
    if not labels.keys() >= RUN_LABELS:
        return "", ""
    keys += ["runs", _key_of_run(labels)]
    return labels[RUN_LABEL], ".".join([*keys, KEYS[problem.about]] if problem.about in KEYS else keys)


def find_grid(problem: Problem) -> str:
    """Return the path in the values of the problem of a member of a grid; empty for the problem of another object."""
    run, path = find_values(problem)
    return path if run and f".runs.{run}." not in f".{path}." else ""


def _key_of_run(labels: dict[str, str]) -> str:
    """Return the key of a run in the values. Only the chart writes the label of the group.

    Users can write the annotation for a run with a key of its own.
    """
    run = labels[RUN_LABEL]
    return (key_of_grid(run) if GROUP in labels else "") or run


def key_of_grid(run: str) -> str:
    """Return the key of a grid from the name of a member, ``<key of the grid>-<8 hex digits>``; else an empty text."""
    key, _, digits = run.rpartition("-")
    return key if len(digits) == MEMBER_DIGITS and HEX_DIGITS.issuperset(digits) else ""


def _read_labels(text: str, kind: str) -> dict[str, str]:
    """Return the labels of the object of a document; none if it has another kind or can't be read."""
    if (text, kind) not in _labels:
        _labels.clear()
        _labels[text, kind] = _parse_labels(text, kind)
    return _labels[text, kind]


def _parse_labels(text: str, kind: str) -> dict[str, str]:
    try:
        root = parse(text)
        labels = get_mapping_value(root, "metadata", "labels")
        if scalar_text(get_mapping_value(root, "kind")) != kind or labels is None or labels.kind != MAPPING:
            return {}
        return {key.value() or "": scalar_text(value) or "" for key, value in labels.pairs()}
    except YamlError:
        return {}
