"""The chart's tensorboard in a real pod shows the results in a bucket of a real S3 server, which another pod is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.cluster.images import TENSORBOARD_IMAGE
from tests.e2e.cluster.support import IMAGE, Object, make_pod, until
from tests.support.s3 import BUCKET, SERVE, TAG, Server

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Namespace

TENSORBOARD = {"image": TENSORBOARD_IMAGE, "imagePullPolicy": "Never"}
TRAIN = "experiments/demo-train"
# Asks a tensorboard for its runs until it has some, and prints them.
ASKS = """
import json, sys, time, urllib.request
while True:
    try:
        found = json.load(urllib.request.urlopen(sys.argv[1] + "/data/plugin/scalars/tags", timeout=10))
        if found:
            break
    except OSError:
        pass
    time.sleep(0.5)
print(json.dumps(found))
"""


@pytest.fixture
def server(space: Namespace) -> Server:
    """An S3 server with results of a run in this namespace; it accepts one key alone."""
    pod = make_pod("s3", ["python3", "-c", SERVE, "0.0.0.0", "5000", f"{space.name}/{TRAIN}"])
    pod["spec"]["containers"][0].update(TENSORBOARD)
    space.apply(pod)
    key = until("the key of the S3 server", lambda: read_key(space))
    address = space.kubectl("get", "pod", "s3", "-o", "jsonpath={.status.podIP}")
    return Server(f"http://{address}:5000", *json.loads(key))


def read_key(space: Namespace) -> str:
    """The line with the key, among the requests that the server logs; "" if the server has not printed it yet."""
    phase = space.kubectl("get", "pod", "s3", "-o", "jsonpath={.status.phase}")
    assert phase != "Failed", space.kubectl("logs", "s3")
    log = space.kubectl("logs", "s3") if phase == "Running" else ""
    return next((line for line in log.splitlines() if line.startswith("[")), "")


def make_values(entry: Object, **board: Any) -> Object:
    run = {"polyaxonfile": {"kind": "tensorboard"}, **TENSORBOARD, **board}
    bucket = {"store": "s3", "bucket": f"s3://{BUCKET}", "secret": "aws", **entry}
    return {"persistence": {"outputs": {"logs": bucket}}, "runs": {"board": run}}


@pytest.mark.parametrize("entry", [{"secretKey": "s3-key.json"}, {"credentials": "env"}], ids=["json", "variables"])
def test_a_tensorboard_shows_the_results_in_its_bucket(helm: Helm, server: Server, entry: Object) -> None:
    space = helm.space
    keys = server.variables()
    if "secretKey" in entry:
        keys = {entry["secretKey"]: json.dumps(keys)}
    space.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "aws"}, "stringData": keys})
    helm.must_upgrade(make_values(entry))
    (service,) = space.get("services", run="board")
    space.apply(make_pod("asks", ["python3", "-c", ASKS, f"http://{service['spec']['clusterIP']}"]))
    assert space.wait_for_end_of_pod("asks") == "Succeeded"
    assert {run: list(tags) for run, tags in json.loads(space.kubectl("logs", "asks")).items()} == {TRAIN: [TAG]}


def test_a_run_gets_its_variables_and_its_key_file(helm: Helm) -> None:
    """Optional keys that are not in the Secret are no variables. A user who is not root can read the file."""
    space = helm.space
    tells = "import json, os; file = open(os.environ['GOOGLE_APPLICATION_CREDENTIALS']); "
    tells += "print(json.dumps([dict(os.environ), file.read()]))"
    keys = {"AWS_ACCESS_KEY_ID": "an id", "AWS_SECRET_ACCESS_KEY": "$(HOME)", "AWS_REGION": "here-1", "OTHER": "key"}
    google = {"key.json": '{"type": "service_account"}', "other": "key"}
    for name, data in (("aws", keys), ("google", google)):
        space.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data})
    catalog: Object = {
        "data": {"images": {"store": "s3", "bucket": "s3://images", "secret": "aws", "credentials": "env"}},
        "outputs": {
            "results": {
                "store": "gcs",
                "bucket": "gs://results",
                "secret": "google",
                "secretKey": "key.json",
                "credentials": "env",
            }
        },
    }
    run = {"command": ["python3", "-c", tells], "podSecurityContext": {"runAsUser": 1000}, **IMAGE}
    helm.must_upgrade({"persistence": catalog, "runs": {"train": run}})
    told: Any = space.report_of("train")
    variables, file = told
    given = {name: value for name, value in variables.items() if name.startswith(("AWS_", "GOOGLE_", "OTHER"))}
    path = "/polyaxon/credentials/results/key.json"
    assert given == {**{name: keys[name] for name in keys if name != "OTHER"}, "GOOGLE_APPLICATION_CREDENTIALS": path}
    assert json.loads(file) == {"type": "service_account"}


def test_an_image_without_python_says_so_in_its_log(helm: Helm) -> None:
    space = helm.space
    keys = {"s3-key.json": "{}"}
    space.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "aws"}, "stringData": keys})
    nowhere = [{"name": "PATH", "value": "/nowhere"}]
    helm.must_upgrade(make_values({"secretKey": "s3-key.json"}, env=nowhere))
    (pod,) = until("a pod of the tensorboard", lambda: space.get("pods", run="board"))
    until(
        "the end of its container",
        lambda: any(
            status["restartCount"] or "terminated" in status["state"]
            for status in space.get("pods", run="board")[0]["status"].get("containerStatuses", [])
        ),
    )
    log = space.kubectl("logs", pod["metadata"]["name"])
    assert "this image has no python3. The chart needs python3 to open the bucket of runs.board" in log
