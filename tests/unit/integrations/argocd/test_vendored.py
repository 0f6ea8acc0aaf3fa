"""The subcharts in charts/: which dependency each of them is, and that no download comes beside it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.unit.integrations.argocd.archives import HEAD, pack
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, quoted, refusals

if TYPE_CHECKING:
    from pathlib import Path

# What is in charts/: archives, and directories (with a slash). Helm looks only at the names in their Chart.yaml.
VENDORED = ("foo-1.0.0.tgz", "foo.tgz", "foo-bar-1.0.0.tgz", "chart.tgz", "foo/", "foo-1.0.0/", "zz/", "linked/")
UNREADABLE = ("<<: &a {b: c}\nname: foo\n", "a: &n name\n*n : foo\n", "a: [\n", "version: 1.0.0\n")


def vendor(folder: Path, file: str, head: str) -> None:
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    if not file.endswith("/"):
        (charts / file).write_bytes(pack({"x/Chart.yaml": head}))
        return
    target = folder / "elsewhere" if file == "linked/" else charts / file
    target.mkdir()
    (target / "Chart.yaml").write_text(head)
    if file == "linked/":
        (charts / "linked").symlink_to(target)


@pytest.mark.usefixtures("one_helm", "homes")
@pytest.mark.parametrize("name", ["foo", "other"])
@pytest.mark.parametrize("file", VENDORED)
def test_the_name_in_its_chart_yaml_says_which_dependency_a_chart_is(
    file: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_chart(tmp_path / "checkout" / "foo", "name: foo", own="{}")
    head = "name: showing\ndependencies: [{name: foo, version: 0.1.0, repository: 'file://../foo'}]"
    folder = make_chart(tmp_path / "checkout" / "app", head)
    vendor(folder, file, HEAD.decode().replace("sub", name))
    enter(folder, "app", monkeypatch)
    assert quoted(generate())["release"] == "training"
    assert ("foo-0.1.0.tgz" in os.listdir(folder / "charts")) is (name == "other")


@pytest.mark.usefixtures("one_helm", "homes")
@pytest.mark.parametrize("file", ["foo.tgz", "foo/"])
@pytest.mark.parametrize("head", UNREADABLE)
def test_a_chart_without_a_readable_name_may_be_the_dependency(
    head: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "name: showing\ndependencies: [{name: foo, version: 0.1.0, repository: 'file://../foo'}]"
    folder = make_chart(tmp_path / "checkout" / "app", own)
    vendor(folder, file, "apiVersion: v2\n" + head)
    enter(folder, "app", monkeypatch)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert f'the name of "app/charts/{file.rstrip("/")}" can\'t be read' in done.error
    assert os.listdir(folder / "charts") == [file.rstrip("/")]


@pytest.mark.usefixtures("one_helm", "homes")
def test_a_chart_that_is_no_dependency_needs_no_readable_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "checkout" / "app")
    vendor(folder, "foo/", HEAD.decode() + "annotations: &a {b: c}\nmore: {<<: *a}\nNAME: foo\n")
    enter(folder, "app", monkeypatch)
    assert quoted(generate())["release"] == "training"


def renaming(name: str) -> str:
    """A requirements.yaml: Helm reads its keys over those of the Chart.yaml."""
    return f"{name}: foo\ndependencies: []\n"


@pytest.mark.usefixtures("one_helm", "homes")
@pytest.mark.parametrize("file", ["zz.tgz", "zz/"])
@pytest.mark.parametrize("key", ["name", "Name"])
def test_a_name_in_requirements_yaml(key: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "name: showing\ndependencies: [{name: foo, version: 0.1.0, repository: 'file://../foo'}]"
    folder = make_chart(tmp_path / "checkout" / "app", own)
    vendor(folder, "zz/", HEAD.decode())
    (folder / "charts" / "zz" / "requirements.yaml").write_text(renaming(key))
    if file == "zz.tgz":
        shutil.rmtree(folder / "charts" / "zz")
        files = {"x/requirements.yaml": renaming(key), "x/Chart.yaml": HEAD.decode()}
        (folder / "charts" / file).write_bytes(pack(files))
    enter(folder, "app", monkeypatch)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert f'the name of "app/charts/{file.rstrip("/")}" can\'t be read' in done.error


@pytest.mark.usefixtures("helm", "homes")
@pytest.mark.parametrize("file", ["good/", "other-name/", "linked/"])
def test_a_chart_in_charts_is_used_and_not_its_download(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm downloads all dependencies if one is missing, and then renders one of the two charts at random."""
    for name in ("good", "missing"):
        make_chart(tmp_path / "checkout" / name, f"name: {name}", own="from: download\n")
    needs = ", ".join(
        f"{{name: {name}, version: 0.1.0, repository: 'file://../{name}'}}" for name in ("good", "missing")
    )
    folder = make_chart(tmp_path / "checkout" / "app", f"name: showing\ndependencies: [{needs}]")
    vendor(folder, file, HEAD.decode().replace("sub", "good"))
    chart = folder / "elsewhere" if file == "linked/" else folder / "charts" / file
    (chart / "templates").mkdir()
    (chart / "templates" / "own.yaml").write_text("from: charts\n")
    enter(folder, "app", monkeypatch)
    done = generate()
    assert done.exit_code == 0, done.error
    assert b"from: charts" in done.output
    assert done.output.count(b"from: download") == 1
    assert sorted(os.listdir(folder / "charts")) == sorted([file.rstrip("/"), "missing-0.1.0.tgz"])


@pytest.mark.usefixtures("helm", "homes")
def test_an_older_archive_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm removes the archive of another version, so the download stays."""
    for name in ("good", "missing"):
        make_chart(tmp_path / "checkout" / name, f"name: {name}", own="from: download\n")
    needs = ", ".join(
        f"{{name: {name}, version: 0.1.0, repository: 'file://../{name}'}}" for name in ("good", "missing")
    )
    folder = make_chart(tmp_path / "checkout" / "app", f"name: showing\ndependencies: [{needs}]")
    old = HEAD.decode().replace("sub", "good").replace("version: 0.1.0", "version: 0.0.9")
    vendor(folder, "good-0.0.9.tgz", old)
    enter(folder, "app", monkeypatch)
    assert generate().output.count(b"from: download") == 2
    assert sorted(os.listdir(folder / "charts")) == ["good-0.1.0.tgz", "missing-0.1.0.tgz"]


def needs_two_versions(folder: Path) -> Path:
    for name, version in (("good-17", "17.0.0"), ("good-18", "18.0.0"), ("missing", "0.1.0")):
        chart = make_chart(folder / name, f"name: {name.partition('-')[0]}", own=f"from: {version}\n")
        text = (chart / "Chart.yaml").read_text()
        (chart / "Chart.yaml").write_text(text.replace("0.1.0", version))
    needs = (
        "{name: good, version: 17.0.0, alias: a, repository: 'file://../good-17'}, "
        "{name: good, version: 18.0.0, alias: b, repository: 'file://../good-18'}, "
        "{name: missing, version: 0.1.0, repository: 'file://../missing'}"
    )
    return make_chart(folder / "app", f"name: showing\ndependencies: [{needs}]")


@pytest.mark.usefixtures("helm", "homes")
def test_a_dependency_in_two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = needs_two_versions(tmp_path / "checkout")
    old = HEAD.decode().replace("sub", "good").replace("1.0.0", "17.0.0")
    vendor(folder, "good-17.0.0.tgz", old)
    enter(folder, "app", monkeypatch)
    done = generate()
    assert done.exit_code == 0, done.error
    assert [done.output.count(f"from: {version}".encode()) for version in ("17.0.0", "18.0.0", "0.1.0")] == [1, 1, 1]


@pytest.mark.usefixtures("helm", "homes")
def test_a_directory_that_may_be_one_of_two_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = needs_two_versions(tmp_path / "checkout")
    vendor(folder, "good/", HEAD.decode().replace("sub", "good").replace("1.0.0", "17.0.0"))
    enter(folder, "app", monkeypatch)
    done = generate()
    assert set(refusals(done)) == {"unsafe-path"}
    assert 'several dependencies are called "good", and "app/charts/good" may be one of them' in done.error
