"""``last-report``: prints or lists the reports of the last renders, because Helm may not show them."""

from __future__ import annotations

import os
import stat

from post_renderer.console import CommandResult, UsageError
from post_renderer.console.format import format_table
from post_renderer.console.last_report import LOST, find_locked, find_reports, format_time, report_directory, time_of
from post_renderer.problems import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options

NOT_KEPT = "There is no saved report. No render had an error or a warning, or the report could not be saved.\n"
HOW_TO_LIST = "last-report --list lists all saved reports, and last-report N prints one of them.\n"
HEADINGS = ["NUMBER", "TIME", "RELEASE", "ERRORS", "WARNINGS", "DIRECTORY"]


def run(options: Options) -> CommandResult:
    """Print or list reports. Raises UsageError if there is no such report, or if it can't be read."""
    directory = report_directory()
    if not directory:
        raise UsageError("no report can be saved here", "set HOME or XDG_STATE_HOME to an absolute path")
    try:
        names = find_reports(directory)[::-1]
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise UsageError(f"the reports can't be read from {directory}: {error.strerror}") from None
    locked = find_locked(directory)
    missing = (
        f"this user can't write to the directory {escape_control(locked)}, so newer reports may be missing"
        if locked
        else ""
    )
    if names and missing and options.number is None and not options.list:
        return CommandResult(f"{missing}.\n{HOW_TO_LIST}", [])  # the newest file may not be the last report
    if options.list and names:
        output = _list_reports(directory, names, options.width)
    elif names or options.number is not None:
        output = _show_report(directory, names, options.number or 1)
    else:
        output = NOT_KEPT
    return CommandResult(output, [], note=f"note: {missing}\n" if missing else "")


def _show_report(directory: str, names: list[str], number: int) -> str:
    if number > len(names):
        found = f"there are reports 1 to {len(names)}" if names[1:] else "there is only report 1"
        raise UsageError(
            f"there is no report {number}: {found if names else 'none is saved'}", "write last-report --list"
        )
    name = names[number - 1]
    lost = f"The report of {format_time(time_of(name))} could not be saved. The render said why on standard error.\n"
    return _read_report(directory, name) or lost + HOW_TO_LIST


def _read_report(directory: str, name: str) -> str:
    """Return the text of a report; an empty text if it could not be saved. Raises UsageError."""
    if name.endswith(LOST):
        return ""
    path = os.path.join(directory, name)
    try:
        # Never follow a link, and never wait for the writer of a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read().decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"the report can't be read from {path}: {error.strerror}") from None
    raise UsageError(f"the report can't be read from {path}: it is not a regular file", "remove it")


def _list_reports(directory: str, names: list[str], width: int) -> str:
    rows = [HEADINGS]
    for number, name in enumerate(names, 1):
        fields = {"time": format_time(time_of(name))}
        try:
            text = _read_report(directory, name)
            fields |= _read_fields(text) if text else {"directory": "(the report could not be saved)"}
        except UsageError:
            fields["directory"] = "(the report can't be read)"
        keys = ("time", "release", "errors", "warnings", "directory")
        rows.append([str(number), *(fields.get(key, "-") for key in keys)])
    return format_table(rows, width=width)


def _read_fields(text: str) -> dict[str, str]:
    """Return the fields of the heading, which ends at the first empty line."""
    pairs = (line.partition(": ") for line in text.partition("\n\n")[0].split("\n"))
    return {key: value for key, _, value in pairs}
