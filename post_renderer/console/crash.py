"""Ends the program by a child's signal, and writes the report of a bug."""

from __future__ import annotations

import os


def kill_self(number: int) -> int:
    """End this process by the signal that ended the child, so that its caller sees the same signal.

    Returns the shell's exit code for the signal if this process goes on: the signal is blocked, or this is the first
    process of a container.
    """
    import signal

    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


def bug_report(error: Exception) -> str:
    """Return the text for standard error. It omits the error's message, which may contain text of a document."""
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
