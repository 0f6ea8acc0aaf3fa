"""Annotations instead of a polyaxonfile, on a Job of a chart of one's own: what its pod sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.support import PROBE, Helm, make_workload

if TYPE_CHECKING:
    from pathlib import Path

PERSISTENCE = {
    "data": {name: {"mountPath": f"/data/{name}", "existingClaim": name} for name in ("images", "labels", "other")},
    "outputs": {
        "first": {"mountPath": "/outputs/first", "volumeSource": {"emptyDir": {}}},
        "results": {"mountPath": "/outputs/results", "existingClaim": "results"},
    },
}
CATALOG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "catalog", "labels": {"polyaxon.com/catalog": "v1"}},
    "data": {"persistence.yaml": json.dumps(PERSISTENCE)},
}
DATA = {"polyaxon.com/data": "images, labels"}
OUTPUTS = {"polyaxon.com/outputs": "results", "polyaxon.com/kind": "experiment"}


@pytest.mark.parametrize(
    ("outer", "inner"), [(DATA | OUTPUTS, {}), (DATA, OUTPUTS)], ids=["on the Job", "on the Job and its pod template"]
)
def test_a_pod_gets_the_volumes_of_its_annotations(
    helm: Helm, tmp_path: Path, outer: dict[str, str], inner: dict[str, str]
) -> None:
    helm.space.make_claims("images", "labels", "other")
    names = "images labels other"
    helm.space.run_on_node(f"cd {helm.space.folder}; mkdir -p {names}; for f in {names}; do printf $f >$f/marker; done")
    job = make_workload("batch", "Job", outer, inner)
    job["spec"]["template"]["spec"]["containers"][0]["command"] = PROBE
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("{apiVersion: v2, name: own, version: 0.1.0}\n")
    (tmp_path / "objects.yaml").write_text(f"{json.dumps(CATALOG)}\n---\n{json.dumps(job)}\n")
    (tmp_path / "templates" / "all.yaml").write_text('{{ .Files.Get "objects.yaml" }}\n')
    done = helm.upgrade(chart=str(tmp_path))
    assert done.returncode == 0, done.stderr + helm.why()
    report = helm.space.report_of_job("w")
    assert report["mounts"] == ["/data/images", "/data/labels", "/outputs/results", "/polyaxon/outputs"]
    assert [report["markers"][f"/data/{name}"] for name in ("images", "labels")] == ["images", "labels"]
    assert report["helper_data"] == {"images": "/data/images", "labels": "/data/labels"}
    folder = f"/outputs/results/{helm.space.name}/experiments/w"
    assert report["variables"]["POLYAXON_RUN_OUTPUTS_PATH"] == folder
    assert report["writes"][folder] == "written"
