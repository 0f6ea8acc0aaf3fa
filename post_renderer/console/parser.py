"""Parses the command line with argparse, by the tables of ``options.py``.

A usual render does not import this module, because argparse takes longer than the render.
"""

from __future__ import annotations

import argparse
import os
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from post_renderer.console import UsageError
from post_renderer.console.namespaces import pair_namespaces
from post_renderer.console.options import (
    COLOR_MODES,
    COMMANDS,
    FILE_COMMANDS,
    FORMATS,
    OPTIONS,
    PROGRAM_COMMANDS,
    SHORT_OPTIONS,
    WORD_COMMANDS,
    Options,
    find_site_files,
)
from post_renderer.k8s import is_dns_label, is_dns_subdomain, parse_uint
from post_renderer.problems import quoted, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

WIDTH = 110  # columns of the help


class _Formatter(argparse.HelpFormatter):
    """Formats the options for the width of the terminal, and for ``WIDTH`` columns elsewhere."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=min(WIDTH, get_terminal_size((WIDTH, 24)).columns))

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """Return `--output, -o FORMAT`. Each version of Python has another form by default."""
        names = ", ".join(action.option_strings)
        return f"{names} {action.metavar}" if action.metavar else names


class _Parser(argparse.ArgumentParser):
    """A parser that keeps the options of one command. It returns what it does not know."""

    def __init__(self, command: str) -> None:
        super().__init__(
            f"polyaxon-persistence {command}",
            usage=argparse.SUPPRESS,
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
        )
        self.options = Options()
        self.options.command = command
        self.seen: set[str] = set()
        for option in allowed_options(command):
            takes, repeatable, _ = OPTIONS[option]
            self.add_argument(
                *names_of(option),
                action=_Keep,
                nargs=None if takes else 0,
                metavar=takes or None,
                dest=argparse.SUPPRESS,
                help=describe(command, option).replace("%", "%%") + ("; can be given again" if repeatable else ""),
            )


class _Keep(argparse.Action):
    """Checks the value of an option, and keeps it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - argparse gives all four
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        assert isinstance(parser, _Parser)
        option = self.option_strings[0]
        repeatable = OPTIONS[option][1]
        if option in parser.seen and not repeatable and option not in ("--help", "--version"):
            raise UsageError(f"{option} is repeated", "write it once")
        parser.seen.add(option)
        value = _read_value(parser.options.command, option, values) if isinstance(values, str) else True
        field = option[2:].replace("-", "_")
        if repeatable:
            getattr(parser.options, field).append(value)
        else:
            setattr(parser.options, field, value)


def allowed_options(command: str) -> tuple[str, ...]:
    """Return the options of a command. All arguments of ``helm`` are those of Helm."""
    return () if command == "helm" else (*COMMANDS[command][0], "--color", "--help", "--version")


def describe(command: str, option: str) -> str:
    """Return what an option of a command does."""
    if option != "--output":
        return OPTIONS[option][2]
    default, *others = FORMATS[command]
    return f"write {join_or([f'{default} (default)', *others])}"


def names_of(option: str) -> list[str]:
    return [option, SHORT_OPTIONS[option]] if option in SHORT_OPTIONS else [option]


def choices_of(command: str, option: str) -> tuple[str, ...]:
    """Return the values that an option accepts; empty if there are too many to list."""
    return FORMATS[command] if option == "--output" else COLOR_MODES if option == "--color" else ()


def format_options(command: str) -> str:
    """Return the part of the help that lists the options of a command."""
    return _Parser(command).format_help()


def parse(arguments: list[str]) -> Options:
    """Parse the arguments. Raises UsageError, with a suggestion if an argument is misspelt."""
    rest = list(arguments)
    parser = _Parser("render") if not rest or rest[0].startswith("-") else _read_command(rest)
    options = parser.options
    options.persistence = find_site_files()
    if _asks_for_text(options):
        return options
    if options.command == "helm":
        options.helm_arguments = rest
        return options
    program: list[str] | None = None
    if options.command in PROGRAM_COMMANDS and "--" in rest:
        at = rest.index("--")
        rest, program = rest[:at], rest[at + 1 :]
    if options.command == "inventory":
        rest = pair_namespaces(options, rest, has_program=program is not None)
    for word in _parse_options(parser, rest):
        _add_word(options, word)
    if _asks_for_text(options):
        return options
    if program is not None:
        _add_program(options, program)
    _check(options)
    return options


def _asks_for_text(options: Options) -> bool:
    """Return whether only a help text or the version is printed, so that other arguments do not matter."""
    return options.help or options.version


def _read_command(rest: list[str]) -> _Parser:
    """Remove the command, which is one or two arguments, from the beginning of ``rest``."""
    command, shown = rest.pop(0), ""
    if command == "help":
        command, shown = (rest.pop(0) if rest else "render"), "help"
        if command in ("help", "version"):
            command = "render"  # its help lists both
    elif command == "version":
        command, shown = "render", "version"
    if command == "argocd":
        if not rest or rest[0] in ("--help", "-h"):
            parser = _Parser("render")
            parser.options.command = command  # the help of all its commands
            parser.options.help = True
            return parser
        command += f" {rest.pop(0)}"
    if command not in COMMANDS:
        raise _unknown("command", command, (*COMMANDS, "version", "help"))
    if shown and rest:
        hint = "write help COMMAND" if shown == "help" else "write version"
        raise UsageError(f"{shown} does not accept {quoted(rest[0])}", hint)
    parser = _Parser(command)
    parser.options.help = shown == "help"
    parser.options.version = shown == "version"
    return parser


def _parse_options(parser: _Parser, words: list[str]) -> list[str]:
    """Keep the options in ``parser.options``, and return the other arguments. Raises UsageError."""
    command = parser.options.command
    try:
        _, others = parser.parse_known_args(words)
    except argparse.ArgumentError as error:
        option = str(error.argument_name).partition("/")[0]
        takes = OPTIONS[option][0]
        if takes:
            hint = f"write {option} {takes}, or {option}={takes} for a value that begins with a dash"
            raise UsageError(f"{option} needs a value", hint) from None
        raise UsageError(f"{option} accepts no value", f"write {option}") from None
    for word in others:
        if (word.startswith("-") and word != "-") or command not in (*FILE_COMMANDS, *WORD_COMMANDS):
            raise _unknown("option", word.partition("=")[0], allowed_options(command), command)
    return others


def _read_value(command: str, option: str, value: str) -> object:
    """Return the value of an option. Raises UsageError."""
    choices = choices_of(command, option)
    if choices and value not in choices:
        what = "output format" if option == "--output" else f"value of {option}"
        raise UsageError(f"unknown {what} {quoted(value)}", f"write {join_or(choices)}")
    if option == "--max-starts":
        number = parse_uint(value)
        if number is None:
            raise UsageError(f"--max-starts {quoted(value)} is not a number", "write --max-starts 0 or more")
        return number
    if option == "--claim" and not is_dns_subdomain(value):
        raise UsageError(f"--claim {quoted(value)} is not the name of a claim", "write the name without a namespace")
    if option in ("--name", "--as-one") and not is_dns_label(value):
        raise UsageError(
            f"{option} {quoted(value)} can't be a run's name", "write lower-case letters, digits and dashes"
        )
    return value


def _add_word(options: Options, word: str) -> None:
    """Add an argument that is not an option: a file, or the word that the command accepts."""
    command = options.command
    if command in FILE_COMMANDS:
        options.files.append(word)
        return
    name, known = WORD_COMMANDS[command]
    if options.word is not None:
        raise UsageError(f"{command} accepts one {name}", f"write one {name}" + ", or none" * (not known))
    if known and word not in known:
        raise _unknown(name, word, known, command)
    options.word = word
    if command == "last-report":
        options.number = parse_uint(word)
        if not options.number:
            raise UsageError(
                f"last-report {quoted(word)} is not the number of a report", "write 1 for the newest report"
            )


def _add_program(options: Options, program: list[str]) -> None:
    if not program:
        raise UsageError("-- needs a program", f"write {options.command} -- helm template demo ./chart")
    if options.files:
        raise UsageError("the command can't have a FILE and a program after --", "write only one of the two")
    options.program = program


def _refuse_repeated(files: list[str]) -> None:
    """Raise UsageError if two paths lead to one file, because its runs would count twice."""
    seen: dict[str, str] = {}
    for path in files:
        try:
            real = path if path == "-" else os.path.realpath(path)
        except OSError:  # somebody deleted the current directory
            real = path
        if real in seen:
            what = f"{path} is repeated" if path == seen[real] else f"{seen[real]} and {path} are the same file"
            raise UsageError(what, "write it once")
        seen[real] = path


def _check(options: Options) -> None:
    """Check which arguments are together. Raises UsageError."""
    _refuse_repeated(options.files)
    if options.max_starts is not None and not options.against:
        raise UsageError("--max-starts needs --against", "add --against FILE, with the output of `helm get manifest`")
    if options.claim and options.stale:
        raise UsageError("inventory can't have --claim and --stale", "write only one of the two")
    if options.list and options.number is not None:
        raise UsageError("last-report can't have a number and --list", "write only one of the two")
    if options.against and len(options.files) > 1:
        raise UsageError("--against compares one rendering", "check one FILE or directory at a time")
    if options.command in WORD_COMMANDS and options.word is None:
        name, known = WORD_COMMANDS[options.command]
        if known:
            raise UsageError(
                f"{options.command} needs a {name}",
                f"write {join_or([f'{options.command} {word}' for word in known])}",
            )
    if options.command != "migrate":
        return
    if not options.files:
        raise UsageError("migrate needs a FILE", "write migrate FILE, or - for standard input")
    if options.in_place and "-" in options.files:
        raise UsageError("--in-place needs files", "leave out --in-place: the new file is printed")


def join_or(words: Sequence[str]) -> str:
    """Return `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]])


def _unknown(what: str, word: str, known: Collection[str], command: str = "") -> UsageError:
    where = f" of {command}" if command else ""
    return UsageError(f"unknown {what} {quoted(word)}{where}", suggest(word, known, len(known)))
