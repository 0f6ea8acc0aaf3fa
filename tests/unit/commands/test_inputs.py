"""What ``check``, ``explain`` and ``verify`` read, and what their summaries say of it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import places
from tests.unit.commands.conftest import render

COMMANDS = ("check", "explain", "verify")
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
UNKNOWN = "environment: {persistence: {data: [nothing]}}\n"


# Nothing is not green


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the input is empty"),
        ("\n# nothing\n---\n", "the input has no Kubernetes object"),
        ("persistence: {data: {}}\n", "the input seems to be a catalog, and not the output of Helm"),
        ("persistence: {data: {}}\nruns: {}\n", "the input seems to be a values file, and not the output of Helm"),
        ("outputs: {}\ndefaultData: []\n", "the input seems to be a catalog, and not the output of Helm"),
        ("runs: {train: {}}\n", "the input seems to be a values file, and not the output of Helm"),
        ("version: 1\nkind: job\n", "the input seems to be a polyaxonfile, and not the output of Helm"),
        ("a: b\n", "the input has no Kubernetes object"),
        ("text\n", "the input has no Kubernetes object"),
        ("a: [\n", "the input can't be read: "),
        ("a: \udcff\n", "the input can't be read: it is not UTF-8"),
    ],
)
def test_an_input_without_objects_is_an_error(command: str, text: str, message: str) -> None:
    result = run(command, stdin=text.encode("utf-8", "surrogateescape"))
    assert result.exit_code == 1
    place = "<stdin>:1: error[no-object] " if "can't be read" in message else "error[no-object] (input): "
    assert result.error.startswith(f"{place}{message}")
    assert "0 runs in 0 objects" in result.output.decode()
    done = run(command, "--output", "json", stdin=text.encode("utf-8", "surrogateescape"))
    data = json.loads(done.output)
    assert (done.exit_code, data["objects"], [row["code"] for row in data["problems"]]) == (1, 0, ["no-object"])


@pytest.mark.parametrize("text", ["", "runs: {}\n"])
def test_a_hook_may_accept_an_input_without_objects(text: str) -> None:
    result = run("check", "--allow-empty", stdin=text)
    assert (result.exit_code, result.output, result.error) == (0, b"0 runs in 0 objects: 0 errors, 0 warnings\n", "")


def test_a_hook_still_reports_what_it_can_not_read() -> None:
    result = run("check", "--allow-empty", stdin="a: [\n")
    assert (result.exit_code, result.output) == (0, b"0 runs in 0 objects: 0 errors, 1 warning\n")
    assert result.error.startswith("<stdin>:1: warning[unread-document] ")
    assert run("check", "--allow-empty", "--strict", stdin="a: [\n").exit_code == 1


@pytest.mark.parametrize("command", ["check", "explain"])
def test_a_values_file_gets_the_command_that_renders_it(command: str) -> None:
    hint = f"hint: write polyaxon-persistence {command} -- helm template demo ./chart"
    assert f"{hint} -f FILE\n" in run(command, stdin="runs: {}\n").error
    assert f"{hint}\n" in run(command, stdin="").error


def test_a_catalog_gets_the_command_that_checks_it(tmp_path: Path) -> None:
    site = tmp_path / "my site.yaml"
    site.write_text("outputs: {o: {mountPath: o, existingClaim: o}}\n")
    command = "polyaxon-persistence check --allow-empty --persistence {} < /dev/null"
    error = run("check", str(site)).error
    assert f"  hint: to check only a catalog, write {command.format(shlex.quote(str(site)))}\n" in error
    assert command.format("FILE") in run("verify", stdin="persistence: {}\n").error
    words = shlex.split(error.partition(" write polyaxon-persistence ")[2].partition(" <")[0])
    result = run(*words)
    assert (result.exit_code, result.error.startswith(f"{site}:1: error[invalid-entry] outputs.o: ")) == (1, True)
    site.write_text("outputs: {o: {mountPath: /o, existingClaim: o}}\n")
    assert (run(*words).exit_code, run(*words).error) == (0, "")


@pytest.mark.parametrize("text", ["", "runs: {}\n", "a: b\n"])
def test_the_hint_of_verify_reads_what_is_installed(text: str) -> None:
    error = run("verify", stdin=text).error
    assert "polyaxon-persistence verify -- helm get manifest demo\n" in error
    assert "helm template" not in error


@pytest.mark.parametrize("command", COMMANDS)
def test_objects_without_runs_are_counted(command: str) -> None:
    result = run(command, stdin=f"{SERVICE}---\n{SERVICE}")
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.startswith(b"0 runs in 2 objects")
    assert b"catalog" not in result.output


@pytest.mark.parametrize("command", ["check", "explain"])
def test_a_catalog_without_runs_says_what_to_write(command: str) -> None:
    result = run(command, stdin=make_catalog())
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.decode().partition("\n")[2] == (
        "The stream has a catalog, but no run asks for its volumes: add a run to the values, "
        "or the annotation polyaxon.com/polyaxonfile: '{}' to a workload.\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_run_with_an_error_is_a_run(command: str) -> None:
    result = run(command, stdin=make_catalog() + make_job(UNKNOWN) + make_job("kind: x\n", name="b"))
    assert result.exit_code == 1
    assert b"2 runs in 3 objects" in result.output
    assert b": 2 errors, 0 warnings\n" in result.output


@pytest.mark.parametrize("comment", ["", "# polyaxon.com\n"])
def test_objects_without_a_catalog_and_runs_are_counted(comment: str) -> None:
    result = run("verify", stdin="apiVersion: v1\nkind: Service\n" + comment)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output == b"0 runs in 1 object, 0 verified: 0 errors, 0 warnings\n"


def test_a_catalog_without_runs_is_an_error_because_hooks_are_not_in_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("data: {a: {mountPath: /a, existingClaim: a}}\n")
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    for done in (
        run("verify", stdin=make_catalog()),
        run("verify", "--persistence", str(tmp_path / "site.yaml"), stdin=service),
    ):
        assert done.exit_code == 1
        assert done.error.startswith(
            "error[not-verified] (stream): no run was verified: the input has a catalog, but no run; hooks are not in helm get manifest\n"
        )


# Files and directories


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two renderings in a directory; the first one has the catalog of both."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all" / "b").mkdir(parents=True)
    (tmp_path / "all" / "a.yaml").write_text(render(make_job()))
    (tmp_path / "all" / "b" / "c.yml").write_text(
        render(make_job(name="other")).split("data-foo-pvc}\n", 2)[-1].partition("---\n")[2]
    )
    (tmp_path / "all" / "note.txt").write_text("not read: [")
    return tmp_path / "all"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_directory_is_one_rendering(command: str, folder: Path) -> None:
    (folder / "b" / "d.json").write_text(json.dumps({"apiVersion": "v1", "kind": "Service"}))
    result = run(command, "all", stdin="not read: [")
    assert (result.exit_code, result.error) == (0, "")
    assert b"2 runs in 4 objects" in result.output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS)
def test_each_file_is_a_rendering_of_its_own(command: str) -> None:
    result = run(command, "all/a.yaml", "all/b/c.yml")
    assert (result.exit_code, result.error.count("error[no-catalog] Job/other")) == (1, 1)
    assert b"2 runs in 3 objects" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_a_line_is_a_line_of_its_file(command: str, folder: Path) -> None:
    (folder / "a.yaml").write_text(make_catalog().rstrip("\n"))  # files need no newline at their end
    (folder / "z.yaml").write_text(f"# first line\n{make_job(UNKNOWN)}")
    result = run(command, "all")
    line = (
        f"# first line\n{make_job(UNKNOWN)}".splitlines().index("      environment: {persistence: {data: [nothing]}}")
        + 1
    )
    assert f"all/z.yaml:{line}: error[unknown-volume] Job/train (chart/templates/runs.yaml), " in result.error


def test_a_document_that_can_t_be_read_is_in_its_own_file(folder: Path) -> None:
    (folder / "z.yaml").write_text("a: [\n")
    error = run("check", "all").error
    assert "all/z.yaml:1: warning[unread-document] this document can't be read" in error


def test_the_encoding_of_each_file_counts(folder: Path) -> None:
    (folder / "z.yaml").write_text(make_job(name="marked"), encoding="utf-8-sig")
    result = run("check", "all")
    assert (result.exit_code, result.error) == (0, "")
    assert b"3 runs in 4 objects" in result.output
    (folder / "z.yaml").write_text(make_job(name="wide"), encoding="utf-16")
    result = run("check", "all")
    assert (result.exit_code, result.error.splitlines()[0]) == (2, "polyaxon-persistence: all/z.yaml is UTF-16")


def test_explain_names_the_file_of_a_run(folder: Path) -> None:
    (found,) = json.loads(run("explain", "all/a.yaml", "--output", "json").output)["runs"]
    assert (found["stream"], found["line"]) == ("all/a.yaml", 25)
    text = (folder / "b" / "c.yml").read_text()
    line = text[: text.index("polyaxonfile")].count("\n") + 1
    assert (
        f"Job/other  (job; all/b/c.yml, line {line}, from chart/templates/runs.yaml)\n"
        in run("explain", "all").output.decode()
    )


def test_files_are_read_in_the_bytewise_order_of_their_paths(tmp_path: Path) -> None:
    names = ["B.yaml", "a-b.yaml", "a/x.yaml", "a.yaml", "\u00e4.yaml"]
    (tmp_path / "a").mkdir()
    for name in names:
        (tmp_path / name).write_text(make_job(UNKNOWN, name=name.replace("/", "-").replace(".yaml", "").lower()))
    error = run("check", str(tmp_path)).error
    read = [place.rpartition(":")[0] for place in places(error)]
    assert read == [str(tmp_path / name) for name in sorted(names, key=os.fsencode)]


def test_links_are_not_followed_and_not_passed_over_in_silence(folder: Path) -> None:
    (folder / "e.yaml").symlink_to(folder / "a.yaml")
    (folder / "b" / "loop").symlink_to(folder)
    result = run("check", "all")
    assert result.exit_code == 0
    assert result.error.splitlines() == [
        f"note: all/{name} is a symbolic link, so it was not read" for name in ("b/loop", "e.yaml")
    ]
    assert b"2 runs in 3 objects" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_a_directory_without_manifests_is_a_usage_error(command: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x")
    result = run(command, str(tmp_path))
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {tmp_path} has no file with manifests\n  hint: ")


@pytest.mark.parametrize("place", ["Chart.yaml", "b/Chart.yaml"])
def test_a_chart_is_to_be_rendered_first(place: str, folder: Path) -> None:
    (folder / place).write_text("name: x\n")
    result = run("check", "all")
    assert (result.exit_code, result.output) == (2, b"")
    chart = os.path.dirname(f"all/{place}")
    assert result.error == (
        f"polyaxon-persistence: {chart} is a chart, and not a rendered stream\n"
        f"  hint: render it first: write -- helm template demo {chart}\n"
    )


def test_a_catalog_file_is_reported_once(folder: Path) -> None:
    (folder.parent / "site.yaml").write_text("data: {a: {mountPath: a}}\n")
    lines = run("check", "all/a.yaml", "all", "--persistence", "site.yaml").error.splitlines()
    found = [line for line in lines if line.startswith("site.yaml:1: error[")]
    assert found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("command", [*COMMANDS, "migrate"])
def test_a_deep_directory_is_read(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own limit of recursion is 1,000 calls, and a path can have 4,096 bytes."""
    depth = 1300
    monkeypatch.chdir(tmp_path)
    os.mkdir("top")
    os.chdir("top")
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    Path("values.yaml").write_text("persistence: {data: {}}\nhpsearch: {}\n" if command == "migrate" else SERVICE)
    monkeypatch.chdir(tmp_path)
    try:
        result = run(command, "top")
        assert (result.exit_code, "error[" in result.error) == (0, False), result.error
    finally:
        subprocess.run(["rm", "-rf", "top"], check=True)


def test_a_file_and_a_link_to_it_are_one_input(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(make_catalog() + make_job())
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    (tmp_path / "c.yaml").hardlink_to(tmp_path / "a.yaml")
    paths = [str(tmp_path / name) for name in ("a.yaml", "b.yaml", "c.yaml")]
    result = run("check", *paths[:2])
    assert (result.exit_code, result.output) == (2, b"")
    assert f"{paths[0]} and {paths[1]} are the same file" in result.error
    # Tools that save disk space make hard links of files that are only equal.
    assert run("check", paths[0], paths[2]).output.startswith(b"2 runs in 4 objects")
