"""Starts, records, enters and ends the namespaces of the node, by the id of their first process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ci.cluster.paths import CGROUP, HOST_IP, LINK, LOGS, NODE_IP, POD_RANGE, RECORD, ROOT

CGROUPS = Path("/sys/fs/cgroup")


def start() -> int:
    """Start init in its own namespaces, record it, and give it a network. Returns its process id on the host."""
    make_cgroups()
    command = [
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        sys.executable,
        "-m",
        "ci.cluster.init",
    ]
    with (LOGS / "init.log").open("ab") as log:
        outer = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        ).pid
    RECORD.write_text(json.dumps({"process": outer, "started": started_at(outer)}))
    deadline = time.monotonic() + 10
    while not (inner := child_of(outer)) or same_network(inner):
        if time.monotonic() > deadline:
            sys.exit(f"make cluster: the node's first process did not start:\n{(LOGS / 'init.log').read_text()}")
        time.sleep(0.02)
    for words in (
        f"link add {LINK} type veth peer name eth0 netns {inner}",
        f"address add {HOST_IP}/30 dev {LINK}",
        f"link set {LINK} up",
        f"route add {POD_RANGE} via {NODE_IP} dev {LINK} onlink",
    ):
        subprocess.run(["ip", *words.split()], check=True)
    return inner


def running() -> int | None:
    """Return the process id of init on the host, or None if the node does not run."""
    if not RECORD.exists():
        return None
    record = json.loads(RECORD.read_text())
    # The kernel uses a process id again later, so the start time is compared, too.
    if started_at(record["process"]) != record["started"]:
        return None
    return child_of(record["process"])


def stop() -> None:
    """End the node's first process; the kernel then ends the other processes, and removes mounts and network."""
    if RECORD.exists():
        record = json.loads(RECORD.read_text())
        inner = running()
        if started_at(record["process"]) == record["started"]:
            os.kill(record["process"], signal.SIGKILL)
        deadline = time.monotonic() + 30
        while inner and started_at(inner) and time.monotonic() < deadline:
            time.sleep(0.05)
    if (Path("/sys/class/net") / LINK).exists():
        subprocess.run(["ip", "link", "delete", LINK], check=False, capture_output=True)
    remove_cgroups()


def enter(process: int, *command: str) -> list[str]:
    """Return a command that runs ``command`` inside the node."""
    return ["nsenter", f"--target={process}", "--net", "--mount", "--pid", "--root", "--wd", *command]


def started_at(process: int) -> str | None:
    """Return the start time of a process in ticks of the kernel, or None if it does not run."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    return None


def child_of(process: int) -> int | None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return int(children[0]) if children else None
    return None


def same_network(process: int) -> bool:
    return os.readlink(f"/proc/{process}/ns/net") == os.readlink("/proc/self/ns/net")


def hierarchies() -> list[Path]:
    """Return where cgroups are mounted: one directory with version 2, one for each controller with version 1."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return [folder for folder in CGROUPS.iterdir() if folder.is_dir() and not folder.is_symlink()]


def make_cgroups() -> None:
    for hierarchy in hierarchies():
        (hierarchy / CGROUP).mkdir(exist_ok=True)


def remove_cgroups() -> None:
    """Remove the empty cgroups by rmdir, the deepest first. The kernel needs some time after the last process ended."""
    for hierarchy in hierarchies():
        deadline = time.monotonic() + 10
        while (hierarchy / CGROUP).exists() and time.monotonic() < deadline:
            for folder, _, _ in os.walk(hierarchy / CGROUP, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            time.sleep(0.02)
