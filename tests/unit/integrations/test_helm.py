"""The wrapper that tools call as ``helm``: `template` rendered, everything else the real Helm's own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.support.examples import env_of, objects, template
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., subprocess.CompletedProcess[str]]


SCRIPT = Path(sys.executable).parent / "polyaxon-persistence"
VALUES = ["-f", "values-examples/documented.yaml"]


@pytest.fixture
def environment(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """As in a repo-server: a folder with our ``helm`` comes first on PATH, and the real one stands behind it."""
    ours, real = tmp_path / "ours", tmp_path / "real"
    ours.mkdir()
    real.mkdir()
    (ours / "helm").symlink_to(SCRIPT)
    (real / "helm").symlink_to(tools / helm)
    return {**env_of(helm, helm_env), "PATH": f"{ours}:{real}:{helm_env['PATH']}"}


@pytest.fixture
def call(environment: dict[str, str]) -> Call:
    def call_helm(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        env = {**environment, **more}
        return subprocess.run(
            ["helm", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    return call_helm


def real(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    path = environment["PATH"].partition(":")[2]
    return subprocess.run(
        ["helm", *words], cwd=ROOT, env={**environment, "PATH": path}, capture_output=True, text=True, check=False
    )


def test_template_is_what_the_post_renderer_gives(call: Call, helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    done = call("template", "demo", "chart", *VALUES)
    assert done.returncode == 0, done.stderr
    assert objects(done.stdout) == objects(template(tools, helm_env, "documented", helm).stdout)
    assert done.stdout.count('name: "POLYAXON_DATA_PATHS"') == 4


def test_it_takes_the_words_that_argo_cd_gives(call: Call) -> None:
    words = ["template", "chart", "--name-template", "demo", "--namespace", "vision", "--kube-version", "1.33"]
    words += ["--set", "runDefaults.backoffLimit=1", "--values", str(ROOT / VALUES[1]), "--api-versions", "apps/v1"]
    done = call(*words, "--include-crds")
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    assert {job["spec"]["backoffLimit"] for job in jobs} == {1}
    assert {job["metadata"]["namespace"] for job in jobs} == {"vision"}
    assert all("POLYAXON_DATA_PATHS" in str(job) for job in jobs)


@pytest.mark.parametrize("first", [["--namespace", "template"], ["-n", "vision", "--debug"], ["--kube-context=x"]])
def test_global_flags_may_be_before_the_command(first: list[str], call: Call) -> None:
    done = call(*first, "template", "demo", "chart", *VALUES)
    assert done.returncode == 0, done.stderr
    assert "POLYAXON_DATA_PATHS" in done.stdout


def test_the_sites_catalogs_go_over_the_charts(call: Call, tmp_path: Path) -> None:
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for file in files:
        file.write_text(f"persistence: {{data: {{data2: {{existingClaim: {file.stem}-pvc}}}}}}\n")
    done = call("template", "demo", "chart", *VALUES, POLYAXON_PERSISTENCE_FILES=":".join(map(str, files)))
    assert "two-pvc" in done.stdout
    assert "one-pvc" not in done.stdout


def test_a_relative_catalog_would_be_a_file_of_the_chart(call: Call) -> None:
    done = call("template", "demo", "chart", *VALUES, POLYAXON_PERSISTENCE_FILES="values-examples/documented.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "POLYAXON_PERSISTENCE_FILES: values-examples/documented.yaml: the path is relative" in done.stderr
    done = call("version", "--short", POLYAXON_PERSISTENCE_FILES="values-examples/documented.yaml")
    assert done.returncode == 0, "Helm runs itself: no catalog is read"


def test_problems_stop_it(call: Call) -> None:
    bad = "runs.bad.polyaxonfile.environment.persistence.data={data-fo}"
    done = call("template", "demo", "chart", *VALUES, "--set", bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'no data volume "data-fo"' in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["version", "--short"],
        ["lint", "chart", *VALUES],
        ["show", "chart", "chart"],
        ["templat"],
        ["get", "manifest", "--no-such-flag"],
        ["--help"],
        [],
        ["template", "demo", "no-such-chart"],
        ["template", "--help"],
        ["-n", "template", "version", "--short"],
    ],
)
def test_everything_else_is_the_real_helms(words: list[str], call: Call, environment: dict[str, str]) -> None:
    ours, theirs = call(*words), real(environment, *words)
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)
    assert "post_renderer" not in ours.stderr


def test_helms_plugins_find_the_wrapper(environment: dict[str, str], tmp_path: Path) -> None:
    """helm-diff and its like ask HELM_BIN for `template`."""
    found = subprocess.run(["helm", "env", "HELM_BIN"], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(tmp_path / "ours" / "helm")
    words = ["polyaxon-persistence", "helm", "env", "HELM_BIN"]
    found = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(tmp_path / "real" / "helm")


def test_a_failing_template_writes_nothing_and_has_helms_exit_code(call: Call, environment: dict[str, str]) -> None:
    words = ["template", "demo", "chart", "--debug", "--set", "runs.a.image=1", "--set", "runs.a.schedule=x"]
    ours, theirs = call(*words), real(environment, *words)
    assert theirs.returncode != 0
    assert (ours.returncode, ours.stdout) == (theirs.returncode, "")
    assert ours.stderr


def test_files_that_no_post_renderer_saw_are_refused(call: Call, tmp_path: Path) -> None:
    for words in (["--output-dir", str(tmp_path / "out")], [f"--output-dir={tmp_path / 'out'}"]):
        done = call("template", "demo", "chart", *VALUES, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--output-dir" in done.stderr
        assert not (tmp_path / "out").exists()


def write_script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


WAYS = ("link", "copy", "script")


def put_us(path: Path, way: str) -> None:
    """Our program as helm, in one of the ways in which it may be installed."""
    if way == "link":
        path.symlink_to(SCRIPT)
    elif way == "copy":
        shutil.copy(SCRIPT, path)
    else:
        write_script(path, 'exec polyaxon-persistence helm "$@"')


@pytest.mark.parametrize("command", [["version", "--short"], ["template", "demo", "chart", *VALUES]])
@pytest.mark.parametrize("way", WAYS)
def test_it_never_calls_itself(
    way: str, command: list[str], environment: dict[str, str], tmp_path: Path, helm: str
) -> None:
    """Also where several of them stand before the real one."""
    folders = []
    for number, more in enumerate((way, *WAYS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        put_us(folder / "helm", more)
        folders.append(str(folder))
    env = {**environment, "PATH": ":".join([*folders, environment["PATH"]])}
    done = subprocess.run(
        ["helm", *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("v" + helm[-1]) or "POLYAXON_DATA_PATHS" in done.stdout


def test_a_chain_that_it_does_not_see_through_ends(environment: dict[str, str], tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    write_script(hidden, 'exec "$PROGRAM" helm "$@"')
    env = {**environment, "POLYAXON_PERSISTENCE_HELM": str(hidden), "PROGRAM": str(SCRIPT)}
    for words in (["version"], ["template", "demo", "chart"]):
        done = subprocess.run(["helm", *words], env=env, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "starts polyaxon-persistence again" in done.stderr
        assert "POLYAXON_PERSISTENCE_HELM" in done.stderr


def test_a_depth_that_nobody_counted_to_is_none(call: Call) -> None:
    done = call("version", "--short", POLYAXON_PERSISTENCE_DEPTH="9" * 5000)
    assert (done.returncode, done.stdout[:1]) == (0, "v"), done.stderr


def test_the_real_helm_may_be_named(call: Call, tools: Path, tmp_path: Path) -> None:
    done = call("version", "--short", POLYAXON_PERSISTENCE_HELM=str(tools / "helm4-oldest"))
    assert done.stdout.startswith("v4.2")
    for named, message in (
        (str(SCRIPT), "names polyaxon-persistence itself"),
        (str(tmp_path / "nothing"), "no program at"),
        ("helm", "no program at"),
        (str(tmp_path), "no program at"),
    ):
        done = call("version", POLYAXON_PERSISTENCE_HELM=named)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr


def test_a_relative_directory_of_path_is_not_searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would be one of the repository that is rendered."""
    (tmp_path / "bin").mkdir()
    write_script(tmp_path / "bin" / "helm", "echo stolen")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "bin::.")
    done = run("helm", "version")
    assert (done.exit_code, done.output) == (2, b"")
    assert "there is no program named helm on PATH" in done.error


def test_a_program_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "helm"
    path.write_bytes(b"\0no program\n")
    path.chmod(0o755)
    monkeypatch.setenv("POLYAXON_PERSISTENCE_HELM", str(path))
    for words in (["version"], ["template", "demo", "chart"]):
        done = run("helm", *words)
        assert (done.exit_code, done.output) == (2, b"")
        assert "can't be started" in done.error
    # As Python had them before.
    assert signal.getsignal(signal.SIGPIPE) is signal.getsignal(signal.SIGXFSZ) is signal.SIG_IGN


def start_slow(environment: dict[str, str], tmp_path: Path, trap: str, *words: str) -> subprocess.Popen[str]:
    """The wrapper around a helm that waits, once that helm runs."""
    slow = tmp_path / "slow"
    write_script(slow, f"{trap}\ntouch {tmp_path / 'started'}\nwhile :; do sleep 0.05; done")
    env = {**environment, "POLYAXON_PERSISTENCE_HELM": str(slow)}
    process = subprocess.Popen(["helm", *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not (tmp_path / "started").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("words", [["upgrade", "demo"], ["template", "demo"]])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_reaches_helm_and_ends_both_alike(
    name: str, words: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    process = start_slow(environment, tmp_path, "", *words)
    process.send_signal(getattr(signal, name))
    output, error = process.communicate(timeout=20)
    assert (process.returncode, output) == (-getattr(signal, name), "")
    assert "Traceback" not in error


@pytest.mark.parametrize("words", [["upgrade", "demo"], ["template", "demo"]])
def test_helm_may_end_in_its_own_way(words: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    trap = "trap 'echo tidied >&2; exit 7' TERM"
    process = start_slow(environment, tmp_path, trap, *words)
    process.terminate()
    output, error = process.communicate(timeout=20)
    assert (process.returncode, output, error) == (7, "", "tidied\n")


def test_a_closed_pipe_ends_helm_as_it_would(environment: dict[str, str]) -> None:
    """An ignored SIGPIPE, which Python has, would be inherited by the real Helm."""
    env = {**environment, "POLYAXON_PERSISTENCE_HELM": shutil.which("yes") or ""}
    process = subprocess.Popen(["helm", "y"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    with process.stdout, process.stderr:
        assert process.stdout.read(2) == b"y\n"
        process.stdout.close()
        assert process.wait(timeout=20) == -signal.SIGPIPE
