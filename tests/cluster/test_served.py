"""What lives longer than a run: results that other runs read, notebooks that answer, claims that outlive the release."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cluster.support import make_pod, one_run, until

if TYPE_CHECKING:
    from tests.cluster.support import Helm, Object

PREPARED = "/polyaxon/refs/jobs/prepare"
WRITES = "cd $POLYAXON_RUN_OUTPUTS_PATH; echo prepared >part; mv part result"
READS = (
    f"until [ -e {PREPARED}/result ]; do sleep 0.2; done; cat {PREPARED}/result; printenv POLYAXON_REFS_OUTPUTS_PATHS; "
    f"touch {PREPARED}/mine 2>/dev/null && echo written || echo refused; "
    "grep -o ' /\\(outputs\\|polyaxon\\)/[^ ]*' /proc/self/mounts | sort | xargs"
)


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

    def addresses() -> list[str]:
        slices = space.get("endpointslices", **{"kubernetes.io/service-name": "demo-explore"})
        ready = [item for found in slices for item in found["endpoints"] or [] if item["conditions"]["ready"]]
        return [f"{item['addresses'][0]}:{slices[0]['ports'][0]['port']}" for item in ready]

    # The Service's own address is the work of kube-proxy or its like; what it leads to is asked directly.
    (address,) = until("the Service leads to the notebook", addresses)
    asks = f"import urllib.request as r; print(r.urlopen('http://{address}/told', timeout=10).read().decode(), end='')"
    space.apply(make_pod("asks", ["python3", "-c", asks]))
    assert space.wait_for_end_of_pod("asks") == "Succeeded", space.kubectl("logs", "asks")
    assert space.kubectl("logs", "asks") == "trained\n"


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
