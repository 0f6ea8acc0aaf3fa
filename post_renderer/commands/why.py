"""``why``: explains an error code, with an example and the remedy. Without a code, it lists all codes."""

from __future__ import annotations

from textwrap import fill, indent

from post_renderer.commands.code_help import CODE_HELP
from post_renderer.console import CommandResult, UsageError
from post_renderer.console.format import format_table, json_text
from post_renderer.problems import CODES, ERROR, WARNING, quoted, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console.options import Options

COLUMNS = ("CODE", "SEVERITY", "ABOUT")
WIDTH = 100


def run(options: Options) -> CommandResult:
    """Return the help for one code, or the list of codes. Raises UsageError for an unknown code."""
    is_json = options.output == "json"
    if options.word is None:
        if is_json:
            return CommandResult(json_text({"codes": [_code_data(code) for code in CODES]}), [])
        table = [COLUMNS, *((code, *CODES[code]) for code in CODES)]
        return CommandResult(format_table(table, width=options.width), [])
    code = read_code(options.word)
    return CommandResult(json_text(_code_data(code)) if is_json else _code_text(code), [])


def read_code(word: str) -> str:
    """Return the code in an argument: ``CODE``, or a copy of a message (``error[CODE]``, ``[CODE]`` or its first line).

    Raises UsageError for an unknown code.
    """
    before, bracket, inner = word.partition("[")
    severity = before.rpartition(": ")[2].strip().lower()  # a place may come before it
    code = inner.partition("]")[0] if bracket and severity in ("", ERROR, WARNING) else word
    code = code.strip().lower()
    if code not in CODES:
        raise UsageError(f"unknown code {quoted(code)}", suggest(code, CODES))
    return code


def split_remedy(remedy: str) -> tuple[str, str]:
    """Split a remedy into its sentence, and its YAML or command."""
    sentence, _, right = remedy.partition("\n\n")
    return sentence, right


def _code_data(code: str) -> dict[str, str]:
    severity, summary = CODES[code]
    return {"code": code, "severity": severity, "summary": summary, **CODE_HELP[code]._asdict()}


def _code_text(code: str) -> str:
    severity, summary = CODES[code]
    row = CODE_HELP[code]
    sentence, right = split_remedy(row.remedy)
    return (
        f"{severity}[{code}]: {summary}\n\n{_wrap(row.meaning)}\n\n"
        f"example:\n\n{indent(row.example, '  ')}\n"
        f"{_wrap(f'remedy: {sentence}')}\n\n{indent(right, '  ')}"
    )


def _wrap(text: str) -> str:
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)  # users copy the names
