"""The configuration and the command of the kubelet."""

from __future__ import annotations

import json

from ci.cluster.paths import CGROUP, CONTAINERD_SOCKET, NODE, NODE_BINARIES, NODE_IP, NODE_STATE, STATE

CONFIG = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "address": NODE_IP,
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "cgroupDriver": "cgroupfs",
    "cgroupRoot": f"/{CGROUP}",
    "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
    "enforceNodeAllocatable": [],
    "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
    "failCgroupV1": False,
    "failSwapOn": False,
    "imageGCHighThresholdPercent": 100,
    "resolvConf": "",
    "volumePluginDir": f"{NODE_STATE}/volume-plugins",
    # Tests wait for changes, so the kubelet must notice them soon.
    "syncFrequency": "5s",
}


def write_files() -> None:
    (STATE / "kubelet.json").write_text(json.dumps(CONFIG, indent=2))


def command() -> list[str]:
    return [
        f"{NODE_BINARIES}/kubelet",
        f"--config={NODE_STATE}/kubelet.json",
        f"--kubeconfig={NODE_STATE}/kubeconfig",
        f"--root-dir={NODE_STATE}/kubelet",
        f"--node-ip={NODE_IP}",
        f"--hostname-override={NODE}",
    ]
