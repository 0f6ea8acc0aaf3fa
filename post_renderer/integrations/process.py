"""Starts child processes without a shell, and passes on signals, exit codes and standard error."""

from __future__ import annotations

import os

from post_renderer.console import ChildFailed, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

FORWARDED = ("SIGHUP", "SIGINT", "SIGTERM")


def run_child(
    command: list[str], environment: dict[str, str], *, given: bytes | None = None, keep_errors: bool = False
) -> tuple[bytes, str]:
    """Run a program. Return its standard output and, with ``keep_errors``, its standard error (else both share one).

    ``given``: the child's standard input; None: that of this process. Raises ChildFailed if the child did not end with
    0, UsageError if it can't be started.
    """
    import signal
    from subprocess import PIPE, Popen

    child: Popen[bytes] | None = None
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    before = {name: signal.signal(getattr(signal, name), forward) for name in FORWARDED}
    try:
        child = Popen(  # noqa: S603 - a list of arguments and no shell: nothing in them is interpreted
            command,
            env=environment,
            stdin=None if given is None else PIPE,
            stdout=PIPE,
            stderr=PIPE if keep_errors else None,
        )
        for number in early:
            child.send_signal(number)
        output, errors = child.communicate(given)
    except OSError as error:
        raise UsageError(f"{command[0]} can't be started: {error.strerror}") from None
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
    said = (errors or b"").decode("utf-8", "replace")
    if child.returncode:
        raise ChildFailed(child.returncode, said)
    return output, said


def exec_replace(path: str, words: list[str], environment: dict[str, str]) -> NoReturn:
    """Replace this process by another program, so that the caller gets its exit code and signals. Raises UsageError.

    ``words``: its arguments, beginning with its own name.
    """
    import signal

    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores SIGPIPE, and the program would inherit that
    try:
        os.execve(path, words, environment)  # noqa: S606 - a shell is not wanted here
    except OSError as error:
        signal.signal(signal.SIGPIPE, before)
        raise UsageError(f"{path} can't be started: {error.strerror}") from None
