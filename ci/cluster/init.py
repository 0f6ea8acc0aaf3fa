"""The first process of the node, in its own namespaces for processes, mounts and network.

When it ends, the kernel ends all processes of the node, and removes their mounts and their network. So
`make cluster-down` needs to end only this process. Run it as `unshare … python3 -m ci.cluster.init`.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

from ci.cluster.paths import API, BINARIES, COMMANDS, NODE_BINARIES, NODE_IP, NODE_STATE, STATE

if TYPE_CHECKING:
    from collections.abc import Callable

MOUNTS_OF_THE_HOST = ("/sys", "/dev")


def main() -> None:
    with COMMANDS.open() as file:
        commands = json.load(file)
    enter_own_file_system()
    wait_for("the veth pair", lambda: "eth0" in [name for _, name in socket.if_nameindex()])
    for words in (
        "link set lo up",
        f"address add {NODE_IP}/30 dev eth0",
        "link set eth0 up",
        "route add default dev eth0",
    ):
        run("ip", *words.split())
    processes: dict[int, str] = {}
    for name, command in commands["first"].items():
        processes[start(name, command)] = name
    wait_for("the API server", api_is_ready)
    for name, command in commands["then"].items():
        processes[start(name, command)] = name
    reap(processes)


def enter_own_file_system() -> None:
    """Mount an overlay in memory over the machine's files, so that pods never write to the machine."""
    memory = STATE / "root"
    run("mount", "-t", "tmpfs", "tmpfs", str(memory))
    for folder in ("upper", "work", "merged"):
        (memory / folder).mkdir()
    root = memory / "merged"
    layers = f"lowerdir=/,upperdir={memory}/upper,workdir={memory}/work"
    run("mount", "-t", "overlay", "overlay", "-o", layers, str(root))
    for folder in MOUNTS_OF_THE_HOST:
        run("mount", "--rbind", folder, f"{root}{folder}")
    run("mount", "-t", "proc", "proc", f"{root}/proc")
    run("mount", "-t", "tmpfs", "tmpfs", f"{root}/run")
    # Directories on the disk, because containerd's overlays don't work on an overlay.
    for source, target in ((STATE, NODE_STATE), (BINARIES, NODE_BINARIES), (STATE / "logs", "/var/log")):
        os.makedirs(f"{root}{target}", exist_ok=True)
        run("mount", "--bind", str(source), f"{root}{target}")
    os.chdir(root)
    run("pivot_root", ".", "mnt")
    os.chroot(".")
    os.chdir("/")
    run("umount", "--lazy", "/mnt")
    run("mount", "--make-rshared", "/")


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def wait_for(what: str, is_there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_there():
        if time.monotonic() > deadline:
            sys.exit(f"{what} is not ready after {seconds:.0f} s")
        time.sleep(0.1)


def api_is_ready() -> bool:
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE  # its certificate may not be written yet, and only readiness is asked for
    try:
        with urllib.request.urlopen(f"{API}/readyz", context=trust, timeout=2) as answer:  # noqa: S310  # https, by the constant
            return bool(answer.status == 200)
    except OSError:
        return False


def start(name: str, command: list[str]) -> int:
    with open(f"/var/log/{name}.log", "ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log).pid


def reap(processes: dict[int, str]) -> None:
    """Wait for ended processes. The node needs each one of ``processes``, so end it when the first of them ends."""
    while True:
        number, status = os.wait()
        if number in processes:
            name = processes[number]
            sys.exit(f"{name} ended with {os.waitstatus_to_exitcode(status)}, see .cluster/logs/{name}.log")


if __name__ == "__main__":
    main()
