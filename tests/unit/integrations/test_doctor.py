"""`doctor`: each thing that is wrong has a remedy, and the exit code is 1 if a row is an error."""

from __future__ import annotations

import json
import os
import sysconfig
from typing import TYPE_CHECKING, NamedTuple

import pytest

from post_renderer import __version__
from post_renderer.console.last_report import save_report
from tests.support.cli import run

if TYPE_CHECKING:
    from pathlib import Path

NAME = "polyaxon-persistence"
MAJOR, MINOR, _ = __version__.split(".")
LATER = f"{MAJOR}.{int(MINOR) + 1}.0"


class Machine(NamedTuple):
    """A directory with programs, which is all of PATH, a plugins directory, and a current directory."""

    programs: Path
    plugins: Path
    here: Path

    def add_program(self, name: str, script: str) -> Path:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def add_helm(self, version: str, name: str = "helm", plugins: Path | None = None) -> Path:
        directory = plugins or self.plugins
        script = f"case $1 in\nversion) echo {version};;\nenv) test \"$2\" = HELM_PLUGINS && echo '{directory}';;\nesac"
        return self.add_program(name, script)

    def add_plugin(self, text: str, name: str = "post_renderer") -> Path:
        (self.plugins / name).mkdir(parents=True)
        (self.plugins / name / "plugin.yaml").write_text(text)
        return self.plugins / name


class Answer(NamedTuple):
    """What doctor says: the exit code and the rows of one check, each with its remedy below it."""

    code: int
    rows: list[str]


def doctor(check: str, *words: str) -> Answer:
    result = run("doctor", *words)
    assert result.error == ""
    rows = result.output.decode().replace("\n  remedy: ", " => ").splitlines()
    return Answer(result.exit_code, [" ".join(row.split()) for row in rows if row.split()[1:2] == [check]])


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine on which nothing is wrong, with a Helm 4."""
    found = Machine(tmp_path / "bin", tmp_path / "plugins", tmp_path / "here")
    found.programs.mkdir()
    found.here.mkdir()
    monkeypatch.chdir(found.here)
    monkeypatch.setenv("PATH", str(found.programs))
    for variable in (
        "POLYAXON_PERSISTENCE_FILES",
        "POLYAXON_PERSISTENCE_HELM",
        "POLYAXON_PERSISTENCE_DEPTH",
        "HELM_PLUGINS",
    ):
        monkeypatch.delenv(variable, raising=False)
    found.add_program(NAME, f'test "$1" = version && echo {__version__}')
    found.add_helm("v4.3.1")
    found.add_plugin(f"apiVersion: v1\nname: {NAME}\nversion: {__version__}\n")
    return found


def test_nothing_is_wrong(machine: Machine) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert result.output.decode() == (
        f"ok       program  {NAME} {__version__}, {machine.programs}/{NAME}\n"
        f"ok       helm     Helm v4.3.1, {machine.programs}/helm\n"
        f"ok       plugin   plugin {__version__}, {machine.plugins}/post_renderer\n"
        "-        chart    there is no Chart.yaml in this directory\n"
        "-        catalog  no site catalog is active: POLYAXON_PERSISTENCE_FILES is not set\n"
        "ok       reports  no render had an error or a warning\n"
        "0 errors, 0 warnings\n"
    )


def test_the_json_has_the_same_rows(machine: Machine) -> None:
    machine.add_helm("v4.1.4")
    result = run("doctor", "--output", "json")
    data = json.loads(result.output)
    assert (result.exit_code, data["errors"], data["warnings"]) == (1, 1, 0)
    assert data["checks"][1] == {
        "check": "helm",
        "state": "error",
        "message": f"Helm v4.1.4, {machine.programs}/helm: this version is too old",
        "remedy": "install Helm 3.22 or a later Helm 3, or Helm 4.2 or later",
    }


@pytest.mark.parametrize(
    ("started", "directory"),
    [(f"/opt/python/bin/{NAME}", "/opt/python/bin"), ("x/__main__.py", sysconfig.get_path("scripts"))],
)
def test_the_program_is_not_on_path(
    started: str, directory: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.programs / NAME).unlink()
    monkeypatch.setattr("sys.argv", [started])
    wanted = f"error program {NAME} is not on PATH, so no Helm finds it => add {directory} to PATH"
    assert doctor("program") == (1, [wanted])


def test_path_has_another_version_of_the_program(machine: Machine) -> None:
    path = machine.add_program(NAME, "echo 0.0.1")
    code, (row,) = doctor("program")
    assert code == 1
    assert f"{path}, which Helm finds on PATH, is version 0.0.1, but this program is version {__version__} =>" in row
    machine.add_program(NAME, "exit 1")
    assert "is a program that does not print its version" in doctor("program").rows[0]


def test_this_program_is_not_started_to_ask_for_its_version(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    path = machine.add_program(NAME, "exit 1")
    monkeypatch.setattr("sys.argv", [str(path)])
    assert doctor("program") == (0, [f"ok program {NAME} {__version__}, {path}"])


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("v2.17.0", "this version is not supported"),
        ("v3.21.4", "this version is too old"),
        ("v4.1.4", "this version is too old"),
        ("v5.0.0", "this version is not supported"),
        ("dev", "this version is not supported"),
        ("", "does not print its version"),
    ],
)
def test_a_helm_that_is_not_supported(version: str, message: str, machine: Machine) -> None:
    machine.add_helm(version)
    code, (row,) = doctor("helm")
    assert code == 1
    assert f"{message} => install Helm 3.22" in row


def test_there_is_no_helm(machine: Machine) -> None:
    (machine.programs / "helm").unlink()
    code, rows = doctor("helm")
    assert code == 1
    assert rows == [
        (
            "error helm there is no program named helm on PATH => "
            "install Helm, or set POLYAXON_PERSISTENCE_HELM to the path of the real Helm"
        )
    ]
    assert doctor("plugin").rows == []


def test_the_plugin_is_not_registered(machine: Machine) -> None:
    (machine.plugins / "post_renderer" / "plugin.yaml").write_text("apiVersion: v1\nname: other\nversion: 1.0.0\n")
    wanted = f'error plugin Helm 4 finds no plugin {NAME} in {machine.plugins} => run helm plugin install "$({NAME} plugin-dir)"'
    assert doctor("plugin") == (1, [wanted])
    (machine.plugins / "post_renderer" / "plugin.yaml").write_text("name: [\n")
    assert doctor("plugin") == (1, [wanted])
    (machine.plugins / "post_renderer" / "plugin.yaml").unlink()
    (machine.plugins / "post_renderer").rmdir()
    machine.plugins.rmdir()
    assert doctor("plugin") == (1, [wanted])


def test_a_plugins_directory_that_helm_does_not_install_into(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.plugins / "post_renderer" / "plugin.yaml").unlink()
    monkeypatch.setenv("HELM_PLUGINS", str(machine.plugins))
    (row,) = doctor("plugin").rows
    assert f'=> run ln -s "$({NAME} plugin-dir)" {machine.plugins}/{NAME}, or unset HELM_PLUGINS and run helm ' in row


@pytest.mark.parametrize("name", ["post_renderer", NAME])
def test_the_plugin_is_a_link_to_something_that_is_gone(name: str, machine: Machine) -> None:
    (machine.plugins / "post_renderer").rename(machine.plugins / "moved")
    (machine.plugins / "moved" / "plugin.yaml").unlink()
    (machine.plugins / name).symlink_to("/gone/post_renderer")
    (machine.plugins / "another").symlink_to("/gone/another")
    code, (row,) = doctor("plugin")
    assert code == 1
    assert row == (
        f"error plugin {machine.plugins}/{name} is a link to /gone/post_renderer, which does not exist "
        f'=> remove this link, and run helm plugin install "$({NAME} plugin-dir)"'
    )


def test_the_plugin_has_another_version(machine: Machine) -> None:
    (machine.plugins / "post_renderer" / "plugin.yaml").write_text(f"apiVersion: v1\nname: {NAME}\nversion: 0.0.1\n")
    code, (row,) = doctor("plugin")
    assert code == 0
    assert row.startswith(
        f"warning plugin plugin 0.0.1, {machine.plugins}/post_renderer: the program has version {__version__} => "
    )


def test_the_plugin_is_there_twice(machine: Machine) -> None:
    machine.add_plugin(f"apiVersion: v1\nname: {NAME}\nversion: {__version__}\n", NAME)
    code, (row,) = doctor("plugin")
    assert code == 1
    assert f"several plugins {NAME}: {machine.plugins}/{NAME} and {machine.plugins}/post_renderer => remove" in row


def test_a_plugins_directory_that_helm_3_shares(machine: Machine) -> None:
    machine.add_helm("v3.22.0", "helm3")
    code, rows = doctor("plugin")
    assert code == 1
    assert rows[0].startswith("ok plugin plugin ")
    assert rows[1].startswith(
        f"error plugin {machine.programs}/helm3 loads no plugins at all, because {machine.plugins}/post_renderer is "
        "for Helm 4 => remove it, set another HELM_DATA_HOME for Helm 4, "
    )
    machine.add_helm("v3.22.0", "helm3", machine.here)
    (machine.here / "diff").mkdir()
    (machine.here / "diff" / "plugin.yaml").write_text("name: diff\nversion: 3.0.0\n")
    code, rows = doctor("plugin")
    assert (code, rows[1]) == (0, f"ok plugin Helm 3 needs no plugin, and {machine.here} has none of Helm 4")


def test_one_helm_under_two_names_is_checked_once(machine: Machine) -> None:
    (machine.programs / "helm4").symlink_to(machine.programs / "helm")
    assert len(doctor("helm").rows) == 1


@pytest.mark.parametrize(
    ("chart", "code", "row"),
    [
        (f"name: {NAME}\nversion: {__version__}\n", 0, f"ok chart chart {NAME} {__version__}"),
        ("name: other\nversion: 1.0.0\n", 0, f'- chart the chart "other" does not depend on {NAME}, so its catalog must come from elsewhere'),
        (f"name: {NAME}\nversion: {LATER}\n", 1, f"error chart chart {NAME} {LATER}: the program has version {__version__} => install the version {LATER} of the program, or use the program and the chart of one version: {__version__}"),
        (f"name: {NAME}\nversion: 0.0.1\n", 0, f"warning chart chart {NAME} 0.0.1: the program has version {__version__} => use the program and the chart of one version: {__version__}"),
        ("name: [\n", 1, "error chart Chart.yaml can't be read => run helm lint . to see what is wrong"),
        ("a\n", 1, "error chart Chart.yaml can't be read => run helm lint . to see what is wrong"),
        ("name: {}\n", 1, "error chart a Chart.yaml is wrong: this value is a mapping, but it must be a single value => run helm lint . to see what is wrong"),
        (f"name: team\ndependencies:\n- name: redis\n- name: {NAME}\n  version: 0.x\n", 1, f'error chart chart "team" with the dependency {NAME} 0.x, which is not in charts/ => run helm dependency update .'),
    ],
)  # fmt: skip
def test_the_chart_in_the_directory(chart: str, code: int, row: str, machine: Machine) -> None:
    (machine.here / "Chart.yaml").write_text(chart)
    assert doctor("chart") == (code, [row])


def test_the_dependency_in_charts(machine: Machine) -> None:
    (machine.here / "Chart.yaml").write_text(f"name: team\ndependencies:\n- {{name: {NAME}, version: 0.x}}\n")
    (machine.here / "charts" / "vision").mkdir(parents=True)
    (machine.here / "charts" / "vision" / "Chart.yaml").write_text(f"name: {NAME}\nversion: {__version__}\n")
    (machine.here / "charts" / "redis-1.0.0.tgz").write_bytes(b"")
    names = f'chart chart "team" with the dependency {NAME}'
    assert doctor("chart") == (0, [f"ok {names} {__version__}"])
    (machine.here / "charts" / f"{NAME}-{LATER}.tgz").write_bytes(b"")
    code, (first, second) = doctor("chart")
    assert (code, first) == (1, f"ok {names} {__version__}")
    (machine.here / "charts" / "vision" / "Chart.yaml").write_text("name: a\nname: b\n")
    assert "a Chart.yaml is wrong: the key" in doctor("chart").rows[0]
    assert second.endswith(f"write version: {__version__} in Chart.yaml, and run helm dependency update .")


def test_site_catalogs(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.here / "a.yaml").write_text("persistence: {data: {x: {readOnly: true}}}\n")
    (machine.here / "b.yaml").write_text("data:\n  y: [\n")
    monkeypatch.setenv("POLYAXON_PERSISTENCE_FILES", f"{machine.here}/a.yaml{os.pathsep}a.yaml")
    code, rows = doctor("catalog", "--persistence", "b.yaml", "--persistence", "gone.yaml")
    assert code == 1
    assert rows[0] == f"ok catalog {machine.here}/a.yaml: 1 named volume"
    assert rows[1].startswith(
        "warning catalog a.yaml: 1 named volume; in another directory, this path is another file => "
    )
    assert rows[2].startswith("error catalog b.yaml:")
    assert rows[3] == "error catalog --persistence gone.yaml: No such file or directory => name a file that can be read"


def test_the_errors_of_a_site_catalog_have_their_lines(machine: Machine) -> None:
    (machine.here / "a.yaml").write_text(
        "persistence:\n  data:\n    x:\n      mountPath: /x\n      existingClaim: Bad_Claim\n      readonly: true\n"
    )
    (machine.here / "b.yaml").write_text("outputs: {o: {create: {size: 1Gi}}}\nrunFolder: '{x}'\n")
    (machine.here / "c.yaml").write_text("data: {x: {description: ok}}\n")
    code, rows = doctor("catalog", *(word for name in "abc" for word in ("--persistence", f"{name}.yaml")))
    assert code == 1
    assert [row.partition(" => ")[0] for row in rows] == [
        'error catalog a.yaml:5: persistence.data.x: existingClaim "Bad_Claim" is not the name of a claim',
        'error catalog a.yaml:6: persistence.data.x: unknown key "readonly"',
        "error catalog b.yaml:1: outputs.o: a --persistence file can't create a claim",
        (
            'error catalog b.yaml:2: runFolder: "{x}" has an unknown placeholder "{x}"; '
            "Known: kind, name, namespace, project, user"
        ),
        "ok catalog c.yaml: 1 named volume",
    ]


def test_the_saved_reports(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    show = f"=> run {NAME} last-report --list"
    save_report("error[x] y\n", (), errors=1, warnings=0)
    (row,) = doctor("reports").rows
    assert row.startswith("- reports 1 saved report, the newest of 2")
    assert row.endswith(show)
    monkeypatch.setenv("XDG_STATE_HOME", str(machine.here))
    folder = machine.here / NAME / "reports"
    folder.mkdir(parents=True)
    (folder / f"{1:020d}-x.not-saved").write_text("")
    code, (row,) = doctor("reports")
    assert code == 0
    assert row.startswith("warning reports the report of 1970-")
    monkeypatch.setattr("os.access", lambda *_: False)
    assert f"this user can't write to {folder}, so no report can be saved" in doctor("reports").rows[0]
    (folder / f"{1:020d}-x.not-saved").unlink()
    folder.rmdir()
    folder.symlink_to(machine.here)
    assert "Is a symbolic link => make it a directory" in doctor("reports").rows[0]
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", "")
    assert "no report can be saved => set HOME or XDG_STATE_HOME" in doctor("reports").rows[0]


def test_a_program_that_does_not_answer_is_not_waited_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("post_renderer.integrations.doctor_row.PATIENCE", 0.2)
    machine.add_program("helm", "exec /bin/sleep 60")
    assert "does not print its version" in doctor("helm").rows[0]


def test_a_name_controls_no_terminal(machine: Machine) -> None:
    (machine.here / "Chart.yaml").write_text('name: "\\e[31m\\nerror x"\n')
    (row,) = doctor("chart").rows
    assert "\\u001b[31m\\u000aerror x" in row
