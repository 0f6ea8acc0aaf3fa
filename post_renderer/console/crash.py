"""How the program ends when something in it failed."""

from __future__ import annotations

import os

from post_renderer.console import BUG, USAGE, ChildFailed, UsageError
from post_renderer.problems import escape_control


def describe(error: Exception) -> tuple[int, str]:
    """The exit code (minus a signal: end by it) and the text for standard error."""
    if isinstance(error, UsageError):
        hint = f"  hint: {escape_control(error.hint)}\n" if error.hint else ""
        return USAGE, f"polyaxon-persistence: {escape_control(error.message)}\n{hint}"
    if isinstance(error, ChildFailed):
        return error.code, error.text
    return BUG, bug_report(error)


def kill_self(number: int) -> None:
    """End as the child did, by the same signal: whoever waits for this program sees what it would have seen."""
    import signal

    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def bug_report(error: Exception) -> str:
    """Where it happened, without the error's own text, which might hold a document's."""
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
        "  hint: please report it with these lines, the version of Helm and the shape of the document\n"
    )
