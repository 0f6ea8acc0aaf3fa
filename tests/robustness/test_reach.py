"""What a stream can't reach, whatever is in it: files, the network, other programs; and no message shows a secret."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from post_renderer.console.options import COMMANDS
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT
from tests.support.process import environment

if TYPE_CHECKING:
    from pathlib import Path

# Starts the command line, and writes each of Python's audit events that reach outside the process to a descriptor.
WATCHED = """
import json, os, sys
target = int(sys.argv.pop(1))
def hook(event, arguments):
    if event.partition(".")[0] in ("open", "os", "socket", "subprocess", "urllib", "shutil", "ctypes", "mmap"):
        os.write(target, json.dumps([event, *map(str, arguments)]).encode() + b"\\n")
from post_renderer.cli import main
sys.addaudithook(hook)
os._exit(main(sys.argv[1:]))
"""
LINKS = '[/etc/passwd, "file:///etc/passwd", "http://127.0.0.1:1/x", "$(id)", "`id`", "{{ .Files.Get }}", "|id"]'
ACCEPTED = (
    make_catalog()
    + make_job("environment: {persistence: {data: [data1]}}\n", container=f"command: {LINKS}\n")
    + f"---\nkind: ConfigMap\nmetadata: {{name: polyaxon.com}}\ndata: {{a: {LINKS}}}\n"
)
REFUSED = (
    ACCEPTED
    + make_job(f"environment: {{persistence: {{data: {LINKS}}}}}\n", name="other")
    + "---\nx: !!python/object/apply:os.system [touch polyaxon.com/reached]\ny: !include /etc/passwd\n"
)


def as_list(stream: str) -> str:
    """The stream's documents as the items of a ResourceList."""
    items = ["- " + "\n  ".join(document.splitlines()[1:]) + "\n" for document in stream.split("---\n")[1:]]
    return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + "".join(items)


GIVEN = {
    **dict.fromkeys(("render", "check", "explain", "verify", "inventory", "flux-patches"), (ACCEPTED, REFUSED)),
    "krm": (as_list(ACCEPTED), as_list(REFUSED)),
    "migrate": (f"persistence: {{data: {{a: {LINKS}}}}}\nx: !!python/object/apply:os.system [id]\n", f"x: {LINKS}\n"),
}


def reach(*words: str, stdin: str, folder: Path) -> tuple[int, list[list[str]]]:
    """The exit code, and the events except reads of Python's and the program's own files and of open descriptors."""
    with open(folder / "events", "w+") as events:
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, str(events.fileno()), *words],
            input=stdin.encode(), env=environment(folder, PYTHONDONTWRITEBYTECODE="1"), cwd=folder,
            pass_fds=[events.fileno()], capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        events.seek(0)
        found: list[list[str]] = [json.loads(line) for line in events]
    own = (sys.prefix, sys.base_prefix, str(ROOT / "post_renderer"))
    reads = ("open", "os.listdir", "os.scandir")
    return done.returncode, [
        event for event in found if event[0] not in reads or not (event[1].startswith(own) or event[1].isdigit())
    ]


def test_every_command_that_reads_a_stream_is_here() -> None:
    """The others get theirs from Helm, or read none."""
    others = {"completion", "last-report", "plugin-dir", "kinds", "why", "schema", "helm", "doctor", "init"} | {
        name for name in COMMANDS if "argocd" in name
    }
    assert set(COMMANDS) - others == set(GIVEN)


@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("command", GIVEN)
def test_a_stream_reaches_no_file_no_network_and_no_program(command: str, refused: bool, tmp_path: Path) -> None:
    words = ["-"] if command == "migrate" else []
    code, events = reach(command, *words, stdin=GIVEN[command][refused], folder=tmp_path)
    if command != "verify":  # nothing of these streams was rendered
        assert code == int(refused)
    if command == "render" and refused:  # saves a report; a render without errors and warnings does not
        report = str(tmp_path / "polyaxon-persistence")
        assert events
        events = [event for event in events if not any(word.startswith(report) for word in event[1:])]
    assert events == []


@pytest.mark.parametrize(
    ("words", "event"),
    [(["--then", "cat"], "subprocess.Popen"), (["check", "FILE"], "open"), (["--persistence", "FILE"], "open")],
)
def test_the_watch_sees_what_a_user_asks_for(words: list[str], event: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text("persistence: {}\n")
    words = [str(file) if word == "FILE" else word for word in words]
    _, events = reach(*words, stdin="kind: Service\n", folder=tmp_path)
    assert event in [found[0] for found in events if words[-1] in " ".join(found)]


SECRET = "hunter2"
VARIABLES = (
    f"env:\n- {{name: PASSWORD, value: {SECRET}}}\n- {{name: POLYAXON_DATA_PATHS, value: {SECRET}}}\n"
    f"- {{name: POLYAXON_IN_CLUSTER, value: {SECRET}}}\ncommand: [login, {SECRET}]\n"
)
SECRETS = {
    "variables": make_job(container=VARIABLES),
    "a Secret with an annotation": make_job().replace("kind: Job", "kind: Secret") + f"stringData: {{a: {SECRET}}}\n",
    "a text that does not parse": make_job() + f"stringData: {{a: [{SECRET}, b: *{SECRET}\n",
    "an alias that is missing": make_job(container=f"env:\n- {{name: PASSWORD, value: '{SECRET}'}}\n- *missing\n"),
}


@pytest.mark.parametrize("command", ["render", "check", "explain", "verify", "inventory", "flux-patches"])
@pytest.mark.parametrize("name", SECRETS)
def test_no_message_shows_the_value_of_a_variable_or_of_a_secret(name: str, command: str) -> None:
    done = run(command, stdin=make_catalog() + make_job(name="first") + SECRETS[name])
    assert done.exit_code == 1
    assert "error[" in done.error
    assert SECRET not in done.error
    assert SECRET.encode() not in done.output
    assert SECRET.encode() not in run("last-report").output
