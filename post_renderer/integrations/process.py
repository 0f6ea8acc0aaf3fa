"""Starts child processes without a shell, and passes on signals, exit codes and standard error."""

from __future__ import annotations

import os
from contextlib import contextmanager
from errno import E2BIG, EACCES, ENOENT, ENOEXEC

from post_renderer.console import ChildFailed, UsageError
from post_renderer.problems import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import Popen
    from types import FrameType
    from typing import NoReturn

    Handler = Callable[[int, FrameType | None], object] | int | None

FORWARDED = ("SIGHUP", "SIGINT", "SIGTERM")
# Shells start a script without a first line for them; Linux does not.
START_HINTS = {
    ENOEXEC: "if it is a script, write #!/bin/sh as its first line; if not, it is for another kind of machine",
    ENOENT: "its interpreter is missing: in a script, this is the program in its first line (#!)",
    EACCES: "its interpreter can't be executed: in a script, this is the program in its first line (#!)",
    E2BIG: "give it fewer or shorter arguments and variables",
}
TICK = 0.5  # seconds until the program ends after a signal, if a program that its child started holds the pipe


class _SignalReceived(BaseException):
    """A signal was forwarded, and the child has ended, or a second signal came."""


def run_child(
    command: list[str], environment: dict[str, str], *, given: bytes | None = None, keep_errors: bool = False
) -> tuple[bytes, str]:
    """Run a program, and return its standard output and its standard error.

    ``given``: the standard input of the program; if None, it reads the standard input of this process.
    ``keep_errors``: if false, the program writes to the standard error of this process, and the second value is empty.
    Raises ChildFailed if the program does not end with 0, and UsageError if it can't be started.
    """
    import signal
    from subprocess import PIPE, Popen

    child: Popen[bytes] | None = None
    received: list[int] = []
    output: bytes | None = None  # None: a signal ended the reading
    said_bytes: bytes | None = None
    is_reading = False

    def forward(number: int, _: FrameType | None) -> None:
        received.append(number)
        if child is not None:
            child.send_signal(number)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def stop_reading(_: int, __: FrameType | None) -> None:
        nonlocal is_reading
        if is_reading and child is not None and (len(received) > 1 or child.poll() is not None):
            is_reading = False  # the next tick must not end what follows
            raise _SignalReceived

    before = _set_handlers(forward, stop_reading)
    try:
        try:
            standard_input, errors = None if given is None else PIPE, PIPE if keep_errors else None
            child = Popen(  # noqa: S603 - a list of arguments and no shell: nothing in them is interpreted
                command,
                env=environment,
                stdin=standard_input,
                stdout=PIPE,
                stderr=errors,
                close_fds=False,  # an argument may be the path of an open file: /dev/fd/63 for `<(…)` of bash
            )
        except OSError as error:
            raise _explain_start(command[0], error) from None
        except ValueError:  # a text of YAML or JSON can have this character
            raise UsageError(f"{command[0]} can't be started: an argument has a NUL character") from None
        for number in received:
            child.send_signal(number)
        with child:
            try:
                is_reading = True
                output, said_bytes = child.communicate(given)
            except BaseException:  # memory ran out, or a second signal came: nobody would read what the child writes
                child.kill()
                raise
            finally:
                is_reading = False
    except _SignalReceived:
        output = None
    finally:
        _restore_handlers(before)
    said = (said_bytes or b"").decode("utf-8", "replace")
    code = _find_code(child, received, was_read=output is not None)
    if code or output is None:
        if code > 0:
            raise ChildFailed(code, _explain_exit(command[0], code, output, said, keep_errors=keep_errors))
        raise _explain_signal(command[0], -code, said, received)
    return output, said


def _set_handlers(
    forward: Callable[[int, FrameType | None], None], stop_reading: Callable[[int, FrameType | None], None]
) -> dict[int, Handler]:
    """Handle the signals that a child must get, and the timer. Return the previous handlers, to restore them later.

    A signal that the caller made this program ignore (`nohup`) stays ignored, in the child, too.
    """
    import signal

    before: dict[int, Handler] = {signal.SIGALRM: signal.signal(signal.SIGALRM, stop_reading)}
    for name in FORWARDED:
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, forward)
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        # Linux would forget the child's exit code, and subprocess would take that for 0.
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return before


def _restore_handlers(before: dict[int, Handler]) -> None:
    import signal

    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


def _find_code(child: Popen[bytes] | None, received: list[int], *, was_read: bool) -> int:
    """Return the exit code of the child, or the negative number of the signal that ends this program.

    After a signal, the output of a child that ends with 0 does not count: `helm template` writes a sentence about the
    signal before its YAML.
    """
    code = child.returncode if child is not None and was_read else 0
    return code or (-received[-1] if received else 0)


def _explain_exit(program: str, code: int, output: bytes | None, said: str, *, keep_errors: bool) -> str:
    """Return the text about a child that failed. ``output``, ``said``: its standard output and error.

    The user does not see the output, but `helm template --debug` writes the YAML there that it can't read.
    """
    program = escape_control(program)
    failed = f"polyaxon-persistence: {program} failed with exit code {code}"
    if keep_errors:
        return said if said.strip() else f"{failed} and reported nothing\n"
    if not output:
        return ""
    return f"{failed}, so its output is not passed on\n  hint: to see the output, run {program} by itself\n"


def _explain_signal(program: str, number: int, said: str, received: list[int]) -> ChildFailed:
    """Return the exception for a child that a signal ended.

    A signal that this program received ends this program, too. Any other signal is reported: nobody else reports it.
    """
    import signal

    if number in received:
        return ChildFailed(-number, said)
    name = next((known.name for known in signal.Signals if known == number), f"signal {number}")
    text = f"polyaxon-persistence: {escape_control(program)} was ended by {name}\n"
    if name == "SIGKILL":
        text += "  hint: give it more memory: Linux kills a program by this signal if memory runs out\n"
    return ChildFailed(128 + number, (said if not said or said.endswith("\n") else said + "\n") + text)


def _explain_start(program: str, error: OSError) -> UsageError:
    """Return the exception for a program that exists and can be executed, but that Linux does not start."""
    message = f"{program} can't be started: {error.strerror}"
    return UsageError(message, START_HINTS.get(error.errno or 0, ""))


@contextmanager
def raise_signals() -> Iterator[None]:
    """Turn a signal into ChildFailed with its negative number, so that what the block has made can be removed."""
    import signal

    def stop(number: int, _: FrameType | None) -> NoReturn:
        raise ChildFailed(-number, "")

    numbers = [getattr(signal, name) for name in FORWARDED]
    before = {number: signal.signal(number, stop) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        _restore_handlers(before)


def exec_replace(path: str, words: list[str], environment: dict[str, str]) -> NoReturn:
    """Replace this process by a program, so that the caller gets its exit code. Raises UsageError.

    ``words``: the arguments of the program; the first one is its name.
    """
    import signal

    # Python ignores these, and an ignored signal would be inherited.
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
    try:
        os.execve(path, words, environment)  # noqa: S606 - a shell is not wanted here
    except OSError as error:
        for number, handler in before.items():
            signal.signal(number, handler)
        raise _explain_start(path, error) from None
