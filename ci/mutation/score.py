"""Counts the outcomes, and compares the survivors with the list of equivalent mutants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from ci.mutation.mutants import STAGES, Key
from ci.mutation.workers import KILLED, NOT_RUN, SURVIVED, TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci.mutation.workers import Outcome

LEAST = 96.0  # percent of the mutants that are not equivalent


class Row(NamedTuple):
    """The counts of one stage, or of all."""

    name: str
    mutants: int
    killed: int
    equivalent: int
    not_run: int

    @property
    def raw(self) -> float:
        return 100 * self.killed / self.mutants if self.mutants else 0.0

    @property
    def score(self) -> float:
        rest = self.mutants - self.equivalent
        return 100 * self.killed / rest if rest else 0.0


def read_equivalent(text: str) -> dict[Key, str]:
    """The reason for each equivalent mutant. Raises ValueError if an entry is not complete or is there twice."""
    found: dict[Key, str] = {}
    entries: list[dict[str, Any]] = yaml.safe_load(text)
    for entry in entries:
        if (
            not {"module", "diff", "reason"} <= entry.keys() <= {*Key._fields, "reason"}
            or not str(entry["reason"]).strip()
        ):
            raise ValueError(f"not module, function, diff, number (optional) and reason: {entry}")
        diff = entry["diff"].rstrip("\n")
        key = Key(entry["module"], entry.get("function", ""), diff, entry.get("number", 1))
        if key in found:
            raise ValueError(f"twice: {key}")
        found[key] = " ".join(str(entry["reason"]).split())
    return found


def write_entry(key: Key, reason: str = "") -> str:
    """One mutant in the form of the list."""
    lines = [f"- module: {key.module}"]
    if key.function:
        lines.append(f"  function: {key.function}")
    if key.number != 1:
        lines.append(f"  number: {key.number}")
    lines += [
        "  diff: |2",
        *(f"    {line}".rstrip() for line in key.diff.splitlines()),
        f"  reason: {json.dumps(reason, ensure_ascii=False)}",
    ]
    return "\n".join(lines)


def find_stale(equivalent: Iterable[Key], all_keys: set[Key]) -> list[Key]:
    """The entries whose code is no longer there."""
    return [key for key in equivalent if key not in all_keys]


def count(outcomes: Mapping[Key, Outcome], equivalent: Mapping[Key, str]) -> list[Row]:
    """One row for each stage that has mutants, and one for all of them."""
    rows = [_count(stage, outcomes, equivalent, stage) for stage in STAGES]
    return [*(row for row in rows if row.mutants), _count("all", outcomes, equivalent, "")]


def _count(name: str, outcomes: Mapping[Key, Outcome], equivalent: Mapping[Key, str], stage: str) -> Row:
    chosen = {key: outcome.what for key, outcome in outcomes.items() if not stage or key.module.split("/")[1] == stage}
    words = list(chosen.values())
    survived = [key for key, what in chosen.items() if what == SURVIVED]
    killed = words.count(KILLED) + words.count(TIMEOUT)
    return Row(name, len(chosen), killed, len(equivalent.keys() & survived), words.count(NOT_RUN))


def find_faults(total: Row, wanted: int) -> list[str]:
    """Why the run fails. ``wanted`` is the number of mutants of the sample."""
    faults = []
    if not total.mutants:
        faults.append("no mutant was run")
    if total.mutants < wanted or total.not_run:
        faults.append(f"{wanted - total.mutants + total.not_run} of {wanted} mutants were not run")
    if total.score < LEAST:
        faults.append(f"the score without equivalent mutants is {total.score:.1f} %, below {LEAST:.0f} %")
    return faults


def write_table(rows: list[Row]) -> str:
    lines = [f"{'stage':<10}{'mutants':>8}{'killed':>8}{'equivalent':>12}{'not run':>9}{'raw':>9}{'score':>9}"]
    lines += [
        f"{row.name:<10}{row.mutants:>8}{row.killed:>8}{row.equivalent:>12}{row.not_run:>9}{row.raw:>8.1f}%{row.score:>8.1f}%"
        for row in rows
    ]
    return "\n".join(lines)
