"""The command line as Helm and people start it: real child processes, descriptors, terminals, signals and files."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.process import BROKEN, CLEAN, PLAIN, PROGRAM, environment, read_terminal, start


def shell(script: str, state: Path, stdin: bytes = PLAIN, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which ``$P`` is the program."""
    env = environment(state, P=" ".join(PROGRAM), **more)
    return subprocess.run(["sh", "-c", script], input=stdin, env=env, capture_output=True, check=False, timeout=60)


def test_the_filter_writes_what_it_read(tmp_path: Path) -> None:
    done = start(state=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, PLAIN, b"")


def test_problems_leave_standard_output_empty(tmp_path: Path) -> None:
    done = start(stdin=BROKEN, state=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    lines = done.stderr.decode().splitlines()
    number = next(number for number, line in enumerate(BROKEN.splitlines(), 1) if b"polyaxonfile" in line)
    begin = f"<stdin>:{number}: error[unknown-volume] Job/train (chart/templates/runs.yaml), polyaxon.com/polyaxonfile"
    assert lines[::2] == [f'{begin}: no data volume "{name}"' for name in ("data-fo", "x")]
    assert lines[1] == '  hint: did you mean "data-foo"? Known: data-foo, data1, data2'


def test_closed_standard_input(tmp_path: Path) -> None:
    done = shell("$P <&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"polyaxon-persistence: standard input can't be read: ")


def test_init_needs_no_standard_input(tmp_path: Path) -> None:
    done = shell("$P init <&-", tmp_path)
    assert (done.returncode, done.stdout) == (0, shell("$P init </dev/null", tmp_path).stdout)
    assert shell("$P init - <&-", tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("script", "reason"),
    [("$P >&-", "Bad file descriptor"), ("$P > /dev/full", "No space left on device")],
)
@pytest.mark.parametrize("stdin", [PLAIN, CLEAN])
def test_standard_output_that_takes_nothing(tmp_path: Path, script: str, reason: str, stdin: bytes) -> None:
    done = shell(script, tmp_path, stdin)
    assert done.returncode == 2
    assert done.stderr.decode() == f"polyaxon-persistence: standard output can't be written: {reason}\n"


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    done = shell("{ $P; echo $? >&2; } | true", tmp_path, PLAIN * 500_000)
    assert done.stderr.decode() == "polyaxon-persistence: standard output can't be written: Broken pipe\n2\n"


@pytest.mark.parametrize("script", ["$P 2>&-", "$P 2>/dev/full"])
def test_standard_error_that_takes_nothing(tmp_path: Path, script: str) -> None:
    done = shell(script, tmp_path, BROKEN)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


def test_all_descriptors_closed(tmp_path: Path) -> None:
    assert shell("$P <&- >&- 2>&-", tmp_path).returncode == 2


def test_interrupt(tmp_path: Path) -> None:
    child = subprocess.Popen(
        PROGRAM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
        start_new_session=True,
    )
    assert child.stdin
    child.stdin.write(CLEAN)
    child.stdin.flush()
    # It reads without end now: that it waits in a pipe tells that the start is over.
    deadline = time.monotonic() + 30
    while "pipe" not in Path(f"/proc/{child.pid}/wchan").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    output, error = child.communicate(timeout=30)
    assert (child.returncode, output, error) == (130, b"", b"")


def test_a_terminal_as_standard_input(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = environment(tmp_path)
    done = subprocess.run(PROGRAM, stdin=theirs, env=env, capture_output=True, check=False, timeout=60)
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(
        "polyaxon-persistence: standard input is a terminal\n  hint: write helm template"
    )


def on_terminal(stdin: bytes, state: Path, **more: str) -> str:
    ours, theirs = pty.openpty()
    subprocess.run(PROGRAM, input=stdin, stderr=theirs, env=environment(state, **more), check=False, timeout=60)
    os.close(theirs)
    return read_terminal(ours)


def test_colour_only_on_a_terminal(tmp_path: Path) -> None:
    plain = start(stdin=BROKEN, state=tmp_path).stderr.decode()
    assert "\x1b" not in plain
    coloured = on_terminal(BROKEN, tmp_path)
    assert coloured.count("\x1b[31merror[unknown-volume]\x1b[0m Job/train") == 2
    assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain
    assert on_terminal(BROKEN, tmp_path, NO_COLOR="1") == plain
    assert on_terminal(BROKEN, tmp_path, NO_COLOR="") == coloured
    assert start("last-report", state=tmp_path).stdout.decode().endswith(plain)


@pytest.mark.parametrize(
    "more", [{"LANG": "C", "LC_ALL": "C"}, {"PYTHONOPTIMIZE": "2"}, {"PYTHONUTF8": "0", "LC_ALL": "POSIX"}]
)
def test_the_environment_changes_nothing(tmp_path: Path, more: dict[str, str]) -> None:
    stdin = CLEAN.replace(b"train", b"train  # \xc3\xa9\xf0\x9f\x98\x80")
    usual, here = start(stdin=stdin, state=tmp_path), start(stdin=stdin, state=tmp_path, **more)
    assert (here.returncode, here.stdout, here.stderr) == (0, usual.stdout, b"")
    broken = BROKEN.replace(b"data-fo,", "d\u00e9\U0001f600,".encode())
    usual, here = start(stdin=broken, state=tmp_path), start(stdin=broken, state=tmp_path, **more)
    assert "d\u00e9\U0001f600" in usual.stderr.decode()
    assert (here.returncode, here.stdout, here.stderr) == (1, b"", usual.stderr)


def test_the_hash_seed_changes_nothing(tmp_path: Path) -> None:
    results = {start(stdin=CLEAN, state=tmp_path, PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "2")}
    assert len(results) == 1


def output_on_terminal(columns: int, state: Path, *words: str) -> str:
    ours, theirs = pty.openpty()
    env = environment(state, COLUMNS=str(columns))
    with subprocess.Popen([*PROGRAM, *words], stdin=subprocess.PIPE, stdout=theirs, env=env) as child:
        os.close(theirs)
        assert child.stdin
        child.stdin.write(CLEAN)
        child.stdin.close()
        output = read_terminal(ours)
    assert child.returncode == 0
    return output


@pytest.mark.parametrize("words", [("explain",), ("kinds",), ("why",)])
def test_a_table_is_as_wide_as_the_terminal(words: tuple[str, ...], tmp_path: Path) -> None:
    plain = start(*words, stdin=CLEAN, state=tmp_path).stdout.decode()
    assert output_on_terminal(1000, tmp_path, *words) == plain
    narrow = output_on_terminal(70, tmp_path, *words)
    table = [line for line in narrow.splitlines() if not line.startswith(("Job/", "1 run", "  results:"))]
    assert max(map(len, table)) <= 70 < max(map(len, plain.splitlines()))
