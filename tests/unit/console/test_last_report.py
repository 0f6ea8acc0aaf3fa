"""What `last-report` prints: the last 20 reports with an error or a warning, their headings and their list."""

from __future__ import annotations

import os
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import codes
from tests.support.process import BROKEN, CLEAN, JOB, start

if TYPE_CHECKING:
    from pathlib import Path

WARNING = (make_catalog() + JOB % ("data1", "outputs1")).encode()  # read-only outputs
NOT_KEPT = b"There is no saved report. No render had an error or a warning, or the report could not be saved.\n"
NOTE = "clean renders since then are not recorded"


def with_release(stream: str, *releases: str) -> str:
    """The stream, with these values as the catalogs' label."""
    for release in releases:
        stream = stream.replace("catalog: v1}", f"catalog: v1, app.kubernetes.io/instance: {release}}}", 1)
    return stream


def ask(volume: str, release: str = "demo") -> str:
    """A stream that asks for an unknown volume of this name, so its report can be recognized."""
    return with_release(make_catalog(), release) + make_job(f"environment: {{persistence: {{data: [{volume}]}}}}\n")


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the reports."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "polyaxon-persistence" / "reports"


def show(*words: str) -> str:
    result = run("last-report", *words)
    assert (result.exit_code, result.error) == (0, "")
    return result.output.decode()


def body(*words: str) -> str:
    """A report without its heading."""
    return show(*words).split("\n\n", 1)[1]


def table() -> list[list[str]]:
    """The rows of --list, without the headings."""
    lines = show("--list").splitlines()
    assert lines[0].split() == ["NUMBER", "TIME", "RELEASE", "ERRORS", "WARNINGS", "DIRECTORY"]
    return [line.split(maxsplit=5) for line in lines[1:]]


def test_a_report_is_what_the_render_wrote_to_standard_error(tmp_path: Path) -> None:
    def newest() -> bytes:
        return start("last-report", state=tmp_path).stdout.split(b"\n\n", 1)[1]

    failed = start(stdin=BROKEN, state=tmp_path)
    assert failed.returncode == 1
    assert newest() == failed.stderr
    warned = start(stdin=WARNING, state=tmp_path)
    assert (warned.returncode, codes(warned.stderr.decode())) == (0, ["read-only-outputs"])
    assert warned.stdout.startswith(make_catalog().encode())
    assert newest() == warned.stderr
    assert start("check", stdin=BROKEN, state=tmp_path).returncode == 1  # not a render: the report stays
    assert newest() == warned.stderr
    wrong = start("--persistence", "missing.yaml", stdin=CLEAN, state=tmp_path)
    assert wrong.returncode == 2
    assert newest() == wrong.stderr
    assert [
        line.split()[3:5] for line in start("last-report", "--list", state=tmp_path).stdout.decode().splitlines()[1:]
    ] == [
        ["1", "0"],
        ["0", "1"],
        ["2", "0"],
    ]


def test_a_clean_render_writes_nothing_and_deletes_nothing(reports: Path, tmp_path: Path) -> None:
    assert run(stdin=CLEAN).exit_code == 0
    assert os.listdir(tmp_path) == []
    assert show() == show("--list") == NOT_KEPT.decode()
    for number in range(21):
        assert run(stdin=ask(f"x{number}")).exit_code == 1
    extra = reports / f"{'0' * 20}-extra"  # a render that writes would delete it
    extra.touch()
    before = {path.name: path.stat().st_mtime_ns for path in reports.iterdir()}
    changed = reports.stat().st_mtime_ns
    for stdin in (CLEAN, b"kind: Service\n"):
        assert run(stdin=stdin).exit_code == 0
    assert {path.name: path.stat().st_mtime_ns for path in reports.iterdir()} == before
    assert reports.stat().st_mtime_ns == changed
    assert '"x20"' in show()


def test_a_render_without_errors_and_warnings_is_clean_whatever_its_second_post_renderer_says(reports: Path) -> None:
    done = run("--then", "sh -c 'cat; echo by the way >&2'", stdin=CLEAN)
    assert (done.exit_code, done.error) == (0, "by the way\n")
    assert not reports.exists()


def test_a_program_that_wrote_to_standard_error_itself_leaves_no_report(reports: Path) -> None:
    assert run("--", "sh", "-c", "echo no >&2; exit 3").exit_code == 3
    assert not reports.exists()


def test_a_report_begins_with_time_directory_and_release(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "charts").mkdir()
    monkeypatch.chdir(tmp_path / "charts")
    before = datetime.now().astimezone().replace(microsecond=0)
    result = run(stdin=ask("x"))
    heading, text = show().split("\n\n", 1)
    time, *lines = heading.splitlines()
    assert re.fullmatch(r"time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", time)
    assert before <= datetime.fromisoformat(time.removeprefix("time: ")) <= datetime.now().astimezone()
    assert lines == [f"directory: {tmp_path}/charts", "release: demo", "errors: 1", "warnings: 0", f"note: {NOTE}"]
    assert text == result.error
    (path,) = reports.iterdir()
    assert path.read_text() == show()


@pytest.mark.parametrize(
    ("zone", "time"), [("XXX-05:30", "2001-09-09T07:16:40+05:30"), ("UTC0", "2001-09-09T01:46:40+00:00")]
)
def test_the_time_is_local_and_has_its_offset(reports: Path, zone: str, time: str, tmp_path: Path) -> None:
    start(stdin=BROKEN, state=tmp_path)
    (path,) = reports.iterdir()
    path.unlink()
    (reports / f"{10**18:020d}-0.not-saved").touch()
    for words in ((), ("--list",)):
        assert time in start("last-report", *words, state=tmp_path, TZ=zone).stdout.decode()


RELEASES = [
    (ask("x", '"demo"'), "demo"),
    (ask("x", '"de\\nmo\\e[31m"'), "de\\u000amo\\u001b[31m"),
    (ask("x", "a" * 81), "a" * 80 + "…"),
    (ask("x").replace(", app.kubernetes.io/instance: demo", ""), "unknown"),  # no label
    (make_job(), "unknown"),  # no catalog
    (with_release(make_catalog() * 2, "b", "a") + make_job(), "a, b"),
    (ask("x") + make_catalog(), "demo"),  # the second catalog has no label
    (with_release(make_catalog("data: ["), "demo"), "demo"),  # a catalog that can't be read
    (with_release(make_catalog(), "demo").replace("v1,", "v9,"), "demo"),  # a catalog of a later version
    (with_release(make_catalog(), "demo").replace("persistence.yaml", "other"), "demo"),
    ("a: [\n# polyaxon.com\n" + ask("x"), "demo"),
]


@pytest.mark.parametrize(("stream", "release"), RELEASES)
@pytest.mark.usefixtures("reports")
def test_the_release_is_the_label_of_the_streams_catalogs(stream: str, release: str) -> None:
    assert run(stdin=stream).exit_code == 1
    assert f"\nrelease: {release}\nerrors: " in show()
    assert table()[0][2:3] == [release.split(maxsplit=1)[0]]


@pytest.mark.usefixtures("reports")
def test_the_release_is_known_if_the_second_post_renderer_fails() -> None:
    clean = with_release(CLEAN.decode(), "demo")
    assert run("--then", "sh -c 'echo no >&2; exit 3'", stdin=clean).exit_code == 3
    assert "\nrelease: demo\nerrors: 1\nwarnings: 0\n" in show()
    assert body() == "no\n"
    assert run("--then", "true", stdin=clean).exit_code == 1
    assert "\nrelease: demo\n" in show()
    assert "error[empty-output]" in show()


@pytest.mark.usefixtures("reports")
def test_the_name_of_a_directory_adds_no_line_and_no_escape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = os.fsencode(tmp_path) + b"/a\n\nb\x1b[31m\xff"
    os.mkdir(strange)
    monkeypatch.chdir(os.fsdecode(strange))
    run(stdin=ask("x"))
    written = f"{tmp_path}/a\\u000a\\u000ab\\u001b[31m\\udcff"
    assert f"\ndirectory: {written}\nrelease: demo\n" in show()
    assert table()[0][5] == written


@pytest.mark.usefixtures("reports")
def test_a_directory_that_was_deleted_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert run(stdin=ask("x")).exit_code == 1
    assert "\ndirectory: unknown\n" in show()


def test_clock_and_directory_never_reach_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = set()
    for name, zone in (("a", "UTC0"), ("b", "XXX-05:30")):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        for stdin in (WARNING, BROKEN):
            done = start(stdin=stdin, state=tmp_path / name, TZ=zone)
            results.add((done.returncode, done.stdout, done.stderr))
    assert len(results) == 2


def test_the_last_20_reports_are_kept(reports: Path) -> None:
    for number in range(23):
        run(stdin=ask(f"x{number}", f"demo-{number}"))
    assert len(os.listdir(reports)) == 20
    rows = table()
    assert [row[0] for row in rows] == [str(number) for number in range(1, 21)]
    assert [row[2] for row in rows] == [f"demo-{number}" for number in range(22, 2, -1)]
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    assert {(row[3], row[4], row[5]) for row in rows} == {("1", "0", os.getcwd())}
    assert show() == show("1")
    assert '"x22"' in body("1")
    assert '"x3"' in body("20")


@pytest.mark.parametrize(
    ("saved", "words", "message"),
    [
        (0, ["1"], "there is no report 1: none is saved"),
        (1, ["2"], "there is no report 2: there is only report 1"),
        (2, ["3"], "there is no report 3: there are reports 1 to 2"),
        (1, ["0"], 'last-report "0" is not the number of a report'),
        (1, ["one"], 'last-report "one" is not the number of a report'),
        (1, ["1" * 30], f'last-report "{"1" * 30}" is not the number of a report'),
        (2, ["1", "2"], "last-report accepts one N"),
        (2, ["1", "--list"], "last-report can't have a number and --list"),
        (2, ["-1"], 'unknown option "-1" of last-report'),
    ],
)
@pytest.mark.usefixtures("reports")
def test_a_number_without_a_report_is_a_usage_error(saved: int, words: list[str], message: str) -> None:
    for _ in range(saved):
        run(stdin=ask("x"))
    result = run("last-report", *words)
    assert (result.exit_code, result.output) == (2, b"")
    first, second = result.error.splitlines()
    assert first == f"polyaxon-persistence: {message}"
    assert second.startswith("  hint: ")


def test_a_damaged_report_is_printed_all_the_same(reports: Path) -> None:
    reports.mkdir(parents=True)
    (reports / f"{10**18:020d}-0").write_bytes(b"\xff \x1b[31ma\tb\nc\rd\n")
    assert show() == "\ufffd \\u001b[31ma\tb\nc\\u000dd\n"
    assert [row[2:] for row in table()] == [["-", "-", "-", "-"]]
