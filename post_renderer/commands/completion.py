"""``completion``: prints the completion script of a shell. ``make format`` makes the scripts."""

from __future__ import annotations

from pathlib import Path

from post_renderer.console import CommandResult, UsageError
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options

# Shell: the file in the directory `completion`, named as the shell's own directories of completions name it.
SCRIPTS = {"bash": "polyaxon-persistence", "zsh": "_polyaxon-persistence", "fish": "polyaxon-persistence.fish"}


def path_of(shell: str) -> Path:
    return Path(__file__).resolve().parents[1] / "completion" / SCRIPTS[shell]


def run(options: Options) -> CommandResult:
    """Print the script of the shell that the command line names. Raises UsageError if it names none."""
    if options.word not in SCRIPTS:
        what = f"unknown shell {quoted(options.word)}" if options.word is not None else "completion needs a SHELL"
        raise UsageError(what, "write completion bash, completion zsh or completion fish")
    return CommandResult(path_of(options.word).read_bytes(), [])
