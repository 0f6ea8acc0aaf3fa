"""Measures how the time of each command grows if its input doubles. It ends with code 1 if a factor is over the limit.

usage: python -m ci.bench.growth [--size N] [--shapes "one List;claims"] [--commands "render,verify"]

Each command runs on N / 2 and on N objects, entries or lines of each shape. Smaller sizes are not measured, because a time
that grows faster than its input grows most in the last doubling. The time is the user and system time of the process. It
does not include the start of Python: each run is a fork that has all modules imported.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

import post_renderer
from ci.bench.shapes import SHAPES, Case
from post_renderer.cli import main as run_command

LIMIT = 2.4  # the time may grow by this factor if the input doubles
LIVE, LIVE_JOBS = "one List of live Jobs", 10_000
VERIFY_LIMIT = 1.3  # verify may take this factor of the time of render on LIVE_JOBS Jobs
SHORT = 0.15  # seconds; a shorter run is not judged, because the machine's noise is larger
AGAIN = 2  # more runs if a time is over its limit; the fastest run counts
CATALOG = ["--persistence", "catalog"]
COMMANDS = {
    "render": ["render", *CATALOG],
    "explain": ["explain", *CATALOG],
    "verify": ["verify", *CATALOG],
    "inventory": ["inventory", *CATALOG],
    "check": ["check", *CATALOG],
    "check --against": ["check", *CATALOG, "--against", "against"],
    "flux-patches": ["flux-patches", *CATALOG],
    "krm": ["krm", *CATALOG],
    "kinds": ["kinds", *CATALOG],
    "migrate": ["migrate", "values"],
}


def measure(command: str, case: Case) -> float:
    """Return the user and system seconds of one run. Raises RuntimeError if its exit code is not 0 or 1."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {"stdin": case.stdin, **case.files}.items():
            (Path(folder) / name).write_bytes(content)
        child = os.fork()
        if child == 0:
            _run_child(command, folder)
        _, status, usage = os.wait4(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, 1):
            text = (Path(folder) / "stderr").read_text(errors="replace")
            raise RuntimeError(f"{command} ended with {code}: {text[-500:]}")
    return usage.ru_utime + usage.ru_stime


def _run_child(command: str, folder: str) -> None:
    code = 70
    try:
        os.chdir(folder)
        os.environ["XDG_STATE_HOME"] = folder
        for descriptor, name, flags in (
            (0, "stdin", os.O_RDONLY),
            (1, "stdout", os.O_WRONLY | os.O_CREAT),
            (2, "stderr", os.O_WRONLY | os.O_CREAT),
        ):
            os.dup2(os.open(name, flags, 0o600), descriptor)
        code = run_command(COMMANDS[command])
    finally:
        os._exit(code)


def import_all() -> None:
    for module in pkgutil.walk_packages(post_renderer.__path__, "post_renderer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    import yaml.cyaml  # noqa: F401 - the package imports it only for some documents

    gc.collect()
    gc.freeze()


def compare(small: tuple[str, Case], large: tuple[str, Case], limit: float) -> tuple[float, float]:
    """Return the seconds of two commands. If the second takes more than ``limit`` times the first, both run again."""
    before, after = measure(*small), measure(*large)
    for _ in range(AGAIN):
        if after <= limit * before or after < SHORT:
            break
        before, after = min(before, measure(*small)), min(after, measure(*large))
    return before, after


def show(what: str, before: float, after: float, limit: float) -> bool:
    """Print one row. Return whether the second time is within ``limit`` times the first, or is short.

    If it is much shorter than the first, the command refused the larger input and measured nothing.
    """
    kept = after <= limit * before or after < SHORT
    refused = after < before / 2 and before >= SHORT
    remark = "  refused" if refused else "" if kept else f"  > {limit}"
    print(f"{what:50}{before:8.2f} s{after:8.2f} s   × {after / before:.2f}{remark}", flush=True)
    return kept and not refused


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ci.bench.growth", description=__doc__)
    parser.add_argument("--size", type=int, default=16_000)
    parser.add_argument("--shapes", default=";".join(SHAPES))
    parser.add_argument("--commands", default=",".join(COMMANDS))
    options = parser.parse_args()
    import_all()
    results = []
    commands = options.commands.split(",")
    for name in options.shapes.split(";"):
        make, wanted = SHAPES[name]
        small, large = make(options.size // 2), make(options.size)
        for command in [command for command in wanted if command in commands]:
            seconds = compare((command, small), (command, large), LIMIT)
            results.append(show(f"{name:33}{command}", *seconds, LIMIT))
    if LIVE in options.shapes.split(";") and "verify" in commands:
        case = SHAPES[LIVE][0](LIVE_JOBS)
        seconds = compare(("render", case), ("verify", case), VERIFY_LIMIT)
        results.append(show(f"verify against render of {LIVE_JOBS:,} live Jobs", *seconds, VERIFY_LIMIT))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
