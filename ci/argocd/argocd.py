"""Starts the real Argo CD on this machine, on loopback: Redis, a git server, plugin server, repo-server, controller.

One program is every part of Argo CD; ARGOCD_BINARY_NAME chooses the part. The API server is left out, because the tests
need no web page and no login. The plugin is the `deploy/argocd/plugin.yaml` of this project.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from ci.argocd import build
from ci.argocd.processes import Process, find_free_port, start

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = "argocd"
CRDS = ("application", "appproject", "applicationset")
# There is no webhook, so the controller looks for new commits at this interval in seconds.
RESYNC = 5


class ArgoCD(NamedTuple):
    """A running Argo CD."""

    processes: list[Process]
    repositories: Path  # bare git repositories, each served as REPOSITORIES_URL/NAME.git
    repositories_url: str
    wrapper: Path  # the repo-server's `helm`, a link to polyaxon-persistence; without the link it finds the real one


def prepare(kubectl: str, kubeconfig: str) -> None:
    """Create Argo CD's definitions and objects in the cluster."""
    command = [kubectl, f"--kubeconfig={kubeconfig}"]
    for crd in CRDS:  # server-side, because a client-side apply writes the whole object into an annotation
        file = build.find_source() / "manifests" / "crds" / f"{crd}-crd.yaml"
        subprocess.run([*command, "apply", "--server-side", "--force-conflicts", "-f", file], check=True, text=True)
    names = [f"crd/{crd}s.argoproj.io" for crd in CRDS]
    # `kubectl wait` fails if a definition has no conditions yet.
    established = [*command, "wait", "--for=condition=Established", *names, "--timeout=5s"]
    deadline = time.monotonic() + 60
    while subprocess.run(established, check=False).returncode != 0:
        if time.monotonic() > deadline:
            raise RuntimeError("the API server did not accept Argo CD's definitions within 60 s")
        time.sleep(0.5)
    subprocess.run([*command, "apply", "-f", build.ROOT / "ci" / "argocd" / "objects.yaml"], check=True)


def run(folder: Path, kubeconfig: str, helm: Path) -> ArgoCD:
    """Start all parts below an empty directory, with the real ``helm``. Raises RuntimeError if a part fails."""
    binaries, wrapper = make_programs(folder, helm)
    env = {"PATH": f"{binaries}:{os.environ['PATH']}", "KUBECONFIG": kubeconfig}
    if "PYTHONPATH" in os.environ:  # the plugin of a copy of the project, from which a feature was removed
        env["PYTHONPATH"] = os.environ["PYTHONPATH"]
    redis, git, server, metrics, controller = (find_free_port() for _ in range(5))
    repositories, plugins = folder / "repositories", folder / "plugins"
    for made in (repositories, plugins, folder / "work", folder / "plugin", folder / "tls", folder / "ssh"):
        made.mkdir()
    shutil.copy(build.ROOT / "deploy" / "argocd" / "plugin.yaml", folder / "plugin")
    started: list[Process] = []

    def run_program(name: str, *command: object, **more: object) -> Process:
        own = {**env, **{key: str(value) for key, value in more.items()}}
        started.append(start(name, [str(word) for word in command], own, folder))
        return started[-1]

    def run_part(name: str, *options: object, **more: object) -> Process:
        return run_program(name, build.PROGRAM, *options, ARGOCD_BINARY_NAME=f"argocd-{name}", **more)

    try:
        run_program(
            "redis", *f"redis-server --bind 127.0.0.1 --port {redis} --appendonly no --save".split(), ""
        ).wait_for_port(redis)
        run_program(
            "git", *f"git daemon --listen=127.0.0.1 --port={git} --export-all --base-path={repositories}".split()
        ).wait_for_port(git)
        run_part(
            "cmp-server",
            f"--config-dir-path={folder}/plugin",
            ARGOCD_PLUGINSOCKFILEPATH=plugins,
            ARGOCD_CMP_WORKDIR=folder / "work",
        ).wait_for("the plugin's socket", (plugins / "polyaxon-persistence.sock").exists)
        run_part(
            "repo-server",
            *f"--address 127.0.0.1 --port {server} --metrics-port {metrics} --redis 127.0.0.1:{redis}".split(),
            *("--disable-tls", "--client-ca-path", ""),
            PATH=f"{wrapper.parent}:{env['PATH']}",
            ARGOCD_PLUGINSOCKFILEPATH=plugins,
            ARGOCD_ASK_PASS_SOCK=folder / "ask-pass.sock",
            ARGOCD_TLS_DATA_PATH=folder / "tls",
            ARGOCD_SSH_DATA_PATH=folder / "ssh",
            ARGOCD_GPG_ENABLED="false",
        ).wait_for_port(server)
        run_part(
            "application-controller",
            *f"--namespace {NAMESPACE} --redis 127.0.0.1:{redis} --repo-server 127.0.0.1:{server}".split(),
            *f"--repo-server-plaintext --metrics-port {controller} --app-resync {RESYNC}".split(),
            ARGOCD_FAKE_IN_CLUSTER="true",
        ).wait_for_port(controller)
    except BaseException:
        stop(started)
        raise
    return ArgoCD(started, repositories, f"git://127.0.0.1:{git}", wrapper)


def stop(processes: list[Process]) -> None:
    for process in reversed(processes):
        process.stop()


def make_programs(folder: Path, helm: Path) -> tuple[Path, Path]:
    """Return a directory with the programs on PATH of Argo CD's image, and the wrapper `helm` in another directory."""
    binaries, wrappers = folder / "bin", folder / "wrapper"
    binaries.mkdir()
    wrappers.mkdir()
    (binaries / "helm").symlink_to(helm)
    shutil.copy(build.find_source() / "hack" / "git-verify-wrapper.sh", binaries)
    (binaries / "git-verify-wrapper.sh").chmod(0o755)
    program = os.path.join(os.environ.get("PROGRAMS") or os.path.dirname(sys.executable), "polyaxon-persistence")
    (binaries / "polyaxon-persistence").symlink_to(program)
    (wrappers / "helm").symlink_to(program)
    return binaries, wrappers / "helm"
