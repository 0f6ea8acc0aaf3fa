"""`make mutation`: the mutants, their names, the choice of their tests, and what makes a run fail."""

from __future__ import annotations

import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from ci.mutation import plugin
from ci.mutation.__main__ import EQUIVALENT, is_open, report
from ci.mutation.mutants import STAGES, TEXT, Key, Mutant, choose, find_functions, make_mutants
from ci.mutation.score import Row, count, find_faults, find_stale, read_equivalent, write_entry
from ci.mutation.selection import Coverage, choose_others, find_statement, runs_at_import, split
from ci.mutation.workers import KILLED, NOT_RUN, SURVIVED, TIMEOUT, Outcome, Worker, copy_project, end, judge
from tests.support.paths import ROOT

pytestmark = pytest.mark.pure

MODULE = "post_renderer/resolve/sums.py"
SOURCE = dedent("""\
    TYPE_CHECKING = False
    if TYPE_CHECKING:
        TWO = 2
    NAMES = ["one"]
    __all__ = ["ALL"]


    class Sum:
        @property
        def value(self) -> "int":
            return 1 + 2


    def add(first: int, second: int = 7) -> int:
        for number in range(first):
            if number == second:
                continue
        return len("x") + second


    async def later() -> None:
        raise ValueError
    """)


def diffs(source: str) -> list[str]:
    return [mutant.key.diff for mutant in make_mutants(MODULE, source)]


# Mutants


def test_a_mutant_is_one_change_of_the_text() -> None:
    mutants = make_mutants(MODULE, SOURCE)
    texts = [mutant.apply(SOURCE) for mutant in mutants]
    assert len(set(texts)) == len(texts) > 10
    assert SOURCE not in texts
    for mutant, text in zip(mutants, texts, strict=True):
        changed = [old for old, new in zip(SOURCE.splitlines(), text.splitlines(), strict=True) if old != new]
        assert changed == SOURCE.splitlines()[mutant.start : mutant.end]
        assert mutant.key.module == MODULE
        assert mutant.stage == "resolve"


def test_tables_and_decorated_functions_are_changed_and_types_are_not() -> None:
    found = diffs(SOURCE)
    assert '      TWO = 2\n- NAMES = ["one"]\n+ NAMES = ["ONE"]' in found
    assert '  def value(self) -> "int":\n-     return 1 + 2\n+     return 1 - 2' in found
    assert "  if number == second:\n-     continue\n+     break" in found
    changed = "\n".join(line for diff in found for line in diff.splitlines() if line.startswith("+"))
    for unread in ("TYPE_CHECKING", "TWO", "INT", "len(None)", "XXxXX", "__all__"):
        assert unread not in changed


def test_each_mutant_has_the_name_of_its_function() -> None:
    assert {mutant.key.function for mutant in make_mutants(MODULE, SOURCE)} == {"", "Sum.value", "add"}
    assert find_functions("def a():\n    def b():\n        pass\n    class C:\n        x = 1\nx = 2\n") == [
        "a", "a.b", "a.b", "a.C", "a.C", "", "",
    ]  # fmt: skip


def test_names_stay_the_same_when_lines_move() -> None:
    moved = "# a comment\n\n" + SOURCE.replace("\n\n\ndef add", "\n\n\ndef other() -> None:\n    pass\n\n\ndef add")
    assert {mutant.key for mutant in make_mutants(MODULE, SOURCE)} == {
        mutant.key for mutant in make_mutants(MODULE, moved)
    }


def test_equal_changes_of_a_function_have_numbers() -> None:
    mutants = make_mutants(MODULE, "def f(x):\n    y = 1\n    y = 1\n    y = 1\n")
    same = [mutant for mutant in mutants if mutant.key.diff == "  y = 1\n- y = 1\n+ y = 2"]
    assert [(mutant.key.number, mutant.start) for mutant in same] == [(1, 2), (2, 3)]


def make_project(root: Path) -> Path:
    path = root / MODULE
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    for package in (path.parent, path.parent.parent):
        (package / "__init__.py").touch()
    return root


def test_a_sample_is_repeatable_and_can_be_compiled(tmp_path: Path) -> None:
    make_project(tmp_path)
    mutants = make_mutants(MODULE, SOURCE)
    broken = Mutant(Key(MODULE, "", "- x"), 0, 1, ("(\n",))
    sample = choose([*mutants, broken], tmp_path, 1, 5)
    assert len(sample) == 5
    assert sample == choose([*mutants, broken], tmp_path, 1, 5) != choose([*mutants, broken], tmp_path, 2, 5)
    everything = choose([*mutants, broken], tmp_path, 1, None)
    assert sorted(everything) == sorted(mutants)
    assert choose([*mutants, broken], tmp_path, 1, 10_000) == everything


def test_the_stages_and_the_text_are_there() -> None:
    for stage in STAGES:
        assert list((ROOT / "post_renderer" / stage).glob("*.py"))
        assert list((ROOT / "tests" / "unit" / stage).glob("test_*.py"))
    assert all((ROOT / name).exists() for name in TEXT)


# The choice of tests


@pytest.mark.parametrize(
    ("line", "lines"),
    [(1, [1]), (10, [10]), (11, [11]), (14, [14]), (15, [15]), (16, [16]), (17, [17])],
    ids=["assignment", "method", "return", "def", "for", "if", "continue"],
)
def test_the_statement_of_a_line(line: int, lines: list[int]) -> None:
    assert list(find_statement(SOURCE, line)) == lines


def test_a_statement_has_all_its_lines_and_a_compound_one_only_its_head() -> None:
    source = "f(\n  1,\n)\nif (\n  a\n):\n  b\nelse:\n  c\ntry:\n  d\nexcept E:\n  e\n"
    assert [list(find_statement(source, line)) for line in (2, 5, 9, 12)] == [[1, 2, 3], [4, 5, 6], [9], [12]]


def test_what_runs_at_the_import() -> None:
    lines = [runs_at_import(SOURCE, number) for number in range(1, len(SOURCE.splitlines()) + 1)]
    assert [number for number, outside in enumerate(lines, 1) if not outside] == [11, 15, 16, 17, 18, 22]


def coverage(root: Path) -> Coverage:
    tests = ["tests/unit/resolve/test_a.py::a", "tests/golden/test_golden.py::b", "tests/unit/runs/test_c.py::c"]
    seconds = dict.fromkeys([*tests, "tests/docs/test_d.py::d", "tests/unit/runs/test_e.py::e"], 1.0)
    lines = {MODULE: {11: {tests[0], "tests/unit/test_gone.py::gone"}, 14: set(tests), 18: {tests[1], tests[2]}}}
    return Coverage(make_project(root), lines, seconds)


@pytest.mark.parametrize(
    ("line", "names"),
    [("return 1 + 2", "a"), ('return len("x") + second', "bc"), ('NAMES = ["one"]', "abcd"), ("continue", "abcd")],
    ids=["its tests", "a test that is not there", "a table", "a line that no test runs"],
)
def test_a_mutant_gets_the_tests_that_run_its_line(tmp_path: Path, line: str, names: str) -> None:
    found = [
        coverage(tmp_path / str(number)).find_tests(mutant)
        for number, mutant in enumerate(make_mutants(MODULE, SOURCE))
        if f"- {line}" in mutant.key.diff.replace("-     ", "- ").replace("    ", "")
    ]
    assert found
    assert {"".join(sorted(name[-1] for name in tests)) for tests in found} == {names}


def test_the_tests_of_the_stage_come_first(tmp_path: Path) -> None:
    recorded = coverage(tmp_path)
    first, second = split(set(recorded.seconds), "resolve", recorded.seconds, 60)
    assert first.files == ("tests/unit/resolve/test_a.py",)
    assert second.files[0] == "tests/golden/test_golden.py"
    assert first.tests | second.tests == recorded.seconds.keys()
    assert second.limit > first.limit > 1
    (only,) = split({"tests/unit/runs/test_c.py::c"}, "resolve", recorded.seconds, 60)
    assert only.files == ("tests/unit/runs/test_c.py",)


def test_each_file_takes_part_with_its_fastest_tests() -> None:
    seconds = {"a::1": 1.0, "a::2": 2.0, "b::1": 3.0, "b::2": 9.0}
    assert choose_others(set(seconds), seconds, 100) == seconds.keys()
    assert choose_others(set(seconds), seconds, 6) == {"a::1", "a::2", "b::1"}
    assert choose_others(set(seconds), seconds, 4) == {"a::1", "b::1"}


# Runs


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "3 passed", (SURVIVED, "")),
        (1, ".F\nFAILED tests/test_a.py::a[x y]\n1 failed", (KILLED, "tests/test_a.py::a[x y]")),
        (2, "ERROR tests/test_a.py - NameError", (KILLED, "tests/test_a.py - NameError")),
        (4, "ImportError while loading conftest", (KILLED, "")),
        (-11, "", (KILLED, "signal 11")),
        (5, "no tests ran in 0.1s", (NOT_RUN, "pytest ended with 5: no tests ran in 0.1s")),
        (3, "INTERNALERROR", (NOT_RUN, "pytest ended with 3: INTERNALERROR")),
    ],
)
def test_what_the_exit_code_of_pytest_means(code: int, output: str, outcome: tuple[str, str]) -> None:
    assert judge(code, output) == outcome


def make_worker(root: Path, test: str) -> Worker:
    """A small project, whose test of the function ``add`` is ``test``, and the plugin."""
    make_project(root)
    (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["helm: none"]\npythonpath = ["."]\n')
    (root / "ci" / "mutation").mkdir(parents=True)
    (root / "ci" / "mutation" / "plugin.py").write_text(Path(plugin.__file__).read_text())
    tests = root / "tests" / "unit" / "resolve" / "test_sums.py"
    tests.parent.mkdir(parents=True)
    tests.write_text(
        f"from post_renderer.resolve.sums import add\n{dedent(test)}\ndef test_other(): assert not 'never run'\n"
    )
    name = "tests/unit/resolve/test_sums.py::test_add"
    lines = {MODULE: {number: {name} for number in range(1, 30)}}
    return Worker(root, root, Coverage(root, lines, {name: 0.1, name.replace("test_add", "test_other"): 0.1}))


def find_mutant(new: str) -> Mutant:
    (mutant,) = [mutant for mutant in make_mutants(MODULE, SOURCE) if new in mutant.key.diff]
    return mutant


def test_a_worker_runs_the_chosen_tests_of_each_mutant(tmp_path: Path) -> None:
    worker = make_worker(tmp_path, "def test_add(): assert add(1, 2) == 3")
    outcomes = [worker.run(find_mutant(new)) for new in ("- second", "!= second", "second: int = 8", "range(None)")]
    assert [outcome.what for outcome in outcomes] == [KILLED, SURVIVED, SURVIVED, KILLED]
    assert outcomes[0].reason == "tests/unit/resolve/test_sums.py::test_add - assert -1 == 3"
    assert worker.run(find_mutant("- second"), control=True).what == SURVIVED
    assert (tmp_path / MODULE).read_text() == SOURCE


def test_an_endless_mutant_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci.mutation.selection.SMALLEST", 1)
    worker = make_worker(tmp_path, "def test_add(): __import__('time').sleep(300)")
    outcome = worker.run(find_mutant("- second"))
    assert outcome.what == TIMEOUT
    assert (tmp_path / MODULE).read_text() == SOURCE


def test_the_programs_that_a_test_started_are_ended_too() -> None:
    child = subprocess.Popen(
        ["sh", "-c", "sleep 300 & echo started; wait"], stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"started\n"
    end(child)
    assert child.stdout.read() == b""  # comes when the last process that could write is gone
    child.stdout.close()


def test_a_mutant_without_a_test_is_not_run(tmp_path: Path) -> None:
    worker = make_worker(tmp_path, "def test_add(): pass")
    worker.coverage.lines.clear()
    assert worker.run(find_mutant("- second")).what == NOT_RUN


def test_the_copy_has_what_git_knows_or_would_add(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name in ("known", "new", "ignored", "gone"):
        (source / name).write_text(name)
    (source / ".gitignore").write_text("ignored\n")
    for words in (["init", "-q"], ["add", "known", "gone", ".gitignore"]):
        subprocess.run(["git", *words], cwd=source, check=True)
    (source / "gone").unlink()
    copy_project(source, target)
    assert {path.name for path in target.iterdir()} == {"known", "new", ".gitignore", ".git"}


# The score

FIRST, SECOND, THIRD = (Key(f"post_renderer/{stage}/x.py", "f", "- a\n+ b") for stage in ("runs", "runs", "resolve"))
SECOND = SECOND._replace(number=2)


def test_the_score_counts_timeouts_as_killed_and_leaves_equivalent_survivors_out() -> None:
    outcomes = {
        FIRST: Outcome(KILLED, "", 1),
        SECOND: Outcome(SURVIVED, "", 1),
        THIRD: Outcome(TIMEOUT, "", 1),
    }
    unknown = Key("post_renderer/runs/y.py", "", "")
    rows = count(outcomes, {SECOND: "reason", FIRST: "reason", unknown: "reason"})
    assert rows == [Row("resolve", 1, 1, 0, 0), Row("runs", 2, 1, 1, 0), Row("all", 3, 2, 1, 0)]
    assert [round(row.raw) for row in rows] == [100, 50, 67]
    assert [round(row.score) for row in rows] == [100, 100, 100]
    assert count({FIRST: Outcome(NOT_RUN, "", 0)}, {})[-1] == Row("all", 1, 0, 0, 1)


@pytest.mark.parametrize(
    ("row", "wanted", "words"),
    [
        (Row("all", 300, 290, 0, 0), 300, ""),
        (Row("all", 100, 96, 0, 0), 100, ""),
        (Row("all", 100, 95, 0, 0), 100, "95.0 %, below 96 %"),
        (Row("all", 100, 90, 10, 0), 100, ""),
        (Row("all", 100, 99, 0, 1), 100, "1 of 100 mutants were not run"),
        (Row("all", 99, 99, 0, 0), 100, "1 of 100 mutants were not run"),
        (Row("all", 0, 0, 0, 0), 0, "no mutant was run"),
        (Row("all", 5, 0, 5, 0), 5, "below 96 %"),
    ],
)
def test_what_makes_a_run_fail(row: Row, wanted: int, words: str) -> None:
    faults = "; ".join(find_faults(row, wanted))
    assert words in faults if words else not faults


def test_survivors_are_printed_in_the_form_of_the_list() -> None:
    keys = {
        Key(MODULE, "", "  x: 'a'\n- y\n\n+     z: {"): "one: reason",
        Key(MODULE, "Sum.value", "- #\n+ '", 3): "two",
    }
    assert read_equivalent("\n".join(write_entry(key, reason) for key, reason in keys.items())) == keys
    made = {mutant.key: "reason" for mutant in make_mutants(MODULE, SOURCE)}
    assert read_equivalent("\n".join(write_entry(key, "reason") for key in made)) == made


@pytest.mark.parametrize(
    "entry",
    ["- {module: a, diff: b}", "- {module: a, diff: b, reason: ' '}", "- {module: a, reason: b}", "- {diff: a, reason: b}",
     "- {module: a, diff: b, reason: c, line: 5}", "- {module: a, diff: b, reason: c}\n- {module: a, diff: b, reason: d}"],
)  # fmt: skip
def test_an_entry_without_a_reason_or_there_twice_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"not module, function|twice"):
        read_equivalent(entry)


def test_stale_and_wrong_entries_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {FIRST: Outcome(KILLED, "", 1), SECOND: Outcome(SURVIVED, "", 1)}
    gone = Key("post_renderer/runs/y.py", "gone", "- c")
    assert find_stale([FIRST, gone], {FIRST, SECOND}) == [gone]
    report(outcomes, {FIRST: "wrong", gone: "stale"}, {FIRST, SECOND}, 2)
    parts = capsys.readouterr().out.split("\n\n")
    assert [part.partition(":")[0].strip() for part in parts[:3]] == [
        "survivors",
        "in the list of equivalent mutants, but killed",
        "in the list of equivalent mutants, but no longer in the code",
    ]
    assert ["number: 2" in parts[0], "wrong" in parts[1], "stale" in parts[2]] == [True] * 3


def test_again_repeats_what_is_open() -> None:
    last = {FIRST: Outcome(KILLED, "", 1), SECOND: Outcome(SURVIVED, "", 1), THIRD: Outcome(NOT_RUN, "", 1)}
    assert [is_open(key, last, {}) for key in (FIRST, SECOND, THIRD)] == [False, True, True]
    assert not is_open(SECOND, last, {SECOND: "reason"})
    assert not is_open(SECOND, {}, {})


def test_the_list_can_be_read_and_is_about_the_stages() -> None:
    for key in read_equivalent(EQUIVALENT.read_text(encoding="utf-8")):
        assert key.module.split("/")[1] in STAGES
        assert key.module not in TEXT
        assert "\n+ " in f"\n{key.diff}"
