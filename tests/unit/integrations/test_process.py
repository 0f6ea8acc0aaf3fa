"""Child processes: how they end, and the signals that a caller made this program ignore."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from post_renderer.console import UsageError
from post_renderer.integrations.process import run_child
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT
from tests.support.process import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable

CLEAN = make_catalog() + make_job()
# Each start of a child that this program makes, with a fake Helm, and whether it waits for the child.
WAYS = {
    "then": (["render", "--then", "./helm"], True),
    "template": (["helm", "template"], True),
    "argocd": (["argocd", "generate"], True),
    "exec": (["helm", "version"], False),
}
WAITING = [way for way, (_, waits) in WAYS.items() if waits]


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write the program that each of the ways starts, in an application's directory, which is the current one."""
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARGOCD_APP_NAME", "demo")
    monkeypatch.setenv("POLYAXON_PERSISTENCE_HELM", str(tmp_path / "helm"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def write(text: str, program: str = "/bin/sh") -> None:
        (tmp_path / "helm").write_text(f"#!{program}\n{text}\n")
        (tmp_path / "helm").chmod(0o755)

    return write


def start(way: str, **more: object) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [*PROGRAM, *WAYS[way][0]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,  # type: ignore[call-overload]
    )
    assert process.stdin
    process.stdin.write(CLEAN.encode())
    process.stdin.close()
    process.stdin = None
    return process  # type: ignore[no-any-return]


def wait_for(path: Path) -> None:
    for _ in range(3000):
        if path.exists() and path.read_text().endswith("\n"):
            return
        time.sleep(0.01)
    raise AssertionError(path)


@pytest.mark.parametrize("way", WAITING)
@pytest.mark.parametrize(
    ("number", "name"),
    [(9, "SIGKILL"), (11, "SIGSEGV"), (6, "SIGABRT"), (13, "SIGPIPE"), (34, "SIGRTMIN"), (40, "signal 40")],
)
def test_a_child_that_a_signal_ends_is_reported(
    number: int, name: str, way: str, child: Callable[..., None], tmp_path: Path
) -> None:
    child(f"ulimit -c 0; echo half; echo said >&2; kill -{number} $$")
    done = run(*WAYS[way][0], stdin=CLEAN)
    assert (done.exit_code, done.output) == (128 + number, b"")
    said = done.error.removeprefix("said\n").splitlines()
    program = "./helm" if way == "then" else tmp_path / "helm"
    assert said[0] == f"polyaxon-persistence: {program} was ended by {name}"
    assert ("memory" in done.error) == (name == "SIGKILL")


def test_a_killed_post_renderer_is_in_the_kept_report(child: Callable[..., None]) -> None:
    child("kill -KILL $$")
    assert run(*WAYS["then"][0], stdin=CLEAN).exit_code == 137
    assert "was ended by SIGKILL" in run("last-report").output.decode()


@pytest.mark.parametrize("way", ["then", "argocd"])
def test_a_child_that_fails_without_a_word_is_named(way: str, child: Callable[..., None]) -> None:
    child("exit 7")
    done = run(*WAYS[way][0], stdin=CLEAN)
    assert (done.exit_code, done.output) == (7, b"")
    assert done.error.endswith("helm failed with exit code 7 and reported nothing\n")


PROGRAM_WAYS = {
    "template": ["helm", "template"],
    "after --": ["check", "--", "sh", "helm"],
    "helm": ["--", "helm", "template"],
}


@pytest.mark.parametrize("words", PROGRAM_WAYS.values(), ids=PROGRAM_WAYS)
def test_an_output_that_is_not_passed_on_is_mentioned(
    words: list[str], child: Callable[..., None], tmp_path: Path
) -> None:
    """`helm template --debug` writes a document that it can't read to standard output, and fails."""
    child("echo 'a: ['; echo said >&2; exit 7")
    done = run(*words)
    program = shutil.which("sh") if "sh" in words else tmp_path / "helm"
    failed = f"polyaxon-persistence: {program} failed with exit code 7, so its output is not passed on\n"
    assert done == (7, b"", f"said\n{failed}  hint: to see the output, run {program} by itself\n")
    child("echo said >&2; exit 7")
    assert run(*words) == (7, b"", "said\n")


STARTS = {
    "no first line": ("exit 0\n", "Exec format error", "if it is a script, write #!/bin/sh as its first line"),
    "another machine": ("\x7fELF", "Exec format error", "if not, it is for another kind of machine"),
    "no interpreter": ("#!/nowhere/sh\n", "No such file or directory", "its interpreter is missing: in a script, "),
    "a plain file": ("#!/etc/passwd\n", "Permission denied", "its interpreter can't be executed: in a script, "),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "reason", "hint"), STARTS.values(), ids=STARTS)
def test_a_program_that_linux_does_not_start(
    text: str, reason: str, hint: str, way: str, child: Callable[..., None], tmp_path: Path
) -> None:
    child("")
    (tmp_path / "helm").write_text(text)
    done = run(*WAYS[way][0], stdin=CLEAN)
    program = "./helm" if way == "then" else tmp_path / "helm"
    assert (done.exit_code, done.output) == (2, b"")
    first, second = done.error.splitlines()
    assert first == f"polyaxon-persistence: {program} can't be started: {reason}"
    assert second.startswith("  hint: ")
    assert hint in second


def test_the_name_of_a_child_forges_no_message(child: Callable[..., None], tmp_path: Path) -> None:
    child("kill -KILL $$")
    (tmp_path / "a\x1b[2J\nerror[x] b").symlink_to(tmp_path / "helm")
    done = run("--then", "'./a\x1b[2J\nerror[x] b'", stdin=CLEAN)
    assert done.exit_code == 137
    assert "\x1b" not in done.error
    assert [line.partition(":")[0] for line in done.error.splitlines()] == ["polyaxon-persistence", "  hint"]


@pytest.mark.parametrize("way", WAITING)
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGTERM"])
def test_a_signal_that_only_the_child_got_is_reported(name: str, way: str, child: Callable[..., None]) -> None:
    child(f"kill -s {name[3:]} $$")
    process = start(way)
    output, error = process.communicate(timeout=60)
    assert (process.returncode, output) == (128 + getattr(signal, name), b"")
    assert f" was ended by {name}\n".encode() in error


@pytest.mark.parametrize("way", WAITING)
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGTERM"])
@pytest.mark.parametrize("text", ["", "; wait"], ids=["ended", "waits"])
def test_a_signal_ends_it_while_a_grandchild_holds_the_pipe(
    text: str, name: str, way: str, child: Callable[..., None], tmp_path: Path
) -> None:
    child(f"sleep 300 2>/dev/null & echo $! >{tmp_path}/started{text}")
    process = start(way)
    wait_for(tmp_path / "started")
    try:
        process.send_signal(getattr(signal, name))
        output, error = process.communicate(timeout=30)
    finally:
        os.kill(int((tmp_path / "started").read_text()), signal.SIGKILL)
    assert (process.returncode, output) == (-getattr(signal, name), b"")
    assert b"Traceback" not in error


@pytest.mark.parametrize("way", WAITING)
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGTERM"])
def test_the_output_of_a_child_that_got_a_signal_is_not_passed_on(
    name: str, way: str, child: Callable[..., None], tmp_path: Path
) -> None:
    """`helm template` writes that the release was cancelled, then its manifests, and ends with 0."""
    go_on = "echo Release demo has been cancelled.; echo '# manifests'; exit 0"
    child(f"trap {shlex.quote(go_on)} {name[3:]}; echo >{tmp_path}/started; while :; do sleep 0.05; done")
    process = start(way)
    wait_for(tmp_path / "started")
    process.send_signal(getattr(signal, name))
    output, error = process.communicate(timeout=30)
    assert (process.returncode, output) == (-getattr(signal, name), b"")
    assert b"Traceback" not in error


@pytest.mark.parametrize("way", WAITING)
def test_a_second_signal_kills_a_child_that_goes_on(way: str, child: Callable[..., None], tmp_path: Path) -> None:
    child(f"trap '' TERM; echo $$ >{tmp_path}/started; while :; do sleep 0.1; done")
    process = start(way)
    wait_for(tmp_path / "started")
    process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert process.poll() is None  # the child may need time to end
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "started").read_text()), 0)


def test_a_slow_second_post_renderer_gets_all_of_its_input(child: Callable[..., None]) -> None:
    child("sleep 2; cat")
    stream = CLEAN + "# comment\n" * 50_000
    assert run("--then", "./helm", stdin=stream).output == run(stdin=stream).output


@pytest.mark.parametrize("way", WAITING)
def test_a_signal_that_cannot_end_this_program_is_its_exit_code(way: str, child: Callable[..., None]) -> None:
    """A blocked signal, or any of a container's first process: the program lives on after it has sent it to itself."""
    child(
        "import os, signal\nsignal.pthread_sigmask(signal.SIG_UNBLOCK, [15])\nos.kill(os.getpid(), 15)", sys.executable
    )
    process = start(way, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [15]))
    output, error = process.communicate(timeout=60)
    assert (process.returncode, output) == (143, b"")
    assert b"Traceback" not in error


def ignore(*names: str) -> Callable[[], None]:
    """What nohup does, for any signals."""

    def set_ignored() -> None:
        for name in ("SIGHUP", "SIGINT", "SIGTERM", "SIGCHLD"):
            signal.signal(getattr(signal, name), signal.SIG_IGN if name in names else signal.SIG_DFL)

    return set_ignored


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("names", [(), ("SIGHUP",), ("SIGINT",), ("SIGHUP", "SIGTERM")])
def test_a_child_ignores_what_it_would_ignore_without_this_program(
    names: tuple[str, ...], way: str, child: Callable[..., None], tmp_path: Path
) -> None:
    child("grep SigIgn /proc/self/status >> seen; echo '# nothing'")
    subprocess.run([tmp_path / "helm"], preexec_fn=ignore(*names), check=True, capture_output=True)
    process = start(way, preexec_fn=ignore(*names))
    _, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    direct, through = (int(line.split()[1], 16) for line in (tmp_path / "seen").read_text().splitlines())
    # glibc uses the signals 32 and 33 itself. Its posix_spawn, which Python 3.13 calls, ignores them in the child.
    internal = 1 << 31 | 1 << 32
    assert through & ~internal == direct & ~internal


@pytest.mark.parametrize("way", WAITING)
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_an_ignored_signal_does_not_reach_the_child(
    name: str, way: str, child: Callable[..., None], tmp_path: Path
) -> None:
    """The child has its own handling back, so only this program could tell it."""
    child(
        f"import pathlib, signal, time\nsignal.signal(signal.{name}, signal.SIG_DFL)\n"
        "pathlib.Path('started').touch()\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)\nprint('# done')",
        sys.executable,
    )
    process = start(way, preexec_fn=ignore(name))
    deadline = time.monotonic() + 30
    while not (tmp_path / "started").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(getattr(signal, name))
    time.sleep(0.2)
    Path("go").touch()
    output, error = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, b"# done\n"), error


@pytest.mark.parametrize("way", WAITING)
def test_a_failure_is_seen_where_ended_children_are_ignored(way: str, child: Callable[..., None]) -> None:
    """With SIGCHLD ignored, Linux forgets the exit code of a child, and subprocess takes that for 0."""
    child("echo '# half'; exit 7")
    process = start(way, preexec_fn=ignore("SIGCHLD"))
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (7, b"")


def test_handlers_are_as_before(child: Callable[..., None]) -> None:
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
    child("echo '# nothing'")
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        assert run(*WAYS["template"][0]).exit_code == 0
        assert [signal.getsignal(number) for number in numbers] == [signal.SIG_IGN] * 4
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    assert run(*WAYS["template"][0]).exit_code == 0
    assert [signal.getsignal(number) for number in numbers] == before


def test_a_tick_of_the_timer_after_the_end_of_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    set_timer = signal.setitimer

    def tick(which: int, seconds: float, interval: float = 0.0) -> tuple[float, float]:
        handler = signal.getsignal(signal.SIGALRM)
        if not seconds and callable(handler):
            handler(signal.SIGALRM, None)
        return set_timer(which, seconds, interval)

    monkeypatch.setattr(signal, "setitimer", tick)
    assert run_child(["/bin/echo", "a"], dict(os.environ), given=b"") == (b"a\n", "")


def test_no_child_is_left_behind_where_memory_runs_out(
    child: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    child("echo $$ > pid; exec sleep 60")

    def communicate(*_: object, **__: object) -> None:
        while not Path("pid").exists() or not Path("pid").read_text().strip():
            time.sleep(0.02)
        raise MemoryError

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    with pytest.raises(MemoryError):
        run_child(["./helm"], dict(os.environ))
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


def test_an_argument_with_a_character_that_no_argument_can_have() -> None:
    """Chart.yaml can write it: "http://example.com/\\0"."""
    with pytest.raises(UsageError, match="an argument has a NUL character"):
        run_child([sys.executable, "a\0b"], dict(os.environ))


@pytest.mark.parametrize("way", WAYS)
def test_a_child_gets_the_files_that_the_caller_opened(way: str, child: Callable[..., None], tmp_path: Path) -> None:
    """In bash, `-f <(sops -d values.yaml)` is the path of an open descriptor."""
    (tmp_path / "values").write_text("# opened\n")
    child('cat >/dev/null; cat "/dev/fd/$GIVEN"')
    with (tmp_path / "values").open() as file:
        given = os.environ | {"GIVEN": str(file.fileno())}
        started = start(way, pass_fds=[file.fileno()], env=given)
        output, _ = started.communicate(timeout=60)
    assert (started.returncode, output) == (0, b"# opened\n")
