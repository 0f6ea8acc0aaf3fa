"""What lives longer than a run: results that other runs read, notebooks that answer, files and claims that outlive the release."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cluster.support import IMAGE, PROBE, make_pod, one_run, until

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Namespace, Object

PREPARED = "/polyaxon/refs/jobs/prepare"
WRITES = "cd $POLYAXON_RUN_OUTPUTS_PATH; echo prepared >part; mv part result"
READS = (
    f"until [ -e {PREPARED}/result ]; do sleep 0.2; done; cat {PREPARED}/result; printenv POLYAXON_REFS_OUTPUTS_PATHS; "
    f"touch {PREPARED}/mine 2>/dev/null && echo written || echo refused; "
    "grep -o ' /\\(outputs\\|polyaxon\\)/[^ ]*' /proc/self/mounts | sort | xargs"
)


# Stands where Jupyter would: says how it was called in the folder that it was started in, and answers /api alone.
SERVER = """\
#!/usr/bin/python3
import http.server, pathlib, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api" else 404)
        self.end_headers()

pathlib.Path("called").write_text(" ".join(sys.argv[1:]))
http.server.HTTPServer(("", 8888), Handler).serve_forever()
"""


@pytest.mark.parametrize("isolated", [False, True])
def test_a_run_reads_the_results_of_another_one_and_can_not_write_them_there(helm: Helm, *, isolated: bool) -> None:
    values = one_run()
    values["persistence"]["isolateRuns"] = isolated
    asks = {"environment": {"outputs": {"jobs": ["prepare"]}}}
    values["runs"] = {
        "prepare": {"command": ["/bin/bash", "-ec", WRITES]},
        "train": {"command": ["/bin/bash", "-ec", READS], "polyaxonfile": asks},
    }
    helm.must_upgrade(values)
    (job,) = helm.space.jobs()
    assert helm.space.wait_for_end(job) == "Complete"
    result, variable, tried, mounts = helm.space.kubectl("logs", f"job/{job}").splitlines()
    assert result == "prepared"
    assert json.loads(variable)["jobs"] == [PREPARED]
    assert tried == "refused"
    # Isolated, nothing but that mount leads to the other run's folder.
    own = ["/outputs/results"] if isolated else ["/outputs/results", "/polyaxon/outputs"]
    assert mounts.split() == [*own, PREPARED]


def test_a_notebook_answers_in_the_cluster_and_sees_the_same_data(helm: Helm) -> None:
    """Not Jupyter, which the image has not: a server of files in its place, in the folder where Jupyter starts."""
    values = one_run(["/bin/bash", "-ec", "echo trained >$POLYAXON_BASE_OUTPUTS_PATH/told"])
    serves = "cd $POLYAXON_BASE_OUTPUTS_PATH; exec python3 -m http.server 8888"
    probe = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1}
    values["runs"]["explore"] = {
        "polyaxonfile": {"kind": "notebook"},
        "command": ["/bin/bash", "-ec", serves],
        "readinessProbe": probe,
    }
    helm.must_upgrade(values)
    space = helm.space
    (job,) = space.jobs()
    assert space.wait_for_end(job) == "Complete"
    space.kubectl("rollout", "status", "deployment/demo-explore", "--timeout=90s")

    (service,) = space.get("services", run="explore")
    (port,) = service["spec"]["ports"]
    address = f"http://{service['spec']['clusterIP']}:{port['port']}/told"
    # Readiness reaches the Service's address a moment after the Deployment's status.
    asks = f"""\
import time, urllib.request
for _ in range(100):
    try:
        print(urllib.request.urlopen({address!r}, timeout=10).read().decode(), end="")
        break
    except OSError as error:
        print(error, file=__import__("sys").stderr)
        time.sleep(0.2)
"""
    space.apply(make_pod("asks", ["python3", "-c", asks]))
    assert space.wait_for_end_of_pod("asks") == "Succeeded", space.kubectl("logs", "asks")
    assert space.kubectl("logs", "asks") == "trained\n"


def notebook(**more: Any) -> Object:
    run = {"polyaxonfile": {"kind": "notebook"}, "files": {"jupyter": SERVER}, **IMAGE, **more}
    values = one_run()
    values["runs"] = {"lab": {**run, "env": [{"name": "PATH", "value": "/code:/usr/bin:/bin"}]}}
    values["runDefaults"] = {}
    return values


def available(space: Namespace) -> int:
    (deployment,) = space.get("deployments", run="lab")
    return int(deployment["status"].get("availableReplicas", 0))


def test_a_notebook_starts_in_its_run_folder_is_served_and_stops(helm: Helm) -> None:
    space = helm.space
    helm.must_upgrade(notebook(), post=False)
    gates = [{"name": "polyaxon.com/needs-post-renderer"}]
    until(
        "a gated pod", lambda: [pod["spec"].get("schedulingGates") for pod in space.get("pods", run="lab")] == [gates]
    )
    helm.must_upgrade(notebook())
    until("an available notebook", lambda: available(space) == 1)
    folder = f"{space.folder}/results/{space.name}/notebooks/demo-lab"
    space.run_on_node(f"grep -- '^notebook .*--port=8888$' {folder}/called")
    (slices,) = until("the Service's addresses", lambda: space.get("endpointslices", run="lab"))
    assert [endpoint["conditions"]["ready"] for endpoint in slices["endpoints"]] == [True]
    assert [port["port"] for port in slices["ports"]] == [8888]
    helm.must_upgrade(notebook(suspend=True))
    until("no pod of the notebook", lambda: not space.get("pods", run="lab"))
    assert available(space) == 0


def test_a_notebook_starts_in_its_working_dir(helm: Helm) -> None:
    space = helm.space
    helm.must_upgrade(notebook(workingDir="/outputs/results"))
    until("an available notebook", lambda: available(space) == 1)
    space.run_on_node(f"grep -- '^notebook .*--port=8888$' {space.folder}/results/called")
    space.run_on_node(f"test ! -e {space.folder}/results/{space.name}/notebooks/demo-lab/called")


def uids(space: Namespace, kinds: str, **labels: str) -> dict[str, str]:
    return {item["metadata"]["name"]: item["metadata"]["uid"] for item in space.get(kinds, **labels)}


def test_files_of_a_run_are_its_program_and_stay_with_its_job(helm: Helm) -> None:
    space = helm.space
    files = {"probe.py": PROBE[-1], "run.sh": "#!/bin/sh\nexec python3 probe.py\n"}
    helm.must_upgrade(one_run(["./run.sh"], files=files))
    report = space.report_of("train")
    assert report["variables"]["POLYAXON_RUN_OUTPUTS_PATH"].startswith("/outputs/results/")
    (name,) = first = uids(space, "configmaps", run="train")
    changed = {**files, "run.sh": "#!/bin/sh\n# again\nexec python3 probe.py\n"}
    helm.must_upgrade(one_run(["./run.sh"], files=changed))
    until("two Jobs of the run", lambda: len(space.jobs()) == 2)
    both = uids(space, "configmaps", run="train")
    assert len(both) == 2
    assert both[name] == first[name]
    helm.must("uninstall", "demo")
    assert uids(space, "configmaps", run="train") == both
    assert len(space.jobs()) == 2


def claim_of(helm: Helm) -> Object:
    found: Object = json.loads(helm.space.kubectl("get", "persistentvolumeclaim", "demo-made", "-o", "json"))
    return found


def test_a_claim_that_the_chart_made_stays_and_is_found_again(helm: Helm) -> None:
    helm.space.make_volume("made")
    create = {"size": "1Gi", "accessModes": ["ReadWriteMany"], "storageClassName": f"{helm.space.name}-made"}
    values = one_run(["/bin/bash", "-ec", "cd $POLYAXON_BASE_OUTPUTS_PATH; ls; touch kept"])
    values["persistence"]["outputs"] = {"made": {"mountPath": "/outputs/made", "create": create}}
    logs = []
    for rerun in (0, 1):
        values["runs"]["train"] = {"policy": "replace", "rerun": rerun}
        helm.must_upgrade(values)
        (job,) = helm.space.jobs()
        assert helm.space.wait_for_end(job) == "Complete"
        logs.append(helm.space.kubectl("logs", f"job/{job}").split())
        claim = claim_of(helm)
        assert claim["status"]["phase"] == "Bound"
        if rerun == 0:
            first = claim["metadata"]["uid"]
            helm.must("uninstall", "demo")
        else:
            assert claim["metadata"]["uid"] == first
    assert "kept" not in logs[0]
    assert "kept" in logs[1]
