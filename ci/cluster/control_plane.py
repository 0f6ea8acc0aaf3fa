"""The commands of API server, controller manager and scheduler, and the kubeconfig for them and for the user."""

from __future__ import annotations

import json
import secrets
import subprocess

from ci.cluster import etcd
from ci.cluster.paths import API, KUBECONFIG, NODE_BINARIES, NODE_IP, NODE_STATE, SERVICE_RANGE, STATE

ISSUER = "https://kubernetes.default.svc"
KUBECONFIG_OF_NODE = f"--kubeconfig={NODE_STATE}/kubeconfig"


def write_files() -> None:
    """Write the token, the kubeconfig and the key that signs the tokens of service accounts."""
    token = secrets.token_hex(16)
    (STATE / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
    # JSON is YAML. The API server makes its own certificate; nothing but this machine can reach its address.
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "default",
        "clusters": [{"name": "default", "cluster": {"server": API, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "default", "context": {"cluster": "default", "user": "admin"}}],
    }
    KUBECONFIG.write_text(json.dumps(config, indent=2) + "\n")
    key = ["openssl", "genrsa", "-out", str(STATE / "service-accounts.key"), "2048"]
    subprocess.run(key, check=True, capture_output=True)


def api_server() -> list[str]:
    return [
        f"{NODE_BINARIES}/kube-apiserver",
        f"--etcd-servers={etcd.CLIENTS}",
        f"--bind-address={NODE_IP}",
        f"--advertise-address={NODE_IP}",
        f"--cert-dir={NODE_STATE}/certificates",
        f"--token-auth-file={NODE_STATE}/tokens.csv",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={NODE_STATE}/service-accounts.key",
        f"--service-account-signing-key-file={NODE_STATE}/service-accounts.key",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=RBAC",
        "--endpoint-reconciler-type=none",
        # Otherwise `kubectl logs` asks DNS for the node's name.
        "--kubelet-preferred-address-types=InternalIP",
        "--allow-privileged=true",
    ]


def controller_manager() -> list[str]:
    return [
        f"{NODE_BINARIES}/kube-controller-manager",
        KUBECONFIG_OF_NODE,
        f"--service-account-private-key-file={NODE_STATE}/service-accounts.key",
        f"--root-ca-file={NODE_STATE}/certificates/apiserver.crt",
        "--use-service-account-credentials=false",
        "--leader-elect=false",
    ]


def scheduler() -> list[str]:
    return [f"{NODE_BINARIES}/kube-scheduler", KUBECONFIG_OF_NODE, "--leader-elect=false"]
