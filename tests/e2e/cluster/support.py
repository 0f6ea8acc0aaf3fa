"""A cluster as the tests use it: kubectl, the Helms, and waiting with a deadline."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ci.cluster.paths import find_kubectl
from tests.support.cli import run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KUBECTL = find_kubectl() or "kubectl"
POST_RENDERER = ("--post-renderer", "polyaxon-persistence")
IMAGE = {"image": "localhost/python:1", "imagePullPolicy": "Never"}
PROBE = ["python3", "-c", (Path(__file__).parent / "probe.py").read_text()]
# Goes on until its outputs volume holds a file `end`; ends at once when it is told to.
GOES_ON = [
    "/bin/bash",
    "-c",
    "trap 'exit 9' TERM; until [ -e $POLYAXON_BASE_OUTPUTS_PATH/end ]; do sleep 0.2 & wait $!; done",
]
NODE_FOLDER = "/polyaxon-tests"
Object = dict[str, Any]
Found = TypeVar("Found")
PATIENCE = 240  # seconds: far more than anything takes, but another test may be starting hundreds of pods just then


def until(what: str, look: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """Look until there is something to see, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:.0f} s not yet: {what}")
        time.sleep(0.2)
    return found


class Namespace(NamedTuple):
    """One namespace of the cluster under test."""

    name: str

    @property
    def folder(self) -> str:
        """The namespace's own folder on the node, under which its claims and hostPaths lie."""
        return f"{NODE_FOLDER}/{self.name}"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        command = [KUBECTL, "--namespace", self.name, *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def apply(self, *objects: Object) -> None:
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def get(self, kinds: str, **labels: str) -> list[Object]:
        """The objects with these labels, `run` short for polyaxon.com/run."""
        keys = {
            "run": "polyaxon.com/run",
            "job": "batch.kubernetes.io/job-name",
            "instance": "app.kubernetes.io/instance",
        }
        selector = ",".join(f"{keys.get(key, key)}={value}" for key, value in labels.items())
        found: list[Object] = json.loads(self.kubectl("get", kinds, f"--selector={selector}", "-o", "json"))["items"]
        return found

    def jobs(self, run: str = "train") -> dict[str, str]:
        """The Jobs of a run by their names, with their uids: a Job made anew has another one."""
        return {job["metadata"]["name"]: job["metadata"]["uid"] for job in self.get("jobs", run=run)}

    def running_pods(self, run: str = "train") -> dict[str, str]:
        """The running pods of a run: their Jobs' names, and their own."""
        return {
            pod["metadata"]["labels"]["batch.kubernetes.io/job-name"]: pod["metadata"]["name"]
            for pod in self.get("pods", run=run)
            if pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]
        }

    def wait_for_pods(self, number: int = 1, run: str = "train") -> dict[str, str]:
        return until(
            f"{number} running pods of {run}",
            lambda: pods if len(pods := self.running_pods(run)) == number else {},
        )

    def wait_for_log(self, pod: str, line: str) -> None:
        until(f"{line!r} in the log of {pod}", lambda: line in self.kubectl("logs", pod).splitlines())

    def wait_for_end(self, job: str) -> str:
        """Wait for a Job's end, and say how it ended: Complete or Failed."""

        def ended() -> str | None:
            status = json.loads(self.kubectl("get", "job", job, "-o", "json"))["status"]
            kinds = [item["type"] for item in status.get("conditions", []) if item["status"] == "True"]
            return next((kind for kind in kinds if kind in ("Complete", "Failed")), None)

        return until(f"the end of Job {job}", ended) or ""

    def report_of(self, run: str) -> Object:
        """What the probe printed in the one Job of a run."""
        (name,) = until(f"a Job of {run}", lambda: self.jobs(run))
        return self.report_of_job(name)

    def report_of_job(self, name: str) -> Object:
        how = self.wait_for_end(name)
        log = self.kubectl("logs", f"job/{name}")
        assert how == "Complete", f"Job {name}: {how}\n{log}"
        report: Object = json.loads(log)
        return report

    def report_of_pod(self, name: str) -> Object:
        """What the probe printed in a pod of its own."""
        phase = self.wait_for_end_of_pod(name)
        log = self.kubectl("logs", name)
        assert phase == "Succeeded", f"Pod {name}: {phase}\n{log}"
        report: Object = json.loads(log)
        return report

    def wait_for_end_of_pod(self, name: str) -> str:
        def ended() -> str:
            phase = self.kubectl("get", "pod", name, "-o", "jsonpath={.status.phase}")
            return phase if phase in ("Succeeded", "Failed") else ""

        return until(f"the end of Pod {name}", ended)

    def make_claims(self, *names: str, local: tuple[str, ...] = ()) -> None:
        """Claims bound to folders of the node. The driver of local volumes knows fsGroup, hostPath's does not."""
        node = json.loads(self.kubectl("get", "nodes", "-o", "json"))["items"][0]["metadata"]["labels"][
            "kubernetes.io/hostname"
        ]
        for name in (*names, *local):
            self.apply(*make_claim(self, name, node, is_local=name in local))

    def make_volume(self, name: str) -> None:
        """A volume without a claim, for the claim that the cluster makes."""
        self.apply(make_claim(self, name, "", is_local=False)[0])

    def run_on_node(self, script: str, *folders: str) -> None:
        """Run a shell script as root that sees folders of the node at their own paths; they are made."""
        pod = make_pod("on-node", ["/bin/sh", "-ec", script])
        mounts = [self.folder, *folders]
        pod["spec"]["volumes"] = [
            {"name": f"v{number}", "hostPath": {"path": path, "type": "DirectoryOrCreate"}}
            for number, path in enumerate(mounts)
        ]
        pod["spec"]["containers"][0]["volumeMounts"] = [
            {"name": f"v{number}", "mountPath": path} for number, path in enumerate(mounts)
        ]
        self.apply(pod)
        phase = self.wait_for_end_of_pod("on-node")
        assert phase == "Succeeded", self.kubectl("logs", "on-node")
        self.kubectl("delete", "pod", "on-node")

    def end_runs(self) -> None:
        """Tell the runs on the volume of the claim `results` that they may end."""
        self.run_on_node(f"touch {self.folder}/results/end")


class Helm(NamedTuple):
    """One of the two Helms, as a user calls it."""

    name: str
    program: Path
    env: Mapping[str, str]
    space: Namespace
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.program), *arguments, "--namespace", self.space.name]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=180, check=False)

    def upgrade(
        self, *values: Object | str, more: tuple[str, ...] = (), post: bool = True, chart: str = "chart"
    ) -> subprocess.CompletedProcess[str]:
        """`helm upgrade --install demo`, values as files or as maps."""
        arguments = []
        for number, given in enumerate(values):
            file = self.folder / f"{number}.yaml"
            if isinstance(given, dict):
                file.write_text(json.dumps(given))
            arguments += ["-f", str(file) if isinstance(given, dict) else given]
        return self.run("upgrade", "--install", "demo", chart, *arguments, *(POST_RENDERER if post else ()), *more)

    def must_upgrade(self, *values: Object | str, more: tuple[str, ...] = (), post: bool = True) -> str:
        done = self.upgrade(*values, more=more, post=post)
        assert done.returncode == 0, done.stderr + self.why()
        return done.stdout

    def must(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def why(self) -> str:
        """What the post-renderer said, also where Helm swallowed it."""
        command = ["polyaxon-persistence", "last-report"]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False).stdout


def make_pod(name: str, command: list[str]) -> Object:
    container = {"name": "main", "command": command, **IMAGE}
    spec = {"restartPolicy": "Never", "containers": [container], "automountServiceAccountToken": False}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def render_with(persistence: Object, manifest: Object) -> str:
    """One object as `polyaxon-persistence --persistence FILE` renders it."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as site:
        json.dump({"persistence": persistence}, site)
        site.flush()
        result = run("--persistence", site.name, stdin=json.dumps(manifest))
    assert result.exit_code == 0, result.error
    return result.output.decode()


def make_workload(group: str, kind: str, outer: dict[str, str], inner: dict[str, str]) -> Object:
    """An object of a kind, with annotations of its own and of its pod template."""
    labels = {"app": "w"}
    spec = make_pod("", ["/bin/true"])["spec"] | {"restartPolicy": "Never" if group == "batch" else "Always"}
    template: Object = {"metadata": {"labels": labels, "annotations": inner}, "spec": spec}
    selector: Object = {"matchLabels": labels}
    bodies: dict[str, Object] = {
        "Pod": {"spec": spec},
        "PodTemplate": {"template": template},
        "ReplicationController": {"spec": {"selector": labels, "template": template}},
        "StatefulSet": {"spec": {"serviceName": "w", "selector": selector, "template": template}},
        "Job": {"spec": {"template": template}},
        "CronJob": {"spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template}}}},
    }
    body = bodies.get(kind, {"spec": {"selector": selector, "template": template}})
    metadata = {"name": "w", "annotations": outer}
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": metadata, **body}


def make_claim(space: Namespace, name: str, node: str, *, is_local: bool) -> list[Object]:
    """A volume on the node and the claim that is bound to it; they find each other by a class of their own."""
    path = f"{space.folder}/{name}"
    class_name = f"{space.name}-{name}"
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": class_name}
    on_node = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}
    volume = {
        **spec,
        "capacity": {"storage": "1Gi"},
        **({"local": {"path": path}} if is_local else {"hostPath": {"path": path, "type": "DirectoryOrCreate"}}),
        **({"nodeAffinity": {"required": {"nodeSelectorTerms": [on_node]}}} if is_local else {}),
    }
    labels = {"polyaxon-tests": space.name}
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": class_name, "labels": labels},
            "spec": volume,
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name},
            "spec": {**spec, "resources": {"requests": {"storage": "1Gi"}}},
        },
    ]


def one_run(command: list[str] | None = None, **run: Any) -> Object:
    """Values with one writable claim `results` and one run `train`."""
    return {
        "persistence": {"outputs": {"results": {"mountPath": "/outputs/results", "existingClaim": "results"}}},
        "runDefaults": {"command": command or GOES_ON, **IMAGE},
        "runs": {"train": run},
    }
