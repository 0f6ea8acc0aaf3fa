"""Writes the figures as text or as docs/benchmark.md: both builds, each contestant on each stream, and the goals."""

from __future__ import annotations

from typing import Any

from ci.bench.competitors import ABOUT
from ci.bench.goals import GOALS, LOSES_ON_PURPOSE, Data, find
from ci.bench.install import BUILDS
from ci.bench.rows import ROWS

Table = list[tuple[str, ...]]
BUILDS_HEAD = (
    "stream", "pyc", "pure", "compiled", "wall: pure", "wall: compiled", "M instructions: pure", "compiled",
    "peak MB: pure", "compiled",
)  # fmt: skip
RESULTS_HEAD = (
    "stream", "program", "CPU ms", "× pyc", "wall ms", "M instructions", "peak MB", "lines lost", "rounds"
)  # fmt: skip
GOALS_HEAD = ("what", "compiled", "goal", "", "pure", "goal", "")


def missing(data: Data) -> list[str]:
    """Return the names of the figures that a page needs and this run does not have."""
    return [
        f"{row}/{name}"
        for row, found in ROWS.items()
        for name in found.contestants
        if f"{row}/{name}" not in data["results"]
    ]


def table_of_builds(data: Data) -> Table:
    """Return the figures of both builds beside each other, for each stream that both have."""
    results = data["results"]
    rows: Table = [BUILDS_HEAD]
    for row, pure in [key.split("/") for key in results if key.endswith("pure")]:
        prefix = pure.removesuffix("pure")
        found = [results.get(f"{row}/{prefix}{build}") for build in BUILDS]
        pyc = results.get(f"{row}/pyc")
        rows.append(
            (
                f"{row}, {prefix.removesuffix(' + ')}" if prefix else row,
                f"{pyc['cpu']:.1f}" if pyc else "",
                *(_show(result, "cpu") for result in found),
                *(_show(result, "wall") for result in found),
                *(_show(result, "instructions", 1e6) for result in found),
                *(_show(result, "memory", 1e6) for result in found),
            )
        )
    return rows


def _show(result: dict[str, Any] | None, field: str, unit: float = 1) -> str:
    if result is None or result[field] is None:
        return ""
    return f"{result[field] / unit:,.1f}"


def table_of_results(data: Data) -> Table:
    results = data["results"]
    rows: Table = [RESULTS_HEAD]
    for key, found in results.items():
        row, name = key.split("/")
        pyc = results.get(f"{row}/pyc") or results.get("a/pyc")
        rows.append(
            (
                row,
                name,
                _show(found, "cpu"),
                f"{found['cpu'] / pyc['cpu']:.2f}" if pyc else "",
                _show(found, "wall"),
                _show(found, "instructions", 1e6),
                _show(found, "memory", 1e6),
                "" if found["lost"] is None else f"{found['lost']:,}",
                str(found["rounds"]),
            )
        )
    return rows


def table_of_goals(data: Data) -> Table:
    rows: Table = [GOALS_HEAD]
    for goal in GOALS:
        found = [find(data, goal, build) for build in reversed(BUILDS)]
        cells: list[str] = []
        for finding in found:
            limit = "" if finding is None or finding.limit is None else finding.goal
            cells += [finding.figure, limit, finding.verdict()] if finding else ["", "", ""]
        if any(found):
            rows.append((goal.what, *cells))
    return rows


def as_text(data: Data) -> str:
    tables = [table_of_builds(data), table_of_results(data), table_of_goals(data)]
    return "\n\n".join(map(_text_table, tables))


def _text_table(table: Table) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)


def _markdown_table(table: Table) -> str:
    lines = [table[0], tuple("---" for _ in table[0]), *table[1:]]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def as_markdown(data: Data) -> str:
    return f"""<!-- Made by `make bench-page` from the figures of `make bench`. -->
# What a render costs

{_opening(data)}

A post-renderer runs at every `helm template` and `helm upgrade`. This page shows the time and memory that
polyaxon-persistence needs, and what other programs need for the same work.

## The two builds

Times are milliseconds. `pyc`, `pure` and `compiled` are CPU time; "wall" is the time on a clock.
[The streams](#the-streams) and [the programs](#the-programs) are explained below.

{_markdown_table(table_of_builds(data))}
## Each program on each stream

{_markdown_table(table_of_results(data))}
{_method(data["about"])}

## The streams

A generator with a fixed seed makes the streams, in the forms that public charts render to.

{_streams(data)}
## The programs

{_programs()}
## Against the goals

"Reached" and "missed" compare the figures before they are rounded. All figures of time are CPU time.

{_markdown_table(table_of_goals(data))}"""


def _opening(data: Data) -> str:
    pure, compiled, pyc = (data["results"][f"a/{name}"]["wall"] for name in ("pure", "compiled", "pyc"))
    helm = data["results"]["helm/helm3"]["wall"]
    return (
        f"polyaxon-persistence takes **about {pure:.0f} ms on a small chart** of 23 objects, 5 of them with a request. The start\n"
        f"of Python is {pyc:.0f} ms of them. The compiled wheel takes about {compiled:.0f} ms. `helm template` itself takes {helm:.0f} ms."
    )


def _method(told: dict[str, str]) -> str:
    counted = (
        f"`{told['counter']}` counted the instructions in one run of some programs."
        if told["counter"]
        else "No program of this machine can count instructions."
    )
    return f"""## How it was measured

{told["date"]}, {told["machine"]}; {told["python"]} (sysconfig);
{told["compiled"]} compiled files; installed by {told["pip"]}, `bundled` by {told["bundled pip"]}; yq {told["yq"]};
kubectl: {told["kubectl"]}; Helm {told["helm"]}; {told["rounds"]} rounds.

All programs ran alternately in one run. Slow programs ran in fewer rounds; the table says how many. Each figure is the
median of whole processes. CPU time is the user and system time of the process and its children, from the kernel. Wall
time is from the start to the last byte read from a pipe. "× pyc" compares CPU times. A peak is never below the memory of
the launcher, 8.6 MB. {counted}
In {LOSES_ON_PURPOSE}, Jobs lose their gate and get a new name on purpose. `make bench` runs everything again."""


def _programs() -> str:
    return "".join(f"- **{name}**: {text}\n" for name, text in ABOUT.items())


def _streams(data: Data) -> str:
    lines = ""
    for row, found in ROWS.items():
        size = data["streams"][row]
        lines += f"- **{row}**: {found.text} ({size['bytes'] / 1e6:.2f} MB, {size['documents']:,} documents)\n"
    return lines
