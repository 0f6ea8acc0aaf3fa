"""The command line as Helm and people start it: real child processes, descriptors, terminals, signals and files."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from post_renderer import cli
from post_renderer.console.options import COMMANDS
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

PROGRAM = [sys.executable, "-m", "post_renderer"]
PLAIN = b"kind: Service\n"
JOB = """\
---
# Source: chart/templates/runs.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: '{environment: {persistence: {data: [%s], outputs: %s}}}'
spec:
  template:
    spec:
      containers:
      - name: main
"""
CLEAN = (make_catalog() + JOB % ("data1", "outputs-foo")).encode()
WARNING = (make_catalog() + JOB % ("data1", "outputs1")).encode()  # read-only outputs
BROKEN = (make_catalog() + JOB % ("data-fo, x", "outputs-foo")).encode()


def environment(state: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HELM_", "NO_COLOR"))}
    return {**kept, "XDG_STATE_HOME": str(state), "PYTHONPATH": str(ROOT), **more}


def start(*arguments: str, stdin: bytes = PLAIN, state: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    env = environment(state, **more)
    return subprocess.run([*PROGRAM, *arguments], input=stdin, env=env, capture_output=True, check=False, timeout=60)


def shell(script: str, state: Path, stdin: bytes = PLAIN, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which ``$P`` is the program."""
    env = environment(state, P=" ".join(PROGRAM), **more)
    return subprocess.run(["sh", "-c", script], input=stdin, env=env, capture_output=True, check=False, timeout=60)


def read_terminal(terminal: int) -> str:
    """Everything that was written to a pseudo-terminal whose other end is closed."""
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux' way to say that nobody can write any more
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def test_the_filter_writes_what_it_read(tmp_path: Path) -> None:
    done = start(state=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, PLAIN, b"")


def test_problems_leave_standard_output_empty(tmp_path: Path) -> None:
    done = start(stdin=BROKEN, state=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    lines = done.stderr.decode().splitlines()
    number = next(number for number, line in enumerate(BROKEN.splitlines(), 1) if b"polyaxonfile" in line)
    place = f"chart/templates/runs.yaml, line {number} of the stream), polyaxon.com/polyaxonfile"
    assert lines[::2] == [
        f'error[unknown-volume] Job/train ({place}: no data volume "{name}"' for name in ("data-fo", "x")
    ]
    assert lines[1] == '  hint: did you mean "data-foo"? Known: data-foo, data1, data2'


def test_closed_standard_input(tmp_path: Path) -> None:
    done = shell("$P <&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"polyaxon-persistence: standard input can't be read: ")


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
    assert done.stderr.decode().startswith("polyaxon-persistence: nothing is piped in\n  hint: helm template")


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


def test_last_report(tmp_path: Path) -> None:
    nothing = b"The last render had nothing to report.\n"
    assert start("last-report", state=tmp_path).stdout == nothing
    failed = start(stdin=BROKEN, state=tmp_path)
    report = start("last-report", state=tmp_path).stdout
    assert report.startswith(b"Reported on 20")
    assert report.split(b"\n", 1)[1] == failed.stderr
    warned = start(stdin=WARNING, state=tmp_path)
    assert (warned.returncode, warned.stderr[:26]) == (0, b"warning[read-only-outputs]")
    assert warned.stdout.startswith(make_catalog().encode())
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == warned.stderr
    assert start("check", stdin=BROKEN, state=tmp_path).returncode == 1  # not a render: the report stays
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == warned.stderr
    assert start(stdin=CLEAN, state=tmp_path).returncode == 0
    assert start("last-report", state=tmp_path).stdout == nothing
    wrong = start("--persistence", "missing.yaml", stdin=CLEAN, state=tmp_path)
    assert wrong.returncode == 2
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == wrong.stderr


def test_strict_takes_warnings_for_problems(tmp_path: Path) -> None:
    done = start("--strict", stdin=WARNING, state=tmp_path)
    assert (done.returncode, done.stdout, done.stderr[:24]) == (1, b"", b"error[read-only-outputs]")


def test_a_report_that_can_not_be_kept(tmp_path: Path) -> None:
    locked = tmp_path / "file"
    locked.write_text("")  # root may write into any folder, but nobody below a file
    done = start(stdin=WARNING, state=locked)
    assert done.returncode == 0
    assert done.stdout
    where = locked / "polyaxon-persistence" / "last-report"
    last = done.stderr.decode().splitlines()[-1]
    assert last == f"note: the report could not be kept in {where}: Not a directory"
    assert start(stdin=CLEAN, state=locked).stderr == b""
    asked = start("last-report", state=locked)
    assert (asked.returncode, asked.stdout) == (2, b"")
    assert b"can't be read" in asked.stderr


def test_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a container with an unknown user looks like; a relative XDG_STATE_HOME is to be ignored.
    monkeypatch.chdir(tmp_path)
    done = start(stdin=WARNING, state=Path("relative"), HOME="unknown")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines()[-1] == "note: the report could not be kept: set HOME or XDG_STATE_HOME"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_report_is_printed_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "polyaxon-persistence"
    folder.mkdir()
    (folder / "last-report").write_bytes(b"\xff\n")
    assert start("last-report", state=tmp_path).stdout.decode().endswith("\n\ufffd\n")


def test_two_renders_at_once_leave_one_whole_report(tmp_path: Path) -> None:
    stdin = (make_catalog() + "".join(JOB.replace("train", f"train-{n}") % ("x", "y") for n in range(50))).encode()
    children = [
        subprocess.Popen(
            PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(tmp_path)
        )
        for _ in range(4)
    ]
    errors = {child.communicate(stdin, timeout=60)[1] for child in children}
    assert len(errors) == 1
    assert start("last-report", state=tmp_path).stdout.split(b"\n", 1)[1] == errors.pop()
    assert [path.name for path in (tmp_path / "polyaxon-persistence").iterdir()] == ["last-report"]


# Helm 4 in small: it takes a plugin's standard error away and never shows it.
SWALLOW = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], stderr=subprocess.PIPE).returncode)"
HELM_4 = [sys.executable, "-c", SWALLOW, *PROGRAM]
PLUGIN = {"HELM_PLUGIN_NAME": "polyaxon-persistence"}


def start_helm_4(*arguments: str, stdin: bytes, state: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*HELM_4, *arguments], input=stdin, env=environment(state, **more), capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize(("stdin", "code"), [(BROKEN, 1), (WARNING, 0)])
def test_helm_4s_pipe_hears_of_problems(tmp_path: Path, stdin: bytes, code: int) -> None:
    said = start(stdin=stdin, state=tmp_path).stderr
    assert said
    done = start_helm_4(stdin=stdin, state=tmp_path, **PLUGIN)
    assert (done.returncode, done.stderr) == (code, said)
    assert start_helm_4(stdin=stdin, state=tmp_path).stderr == b""  # without the name it is Helm 3, which prints it


def test_helm_4s_pipe_hears_of_usage_errors(tmp_path: Path) -> None:
    done = start_helm_4("--persistence", "x", stdin=CLEAN, state=tmp_path, **PLUGIN)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"polyaxon-persistence: --persistence x: No such file")


def test_helm_4s_terminal_hears_of_problems(tmp_path: Path) -> None:
    said = start(stdin=BROKEN, state=tmp_path).stderr.decode()
    ours, theirs = pty.openpty()
    env = environment(tmp_path, **PLUGIN)
    done = subprocess.run(HELM_4, input=BROKEN, env=env, stdout=subprocess.PIPE, stderr=theirs, check=False, timeout=60)
    os.close(theirs)
    assert (done.returncode, done.stdout) == (1, b"")
    assert read_terminal(ours) == said


@pytest.mark.parametrize("target", ["/dev/null", "file"])
def test_helm_4_with_its_error_output_elsewhere(tmp_path: Path, target: str) -> None:
    # No terminal either (a session of its own): the report is all that is left.
    env = environment(tmp_path / "state", **PLUGIN)
    with open(tmp_path / target, "wb") as file:
        done = subprocess.run(
            HELM_4, input=BROKEN, env=env, stdout=subprocess.PIPE, stderr=file, check=False, start_new_session=True,
            timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, b"")
    assert target == "/dev/null" or (tmp_path / target).read_bytes() == b""
    assert b"unknown-volume" in start("last-report", state=tmp_path / "state").stdout


def test_helm_4_with_a_pipe_that_is_full(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writer, True)
    env = environment(tmp_path, **PLUGIN)
    done = subprocess.run(HELM_4, input=BROKEN, env=env, stderr=writer, check=False, timeout=60, start_new_session=True)
    os.close(reader)
    os.close(writer)
    assert done.returncode == 1


def test_our_own_bug_is_told_without_the_documents_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("password: hunter2")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("post_renderer.runs.manifest.find_runs", fail)
    result = run(stdin=CLEAN)
    assert (result.exit_code, result.output) == (3, b"")
    assert "this is a bug in polyaxon-persistence; nothing was written" in result.error
    assert "ValueError at " in result.error
    assert "please report it" in result.error
    assert "hunter2" not in result.error
    assert "Traceback" not in result.error
    assert run("last-report").output.decode().endswith(result.error)


def test_interrupt_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_read_input", interrupt)
    assert run() == (130, b"", "")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["chek"], 'no command "chek"', 'did you mean "check"?'),
        (["--persistance", "x"], 'no option of render "--persistance"', 'did you mean "--persistence"?'),
        (["check", "--stict"], 'no option of check "--stict"', 'did you mean "--strict"?'),
        (["render", "--against", "x"], 'no option of render "--against"', "--persistence"),
        (["last-report", "x"], 'no option of last-report "x"', "--help"),
        (["help", "explian"], 'no command "explian"', 'did you mean "explain"?'),
        (["--persistence"], "--persistence needs a value", "--persistence FILE"),
        (["--strict=yes"], "--strict takes no value", "write --strict"),
        (["--strict", "--strict"], "--strict is repeated", "write it once"),
        (["explain", "--output", "yaml"], 'no output format "yaml"', "text or json"),
        (["check", "--max-starts", "-1", "--against", "x"], '--max-starts "-1" is not a number', "--max-starts 0"),
        (["check", "--max-starts", "1"], "--max-starts needs --against", "--against FILE"),
        (["--persistence", "/nowhere"], "--persistence /nowhere: No such file or directory", "can be read"),
        (["check", "--against", "/nowhere"], "--against /nowhere: No such file or directory", "can be read"),
        (["\x1b[31m"], 'no command "\\u001b[31m"', "Known: "),
    ],
)
def test_usage_errors(arguments: list[str], message: str, hint: str) -> None:
    result = run(*arguments, stdin=CLEAN)
    assert (result.exit_code, result.output) == (2, b"")
    first, second = result.error.splitlines()
    assert first == f"polyaxon-persistence: {message}"
    assert second.startswith("  hint: ")
    assert hint in second


# What follows `helm` is the real Helm's, its --help and --version as well.
OUR_COMMANDS = [command.split() for command in COMMANDS if command != "helm"]


@pytest.mark.parametrize("command", OUR_COMMANDS, ids=" ".join)
def test_every_verb_has_help(command: list[str]) -> None:
    result = run(*command, "--help")
    assert (result.exit_code, result.error) == (0, "")
    text = result.output.decode()
    for option in COMMANDS[" ".join(command)][0]:
        assert f"\n  {option}" in text
    assert run(*command, "-h").output == run("help", *command).output == result.output


def test_help_names_every_verb() -> None:
    text = run("--help").output.decode()
    assert text == run("help").output.decode()
    for command in COMMANDS:
        assert f"\n  {command} " in text
    assert all(len(line) <= 120 for line in text.splitlines())


@pytest.mark.parametrize("command", [[], *OUR_COMMANDS])
def test_version(command: list[str]) -> None:
    result = run(*command, "--version")
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.strip().replace(b".", b"").isdigit()


def test_a_catalog_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"data:\n  a: \xff\n")
    result = run("--persistence", str(path), stdin=CLEAN)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.startswith("error[invalid-encoding] ")
    assert f"{path}, line 2)" in result.error


def test_an_endless_catalog_file() -> None:
    result = run("--persistence", "/dev/zero", stdin=CLEAN)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.startswith("error[input-too-large] ")


@pytest.mark.parametrize("command", ["check", "explain"])
def test_json_stays_json_when_a_catalog_file_is_wrong(command: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("data: [")
    result = run(command, "--output", "json", "--persistence", str(path), stdin=CLEAN)
    assert (result.exit_code, result.error) == (1, "")
    assert [problem["code"] for problem in json.loads(result.output)["problems"]] == ["invalid-catalog"]


@pytest.mark.parametrize("error", [MemoryError(), OSError(12, "Cannot allocate memory")])
def test_memory_that_ran_out_below_another_error_is_told_as_such(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("post_renderer.yamltree") from error

    monkeypatch.setattr("post_renderer.render.render", fail)
    result = run(stdin=CLEAN)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error == "polyaxon-persistence: there is not enough memory for this input\n"


def test_a_command_without_a_branch_is_a_bug_and_no_render(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "new", ((), "not written yet"))
    result = run("new", stdin=make_catalog() + make_job())
    assert (result.exit_code, result.output) == (3, b"")
