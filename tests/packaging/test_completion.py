"""The completion of each shell, and the manual page: read by the real shells and by groff."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from post_renderer.commands.completion import SCRIPTS, path_of
from post_renderer.console.options import COMMANDS, OPTIONS
from tests.support.cli import run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "polyaxon-persistence"
# What a user has typed, and what the shell must offer.
OFFERS = {
    "": {"check", "explain", "argocd", "help", "version"},
    "che": {"check"},
    "argocd ": {"generate", "discover", "parameters"},
    "argocd generate --s": {"--strict"},
    "check --": {"--persistence", "--strict", "--output", "--against", "--max-starts", "--allow-empty", "--color"},
    "check --output ": {"text", "json", "github", "sarif", "junit"},
    "check --color ": {"auto", "always", "never"},
    "why unknown-v": {"unknown-volume"},
    "completion ": {"bash", "zsh", "fish"},
    "explain rend": {"rendered.yaml"},
    "explain --persistence si": {"site.yaml"},
    "check -f si": {"site.yaml"},
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("rendered.yaml", "site.yaml"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_command_prints_the_script(shell: str) -> None:
    result = run("completion", shell)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output == path_of(shell).read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["completion"], "completion needs a SHELL"),
        (["completion", "csh"], 'unknown SHELL "csh" of completion'),
        (["completion", "bash", "zsh"], "completion accepts one SHELL"),
    ],
)
def test_another_shell_is_a_usage_error(words: list[str], message: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {message}\n  hint: ")
    assert "zsh" in result.error or "write one SHELL\n" in result.error


@pytest.mark.parametrize("typed", OFFERS)
def test_bash_offers(typed: str, place: Path) -> None:
    words = [PROGRAM, *typed.split(" ")]
    script = (
        f'source {path_of("bash")}; COMP_WORDS=("$@"); COMP_CWORD={len(words) - 1}; '
        r'_shtab_polyaxon_persistence; printf "%s\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", *words],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    assert set(done.stdout.split()) >= OFFERS[typed]
    assert not typed or set(done.stdout.split()) < {*COMMANDS, *OPTIONS, *OFFERS[typed], "-f", "-o", "-q", "-h"}


@pytest.mark.parametrize("typed", OFFERS)
def test_fish_offers(typed: str, place: Path, tools: Path) -> None:
    assert tools.is_dir()  # `make tools` installs fish
    script = f'source {path_of("fish")}; complete -C"{PROGRAM} {typed}"'
    env = {**os.environ, "HOME": str(place), "XDG_CONFIG_HOME": str(place), "XDG_DATA_HOME": str(place)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        cwd=place,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} >= OFFERS[typed]


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("che", "check"),
        ("argocd gen", "argocd generate"),
        ("check --allow", "check --allow-empty"),
        ("check --output js", "check --output json"),
        ("why unknown-v", "why unknown-volume"),
        ("explain rend", "explain rendered.yaml"),
        ("check -f si", "check -f site.yaml"),
    ],
)
def test_zsh_completes(typed: str, completed: str, place: Path, tools: Path) -> None:
    assert tools.is_dir()  # `make tools` installs zsh
    child, terminal = pty.fork()
    if not child:
        os.chdir(place)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb", "HOME": str(place), "PS1": ""})
    try:
        start = f"fpath=({path_of('zsh').parent} $fpath); autoload -Uz compinit; compinit -u -D; print REA''DY\n"
        os.write(terminal, start.encode())
        read_until(terminal, "READY")
        os.write(terminal, f"{PROGRAM} {typed}\t".encode())
        os.write(
            terminal, b"\x01print -r -- '<\x05>'\n"
        )  # ctrl-a and ctrl-e: print the line. zsh removes a space that it added
        assert f"<{PROGRAM} {completed}>" in read_until(terminal, f"\n<{PROGRAM} ")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def read_until(terminal: int, end: str) -> str:
    """Read what a terminal shows until it contains ``end``, and 0.2 seconds more."""
    shown, deadline = "", time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65536).decode("utf-8", "replace")
        elif end in shown:
            return shown
    raise TimeoutError(shown)


def test_the_manual_page_names_each_command_and_option(tools: Path) -> None:
    assert tools.is_dir()  # `make tools` installs groff
    page = ROOT / "deploy" / "polyaxon-persistence.1"
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-P-cbou", str(page)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    text = " ".join(done.stdout.split())
    for command in COMMANDS:
        assert f" {command} " in text
    for option in OPTIONS:
        assert option in text
    assert "`helm get manifest`" in text
    assert "NO_COLOR" in text
