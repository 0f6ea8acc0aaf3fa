"""``plugin-dir``: the directory that ``helm plugin install`` of Helm 4 takes."""

from __future__ import annotations

import os

from post_renderer.console import CommandResult
from post_renderer.problems import escape_control

TYPE_CHECKING = False


def run() -> CommandResult:
    """The directory on standard output; a warning on standard error if Helm 3 would read the same plugins directory."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return CommandResult(os.fsencode(folder) + b"\n", [], note=_warn_shared_folder())


def _warn_shared_folder() -> str:
    """Helm 3 refuses all of its plugins when one of them is written for Helm 4, and both share a default directory."""
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
                f"warning: {which_helm}. A Helm 4 plugin in a plugins directory that Helm 3 shares "
                "makes Helm 3 lose all of its plugins.\n"
                "  hint: install the plugin for Helm 4 with a HELM_DATA_HOME of its own; Helm 3 needs none, it finds "
                "polyaxon-persistence on PATH\n"
            )
    return ""
