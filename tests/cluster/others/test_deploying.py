"""helmfile and OpenTofu, the real ones: their documented files make releases, with both Helms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cluster.deploying import check_new_job, check_release, make_release, write_values
from tests.cluster.support import PROBE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.support import Helm


def test_helmfile(helm: Helm, tools: Path, tmp_path: Path) -> None:
    folder = make_release("helmfile", helm, tools, tmp_path)
    words = [str(tools / "helmfile"), "--file", str(folder.path / "helmfile.yaml"), "sync"]
    check_release(helm, lambda: folder.must(*words), "/data/site")
    write_values(folder, data=["sit"])
    jobs = helm.space.jobs()
    done = folder.start(*words)
    assert done.returncode == 1
    assert 'did you mean "site"?' in done.stderr
    assert helm.space.jobs() == jobs


def test_opentofu(helm: Helm, tools: Path, tmp_path: Path) -> None:
    folder = make_release("terraform", helm, tools, tmp_path)
    (folder.path / "release.tf").unlink()  # of Terraform's provider, which is not to be had here
    tofu = [str(tools / "tofu"), f"-chdir={folder.path}"]
    folder.must(*tofu, "init", "-input=false")
    apply = [*tofu, "apply", "-auto-approve", "-input=false"]
    check_release(helm, lambda: folder.must(*apply), "/data/site")
    assert "0 added, 0 changed, 0 destroyed" in folder.must(*apply)
    write_values(folder, data=["site"], command=[*PROBE, "again"])
    check_new_job(helm, lambda: folder.must(*apply))
    jobs = helm.space.jobs()
    write_values(folder, data=["sit"])
    done = folder.start(*apply)
    assert done.returncode == 1
    assert 'did you mean "site"?' in done.stdout + done.stderr
    assert helm.space.jobs() == jobs
    write_values(folder, data=["site"])
    assert "1 added" in folder.must(*apply)  # it tries again after a problem
    folder.must(*tofu, "destroy", "-auto-approve", "-input=false")
    assert helm.space.jobs().keys() >= jobs.keys()
