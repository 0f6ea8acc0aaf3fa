"""Installs and builds what the node needs: Debian's packages, and Kubernetes from its Go modules."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from ci.cluster.paths import BINARIES, ROOT, STAMP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = ROOT / "ci" / "tools" / "kubernetes"
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubectl")
VERSION_VARIABLES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
# A program or a file of each package: if it exists, the package is installed.
PACKAGES = {
    "etcd-server": "etcd",
    "containerd": "containerd",
    "runc": "runc",
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "busybox-static": "/bin/busybox",
    "iptables": "iptables",
    "iproute2": "ip",
    "debootstrap": "debootstrap",
}


def check_machine() -> None:
    """End the program with a message that says what is missing, if the node can't run on this machine."""
    if not sys.platform.startswith("linux"):
        sys.exit("make cluster: needs Linux; on other systems, set KUBECONFIG to a cluster and run `make test-cluster`")
    if os.geteuid() != 0:
        sys.exit("make cluster: needs root, for network namespaces and mounts (in a container: a privileged one)")
    if not shutil.which("go") and not all((BINARIES / name).exists() for name in PROGRAMS):
        sys.exit("make cluster: needs Go, to build Kubernetes from its modules (https://go.dev/dl)")


def install_packages(packages: Mapping[str, str], target: str) -> None:
    """Install the missing ones of these Debian packages. Messages name ``target``, which needs them."""
    missing = [package for package, brings in packages.items() if not is_there(brings)]
    if not missing:
        return
    by_hand = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if not shutil.which("apt-get"):
        sys.exit(f"{target}: install the programs that `{by_hand}` installs on Debian")
    print(f"installing {', '.join(missing)}", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], by_hand.split()):
        done = subprocess.run([*command, "-qq", "-y"], env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{target}: `{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")


def is_there(program: str) -> bool:
    """Return whether a program or a file exists. Looks also in sbin, which may not be on PATH."""
    return bool(shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"))


def build_programs() -> None:
    """Build Kubernetes' programs unless they exist and were built from the same pins."""
    pins = hashlib.sha256((MODULE / "go.mod").read_bytes() + (MODULE / "go.sum").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == pins and all((BINARIES / name).exists() for name in PROGRAMS):
        return
    BINARIES.mkdir(parents=True, exist_ok=True)
    version = find_version()
    print(f"building Kubernetes {version} from its modules (some minutes, once)", flush=True)
    started = time.monotonic()
    go_build(BINARIES, version)
    STAMP.write_text(pins)
    print(f"built in {time.monotonic() - started:.0f} s")


def find_version() -> str:
    """Return the pinned version, such as v1.34.4."""
    command = ["go", "list", "-mod=readonly", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"]
    return subprocess.run(command, cwd=MODULE, capture_output=True, text=True, check=True).stdout.strip()


def go_build(folder: Path, version: str) -> None:
    """Build all programs. The linker's flags set the version, because otherwise kubelet and clients report v0.0.0."""
    major, minor = version.removeprefix("v").split(".")[:2]
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(
        ["-s", "-w", *(f"-X {path}.{key}={value}" for path in VERSION_VARIABLES for key, value in values.items())]
    )
    paths = [f"k8s.io/kubernetes/cmd/{name}" for name in PROGRAMS]
    command = [
        "nice",
        "-n",
        "15",
        "go",
        "build",
        "-mod=readonly",
        "-trimpath",
        "-gcflags=all=-dwarf=false",
        "-ldflags",
        flags,
        "-o",
        f"{folder}/",
        *paths,
    ]
    # For GOGC and -dwarf=false see ci/tools.sh.
    subprocess.run(command, cwd=MODULE, env={"GOGC": "400", **os.environ, "CGO_ENABLED": "0"}, check=True)
