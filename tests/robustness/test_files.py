"""Pipes, directories and devices as files; files over a limit; interrupts while the program starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from post_renderer.console import files
from post_renderer.stream import CATALOG_LIMIT
from tests.support.cli import make_catalog, make_job, run
from tests.support.krm import call, make_config, make_list
from tests.support.krm import make_job as make_item
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NAMING = {
    "catalog": ("--persistence", "{}"),
    "check": ("check", "{}"),
    "against": ("check", "--against", "{}"),
    "migrate": ("migrate", "{}"),
}
STREAM = make_catalog() + make_job()
CONTENTS = {"catalog": "data: {}\n", "check": STREAM, "against": STREAM, "migrate": "kind: job\n"}


def call_with(naming: str, path: Path | str) -> tuple[int, bytes, str]:
    return run(*(word.format(path) for word in NAMING[naming]), stdin=STREAM)


@pytest.fixture
def fifo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("naming", NAMING)
def test_a_fifo_without_a_writer_is_not_waited_for(fifo: Path, naming: str) -> None:
    code, output, error = call_with(naming, fifo)
    assert (code, output) == (2, b"")
    assert f"{fifo}: no program writes into this pipe" in error


@pytest.mark.parametrize("naming", NAMING)
@pytest.mark.parametrize("pauses", [(0.0, 0.0), (0.1, 0.0), (0.0, 0.5), (0.1, 0.5)], ids=str)
def test_a_fifo_with_a_slow_writer_is_read_to_its_end(fifo: Path, naming: str, pauses: tuple[float, float]) -> None:
    """``pauses``: seconds before the writer opens the pipe (fewer than PATIENCE), and before it writes (any number)."""
    plain = fifo.with_name("plain")
    plain.write_text(CONTENTS[naming])

    def write() -> None:
        time.sleep(pauses[0])
        with open(fifo, "w", encoding="utf-8") as file:
            for piece in (CONTENTS[naming][:10], CONTENTS[naming][10:]):
                time.sleep(pauses[1])
                file.write(piece)
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    found = call_with(naming, fifo)
    writer.join()
    code, output, error = call_with(naming, plain)
    assert found == (code, output.replace(b"plain", b"fifo"), error.replace(str(plain), str(fifo)))


def test_process_substitution() -> None:
    command = f"{sys.executable} -m post_renderer --persistence <(sleep 0.3; echo 'data: {{}}') --persistence <(true)"
    done = subprocess.run(["bash", "-c", command], input=STREAM.encode(), cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("naming", NAMING)
def test_a_directory_or_nothing_as_a_file(tmp_path: Path, naming: str) -> None:
    for path, reason in ((tmp_path, "Is a directory"), (tmp_path / "missing", "No such file or directory")):
        code, output, error = call_with(naming, path)
        assert (code, output) == (2, b"")
        if naming == "check" and path == tmp_path:
            assert error.startswith(f"polyaxon-persistence: {path} has no file with manifests\n  hint: ")
        elif naming == "migrate" and path == tmp_path:
            assert error.startswith(f"polyaxon-persistence: {path} has no file of Polyaxon 0.x\n  hint: ")
        else:
            assert f"{path}: {reason}\n  hint: name a file that can be read\n" in error


def test_an_endless_device_is_read_up_to_the_limit() -> None:
    code, output, error = call_with("catalog", "/dev/zero")
    assert (code, output) == (1, b"")
    assert "/dev/zero: error[input-too-large] the catalog is larger than 1 MiB" in error


# A catalog over its limit


def padded(size: int, filling: str = "#") -> str:
    """Return a catalog of ``size`` bytes."""
    text = "data:\n  data1: {mountPath: /a, hostPath: /a}\n"
    return text + "# " + filling * ((size - len(text) - 3) // len(filling.encode())) + "\n"


@pytest.mark.parametrize("filling", ["#", "é"], ids=["ASCII", "two bytes each"])
def test_a_catalog_over_the_limit(tmp_path: Path, filling: str) -> None:
    path = tmp_path / "catalog.yaml"
    for size, code in ((CATALOG_LIMIT, 0), (CATALOG_LIMIT + 3, 1)):
        path.write_text(padded(size, filling))
        done = run("--persistence", str(path), stdin=STREAM)
        assert (done.exit_code, f"{path}: error[input-too-large] " in done.error) == (code, code == 1), done.error
        done = run(stdin=make_catalog(padded(size, filling)) + make_job())
        assert (done.exit_code, "the catalog is larger than 1 MiB" in done.error) == (code, code == 1), done.error
    assert "<stdin>:10: error[input-too-large] ConfigMap/catalog (chart/templates/catalog.yaml), " in done.error


def test_a_function_config_over_the_limit() -> None:
    config = make_config(
        data={f"data-{number}": {"mountPath": f"/{number}", "hostPath": "/a"} for number in range(40_000)}
    )
    code, after, error = call(make_list(make_item(), config=config), flow=True)
    assert (code, after) == (1, {})
    assert "error[input-too-large] (functionConfig): the catalog is larger than 1 MiB" in error


def test_a_million_entries_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    # Without its last bracket: a parser would report that.
    path.write_text("data: {" + "".join(f"a{number}: {{}}, " for number in range(1_000_000)))
    done = run("--persistence", str(path), stdin=make_job())
    assert (done.exit_code, done.output) == (1, b"")
    assert f"{path}: error[input-too-large] the catalog is larger" in done.error


def test_the_lines_of_many_errors_of_a_catalog(tmp_path: Path) -> None:
    """Each error has the line of its entry."""
    path = tmp_path / "catalog.yaml"
    path.write_text("# é\ndata:\n" + "".join(f"  a{number}:\n    {{}}\n" for number in range(300)))
    done = run("check", "--persistence", str(path), stdin=STREAM)
    for number in range(300):
        assert f"{path}:{3 + 2 * number}: error[invalid-entry] data.a{number}: mountPath is missing" in done.error


def test_a_chart_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Chart.yaml").write_text("name: a\ndependencies: [" + "{name: a}, " * 100_000 + "]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARGOCD_APP_NAME", "a")
    done = run("argocd", "generate")
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[unsafe-path] (application), Chart.yaml: it is longer than 1,000,000 characters" in done.error


# Before the program begins

INTERRUPTING = """\
import os, signal, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(
    "name",
    [
        "post_renderer.cli",
        "post_renderer.yamltree.plain_scalar",
        # Compiled code does not look for these files.
        *(pytest.param(f"post_renderer.{name}", marks=pytest.mark.pure) for name in ("problems", "stream", "render")),
    ],
)
@pytest.mark.parametrize("way", ["script", "module"])
def test_an_interrupt_during_the_first_imports(tmp_path: Path, name: str, way: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTING.format(name=name))
    command = {"script": [f"{sys.prefix}/bin/polyaxon-persistence"], "module": [sys.executable, "-m", "post_renderer"]}[
        way
    ]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        command, input=STREAM.encode(), env=environment, cwd=ROOT, capture_output=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_a_directory_as_standard_input(tmp_path: Path) -> None:
    """Python itself refuses it before this program starts. Nothing is written."""
    directory = os.open(tmp_path, os.O_RDONLY)
    done = subprocess.run(
        [sys.executable, "-m", "post_renderer"], stdin=directory, capture_output=True, text=True, check=False
    )
    os.close(directory)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "<stdin> is a directory" in done.stderr
    assert "Traceback" not in done.stderr
