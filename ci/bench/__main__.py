"""`make bench`: one interleaved run of all contestants on all streams; tables, and the same as JSON.

usage: python -m ci.bench [--rounds N] [--rows "a b"] [--only "pyc pure"] [--compiled WHEEL] [--json FILE]
       python -m ci.bench --page FILE   (Markdown from the JSON)
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from ci.bench import competitors, install, page
from ci.bench.helm import HELMS, helm_chart, template, write_plugins
from ci.bench.machine import about
from ci.bench.measure import Command, Sample, count_instructions, find_counter, launch, lost_lines, run
from ci.bench.rows import ROWS
from ci.bench.streams import make_a

# To count the instructions of the others, or of minutes of work, takes too long.
COUNTED = {"pyc", "copy", "imports", *install.BUILDS, install.BUNDLED}
NOT_COUNTED = {"b10000", "live", "helm"}


class Contest(NamedTuple):
    row: str
    name: str
    command: Command
    rounds: int


class Figures:
    """What was measured of one contestant on one stream."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.memory = 0
        self.instructions: int | None = None
        self.lost: int | None = None

    def as_data(self) -> dict[str, Any]:
        return {
            "cpu": round(median(sample.cpu for sample in self.samples) * 1000, 3),
            "wall": round(median(sample.wall for sample in self.samples) * 1000, 3),
            "rounds": len(self.samples),
            "memory": self.memory,
            "instructions": self.instructions,
            "lost": self.lost,
        }


def contests_of(rows: list[str], only: set[str], given: dict[str, bytes], rounds: int) -> list[Contest]:
    found = []
    for row in rows:
        for name, limit in ROWS[row].contestants.items():
            helm, _, program = name.rpartition(" + ")
            if program not in only:
                continue
            if helm or name in HELMS:
                command = template(helm or name, helm_chart(given[row]), program if helm else "")
            else:
                command = competitors.command(name, given[row], ROWS[row].options)
            found.append(Contest(row, name, command, min(limit or rounds, rounds)))
    return found


def check_work(contest: Contest, given: bytes, output: bytes) -> None:
    """Raise AssertionError if a contestant did not change all containers, so that it gets no figure."""
    mark = competitors.MARKS.get(contest.name)
    if not mark or contest.row == "j":
        return
    asking = [document for document in given.split(b"\n---") if b"polyaxon.com/polyaxonfile" in document]
    containers = 0
    for document in asking:
        pod = document.partition(b"containers:\n")[2]
        containers += 1 if contest.name == "kustomize" else pod.count(b"imagePullPolicy:")
    found = output.count(mark) - given.count(mark)
    if found != containers:
        raise AssertionError(f"{contest.name} on {contest.row}: {found} of {containers} are there")


def look_closer(contest: Contest, given: bytes, output: bytes, counter: str) -> tuple[int | None, int | None]:
    """Return the instructions and the lost lines."""
    lost = instructions = None
    if ROWS[contest.row].passes and contest.name not in competitors.SILENT:
        lost = lost_lines(given, output)
        check_work(contest, given, output)
    if counter and contest.name in COUNTED and contest.row not in NOT_COUNTED:
        instructions = count_instructions(counter, contest.command)
    return instructions, lost


def measure(contests: list[Contest], given: dict[str, bytes], rounds: int, counter: str) -> dict[str, Any]:
    figures = {contest: Figures() for contest in contests}
    outputs: dict[str, bytes] = {}
    for number in range(rounds):
        for contest, found in figures.items():
            if number >= contest.rounds:
                continue
            if contest.name == "kustomize":
                competitors.write_kustomization(given[contest.row])
            if number == 0:
                sample, found.memory = launch(contest.command)
                output = sample.output
                found.instructions, found.lost = look_closer(contest, given[contest.row], output, counter)
                if contest.name in install.BUILDS and outputs.setdefault(contest.row, output) != output:
                    raise AssertionError(f"the builds write different bytes on {contest.row}")
            # One run of the slowest contestants must do for all figures.
            if number or contest.rounds > 1:
                sample = run(contest.command)
            found.samples.append(Sample(sample.cpu, sample.wall, b""))
        print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {f"{contest.row}/{contest.name}": found.as_data() for contest, found in figures.items()}


def bench(rows: list[str], rounds: int, only: set[str], compiled: Path | None) -> dict[str, Any]:
    competitors.build_peers({name for row in rows for name in ROWS[row].contestants if name in only})
    install.prepare(only & {*install.BUILDS, install.BUNDLED}, compiled)
    write_plugins()
    given = {row: ROWS[row].make() for row in rows}
    helm_chart(make_a().encode())
    counter = find_counter()
    results = measure(contests_of(rows, only, given, rounds), given, rounds, counter)
    sizes = {row: {"bytes": len(data), "documents": data.count(b"\n---") + 1} for row, data in given.items()}
    return {"about": about(rounds, counter), "streams": sizes, "results": results}


def write_page(path: Path, data: dict[str, Any]) -> None:
    """Write the page. Raises SystemExit if the run lacks figures, because the page would hide that."""
    missing = page.missing(data)
    if missing:
        raise SystemExit(
            f"make bench-page: the last run lacks {', '.join(missing)}: run `make bench` without ROWS and ONLY"
        )
    path.parent.mkdir(exist_ok=True)
    path.write_text(page.as_markdown(data))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", default=" ".join(ROWS))
    parser.add_argument("--only", default=" ".join(competitors.ABOUT), help="contestants")
    parser.add_argument("--compiled", type=Path, help="a compiled wheel; without it, the wheel is built")
    parser.add_argument("--json", type=Path, default=install.FOLDER / "bench.json")
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    if options.page:
        write_page(options.page, json.loads(options.json.read_text()))
        return
    install.FOLDER.mkdir(exist_ok=True)
    data = bench(options.rows.split(), options.rounds, set(options.only.split()), options.compiled)
    options.json.write_text(json.dumps(data, indent=2) + "\n")
    print(page.as_text(data))


if __name__ == "__main__":
    main()
