"""docs/inherited.md on a real release: each of its commands as it stands, from the first to the last, with both Helms."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from tests.e2e.cluster.outcomes import CHANGED
from tests.e2e.cluster.support import KUBECTL, one_run, until
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.cluster.support import Helm

PAGE = (ROOT / "docs" / "inherited.md").read_text()
OURS = "polyaxon-persistence"
PLUGIN = "helm plugin uninstall polyaxon-persistence"
SET_NAMESPACE = "kubectl config set-context --current --namespace vision"


def commands() -> dict[str, list[str]]:
    """The page's commands by its headings."""
    found = {}
    for section in PAGE.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        found[heading] = re.findall(r"^\$ (.+)$", text, re.MULTILINE)
    return found


class User:
    """Whoever inherited the release, in a folder with its chart and nothing else."""

    def __init__(self, helm: Helm, folder: Path) -> None:
        self.helm = helm
        self.folder = folder
        self.left = commands()
        binaries = folder / "bin"
        binaries.mkdir()
        (binaries / "helm").symlink_to(helm.program)
        (binaries / "kubectl").symlink_to(shutil.which(KUBECTL) or KUBECTL)
        shutil.copytree(ROOT / "chart", folder / "chart")
        shutil.copy(helm.env["KUBECONFIG"], folder / "kubeconfig")
        data = (
            shutil.copytree(helm.env["HELM_DATA_HOME"], folder / "data", symlinks=True)
            if helm.name == "helm4"
            else folder
        )
        self.env = {
            **helm.env,
            "PATH": f"{binaries}:{helm.env['PATH']}",
            "KUBECONFIG": str(folder / "kubeconfig"),
            "HELM_DATA_HOME": str(data),
        }
        assert SET_NAMESPACE in PAGE
        self.start(SET_NAMESPACE.replace("vision", helm.space.name))

    def start(self, command: str, code: int = 0) -> str:
        bash = ["bash", "-o", "pipefail", "-c", command]
        done = subprocess.run(
            bash, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == code, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def section(self, heading: str, *starts: str) -> list[str]:
        """Run a section's next commands, which begin with these words, and say what each printed."""
        printed = []
        for start in starts:
            command = self.left[heading].pop(0)
            assert command.startswith(start), command
            printed.append(self.start(command))
        return printed

    def values(self, change: Callable[[Any], None]) -> None:
        """Edit values.yaml."""
        file = self.folder / "values.yaml"
        data = yaml.safe_load(file.read_text())
        change(data)
        file.write_text(yaml.safe_dump(data))


def test_every_command_of_the_page_does_what_it_says(helm: Helm, tmp_path: Path) -> None:
    space = helm.space
    space.make_claims("other")
    asks = {"kind": "experiment", "environment": {"persistence": {"outputs": "results"}}}
    helm.must_upgrade(one_run(polyaxonfile=asks))
    space.wait_for_pods()
    (first,) = space.jobs()
    user = User(helm, tmp_path)

    releases, catalogs, objects, claims = user.section("What is in the cluster", "helm", *["kubectl"] * 3)
    assert "demo" in releases
    assert re.search(rf"^{space.name} +demo-persistence ", catalogs, re.MULTILINE)
    assert re.search(rf"job.batch/{first} .* train$", objects, re.MULTILINE)
    assert "results" in claims

    heading = "Which catalog and which request made a Job"
    values, stored, live, request, catalog, verified = user.section(heading, "helm", OURS, *["kubectl"] * 4)
    assert "existingClaim: results" in values
    for said in (stored, live):
        assert f"Job/{first} as {first}" in said
        assert "claim results" in said
    assert yaml.safe_load(request)["kind"] == "experiment"
    assert yaml.safe_load(catalog)["outputs"]["results"]["existingClaim"] == "results"
    assert first in verified

    heading = "Change a volume"
    user.section(heading, "helm get values")
    user.values(lambda data: data["persistence"]["outputs"]["results"].update(existingClaim="other"))
    *_, check, _ = user.section(heading, "helm get manifest", "kubectl", OURS, "helm upgrade")
    assert "1 run would start." in check
    running = space.wait_for_pods(2)
    assert first in running
    (second,) = set(running) - {first}
    assert re.search(rf"^Job/{second}  starts ", check, re.MULTILINE)

    heading = "The post-renderer is missing"
    user.values(lambda data: data["runs"]["train"].update(CHANGED))
    bare = "helm upgrade demo ./chart -f values.yaml"
    user.start(bare)
    until("a pod that waits", lambda: "SchedulingGated" in user.start(user.left[heading][0]))
    user.section(heading, "kubectl", "helm rollback")
    until("no pod that waits", lambda: "SchedulingGated" not in user.start("kubectl get pods"))
    assert set(space.wait_for_pods(2)) == {first, second}
    user.start(bare)
    until("a pod that waits", lambda: "SchedulingGated" in user.start("kubectl get pods"))
    user.section(heading, "helm upgrade", OURS)
    assert {first, second} < set(space.wait_for_pods(3))

    heading = "Where the messages are"
    user.values(
        lambda data: data["runs"]["train"].update(polyaxonfile={"environment": {"persistence": {"outputs": "x"}}})
    )
    user.start(f"{bare} --post-renderer polyaxon-persistence", code=1)
    report, described, _ = user.section(heading, "polyaxon-persistence last-report", "kubectl describe", "kubectl logs")
    assert "error[unknown-volume]" in report
    assert re.search(r"^Name: +" + first, described, re.MULTILINE)

    heading = "Move on without it"
    before = space.jobs()
    user.section(heading, "helm get manifest", "kubectl apply")
    assert space.jobs() == before
    plain = list(yaml.safe_load_all((user.folder / "plain.yaml").read_text()))
    (job,) = [item for item in plain if item["kind"] == "Job"]
    assert "schedulingGates" not in job["spec"]["template"]["spec"]

    heading = "Remove it"
    user.section(heading, "helm uninstall")
    assert space.jobs() == before
    assert len(space.wait_for_pods(3)) == 3
    user.section(heading, "kubectl delete", "kubectl get")
    assert until("no Job", lambda: not space.jobs())
    if helm.name == "helm4":
        assert PLUGIN in PAGE
        user.start(PLUGIN)
        assert "polyaxon-persistence" not in user.start("helm plugin list")

    assert not any(user.left.values())


def test_the_claims_of_the_chart_outlive_the_release(helm: Helm, tmp_path: Path) -> None:
    created = {"mountPath": "/outputs", "create": {"size": "1Gi", "storageClassName": "none"}}
    helm.must_upgrade({"persistence": {"outputs": {"results": created}}, "runs": {}})
    user = User(helm, tmp_path)
    uninstall, _, claims = user.left["Remove it"]
    user.start(uninstall)
    assert "demo-results" in user.start(claims)


def test_the_commands_name_no_namespace() -> None:
    """They hold for the one that is set, so that they can be copied."""
    for section in commands().values():
        for command in section:
            assert "--namespace" not in command
            assert " -n " not in command
