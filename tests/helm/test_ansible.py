"""Ansible, the real one with its collection kubernetes.core: rendering without a cluster. Installing is a test on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.examples import objects, template
from tests.support.release import Folder, make_folder

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@pytest.fixture
def folder(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Folder:
    env = {**helm_env, "ANSIBLE_HOME": str(tmp_path / "ansible"), "LC_ALL": "C.UTF-8"}
    return make_folder("ansible", tools, helm, env, tmp_path)


def play(folder: Folder, libraries: dict[str, Path]) -> subprocess.CompletedProcess[str]:
    playbook = libraries["ansible"].with_name("ansible-playbook")
    return folder.start(playbook, folder.path / "render.yaml")


def test_the_documented_rendering(
    folder: Folder, helm: str, tools: Path, helm_env: dict[str, str], libraries: dict[str, Path]
) -> None:
    done = play(folder, libraries)
    assert done.returncode == 0, done.stdout + done.stderr
    rendered = (folder.path / "rendered.yaml").read_text()
    assert "site-data-2-pvc" in rendered
    more = ["--post-renderer-args", "--persistence", "--post-renderer-args", str(folder.path / "site.yaml")]
    expected = template(tools, helm_env, "documented", helm, "-n", "vision", *more)
    assert objects(rendered) == objects(expected.stdout)


def test_a_problem_fails_the_task_with_our_message(folder: Folder, libraries: dict[str, Path]) -> None:
    values = folder.path / "values.yaml"
    values.write_text(values.read_text().replace("['data1', 'data-foo']", "['data1', 'data-fo']"))
    done = play(folder, libraries)
    assert done.returncode == 2
    assert "no data volume" in done.stdout
    assert "Known: data-foo, data1, data2" in done.stdout
    assert not (folder.path / "rendered.yaml").exists()
