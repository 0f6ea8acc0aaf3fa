"""``helm …``: the real Helm, whose ``template`` comes out with volumes; for tools that call ``helm`` themselves."""

from __future__ import annotations

import os
import sys

from post_renderer.console import UsageError
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.integrations.process import exec_replace, run_child

FILES_VARIABLE = "POLYAXON_PERSISTENCE_FILES"  # its arguments are all Helm's, so the site's catalogs come from here
# Helm's global flags whose value is the next word, as they may stand before the command.
WITH_VALUE = frozenset(
    "-n --namespace --burst-limit --color --colour --content-cache --kube-apiserver --kube-as-group --kube-as-user "
    "--kube-ca-file --kube-context --kube-tls-server-name --kube-token --kubeconfig --qps --registry-config "
    "--repository-cache --repository-config".split()
)


def run_template(arguments: list[str]) -> tuple[bytes, list[str]]:
    """What ``helm template`` writes, and the site's --persistence files; for any other command Helm takes over.

    Raises ChildFailed with Helm's own exit code or signal, UsageError.
    """
    helm, environment = find_helm()
    if _command(arguments) != "template":
        # Under the name of helm, Helm's plugins must find this program as HELM_BIN: helm-diff asks it for `template`.
        name = sys.argv[0] if os.path.basename(sys.argv[0]) == "helm" else helm
        exec_replace(helm, [name, *arguments], environment)
    if any(word == "--output-dir" or word.startswith("--output-dir=") for word in arguments):
        message = "helm template --output-dir would write files that no post-renderer saw"
        raise UsageError(message, "leave it out, and write standard output to a file")
    output, _ = run_child([helm, *arguments], environment)
    return output, [path for path in os.environ.get(FILES_VARIABLE, "").split(os.pathsep) if path]


def _command(arguments: list[str]) -> str:
    """The first word that is neither a flag nor the value of one."""
    words = iter(arguments)
    for word in words:
        if word in WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""
