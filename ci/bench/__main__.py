"""`make bench`: one interleaved run of all contestants on all streams; a table, and the same as JSON.

usage: python -m ci.bench [--rounds N] [--rows "a b"] [--only "pyc ours"] [--json FILE] | --page FILE   (--page: Markdown from the JSON)
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from ci.bench import competitors, page, streams
from ci.bench.measure import Command, lost_lines, peak_memory, run

EVERYONE = ("pyc", "copy", "cat", "ours", "yq", "kustomize", "ruamel")
# Contestants of each row, with their number of rounds; 0: all rounds. Those with a number take minutes.
ROWS: dict[str, dict[str, int]] = {
    "a": {**dict.fromkeys(EVERYONE, 0), "imports": 0},
    "n": dict.fromkeys(("pyc", "copy", "cat", "ours", "yq"), 0),
    "b": {**dict.fromkeys(("pyc", "copy", "cat", "ours"), 0), "full": 0, "once": 0, "events": 0, "yq": 0, "kustomize": 3, "ruamel": 1},
    "c": {**dict.fromkeys(("pyc", "copy", "cat", "ours"), 0), "yq": 0, "kustomize": 3, "ruamel": 1},
    "h": dict.fromkeys(("pyc", "ours"), 0),
    "j": dict.fromkeys(("pyc", "ours"), 0),
    "b10000": {"pyc": 0, "ours": 3},
    "helm": {},
}  # fmt: skip
HELMS = ("helm3", "helm4")


def make_streams(rows: list[str]) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    makers = {
        "a": lambda: streams.make_a().encode(),
        "n": lambda: streams.make_large(0).encode(),
        "b": lambda: streams.make_b().encode(),
        "c": lambda: streams.make_large(20).encode(),
        "b10000": lambda: streams.make_b(10_000).encode(),
        "h": as_helm_4_gives_it,
        "j": our_chart,
    }
    for row in rows:
        if row in makers:
            made[row] = makers[row]()
    return made


def as_helm_4_gives_it() -> bytes:
    """Return stream a in the form in which Helm 4 passes it to a post-renderer."""
    chart = competitors.helm_chart(streams.make_a().encode())
    run(competitors.helm("helm4", chart, "capture"))
    return (competitors.FOLDER / "h.yaml").read_bytes()


def our_chart() -> bytes:
    """Return the project's chart with 200 runs, as Helm 3 passes it to a post-renderer."""
    return run(competitors.helm("helm3", competitors.ROOT / "chart", values=streams.values_of_runs())).output


def helm_commands() -> dict[str, Command]:
    chart = competitors.helm_chart(streams.make_a().encode())
    found = {}
    for program in HELMS:
        found[program] = competitors.helm(program, chart)
        found[f"{program} + cat"] = competitors.helm(program, chart, "/bin/cat" if program == "helm3" else "cat")
        copy = str(competitors.copy_program()) if program == "helm3" else "copy"
        found[f"{program} + copy"] = competitors.helm(program, chart, copy)
        found[f"{program} + ours"] = competitors.helm(program, chart, "polyaxon-persistence")
    return found


def commands_of(rows: list[str], given: dict[str, bytes]) -> dict[tuple[str, str], tuple[Command, int]]:
    found = {}
    for row in rows:
        for name, rounds in ROWS[row].items():
            found[row, name] = competitors.command(name, given[row]), rounds
        if row == "helm":
            found |= {(row, name): (command, 0) for name, command in helm_commands().items()}
    return found


def check_work(row: str, name: str, given: bytes, output: bytes) -> None:
    """Raise AssertionError if a contestant did not change all containers, so that it gets no figure."""
    asking = [document for document in given.split(b"\n---") if b"polyaxon.com/polyaxonfile" in document]
    mark = competitors.MARKS.get(name)
    if not mark or row == "j":
        return
    containers = 0
    for document in asking:
        pod = document.partition(b"containers:\n")[2]
        containers += 1 if name == "kustomize" else pod.count(b"imagePullPolicy:")
    found = output.count(mark) - given.count(mark)
    if found != containers:
        raise AssertionError(f"{name} on {row}: {found} of {containers} are there")


def bench(rows: list[str], rounds: int, only: set[str]) -> dict[str, Any]:
    wanted = {name for row in rows for name in ROWS[row] if name in only}
    competitors.prepare(wanted)
    given = make_streams(rows)
    commands = {key: found for key, found in commands_of(rows, given).items() if key[0] == "helm" or key[1] in only}
    samples: dict[tuple[str, str], list[float]] = {key: [] for key in commands}
    memory: dict[tuple[str, str], int] = {}
    lost: dict[tuple[str, str], int] = {}
    for number in range(rounds):
        for (row, name), (command, limit) in commands.items():
            if limit and number >= limit:
                continue
            if name == "kustomize":
                competitors.write_kustomization(given[row])
            sample = run(command)
            samples[row, name].append(sample.seconds)
            if number == 0:
                memory[row, name] = peak_memory(command)
            if row in given and (row, name) not in lost and name not in competitors.SILENT:
                lost[row, name] = lost_lines(given[row], sample.output)
                check_work(row, name, given[row], sample.output)
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    results = {}
    for (row, name), seconds in samples.items():
        results[f"{row}/{name}"] = {
            "ms": round(median(seconds) * 1000, 2),
            "rounds": len(seconds),
            "memory": memory[row, name],
            "lost": lost.get((row, name)),
        }
    sizes = {
        row: {"bytes": len(data), "lines": data.count(b"\n"), "documents": data.count(b"\n---") + 1}
        for row, data in given.items()
    }
    return {"about": page.about(rounds), "streams": sizes, "results": results}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", default=" ".join(ROWS))
    parser.add_argument("--only", default=" ".join(competitors.ABOUT), help="contestants")
    parser.add_argument("--json", type=Path, default=competitors.FOLDER / "bench.json")
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    if options.page:
        options.page.parent.mkdir(exist_ok=True)
        options.page.write_text(page.as_markdown(json.loads(options.json.read_text())))
        return
    data = bench(options.rows.split(), options.rounds, set(options.only.split()))
    options.json.write_text(json.dumps(data, indent=2) + "\n")
    print(page.as_text(data))


main()
