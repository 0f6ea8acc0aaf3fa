"""Does what a page says, in one shell: writes its files, runs its commands, and returns what each of them prints.

- A block of code whose first line is `# PATH` is a file; a directory of the path is made.
- `<!-- in PATH: OLD becomes NEW -->` changes a file, where the text of the page says so.
- In a block `console`, a line `$ COMMAND` is a command, and the lines below it are its output.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w./-]+\.\w+)\n")
EDIT = re.compile(r"^<!-- in (\S+): (.+) becomes (.+) -->$", re.MULTILINE)
END_OF_COMMAND = "end-of-command"
REPLACE = """
import pathlib, sys
file, old, new = pathlib.Path(sys.argv[1]), *sys.argv[2:]
assert old in file.read_text(), old
file.write_text(file.read_text().replace(old, new))
"""


class Command(NamedTuple):
    """A command of a page with the output that the page shows; ``exit_code`` is set when it has run."""

    text: str
    output: str
    exit_code: int = 0


class Action(NamedTuple):
    """A change of a file: the whole content, or an edit if ``old`` is set."""

    path: str
    new: str
    old: str = ""


def read_steps(page: str) -> list[Command | Action]:
    """Return what the page tells the reader to do, in its order."""
    found: list[tuple[int, Command | Action]] = [
        (edit.start(), Action(edit[1], edit[3], edit[2])) for edit in EDIT.finditer(page)
    ]
    for block in BLOCK.finditer(page):
        indent, language, text = block.groups()
        text = dedent_by(indent, text)
        if language == "console":
            found += [(block.start(), command) for command in _read_commands(text)]
        elif file := FILE.match(text):
            found.append((block.start(), Action(file[1], text)))
    return [step for _, step in sorted(found, key=lambda pair: pair[0])]


def dedent_by(indent: str, text: str) -> str:
    return re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def _read_commands(text: str) -> list[Command]:
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    pairs = (part.partition("\n") for part in parts)
    return [Command(command.partition("    #")[0].rstrip(), output) for command, _, output in pairs]


def run_steps(
    steps: list[Command | Action], folder: Path, env: dict[str, str], adapt: Callable[[str], str] = lambda text: text
) -> list[Command]:
    """Take the steps in this directory, and return the commands with their real output and exit codes.

    ``adapt`` may replace a command, such as one that would need a cluster. An empty text leaves it out.
    """
    script, wanted = [], []
    for step in steps:
        if isinstance(step, Action):
            script.append(_write_action(step))
        elif command := adapt(step.text):
            wanted.append(step)
            script.append(f'{command}\necho "{END_OF_COMMAND} $?"')
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=folder, env=env, text=True, timeout=300, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    outputs = re.findall(rf"(.*?)^{END_OF_COMMAND} (\d+)\n", done.stdout, re.MULTILINE | re.DOTALL)
    return [Command(step.text, output, int(code)) for step, (output, code) in zip(wanted, outputs, strict=True)]


def _write_action(action: Action) -> str:
    if action.old:
        words = ["python3", "-c", REPLACE, action.path, action.old, action.new]
        return f"{' '.join(map(shlex.quote, words))} || exit 1"
    return f"mkdir -p $(dirname {action.path}) && cat > {action.path} <<'END OF FILE'\n{action.new}END OF FILE"


def fill_outputs(page: str, done: list[Command]) -> str:
    """Return the page with the real output below each command that shows an output."""
    outputs = {command.text: [again.output for again in done if again.text == command.text] for command in done}

    def fill(block: re.Match[str]) -> str:
        indent, language, text = block.groups()
        if language != "console":
            return block[0]
        parts = re.split(r"^(?=\$ )", dedent_by(indent, text), flags=re.MULTILINE)
        filled = re.sub("^(?=.)", indent, "".join(map(fill_command, parts)), flags=re.MULTILINE)
        return f"{indent}```console\n{filled}{indent}```"

    def fill_command(part: str) -> str:
        line, _, shown = part.partition("\n")
        printed = outputs.get(line[2:].partition("    #")[0].rstrip(), [shown])
        return f"{line}\n{printed.pop(0)}" if shown else part

    return BLOCK.sub(fill, page)


def without_lines(text: str) -> str:
    """Leave out the numbers of lines in a stream: Helm 4 writes another number of empty lines than Helm 3."""
    return re.sub(r"(\bline |<stdin>:)\d+", r"\1N", text)
