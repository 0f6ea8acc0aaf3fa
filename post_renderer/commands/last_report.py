"""``last-report``: prints the report of the last render, which Helm may not show."""

from __future__ import annotations

from post_renderer.console import CommandResult
from post_renderer.console.last_report import read_report

TYPE_CHECKING = False


def run() -> CommandResult:
    found = read_report()
    if found is None:
        return CommandResult("The last render had nothing to report.\n", [])
    from time import localtime, strftime

    text, written = found
    return CommandResult(f"Reported on {strftime('%Y-%m-%d %H:%M:%S', localtime(written))}:\n{text}", [])
