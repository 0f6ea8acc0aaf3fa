"""Reads what a CI service would show, by the rules of GitHub's runner (ActionCommand.cs) and of GitLab (junit.rb)."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree as ET

COMMANDS = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher",
    "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip
DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


class Annotation(NamedTuple):
    """A workflow command."""

    name: str
    properties: dict[str, str]
    message: str

    def place(self) -> str:
        return f"{self.properties.get('file', '')}:{self.properties.get('line', '')}"


def unescape(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for written, meant in pairs:
        text = text.replace(written, meant)
    return text


def read_annotations(log: str) -> list[Annotation]:
    """Every command that GitHub's runner would find in the lines of a log, in both of its forms."""
    return [found for line in log.splitlines() if (found := read_new(line) or read_old(line))]


def read_new(line: str) -> Annotation | None:
    line = line.lstrip()
    if not line.startswith("::") or (end := line.find("::", 2)) < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    pairs = (pair.split("=", 1) for pair in rest.strip().split(",") if "=" in pair)
    properties = {key: unescape(value, PROPERTY) for key, value in pairs if value}
    return Annotation(name, properties, unescape(line[end + 2 :], DATA)) if name.lower() in COMMANDS else None


def read_old(line: str) -> Annotation | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name = line[start + 3 : end].partition(" ")[0]
    return Annotation(name, {}, line[end + 1 :]) if name.lower() in COMMANDS else None


class Case(NamedTuple):
    """A test case as GitLab shows it. ``failure``: empty if it passed."""

    suite: str
    classname: str
    name: str
    file: str
    failure: str


def read_cases(xml: bytes) -> list[Case]:
    root = ET.fromstring(xml)
    assert root.tag == "testsuites"
    found = []
    for suite in root.findall("testsuite"):
        for case in suite.findall("testcase"):
            failures = case.findall("failure")
            assert len(failures) <= 1  # GitLab would show none of several
            names = (suite.get("name", ""), case.get("classname", ""), case.get("name", ""), case.get("file", ""))
            found.append(Case(*names, (failures[0].text or "") if failures else ""))
    assert len({case[:3] for case in found}) == len(found)  # GitLab keeps one case of each name
    return found
