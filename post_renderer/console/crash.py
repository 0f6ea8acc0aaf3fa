"""Describes the error that ends the program, and ends the program by the signal that ended a child process."""

from __future__ import annotations

import os

from post_renderer.console import BUG, USAGE, ChildFailed, UsageError
from post_renderer.problems import escape_control


def describe(error: Exception) -> tuple[int, str]:
    """Return the exit code and the text for standard error. A negative code is a signal that must end the program."""
    if isinstance(error, UsageError):
        hint = f"  hint: {escape_control(error.hint)}\n" if error.hint else ""
        return USAGE, f"polyaxon-persistence: {escape_control(error.message)}\n{hint}"
    if isinstance(error, ChildFailed):
        return error.code, error.text
    return BUG, bug_report(error)


def kill_self(number: int) -> int:
    """End this process by the signal that ended the child, so that its caller sees the same signal.

    If the signal does not end this process, return the shell's exit code for it. That happens if the signal is blocked,
    or if this is the first process of a container.
    """
    import signal

    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


def bug_report(error: Exception) -> str:
    """Return the text for standard error, without the error's message, which may contain text of the input."""
    from post_renderer import __version__

    trace = error.__traceback__
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return (
        f"polyaxon-persistence {__version__}: this is a bug in polyaxon-persistence; nothing was written.\n"
        f"  {type(error).__name__} at {' > '.join(places[-4:])}\n"
        "  hint: please report it with these lines, the version of Helm and a similar document without secrets\n"
    )
