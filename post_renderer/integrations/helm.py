"""``helm``: runs the real Helm, and adds volumes to the output of ``helm template``. It is for tools that call Helm."""

from __future__ import annotations

import os
import sys

from post_renderer.console import UsageError
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.integrations.process import exec_replace, run_child

# The flags of Helm's root command, as `helm --help` lists them: with a value, which is the next argument, and without.
WITH_VALUE = frozenset(
    "-n --namespace --burst-limit --color --colour --content-cache --kube-apiserver --kube-as-group --kube-as-user "
    "--kube-ca-file --kube-context --kube-tls-server-name --kube-token --kubeconfig --qps --registry-config "
    "--repository-cache --repository-config".split()
)
TEMPLATE = "template"
BOOLEAN = frozenset(("--debug", "--kube-insecure-skip-tls-verify"))


def run_template(arguments: list[str]) -> bytes:
    """Return the output of ``helm template``.

    For any other Helm command, this function does not return, because Helm replaces this process. If it is not clear
    whether Helm reads the arguments as ``template``, they count as ``template``: no run may get past without volumes.
    Raises UsageError, and ChildFailed with Helm's exit code or signal.
    """
    helm, environment = find_helm()
    if TEMPLATE not in find_commands(arguments):
        # Helm sets HELM_BIN to its own name. If this program is called helm, it must be this program: the plugin
        # helm-diff calls HELM_BIN for `template`.
        name = sys.argv[0] if os.path.basename(sys.argv[0]) == "helm" else helm
        exec_replace(helm, [name, *arguments], environment)
    if has_flag(arguments, "--output-dir"):
        message = "helm template --output-dir would write files without a post-renderer"
        raise UsageError(message, "leave out --output-dir, and write standard output to a file")
    return run_child([helm, *arguments], environment)[0]


def has_flag(arguments: list[str], *flags: str) -> bool:
    return any(word.partition("=")[0] in flags for word in arguments)


def find_commands(arguments: list[str]) -> set[str]:
    """Return the words that Helm may read as its command. There are several if the meaning of a flag is not known.

    Source: cobra's `stripFlags`. Before the command, a flag without ``=`` takes the next argument, whatever that is,
    except the boolean flags of the root command. A short flag takes it only if the flag has two characters. There are
    more boolean flags: `helm --help` does not list klog's flags, a later Helm may add flags, and cobra adds ``--help``
    only after it has found the command. So both readings of an unlisted flag are tried.
    """
    starts = {0}  # where Helm may look for the command
    found: set[str] = set()
    for place, argument in enumerate(arguments):
        if place not in starts or argument == "--":  # nothing after it is a command
            continue
        if argument and not argument.startswith("-"):
            found.add(argument)
            continue
        if argument not in WITH_VALUE:
            starts.add(place + 1)
        long = argument.startswith("--")
        if argument not in BOOLEAN and "=" not in argument and (long or len(argument) == 2):
            starts.add(place + 2)
    return found
