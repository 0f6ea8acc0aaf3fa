"""``helm …``: runs the real Helm and renders the output of ``helm template``, for tools that call ``helm``."""

from __future__ import annotations

import os
import sys

from post_renderer.console import UsageError
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.integrations.process import exec_replace, run_child

FILES_VARIABLE = "POLYAXON_PERSISTENCE_FILES"  # names the --persistence files, because all arguments are for Helm
# Helm's global flags that have the next argument as their value: they may be before the command.
WITH_VALUE = frozenset(
    "-n --namespace --burst-limit --color --colour --content-cache --kube-apiserver --kube-as-group --kube-as-user "
    "--kube-ca-file --kube-context --kube-tls-server-name --kube-token --kubeconfig --qps --registry-config "
    "--repository-cache --repository-config".split()
)


def run_template(arguments: list[str]) -> tuple[bytes, list[str]]:
    """Return the output of ``helm template`` and the paths of the --persistence files. Any other command does not
    return: Helm replaces this process. Raises UsageError, and ChildFailed with Helm's exit code or signal.
    """
    helm, environment = find_helm()
    if _command(arguments) != "template":
        # Helm sets HELM_BIN to its own name. If this program is called helm, it must be this program: the plugin
        # helm-diff calls HELM_BIN for `template`.
        name = sys.argv[0] if os.path.basename(sys.argv[0]) == "helm" else helm
        exec_replace(helm, [name, *arguments], environment)
    if any(word == "--output-dir" or word.startswith("--output-dir=") for word in arguments):
        message = "helm template --output-dir would write files without a post-renderer"
        raise UsageError(message, "leave out --output-dir, and write standard output to a file")
    output, _ = run_child([helm, *arguments], environment)
    return output, [path for path in os.environ.get(FILES_VARIABLE, "").split(os.pathsep) if path]


def _command(arguments: list[str]) -> str:
    """Return the first argument that is neither a flag nor the value of a flag."""
    words = iter(arguments)
    for word in words:
        if word in WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""
