"""The configuration of containerd and of the network of its pods: a veth pair for each, addresses from one range."""

from __future__ import annotations

import json

from ci.cluster.paths import CONTAINERD_SOCKET, NODE_STATE, POD_RANGE, STATE

PAUSE_IMAGE = "localhost/pause:1"

CONFIG = f"""\
version = 2
root = "{NODE_STATE}/containerd"
state = "/run/containerd"

[grpc]
address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
# In a container without CAP_SYS_RESOURCE no pod would start.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{NODE_STATE}/cni"
"""

NETWORK = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [{"type": "ptp", "ipam": {"type": "host-local", "subnet": POD_RANGE, "routes": [{"dst": "0.0.0.0/0"}]}}],
}


def write_files() -> None:
    (STATE / "containerd.toml").write_text(CONFIG)
    (STATE / "cni").mkdir()
    (STATE / "cni" / "pods.conflist").write_text(json.dumps(NETWORK))


def command() -> list[str]:
    return ["containerd", f"--config={NODE_STATE}/containerd.toml"]
