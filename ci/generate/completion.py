"""Writes the completion for bash, zsh and fish from the tables of the command line.

python -m ci.generate.completion          writes the scripts
python -m ci.generate.completion --check  exits 1 when one of them is stale
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

import shtab

from ci.generate.writer import run_writer
from post_renderer.commands.completion import SCRIPTS, path_of
from post_renderer.console.options import COMMANDS, FILE_COMMANDS, OPTIONS, WORD_COMMANDS
from post_renderer.console.parser import allowed_options, choices_of, describe, names_of
from post_renderer.problems import CODES

PROGRAM = "polyaxon-persistence"


def build_parser() -> argparse.ArgumentParser:
    """Return a parser of the whole command line for shtab, which reads its tree. It parses nothing."""
    parser = argparse.ArgumentParser(PROGRAM, add_help=False)
    _add_options(parser, "render")
    commands = parser.add_subparsers()
    groups = {"": commands}
    for command, (_, summary) in COMMANDS.items():
        group, _, name = command.rpartition(" ")
        if group not in groups:
            groups[group] = commands.add_parser(group, add_help=False, help="print its commands").add_subparsers()
        added = groups[group].add_parser(name, add_help=False, help=summary)
        _add_options(added, command)
        _add_words(added, command)
    commands.add_parser("version", add_help=False, help="print the version")
    names = sorted({command.split()[0] for command in COMMANDS})
    commands.add_parser("help", add_help=False, help="print the help of a command").add_argument(
        "name", nargs="?", choices=names, help="command"
    )
    return parser


def _add_options(parser: argparse.ArgumentParser, command: str) -> None:
    for option in allowed_options(command):
        takes, text = OPTIONS[option][0], describe(command, option)
        if not takes:
            parser.add_argument(*names_of(option), action="store_true", help=text)
            continue
        added = parser.add_argument(
            *names_of(option), metavar=takes, choices=choices_of(command, option) or None, help=text
        )
        if takes == "FILE":
            _complete_files(added)


def _add_words(parser: argparse.ArgumentParser, command: str) -> None:
    """Add the arguments that are not options."""
    if command in FILE_COMMANDS or command == "helm":
        _complete_files(parser.add_argument("files", nargs="*", help="file or directory"))
    elif command in WORD_COMMANDS:
        name, known = WORD_COMMANDS[command]
        choices = list(known or CODES) if command != "last-report" else None
        parser.add_argument("word", nargs="?", choices=choices, metavar=name, help=name)


def _complete_files(action: argparse.Action) -> None:
    action.complete = shtab.FILE  # type: ignore[attr-defined] # shtab reads this attribute


def main(arguments: list[str]) -> int:
    command = "python -m ci.generate.completion"
    codes = [run_writer(arguments, path_of(shell), __doc__, command, partial(_write, shell)) for shell in SCRIPTS]
    return max(codes)


def _write(shell: str, _: str) -> str:
    return shtab.complete(build_parser(), shell)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
