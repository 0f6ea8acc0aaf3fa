"""``completion``: prints the completion script of a shell. ``make format`` makes the scripts."""

from __future__ import annotations

from pathlib import Path

from post_renderer.console import CommandResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options

# Shell: the file in the directory `completion`, named as the shell's own directories of completions name it.
SCRIPTS = {"bash": "polyaxon-persistence", "zsh": "_polyaxon-persistence", "fish": "polyaxon-persistence.fish"}


def path_of(shell: str) -> Path:
    return Path(__file__).resolve().parents[1] / "completion" / SCRIPTS[shell]


def run(options: Options) -> CommandResult:
    assert options.word is not None
    return CommandResult(path_of(options.word).read_bytes(), [])
