"""The console script after each way to install it: what it writes, how it ends, and what it leaves to Python's end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import post_renderer
from tests.support.cli import run
from tests.support.examples import link_helm
from tests.support.paths import ROOT
from tests.support.process import BROKEN, CLEAN, environment

if TYPE_CHECKING:
    from collections.abc import Callable

STREAM = CLEAN + b"# comment\n" * 20_000  # more than a pipe holds
RENDERED = run(stdin=STREAM).output
BIN = Path(sys.executable).parent
PIP = ("-m", "pip", "install", "--quiet")
# The commands of each way to install WHEEL. They leave the script in the directory VENV/bin, the last two as a link.
WAYS: dict[str, list[list[str | Path]]] = {
    "bundled pip": [[sys.executable, "-m", "venv", "VENV"], ["VENV/bin/python", *PIP, "WHEEL"]],
    "newest pip": [
        [sys.executable, "-m", "venv", "--without-pip", "VENV"],
        [sys.executable, "-m", "pip", "--python", "VENV/bin/python", "install", "WHEEL"],
    ],
    "uv pip": [
        [BIN / "uv", "venv", "--python", sys.executable, "VENV"],
        [BIN / "uv", "pip", "install", "--python", "VENV", "WHEEL"],
    ],
    "editable": [
        [BIN / "uv", "venv", "--python", sys.executable, "VENV"],
        [BIN / "uv", "pip", "install", "--python", "VENV", "--editable", ROOT],
    ],
    "uv tool": [[BIN / "uv", "tool", "install", "--python", sys.executable, "WHEEL"]],
    "pipx": [[BIN / "pipx", "install", "--python", sys.executable, "WHEEL"]],
}
OUTPUT_FAILED = "polyaxon-persistence: standard output can't be written: "
# A line of shell in which $P is the program; the exit code (minus a signal) and the standard error. Standard output is
# the rendered stream if the code is 0, else empty.
ENDS = {
    "render": ("exec $P", 0, ""),
    "render by name": ("exec $P render", 0, ""),
    "program": ("exec $P render -- helm template demo", 0, ""),
    "full disk": ("exec $P >/dev/full", 2, f"{OUTPUT_FAILED}No space left on device\n"),
    "closed pipe": ("{ $P; echo $? >&2; } | true", 0, f"{OUTPUT_FAILED}Broken pipe\n2\n"),
    "closed output": ("exec $P >&-", 2, f"{OUTPUT_FAILED}Bad file descriptor\n"),
    "closed error": ("exec $P 2>&-", 0, ""),
    "then": ("exec $P --then 'helm pass'", 0, ""),
    "then fails": ("exec $P --then 'helm fail'", 7, "failed with exit code 7 and reported nothing\n"),
    "then is killed": ("exec $P --then 'helm kill'", 138, "was ended by SIGUSR1\n"),
    "then and a signal for us": ("exec $P --then 'helm stop'", -15, ""),
    "helm template": ("exec $H template demo", 0, ""),
    "helm fails": ("exec $H fail", 7, ""),
    "helm is killed": ("exec $H kill", -10, ""),
    "helm and a signal for us": ("exec $H template stop", -15, ""),
}
# The real Helm, and the program after `--then`.
HELM = """\
#!/bin/sh
case $* in
*stop) kill -TERM $PPID; exec sleep 30 ;;
template*) cat stream.yaml ;;
pass) cat ;;
fail) exit 7 ;;
kill) kill -USR1 $$ ;;
esac
"""


@pytest.fixture
def env(tmp_path: Path, pip_env: dict[str, str]) -> dict[str, str]:
    """Without this checkout and without .venv. ``$H`` is a link to the program with the name helm."""
    env = environment(tmp_path / "state") | pip_env
    del env["PYTHONPATH"]
    (tmp_path / "stream.yaml").write_bytes(STREAM)
    (tmp_path / "real").write_text(HELM)
    (tmp_path / "real").chmod(0o755)
    path = link_helm(tmp_path / "path", tmp_path / "real")
    home = {
        "HOME": tmp_path,
        "UV_CACHE_DIR": tmp_path / "cache",
        "P": tmp_path / "venv" / "bin" / "polyaxon-persistence",
    }
    home |= {"UV_TOOL_DIR": tmp_path / "tools", "UV_TOOL_BIN_DIR": tmp_path / "venv" / "bin"}
    home |= {
        "PIPX_HOME": tmp_path / "pipx",
        "PIPX_BIN_DIR": tmp_path / "venv" / "bin",
        "H": tmp_path / "links" / "helm",
    }
    env |= {key: str(value) for key, value in home.items()} | {"PIPX_DEFAULT_BACKEND": "pip"}
    return {**env, "PATH": f"{path}:/usr/local/bin:/usr/bin:/bin"}


def install(way: str, wheel: Path, folder: Path, env: dict[str, str]) -> None:
    for command in WAYS[way]:
        words = [str(word).replace("VENV", str(folder / "venv")).replace("WHEEL", str(wheel)) for word in command]
        done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    link_helm(folder / "links", Path(env["P"]))


def start(line: str, folder: Path, env: dict[str, str], stdin: bytes = STREAM) -> tuple[int, bytes, str]:
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=folder, env=env, input=stdin, capture_output=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr.decode()


def check_ends(folder: Path, env: dict[str, str]) -> None:
    found = {name: start(line, folder, env) for name, (line, _, _) in ENDS.items()}
    assert {name: code for name, (code, _, _) in found.items()} == {name: code for name, (_, code, _) in ENDS.items()}
    for name, (code, output, error) in found.items():
        expected = ENDS[name][2]
        assert error.endswith(expected) if expected else error == "", (name, error)
        assert output == (RENDERED if code == 0 and name != "closed pipe" else b""), name
    assert start("exec $P", folder, env, BROKEN) == (1, b"", run(stdin=BROKEN).error)
    assert start("exec $P --version", folder, env) == (0, f"{post_renderer.__version__}\n".encode(), "")
    assert start("exec $P check --colour", folder, env)[:2] == (2, b"")


@pytest.mark.parametrize("way", [pytest.param(way, marks=[pytest.mark.pure] * (way == "editable")) for way in WAYS])
def test_how_the_installed_program_ends(way: str, built: Path, tmp_path: Path, env: dict[str, str]) -> None:
    (wheel,) = built.glob("*.whl")
    install(way, wheel, tmp_path, env)
    script = Path(env["P"])
    assert script.is_symlink() == (way in ("uv tool", "pipx"))
    installed = script.read_text().partition("\n")[2]
    assert installed == (ROOT / "scripts" / "polyaxon-persistence").read_text().partition("\n")[2]
    check_ends(tmp_path, env)


def test_how_the_module_ends(built: Path, tmp_path: Path, env: dict[str, str]) -> None:
    """`python -m post_renderer`, and a script with the name helm that calls it."""
    (wheel,) = built.glob("*.whl")
    install("uv pip", wheel, tmp_path, env)
    module = f"{tmp_path}/venv/bin/python -m post_renderer"
    helm = tmp_path / "script" / "helm"
    helm.parent.mkdir()
    helm.write_text(f'#!/bin/sh\nexec {module} helm "$@"\n')
    helm.chmod(0o755)
    check_ends(tmp_path, {**env, "P": module, "H": str(helm), "PATH": f"{helm.parent}:{env['PATH']}"})


# What the script leaves to the end of Python. A sitecustomize is in each process from its start.


@pytest.fixture
def customize(tmp_path: Path) -> Callable[[str, str], tuple[int, bytes, str]]:
    """Run a line of shell with a sitecustomize."""

    def start_customized(text: str, line: str) -> tuple[int, bytes, str]:
        (tmp_path / "sitecustomize.py").write_text(f"import atexit, os, sys\n{text}\n")
        env = environment(tmp_path, PYTHONPATH=str(tmp_path), P=f"{BIN}/polyaxon-persistence")
        env.pop("PYTHONUNBUFFERED", None)
        return start(line, tmp_path, env, CLEAN)

    return start_customized


END = "class End:\n  def __del__(self, write=os.write): write(2, b'end')\nsys.end = End()\n"
HANDLER = "atexit.register(os.write, 2, b'handler ')"
THREAD = "import threading, time; threading.Thread(target=lambda: (time.sleep(3), os.write(2, b'thread '))).start()"
PROFILE = "sys.setprofile(lambda *_: None)"


@pytest.mark.parametrize(
    ("line", "added", "printed"),
    [
        ("$P", "", ""),
        ("$P --then cat", "", ""),
        ("$P check", "", "end"),
        ("$P", HANDLER, "handler end"),
        ("$P", THREAD, "thread end"),
        ("$P", PROFILE, "end"),
    ],
    ids=["render", "then", "check", "an exit handler, such as that of coverage", "a thread", "a profiler"],
)
def test_only_a_render_skips_the_end_of_python(
    line: str, added: str, printed: str, customize: Callable[[str, str], tuple[int, bytes, str]]
) -> None:
    code, _, error = customize(END + added, line)
    assert (code, error) == (0, printed)


PRINTS = "print('printed'); print('said', end='', file=sys.stderr)"


@pytest.mark.parametrize("line", ["$P", "$P kinds"])
def test_what_other_code_printed_is_written(line: str, customize: Callable[[str, str], tuple[int, bytes, str]]) -> None:
    code, output, error = customize(PRINTS, line)
    assert (code, error) == (0, "said")
    assert output.endswith(b"\nprinted\n")
    assert customize(PRINTS, f"{line} 2>/dev/full") == (0, output, "")


@pytest.mark.parametrize(
    "text", ["sys.stdout.close()", "sys.stderr.close()", "sys.stdout = object()", "sys.stderr = object()"]
)
def test_a_stream_object_that_other_code_closed_or_replaced(
    text: str, customize: Callable[[str, str], tuple[int, bytes, str]]
) -> None:
    """Closed without its descriptor."""
    keep = "os.dup2(1, 11), os.dup2(2, 12)\n"
    back = "\nos.dup2(11, 1), os.dup2(12, 2)"
    assert customize(keep + text + back, "$P")[:2] == (0, run(stdin=CLEAN).output)


def test_a_disk_that_is_only_full_for_what_other_code_printed(
    customize: Callable[[str, str], tuple[int, bytes, str]],
) -> None:
    """Python itself would end with 120 and a message of its own."""
    full = "os.dup2(os.open('/dev/full', os.O_WRONLY), 3); sys.stdout = open(3, 'w'); print('printed')"
    assert customize(full, "$P") == (2, run(stdin=CLEAN).output, f"{OUTPUT_FAILED}No space left on device\n")


def test_the_script_imports_nothing_more_than_a_render(tmp_path: Path) -> None:
    def imported(*words: str) -> set[str]:
        command = [sys.executable, "-X", "importtime", *words]
        env = environment(tmp_path)
        done = subprocess.run(command, input=CLEAN, env=env, cwd=tmp_path, capture_output=True, check=True)
        lines = done.stderr.decode().splitlines()
        return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}

    found = imported(f"{BIN}/polyaxon-persistence")
    assert "post_renderer.yamltree.plain_scalar" in found  # the compiled modules of a render are not listed
    assert found <= imported("-c", "from post_renderer.cli import main; main()")  # -c itself may load more
