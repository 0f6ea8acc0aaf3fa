"""Measures one run of a command from outside: its CPU and wall time, its peak memory, and its instructions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter


class Command:
    """A program with its arguments, its standard input and its environment."""

    def __init__(self, arguments: list[str], stdin: bytes = b"", env: dict[str, str] | None = None) -> None:
        self.arguments = arguments
        self.stdin = stdin
        self.env = {**os.environ, **(env or {})}
        # Both make Python slower than for a user: it writes many small pieces, or no .pyc files.
        self.env.pop("PYTHONUNBUFFERED", None)
        self.env.pop("PYTHONDONTWRITEBYTECODE", None)


class Sample:
    """The times of a run in seconds, and its standard output. ``cpu``: user and system time, with that of its children."""

    def __init__(self, cpu: float, wall: float, output: bytes) -> None:
        self.cpu = cpu
        self.wall = wall
        self.output = output


# The kernel counts the memory of the parent when a process is made, so a small process makes the measured one.
LAUNCHER = """import os, sys, time
started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
cpu, wall = usage.ru_utime + usage.ru_stime, time.perf_counter() - started
os.write(2, b"\\n%d %f %f" % (usage.ru_maxrss, cpu, wall))
os._exit(os.waitstatus_to_exitcode(status))
"""


def launch(command: Command) -> tuple[Sample, int]:
    """Run the command, and return its peak resident memory in bytes, too: at least the 8 MB of the launcher."""
    arguments = [sys.executable, "-I", "-S", "-c", LAUNCHER, *command.arguments]
    done = subprocess.run(arguments, input=command.stdin, env=command.env, capture_output=True, check=True)
    memory, cpu, wall = done.stderr.rpartition(b"\n")[2].split()
    return Sample(float(cpu), float(wall), done.stdout), int(memory) * 1024


def run(command: Command) -> Sample:
    """Run the command with pipes for input and output, as Helm does. Raises RuntimeError if it fails."""
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    with tempfile.TemporaryFile() as errors:
        actions = [
            (os.POSIX_SPAWN_DUP2, their_in, 0), (os.POSIX_SPAWN_DUP2, their_out, 1),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        ]  # fmt: skip
        for fd in (our_out, our_in):
            os.set_inheritable(fd, False)
        started = time.perf_counter()
        child = os.posix_spawn(command.arguments[0], command.arguments, command.env, file_actions=actions)
        os.close(their_in)
        os.close(their_out)
        writer = threading.Thread(target=_write, args=(our_out, command.stdin))
        writer.start()
        pieces = []
        while piece := os.read(our_in, 1 << 20):
            pieces.append(piece)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - started
        writer.join()
        os.close(our_in)
        code = os.waitstatus_to_exitcode(status)
        if code:
            errors.seek(0)
            raise RuntimeError(f"{command.arguments[0]} ended with {code}: {errors.read()[-500:].decode()}")
    return Sample(usage.ru_utime + usage.ru_stime, wall, b"".join(pieces))


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except BrokenPipeError:
        return  # `python -c pass` reads nothing
    finally:
        os.close(fd)


# Programs that count the instructions of another program. Each writes its report into the file {report}.
COUNTERS = {
    "perf": (
        ["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", "{report}", "--"],
        re.compile(r"^(\d+),[^,]*,instructions", re.MULTILINE),
    ),
    "valgrind": (
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-file={report}"],
        re.compile(r"I +refs: +([\d,]+)"),
    ),
}


def find_counter() -> str:
    """Return the name of the first program that can count instructions on this machine, or an empty text."""
    for name in COUNTERS:
        if shutil.which(name) and count_instructions(name, Command(["/bin/true"])):
            return name
    return ""


def count_instructions(counter: str, command: Command) -> int | None:
    """Return the instructions of a run in user space, or None if the counter reports none."""
    words, pattern = COUNTERS[counter]
    with tempfile.NamedTemporaryFile(mode="r") as report:
        arguments = [word.format(report=report.name) for word in words]
        # Without it, the order of sets and the count differ from run to run.
        env = {**command.env, "PYTHONHASHSEED": "0"}
        subprocess.run([*arguments, *command.arguments], input=command.stdin, env=env, capture_output=True, check=False)
        found = pattern.search(report.read())
    return int(found[1].replace(",", "")) if found else None


def lost_lines(before: bytes, after: bytes) -> int:
    """Count the lines of the input that are missing in the output; at least 1 if their order changed."""
    rest = iter(after.split(b"\n"))
    if all(line in rest for line in before.split(b"\n")):
        return 0
    return max(1, (Counter(before.split(b"\n")) - Counter(after.split(b"\n"))).total())
