"""Installs and builds what Argo CD needs: its program, Redis and git. Finds files in the source of its module."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from ci.cluster.build import install_packages

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "ci" / "tools" / "argocd"
PROGRAM = ROOT / ".tools" / "bin" / "argocd"
PACKAGES = {"redis-server": "redis-server", "git": "git", "util-linux": "setpriv"}


def main() -> None:
    install_packages(PACKAGES, "make test-gitops")
    subprocess.run([ROOT / "ci" / "tools.sh", "argocd"], check=True)


def find_source() -> Path:
    """Return the directory of Argo CD's source, in the version from which the program was built."""
    env = {**os.environ, "GOTOOLCHAIN": "auto", "GOFLAGS": "-mod=readonly"}
    command = ["go", "mod", "download", "-json", "github.com/argoproj/argo-cd/v3"]
    told = subprocess.run(command, cwd=MODULE, env=env, capture_output=True, text=True, check=True).stdout
    return Path(json.loads(told)["Dir"])


if __name__ == "__main__":
    main()
