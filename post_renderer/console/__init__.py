"""Defines the result of a command, the exit codes, and the exceptions that end a command early."""

from __future__ import annotations

from errno import ENOMEM

from post_renderer.problems import ERROR, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Final

    from post_renderer.problems import Problem
    from post_renderer.stream import Chunk

DONE: Final = 0
PROBLEMS: Final = 1
USAGE: Final = 2
BUG: Final = 3
INTERRUPTED: Final = 130
# An environment variable: paths of catalog files, separated as in PATH.
FILES_VARIABLE: Final = "POLYAXON_PERSISTENCE_FILES"


class CommandResult:
    """The output of a command for standard output, and the problems that decide the exit code.

    ``output``: a ``str`` is text for people, so characters that can't be printed are escaped; bytes stay unchanged.
    ``is_stream``: if there are errors, nothing of the output is written.
    ``problems_in_output``: the output contains the problems already (JSON).
    ``note``: text for standard error, printed above the problems.
    ``next_step``: a line for standard error, printed after everything else.
    ``releases``: the releases of the stream's catalogs, for the saved report.
    ``done``: the files that the command has written: the hint if standard output can't be written.
    ``failed``: the exit code is 1 also without an error.
    """

    __slots__ = (
        "done",
        "failed",
        "is_stream",
        "next_step",
        "note",
        "output",
        "problems",
        "problems_in_output",
        "releases",
    )

    def __init__(
        self,
        output: list[Chunk] | bytes | str,
        problems: list[Problem],
        *,
        is_stream: bool = False,
        problems_in_output: bool = False,
        note: str = "",
        next_step: str = "",
        releases: Collection[str] = (),
        failed: bool = False,
    ) -> None:
        self.done = ""
        self.failed = failed
        self.output = output
        self.problems = problems
        self.is_stream = is_stream
        self.problems_in_output = problems_in_output
        self.note = note
        self.next_step = next_step
        self.releases = releases

    def keep_errors(self) -> None:
        """Remove warnings, notes and text for people. A stream and JSON stay, and with an error the notes about it."""
        self.problems = [problem for problem in self.problems if problem.severity == ERROR]
        self.next_step = ""
        if not self.problems:
            self.note = ""
        if isinstance(self.output, str) and not self.problems_in_output:
            self.output = ""

    def pieces(self) -> list[Chunk]:
        if isinstance(self.output, str):
            return [printable(self.output).encode()]
        return [self.output] if isinstance(self.output, bytes) else self.output


class Messages:
    """All text for standard error goes through it. ``hide``: a function that hides secrets, which a command can set."""

    __slots__ = ("hide",)

    def __init__(self) -> None:
        self.hide: Callable[[str], str] | None = None


def printable(text: str) -> str:
    """Escape characters that can't be printed, except line breaks and tabs. All text for people is printed through it.

    Text from the input can contain line breaks: escape that text by ``escape_control`` before you put it into a line.
    """
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(escape_control, line.split("\t"))) for line in text.split("\n"))


class UsageError(Exception):
    """The command line or a file in it is wrong (exit code 2). ``hint``: what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Rejected(Exception):  # noqa: N818 - the name says what happened, the problems say why
    """An integration has no stream to render. ``problems``: the reasons."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


class ChildFailed(Exception):  # noqa: N818 - the name says what happened, the child says why
    """A program that polyaxon-persistence started failed.

    ``code``: the exit code of the program. If a signal ended it: minus the number of the signal.
    ``text``: the standard error of the program, if the user has not seen it yet.
    ``releases``: the releases of the catalogs in the stream that the program got.
    """

    releases: Collection[str] = ()

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(f"ended with {code}")
        self.code = code
        self.text = text


def name_program(words: list[str]) -> str:
    """Return the name of a program in messages: its file name, and for Helm also the command, as ``helm template``.

    ``words``: the name or the path of the program, and its arguments. Without words, the name is empty.
    """
    name = words[0].rpartition("/")[2] if words else ""
    if name == "helm":
        command = next((word for word in words if word in ("template", "get")), "")
        return {"template": "helm template", "get": "helm get manifest"}.get(command, name)
    return name


def is_out_of_memory(error: BaseException | None) -> bool:
    """Return whether memory ran out. A failed import can be the result, so its causes are checked too."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM):
            return True
        error = error.__cause__ or error.__context__
    return False
