"""`check --output github | sarif | junit`: what each service would show, also of text that tries to forge a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from post_renderer.problems import CODES
from tests.support.ci_readers import Annotation, read_annotations, read_cases
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text())
FORMATS = ("github", "sarif", "junit")
VALUES = "runs:\n  train:\n    polyaxonfile: {environment: {persistence: {data: [data-fo]}}}\n"
LABELS = {
    "app.kubernetes.io/instance": "demo",
    "app.kubernetes.io/name": "polyaxon-persistence",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "polyaxon-persistence-0.2.0",
    "polyaxon.com/run": "train",
    "polyaxon.com/kind": "job",
}
TYPO = "environment: {persistence: {data: [data-fo]}}\n"
# As the chart writes it.
CHARTS_JOB = (
    make_job(TYPO)
    .replace("chart/templates/runs.yaml", "polyaxon-persistence/templates/job.yaml")
    .replace("  annotations:\n", f"  labels: {json.dumps(LABELS)}\n  annotations:\n", 1)
)
STREAM = make_catalog() + CHARTS_JOB + make_job(name="fine")
READ_ONLY = "environment: {persistence: {outputs: outputs1}}\n"  # a warning
MESSAGE = (
    "run train (values: runs.train.polyaxonfile), Job/train (polyaxon-persistence/templates/job.yaml), "
    'polyaxon.com/polyaxonfile: no data volume "data-fo"'
)
HINT = 'hint: did you mean "data-foo"? Known: data-foo, data1, data2'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory `deploy` of a git repository, with values and a `helm` that prints the file `stream`."""
    folder = tmp_path / "repository" / "deploy"
    folder.mkdir(parents=True)
    (folder.parent / ".git").mkdir()
    (folder / "values.yaml").write_text(VALUES)
    (folder / "stream").write_text(STREAM)
    helm = tmp_path / "bin" / "helm"
    helm.parent.mkdir()
    helm.write_text("#!/bin/sh\nexec cat stream\n")
    helm.chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", str(helm.parent), prepend=":")
    return folder


def check(output: str, *words: str) -> tuple[int, bytes, str]:
    return run("check", "--output", output, *words, "--", "helm", "template", "demo", "chart", "-f", "values.yaml")


def validate(log: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(log)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    return data


@pytest.mark.usefixtures("repository")
def test_github_shows_an_error_at_the_line_of_the_values() -> None:
    code, output, error = check("github")
    assert (code, error) == (1, "")
    properties = {"file": "deploy/values.yaml", "line": "3", "title": "unknown-volume"}
    assert read_annotations(output.decode()) == [Annotation("error", properties, f"{MESSAGE}\n{HINT}")]
    assert output.decode().endswith("\n2 runs in 3 objects: 1 error, 0 warnings\n")


@pytest.mark.usefixtures("repository")
def test_a_sarif_log_has_the_rule_and_the_place() -> None:
    code, output, error = check("sarif")
    assert code == 1
    report = f"values.yaml:3: error[unknown-volume] {MESSAGE}\n  {HINT}\n"
    assert error == f"{report}2 runs in 3 objects: 1 error, 0 warnings\n"
    (only,) = validate(output)["runs"]
    (rule,) = only["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"]["text"]) == ("unknown-volume", CODES["unknown-volume"][1])
    (result,) = only["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("unknown-volume", 0, "error")
    assert result["message"]["text"] == f"{MESSAGE}\n{HINT}"
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "deploy/values.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "Job/train"


@pytest.mark.usefixtures("repository")
def test_gitlab_shows_a_test_for_each_run() -> None:
    code, output, error = check("junit")
    assert code == 1
    assert "error[unknown-volume]" in error
    fine, train = read_cases(output)
    assert fine == ("polyaxon-persistence check", "polyaxon-persistence", "Job/fine", "", "")
    assert train[:4] == ("polyaxon-persistence check", "polyaxon-persistence", "Job/train", "deploy/values.yaml")
    assert train.failure == f"deploy/values.yaml:3: error[unknown-volume] {MESSAGE}\n{HINT}\n"
    assert output.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites')
    assert b'tests="2" failures="1"' in output


@pytest.mark.usefixtures("repository")
def test_a_place_that_is_not_certain_is_not_given() -> None:
    words = ("--", "helm", "template", "demo", "chart", "-f", "values.yaml", "--set", "runs.train.rerun=1")
    (annotation,) = read_annotations(run("check", "--output", "github", *words).output.decode())
    assert annotation.properties == {"title": "unknown-volume"}
    (case,) = [case for case in read_cases(run("check", "--output", "junit", *words).output) if case.failure]
    assert case.file == ""
    assert case.failure.startswith("error[unknown-volume] run train ")
    (result,) = validate(run("check", "--output", "sarif", *words).output)["runs"][0]["results"]
    assert "physicalLocation" not in result["locations"][0]


def test_files_of_the_command_line_are_places(repository: Path) -> None:
    (repository / "rendered.yaml").write_text(STREAM)
    (repository / "site, a:b.yaml").write_text("data:\n  x: {mountPath: x, existingClaim: x}\n")
    words = ("check", "rendered.yaml", "--persistence", "site, a:b.yaml", "--output")
    line = STREAM[: STREAM.index("      environment: ")].count("\n") + 1
    found = read_annotations(run(*words, "github").output.decode())
    assert [annotation.place() for annotation in found] == ["deploy/site, a:b.yaml:2", f"deploy/rendered.yaml:{line}"]
    results = validate(run(*words, "sarif").output)["runs"][0]["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris == ["deploy/site%2C%20a%3Ab.yaml", "deploy/rendered.yaml"]
    cases = read_cases(run(*words, "junit").output)
    assert [(case.classname, case.name) for case in cases if case.failure] == [
        ("polyaxon-persistence", "(catalog)"),
        ("rendered.yaml", "Job/train"),
    ]


def test_a_file_outside_of_the_repository_keeps_its_path(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "out.yaml").write_text("x: [\n")
    for words, path, uri in (
        ([str(tmp_path / "out.yaml")], str(tmp_path / "out.yaml"), f"file://{tmp_path}/out.yaml"),
        (["../../out.yaml"], "../../out.yaml", "../../out.yaml"),
    ):
        (annotation, *_) = read_annotations(run("check", *words, "--output", "github").output.decode())
        assert annotation.properties["file"] == path
        (result, *_) = validate(run("check", *words, "--output", "sarif").output)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
    (repository.parent / ".git").rmdir()
    (repository / "rendered.yaml").write_text(STREAM)
    (annotation,) = read_annotations(run("check", "./rendered.yaml", "--output", "github").output.decode())
    assert annotation.properties["file"] == "rendered.yaml"


def test_a_current_directory_that_is_gone(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rendered.yaml").write_text(STREAM)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    (annotation,) = read_annotations(run("check", f"{tmp_path}/rendered.yaml", "--output", "github").output.decode())
    assert annotation.properties["file"] == f"{tmp_path}/rendered.yaml"
    monkeypatch.chdir(repository)


def test_warnings_are_warnings(repository: Path) -> None:
    (repository / "stream").write_text(make_catalog() + make_job(READ_ONLY))
    code, output, _ = check("github")
    (annotation,) = read_annotations(output.decode())
    assert (code, annotation.name, annotation.properties["title"]) == (0, "warning", "read-only-outputs")
    assert validate(check("sarif")[1])["runs"][0]["results"][0]["level"] == "warning"
    _, output, _ = check("junit")
    (case,) = read_cases(output)
    assert case.failure == ""
    assert b"<system-out>warning[read-only-outputs] " in output
    code, output, _ = check("github", "--strict")
    assert (code, read_annotations(output.decode())[0].name) == (1, "error")


@pytest.mark.parametrize("output", FORMATS)
def test_nothing_is_wrong(output: str, repository: Path) -> None:
    (repository / "stream").write_text(make_catalog() + make_job())
    code, text, error = check(output)
    assert code == 0
    summary = "1 run in 2 objects: 0 errors, 0 warnings\n"
    if output == "github":
        assert (text.decode(), error) == (summary, "")
        return
    assert error == summary
    if output == "sarif":
        assert validate(text)["runs"][0]["results"] == []
    else:
        assert [case.failure for case in read_cases(text)] == [""]


def test_what_an_upgrade_would_do_is_a_notice(repository: Path) -> None:
    (repository / "stream").write_text(make_catalog() + make_job(name="new") + make_job(name="same"))
    (repository / "before").write_text(run(stdin=make_catalog() + make_job(name="same") + make_job()).output.decode())
    words = ("--against", "before", "--max-starts", "0")
    code, output, _ = check("github", *words)
    error, notice = read_annotations(output.decode())
    assert (code, error.properties) == (1, {"title": "too-many-starts"})
    assert notice == Annotation("notice", {"title": "1 run would start"}, "Job/new: starts\nJob/train: removed")
    assert "Job/same   left alone  its content has not changed\n" in output.decode()
    _, output, error_text = check("junit", *words)
    assert [case.name for case in read_cases(output) if case.failure] == ["(upgrade)"]
    assert "1 run would start.\n" in error_text


def test_many_effects_are_cut(repository: Path) -> None:
    jobs = "".join(make_job(name=f"{'a' * 50}{number}") for number in range(100))
    (repository / "stream").write_text(make_catalog() + jobs)
    (repository / "before").write_text("{apiVersion: v1, kind: Namespace, metadata: {name: x}}\n")
    (notice,) = read_annotations(check("github", "--against", "before")[1].decode())
    assert notice.properties["title"] == "100 runs would start"
    assert len(notice.message) == 4001


@pytest.mark.parametrize("output", FORMATS)
def test_an_input_that_can_not_be_checked_is_reported_in_the_format(output: str, repository: Path) -> None:
    (repository / "stream").write_text("")
    code, text, error = check(output)
    assert code == 1
    if output == "github":
        assert read_annotations(text.decode())[0].properties == {"title": "no-object"}
        return
    assert "error[no-object]" in error
    if output == "sarif":
        assert validate(text)["runs"][0]["results"][0]["ruleId"] == "no-object"
    else:
        assert [case.name for case in read_cases(text)] == ["(input)"]


FORGED = (
    "x\n::error file=a::forged",
    "x\r::error::forged",
    "##[error]forged",
    "%0A::error::forged",
    "::stop-commands::x",
    "</failure><failure>forged",
    "]]>&<b>",
    "[click](https://example.com)",
    "\x1b[31m\x00\x9b\u202e\ufffe",
    "[[ATTACHMENT|/etc/passwd]]",
)


@pytest.mark.parametrize("forged", FORGED)
def test_text_of_the_input_forges_nothing(forged: str, repository: Path) -> None:
    polyaxonfile = json.dumps({"environment": {"persistence": {"data": [forged]}}}) + "\n"
    env = "env:\n- " + json.dumps({"name": forged, "value": "1"}) + "\n"
    (repository / "stream").write_text(make_catalog() + make_job(polyaxonfile))
    (repository / "before").write_text(run(stdin=make_catalog() + make_job()).output.decode())
    result = check("github")
    (annotation,) = read_annotations(result[1].decode() + result[2])
    assert (annotation.name, annotation.properties) == ("error", {"title": "unknown-volume"})
    log = validate(check("sarif")[1])
    (found,) = log["runs"][0]["results"]
    assert "](" not in found["message"]["text"].replace("\\]", "")
    (case,) = read_cases(check("junit")[1])
    assert case.failure.startswith("error[unknown-volume] ")
    assert case.failure.count("\n") == 2
    assert b"<system-out>" not in check("junit")[1]
    # In what an upgrade would do, the name of a variable is part of a line.
    (repository / "stream").write_text(make_catalog() + make_job(container=env))
    code, output, error = check("github", "--against", "before")
    assert code == 1
    assert [found.properties.get("title") for found in read_annotations(output.decode() + error)] == [
        "blocked-run",
        "0 runs would start",
    ]


def test_the_name_of_a_file_forges_nothing(repository: Path) -> None:
    folder = repository / "rendered"
    folder.mkdir()
    (folder / "::error::x,line=1\n##[error]y.yaml").write_text(STREAM)
    (folder / "##[error]link.yaml").symlink_to(folder)
    code, output, error = run("check", "rendered", "--output", "github")
    (annotation,) = read_annotations(output.decode() + error)
    assert code == 1
    assert annotation.properties["title"] == "unknown-volume"
    assert annotation.properties["file"] == "deploy/rendered/::error::x,line=1\\u000a##[error]y.yaml"
    assert "symbolic link" in error
    (case, _) = sorted(read_cases(run("check", "rendered", "--output", "junit").output), key=lambda case: case.name)[
        ::-1
    ]
    assert "\\u000a" in case.classname


def test_the_reader_of_annotations_finds_what_is_forged() -> None:
    for text in ("  ::error::x", "a ##[error]x", "::warning file=a,line=2::x%0Ay"):
        (found,) = read_annotations(text)
        assert found.message in ("x", "x\ny")
    assert read_annotations("a ::error::x\n::other::x\n##[other]x\n##[error\n::error\n") == []


def test_the_schema_refuses_another_log() -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(b'{"version": "2.1.0", "runs": [{"results": []}]}')


@pytest.mark.parametrize("output", FORMATS)
def test_quiet_leaves_out_everything_but_errors(output: str, tmp_path: Path) -> None:
    mild = make_catalog() + make_job(READ_ONLY)
    (tmp_path / "old").write_text(make_catalog())
    words = ("check", "--quiet", "--output", output, "--against", str(tmp_path / "old"))
    code, text, error = run(*words, stdin=mild)
    assert (code, error, b"read-only-outputs" in text) == (0, "", False)
    if output == "github":
        assert text == b""
    code, text, error = run(*words, stdin=mild + CHARTS_JOB)
    assert code == 1
    assert b"unknown-volume" in text
    for printed in (text.decode(), error):
        assert "read-only-outputs" not in printed
        assert "2 runs in" not in printed
    strict = run(*words, "--strict", stdin=mild)
    assert (strict.exit_code, b"read-only-outputs" in strict.output) == (1, True)
