"""Writes the figures as text or as docs/benchmark.md: compared with the goals, and each contestant on each stream."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from typing import Any

from ci.bench import competitors

Data = dict[str, Any]
STREAMS = {
    "a": "a small chart: 23 documents, 5 with a request",
    "n": "10 MB without a request",
    "b": "1,000 workloads, all with a request",
    "c": "10 MB of definitions, dashboards and rules, 20 workloads with a request",
    "h": "a, in the form in which Helm 4 passes it to a post-renderer",
    "j": "the chart polyaxon-persistence with 200 runs, Jobs named by content",
    "b10000": "b with 10,000 workloads",
}
# A name for the row, the figure, the figure to compare with, and the goal for their ratio.
GOALS: list[tuple[str, str, str, float]] = [
    ("a", "a/ours", "a/pyc", 1.4), ("a", "a/ours", "a/yq", 0.8), ("a", "a/ours", "a/kustomize", 0.1),
    ("n", "n/ours", "n/copy", 1.1),
    ("b", "b/ours", "b/pyc", 18), ("b", "b/ours", "b/yq", 0.2), ("b", "b/ours", "b/kustomize", 0.05),
    ("b, full reader only", "b/full", "b/yq", 0.6),
    ("c", "c/ours", "c/copy", 1.5), ("c", "c/ours", "c/yq", 0.1),
    ("b, 10,000 against 1,000", "b10000/ours", "b/ours", 11),
    ("share of `helm template`, Helm 3", "helm/helm3 + ours", "helm/helm3 + cat", 1.1),
    ("share of `helm template`, Helm 4", "helm/helm4 + ours", "helm/helm4 + cat", 1.1),
]  # fmt: skip


# Costs that faster code of this project can't reduce: a name for the row, the figure, the figure to compare with.
FLOORS: list[tuple[str, str, str]] = [
    ("a: its imports alone", "a/imports", "a/pyc"),
    ("b, full reader: libyaml's events alone", "b/events", "b/yq"),
    ("`helm template`, Helm 3: a Python copy alone", "helm/helm3 + copy", "helm/helm3 + cat"),
    ("`helm template`, Helm 4: a Python copy alone", "helm/helm4 + copy", "helm/helm4 + cat"),
]


def about(rounds: int) -> dict[str, str]:
    """Describe the machine, without its name, and the versions."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    version = _output(competitors.PYTHON, "-m", "pip", "--version").split(" from ")[0]
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release().split('-')[0]}",
        "python": f"{_output(competitors.PYTHON, '--version')}; the console script by {version}",
        "yq": _output(str(competitors.TOOLS / "yq"), "--version").rpartition(" ")[2],
        "kubectl": _output(str(competitors.TOOLS / "kubectl"), "version", "--client").replace("\n", ", "),
        "helm": ", ".join(
            _output(str(competitors.TOOLS / name), "version", "--template", "{{.Version}}")
            for name in ("helm3", "helm4")
        ),
        "rounds": str(rounds),
    }


def _output(*command: str) -> str:
    if not os.path.exists(command[0]):
        return "not built"
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def rows_of_goals(data: Data) -> list[tuple[str, ...]]:
    results = data["results"]
    rows: list[tuple[str, ...]] = []
    for row, ours, other, goal in GOALS:
        if ours in results and other in results:
            ratio = results[ours]["ms"] / results[other]["ms"]
            held = other.split("/")[1] if other.split("/")[0] == ours.split("/")[0] else other
            rows.append((row, f"{ratio:.2f} × {held}", f"≤ {goal:g}", "yes" if ratio <= goal else "no"))
    for row, floor, other in FLOORS:
        if floor in results and other in results:
            rows.append(
                (row, f"{results[floor]['ms'] / results[other]['ms']:.2f} × {other.split('/')[1]}", "(to know)", "")
            )
    if {"b/full", "b/once"} <= results.keys():
        share = 1 - results["b/once"]["ms"] / results["b/full"]["ms"]
        rows.append(("b, full reader: share of the second parse", f"{share:.0%}", "(to know)", ""))
    for row, spare in (("a", None), ("c", 14)):
        if f"{row}/ours" in results:
            memory = results[f"{row}/ours"]["memory"] / 1e6
            limit = 12 if spare is None else data["streams"][row]["bytes"] / 1e6 + spare
            rows.append(
                (f"peak memory on {row}", f"{memory:.1f} MB", f"≤ {limit:.1f} MB", "yes" if memory <= limit else "no")
            )
    losses = [found["lost"] for key, found in results.items() if key in UNTOUCHED]
    if losses:
        rows.append(
            (
                "input lines lost by polyaxon-persistence (without j, where Jobs lose their gate and name on purpose)",
                str(sum(losses)),
                "0",
                "no" if sum(losses) else "yes",
            )
        )
    return rows


def rows_of_results(data: Data) -> list[tuple[str, ...]]:
    results = data["results"]
    rows: list[tuple[str, ...]] = []
    for key, found in results.items():
        row, name = key.split("/")
        pyc = results.get(f"{row}/pyc") or results.get("a/pyc")
        ratio = f"{found['ms'] / pyc['ms']:.2f}" if pyc else ""
        lost = "" if found["lost"] is None else f"{found['lost']:,}"
        rows.append(
            (row, name, f"{found['ms']:.1f}", ratio, f"{found['memory'] / 1e6:.1f}", lost, str(found["rounds"]))
        )
    return rows


# Without j: Jobs of the project's chart lose their gate and their name without a hash on purpose.
UNTOUCHED = [f"{row}/ours" for row in ("a", "n", "b", "c", "h", "b10000")]
HEADS = (
    ("what", "figure", "goal", "reached"),
    ("stream", "contestant", "ms", "× pyc", "peak MB", "lines lost", "rounds"),
)


def as_text(data: Data) -> str:
    parts = []
    for head, rows in zip(HEADS, (rows_of_goals(data), rows_of_results(data)), strict=True):
        table: list[tuple[str, ...]] = [head, *rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(head))]
        parts.append(
            "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
        )
    return "\n\n".join(parts)


def as_markdown(data: Data) -> str:
    def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
        lines = [head, tuple("---" for _ in head), *rows]
        return "".join("| " + " | ".join(line) + " |\n" for line in lines)

    told = data["about"]
    sizes = "".join(
        f"- **{row}**: {text} ({data['streams'][row]['bytes'] / 1e6:.2f} MB, {data['streams'][row]['documents']:,} documents)\n"
        for row, text in STREAMS.items()
        if row in data["streams"]
    )
    who = "".join(f"- **{name}**: {text}\n" for name, text in competitors.ABOUT.items())
    return (
        "<!-- Made by `make bench-page` from the figures of `make bench`. -->\n# What a render costs\n\n"
        "A post-renderer runs at every `helm template` and `helm upgrade`. This page shows the time and memory that\n"
        "polyaxon-persistence needs, and what other programs need for the same work. All programs ran alternately in one run.\n"
        "A time is the median of whole processes, from the start to the last byte read from a pipe. A peak is never below the\n"
        f"memory of the launcher, 8.6 MB. In j, Jobs lose their gate and get a new name on purpose. `make bench` runs it again.\n\n{told['date']}, {told['machine']}; {told['python']}; yq {told['yq']}; kubectl: {told['kubectl']}; Helm {told['helm']}; "
        f"{told['rounds']} rounds.\n\n## Against the goals\n\n{table(HEADS[0], rows_of_goals(data))}\n"
        f"## Each contestant on each stream\n\n{table(HEADS[1], rows_of_results(data))}\n## The streams\n\n"
        "A generator with a fixed seed makes the streams, in the forms that public charts render to.\n\n"
        f"{sizes}\n## The contestants\n\n{who}"
    )
