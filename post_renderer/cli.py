"""The command line: arguments, files, exit codes. The only place that reads standard input and prints."""

from __future__ import annotations

import gc
import os
import sys

from post_renderer.console import (
    BUG,
    DONE,
    INTERRUPTED,
    PROBLEMS,
    USAGE,
    ChildFailed,
    CommandResult,
    Rejected,
    UsageError,
)
from post_renderer.console.crash import bug_report, is_out_of_memory, kill_self
from post_renderer.console.files import read_file
from post_renderer.problems import ERROR, Problem, YamlError, promote_warnings
from post_renderer.stream import STREAM_LIMIT, contains_domain, join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.stream import Chunk

# Where the verbs stand that need no stream, and those that read one; the others render.
ALONE = {
    "last-report": "commands.last_report.run",
    "plugin-dir": "commands.plugin_dir.run",
    "argocd discover": "integrations.argocd.discover",
    "argocd parameters": "integrations.argocd.parameters",
}
OF_A_STREAM = {
    "check": "commands.check.run",
    "explain": "commands.explain.run",
    "verify": "commands.verify.run",
    "krm": "integrations.krm.run",
    "flux-patches": "integrations.flux.run",
}
CHUNK = 1 << 18  # bytes: thousands of small writes would cost more than the render


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code: 0 done, 1 problems, 2 usage, 3 our bug, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    if arguments is None and os.path.basename(sys.argv[0]) == "helm":
        words = ["helm", *words]  # installed under that name, for tools that call helm
    # A render makes many small objects and lets go of them without cycles: collecting would only search for some.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _run(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except UsageError as error:
        hint = f"  hint: {error.hint}\n" if error.hint else ""
        code, text = USAGE, f"polyaxon-persistence: {error.message}\n{hint}"
    except ChildFailed as error:
        code, text = error.code, error.text
    except Exception as error:  # noqa: BLE001 - the last door: no input may end in a traceback
        # The text is made here, and written when the traceback has let go of the memory.
        if is_out_of_memory(error):
            code, text = PROBLEMS, "polyaxon-persistence: there is not enough memory for this input\n"
        else:
            code, text = BUG, bug_report(error)
    finally:
        if collects:
            gc.enable()
    _write_error(text)
    if (not words or words[0].startswith("-") or words[0] == "render") and not os.isatty(0):
        _write_error(_save_report(text))  # Helm may swallow this too
    if code < 0:
        kill_self(-code)
    return code


def _run(arguments: list[str]) -> int:
    if not arguments:
        return _finish(_render(_read_input(), []), strict=False, helm=True)
    from post_renderer.console.options import help_text, read_options

    options = read_options(arguments)
    if options.help or options.version:
        from post_renderer import __version__

        _write_output([(help_text(options.verb) if options.help else f"{__version__}\n").encode()])
        return DONE
    try:
        outcome = _answer(options)
    except Rejected as error:
        outcome = CommandResult(b"", error.problems, is_stream=True)
    return _finish(outcome, strict=options.strict, helm=options.verb == "render")


def _answer(options: Options) -> CommandResult:
    """What a verb answers, its problems included."""
    if options.verb in ALONE:
        return _call(ALONE[options.verb], options)
    if options.verb == "migrate":
        return _call("commands.migrate.run", options, _read_input() if "-" in options.files else b"")
    if options.verb == "kinds":
        return _call("commands.kinds.run", options, *_read_files(options.persistence))
    raw, note = _read_stream(options)
    files, wrong = _read_files(options.persistence)
    if wrong and options.output == "json":
        from post_renderer.console.format import json_text, problem_data

        return CommandResult(json_text({"problems": problem_data(wrong), "runs": []}), wrong, told=True)
    if wrong:
        return CommandResult(b"", wrong, is_stream=True)
    if options.verb in OF_A_STREAM:
        return _call(OF_A_STREAM[options.verb], options, raw, files)
    outcome = _render(raw, files)
    outcome.note = note
    if options.then is not None:
        from post_renderer.integrations import chain

        if options.strict:
            promote_warnings(outcome.problems)
        return chain.run_next(outcome, options.then)
    return outcome


def _call(function: str, *arguments: object) -> CommandResult:
    """What a function of ours answers, given by module and name: each verb loads its own modules only."""
    from importlib import import_module

    module, _, name = function.rpartition(".")
    answer: CommandResult = getattr(import_module(f"post_renderer.{module}"), name)(*arguments)
    return answer


def _read_stream(options: Options) -> tuple[bytes, str]:
    """The stream, from standard input or from the Helm that a surface starts, and what that Helm said besides."""
    if options.verb == "argocd generate":
        from post_renderer.integrations import argocd

        rendering = argocd.generate()
        options.persistence = rendering.persistence + options.persistence  # the administrator's come last
        return rendering.raw, rendering.note
    if options.verb == "helm":
        from post_renderer.integrations import helm

        raw, options.persistence = helm.run_template(options.words)
        return raw, ""
    if options.files and "-" not in options.files:
        return b"", ""  # the verb reads its files
    return _read_input(), ""


def _render(raw: bytes, files: list[CatalogLayer]) -> CommandResult:
    if not files and not contains_domain(raw):
        return CommandResult(join(raw, []), [], is_stream=True)  # written back as it came, and nothing imported for it
    from post_renderer.render import render

    rendered, problems = render(raw, files)
    return CommandResult(rendered, problems, is_stream=True)


def _finish(outcome: CommandResult, *, strict: bool, helm: bool) -> int:
    """Print what was answered; ``helm``: also to where Helm's user can read it."""
    if strict:
        promote_warnings(outcome.problems)
    failed = any(problem.severity == ERROR for problem in outcome.problems)
    told = [] if outcome.problems_in_output else outcome.problems
    _write_error(outcome.note + _format(told, colour=_has_colour()))
    if helm:
        _write_error(_save_report(outcome.note + _format(told, colour=False)))
    if not (failed and outcome.is_stream):
        _write_output(outcome.pieces())
    gc.freeze()  # there is nothing to collect when the interpreter ends, either
    return PROBLEMS if failed else DONE


def _has_colour() -> bool:
    return os.isatty(2) and not os.environ.get("NO_COLOR")


def _format(problems: list[Problem], *, colour: bool) -> str:
    if not problems:
        return ""
    from post_renderer.console.format import format_problems

    return format_problems(problems, colour=colour)


def _save_report(text: str) -> str:
    """Keep a render's report for `last-report`, and tell it to Helm 4's user. What could not be done."""
    from post_renderer.console.last_report import keep_report, write_to_helm_terminal

    if text and "HELM_PLUGIN_NAME" in os.environ:
        write_to_helm_terminal(text)
    trouble = keep_report(text)
    return f"note: {trouble}\n" if trouble and text else ""


def _read_files(paths: list[str]) -> tuple[list[CatalogLayer], list[Problem]]:
    """The layers of the --persistence files, and what is wrong with their text. Raises UsageError."""
    from post_renderer.catalog.load import read_layer_file

    layers: list[CatalogLayer] = []
    problems: list[Problem] = []
    for path in paths:
        raw = read_file(path, f"--persistence {path}")
        try:
            layers.append(read_layer_file(path, raw))
        except YamlError as error:
            problem = Problem(error.code, error.message, error.hint, subject="(catalog)")
            problem.file = path
            problem.line = 0 if error.offset is None else raw.count(b"\n", 0, error.offset) + 1
            problems.append(problem)
    return layers, problems


def _read_input() -> bytes:
    """Standard input, up to one byte over the limit. Raises UsageError where there is none."""
    if os.isatty(0):
        raise UsageError(
            "nothing is piped in", "helm template demo ./chart | polyaxon-persistence, or --help for what else it does"
        )
    try:
        with open(0, "rb", closefd=False) as file:
            return file.read(STREAM_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"standard input can't be read: {error.strerror}") from None


def _write_output(pieces: list[Chunk]) -> None:
    """All of it to standard output. Raises UsageError where it can't be written (closed pipe, full disk)."""
    small: list[Chunk] = []
    size = 0
    for piece in pieces:
        if len(piece) >= CHUNK:
            _write_piece(b"".join(small))
            _write_piece(piece)
            small, size = [], 0
            continue
        small.append(piece)
        size += len(piece)
        if size >= CHUNK:
            _write_piece(b"".join(small))
            small, size = [], 0
    _write_piece(b"".join(small))


def _write_piece(piece: Chunk) -> None:
    view = memoryview(piece)
    try:
        while view:
            view = view[os.write(1, view) :]
    except OSError as error:
        raise UsageError(f"standard output can't be written: {error.strerror}") from None


def _write_error(text: str) -> None:
    view = memoryview(text.encode("utf-8", "backslashreplace"))
    try:
        while view:
            view = view[os.write(2, view) :]
    except OSError:
        return  # standard error is closed: the exit code is all that is left to say
