"""For `make test-images`: installs podman, and makes a base image for the project's images without a registry.

podman needs no daemon. In many sandboxes a container may not raise its limits, so CONTAINERS sets lower ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from ci.cluster import images
from ci.cluster.build import install_packages

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = {"podman": "podman", "runc": "runc", "debootstrap": "debootstrap"}
BASE = images.PYTHON_IMAGE
CONTAINERS = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]

[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
"""
STORAGE = """\
[storage]
driver = "{driver}"
graphroot = "{folder}/graph"
runroot = "{folder}/run"
"""


def main() -> None:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        sys.exit("make test-images: needs Linux and root, to build and run containers without a daemon")
    install_packages(PACKAGES, "make test-images")
    images.make_images("python")


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which podman keeps all its files in ``folder``, and load the base image there."""
    (folder / "containers.conf").write_text(CONTAINERS)
    names = {"CONTAINERS_CONF": "containers.conf", "CONTAINERS_STORAGE_CONF": "storage.conf"}
    env = {**os.environ, **{name: str(folder / file) for name, file in names.items()}}
    said = ""
    for driver in ("overlay", "vfs"):  # overlay does not work on every file system; vfs copies every layer
        (folder / "storage.conf").write_text(STORAGE.format(driver=driver, folder=folder / driver))
        load = ["podman", "load", "--quiet", "--input", str(images.archive_of("python"))]
        done = subprocess.run(load, env=env, check=False, capture_output=True, text=True)
        if done.returncode == 0:
            return env
        said += done.stderr
    raise RuntimeError(f"podman can't load an image in {folder}:\n{said}")


if __name__ == "__main__":
    main()
