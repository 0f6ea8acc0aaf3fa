"""Paths of the node's files, and its names and addresses."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# These files are built once and stay with the other tools.
BINARIES = ROOT / ".tools" / "kubernetes"
IMAGES = ROOT / ".tools" / "images"
STAMP = ROOT / ".tools" / "kubernetes.stamp"

# Paths for the user.
STATE = ROOT / ".cluster"
KUBECONFIG = STATE / "kubeconfig"
LOGS = STATE / "logs"
RECORD = STATE / "node.json"
COMMANDS = STATE / "commands.json"

# Paths for the node's processes: the same directories, mounted in their own file system.
NODE_STATE = "/run/node"
NODE_BINARIES = "/run/node-bin"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"

NODE = "node1"
LINK = "polyaxon0"  # the host's end of the veth pair
HOST_IP = "10.77.0.2"
NODE_IP = "10.77.0.1"
POD_RANGE = "10.78.0.0/16"
SERVICE_RANGE = "10.79.0.0/16"
API = f"https://{NODE_IP}:6443"
CGROUP = "polyaxon-persistence"


def find_kubectl(built: Path = BINARIES) -> str | None:
    """Return the kubectl that `make cluster` built, else the one on PATH, for a cluster of the user."""
    return shutil.which("kubectl", path=built) or shutil.which("kubectl")
