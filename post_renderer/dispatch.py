"""Runs the command of a command line that has arguments. A render without arguments does not need this module."""

from __future__ import annotations

import os

from post_renderer.console import CommandResult, Rejected, name_program
from post_renderer.problems import promote_warnings
from post_renderer.stream import contains_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console import Messages
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem

    ReadInput = Callable[[], bytes]
    Render = Callable[[bytes, list[CatalogLayer] | None], CommandResult]

IN_CHART = ("argocd generate", "helm")  # the commands that render the chart in the current directory


def answer(options: Options, read_input: ReadInput, render: Render, messages: Messages) -> CommandResult:
    """Run a command.

    ``read_input`` reads standard input. ``render`` renders a stream with catalogs, or passes it on if it gets None
    instead of catalogs. ``messages``: what all messages go through.
    """
    try:
        result = _answer(options, read_input, render, messages)
    except Rejected as error:
        _set_program(options, error.problems)
        return _refuse(options, error.problems)
    _set_program(options, result.problems)
    return result


def _set_program(options: Options, problems: list[Problem]) -> None:
    """Set the program in problems of a stream that comes from a program: messages name it instead of a file."""
    if problems:
        program = "helm template" if options.command in IN_CHART else name_program(options.program)
        for problem in problems:
            problem.program = program


def _answer(options: Options, read_input: ReadInput, render: Render, messages: Messages) -> CommandResult:
    """Run a command. Each branch imports only what it needs, because imports take longer than a small render."""
    if options.command == "last-report":
        from post_renderer.commands import last_report

        return last_report.run(options)
    if options.command == "plugin-dir":
        from post_renderer.commands import plugin_dir

        return plugin_dir.run()
    if options.command == "completion":
        from post_renderer.commands import completion

        return completion.run(options)
    if options.command == "migrate":
        from post_renderer.commands import migrate

        return migrate.run(options, read_input() if "-" in options.files else b"")
    if options.command == "argocd discover":
        from post_renderer.integrations import argocd_discovery

        return argocd_discovery.discover()
    if options.command == "argocd parameters":
        from post_renderer.integrations import argocd

        return argocd.parameters()
    if options.command == "kinds":
        from post_renderer.catalog.files import read_layers
        from post_renderer.commands import kinds

        return kinds.run(options, *read_layers(options.persistence))
    if options.command == "schema":
        from post_renderer.catalog.files import read_layers
        from post_renderer.commands import schema

        return schema.run(options, *read_layers(options.persistence))
    if options.command == "why":
        from post_renderer.commands import why

        return why.run(options)
    if options.command == "init":
        from post_renderer.commands import init

        return init.run(options, _read_claims(options, read_input))
    if options.command == "doctor":
        from post_renderer.integrations import doctor

        return doctor.run(options)
    return _answer_stream(options, read_input, render, messages)


def _answer_stream(options: Options, read_input: ReadInput, render: Render, messages: Messages) -> CommandResult:
    """Run a command that reads a stream and --persistence files."""
    raw, note = _read_stream(options, read_input, messages)
    if options.command in ("render", *IN_CHART):
        return _answer_render(options, render, raw, note)
    files = _read_layers(options)
    if options.command == "check":
        from post_renderer.commands import check

        return check.run(options, raw, files)
    if options.command == "explain":
        from post_renderer.commands import explain

        return explain.run(options, raw, files)
    if options.command == "verify":
        from post_renderer.commands import verify

        return verify.run(options, raw, files)
    if options.command == "inventory":
        from post_renderer.commands import inventory

        return inventory.run(options, raw, files)
    if options.command == "krm":
        from post_renderer.integrations import krm

        return krm.run(options, raw, files)
    assert options.command == "flux-patches", options.command
    from post_renderer.integrations import flux

    return flux.run(options, raw, files)


def _answer_render(options: Options, render: Render, raw: bytes, note: str) -> CommandResult:
    """Render the stream. ``note``: the messages of the program that wrote it."""
    if contains_domain(raw):
        result = render(raw, _read_layers(options))
    else:
        if options.persistence:  # nothing uses these files, so it is enough that they can be read
            from post_renderer.console.files import read_catalog_files

            read_catalog_files(options.persistence, in_chart=options.command in IN_CHART, is_used=False)
        result = render(raw, None)
    result.note = note
    if options.command in IN_CHART and result.problems:
        from post_renderer.integrations import catalog_hints

        catalog_hints.adapt(options, result.problems)
    if options.then is None:
        return result
    from post_renderer.integrations import chain

    if options.strict:
        promote_warnings(result.problems)
    return chain.run_next(result, options.then)


def _read_layers(options: Options) -> list[CatalogLayer]:
    """Return the catalogs of the --persistence files. Raises UsageError, and Rejected for errors in their text."""
    from post_renderer.catalog.files import read_layers

    files, problems = read_layers(options.persistence, in_chart=options.command in IN_CHART)
    if problems:
        raise Rejected(problems)
    return files


def _refuse(options: Options, problems: list[Problem]) -> CommandResult:
    if options.output in ("github", "sarif", "junit"):
        from post_renderer.commands import ci_formats

        return ci_formats.make_result(options, problems)
    if options.output != "json":
        return CommandResult(b"", problems, is_stream=True)
    from post_renderer.console.format import json_text, problem_data

    empty: dict[str, object] = {"runs": []}
    if options.command == "inventory":
        empty = {"storage": [], "keptJobs": [], "mentions": [], "gaps": ["the input was not read"]}
    output = json_text({"problems": problem_data(problems), **empty, "objects": 0})
    return CommandResult(output, problems, problems_in_output=True)


def _read_stream(options: Options, read_input: ReadInput, messages: Messages) -> tuple[bytes, str]:
    """Return the stream, from standard input or from a program that is started, and the messages of the program."""
    if options.command == "argocd generate":
        from post_renderer.integrations import argocd

        rendering = argocd.generate(messages)
        # The order of the layers: what the Application names comes before what the administrator names.
        options.persistence = rendering.persistence + options.persistence
        return rendering.raw, rendering.note
    if options.command == "helm":
        from post_renderer.integrations import helm

        return helm.run_template(options.helm_arguments), ""
    if options.program:
        from post_renderer.integrations import program

        raw = program.run(options.program, options.command, allow_empty=options.allow_empty)
        return raw, ""
    if options.files and "-" not in options.files:
        return b"", ""  # the command reads its files
    return read_input(), ""


def _read_claims(options: Options, read_input: ReadInput) -> bytes | None:
    """Return the input of ``init``: of a program, or of standard input if it is named, a pipe or a file. Else None."""
    if options.program:
        from post_renderer.integrations import program

        return program.run(options.program, options.command, allow_empty=True)
    from stat import S_ISFIFO, S_ISREG

    try:
        mode = os.fstat(0).st_mode
    except OSError:  # standard input is closed
        mode = 0
    is_given = "-" in options.files or (not options.files and (S_ISFIFO(mode) or S_ISREG(mode)))
    return read_input() if is_given else None
