"""docs/threat-model.md: each thing that the program reads from outside has a row, and each row a test that runs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.support.named import find_test
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

PACKAGE = ROOT / "post_renderer"
PAGE = (ROOT / "docs" / "threat-model.md").read_text()
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| input |")
]
INPUT, READ_IN, CAN, CAN_NOT, SHOWN = range(5)
MODULES = sorted(PACKAGE.rglob("*.py"))
# What reads from outside of the process: calls, and attributes that are read without a call.
READS = {
    "open", "os.open", "os.read", "os.scandir", "os.walk", "os.listdir", "os.readlink", "os.getcwd", "os.execve",
    "Popen", "run_process", "which", "read_file", "os.environ", "sys.argv", "sys.stdin",
}  # fmt: skip


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


NAMED = sorted({name for row in ROWS for name in quoted(row[SHOWN])})


def find_readers(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    return READS & (calls | {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)})


def find_variables(source: str, constants: object) -> set[str]:
    """The variables of the environment that a module reads, or the prefix of their names with `…`.

    `constants`: the module, which may have the names of variables. Every mention of os.environ must have a known form.
    """
    found: set[str] = set()
    known = 0
    tree = ast.parse(source)
    for node in ast.walk(tree):
        text = ast.unparse(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.environ.get":
            name = ast.unparse(node.args[0])
            found.add(str(getattr(constants, name, name.strip("'"))))
        elif isinstance(node, ast.Compare) and text.endswith("' in os.environ"):
            found.add(ast.unparse(node.left).strip("'"))
        elif isinstance(node, ast.Call) and text == "sorted(os.environ.items())":
            found.add(f"{constants.VARIABLE_PREFIX}…")  # type: ignore[attr-defined]
        elif not (isinstance(node, ast.Call) and text == "dict(os.environ)") and not (
            isinstance(node, ast.Dict) and "**os.environ" in text
        ):
            continue  # those two are for child processes
        known += 1
    mentioned = sum(isinstance(node, ast.Attribute) and node.attr.startswith("environ") for node in ast.walk(tree))
    assert known == mentioned, "read the variables by os.environ.get, or add the new form here"
    assert "getenv" not in source
    return found


def module_of(path: Path) -> object:
    return import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


VARIABLES = {name for path in MODULES for name in find_variables(path.read_text(), module_of(path))}


def test_each_of_those_who_control_an_input_has_rows() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert [section.partition("\n")[0] for section in sections] == [
        "The author of a chart",
        "The author of a repository or of an Application in Argo CD",
        "The administrator",
        "The cluster",
        "Other users of the machine",
    ]
    assert all("\n| input | read in | can cause | can't cause | shown by |\n" in section for section in sections)
    assert len(ROWS) == sum(section.count("\n| ") - 1 for section in sections) > 15


@pytest.mark.parametrize("row", ROWS, ids=[row[INPUT][:50] for row in ROWS])
def test_a_row_says_what_the_input_can_and_can_not_cause(row: list[str]) -> None:
    assert len(row) == 5
    assert all(len(row[column]) > 10 for column in (CAN, CAN_NOT))
    assert re.fullmatch(r"`[^`]+`(, `[^`]+`)*", row[READ_IN])
    assert re.fullmatch(r"`[\w/]+\.py::test_\w+`(, `[\w/]+\.py::test_\w+`)*", row[SHOWN])
    for name in quoted(row[READ_IN]):
        assert (PACKAGE / name).is_file()


def test_each_named_test_is_collected() -> None:
    """A function that pytest does not collect would show nothing."""
    assert len(NAMED) > 40
    wanted = {f"{find_test(name).relative_to(ROOT)}::{name.partition('::')[2]}" for name in NAMED}
    files = sorted({name.partition("::")[0] for name in wanted})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert wanted - {line.partition("[")[0] for line in done.stdout.splitlines()} == set()


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if find_readers(path.read_text())],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_what_a_module_reads_has_a_row(path: Path) -> None:
    rows = [row for row in ROWS if str(path.relative_to(PACKAGE)) in quoted(row[READ_IN])]
    assert rows, f"it uses {find_readers(path.read_text())}: add what it reads to docs/threat-model.md"


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_a_variable_that_is_read_has_a_row(variable: str) -> None:
    assert any(variable in quoted(row[INPUT]) for row in ROWS), "add the variable to docs/threat-model.md"


def test_no_row_has_a_variable_that_nothing_reads() -> None:
    written = {name for row in ROWS for name in quoted(row[INPUT]) if re.fullmatch("[A-Z_]{3,}…?", name)}
    assert written == VARIABLES


@pytest.mark.parametrize(
    "words",
    [
        "standard input",
        "FILES",
        "`--persistence FILE`",
        "functionConfig",
        "saved reports",
        "child processes",
        "repository",
    ],
)
def test_an_input_has_a_row(words: str) -> None:
    assert any(words in row[INPUT] for row in ROWS)


def test_the_search_sees_what_a_module_reads() -> None:
    assert find_readers("from os import path\nwith open('x'):\n    Popen([sys.argv[0]])\n") == {
        "open",
        "Popen",
        "sys.argv",
    }
    assert find_readers("reopen(x)\n'open'\n") == set()
    constants = type("Module", (), {"NAME": "B", "VARIABLE_PREFIX": "P_"})
    source = "os.environ.get('A')\nos.environ.get(NAME, '')\n'C' in os.environ\nsorted(os.environ.items())\ndict(os.environ)\n"
    assert find_variables(source, constants) == {"A", "B", "C", "P_…"}
    for other in ("os.environ['A']\n", "x = os.environ\n", "os.environb.get(b'A')\n", "os.getenv('A')\n"):
        with pytest.raises(AssertionError):
            find_variables(other, constants)


def test_the_limits_and_security_lead_here() -> None:
    assert "(threat-model.md)" in (ROOT / "docs" / "limits.md").read_text()
    security = (ROOT / "SECURITY.md").read_text()
    assert "(docs/threat-model.md)" in security
    assert [line for line in security.splitlines() if line.startswith("## ")] == [
        "## How to report", "## What is promised", "## What is not promised", "## What you can check"
    ]  # fmt: skip
    assert "@" not in security  # reports are private on the repository's page; an address would need an owner
