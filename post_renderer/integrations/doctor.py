"""``doctor``: checks what is installed, and says for each thing that is wrong what to do."""

from __future__ import annotations

import os
import sys
from shutil import which
from sysconfig import get_path

from post_renderer import __version__
from post_renderer.catalog.files import read_layers
from post_renderer.catalog.own_errors import find_own_errors
from post_renderer.console import FILES_VARIABLE, CommandResult, UsageError
from post_renderer.console.format import count, json_text
from post_renderer.console.last_report import LOST, find_locked, find_reports, format_time, report_directory, time_of
from post_renderer.console.options import find_site_files
from post_renderer.integrations.doctor_chart import check_chart
from post_renderer.integrations.doctor_helm import check_helms
from post_renderer.integrations.doctor_row import ERROR, INFO, OK, WARNING, Row, ask
from post_renderer.problems import escape_control, sort_problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem

NAME = "polyaxon-persistence"
SHOW = f"run {NAME} last-report --list"


def run(options: Options) -> CommandResult:
    """Check the installation. The exit code is 1 if a row is an error."""
    rows = [_check_program(), *check_helms(), *check_chart(), *_check_catalogs(options.persistence), _check_reports()]
    errors, warnings = (sum(row.state == state for row in rows) for state in (ERROR, WARNING))
    if options.output == "json":
        output = json_text({"checks": [row._asdict() for row in rows], "errors": errors, "warnings": warnings})
    else:
        output = "".join(map(_format_row, rows)) + f"{count(errors, 'error')}, {count(warnings, 'warning')}\n"
    return CommandResult(output, [], failed=bool(errors))


def _format_row(row: Row) -> str:
    text = f"{row.state:<7}  {row.check:<7}  {escape_control(row.message)}\n"
    return text + (f"  remedy: {escape_control(row.remedy)}\n" if row.remedy else "")


def _check_program() -> Row:
    """Helm 3 finds the command on PATH, and the plugin of Helm 4 starts it from there."""
    found = which(NAME)
    if found is None:
        started = os.path.abspath(sys.argv[0])  # the command, or a file of the package after python -m
        directory = os.path.dirname(started) if os.path.basename(started) == NAME else get_path("scripts")
        return Row("program", ERROR, f"{NAME} is not on PATH, so no Helm finds it", f"add {directory} to PATH")
    if os.path.realpath(found) == os.path.realpath(sys.argv[0]):
        return Row("program", OK, f"{NAME} {__version__}, {found}")
    version = ask([found, "version"], dict(os.environ))
    if version != __version__:
        other = f"version {version}" if version else "a program that does not print its version"
        message = f"{found}, which Helm finds on PATH, is {other}, but this program is version {__version__}"
        return Row("program", ERROR, message, "remove one of the two, or put the right one first on PATH")
    return Row("program", OK, f"{NAME} {__version__}, {found}")


def _check_catalogs(paths: list[str]) -> list[Row]:
    if not paths:
        return [Row("catalog", INFO, f"no site catalog is active: {FILES_VARIABLE} is not set")]
    unreadable: dict[str, list[Row]] = {}
    layers: list[CatalogLayer] = []
    for path in paths:
        try:
            read, problems = read_layers([path])
        except UsageError as error:
            unreadable[path] = [Row("catalog", ERROR, error.message, error.hint)]
            continue
        layers += read
        if problems:
            unreadable[path] = list(map(_catalog_row, problems))
    # Later files override earlier files, so they are checked together.
    found = sort_problems(find_own_errors(layers), paths) if layers else []
    rows: list[Row] = []
    for path in dict.fromkeys(paths):
        wrong = unreadable.get(path) or [_catalog_row(problem) for problem in found if problem.file == path]
        rows += wrong or [_describe_catalog(next(layer for layer in layers if layer.file == path))]
    return rows


def _catalog_row(problem: Problem) -> Row:
    about = f"{problem.about}: " if problem.about else ""
    message = f"{problem.file}:{problem.line}: {about}{problem.message}"
    return Row("catalog", ERROR, message, problem.hint or "correct this line")


def _describe_catalog(layer: CatalogLayer) -> Row:
    path = layer.file
    entries = sum(len(entry) for role in ("data", "outputs") if isinstance(entry := layer.values.get(role), dict))
    message = f"{path}: {count(entries, 'named volume')}"
    if path in find_site_files() and not os.path.isabs(path):
        remedy = f"write an absolute path into {FILES_VARIABLE}"
        return Row("catalog", WARNING, f"{message}; in another directory, this path is another file", remedy)
    return Row("catalog", OK, message)


def _check_reports() -> Row:
    directory = report_directory()
    if not directory:
        return Row("reports", WARNING, "no report can be saved", "set HOME or XDG_STATE_HOME to an absolute path")
    try:
        names = find_reports(directory)
    except FileNotFoundError:
        names = []
    except OSError as error:
        return Row("reports", WARNING, f"{directory}: {error.strerror}", "make it a directory that this user can read")
    if locked := find_locked(directory):
        message = f"this user can't write to {locked}, so no report can be saved"
        return Row("reports", WARNING, message, "change its owner or its mode, or set XDG_STATE_HOME")
    if not names:
        return Row("reports", OK, "no render had an error or a warning")
    time = format_time(time_of(names[-1]))
    if names[-1].endswith(LOST):
        return Row("reports", WARNING, f"the report of {time} could not be saved", SHOW)
    return Row("reports", INFO, f"{count(len(names), 'saved report')}, the newest of {time}", SHOW)
