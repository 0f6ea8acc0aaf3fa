"""The place that `check -- helm template … -f FILE` gives is where the values have the mistake, as Helm merges them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.helm.test_message_places import OURS, write_chart
from tests.support.ci_readers import read_annotations
from tests.support.examples import env_of, link_helm

SITE = """\
vision:
  persistence:
    data:
      images: {mountPath: /data/images, existingClaim: images}
    outputs:
      results: {mountPath: outputs, existingClaim: results}
  runDefaults: {image: busybox, command: ['true']}
"""
TEAM = """\
vision:
  runs:
    asks:
      polyaxonfile:
        environment: {persistence: {data: [imgaes]}}
    text:
      polyaxonfile: |
        environment: {persistence: {data: [imgaes]}}
    both:
      polyaxonfile:
        environment: {persistence: {data: [imgaes]}}
"""
MORE = """\
vision:
  runs:
    asks: {backoffLimit: 2}
    both:
      polyaxonfile: {kind: experiment}
    own:
      policy: replace
      folder: .hidden/..
"""
CHART = "vision:\n  runs:\n    inside:\n      polyaxonfile: {environment: {persistence: {data: [imgaes]}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_chart(tmp_path / "team", "team", OURS | {"alias": "vision"})
    (tmp_path / "team" / "values.yaml").write_text(CHART)
    for name, text in (("site.yaml", SITE), ("team.yaml", TEAM), ("more.yaml", MORE)):
        assert yaml.safe_load(text)
        (tmp_path / name).write_text(text)
    return tmp_path


def find_places(folder: Path, helm: Path, env: dict[str, str], *words: str) -> dict[str, str]:
    """The place of each error, by what the message begins with."""
    env = {**env, "PATH": f"{link_helm(folder / 'bin', helm)}:{env['PATH']}"}
    program = [str(Path(sys.executable).parent / "polyaxon-persistence"), "check", "--output", "github", "--"]
    files = ["-f", "site.yaml", "--values=team.yaml,more.yaml"]
    done = subprocess.run(
        [*program, "helm", "template", "demo", "./team", *files, *words],
        cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr + done.stdout
    assert done.stdout, done.stderr
    return {found.message.partition(" (values:")[0]: found.place() for found in read_annotations(done.stdout)}


def test_each_error_is_where_the_mistake_is(folder: Path, helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    places = find_places(folder, tools / helm, env_of(helm, helm_env))
    assert places == {
        "catalog": "site.yaml:6",
        "run asks": "team.yaml:4",
        "run text": "team.yaml:7",
        "run both": ":",  # Helm merges two mappings
        "run own": "more.yaml:8",
        "run inside": "team/values.yaml:4",
    }


def test_an_option_of_helm_makes_the_runs_uncertain(
    folder: Path, helm: str, tools: Path, helm_env: dict[str, str]
) -> None:
    places = find_places(folder, tools / helm, env_of(helm, helm_env), "--set", "vision.runs.asks.rerun=1")
    assert places["catalog"] == "site.yaml:6"
    assert {place for name, place in places.items() if name != "catalog"} == {":"}
