"""Runs tests in copies of the project, one copy for each process, so that mutants never touch the checkout."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from ci.mutation import plugin
from ci.mutation.selection import Choice, Coverage, split

if TYPE_CHECKING:
    from pathlib import Path

    from ci.mutation.mutants import Mutant

KILLED, TIMEOUT, SURVIVED, NOT_RUN = "killed", "timeout", "survived", "not run"
# The same examples and order in every run. pytest-randomly would also set the seed of `random`.
PYTEST = (
    "-m",
    "pytest",
    "-q",
    "-m",
    "not helm",
    "-p",
    "no:randomly",
    "-p",
    "ci.mutation.plugin",
    "--hypothesis-seed=0",
)
MOST = 60.0  # seconds of tests outside the mutant's own stage
# pytest's exit codes: 1 is a failed test; 2 and 4 are a test or a conftest.py that can't be imported
OUTCOMES = {0: SURVIVED, 1: KILLED, 2: KILLED, 4: KILLED}


class Outcome(NamedTuple):
    what: str
    reason: str  # the test that failed, or why the mutant was not run
    seconds: float


def copy_project(root: Path, target: Path) -> Path:
    """The files that git knows or would add, in a commit of their own: tests ask git for them and for its time."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (root / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name, follow_symlinks=False)
    author = ("-c", "user.name=mutation", "-c", "user.email=mutation@example.com", "-c", "commit.gpgsign=false")
    for command in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message=copy"]):
        subprocess.run(["git", *command], cwd=target, check=True)
    return target


def environment(copy: Path, **more: str) -> dict[str, str]:
    """PYTHONPATH comes before the checkout that .venv points at, also in programs that a test starts."""
    return {**os.environ, "EXAMPLES_SHARE": "10", "PYTHONHASHSEED": "0", "PYTHONPATH": str(copy), **more}


def measure(copy: Path, folder: Path, processes: int) -> Coverage:
    """Run all tests without a mutant. They must pass."""
    seconds, data = folder / "seconds", folder / "coverage"
    seconds.mkdir()
    run = subprocess.run(
        [sys.executable, *PYTEST, "-n", str(processes), "--dist", "worksteal",
         "--cov=post_renderer", "--cov-context=test", "--cov-report=", "--cov-fail-under=0"],
        cwd=copy, env=environment(copy, COVERAGE_FILE=str(data), **{plugin.SECONDS: str(seconds)}),
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if run.returncode:
        sys.exit(f"{run.stdout}\nmake mutation: the tests fail without a mutant, so nothing can be measured")
    tests: dict[str, float] = {}
    for path in seconds.iterdir():
        tests |= json.loads(path.read_text(encoding="utf-8"))
    return Coverage.read(copy, data, tests)


class Worker:
    """One copy of the project. It changes a file, runs tests and changes the file back."""

    def __init__(self, copy: Path, folder: Path, coverage: Coverage) -> None:
        self.copy = copy
        self.left_out = folder / f"{copy.name}.left-out"
        self.log = folder / f"{copy.name}.log"
        self.coverage = coverage
        self.writes = 0

    def run(self, mutant: Mutant, *, control: bool = False) -> Outcome:
        """Run the tests of a mutant; as a ``control`` without its change, so that it must survive."""
        started = time.monotonic()
        tests = self.coverage.find_tests(mutant)
        if not tests:
            return Outcome(NOT_RUN, "no test runs this module", 0)
        what, reason = SURVIVED, ""
        path = self.copy / mutant.key.module
        source = path.read_text(encoding="utf-8")
        self._write(path, source if control else mutant.apply(source))
        try:
            for choice in split(tests, mutant.stage, self.coverage.seconds, MOST):
                what, reason = self._test(choice)
                if what != SURVIVED:
                    break
        finally:
            self._write(path, source)
        return Outcome(what, reason, time.monotonic() - started)

    def _write(self, path: Path, text: str) -> None:
        """Python compiles a module again if its time, in whole seconds, or its size changed."""
        path.write_text(text, encoding="utf-8")
        self.writes += 1
        os.utime(path, (self.writes, self.writes))

    def _test(self, choice: Choice) -> tuple[str, str]:
        shutil.rmtree(self.copy / ".hypothesis", ignore_errors=True)  # failed examples of other mutants
        self.left_out.write_text("\n".join(self.coverage.seconds.keys() - choice.tests), encoding="utf-8")
        command = [sys.executable, *PYTEST, "-x", "--tb=no", "-p", "no:cacheprovider", *choice.files]
        with self.log.open("w+", encoding="utf-8", errors="replace") as log:
            child = subprocess.Popen(
                command, cwd=self.copy, env=environment(self.copy, **{plugin.LEAVE_OUT: str(self.left_out)}),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                code = child.wait(choice.limit)
            except subprocess.TimeoutExpired:
                return TIMEOUT, f"more than {choice.limit:.0f} s"
            finally:
                end(child)
            log.seek(0)
            return judge(code, log.read())


def end(child: subprocess.Popen[bytes]) -> None:
    """End the run and the programs that it started."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def judge(code: int, output: str) -> tuple[str, str]:
    lines = output.splitlines()
    if code < 0:
        return KILLED, f"signal {-code}"
    if code not in OUTCOMES:
        return NOT_RUN, f"pytest ended with {code}: {' '.join(lines[-3:])}"
    failed = [line.removeprefix(word) for line in lines for word in ("FAILED ", "ERROR ") if line.startswith(word)]
    return OUTCOMES[code], failed[0] if failed else ""
