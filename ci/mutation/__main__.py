"""Runs the tests against a sample of mutants, and prints the score and the survivors.

usage: python -m ci.mutation [--sample N|all] [--seed N] [--jobs N] [--again]

--again runs only the mutants of the last run (reports/mutation.json) that were not killed and are not in the list of
equivalent mutants. It ends with code 1 if the score without equivalent mutants is too low, if a mutant was not run, or
if there is no mutant.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from ci.mutation.mutants import Key, choose, read_mutants
from ci.mutation.score import count, find_faults, find_stale, read_equivalent, write_entry, write_table
from ci.mutation.workers import NOT_RUN, SURVIVED, Outcome, Worker, copy_project, measure

if TYPE_CHECKING:
    from ci.mutation.mutants import Mutant

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
LAST = ROOT / "reports" / "mutation.json"


def read_last() -> dict[Key, Outcome]:
    return {Key(*key): Outcome(*outcome) for key, outcome in json.loads(LAST.read_text(encoding="utf-8"))}


def is_open(key: Key, last: dict[Key, Outcome], equivalent: dict[Key, str]) -> bool:
    """Return whether --again repeats a mutant of the last run."""
    return key in last and last[key].what in {SURVIVED, NOT_RUN} and key not in equivalent


def run_all(mutants: list[Mutant], jobs: int) -> dict[Key, Outcome]:
    """Run each mutant once, ``jobs`` at a time."""
    outcomes: dict[Key, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name)
        copies = [copy_project(ROOT, folder / str(number)) for number in range(jobs)]
        started = time.monotonic()
        coverage = measure(copies[0], folder, jobs)
        print(f"{len(coverage.seconds)} tests pass without a mutant ({time.monotonic() - started:.0f} s)", flush=True)
        workers: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        ready = [Worker(copy, folder, coverage) for copy in copies]
        with ThreadPoolExecutor(jobs) as pool:
            for outcome in pool.map(lambda worker: worker.run(mutants[0], control=True), ready):
                if outcome.what != SURVIVED:
                    sys.exit(f"make mutation: {outcome.what} without a mutant: {outcome.reason}")
        for worker in ready:
            workers.put(worker)

        def run(mutant: Mutant) -> Outcome:
            worker = workers.get()
            try:
                return worker.run(mutant)
            finally:
                workers.put(worker)

        with ThreadPoolExecutor(jobs) as pool:
            futures = {pool.submit(run, mutant): mutant for mutant in mutants}
            try:
                for number, future in enumerate(as_completed(futures), 1):
                    key, outcome = futures[future].key, future.result()
                    outcomes[key] = outcome
                    _print_outcome(f"{number}/{len(mutants)}", key, outcome)
            finally:
                pool.shutdown(cancel_futures=True)
    return outcomes


def _print_outcome(number: str, key: Key, outcome: Outcome) -> None:
    print(
        f"{number} {outcome.what} ({outcome.seconds:.0f} s) {key.module} {key.function}: {outcome.reason}", flush=True
    )
    if outcome.what in {SURVIVED, NOT_RUN}:
        print(write_entry(key), flush=True)


def report(outcomes: dict[Key, Outcome], equivalent: dict[Key, str], all_keys: set[Key], wanted: int) -> list[str]:
    """Print everything that a maintainer must know, and return why the run fails."""
    survivors = [key for key, outcome in outcomes.items() if outcome.what == SURVIVED]
    for title, keys in (
        ("survivors, judged equivalent", [key for key in survivors if key in equivalent]),
        ("survivors", [key for key in survivors if key not in equivalent]),
        ("not run", [key for key, outcome in outcomes.items() if outcome.what == NOT_RUN]),
        (
            "in the list of equivalent mutants, but killed",
            [key for key in equivalent if key in outcomes and key not in survivors],
        ),
        ("in the list of equivalent mutants, but no longer in the code", find_stale(equivalent, all_keys)),
    ):
        if keys:
            print(f"\n{title}:")
            print("\n".join(write_entry(key, equivalent.get(key, "")) for key in sorted(keys)))
    rows = count(outcomes, equivalent)
    print(f"\n{write_table(rows)}")
    return find_faults(rows[-1], wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", default="300")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    started = time.monotonic()
    equivalent = read_equivalent(EQUIVALENT.read_text(encoding="utf-8"))
    mutants = read_mutants(ROOT)
    all_keys = {mutant.key for mutant in mutants}
    kept: dict[Key, Outcome] = {}
    if given.again:
        kept = {key: outcome for key, outcome in read_last().items() if key in all_keys}
        chosen = [mutant for mutant in mutants if is_open(mutant.key, kept, equivalent)]
    else:
        chosen = choose(mutants, ROOT, given.seed, None if given.sample == "all" else int(given.sample))
    print(
        f"{len(chosen)} of {len(mutants)} mutants, seed {given.seed} ({time.monotonic() - started:.0f} s)", flush=True
    )
    outcomes = {**kept, **(run_all(chosen, given.jobs) if chosen else {})}
    LAST.parent.mkdir(exist_ok=True)
    LAST.write_text(json.dumps(list(outcomes.items()), indent=1), encoding="utf-8")
    faults = report(outcomes, equivalent, all_keys, len({*kept, *(mutant.key for mutant in chosen)}))
    print(f"{time.monotonic() - started:.0f} s")
    if faults:
        sys.exit(f"make mutation: {'; '.join(faults)}")


if __name__ == "__main__":
    main()
