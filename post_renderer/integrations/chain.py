"""``--then COMMAND``: runs a second post-renderer, because Helm accepts only one."""

from __future__ import annotations

import os
from shlex import split
from shutil import which

from post_renderer.console import ChildFailed, CommandResult, UsageError
from post_renderer.integrations.process import run_child
from post_renderer.problems import ERROR, Problem
from post_renderer.stream import output_problem
from post_renderer.survey import may_have_objects


def run_next(outcome: CommandResult, command: str) -> CommandResult:
    """Send the rendered stream through the command, and return its output. If there are errors, start nothing.

    Raises UsageError, and ChildFailed with the exit code and the standard error of the command.
    """
    try:
        words = split(command)
    except ValueError:
        raise UsageError(f"--then {command}: a quote is not closed", "close the quote, as in a shell") from None
    program = which(words[0]) if words else None
    if program is None:
        raise UsageError(f"--then {command}: no such program", "name a program on PATH, or its path")
    if any(problem.severity == ERROR for problem in outcome.problems):
        return outcome
    given = b"".join(outcome.pieces())
    try:
        output, said = run_child([program, *words[1:]], dict(os.environ), given=given, keep_errors=True)
    except ChildFailed as error:
        error.releases = outcome.releases
        raise
    problems = outcome.problems
    if _lacks_objects(output, given):
        message = f"{os.path.basename(program)} wrote no object, so Helm would delete all objects of the release"
        hint = "name a program that writes the objects that it reads, or a comment line of its own if none must be left"
        problems = [*problems, Problem("empty-output", message, hint, subject="(--then)")]
    if too_large := output_problem([output]):
        too_large.subject = "(--then)"
        problems = [*problems, too_large]
    return CommandResult(output, problems, is_stream=True, note=outcome.note + said, releases=outcome.releases)


def _lacks_objects(output: bytes, given: bytes) -> bool:
    """Return whether a program wrote nothing, or read objects and wrote none.

    A comment line that it did not read says that it left none on purpose. Other comments do not: a program that drops
    all objects by mistake can leave the comments above them, such as Helm's ``# Source:``.
    """
    if not output.strip():
        return True
    if may_have_objects(output) or not may_have_objects(given):
        return False
    comments = {line.rstrip() for line in output.splitlines() if line.startswith(b"#")}
    return comments <= {line.rstrip() for line in given.splitlines()}
