"""What a verb answers: its output, and the problems that decide the exit code."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problem
    from post_renderer.stream import Piece

DONE, PROBLEMS, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


class Outcome:
    """``output`` goes to standard output, a stream in pieces, and none of a stream where there are problems.

    ``told``: the problems are in the output already (JSON). ``note``: more text for standard error.
    """

    __slots__ = ("is_stream", "note", "output", "problems", "told")

    def __init__(
        self,
        output: list[Piece] | bytes | str,
        problems: list[Problem],
        *,
        is_stream: bool = False,
        told: bool = False,
        note: str = "",
    ) -> None:
        self.output = output
        self.problems = problems
        self.is_stream = is_stream
        self.told = told
        self.note = note


class UsageError(Exception):
    """The command line, or a file that it names, is wrong. ``hint``: what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
