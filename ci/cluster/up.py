"""`make cluster`: starts a Kubernetes node, unless it runs already."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from ci.cluster import build, containerd, control_plane, down, etcd, images, kubelet, namespace, proxy
from ci.cluster.paths import BINARIES, COMMANDS, CONTAINERD_SOCKET, KUBECONFIG, LOGS, NODE, STATE

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    build.check_machine()
    build.install_packages(build.PACKAGES, "make cluster")
    build.build_programs()
    images.make_images()
    process = namespace.running()
    if process is None:
        start_node()
    else:
        images.load_images(process)  # an image can be newer than the node
    print(f"export KUBECONFIG={KUBECONFIG}")


def start_node() -> None:
    down.remove()  # files of a node that did not end by `make cluster-down`
    started = time.monotonic()
    STATE.mkdir(mode=0o700)  # it holds the token
    for folder in (LOGS, STATE / "root"):
        folder.mkdir()
    for part in (control_plane, containerd, kubelet, proxy):
        part.write_files()
    first = {"etcd": etcd.command(), "kube-apiserver": control_plane.api_server(), "containerd": containerd.command()}
    then = {
        "kube-controller-manager": control_plane.controller_manager(),
        "kube-scheduler": control_plane.scheduler(),
        "kubelet": kubelet.command(),
        "kube-proxy": proxy.command(),
    }
    COMMANDS.write_text(json.dumps({"first": first, "then": then}, indent=2))
    process = namespace.start()
    wait_for(
        "containerd", lambda: succeeds(*namespace.enter(process, "ctr", "--address", CONTAINERD_SOCKET, "version"))
    )
    images.load_images(process)
    wait_for(f"node {NODE}", node_is_ready)
    print(f"node {NODE} is ready after {time.monotonic() - started:.1f} s")


def wait_for(what: str, is_there: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not is_there():
        if namespace.running() is None or time.monotonic() > deadline:
            log = (LOGS / "init.log").read_text()
            sys.exit(
                f"make cluster: {what} is not ready after {seconds:.0f} s or the node ended; logs in {LOGS}\n{log}"
            )
        time.sleep(0.1)


def node_is_ready() -> bool:
    """Return whether the node is ready and the service account exists that every pod needs."""
    condition = "--for=condition=Ready"
    kubectl = [str(BINARIES / "kubectl"), f"--kubeconfig={KUBECONFIG}"]
    return succeeds(*kubectl, "wait", f"node/{NODE}", condition, "--timeout=1s") and succeeds(
        *kubectl, "get", "serviceaccount", "default"
    )


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main()
