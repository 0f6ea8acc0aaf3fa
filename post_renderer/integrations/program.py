"""Starts the program after ``--``, and reads its output as the stream. So no pipe can lose its exit code."""

from __future__ import annotations

import os
from shutil import which

from post_renderer.console import Rejected, UsageError
from post_renderer.integrations.helm import TEMPLATE, find_commands, has_flag
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.integrations.process import run_child
from post_renderer.survey import find_objects_error

MANIFEST = ("get", "manifest")
REFUSED_FLAGS = {
    "--output-dir": "Helm would write files, and print no manifests",
    "--post-renderer": "polyaxon-persistence reads what Helm prints, and that must be without volumes",
    "--post-renderer-args": "polyaxon-persistence reads what Helm prints, and that must be without volumes",
}


def run(words: list[str], command: str, *, allow_empty: bool = False) -> bytes:
    """Return the output of a program.

    ``words``: its name and its arguments. ``command``: our command that reads the output, for the hint of an error.
    ``allow_empty``: an output without objects is no error.

    If the program is ``helm``, the real Helm is started, and only for ``template`` and ``get manifest``. Raises
    UsageError before the start, ChildFailed with the program's exit code or signal, and Rejected if the output of
    another program has no Kubernetes object.
    """
    if os.path.basename(words[0]) == "helm":
        _check_helm(words[1:])
        helm, environment = find_helm(words[0])
        return run_child([helm, *words[1:]], environment)[0]
    program = which(words[0])
    if program is None:
        raise UsageError(f"-- {words[0]}: no such program", "name a program on PATH, or its path")
    raw = run_child([program, *words[1:]], dict(os.environ))[0]
    if not allow_empty and (problem := find_objects_error(raw, command, f"the output of {os.path.basename(program)}")):
        raise Rejected([problem])
    return raw


def _check_helm(arguments: list[str]) -> None:
    for flag, reason in REFUSED_FLAGS.items():
        if has_flag(arguments, flag):
            raise UsageError(f"-- helm: {flag} can't be used here: {reason}", f"leave out {flag}")
    commands = find_commands(arguments)
    if commands == {TEMPLATE}:
        return
    if commands == {MANIFEST[0]} and find_commands(arguments[arguments.index(MANIFEST[0]) + 1 :]) == {MANIFEST[1]}:
        return
    raise UsageError(
        "-- helm: polyaxon-persistence starts only helm template and helm get manifest",
        "write -- helm template demo ./chart, with all flags after the command; for other output, use a pipe",
    )
