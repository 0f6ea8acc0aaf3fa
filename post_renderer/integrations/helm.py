"""``helm``: runs the real Helm, and adds volumes to the output of ``helm template``. It is for tools that call Helm."""

from __future__ import annotations

import os
import sys

from post_renderer.console import UsageError
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.integrations.process import exec_replace, run_child

FILES_VARIABLE = "POLYAXON_PERSISTENCE_FILES"  # names the --persistence files, because all arguments are for Helm
# The flags of Helm's root command, as `helm --help` lists them: with a value, which is the next argument, and without.
WITH_VALUE = frozenset(
    "-n --namespace --burst-limit --color --colour --content-cache --kube-apiserver --kube-as-group --kube-as-user "
    "--kube-ca-file --kube-context --kube-tls-server-name --kube-token --kubeconfig --qps --registry-config "
    "--repository-cache --repository-config".split()
)
BOOLEAN = frozenset(("--debug", "--kube-insecure-skip-tls-verify"))


def run_template(arguments: list[str]) -> tuple[bytes, list[str]]:
    """Return the output of ``helm template`` and the paths of the --persistence files.

    For any other Helm command, this function does not return, because Helm replaces this process. If it is not clear
    whether Helm reads the arguments as ``template``, they count as ``template``: no run may get past without volumes.
    Raises UsageError, and ChildFailed with Helm's exit code or signal.
    """
    helm, environment = find_helm()
    if not may_be_template(arguments):
        # Helm sets HELM_BIN to its own name. If this program is called helm, it must be this program: the plugin
        # helm-diff calls HELM_BIN for `template`.
        name = sys.argv[0] if os.path.basename(sys.argv[0]) == "helm" else helm
        exec_replace(helm, [name, *arguments], environment)
    if any(word == "--output-dir" or word.startswith("--output-dir=") for word in arguments):
        message = "helm template --output-dir would write files without a post-renderer"
        raise UsageError(message, "leave out --output-dir, and write standard output to a file")
    output, _ = run_child([helm, *arguments], environment)
    return output, [path for path in os.environ.get(FILES_VARIABLE, "").split(os.pathsep) if path]


def may_be_template(arguments: list[str]) -> bool:
    """Return whether Helm may read the command ``template`` in the arguments. Flags may be before the command.

    Source: cobra's `stripFlags`. Before the command, a flag without ``=`` takes the next argument, whatever that is,
    except the boolean flags of the root command. A short flag takes it only if the flag has two characters. There are
    more boolean flags: `helm --help` does not list klog's flags, a later Helm may add flags, and cobra adds ``--help``
    only after it has found the command. So both readings of an unlisted flag are tried.
    """
    starts = {0}  # where Helm may look for the command
    for place, argument in enumerate(arguments):
        if place not in starts or argument == "--":  # nothing after it is a command
            continue
        if argument == "template":
            return True
        if argument and not argument.startswith("-"):
            continue  # another command
        if argument not in WITH_VALUE:
            starts.add(place + 1)
        long = argument.startswith("--")
        if argument not in BOOLEAN and "=" not in argument and (long or len(argument) == 2):
            starts.add(place + 2)
    return False
