"""A release made by a tool that starts Helm: its documented files, in a namespace of the test's own."""

from __future__ import annotations

import json
import re
import tempfile
from typing import TYPE_CHECKING

from tests.e2e.cluster.support import PROBE, one_run
from tests.support.cli import run
from tests.support.release import Folder, make_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.cluster.support import Helm, Object

SITE: Object = {"data": {"site": {"mountPath": "/data/site", "existingClaim": "results", "readOnly": True}}}


def make_release(tool: str, helm: Helm, tools: Path, folder: Path) -> Folder:
    """The folder of the tool with one run, which asks for a volume of the site's catalog too."""
    made = make_folder(tool, tools, helm.name, helm.env, folder)
    for file in made.path.glob("*.*"):
        file.write_text(re.sub(r"\bvision\b", helm.space.name, file.read_text()))
    (made.path / "site.yaml").write_text(json.dumps({"persistence": SITE}))
    write_values(made, data=["site"])
    return made


def write_values(folder: Folder, *, data: list[str], command: list[str] | None = None) -> None:
    values = one_run(command or PROBE, polyaxonfile={"environment": {"persistence": {"data": data}}})
    (folder.path / "values.yaml").write_text(json.dumps(values))


def check_release(helm: Helm, deploy: Callable[[], object], *mounts: str, by_helm: bool = True) -> None:
    """The run reads its volumes, is left alone by a second time, and `verify` says that all is there."""
    live = ("get", "jobs,cronjobs,deployments,configmaps", "-o", "yaml")
    deploy()
    assert helm.space.report_of("train")["mounts"] == [*mounts, "/outputs/results", "/polyaxon/outputs"]
    jobs = helm.space.jobs()
    deploy()
    assert helm.space.jobs() == jobs
    with tempfile.NamedTemporaryFile("w", suffix=".json") as site:
        json.dump({"persistence": SITE}, site)
        site.flush()
        installed = helm.must("get", "manifest", "demo") if by_helm else helm.space.kubectl(*live)
        verified = run("verify", "--persistence", site.name, stdin=installed)
    assert verified.exit_code == 0, verified.error


def check_new_job(helm: Helm, deploy: Callable[[], object]) -> None:
    """The run, which has changed, is another Job; the one before stays."""
    before = helm.space.jobs()
    deploy()
    jobs = helm.space.jobs()
    (new,) = jobs.keys() - before.keys()
    assert {name: jobs.get(name) for name in before} == before
    assert helm.space.report_of_job(new)["mounts"]


def check_mistake(helm: Helm, folder: Folder, *deploy: str) -> None:
    """A volume's name with a typing mistake: the tool fails with our words, and the runs stay as they are."""
    before = helm.space.jobs()
    write_values(folder, data=["sit"])
    done = folder.start(*deploy)
    assert done.returncode == 1
    assert 'did you mean "site"?' in done.stdout + done.stderr
    assert helm.space.jobs() == before
