"""Writes docs/command-line.md from the tables of commands and options: the help of each command.

python -m ci.generate.command_line_page          writes it
python -m ci.generate.command_line_page --check  exits 1 when the page is stale
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ci.generate.writer import run_writer
from post_renderer.console.help import help_text
from post_renderer.console.options import COMMANDS
from post_renderer.console.parser import WIDTH

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
HEAD = """\
<!-- made by python -m ci.generate.command_line_page from console/options.py and console/help.py of post_renderer -->
# The command line

`polyaxon-persistence COMMAND --help` prints each section of this page. Without a command, polyaxon-persistence renders:
Helm starts it in this way. `--output json` of a command prints JSON. Its JSON Schema is the file
`output.schema.json` of the package. [Check and verify](check.md) shows how the commands work together.

| command | what it does |
|---|---|
"""


def write_page() -> str:
    os.environ["COLUMNS"] = str(WIDTH)  # the page is as wide in each terminal
    rows = [f"| [`{name}`](#{name.replace(' ', '-')}) | {_escape(text)} |\n" for name, (_, text) in COMMANDS.items()]
    sections = [f"\n## {name}\n\n```text\n{help_text(name).rstrip()}\n```\n" for name in COMMANDS]
    return "".join([HEAD, *rows, *sections])


def _escape(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    return run_writer(arguments, PAGE, __doc__, "python -m ci.generate.command_line_page", lambda _: write_page())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
