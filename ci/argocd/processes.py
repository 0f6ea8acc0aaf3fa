"""Starts processes in the background, each with a log, and ends them."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class Process(NamedTuple):
    """A running program and the file with its output."""

    name: str
    child: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, what: str, is_there: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until ``is_there`` is true. Raises RuntimeError with the log's end if the program or the time ends."""
        deadline = time.monotonic() + seconds
        while not is_there():
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: {what} is not there\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def wait_for_port(self, port: int) -> None:
        self.wait_for(f"port {port}", lambda: listens(port))

    def stop(self) -> None:
        """End the program. Argo CD's plugin server needs two SIGTERMs: the first one only removes its socket."""
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            self.child.send_signal(number)
            try:
                self.child.wait(timeout=2)
            except subprocess.TimeoutExpired:
                continue
            return


def start(name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> Process:
    """Start a program with its own home and its own directory for temporary files, below ``folder``.

    The kernel ends it when this process ends for any reason.
    """
    home = folder / "homes" / name
    temporary = home / "tmp"
    temporary.mkdir(parents=True)
    log = folder / f"{name}.log"
    own = {"HOME": str(home), "TMPDIR": str(temporary)}
    with log.open("wb") as output:
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            env={**env, **own},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    return Process(name, child, log)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
