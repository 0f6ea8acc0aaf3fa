"""Buckets as real pods see them: URLs, and what opens them, from real Secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.conftest import HELMS
from tests.e2e.cluster.support import IMAGE, Helm, Namespace, Object, until

if TYPE_CHECKING:
    from collections.abc import Callable

TELL = ["python3", "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
KEYS = {
    "s3": {"AWS_ACCESS_KEY_ID": "an id", "AWS_SECRET_ACCESS_KEY": '$(HOME) and a "key"'},
    "gcs": {"type": "service_account"},
}
CATALOG = {
    "data": {
        "images": {"store": "s3", "bucket": "s3://images/$(HOME)", "secret": "s3", "secretKey": "s3-key.json"},
        "open": {"store": "gcs", "bucket": "gs://open"},
        "other": {"store": "s3", "bucket": "s3://other", "secret": "other", "secretKey": "OTHER"},
    },
    "outputs": {"results": {"store": "gcs", "bucket": "gs://results/", "secret": "gcs", "secretKey": "gcs-key"}},
}


def ask(*data: str) -> Object:
    return {"polyaxonfile": {"kind": "experiment", "environment": {"persistence": {"data": list(data)}}}}


@pytest.fixture(scope="module", params=HELMS)
def space(
    request: pytest.FixtureRequest, make_namespace: Callable[[], Namespace], make_helm: Callable[[str, Namespace], Helm]
) -> Namespace:
    """A release with a run that may open its buckets, and one whose Secret is not there."""
    found = make_namespace()
    for name, key in (("s3", "s3-key.json"), ("gcs", "gcs-key")):
        found.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name},
                "stringData": {key: json.dumps(KEYS[name])},
            }
        )
    runs = {"train": ask("images", "open"), "closed": ask("other")}
    values = {"persistence": CATALOG, "runDefaults": {"command": TELL, **IMAGE}, "runs": runs}
    make_helm(request.param, found).must_upgrade(values)
    return found


def test_a_run_finds_its_buckets_and_what_opens_them(space: Namespace) -> None:
    variables = space.report_of("train")
    (job,) = space.jobs("train")
    outputs = f"gs://results/{space.name}/experiments/{job}"
    assert variables["POLYAXON_RUN_OUTPUTS_PATH"] == outputs
    assert variables["POLYAXON_BASE_OUTPUTS_PATH"] == "gs://results/"
    data = {"images": "s3://images/$(HOME)", "open": "gs://open"}
    for name in ("POLYAXON_DATA_PATHS", "POLYAXON_RUN_DATA_PATHS"):
        assert json.loads(variables[name]) == data
    for name in ("POLYAXON_RUN_STORES_ACCESS_KEYS", "POLYSTORES_RUN_STORES_ACCESS_KEYS"):
        access = json.loads(variables[name])
        assert access.keys() == {outputs, data["images"]}
        for path, store in ((outputs, "gcs"), (data["images"], "s3")):
            assert access[path]["store"] == store
            assert json.loads(variables[access[path]["secret_key"]]) == KEYS[store]


def test_a_run_gets_no_secret_that_it_did_not_ask_for(space: Namespace) -> None:
    assert "OTHER" not in space.report_of("train")


def test_a_pod_waits_for_a_secret_that_is_not_there(space: Namespace) -> None:
    def waits() -> bool:
        statuses = [
            status for pod in space.get("pods", run="closed") for status in pod["status"].get("containerStatuses", [])
        ]
        return any(
            "CreateContainerConfigError" in status["state"].get("waiting", {}).get("reason", "") for status in statuses
        )

    until("CreateContainerConfigError", waits)
