"""A path in the values has a place in the files of `helm template -f FILE`, if this place is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from post_renderer.commands.values_places import ValuesFiles

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
# the site's values
persistence:
  data:
    images: {mountPath: /images, existingClaim: images}
    labels:
      mountPath: /labels
  defaultData: [images]
runs:
  train:
    image: busybox
    polyaxonfile:
      kind: experiment
  "eval": &eval
    polyaxonfile: |
      kind: job
  copy: *eval
  merged:
    <<: *eval
"""
TRAIN = "runs.train.polyaxonfile"
PROGRAM = ["helm", "template", "demo", "oci://example.com/chart"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    (tmp_path / "more.yaml").write_text("runs:\n  train: {env: []}\n")
    (tmp_path / "text.yaml").write_text("x: 1\nruns:\n  train:\n    polyaxonfile: 'kind: job'\n")
    (tmp_path / "map.yaml").write_text("runs: {train: {polyaxonfile: {kind: job}}}\n")
    (tmp_path / "null.yaml").write_text("runs: {train: null}\n")
    (tmp_path / "none.yaml").write_text("runs: null\n")
    (tmp_path / "default.yaml").write_text("runDefaults: {polyaxonfile: {kind: job}}\n")
    (tmp_path / "broken.yaml").write_text("runs: [\n")
    (tmp_path / "latin.yaml").write_bytes(b"# \xe9\n")
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfruns:\r\n  train: {}\r\n")


def find(path: str, *words: str) -> tuple[str, int]:
    return ValuesFiles([*PROGRAM, *words]).find(path)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (TRAIN, 11),
        ("runs.train", 9),
        ("runs.train.folder", 9),  # the key is missing: the run is in this line
        ("runs.eval.polyaxonfile", 14),
        ("runs.copy", 16),
        ("persistence", 2),
        ("persistence.data", 3),
        ("persistence.data.images", 4),
        ("persistence.data.labels", 5),
        ("persistence.data.gone", 3),
        ("persistence.defaultData", 7),
        ("persistence.defaultOutputs", 2),
    ],
)
def test_a_path_in_the_only_file(path: str, line: int) -> None:
    assert find(path, "-f", "base.yaml") == ("base.yaml", line)


@pytest.mark.parametrize("path", ["runs.copy.polyaxonfile", "runs.merged.polyaxonfile", "runs.gone", ""])
def test_what_the_file_does_not_have_in_its_own_lines(path: str) -> None:
    assert find(path, "-f", "base.yaml") == ("", 0)


@pytest.mark.parametrize(
    "words",
    [
        ["-f", "base.yaml"],
        ["-f=base.yaml"],
        ["-fbase.yaml"],
        ["--values", "base.yaml"],
        ["--values=base.yaml"],
        ["-f", "empty.yaml,base.yaml"],
        ["-f", "empty.yaml", "--values", "base.yaml", "-n", "f"],
        ["-nfoo", "-f", "base.yaml", "--set", "image.tag=2"],
        ["-g", "-f", "base.yaml", "--", "-f", "map.yaml"],
    ],
    ids=" ".join,
)
def test_how_helm_gets_the_file(words: list[str]) -> None:
    assert find(TRAIN, *words) == ("base.yaml", 11)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        # The last text replaces what is before it.
        (["-f", "base.yaml", "-f", "text.yaml"], ("text.yaml", 4)),
        (["-f", "base.yaml", "-f", "more.yaml"], ("base.yaml", 11)),
        (["-f", "more.yaml", "-f", "base.yaml"], ("base.yaml", 11)),
        (["-f", "text.yaml", "-f", "base.yaml"], ("base.yaml", 11)),
        # Helm merges the two mappings.
        (["-f", "base.yaml", "-f", "map.yaml"], ("", 0)),
        (["-f", "base.yaml", "-f", "null.yaml"], ("", 0)),
        (["-f", "base.yaml", "-f", "none.yaml"], ("", 0)),
        # The default is merged under the run, so only the run is certain.
        (["-f", "base.yaml", "-f", "default.yaml"], ("base.yaml", 9)),
        (["-f", "more.yaml", "-f", "base.yaml", "-f", "default.yaml"], ("", 0)),
        (["-f", "bom.yaml"], ("bom.yaml", 2)),
    ],
)
def test_several_files(words: list[str], place: tuple[str, int]) -> None:
    assert find(TRAIN, *words) == place


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-f", "missing.yaml"],
        ["-f", "base.yaml", "-f", "https://example.com/values.yaml"],
        ["-f", "base.yaml", "-f", "-"],
        ["-f", "base.yaml", "-f", "broken.yaml"],
        ["-f", "base.yaml", "-f", "latin.yaml"],
        ["-f", '"base.yaml"'],
        ["-gf", "base.yaml"],
        ["-f"],
        ["-f", "base.yaml", "--set", "runs.train.image=x"],
        ["-f", "base.yaml", "--set-file=runs.train.polyaxonfile=x"],
        ["-f", "base.yaml", "--set-json", '{"runDefaults": {}}'],
        ["-f", "base.yaml", "--set-string", r"r\uns.train=x"],
    ],
    ids=lambda words: " ".join(words) or "none",
)
def test_a_place_that_is_not_certain(words: list[str]) -> None:
    files = ValuesFiles([*PROGRAM, *words])
    assert files.find(TRAIN) == files.find(TRAIN) == ("", 0)


def test_another_setting_of_the_command_line_does_not_matter() -> None:
    words = ("-f", "base.yaml", "--set", "runs.train.image=x")
    assert find("persistence.data.images", *words) == ("base.yaml", 4)


@pytest.mark.parametrize("program", [[], ["cat", "-f", "base.yaml"]])
def test_only_helm_has_values_files(program: list[str]) -> None:
    assert ValuesFiles(program).find(TRAIN) == ("", 0)


def test_a_chart_in_a_directory_has_values_too(tmp_path: Path) -> None:
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text("name: team\n")
    words = ["helm", "template", "demo", "./chart", "-f", "base.yaml"]
    assert ValuesFiles(words).find(TRAIN) == ("base.yaml", 11)
    (tmp_path / "chart" / "values.yaml").write_text("runs: {}\nvision: {runs: {lab: {image: a}}}\n")
    assert ValuesFiles(words).find(TRAIN) == ("base.yaml", 11)
    assert ValuesFiles(words).find("vision.runs.lab.polyaxonfile") == ("./chart/values.yaml", 2)
    assert ValuesFiles([*words, "--set", "vision.runs.lab.image=x"]).find("vision.runs.lab") == ("", 0)
    assert ValuesFiles(words).find("upper.vision.runs.lab") == ("", 0)
    (tmp_path / "chart" / "values.yaml").write_text(BASE)
    assert ValuesFiles(words).find(TRAIN) == ("", 0)
    assert ValuesFiles([*words, "chart"]).find("runs.lab") == ("", 0)


def test_a_dependency_of_an_unknown_chart_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("vision:\n  runs:\n    train: {}\n")
    assert find("vision.runs.train", "-f", "base.yaml") == ("", 0)
