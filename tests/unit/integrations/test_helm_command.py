"""Which command lines the helm wrapper reads: everything that may be a `template`, wherever its flags are."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from post_renderer.integrations import helm as wrapper
from tests.support.cli import make_catalog, make_job, run
from tests.support.examples import env_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[[str], str]

HELMS = ("helm3", "helm4", "helm4-oldest")
VALUES = "values-examples/documented.yaml"
# Before the command: cobra takes the next argument for the value of a flag that is no boolean of the root command.
READ = {
    "template demo ./chart",
    "-f v.yaml template demo ./chart",
    "-f=v.yaml template demo ./chart",
    "-fv.yaml template demo ./chart",
    "--values v.yaml template demo ./chart",
    "--values=v.yaml template demo ./chart",
    "--kube-version 1.30.0 template demo ./chart",
    "--kube-version 1.30.0 -f v.yaml --set a=b --debug template demo ./chart",
    "--set a=b template demo ./chart",
    "--set a --set b template demo ./chart",
    "--debug template demo ./chart",
    "--kube-insecure-skip-tls-verify template demo ./chart",
    "--debug=false --namespace=vision -nvision template demo ./chart",
    # A value that is the name of the command.
    "--set template template demo ./chart",
    "--release-name=template template demo ./chart",
    "-n template template demo ./chart",
    "-ntemplate template demo ./chart",
    # A value that looks like a flag.
    "-n --debug template demo ./chart",
    "-n -- template demo ./chart",
    "-f -- template demo ./chart",
    # Neither a flag nor a command.
    "- template demo ./chart",
    "'' template demo ./chart",
    # Short flags in one argument.
    "-gfv.yaml template ./chart",
    "-gn=vision template ./chart",
    # cobra adds --help after it looked for the command: until then it takes a value. --help=false renders after all.
    "--help demo template ./chart --help=false",
    "-h demo template ./chart -h=false",
    # Hidden flags (of klog), and flags of a later Helm: they may be booleans.
    "--logtostderr template demo ./chart",
    "-v 1 template demo ./chart",
    "--later template demo ./chart",
    "--later x template demo ./chart",
    "--later --other x template demo ./chart",
    "--later upgrade template ./chart",
    # Flags that take a value if it comes with `=`.
    "--dry-run template demo ./chart",
    "--dry-run=client template demo ./chart",
    # After the command.
    "template -f v.yaml demo ./chart",
    "template -- demo ./chart",
    "template version",
}
PASSED = {
    "",
    "--help",
    "version --short",
    "upgrade --install template ./chart",
    "install demo ./chart --dry-run",
    "get manifest template",
    "help template",
    "__complete template demo",
    "secrets template demo ./chart",  # a plugin
    "--debug install template ./chart",
    "--kube-insecure-skip-tls-verify install template ./chart",
    "--debug=true install template ./chart",
    "-nvision install template ./chart",
    "-n=vision install template ./chart",
    "-n template install demo ./chart",
    "--namespace template install demo ./chart",
    "--kubeconfig template list",
    "--values=template install demo ./chart",
    "-n template",
    "-n",
    "-gf v.yaml template ./chart",  # v.yaml is the command: Helm refuses it
    # Nothing after -- is a command.
    "-- template demo ./chart",
    "--debug -- template demo ./chart",
    "-n vision -- template demo ./chart",
}


def split(words: str) -> list[str]:
    return ["" if word == "''" else word for word in words.split()]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Call the wrapper with a fake Helm that records what it is started with. Returns "read", "passed" or an error."""
    (tmp_path / "stream").write_text(make_catalog() + make_job())
    helm, record = tmp_path / "helm", tmp_path / "record"
    helm.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {record}\ncat {tmp_path / "stream"}\n')
    helm.chmod(0o755)
    monkeypatch.setenv("POLYAXON_PERSISTENCE_HELM", str(helm))

    def exec_replace(path: str, words: list[str], _: dict[str, str]) -> None:
        assert path == str(helm)
        record.write_text("".join(f"{word}\n" for word in words[1:] or [""]))
        raise SystemExit

    monkeypatch.setattr(wrapper, "exec_replace", exec_replace)

    def call_wrapper(words: str) -> str:
        try:
            done = run("helm", *split(words))
            found = "read" if done.exit_code == 0 and b"POLYAXON_DATA_PATHS" in done.output else str(done)
        except SystemExit:
            found = "passed"
        assert record.read_text() == "".join(f"{word}\n" for word in split(words) or [""])
        return found

    return call_wrapper


@pytest.mark.parametrize("words", sorted(READ))
def test_what_may_be_a_template_is_read(words: str, call: Call) -> None:
    assert call(words) == "read"


@pytest.mark.parametrize("words", sorted(PASSED))
def test_every_other_command_is_passed_on(words: str, call: Call) -> None:
    assert call(words) == "passed"


@pytest.mark.parametrize(
    "words",
    [
        "template demo ./chart --output-dir out",
        "template demo ./chart --output-dir=out",
        "--output-dir out template demo ./chart",
        "--output-dir=out template demo ./chart",
        "-f v.yaml --output-dir out template demo ./chart",
        "--output-dir template template demo ./chart",
        "--output-dir template demo ./chart",
    ],
)
def test_files_are_refused_wherever_the_flag_is(words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    helm = tmp_path / "helm"
    helm.write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n")
    helm.chmod(0o755)
    monkeypatch.setenv("POLYAXON_PERSISTENCE_HELM", str(helm))
    done = run("helm", *words.split())
    assert (done.exit_code, done.output) == (2, b"")
    assert "--output-dir" in done.error
    assert not (tmp_path / "started").exists()


def flags_of(page: str) -> list[tuple[str, str, str]]:
    """The flags of a help page: short name, long name, type of the value. A boolean has no type."""
    return re.findall(r"^ +(?:(-\w), )?(--[\w-]+)(?: (\S+))?  ", page, re.MULTILINE)


def help_of(helm: Path, *command: str) -> list[tuple[str, str, str]]:
    words = [str(helm), *command, "--help"]
    return flags_of(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def test_the_root_flags_are_those_of_each_helm(tools: Path) -> None:
    pages = [help_of(tools / name) for name in HELMS]
    for page in pages:
        assert {long for short, long, form in page if not form} == wrapper.BOOLEAN | {"--help"}
        assert {"-h"} == {short for short, long, form in page if short and not form}
        assert not [long for _, long, form in page if "[" in form]  # its value would be optional
    with_value = {name for page in pages for short, long, form in page if form for name in (short, long) if name}
    assert with_value == wrapper.WITH_VALUE


def spell(short: str, long: str, form: str) -> list[list[str]]:
    """One flag in every spelling, with the name of the command as the value, too."""
    if not form:
        return [[long], [f"{long}=true"], *([[short]] if short else [])]
    found = [[long], [f"{long}={form}"]] if "[" in form else []
    for value in ("1", "a=b", "template", "--", "-x"):
        found += [[f"{long}={value}"], *([] if "[" in form else [[long, value]])]
        found += [[short, value], [f"{short}={value}"], [short + value]] if short else []
    return found


@pytest.mark.parametrize("name", HELMS)
def test_every_flag_of_template_may_be_in_every_place(name: str, tools: Path) -> None:
    flags = help_of(tools / name, "template")
    assert len(flags) > 50
    for flag in flags:
        for spelling in spell(*flag):
            for words in (
                [*spelling, "template", "demo", "chart"],
                ["--debug", *spelling, "--set", "a=b", "template", "demo", "chart"],
                ["-f", "v.yaml", *spelling, *spelling, "template", "demo", "chart"],
                ["template", *spelling, "demo", "chart"],
            ):
                assert "template" in wrapper.find_commands(words), words
            assert not wrapper.find_commands(["-nvision", "--", *spelling, "template", "demo", "chart"])


@pytest.mark.parametrize("name", HELMS)
@pytest.mark.parametrize(
    "words",
    [
        "--kube-version 1.30.0 -f=V --set global.a=b -a apps/v1 --namespace template --debug template demo chart",
        "-gfV template chart",
        "--help demo template chart --help=false --values V",
        "-n -- --values V template -- demo chart",
        "--logtostderr -v 1 template demo chart -fV",
    ],
)
def test_real_helms_renderings_are_read(name: str, words: str, tools: Path, helm_env: dict[str, str]) -> None:
    env = {**env_of(name, helm_env), "POLYAXON_PERSISTENCE_HELM": str(tools / name)}
    done = subprocess.run(
        [sys.executable, "-m", "post_renderer", "helm", *words.replace("V", VALUES).split()],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('name: "POLYAXON_DATA_PATHS"') == 4


OR_SET = "or set POLYAXON_PERSISTENCE_FILES to the path of a catalog file"
INSTALL = f"install the chart with the key `persistence` in the same release, {OR_SET}"
LEAVE_OUT = f"leave out --show-only, because it leaves out the catalog, {OR_SET}"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("-f v.yaml", INSTALL),
        ("--set a=-s", INSTALL),
        ("-s templates/job.yaml", LEAVE_OUT),
        ("-stemplates/job.yaml", LEAVE_OUT),
        ("--show-only templates/job.yaml", LEAVE_OUT),
        ("--show-only=templates/job.yaml", LEAVE_OUT),
    ],
)
def test_the_hint_about_a_missing_catalog_is_for_helm(
    words: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`helm template` refuses --persistence."""
    (tmp_path / "helm").write_text(f"#!/bin/sh\ncat {tmp_path}/job.yaml\n")
    (tmp_path / "helm").chmod(0o755)
    (tmp_path / "job.yaml").write_text(make_job())
    monkeypatch.setenv("POLYAXON_PERSISTENCE_HELM", str(tmp_path / "helm"))
    done = run("helm", "template", "demo", "chart", *words.split())
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[no-catalog]" in done.error
    assert done.error.endswith(f"  hint: {hint}\n")
    (tmp_path / "site.yaml").write_text("persistence: {data: {data1: {mountPath: /a, hostPath: /b}}}\n")
    monkeypatch.setenv("POLYAXON_PERSISTENCE_FILES", str(tmp_path / "site.yaml"))
    assert "no-catalog" not in run("helm", "template", "demo", "chart", *words.split()).error
