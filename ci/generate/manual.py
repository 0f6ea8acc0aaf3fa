"""Writes the manual page (man 1 polyaxon-persistence) from the tables of the command line.

python -m ci.generate.manual          writes it
python -m ci.generate.manual --check  exits 1 when the page is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from ci.generate.writer import run_writer
from post_renderer.console import FILES_VARIABLE
from post_renderer.console.help import EXAMPLES, EXIT_CODES, READS, usage_of
from post_renderer.console.options import COMMANDS, OPTIONS
from post_renderer.console.parser import allowed_options, describe, names_of

PAGE = Path(__file__).resolve().parents[2] / "deploy" / "polyaxon-persistence.1"
SUMMARY = "add the named volumes of a catalog to the workloads that Helm renders"
ESCAPES = {"\\": r"\e", "-": r"\-", "`": r"\(ga", "'": r"\(aq", "~": r"\(ti", "^": r"\(ha"}
ENVIRONMENT = {
    FILES_VARIABLE: "Files of catalogs, separated by colons. They come before the files of --persistence.",
    "NO_COLOR": "If it is not empty, messages have no colors.",
    "FORCE_COLOR": "If it is not empty, messages have colors, also in a pipe. NO_COLOR overrides it.",
    "XDG_STATE_HOME": "The reports of the last renders are in polyaxon-persistence/reports below this directory.",
}


def write_page() -> str:
    lines = [
        r".\" made by python -m ci.generate.manual from post_renderer/console",
        '.TH POLYAXON-PERSISTENCE 1 "" "polyaxon-persistence" "User Commands"',
        ".SH NAME",
        _text(f"polyaxon-persistence - {SUMMARY}"),
        ".SH SYNOPSIS",
        _text("polyaxon-persistence [COMMAND] [OPTIONS] [-- PROGRAM ...]"),
        ".SH DESCRIPTION",
        "Without a command, it reads a rendered stream from standard input, and writes it with volumes",
        "and variables.",
        ".SH COMMANDS",
    ]
    for command in COMMANDS:
        lines += _describe_command(command)
    lines += [".SH OPTIONS"]
    commands = {option: command for command in COMMANDS for option in allowed_options(command)}
    for option, command in commands.items():
        takes, repeatable, _ = OPTIONS[option]
        text = (
            "write another format: see the help of the command" if option == "--output" else describe(command, option)
        )
        names = ", ".join(f"{name} {takes}".strip() for name in names_of(option))
        lines += [".TP", f".B {_text(names)}", _sentence(text + ("; can be given again" if repeatable else ""))]
    lines += [".SH EXIT STATUS", _sentence(EXIT_CODES.partition(": ")[2]), ".SH ENVIRONMENT"]
    for variable, text in ENVIRONMENT.items():
        lines += [".TP", f".B {variable}", _text(text)]
    lines += [".SH EXAMPLES", ".nf"]
    examples = dict.fromkeys(example for command in COMMANDS for example in EXAMPLES[command])
    lines += map(_text, examples)
    return "\n".join([*lines, ".fi"]) + "\n"


def _describe_command(command: str) -> list[str]:
    options = COMMANDS[command][0]
    lines = [
        ".TP",
        f".B {_text(usage_of(command).removeprefix('polyaxon-persistence '))}",
        _sentence(COMMANDS[command][1]),
    ]
    if command in READS:
        lines += [_text(READS[command][1])]
    if options:
        lines += [_text(f"Options: {', '.join(options)}.")]
    return lines


def _sentence(text: str) -> str:
    return _text(f"{text[0].upper()}{text[1:]}.")


def _text(text: str) -> str:
    """Escape what roff would print as another character, and a dot or a quote at the start of a line."""
    escaped = "".join(ESCAPES.get(character, character) for character in text)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def main(arguments: list[str]) -> int:
    return run_writer(arguments, PAGE, __doc__, "python -m ci.generate.manual", lambda _: write_page())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
