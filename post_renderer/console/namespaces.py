"""Finds the FILE that each ``--namespace`` of ``inventory`` is for."""

from __future__ import annotations

from post_renderer.console import UsageError
from post_renderer.console.options import OPTIONS, SHORT_OPTIONS
from post_renderer.k8s import is_dns_label
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options

TAKES_VALUE = {
    name: bool(OPTIONS[option][0]) for option in OPTIONS for name in (option, SHORT_OPTIONS.get(option, option))
}


def pair_namespaces(options: Options, words: list[str], *, has_program: bool) -> list[str]:
    """Keep each ``--namespace`` with the FILE after it, and return the other words. Raises UsageError.

    argparse does not say in which order it found options and files.
    """
    others: list[str] = []
    namespace = ""
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option == "--namespace":
            if namespace:
                raise UsageError("--namespace is repeated before one FILE", "write it once before each FILE")
            namespace = value if equals else next(rest, "")
            if not is_dns_label(namespace):
                raise UsageError(
                    f"--namespace {quoted(namespace)} is not the name of a namespace", "write --namespace NS"
                )
            continue
        others.append(word)
        if word == "-" or not word.startswith("-"):
            if namespace:
                options.namespaces[word] = namespace
            namespace = ""
        elif not equals and TAKES_VALUE.get(option):
            others += [value for value in [next(rest, None)] if value is not None]
    if namespace and any(word == "-" or not word.startswith("-") for word in others) and not has_program:
        raise UsageError("--namespace has no FILE after it", "write --namespace NS before the FILE that it is for")
    if namespace:
        options.namespaces["-"] = namespace
    return others
