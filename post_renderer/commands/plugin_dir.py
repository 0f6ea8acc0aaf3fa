"""``plugin-dir``: prints the directory for ``helm plugin install`` (Helm 4)."""

from __future__ import annotations

import os

from post_renderer.console import CommandResult
from post_renderer.problems import escape_control

TYPE_CHECKING = False


def run() -> CommandResult:
    """Return the path of this package. ``note``: a warning if Helm 3 could read the plugins directory of Helm 4."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return CommandResult(os.fsencode(folder) + b"\n", [], note=_warn_shared_folder())


def _warn_shared_folder() -> str:
    """Return a warning if a Helm 3 is on PATH, else ''.

    Helm 3 and Helm 4 have the same default plugins directory. If it has a plugin for Helm 4, Helm 3 loads no plugin.
    """
    from shutil import which
    from subprocess import DEVNULL, PIPE, TimeoutExpired
    from subprocess import run as run_process

    for name in ("helm", "helm3"):
        helm = which(name)
        if helm is None:
            continue
        try:
            version = run_process(  # noqa: S603 - the user's own Helm, asked for its version
                [helm, "version", "--template", "{{.Version}}"], stdout=PIPE, stderr=DEVNULL, timeout=20, check=False
            ).stdout.decode("utf-8", "replace")
        except (OSError, TimeoutExpired):
            continue  # it does not start, so it will not read the directory either
        if version.startswith("v3."):
            which_helm = escape_control(f"{helm} is Helm {version.strip()}")
            return (
                f"warning: {which_helm}. Helm 3 loads no plugins at all from a plugins directory "
                "that has a Helm 4 plugin.\n"
                "  hint: install the plugin with another HELM_DATA_HOME for Helm 4; Helm 3 needs no plugin, it finds "
                "polyaxon-persistence on PATH\n"
            )
    return ""
