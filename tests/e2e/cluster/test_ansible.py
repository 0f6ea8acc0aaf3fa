"""Ansible's kubernetes.core.helm, the real module: the documented playbook.

With Helm 3: the collection for Helm 4 comes with an Ansible that needs a newer Python than ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.cluster.deploying import SITE, check_new_job, check_release, make_release, write_values
from tests.e2e.cluster.support import PROBE

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.e2e.cluster.support import Helm
    from tests.support.release import Folder


def make_player(helm: Helm, tools: Path, libraries: dict[str, Path], folder: Path) -> tuple[Folder, Path]:
    with_home = helm._replace(env={**helm.env, "ANSIBLE_HOME": str(folder / "ansible"), "LC_ALL": "C.UTF-8"})
    return make_release("ansible", with_home, tools, folder), libraries["ansible"].with_name("ansible-playbook")


def test_the_documented_playbook(helm3: Helm, tools: Path, libraries: dict[str, Path], tmp_path: Path) -> None:
    folder, playbook = make_player(helm3, tools, libraries, tmp_path)
    write_values(folder, data=[])

    def deploy() -> subprocess.CompletedProcess[str]:
        done = folder.start(playbook, folder.path / "playbook.yaml")
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    check_release(helm3, deploy)
    assert "changed=0" in deploy().stdout
    write_values(folder, data=[], command=[*PROBE, "again"])
    check_new_job(helm3, deploy)
    assert "changed=0" in deploy().stdout


def test_a_problem_fails_the_task_and_installs_nothing(
    helm3: Helm, tools: Path, libraries: dict[str, Path], tmp_path: Path
) -> None:
    folder, playbook = make_player(helm3, tools, libraries, tmp_path)
    assert "site" in SITE["data"]  # the playbook gives no site's catalog
    done = folder.start(playbook, folder.path / "playbook.yaml")
    assert done.returncode == 2
    assert "no data volume" in done.stdout
    assert not helm3.space.get("jobs")
