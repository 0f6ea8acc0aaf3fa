"""Skaffold, the real one: its documented file with our wrapper as helm, and why its own way is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_job
from tests.support.examples import objects, template
from tests.support.release import Folder, make_folder, with_wrapper

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Folder:
    return with_wrapper(make_folder("skaffold", tools, helm, helm_env, tmp_path))


def words(tools: Path, command: str) -> list[str]:
    return [str(tools / "skaffold"), command, "--interactive=false"]


def test_the_documented_file(folder: Folder, helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    rendered = folder.must(*words(tools, "render"))
    assert 'name: "POLYAXON_DATA_PATHS"' in rendered
    assert objects(rendered) == objects(template(tools, helm_env, "documented", helm, "-n", "vision").stdout)


def test_the_sites_catalog_goes_over_the_charts(folder: Folder, tools: Path) -> None:
    env = {**folder.env, "POLYAXON_PERSISTENCE_FILES": str(folder.path / "site.yaml")}
    rendered = folder._replace(env=env).must(*words(tools, "render"))
    assert 'claimName: "site-data-2-pvc"' in rendered


def test_a_problem_ends_it_with_our_message(folder: Folder, tools: Path) -> None:
    values = folder.path / "values.yaml"
    values.write_text(values.read_text().replace("['data1', 'data-foo']", "['data1', 'data-fo']"))
    done = folder.start(*words(tools, "render"))
    assert (done.returncode, done.stdout) == (1, "")
    assert 'did you mean "data-foo"?' in done.stderr


def test_its_own_way_takes_no_notice_of_a_problem(folder: Folder, tools: Path) -> None:
    """Why the page warns: what comes out is empty, and Helm 3 takes that for the release."""
    (folder.path / "bad.yaml").write_text(make_job("environment: {persistence: {data: [x]}}\n"))
    command = f"{' '.join(words(tools, 'filter'))} --post-renderer polyaxon-persistence < bad.yaml"
    done = folder.start("sh", "-c", command)
    assert (done.returncode, done.stdout.strip()) == (0, "")
    assert 'no data volume "x"' not in done.stderr
