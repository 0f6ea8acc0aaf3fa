"""helmfile, OpenTofu and Skaffold, the real ones: their documented files make releases, with both Helms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from tests.e2e.cluster.deploying import check_mistake, check_new_job, check_release, make_release, write_values
from tests.e2e.cluster.support import KUBECTL, PROBE
from tests.support.release import with_wrapper

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cluster.support import Helm
    from tests.support.release import Folder


def test_helmfile(helm: Helm, tools: Path, tmp_path: Path) -> None:
    folder = make_release("helmfile", helm, tools, tmp_path)
    words = [str(tools / "helmfile"), "--file", str(folder.path / "helmfile.yaml"), "sync"]
    check_release(helm, lambda: folder.must(*words), "/data/site")
    check_mistake(helm, folder, *words)


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
    check_mistake(helm, folder, *apply)
    jobs = helm.space.jobs()
    write_values(folder, data=["site"])
    assert "1 added" in folder.must(*apply)  # it tries again after a problem
    folder.must(*tofu, "destroy", "-auto-approve", "-input=false")
    assert helm.space.jobs().keys() >= jobs.keys()


def make_skaffold(helm: Helm, tools: Path, folder: Path) -> tuple[Folder, list[str]]:
    """The folder, with kubectl on PATH, and how Skaffold is started."""
    made = make_release("skaffold", helm, tools, folder)
    (folder / "programs" / "kubectl").symlink_to(KUBECTL)
    words = ["--interactive=false", "--status-check=false", "--namespace", helm.space.name]
    return made, [str(tools / "skaffold"), *words]


def test_skaffold(helm: Helm, tools: Path, tmp_path: Path) -> None:
    made, words = make_skaffold(helm, tools, tmp_path)
    folder = with_wrapper(made)
    folder = folder._replace(env={**folder.env, "POLYAXON_PERSISTENCE_FILES": str(folder.path / "site.yaml")})
    command = [words[0], "run", *words[1:]]
    check_release(helm, lambda: folder.must(*command), "/data/site", by_helm=False)
    write_values(folder, data=["site"], command=[*PROBE, "again"])
    check_new_job(helm, lambda: folder.must(*command))
    check_mistake(helm, folder, *command)


def test_skaffolds_own_way_is_none(helm: Helm, tools: Path, tmp_path: Path) -> None:
    """What docs/skaffold.md warns of: the flag of its Helm deployer."""
    made, words = make_skaffold(helm, tools, tmp_path)
    folder = made._replace(
        start_in=made.path, env={**made.env, "HOME": str(tmp_path), "SKAFFOLD_UPDATE_CHECK": "false"}
    )
    file = folder.path / "skaffold.yaml"
    config = yaml.safe_load(file.read_text())
    flags = {key: ["--post-renderer=polyaxon-persistence"] for key in ("install", "upgrade")}
    config["deploy"] = {"helm": {**config.pop("manifests")["helm"], "flags": flags}}
    file.write_text(yaml.safe_dump(config))
    write_values(folder, data=[])
    command = [words[0], "deploy", *words[1:], "--images", "unused"]
    done = folder.start(*command)
    if helm.name == "helm4":
        assert done.returncode == 1
        assert "more than once" in done.stdout + done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert helm.space.get("configmaps", instance="demo")
    write_values(folder, data=["sit"])
    done = folder.start(*command)
    assert done.returncode == 0
    assert "no data volume" not in done.stdout + done.stderr
    assert not helm.space.get("configmaps", instance="demo")
