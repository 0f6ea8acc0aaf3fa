"""The command of etcd. It skips fsync, because a node for tests may lose its state if the machine loses power."""

from __future__ import annotations

from ci.cluster.paths import NODE_STATE

CLIENTS = "http://127.0.0.1:2379"
PEERS = "http://127.0.0.1:2380"


def command() -> list[str]:
    return [
        "etcd",
        f"--data-dir={NODE_STATE}/etcd",
        f"--listen-client-urls={CLIENTS}",
        f"--advertise-client-urls={CLIENTS}",
        f"--listen-peer-urls={PEERS}",
        f"--initial-advertise-peer-urls={PEERS}",
        f"--initial-cluster=default={PEERS}",
        "--unsafe-no-fsync",
    ]
