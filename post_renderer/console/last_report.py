"""Saves the reports of the last renders: Helm 4 never shows standard error, Helm 3 only after a failure.

Each report is one file. Its name starts with the time, so the names sort by age. A render without errors and warnings
does not import this module.
"""

from __future__ import annotations

import os
from errno import ENOTDIR

from post_renderer.problems import escape_control, list_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

KEPT = 20
LIMIT = 1 << 20  # bytes of the text in one report; a program behind --then can write any number of messages
LOST = ".not-saved"  # the end of the name of an empty file: the report of this time could not be saved
NOTE = "note: clean renders since then are not recorded"
UNKNOWN = "unknown"
KEY_LENGTH = 20  # digits: nanoseconds since the epoch
# Nanoseconds from now until the latest time of a report: 100 years. A clock can be wrong by decades when a report is
# saved or read, so a nearer limit would hide reports. New names are not counted up to a fixed limit: with a file just
# below it, the next report would be over it.
LATEST = 100 * 365 * 24 * 3600 * 10**9
TEMPORARY = ".polyaxon-persistence."  # how the names of write_beside start
STALE = 3600  # seconds; the process that made an older temporary file was killed


def report_directory() -> str:
    """Return ``$XDG_STATE_HOME/polyaxon-persistence/reports``; the default of XDG_STATE_HOME is ``~/.local/state``.

    Return an empty text for a user without a home directory, as in many containers.
    """
    home = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(home):  # the XDG specification says to ignore a relative path
        home = "" if os.environ.get("HOME") == "" else os.path.expanduser("~/.local/state")
    return os.path.join(home, "polyaxon-persistence", "reports") if os.path.isabs(home) else ""


def find_reports(directory: str) -> list[str]:
    """Return the file names of all reports, the oldest first. Raises OSError."""
    if os.path.islink(directory):  # somebody else could choose where it leads
        raise NotADirectoryError(ENOTDIR, "Is a symbolic link")
    from time import time_ns

    latest = time_ns() + LATEST
    return sorted(name for name in os.listdir(directory) if _is_report(name, latest))


def find_locked(directory: str) -> str:
    """Return the directory in which this user can't create reports, or ''."""
    while not os.path.lexists(directory):
        directory = os.path.dirname(directory)
    return "" if os.access(directory, os.W_OK | os.X_OK) else directory


def _find_readable(directory: str) -> list[str]:
    """Return the names of the reports; none if this user can't list the directory, but may create files in it."""
    try:
        return find_reports(directory)
    except PermissionError:
        return []


def _is_report(name: str, latest: int) -> bool:
    key = name.partition("-")[0]
    return len(key) == KEY_LENGTH < len(name) and key.isascii() and key.isdigit() and int(key) <= latest


def time_of(name: str) -> int:
    """Return the time in the file name of a report, in nanoseconds since the epoch."""
    return int(name[:KEY_LENGTH])


def format_time(nanoseconds: int) -> str:
    """Return the local time with its offset from UTC, in ISO 8601."""
    from time import localtime, strftime

    moment = localtime(nanoseconds // 10**9)
    offset = strftime("%z", moment)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', moment)}{offset[:3]}:{offset[3:]}"


def save_report(text: str, releases: Collection[str], *, errors: int, warnings: int) -> str:
    """Save a text with errors or warnings for ``last-report``. Return a line for standard error, or ''.

    Under Helm 4, also write the text and that line to the terminal.
    ``releases``: the releases of the stream's catalogs. ``errors``, ``warnings``: their numbers in the text.
    """
    note = ""
    if errors or warnings:
        trouble = _keep(text, releases, errors, warnings)
        note = f"note: {trouble}\n" if trouble else ""
    if "HELM_PLUGIN_NAME" in os.environ:
        from post_renderer.console.helm_terminal import write_to_helm_terminal

        write_to_helm_terminal(text + note)
    return note


def _keep(text: str, releases: Collection[str], errors: int, warnings: int) -> str:
    """Write the report, and delete the oldest reports. Return an error message, or ''.

    If the report can't be saved, an empty file in its place says so. If that is impossible, too, then no file can be
    created in the directory: an older file gets the new name.
    """
    directory = report_directory()
    if not directory:
        return "the report could not be saved: set HOME or XDG_STATE_HOME"
    from time import time_ns

    from post_renderer.console.write_file import write_beside

    now = time_ns()
    content = _heading(now, releases, errors, warnings).encode() + b"\n" + _shorten(text)
    trouble = ""
    try:
        os.makedirs(os.path.dirname(directory), mode=0o700, exist_ok=True)
        os.makedirs(directory, mode=0o700, exist_ok=True)  # the mode is that of the last directory only
        names = _find_readable(directory)
        path = os.path.join(directory, _new_name(names, now))
    except OSError as error:
        return _describe(directory, error)
    try:
        _rename(write_beside(path, content), path)
    except OSError as error:
        trouble = _describe(directory, error)
        _record_loss(f"{path}{LOST}", names)
    _remove_old(directory, now)
    return trouble


def _shorten(text: str) -> bytes:
    """Return the bytes of a text; of a long text, its beginning and its end."""
    content = text.encode("utf-8", "backslashreplace")
    if len(content) <= LIMIT:
        return content
    half = LIMIT // 2
    return content[:half] + f"\n… ({len(content) - LIMIT} bytes are not saved) …\n".encode() + content[-half:]


def _describe(directory: str, error: OSError) -> str:
    if os.path.islink(directory):
        return f"the report could not be saved, because {escape_control(directory)} is a symbolic link"
    if isinstance(error, FileExistsError) and not os.path.isdir(directory):
        path = escape_control(str(error.filename))
        return f"the report could not be saved, because {path} is a file, not a directory"
    return f"the report could not be saved in {escape_control(directory)}: {error.strerror}"


def _heading(now: int, releases: Collection[str], errors: int, warnings: int) -> str:
    try:
        directory = os.getcwd()
    except OSError:  # somebody deleted it
        directory = UNKNOWN
    names = [name if len(name) <= 80 else f"{name[:80]}…" for name in sorted(releases) if name]
    fields = {
        "time": format_time(now),
        "directory": directory,
        "release": list_names(names) or UNKNOWN,
        "errors": str(errors),
        "warnings": str(warnings),
    }
    return "".join(f"{key}: {escape_control(value)}\n" for key, value in fields.items()) + f"{NOTE}\n"


def _new_name(names: list[str], now: int) -> str:
    """Return a name that sorts after all others, also if the clock was put back. Nobody can guess it."""
    key = max(now, time_of(names[-1]) + 1) if names else now
    return f"{key:0{KEY_LENGTH}d}-{os.urandom(8).hex()}"


def _rename(source: str, target: str) -> None:
    try:
        os.rename(source, target)
    except BaseException:
        os.unlink(source)
        raise


def _record_loss(path: str, names: list[str]) -> None:
    """Leave an empty file, or rename an older file of the reports: that needs no space on the disk."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        for name in sorted(names, key=lambda name: (not name.endswith(LOST), name)):
            try:
                os.rename(os.path.join(os.path.dirname(path), name), path)
            except OSError:
                continue  # another render deleted it, or nothing can be changed here: `last-report` notices that
            return


def _remove_old(directory: str, now: int) -> None:
    """Keep the last reports. Also delete what killed processes and the first versions of this program left."""
    try:
        names = find_reports(directory)
        hidden = [name for name in os.listdir(directory) if name.startswith(TEMPORARY)]
    except OSError:
        return
    lost = [name for name in names if name.endswith(LOST)]
    saved = [name for name in names if not name.endswith(LOST)]
    old = [*saved[:-KEPT], *lost[:-KEPT], os.path.join(os.pardir, "last-report")]
    for name in [*old, *hidden]:
        path = os.path.join(directory, name)
        try:
            if name not in hidden or os.lstat(path).st_mtime < now / 10**9 - STALE:
                os.unlink(path)
        except OSError:
            continue  # another render deleted it
