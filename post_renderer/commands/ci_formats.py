"""Writes the report of ``check`` for CI services: annotations of GitHub, a SARIF log, or a JUnit file for GitLab.

Each format has its own escapes, so that text of the input can't look like a command, a link or an element.
"""

from __future__ import annotations

import os
from urllib.parse import quote
from xml.etree import ElementTree as ET

from post_renderer import __version__
from post_renderer.commands.code_help import CODE_HELP
from post_renderer.commands.object_keys import ObjectFinder
from post_renderer.console import CommandResult
from post_renderer.console.chart_values import find_values
from post_renderer.console.format import (
    FILES,
    count,
    describe_hint,
    describe_problem,
    format_problems,
    join_members,
    json_text,
)
from post_renderer.problems import CODES, ERROR, STANDARD_INPUT, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.commands.object_keys import ObjectKey
    from post_renderer.commands.upgrade_diff import UpgradeEffect
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem

PROGRAM = "polyaxon-persistence"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LONGEST_NOTICE = 4000  # characters: GitHub's runner cuts the message of an annotation after 4096
ROOT = "%SRCROOT%"  # the name of the repository's root directory in SARIF logs
# A character, and what GitHub's runner reads as this character: in a message, and in a property.
MESSAGE_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY_ESCAPES = MESSAGE_ESCAPES | str.maketrans({":": "%3A", ",": "%2C"})


class Finding:
    """A problem with its place in the repository.

    ``path``: the file as the repository names it; empty if the place is not certain. ``line``: 0 if it is unknown.
    """

    __slots__ = ("_members", "line", "path", "problem", "run", "values")

    def __init__(self, problem: Problem, members: int = 1) -> None:
        self.problem = problem
        self._members = members
        self.run, self.values = find_values(problem)
        path, line = problem.values_file, problem.values_line
        if not path and problem.subject in FILES:
            path, line = problem.file, problem.line
        elif not path and problem.stream != STANDARD_INPUT:
            path, line = problem.stream, problem.line
        self.path = _in_repository(path) if path else ""
        self.line = line if path else 0

    def message(self) -> str:
        """Return one line with the object and the message, and a second line with the hint if there is one."""
        hint = describe_hint(self.problem)
        text = describe_problem(self.problem, placed=bool(self.path), members=self._members)
        return text + (f"\nhint: {hint}" if hint else "")

    def place(self) -> str:
        path = escape_control(self.path)
        return f"{path}:{self.line}: " if path and self.line else f"{path}: " if path else ""


def make_result(
    options: Options,
    problems: list[Problem],
    runs: Sequence[ObjectKey] = (),
    effects: Sequence[UpgradeEffect] = (),
    text: str = "",
    notes: str = "",
) -> CommandResult:
    """Return the result of ``check`` with ``--output github``, ``sarif`` or ``junit``.

    ``runs``: the objects of the runs without errors. ``text``: what ``--output text`` prints. A SARIF or
    JUnit file is for programs, so the text and the problems go to standard error. With ``--quiet``, all of them have
    only the errors.
    """
    if options.quiet:
        problems = [problem for problem in problems if problem.severity == ERROR]
        effects, text, notes = (), "", notes if problems else ""
    if options.output == "github":
        findings = [Finding(problem, members) for problem, members in join_members(problems)]
        output = _format_github(findings, effects) + _hide_commands(text)
        return CommandResult(output, problems, problems_in_output=True, note=_hide_commands(notes))
    findings = list(map(Finding, problems))  # in a log for programs, each object has its own problems
    output = _format_sarif(findings) if options.output == "sarif" else _format_junit(findings, runs)
    notes += format_problems(problems) + text
    return CommandResult(output, problems, problems_in_output=True, note=notes)


def _in_repository(path: str) -> str:
    """Return a path from the root of the git repository, if the current directory is in one that contains the path."""
    try:
        absolute, root = os.path.abspath(path), os.getcwd()
    except OSError:  # somebody deleted the current directory
        return path
    while not os.path.lexists(os.path.join(root, ".git")):
        if root == os.path.dirname(root):
            return os.path.normpath(path)
        root = os.path.dirname(root)
    return os.path.relpath(absolute, root) if absolute.startswith(os.path.join(root, "")) else os.path.normpath(path)


def _format_github(findings: list[Finding], effects: Sequence[UpgradeEffect]) -> str:
    """Return a workflow command for each problem, and a notice if the upgrade has an effect."""
    lines = []
    for found in findings:
        place = {"file": found.path, "line": str(found.line or "")} if found.path else {}
        lines.append(_command(found.problem.severity, found.message(), **place, title=found.problem.code))
    changes = [effect for effect in effects if effect.outcome != "left alone"]
    if changes:
        starts = sum(effect.outcome.startswith("starts") for effect in effects)
        message = "\n".join(escape_control(f"{effect.name}: {effect.word()}") for effect in changes)
        message = message if len(message) <= LONGEST_NOTICE else f"{message[:LONGEST_NOTICE]}…"
        lines.append(_command("notice", message, title=f"{count(starts, 'run')} would start"))
    return "".join(lines)


def _command(name: str, message: str, **properties: str) -> str:
    given = ((key, escape_control(value).translate(PROPERTY_ESCAPES)) for key, value in properties.items() if value)
    return f"::{name} {','.join(f'{key}={value}' for key, value in given)}::{message.translate(MESSAGE_ESCAPES)}\n"


def _hide_commands(text: str) -> str:
    """Change the lines that GitHub's runner would read as a command: `::` begins it, or `##[` is somewhere in it."""
    lines = text.replace("##[", "# #[").split("\n")
    return "\n".join(f". {line}" if line.lstrip().startswith("::") else line for line in lines)


def _format_sarif(findings: list[Finding]) -> str:
    codes = sorted({found.problem.code for found in findings})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": CODES[code][1]},
            "fullDescription": {"text": CODE_HELP[code].meaning},
            "help": {"text": CODE_HELP[code].remedy},
            "defaultConfiguration": {"level": CODES[code][0]},
        }
        for code in codes
    ]
    driver = {"name": PROGRAM, "version": __version__, "rules": rules}
    results = [_sarif_result(found, codes.index(found.problem.code)) for found in findings]
    run = {"tool": {"driver": driver}, "results": results}
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_result(found: Finding, rule: int) -> dict[str, object]:
    location: dict[str, object] = {
        "logicalLocations": [{"fullyQualifiedName": escape_control(found.problem.subject), "kind": "object"}]
    }
    if found.path:
        is_absolute = os.path.isabs(found.path)
        uri = quote(os.fsencode(found.path))
        artifact = {"uri": f"file://{uri}"} if is_absolute else {"uri": uri, "uriBaseId": ROOT}
        region = {"region": {"startLine": found.line}} if found.line else {}
        location["physicalLocation"] = {"artifactLocation": artifact, **region}
    text = found.message()
    if "](" in text:  # otherwise it would be a link
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {
        "ruleId": found.problem.code,
        "ruleIndex": rule,
        "level": found.problem.severity,
        "message": {"text": text},
        "locations": [location],
        "properties": {"run": found.run, "values": found.values},
    }


def _format_junit(findings: list[Finding], runs: Sequence[ObjectKey]) -> str:
    """Return a test case for each run, and one for each other object with a problem.

    GitLab knows a test case by its suite, class and name, and reads one ``failure`` in it.
    """
    cases: dict[ObjectKey, list[Finding]] = {run: [] for run in runs}
    finder = ObjectFinder()
    for found in findings:
        cases.setdefault(finder.find(found.problem), []).append(found)
    suites = ET.Element("testsuites", name=PROGRAM)
    suite = ET.SubElement(suites, "testsuite", name=f"{PROGRAM} check")
    failures = 0
    for key, inner in cases.items():
        case = ET.SubElement(
            suite, "testcase", classname=escape_control(key.stream or PROGRAM), name=escape_control(key.title())
        )
        place = next((found for found in inner if found.path), None)
        if place:
            case.set("file", escape_control(place.path))
        if not inner:
            continue
        errors = [found for found in inner if found.problem.severity == ERROR]
        text = "".join(
            f"{found.place()}{found.problem.severity}[{found.problem.code}] {found.message()}\n" for found in inner
        )
        if errors:
            # GitLab shows the text only. Other programs show the message first.
            message = describe_problem(errors[0].problem, placed=True)
            ET.SubElement(case, "failure", message=message, type=errors[0].problem.code).text = text
        else:
            ET.SubElement(case, "system-out").text = text
        failures += bool(errors)
    for element in (suites, suite):
        element.set("tests", str(len(cases)))
        element.set("failures", str(failures))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
