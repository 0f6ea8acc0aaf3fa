"""`init` with the catalog of a site: it prints the site's names, and makes up no catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.cli import run
from tests.unit.commands.test_init import make_claim, make_list

if TYPE_CHECKING:
    from pathlib import Path

SITE = """\
persistence:
  data:
    images: {mountPath: /images, existingClaim: images}
    labels: {mountPath: /labels, existingClaim: labels}
  outputs:
    archive: {mountPath: /archive, existingClaim: archive, readOnly: true}
    results: {mountPath: /results, existingClaim: results}
"""
CHART = "apiVersion: v2\nname: team\nversion: 1.0.0\n"
POLICY = {"polyaxon.com/run-policy": "keep"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "chart").mkdir()
    (tmp_path / "site.yaml").write_text(SITE)
    monkeypatch.chdir(tmp_path / "chart")
    return tmp_path / "chart"


def init(*words: str) -> tuple[str, str]:
    result = run("init", *words, stdin=make_list(make_claim("other")))
    assert result.exit_code == 0, result.error
    return result.output.decode(), result.error


def test_in_a_chart_it_prints_annotations_only(folder: Path) -> None:
    (folder / "Chart.yaml").write_text(CHART)
    text, error = init("--persistence", "../site.yaml")
    wanted = {"polyaxon.com/data": "images", "polyaxon.com/outputs": "results", **POLICY}
    assert yaml.safe_load(text) == {"annotations": wanted}
    assert "# The site's catalog defines the volumes, so the chart needs no dependency" in text
    assert "# Its data volumes: images, labels\n# Its outputs volumes: results\n" in text
    assert "file://" not in text
    assert "explain --persistence ../site.yaml -- helm template demo .\n" in error
    assert error.endswith(
        "--post-renderer polyaxon-persistence --post-renderer-args=--persistence --post-renderer-args=../site.yaml\n"
    )


def test_the_files_of_the_environment_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "Chart.yaml").write_text(CHART)
    text, _ = init("--persistence", "../site.yaml")
    monkeypatch.setenv("POLYAXON_PERSISTENCE_FILES", str(folder.parent / "site.yaml"))
    same, error = init()
    assert same == text
    assert "explain -- helm template demo .\n" in error
    assert error.endswith("--post-renderer polyaxon-persistence\n")


@pytest.mark.parametrize(
    ("site", "wanted"),
    [
        (SITE + "  defaultData: [labels]\n", {"polyaxon.com/data": "labels", "polyaxon.com/outputs": "results"}),
        ("data: {a: {mountPath: /a, existingClaim: a}}\n", {"polyaxon.com/data": "a"}),
        ("{}\n", {"polyaxon.com/kind": "job"}),
    ],
)
def test_what_it_names(site: str, wanted: dict[str, str], folder: Path) -> None:
    (folder / "Chart.yaml").write_text(CHART)
    (folder.parent / "site.yaml").write_text(site)
    assert yaml.safe_load(init("--persistence", "../site.yaml")[0]) == {"annotations": wanted | POLICY}


def test_elsewhere_it_prints_a_run_without_a_catalog() -> None:
    text, error = init("--persistence", "../site.yaml")
    values = yaml.safe_load(text)
    assert list(values) == ["runDefaults", "runs"]
    asked = values["runs"]["hello"]["polyaxonfile"]["environment"]["persistence"]
    assert asked == {"data": ["images"], "outputs": "results"}
    assert "helm template demo ./chart -f runs.yaml\n" in error


@pytest.mark.parametrize("text", ["data: {My_Data: {}}\n", "data: [\n", "data: []\n"])
def test_a_catalog_with_errors(text: str, folder: Path) -> None:
    (folder / "Chart.yaml").write_text(CHART)
    (folder.parent / "site.yaml").write_text(text)
    result = run("init", "--persistence", "../site.yaml", stdin="")
    assert (result.exit_code, result.output) == (1, b"")
    assert "../site.yaml:" in result.error
