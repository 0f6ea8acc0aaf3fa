"""What a command returns: its output, and the problems that decide the exit code; and the errors that end it."""

from __future__ import annotations

from errno import ENOMEM

from post_renderer.problems import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problem
    from post_renderer.stream import Chunk

DONE, PROBLEMS, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


class CommandResult:
    """``output`` goes to standard output, a stream in pieces, and none of a stream where there are problems.

    A ``str`` is text for people, so what can't be printed is escaped in it; bytes are data, which leave as they are.

    ``problems_in_output``: the problems are in the output already (JSON). ``note``: more text for standard error.
    ``next_step``: its last line, below the problems.
    """

    __slots__ = ("is_stream", "next_step", "note", "output", "problems", "problems_in_output")

    def __init__(
        self,
        output: list[Chunk] | bytes | str,
        problems: list[Problem],
        *,
        is_stream: bool = False,
        problems_in_output: bool = False,
        note: str = "",
        next_step: str = "",
    ) -> None:
        self.output = output
        self.problems = problems
        self.is_stream = is_stream
        self.problems_in_output = problems_in_output
        self.note = note
        self.next_step = next_step

    def pieces(self) -> list[Chunk]:
        """The output as bytes, in pieces."""
        if isinstance(self.output, str):
            return [printable(self.output).encode()]
        return [self.output] if isinstance(self.output, bytes) else self.output


def printable(text: str) -> str:
    """Text for people as it leaves the program: all of it but its line breaks and tabs can be printed.

    Words from the input may bring line breaks, so whoever makes a line escapes them by ``escape_control``.
    """
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(escape_control, line.split("\t"))) for line in text.split("\n"))


class UsageError(Exception):
    """The command line, or a file that it names, is wrong. ``hint``: what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Rejected(Exception):  # noqa: N818 - it names what happened; the problems say why
    """There is no stream to render, because of these problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


class ChildFailed(Exception):  # noqa: N818 - it names what happened; whose fault it was, the child says
    """A program that we started did not end well. ``code``: its exit code, or minus the signal that ended it.

    ``text``: what it said on standard error, where that did not reach the user yet.
    """

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(f"ended with {code}")
        self.code = code
        self.text = text


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether memory ran out, also where that made an import fail."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM):
            return True
        error = error.__cause__ or error.__context__
    return False
