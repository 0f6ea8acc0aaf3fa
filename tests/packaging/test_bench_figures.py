"""What the benchmark makes of its measurements: figures, goals and the page. No test here judges how fast something is."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ci.bench import install, measure, page
from ci.bench.__main__ import write_page
from ci.bench.competitors import ABOUT
from ci.bench.goals import GOALS, MISSED, REACHED, TO_KNOW, Goal, find
from ci.bench.install import BUILDS
from ci.bench.machine import python_build
from ci.bench.measure import Command, count_instructions, find_counter, launch, run
from ci.bench.rows import ROWS

if TYPE_CHECKING:
    from pathlib import Path

ABOUT_THE_MACHINE = dict.fromkeys(
    ("date", "machine", "python", "compiled", "pip", "bundled pip", "yq", "kubectl", "helm", "counter", "rounds"), "x"
)


def make_data(**changes: float) -> dict[str, Any]:
    """Return the data of a whole run. Each CPU time is 100 ms, and each wall time is 200 ms."""
    result = {"cpu": 100.0, "wall": 200.0, "rounds": 1, "memory": 5_000_000, "instructions": None, "lost": 0}
    results = {
        f"{row}/{name}": {**result, "lost": 0 if found.passes else None}
        for row, found in ROWS.items()
        for name in found.contestants
    }
    for change, value in changes.items():
        key, _, field = change.rpartition(" ")
        results[key][field] = value
    sizes = {row: {"bytes": 2_000_000, "documents": 10} for row in ROWS}
    return {"about": ABOUT_THE_MACHINE, "streams": sizes, "results": results}


def verdict(goal: Goal, build: str, data: dict[str, Any]) -> str:
    found = find(data, goal, build)
    assert found is not None
    return found.verdict()


LIMITS = [
    pytest.param(goal, build, limit, id=f"{goal.what}, {goal.other}, {build}")
    for goal in GOALS
    for build, limit in (("pure", goal.pure), ("compiled", goal.compiled))
    if limit is not None and goal.figure != "{build}"
]


@pytest.mark.parametrize(("goal", "build", "limit"), LIMITS)
def test_a_goal_is_reached_up_to_its_limit(goal: Goal, build: str, limit: float) -> None:
    key = goal.figure.format(build=build)
    field, at_limit, step = {
        "ratio": ("cpu", limit * 100, 0.1),
        "share": ("cpu", (1 + limit) * 100, 0.1),
        "seconds": ("cpu", limit * 1000, 1),
        "memory": ("memory", limit * 1e6, 1000),
        "memory over the input": ("memory", 2e6 + limit * 1e6, 1000),
    }[goal.kind]
    assert verdict(goal, build, make_data(**{f"{key} {field}": at_limit - step})) == REACHED
    assert verdict(goal, build, make_data(**{f"{key} {field}": at_limit + step})) == MISSED


def test_the_share_of_helm_is_judged_by_what_it_is_over_the_share_of_a_python_copy() -> None:
    goal = next(goal for goal in GOALS if goal.kind == "share")
    slow_copy = {"helm/helm3 + copy cpu": 124.0}
    found = find(make_data(**slow_copy, **{"helm/helm3 + compiled cpu": 135.0}), goal, "compiled")
    assert found is not None
    assert (found.verdict(), found.figure, found.goal) == (
        REACHED,
        "1.350 \N{MULTIPLICATION SIGN} cat; copy: 1.240",
        "≤ copy + 0.12",
    )
    assert verdict(goal, "compiled", make_data(**slow_copy, **{"helm/helm3 + compiled cpu": 137.0})) == MISSED


@pytest.mark.parametrize("build", BUILDS)
def test_one_lost_line_in_any_stream_misses_the_goal_but_not_in_j(build: str) -> None:
    goal = next(goal for goal in GOALS if goal.kind == "lost lines")
    for row, found in ROWS.items():
        if not found.passes:
            continue
        data = make_data(**{f"{row}/{build} lost": 1})
        assert verdict(goal, build, data) == (REACHED if row == "j" else MISSED), row


def test_a_figure_without_a_limit_is_only_to_know() -> None:
    goal = next(goal for goal in GOALS if goal.kind == "seconds")
    assert verdict(goal, "pure", make_data(**{"live/pure cpu": 1e6})) == TO_KNOW


def test_each_goal_has_a_figure_for_each_of_its_builds_in_a_whole_run() -> None:
    for goal in GOALS:
        for build in BUILDS if "{build}" in goal.figure else ("pure",):
            assert find(make_data(), goal, build), (goal.what, build)


def test_the_page_begins_with_one_figure_and_ends_with_the_goals() -> None:
    data = make_data(**{"a/pure wall": 27.4, "a/pyc wall": 14.2, "a/compiled wall": 19.6, "b/compiled cpu": 250.0})
    text = page.as_markdown(data)
    first = text.split("\n\n")[1]
    assert "**about 27 ms on a small chart**" in first
    assert re.findall(r"[0-9]+ ms", first) == ["27 ms", "14 ms", "20 ms", "200 ms"]
    headings = re.findall("^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "The two builds"
    assert headings[-1] == "Against the goals"
    assert "| b | 100.0 | 100.0 | 250.0 |" in text
    for row, found in ROWS.items():
        assert f"- **{row}**: " in text
        assert all(f"| {row} | {name} | " in text for name in found.contestants)


def test_each_contestant_is_explained() -> None:
    names = {name.rpartition(" + ")[2] for found in ROWS.values() for name in found.contestants}
    assert names == set(ABOUT)


def test_a_run_that_lacks_figures_makes_no_page(tmp_path: Path) -> None:
    data = make_data()
    del data["results"]["a/compiled"], data["results"]["helm/helm4 + compiled"]
    with pytest.raises(SystemExit, match=re.escape("lacks a/compiled, helm/helm4 + compiled: run `make bench`")):
        write_page(tmp_path / "page.md", data)
    assert list(tmp_path.iterdir()) == []


def test_the_tables_of_a_run_of_some_rows_have_only_its_figures() -> None:
    data = make_data()
    data["results"] = {key: found for key, found in data["results"].items() if key in ("a/pyc", "a/pure")}
    text = page.as_text(data)
    assert "c, 10 MB" not in text
    assert re.search(r"^a, small release +1\.000 . pyc +≤ 1\.9 +reached$", text, re.MULTILINE)


@pytest.mark.parametrize("name", BUILDS)
def test_a_build_that_gives_the_other_kind_of_wheel_ends_the_benchmark(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = {"pure": "p-1-cp311-cp311-linux_x86_64.whl", "compiled": "p-1-py3-none-any.whl"}

    def build_other(*_arguments: str, env: dict[str, str]) -> None:
        assert env["HATCH_BUILD_HOOKS_ENABLE"] == ("1" if name == "compiled" else "0")
        (tmp_path / "dist" / name).mkdir(parents=True)
        (tmp_path / "dist" / name / wheels[name]).touch()

    monkeypatch.setattr(install, "FOLDER", tmp_path)
    monkeypatch.setattr(install, "_run", build_other)
    with pytest.raises(RuntimeError, match=f"no wheel of the {name} build: {wheels[name]}"):
        install.build(name)


@pytest.mark.parametrize(
    ("configured", "flags", "text"),
    [
        ("'--enable-shared' 'LDFLAGS=-L/lib'", "-O3", "built with --enable-shared and without PGO, LTO"),
        ("'--enable-optimizations' '--with-lto'", "", "built with PGO, LTO and without --enable-shared"),
        ("'--enable-optimizations' '--with-lto=thin' '--enable-shared'", "", "built with PGO, LTO, --enable-shared"),
        ("'--with-lto=no'", "-fprofile-use", "built with PGO and without LTO, --enable-shared"),
        ("None", "None", "built without PGO, LTO, --enable-shared"),
    ],
)
def test_how_python_was_built(configured: str, flags: str, text: str) -> None:
    assert python_build(configured, flags) == text


def test_the_cpu_time_has_that_of_child_processes_and_the_wall_time_has_the_waiting() -> None:
    work = "import time\nwhile time.process_time() < 0.2: pass"
    program = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {work!r}]); time.sleep(0.2); print('done')"
    for sample in (run(Command([sys.executable, "-c", program])), launch(Command([sys.executable, "-c", program]))[0]):
        assert sample.output == b"done\n"
        assert sample.cpu >= 0.2
        assert sample.wall >= 0.2 + 0.2


def test_the_peak_memory_is_that_of_the_program_and_not_of_this_process() -> None:
    here = b"x" * 200_000_000
    sample, memory = launch(Command([sys.executable, "-c", "import os; os.write(1, b'%d' % len(b'x' * 80_000_000))"]))
    assert sample.output == b"80000000"
    assert 80_000_000 < memory < len(here)


PERF = "# started on Mon Nov 30\n\n1139610874,,instructions:u,83112,100.00,,\n"
CACHEGRIND = "==12050== Cachegrind\n==12050== \n==12050== I   refs:      1,139,610,874\n"


@pytest.mark.parametrize(
    ("name", "report", "count"),
    [
        ("perf", PERF, 1_139_610_874),
        ("perf", "<not supported>,,instructions:u,0,100.00,,\n", None),
        ("valgrind", CACHEGRIND, 1_139_610_874),
        ("valgrind", "==1== valgrind: the program is not there\n", None),
    ],
)
def test_instructions_are_read_from_the_report_of_the_counter(
    name: str, report: str, count: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter is a program that writes a report as the real one does."""
    counter = tmp_path / name
    source = (
        "import sys\n"
        "pairs = zip(sys.argv, sys.argv[1:])\n"
        "[path] = [word.removeprefix('--log-file=') for before, word in pairs if before == '-o' or '--log-file=' in word]\n"
        f"open(path, 'w').write({report!r})\n"
    )
    counter.write_text(f"#!{sys.executable}\n{source}")
    counter.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert count_instructions(name, Command(["/bin/true"])) == count
    assert find_counter() == (name if count else "")


def test_a_machine_without_a_counter_has_no_instructions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_counter() == ""
    assert set(measure.COUNTERS) == {"perf", "valgrind"}
