"""Images without a registry: a tar file in Docker's format, made of a folder, loaded into containerd."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from ci.cluster import namespace
from ci.cluster.containerd import PAUSE_IMAGE
from ci.cluster.paths import CONTAINERD_SOCKET, IMAGES, NODE_STATE, ROOT, STATE

PYTHON_IMAGE = "localhost/python:1"
TENSORBOARD_IMAGE = "localhost/tensorboard:1"
HELPER = "polyaxon-helper==0.2.0"
NEEDS_OF_HELPER = ("six==1.17.0",)  # imported, but not declared
RELEASE = "bookworm"
PYTHON_OF_RELEASE, GLIBC_OF_RELEASE = "3.11", 36
TENSORBOARD = ROOT / "ci" / "libraries" / "tensorboard.lock"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PAUSE = ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"]


def make_images(*wanted: str) -> None:
    """Build the archives that are not there, all of them or some."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, reference, fill, command in (
        ("pause", PAUSE_IMAGE, fill_pause, PAUSE),
        ("python", PYTHON_IMAGE, fill_python, ["/usr/bin/python3"]),
        ("tensorboard", TENSORBOARD_IMAGE, fill_tensorboard, ["/usr/bin/tensorboard"]),
    ):
        if archive_of(name).exists() or (wanted and name not in wanted):
            continue
        print(f"making the {name} image", flush=True)
        for old in IMAGES.glob(f"{name}-*.tar"):
            old.unlink()
        with tempfile.TemporaryDirectory(dir=IMAGES) as folder:
            fill(Path(folder) / "root")
            write_archive(Path(folder), reference, command)
            os.replace(Path(folder) / "image.tar", archive_of(name))


def archive_of(name: str) -> Path:
    """Named by the recipe, which is this file and a lock file, so that a changed one makes a new archive."""
    locked = TENSORBOARD.read_bytes() if name == "tensorboard" else b""
    recipe = hashlib.sha256(Path(__file__).read_bytes() + locked).hexdigest()
    return IMAGES / f"{name}-{recipe[:10]}.tar"


def fill_pause(root: Path) -> None:
    (root / "bin").mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin" / "busybox")


def fill_python(root: Path) -> None:
    """A minimal Debian with Python, from the mirror that this machine's apt uses, and Polyaxon's own helper."""
    run(
        "debootstrap",
        "--variant=minbase",
        "--include=python3,python3-venv",  # venv: the project's own images are built on this one, too
        RELEASE,
        str(root),
        find_mirror(),
    )
    (root / "usr" / "bin" / "python").symlink_to("python3")
    site = root / "usr" / "lib" / "python3" / "dist-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(site)]
    run(*pip, HELPER, *NEEDS_OF_HELPER)
    for folder in ("usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / folder, ignore_errors=True)
    shutil.rmtree(root / "dev")
    (root / "dev").mkdir()


def fill_tensorboard(root: Path) -> None:
    """The Python image with tensorboard, boto3 and a server of S3. This machine may have another Python than Debian."""
    root.mkdir()
    tar = ["tar", "--extract", "--numeric-owner", "--file"]
    run(*tar, str(archive_of("python")), "--directory", str(root.parent), "layer.tar")
    run(*tar, str(root.parent / "layer.tar"), "--directory", str(root))
    machine = platform.machine()
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(17, GLIBC_OF_RELEASE + 1)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    # --upgrade: what polyaxon-helper needs has the same places in this directory, in old versions.
    pip += ["--upgrade", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    pip += ["--python-version", PYTHON_OF_RELEASE]
    pip += [f"--platform={name}" for name in (*platforms, f"manylinux2014_{machine}")]
    run(*pip, "--target", str(root / "usr" / "lib" / "python3" / "dist-packages"), "--requirement", str(TENSORBOARD))
    program = root / "usr" / "bin" / "tensorboard"
    program.write_text("#!/usr/bin/python3\nfrom tensorboard.main import run_main\n\nrun_main()\n")
    program.chmod(0o755)


def find_mirror() -> str:
    """The first Debian mirror that apt names."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(ORIGIN) $(CREATED_BY)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in listed.splitlines():
        site, _, rest = line.partition(" ")
        if site.startswith("http") and rest.startswith("Debian ") and "security" not in site:
            return site
    return "http://deb.debian.org/debian"


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"make cluster: `{' '.join(command)}` failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def write_archive(folder: Path, reference: str, command: list[str]) -> None:
    """The folder's `root` as the one layer of an image, in `image.tar`."""
    layer = folder / "layer.tar"
    with tarfile.open(layer, "w") as archive:
        archive.add(folder / "root", arcname=".")
    config = json.dumps(
        {
            "architecture": ARCHITECTURES[platform.machine()],
            "os": "linux",
            "config": {"Cmd": command, "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]},
            "history": [{"comment": "the one layer"}],  # podman builds on no image whose history lacks a layer
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer.read_bytes()).hexdigest()}"]},
        }
    ).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(folder / "image.tar", "w") as archive:
        archive.add(layer, arcname="layer.tar")
        for name, content in (("config.json", config), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def load_images(process: int) -> None:
    """Import the archives into the running containerd; they are copied where the node sees them."""
    for name in ("pause", "python", "tensorboard"):
        shutil.copy(archive_of(name), STATE / "image.tar")
        ctr = ["ctr", "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", "images", "import"]
        run(*namespace.enter(process, *ctr, f"{NODE_STATE}/image.tar"))
        (STATE / "image.tar").unlink()
