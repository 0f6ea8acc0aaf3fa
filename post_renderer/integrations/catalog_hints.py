"""Changes the hint about a missing catalog for ``helm`` and ``argocd generate``.

Their caller is a tool, so nobody can add --persistence to the command line. ``helm template`` also refuses this option.
"""

from __future__ import annotations

from post_renderer.console import FILES_VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem

INSTALL = "install the chart with the key `persistence` in the same release"


def adapt(options: Options, problems: list[Problem]) -> None:
    """Say what the user of this command can do about a missing catalog."""
    hint = f"{INSTALL}, or name a catalog file in the parameter persistence-files"
    if options.command == "helm":
        # The ConfigMap with the catalog is in a template of its own.
        cuts = any(word.startswith(("-s", "--show-only")) for word in options.helm_arguments)
        first = "leave out --show-only, because it leaves out the catalog" if cuts else INSTALL
        hint = f"{first}, or set {FILES_VARIABLE} to the path of a catalog file"
    for problem in problems:
        if problem.code == "no-catalog":
            problem.hint = hint
