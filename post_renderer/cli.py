"""Runs a command line. Only this module reads standard input and prints. Commands return a CommandResult."""

from __future__ import annotations

import _thread
import atexit
import gc
import os
import sys

from post_renderer.console import (
    DONE,
    FILES_VARIABLE,
    INTERRUPTED,
    PROBLEMS,
    CommandResult,
    Messages,
    UsageError,
    is_out_of_memory,
    printable,
)
from post_renderer.problems import ERROR, Problem, promote_warnings
from post_renderer.stream import STREAM_LIMIT, contains_domain, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.stream import Chunk

CHUNK: Final = 1 << 18  # bytes: thousands of small writes would take longer than the render


def main(arguments: list[str] | None = None) -> int:
    """Run a command line. Return 0 (done), 1 (problems), 2 (usage), 3 (bug), 130 (interrupted) or a child's code."""
    return start(arguments)[0]


def start(arguments: list[str] | None = None) -> tuple[int, bool]:
    """Run a command line. Return the exit code, and whether the process can end by ``os._exit``, which is faster.

    The second value is True after a render, if everything is written and no other code wants to run at the end: an exit
    handler (coverage has one), a thread or a profiler.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if arguments is None and os.path.basename(sys.argv[0]) == "helm":
        words = ["helm", *words]  # this program can be installed as helm, for tools that call helm
    # A render creates many small objects without reference cycles: garbage collection would only cost time.
    collects = gc.isenabled()
    gc.disable()
    messages = Messages()
    try:
        code, rendered = _run(words, messages)
        return code, rendered and _is_alone()
    except KeyboardInterrupt:
        return INTERRUPTED, False
    except Exception as error:  # noqa: BLE001 - no input may end in a traceback
        # Only make the text here: after this block, the traceback no longer holds memory.
        code, text = _describe(error)
        releases = getattr(error, "releases", ())
    finally:
        if collects:
            gc.enable()
    _write_error(text, messages, _find_color(words))
    if text and (not words or words[0].startswith("-") or words[0] == "render") and not os.isatty(0):
        from post_renderer.console.last_report import save_report

        _write_error(
            save_report(printable(text), releases, errors=1, warnings=0), messages
        )  # Helm may not show the text
    if code < 0:
        from post_renderer.console.crash import kill_self

        code = kill_self(-code)
    return code, False


def _is_alone() -> bool:
    """Return whether no other code in this process wants to run at its end."""
    waiting = atexit._ncallbacks() + _thread._count()  # noqa: SLF001 - exit handlers and threads: no public way is as fast
    return not waiting and sys.getprofile() is None


def _describe(error: Exception) -> tuple[int, str]:
    """Return the exit code and the text for standard error."""
    if is_out_of_memory(error):
        return PROBLEMS, "polyaxon-persistence: there is not enough memory for this input\n"
    from post_renderer.console.crash import describe

    return describe(error)


def _run(arguments: list[str], messages: Messages) -> tuple[int, bool]:
    """Run a command, and return its exit code and whether it was a render."""
    if not arguments and not os.environ.get(FILES_VARIABLE):
        raw = _read_input()
        result = _render(raw, [] if contains_domain(raw) else None)
        return _finish(result, messages, is_render=True), True
    from post_renderer.console.options import read_render

    options = read_render(arguments)
    if options is None:
        from post_renderer.console.parser import parse

        options = parse(arguments)
    if options.help or options.version:
        from post_renderer.console.help import help_text, version_text

        _write_output([(help_text(options.command) if options.help else version_text()).encode()])
        return DONE, False
    if options.command != "render" and os.isatty(1):
        from shutil import get_terminal_size

        options.width = get_terminal_size().columns
    from post_renderer.dispatch import answer

    result = answer(options, _read_input, _render, messages)
    if options.strict:
        promote_warnings(result.problems)
    if options.quiet:
        result.keep_errors()
    is_render = options.command == "render"
    return _finish(result, messages, is_render=is_render, color=options.color), is_render


def _render(raw: bytes, files: list[CatalogLayer] | None) -> CommandResult:
    """Render a stream with the catalogs of --persistence files. None: nothing in the stream can change."""
    if files is None:
        return CommandResult(join(raw, []), [], is_stream=True)
    from post_renderer.render import render

    rendering = render(raw, files)
    return CommandResult(rendering.chunks, rendering.problems, is_stream=True, releases=rendering.releases)


def _finish(result: CommandResult, messages: Messages, *, is_render: bool, color: str = "auto") -> int:
    """Print the result, and return the exit code. A render also saves the report, because Helm may hide it."""
    errors = sum(problem.severity == ERROR for problem in result.problems)
    problems = [] if result.problems_in_output else result.problems
    report = result.note + _format(problems)
    _write_error(report, messages, color)
    if is_render and report:
        from post_renderer.console.last_report import save_report

        warnings = len(result.problems) - errors
        _write_error(save_report(printable(report), result.releases, errors=errors, warnings=warnings), messages)
    if not (errors and result.is_stream):
        try:
            _write_output(result.pieces())
        except UsageError as error:
            error.hint = result.done
            raise
    _write_error(result.next_step, messages)
    _flush_streams()
    gc.freeze()  # the interpreter would collect garbage when it ends: that only costs time
    return PROBLEMS if errors or result.failed else DONE


def _format(problems: list[Problem]) -> str:
    if not problems:
        return ""
    from post_renderer.console.format import format_problems

    return format_problems(problems)


def _read_input() -> bytes:
    """Read at most ``STREAM_LIMIT`` + 1 bytes. A longer result than the limit is too large. Raises UsageError."""
    if os.isatty(0):
        raise UsageError(
            "standard input is a terminal", "write helm template demo ./chart | polyaxon-persistence, or see --help"
        )
    pieces: list[bytes] = []
    left = STREAM_LIMIT + 1
    try:
        with open(0, "rb", closefd=False) as file:
            read: Callable[[int], bytes | None] = file.read  # mypy does not know of None, and mypyc would refuse it
            # One piece, if reading waits. A program that shares the pipe can have made it return at once instead.
            while left and (piece := read(left)) != b"":
                if piece is None:
                    _wait(0)
                else:
                    pieces.append(piece)
                    left -= len(piece)
    except OSError as error:
        raise UsageError(f"standard input can't be read: {error.strerror}") from None
    return b"".join(pieces)


def _wait(descriptor: int) -> None:
    """Wait until a descriptor that does not wait itself can be read (standard input) or written (all others)."""
    from select import POLLIN, POLLOUT, poll

    waiting = poll()
    waiting.register(descriptor, POLLOUT if descriptor else POLLIN)
    waiting.poll()


def _write_output(pieces: list[Chunk]) -> None:
    """Write the pieces to standard output. Raises UsageError if that fails (closed pipe, full disk)."""
    small: list[Chunk] = []
    size = 0
    for piece in pieces:
        if len(piece) >= CHUNK:
            _write_piece(b"".join(small))
            _write_piece(piece)
            small, size = [], 0
            continue
        small.append(piece)
        size += len(piece)
        if size >= CHUNK:
            _write_piece(b"".join(small))
            small, size = [], 0
    _write_piece(b"".join(small))


def _write_piece(piece: Chunk, descriptor: int = 1) -> None:
    view = memoryview(piece)
    try:
        while view:
            try:
                written = os.write(descriptor, view)
                view = view[written:]  # mypyc compiles a call in this slice wrongly: it would write twice
            except BlockingIOError:
                _wait(descriptor)
    except OSError as error:
        if descriptor == 1:  # if standard error is closed, only the exit code can report it
            raise _output_error(error) from None


def _flush_streams() -> None:
    """Write what other code has printed, such as a sitecustomize. Raises UsageError if standard output fails."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (AttributeError, ValueError):
        pass  # other code has closed or replaced it, so it has nothing to write
    except OSError as error:
        try:
            sys.stdout.close()  # or Python would try it again later, and print a message of its own
        except OSError:
            sys.stdout = None
        raise _output_error(error) from None
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        sys.stderr = None  # only the exit code can report it


def _output_error(error: OSError) -> UsageError:
    return UsageError(f"standard output can't be written: {error.strerror}")


def _write_error(text: str, messages: Messages, color: str = "auto") -> None:
    """Write text to standard error. ``color``: whether severities and codes are colored, a value of ``--color``."""
    if text and messages.hide is not None:
        try:
            text = messages.hide(text)
        except MemoryError:
            text = "polyaxon-persistence: there is not enough memory to hide the secrets in the messages\n"
    text = printable(text)
    if text and _has_color(color):
        from post_renderer.console.format import paint

        text = paint(text)
    _write_piece(text.encode(), 2)


def _find_color(words: list[str]) -> str:
    """Return the value of ``--color`` in a command line that failed. The reason can be that it can't be parsed."""
    color = "auto"
    for at, word in enumerate(words):
        if word == "--":
            break  # the rest are words of another program
        if word.startswith("--color="):
            color = word.removeprefix("--color=")
        elif word == "--color" and at + 1 < len(words):
            color = words[at + 1]
    return color


def _has_color(color: str) -> bool:
    """Return whether messages are colored. The option overrides NO_COLOR, and NO_COLOR overrides FORCE_COLOR."""
    if color == "auto" and not os.environ.get("NO_COLOR"):
        return bool(os.environ.get("FORCE_COLOR")) or os.isatty(2)
    return color == "always"
