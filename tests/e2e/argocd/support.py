"""Repositories, as a team pushes to them, and Applications, as Argo CD shows them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from ci.argocd.argocd import NAMESPACE
from tests.e2e.cluster.support import GOES_ON, IMAGE, Namespace, Object, until
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ARGOCD_FILES = ROOT / "deploy" / "argocd"
FOLDER = "deploy/training"
VALUES = "values-production.yaml"
# Shows what it finds on its data volume, then goes on.
READS_AND_GOES_ON = ["/bin/bash", "-c", f"cat /data/set/marker; {GOES_ON[2]}"]
CATALOG: Object = {
    "persistence": {
        "data": {"set": {"mountPath": "/data/set", "existingClaim": "datasets", "readOnly": True}},
        "outputs": {"results": {"mountPath": "/outputs/results", "existingClaim": "results"}},
    }
}


def make_values(**runs: Object) -> Object:
    """Values of a team: the runs, which read a data volume and go on."""
    return {"runDefaults": {"command": READS_AND_GOES_ON, **IMAGE}, "runs": runs}


class Repository(NamedTuple):
    """A team's clone: our chart in the Application's folder, its values, and the site's catalog beside it."""

    clone: Path
    url: str

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=team", "-c", "user.email=team@example.com", *arguments]
        done = subprocess.run(command, cwd=self.clone, env=own_git(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, values: Object) -> str:
        """Push these values; the commit's name."""
        (self.clone / FOLDER / VALUES).write_text(yaml.safe_dump(values))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change the runs")
        self.git("push", "--quiet", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")


def own_git() -> dict[str, str]:
    """An environment in which git reads no settings of the machine's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def make_repository(served: Path, clone: Path, url: str) -> Repository:
    for command in (
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(served)],
        ["git", "clone", "--quiet", str(served), str(clone)],
    ):
        subprocess.run(command, env=own_git(), check=True, capture_output=True)
    shutil.copytree(ROOT / "chart", clone / FOLDER)
    common = clone / "deploy" / "common"
    common.mkdir()
    (common / "persistence.yaml").write_text(yaml.safe_dump(CATALOG))
    return Repository(clone, url)


def by_name(url: str) -> Object:
    """The documented Application's source, which names the plugin."""
    source: Object = yaml.safe_load((ARGOCD_FILES / "application.yaml").read_text())["spec"]["source"]
    return {"source": {**source, "repoURL": url}}


def found(url: str) -> Object:
    """The documented ApplicationSet's source: the plugin is found by the chart's own words."""
    spec: Object = yaml.safe_load((ARGOCD_FILES / "applicationset.yaml").read_text())["spec"]["template"]["spec"]
    env = [
        {"name": "VALUES_FILES", "value": f"{VALUES},../common/persistence.yaml"},
        {"name": "HELM_PARAMETERS", "value": '{"runDefaults.backoffLimit": "2"}'},
    ]
    return {"source": {**spec["source"], "repoURL": url, "path": FOLDER, "plugin": {"env": env}}}


PARAMETERS = [{"name": "runDefaults.backoffLimit", "value": "2"}]


def native(url: str) -> Object:
    """Argo CD's own Helm source: the page's parameters, files beside the chart."""
    helm = {"valueFiles": [VALUES, "../common/persistence.yaml"], "parameters": PARAMETERS}
    return {"source": {"repoURL": url, "targetRevision": "main", "path": FOLDER, "helm": helm}}


def several(url: str) -> Object:
    """Several sources: the chart from one, the values by $values from another."""
    files = [f"$values/{FOLDER}/{VALUES}", "$values/deploy/common/persistence.yaml"]
    helm = {"valueFiles": files, "parameters": PARAMETERS}
    at_main = {"repoURL": url, "targetRevision": "main"}
    return {"sources": [{**at_main, "path": FOLDER, "helm": helm}, {**at_main, "ref": "values"}]}


class Application(NamedTuple):
    """An Application and the namespace that it deploys to; both have one name."""

    space: Namespace
    repository: Repository

    def apply(self, sources: Object) -> None:
        """Make it, with the documented destination and policy: automated, with prune and self-heal."""
        spec = yaml.safe_load((ARGOCD_FILES / "application.yaml").read_text())["spec"]
        del spec["source"]
        spec["destination"]["namespace"] = self.space.name
        # Argo CD tries a failed sync again: soon, in a test.
        spec["syncPolicy"]["retry"] = {"limit": 5, "backoff": {"duration": "1s", "maxDuration": "5s"}}
        metadata = {"name": self.space.name, "namespace": NAMESPACE}
        Namespace(NAMESPACE).apply(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": metadata,
                "spec": {**spec, **sources},
            }
        )

    def status(self) -> Object:
        told = Namespace(NAMESPACE).kubectl("get", "application", self.space.name, "-o", "json")
        status: Object = json.loads(told).get("status", {})
        return status

    def conditions(self) -> list[Object]:
        found: list[Object] = self.status().get("conditions", [])
        return found

    def refresh(self, how: str = "normal") -> None:
        """Ask for another look (`hard` renders anew, too), and wait until it was taken."""
        key = "argocd.argoproj.io/refresh"
        argocd = Namespace(NAMESPACE)
        argocd.kubectl("annotate", "--overwrite", "application", self.space.name, f"{key}={how}")
        path = "jsonpath={.metadata.annotations.argocd\\.argoproj\\.io/refresh}"
        until("the refresh", lambda: not argocd.kubectl("get", "application", self.space.name, "-o", path))

    def state(self) -> tuple[str, str, str]:
        """As the page's tiles say it: synced, healthy, and the commit that was compared."""
        status = self.status()
        sync = status.get("sync", {})
        revision = sync.get("revision") or (sync.get("revisions") or [""])[0]
        return sync.get("status", ""), status.get("health", {}).get("status", ""), revision

    def wait_for(self, revision: str, sync: str = "Synced", health: str = "Healthy") -> None:
        """Wait until a commit is what is compared, and has this state."""
        wanted = (sync, health, revision)
        until(f"{wanted}", lambda: self.looks(wanted), seconds=90)

    def looks(self, wanted: tuple[str, str, str]) -> bool:
        return self.state() == wanted

    def deploy(self, sources: Object, values: Object) -> str:
        """Push values, make the Application, and wait until it is synced and healthy."""
        revision = self.repository.commit(values)
        self.apply(sources)
        self.wait_for(revision)
        return revision

    def push(self, values: Object) -> str:
        """Push other values to the running Application, and wait until they are synced and healthy."""
        revision = self.repository.commit(values)
        self.refresh()
        self.wait_for(revision)
        return revision

    def drift(self) -> list[Any]:
        """The objects that are not as git says."""
        return [item for item in self.status().get("resources", []) if item["status"] != "Synced"]
