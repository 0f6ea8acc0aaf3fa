"""The configuration and the command of kube-proxy, which forwards the addresses of Services to pods."""

from __future__ import annotations

import json

from ci.cluster.paths import NODE, NODE_BINARIES, NODE_STATE, POD_RANGE, STATE

CONFIG = {
    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
    "kind": "KubeProxyConfiguration",
    "mode": "iptables",
    "clientConnection": {"kubeconfig": f"{NODE_STATE}/kubeconfig"},
    "clusterCIDR": POD_RANGE,
    "hostnameOverride": NODE,
    # Zeros keep the limits of the machine, which don't belong to the node's network namespace.
    "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
}


def write_files() -> None:
    (STATE / "proxy.json").write_text(json.dumps(CONFIG, indent=2))


def command() -> list[str]:
    return [f"{NODE_BINARIES}/kube-proxy", f"--config={NODE_STATE}/proxy.json"]
