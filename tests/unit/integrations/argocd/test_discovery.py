"""Which charts the plugin takes, the parameters that it announces, and the sidecar."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.support.cli import run
from tests.support.examples import objects
from tests.unit.integrations.argocd.archives import pack
from tests.unit.integrations.argocd.conftest import ARGOCD, PLUGIN, enter, generate, make_chart


def test_the_plugin_takes_charts_with_our_domain(
    application: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = PLUGIN["discover"]["find"]
    assert words["command"] == ["polyaxon-persistence"]

    def found(folder: Path) -> bool:
        monkeypatch.chdir(folder)
        done = run(*words["args"])
        assert (done.exit_code, done.error) == (0, "")
        return bool(done.output)

    assert found(application)
    assert not found(application.parent / "common")
    assert not found(make_chart(tmp_path / "bare"))
    annotated = "metadata: {annotations: {polyaxon.com/polyaxonfile: '{}'}}\n"
    assert found(make_chart(tmp_path / "other", job=annotated))
    assert found(make_chart(tmp_path / "names", job=annotated.replace("polyaxonfile: '{}'", "data: images")))
    parent = "name: parent\ndependencies: [{name: polyaxon-persistence, version: 0.1.0, repository: 'https://x'}]"
    assert found(make_chart(tmp_path / "parent", parent))


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_chart(tmp_path / "checkout" / "app")
    enter(folder, "app", monkeypatch)
    return folder


def discovered() -> str:
    done = run("argocd", "discover")
    assert (done.exit_code, done.error) == (0, "")
    return done.output.decode()


JOB = "metadata: {annotations: {polyaxon.com/polyaxonfile: '{}'}}\n"
# A file of the chart, and its content.
FILES = {
    "JSON": ("templates/job.json", JOB.encode()),
    "a template without a suffix": ("templates/job", JOB.encode()),
    "a text that a template includes": ("job.txt", JOB.encode()),
    "a file over 1 MiB": ("templates/job.yaml", b"# x\n" * (1 << 18) + JOB.encode()),
    "a file over 6 MiB": ("templates/job.yaml", b"# x\n" * (6 << 18) + JOB.encode()),
    "a slash with an escape, as some writers of JSON have": ("a.json", rb'{"polyaxon.com\/data": ""}'),
    "a slash as a number": ("templates/a.yaml", rb'"polyaxon.com\u002fdata": ""'),
    "a word at the border of two pieces": ("job.txt", b"x" * ((1 << 20) - 5) + JOB[24:].encode()),
    "a subchart": ("charts/sub/templates/job.yaml", JOB.encode()),
    "the archive of a subchart": ("charts/sub.tgz", pack({"sub/templates/job.yaml": JOB})),
    "an archive in an archive": ("charts/a.tgz", pack({"a/charts/b.tgz": pack({"b/templates/job": JOB})})),
    "requirements.yaml": ("requirements.yaml", b"dependencies: [{name: polyaxon-persistence, version: 0.1.0}]\n"),
    "a comment in Chart.yaml": ("Chart.yaml", b"# polyaxon.com/\n"),
    "Chart.yaml of a subchart": ("charts/sub/Chart.yaml", b"name: polyaxon-persistence\n"),
    "Chart.yaml in an archive": ("charts/sub.tgz", pack({"sub/Chart.yaml": "name: polyaxon-persistence\n"})),
}


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_each_file_that_helm_can_read_counts(name: str, content: bytes, chart: Path) -> None:
    assert discovered() == ""
    (chart / name).parent.mkdir(parents=True, exist_ok=True)
    (chart / name).write_bytes(content)
    assert discovered() == f"./{name}\n"


def test_files_that_do_not_count(chart: Path) -> None:
    (chart / "values.yaml").write_text("image: polyaxon-persistence # polyaxon.com\n")
    (chart / ".git").mkdir()
    (chart / ".git" / "packed").write_text(JOB)
    (chart / "broken.tgz").write_text("x")
    (chart / "loop").symlink_to(".")
    (chart / "dangling").symlink_to("nowhere")
    assert discovered() == ""


def test_links_within_the_repository_are_followed(chart: Path, tmp_path: Path) -> None:
    shared = make_chart(chart.parent / "shared", job=JOB) / "templates"
    (chart / "templates" / "job.yaml").symlink_to("../../shared/templates/job.yaml")
    assert discovered() == "./templates/job.yaml\n"
    (chart / "templates" / "job.yaml").unlink()
    (chart / "templates" / "more").symlink_to("../../shared/templates")
    assert discovered() == "./templates/more/job.yaml\n"
    (chart / "templates" / "more").unlink()
    assert discovered() == ""
    shared.rename(tmp_path / "outside")
    (chart / "templates" / "job.yaml").symlink_to(tmp_path / "outside" / "job.yaml")
    (chart / "templates" / "more").symlink_to(tmp_path / "outside")
    assert discovered() == "", "a file of another repository"


def test_a_chart_yaml_that_is_a_link(chart: Path, tmp_path: Path) -> None:
    (chart / "templates" / "job.yaml").write_text(JOB)
    (chart / "Chart.yaml").rename(chart.parent / "other.yaml")
    (chart / "Chart.yaml").symlink_to("../other.yaml")
    assert discovered() == "./templates/job.yaml\n"
    (chart.parent / "other.yaml").rename(tmp_path / "other.yaml")
    (chart / "Chart.yaml").unlink()
    (chart / "Chart.yaml").symlink_to(tmp_path / "other.yaml")
    assert discovered() == ""


def test_1200_directories_in_each_other(chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.12, os.walk calls itself for each of them."""
    for _ in range(1200):
        os.mkdir("d")
        monkeypatch.chdir("d")
    Path("job.yaml").write_text(JOB)
    try:
        monkeypatch.chdir(chart)
        assert discovered() == f"./{'d/' * 1200}job.yaml\n"
    finally:  # pytest itself can't remove them
        subprocess.run(["rm", "-r", chart / "d"], check=True)


def test_not_more_than_a_gigabyte_is_read(chart: Path) -> None:
    with (chart / "a").open("wb") as file:
        file.truncate((1 << 30) + 1)
    (chart / "b").write_text(JOB)
    assert discovered() == ""


def test_a_file_that_can_t_be_read_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, _: str) -> int:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.chdir(make_chart(tmp_path, "name: polyaxon-persistence"))
    assert run("argocd", "discover").output == b"./Chart.yaml\n"
    monkeypatch.setattr("post_renderer.integrations.argocd_discovery.open", refuse, raising=False)
    done = run("argocd", "discover")
    assert (done.exit_code, done.output, done.error) == (0, b"", "")


def test_parameters_are_announced_in_argo_cds_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOCD_APP_NAME", "training")
    words = PLUGIN["parameters"]["dynamic"]
    assert words["command"] == ["polyaxon-persistence"]
    rows = json.loads(run(*words["args"]).output)
    types = {"string": str, "array": list, "map": dict}
    for row in rows:
        assert set(row) == {"name", "title", "tooltip", "collectionType", row["collectionType"]}
        assert isinstance(row[row["collectionType"]], types[row["collectionType"]])
    by_name = {row["name"]: row for row in rows}
    assert by_name["release-name"]["string"] == "training"
    assert {"values-files", "values", "helm-parameters", "persistence-files"} <= set(by_name)


@pytest.mark.usefixtures("one_helm", "application")
def test_what_is_announced_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page sends back what it showed, defaults included."""
    monkeypatch.delenv("ARGOCD_APP_NAME")
    rows = json.loads(run(*PLUGIN["parameters"]["dynamic"]["args"]).output)
    fields = ("name", "string", "array", "map")
    entries = [{key: value for key, value in row.items() if key in fields} for row in rows]
    monkeypatch.setenv("ARGOCD_APP_NAME", "training")
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(entries))
    done = generate()
    assert done.exit_code == 0, done.error


def build(folder: Path, kustomization: str, kustomize: Path) -> list[dict[str, Any]]:
    """Argo CD's repo-server, in so far as the patches touch it, with a kustomization over it."""
    shutil.copytree(ARGOCD, folder / "argocd")
    (folder / "install.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: argocd-repo-server}\nspec:\n"
        "  selector: {matchLabels: {app.kubernetes.io/name: argocd-repo-server}}\n  template:\n"
        "    metadata: {labels: {app.kubernetes.io/name: argocd-repo-server}}\n    spec:\n"
        "      containers: [{name: argocd-repo-server, image: 'quay.io/argoproj/argocd:v3.4.4'}]\n"
        "      volumes: [{name: var-files, emptyDir: {}}, {name: plugins, emptyDir: {}}]\n"
    )
    (folder / "kustomization.yaml").write_text(kustomization)
    done = subprocess.run([kustomize, "build", folder], capture_output=True, text=True, check=True)
    return objects(done.stdout)


def test_the_sidecar_for_plain_manifests(tools: Path, tmp_path: Path) -> None:
    config, deployment = build(tmp_path, "resources: [install.yaml]\ncomponents: [argocd]\n", tools / "kustomize")
    assert config["data"]["plugin.yaml"] == (ARGOCD / "plugin.yaml").read_text()
    kubernetes_validate.validate(deployment, "1.34", strict=True)
    spec = deployment["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert volumes["polyaxon-persistence-plugin"]["configMap"]["name"] == config["metadata"]["name"]
    (sidecar,) = (item for item in spec["containers"] if item["name"] == "polyaxon-persistence")
    assert {mount["name"] for mount in sidecar["volumeMounts"]} == set(volumes)


def test_the_sidecar_for_the_official_chart_is_the_same() -> None:
    values = yaml.safe_load((ARGOCD / "values.yaml").read_text())
    assert values["configs"]["cmp"] == {"create": True, "plugins": {"polyaxon-persistence": PLUGIN}}
    (container,) = values["repoServer"]["extraContainers"]
    patch = yaml.safe_load((ARGOCD / "sidecar.yaml").read_text())["spec"]["template"]["spec"]
    (expected,) = patch["containers"]
    for mount in expected["volumeMounts"]:
        if mount["name"] == "polyaxon-persistence-plugin":  # the chart has one ConfigMap for all plugins
            mount |= {"name": "argocd-cmp-cm", "subPath": "polyaxon-persistence.yaml"}
    assert container == expected
    assert {volume["name"] for volume in values["repoServer"]["volumes"]} == {
        "argocd-cmp-cm",
        "polyaxon-persistence-tmp",
    }


def test_the_images_directory_of_helm_is_first_on_the_repo_servers_path(tools: Path, tmp_path: Path) -> None:
    kustomization = "resources: [install.yaml]\npatches: [{path: argocd/repo-server-helm.yaml}]\n"
    (deployment,) = build(tmp_path, kustomization, tools / "kustomize")
    kubernetes_validate.validate(deployment, "1.34", strict=True)
    (server,) = deployment["spec"]["template"]["spec"]["containers"]
    (path,) = (item["value"] for item in server["env"] if item["name"] == "PATH")
    folder = path.partition(":")[0]
    dockerfile = (ARGOCD / "Dockerfile").read_text()
    assert f"ln -s ../bin/polyaxon-persistence {folder}/helm" in dockerfile


def test_a_directory_that_is_gone_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    for command in ("discover", "generate"):
        done = run("argocd", command)
        assert (done.exit_code, done.output) == (2, b"")
        assert "the current directory can't be read: No such file or directory" in done.error
