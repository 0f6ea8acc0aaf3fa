"""Argo CD's plugin, as Argo CD runs it: the commands of its file, in an application's folder, with its environment."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from tests.support.cli import make_job, run
from tests.support.examples import objects
from tests.support.paths import ROOT
from tests.unit.integrations.argocd.conftest import (
    ARGOCD,
    HOOK,
    SHOWING,
    enter,
    generate,
    make_chart,
    quoted,
    refusals,
    set_parameters,
)

if TYPE_CHECKING:
    from pathlib import Path


APPLICATION = yaml.safe_load((ARGOCD / "application.yaml").read_text())


APPLICATION_SET = yaml.safe_load((ARGOCD / "applicationset.yaml").read_text())


UNKNOWN = "runs: {bad: {polyaxonfile: {environment: {persistence: {data: [data-fo]}}}}}\n"


TEST = "apiVersion: v1\nkind: Secret\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n"


def rendered_by_hand(*arguments: str) -> list[dict[str, Any]]:
    """What the documented pipe gives for the chart in the current folder."""
    done = subprocess.run(
        ["helm", "template", "training", ".", "-n", "vision", *arguments], capture_output=True, check=True
    )
    return objects(run("--persistence", "../common/persistence.yaml", stdin=done.stdout).output.decode())


@pytest.mark.usefixtures("one_helm", "application")
@pytest.mark.parametrize("value", ["", " \n"])
def test_an_empty_variable_is_not_set(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = generate()
    assert expected.exit_code == 0, expected.error
    for name in (
        "HELM_PARAMETERS",
        "HELM_STRING_PARAMETERS",
        "HELM_FILE_PARAMETERS",
        "VALUES_FILES",
        "PERSISTENCE_FILES",
    ):
        monkeypatch.setenv(f"ARGOCD_ENV_{name}", value)
    assert generate() == expected


@pytest.mark.usefixtures("helm", "application")
def test_the_example_application_is_what_a_pipe_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = APPLICATION["spec"]["source"]["plugin"]["parameters"]
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(parameters))
    done = generate()
    assert done.exit_code == 0, done.error
    found = objects(done.output.decode())
    more = ("-f", "../common/persistence.yaml", "--set", "runDefaults.backoffLimit=2")
    assert found == rendered_by_hand("-f", "values-production.yaml", *more)
    jobs = [item for item in found if item["kind"] == "Job"]
    assert len(jobs) == 4
    for job in jobs:
        assert job["spec"]["backoffLimit"] == 2
        assert job["metadata"]["namespace"] == "vision"
        variables = [item["name"] for item in job["spec"]["template"]["spec"]["containers"][0]["env"]]
        assert "POLYAXON_DATA_PATHS" in variables
        kubernetes_validate.validate(job, "1.34", strict=True)
    assert "shared-pvc" in done.output.decode()


@pytest.mark.usefixtures("one_helm", "application")
def test_the_example_application_set_is_the_same_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in APPLICATION_SET["spec"]["template"]["spec"]["source"]["plugin"]["env"]:
        monkeypatch.setenv(f"ARGOCD_ENV_{variable['name']}", variable["value"])
    monkeypatch.setenv("ARGOCD_ENV_PERSISTENCE_FILES", "../common/persistence.yaml,\n../common/persistence.yaml")
    done = generate()
    assert done.exit_code == 0, done.error
    assert objects(done.output.decode()) == rendered_by_hand("-f", "values-production.yaml")


@pytest.mark.usefixtures("helm")
def test_the_chart_of_a_team_with_its_dependency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dependency is in charts/ here. test_dependencies.py downloads one from a registry."""
    folder = tmp_path / "vision"
    shutil.copytree(ROOT / "docs" / "examples" / "argocd", folder, ignore=shutil.ignore_patterns("application.yaml"))
    shutil.copytree(ROOT / "chart", folder / "charts" / "polyaxon-persistence", ignore=shutil.ignore_patterns("tests"))
    enter(folder, ".", monkeypatch)
    assert run("argocd", "discover").output == b"./Chart.yaml\n"
    application = yaml.safe_load((ROOT / "docs" / "examples" / "argocd" / "application.yaml").read_text())
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(application["spec"]["source"]["plugin"]["parameters"]))
    done = generate()
    assert done.exit_code == 0, done.error
    (job,) = (item for item in objects(done.output.decode()) if item["kind"] == "Job")
    assert job["spec"]["backoffLimit"] == 2
    assert [volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"][-2:]] == ["results", "images"]


@pytest.mark.usefixtures("helm")
def test_helm_gets_what_argo_cd_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app"), ".", monkeypatch)
    monkeypatch.setenv("ARGOCD_APP_NAME", "team-b_training")  # an Application of another namespace
    monkeypatch.setenv("KUBE_VERSION", "1.33.2")
    monkeypatch.setenv("KUBE_API_VERSIONS", "v1,example.com/v1/Widget,apps/v1")
    data = quoted(generate())
    assert data["values"] == {}
    assert (data["release"], data["namespace"], data["version"]) == ("training", "vision", "v1.33.2")
    assert (data["api"], data["other"]) == ("true", "false")
    for name in ("KUBE_VERSION", "KUBE_API_VERSIONS", "ARGOCD_APP_NAMESPACE"):
        monkeypatch.delenv(name)
    set_parameters(monkeypatch, release_name="other.one")
    data = quoted(generate())
    assert (data["release"], data["namespace"], data["api"]) == ("other.one", "default", "false")


@pytest.mark.usefixtures("helm")
def test_values_come_in_argo_cds_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "app")
    enter(folder, ".", monkeypatch)
    (folder / "values.yaml").write_text("{a: chart, b: chart, c: chart, d: chart, e: chart}")
    (folder / "one.yaml").write_text("{b: one, c: one, d: one, e: one}")
    (folder / "two.yaml").write_text("{c: two, d: two, e: two}")
    (folder / "text, with [a] name.txt").write_text("some text")
    (folder / "text.txt").write_text("some text")
    set_parameters(
        monkeypatch,
        values_files=["one.yaml", "./two.yaml"],
        values="d: inline\ne: inline\n",
        helm_parameters={"e": "parameter", "list": "{x,y}", "commas": "x,y", "number": "1", "escaped": r"x\,y"},
        helm_string_parameters={"text": "1"},
        helm_file_parameters={"file": "text.txt"},
    )
    assert quoted(generate())["values"] == {
        "a": "chart", "b": "one", "c": "two", "d": "inline", "e": "parameter",
        "list": ["x", "y"], "commas": "x,y", "number": 1, "escaped": "x,y", "text": "1", "file": "some text",
    }  # fmt: skip


@pytest.mark.usefixtures("one_helm")
def test_maps_may_be_in_variables_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app"), ".", monkeypatch)
    monkeypatch.setenv("ARGOCD_ENV_HELM_PARAMETERS", '{"a.b": "x"}')
    monkeypatch.setenv("ARGOCD_ENV_VALUES", "c: z\n")
    assert quoted(generate())["values"] == {"a": {"b": "x"}, "c": "z"}


@pytest.mark.usefixtures("helm")
def test_crds_hooks_and_tests_are_in_unless_they_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "app", shown=SHOWING, hook=HOOK, test=TEST)
    (folder / "crds").mkdir()
    crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets}\n"
    (folder / "crds" / "widget.yaml").write_text(crd)
    enter(folder, ".", monkeypatch)

    def names() -> set[str]:
        return {item["metadata"]["name"] for item in objects(generate().output.decode())}

    assert names() == {"shown", "hook", "test", "widgets"}
    set_parameters(monkeypatch, skip_crds="true", skip_hooks="false", skip_tests="true")
    assert names() == {"shown", "hook"}
    set_parameters(monkeypatch, skip_hooks="true")
    assert names() == {"shown", "widgets"}


@pytest.mark.usefixtures("one_helm", "application")
def test_the_administrators_catalog_goes_over_the_applications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site.yaml"  # outside of the repository: the plugin's file names it, not the application
    site.write_text("persistence: {data: {data2: {existingClaim: site-pvc}}}\n")
    set_parameters(
        monkeypatch, values_files=["values-production.yaml"], persistence_files=["../common/persistence.yaml"]
    )
    output = generate("--persistence", str(site)).output.decode()
    assert "site-pvc" in output
    assert "shared-pvc" not in output


@pytest.mark.usefixtures("one_helm")
def test_what_an_application_may_add_to_the_administrators_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catalogs are merged key by key. A key that the site sets, also to null, is not the Application's to set."""
    folder = make_chart(tmp_path / "app", job=make_job())
    entry = "mountPath: /data/shared, existingClaim: shared-pvc"
    site, team = tmp_path / "site.yaml", folder / "team.yaml"
    team.write_text("persistence: {data: {shared: {subPath: other-team, existingClaim: mine, readOnly: false}}}\n")
    enter(folder, ".", monkeypatch)
    set_parameters(monkeypatch, persistence_files=["team.yaml"])
    site.write_text(f"persistence: {{data: {{shared: {{{entry}}}}}}}\n")
    output = generate("--persistence", str(site)).output.decode()
    assert 'claimName: "shared-pvc"' in output
    assert 'subPath: "other-team"' in output
    site.write_text(f"persistence: {{data: {{shared: {{{entry}, subPath: null, readOnly: true}}}}}}\n")
    output = generate("--persistence", str(site)).output.decode()
    assert 'claimName: "shared-pvc"' in output
    assert "other-team" not in output
    assert "readOnly: true" in output


@pytest.mark.usefixtures("one_helm")
def test_the_hint_about_a_missing_catalog_is_for_applications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "app", job=make_job())
    enter(folder, ".", monkeypatch)
    done = generate()
    assert refusals(done) == ["no-catalog"]
    hint = "install the chart with the key `persistence` in the same release, or name a catalog file in the parameter "
    assert done.error.endswith(f"  hint: {hint}persistence-files\n")
    (folder / "site.yaml").write_text("persistence: {data: {data1: {mountPath: /a, hostPath: /b}}}\n")
    set_parameters(monkeypatch, persistence_files=["site.yaml"])
    assert "no-catalog" not in generate().error


@pytest.mark.usefixtures("one_helm", "application")
@pytest.mark.parametrize("by", ["the variable", "the option"])
def test_a_relative_site_catalog_would_be_a_file_of_the_repository(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_parameters(monkeypatch, values_files=["values-production.yaml"])
    if by == "the variable":
        monkeypatch.setenv("POLYAXON_PERSISTENCE_FILES", "../common/persistence.yaml")
        done, source = generate(), "POLYAXON_PERSISTENCE_FILES:"
    else:
        done, source = generate("--persistence", "../common/persistence.yaml"), "--persistence"
    assert (done.exit_code, done.output) == (2, b"")
    message, hint = done.error.splitlines()
    assert message == f"polyaxon-persistence: {source} ../common/persistence.yaml: the path is relative"
    assert "write an absolute path" in hint


@pytest.mark.usefixtures("helm", "application")
def test_an_unknown_volume_is_reported_and_nothing_is_written(
    application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (application / "bad.yaml").write_text(UNKNOWN)
    set_parameters(monkeypatch, values_files=["values-production.yaml", "bad.yaml"])
    done = generate()
    assert refusals(done) == ["unknown-volume"]
    assert 'no data volume "data-fo"' in done.error
    assert 'did you mean "data-foo"?' in done.error


@pytest.mark.usefixtures("helm")
def test_what_helm_says_is_reported_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = '{{ fail (printf "no %s and %v at https://user:pw@example.com/x" .Values.token .Values.number) }}'
    enter(make_chart(tmp_path / "app", broken=template), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"token": "geheim,nis", "number": "17"})
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "no *** and 17 at https://***@example.com/x" in done.error
    assert "geheim" not in done.error
    assert "user:pw" not in done.error


@pytest.mark.usefixtures("helm")
def test_a_secret_of_several_lines_is_reported_in_no_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = '{{ fail (printf "%q and %s" .Values.token (index (splitList "\\n" .Values.token) 1)) }}'
    enter(make_chart(tmp_path / "app", broken=template), ".", monkeypatch)
    set_parameters(monkeypatch, helm_string_parameters={"token": 'first"one\nsecond-line'})
    done = generate()
    assert '"***" and ***' in done.error
    assert "first" not in done.error
    assert "second" not in done.error


@pytest.mark.usefixtures("one_helm", "application")
def test_without_a_helm_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "relative:/nowhere")
    done = generate()
    assert (done.exit_code, done.output) == (2, b"")
    assert "there is no program named helm on PATH" in done.error
    assert "POLYAXON_PERSISTENCE_HELM" in done.error


def test_a_directory_without_a_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, ".", monkeypatch)
    assert refusals(generate()) == ["argocd-parameter"]
