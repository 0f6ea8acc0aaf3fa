"""Our images, built by podman from the project's own Dockerfiles on a base that is made here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ci import podman_setup
from ci.cluster.images import archive_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What Kubernetes' restricted level asks for, and no place to write, not even /tmp.
STRICT = (
    *("--network=none", "--read-only", "--read-only-tmpfs=false"),
    *("--cap-drop=ALL", "--security-opt=no-new-privileges"),
)
TIMEOUT = 1500  # seconds: a build compiles the program, which takes many minutes on a busy machine
IMAGE = "registry.example.com/polyaxon-persistence:0.2.0"
FOR_ARGO_CD = "registry.example.com/polyaxon-persistence-argocd:0.2.0"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Stands for Argo CD's own image, which no package registry has: a Debian with a helm where Argo CD has it.
ARGO_CD = f"FROM {podman_setup.BASE}\nCOPY helm /usr/local/bin/helm\nENV PATH={PATH}\n"


class Podman(NamedTuple):
    """podman with a storage of its own."""

    env: dict[str, str]
    folder: Path

    def start(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = ["podman", *words]
        return subprocess.run(
            command, env=self.env, input=stdin, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )

    def must(self, *words: str, stdin: str = "") -> str:
        done = self.start(*words, stdin=stdin)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """A container as strict as can be, that reads what is given."""
        return self.start("run", "--rm", "--interactive", *STRICT, *words, stdin=stdin)

    def build(self, tag: str, file: Path, context: Path, *arguments: str) -> str:
        """An image; pip reads .tools/wheels there and no registry, as the file of its settings says."""
        settings = self.folder / "pip.conf"
        settings.write_text("[install]\nno-index = true\nfind-links = /wheels\n")
        mounts = ("--volume", f"{ROOT}/.tools/wheels:/wheels:ro", "--volume", f"{settings}:/etc/pip.conf:ro")
        # chroot: the steps of the build need no cgroups then, which many sandboxes withhold.
        how = ("build", "--quiet", "--isolation=chroot", "--network=host", "--layers=false", *mounts)
        return self.must(*how, *arguments, "--tag", tag, "--file", str(file), str(context)).strip()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    missing = [name for name in podman_setup.PACKAGES.values() if not shutil.which(name)]
    if missing or not archive_of("python").exists():
        pytest.fail(f"{', '.join(missing) or 'the base image'} missing: run `make test-images`")
    folder = tmp_path_factory.mktemp("podman")
    engine = Podman(podman_setup.environment(folder), folder)
    yield engine
    engine.must("rmi", "--all", "--force")
    shutil.rmtree(folder)  # gigabytes, and pytest would keep them


@pytest.fixture(scope="session")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `docker build` sees after `make build`."""
    folder = tmp_path_factory.mktemp("context")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def image(engine: Podman, context: Path) -> str:
    arguments = (f"--build-arg=BASE={podman_setup.BASE}", "--build-arg=COMPILER=gcc libc6-dev python3-dev")
    engine.build(IMAGE, ROOT / "deploy" / "image" / "Dockerfile", context, *arguments)
    return IMAGE


@pytest.fixture(scope="session")
def image_for_argo_cd(engine: Podman, context: Path, tools: Path) -> str:
    shutil.copy(tools / "helm3", context / "helm")
    (context / "argocd").write_text(ARGO_CD)
    engine.build("localhost/argocd:1", context / "argocd", context)
    file = ROOT / "deploy" / "argocd" / "Dockerfile"
    engine.build(FOR_ARGO_CD, file, context, "--build-arg=ARGOCD=localhost/argocd:1")
    return FOR_ARGO_CD


@pytest.fixture(scope="session")
def with_docker(engine: Podman, helm_env: dict[str, str]) -> dict[str, str]:
    """An environment whose `docker` is podman, for tools that start containers by it."""
    binaries = engine.folder / "bin"
    binaries.mkdir()
    (binaries / "docker").write_text('#!/bin/sh\nexec podman "$@"\n')
    (binaries / "docker").chmod(0o755)
    settings = {key: engine.env[key] for key in ("CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF")}
    return {**helm_env, **settings, "PATH": f"{binaries}:{os.environ['PATH']}"}
