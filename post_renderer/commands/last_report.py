"""``last-report``: prints the report of the last render, because Helm may not show it."""

from __future__ import annotations

from post_renderer.console import CommandResult
from post_renderer.console.last_report import read_report
from post_renderer.problems import escape_control

NOTHING = "The last render had nothing to report.\n"
NOT_KEPT = "No report is saved: no render has run here yet, or its report could not be saved.\n"


def run() -> CommandResult:
    kept = read_report()
    if kept is None:
        return CommandResult(NOT_KEPT, [])
    note = ""
    if kept.locked_directory:
        note = f"note: {escape_control(kept.locked_directory)} can't be written, so a later report may be missing\n"
    if not kept.text:
        return CommandResult(NOTHING, [], note=note)
    from time import localtime, strftime

    heading = f"Reported on {strftime('%Y-%m-%d %H:%M:%S', localtime(kept.written))}:\n"
    return CommandResult(heading + kept.text, [], note=note)
