"""`verify` of what Helm has stored and of what the API server has made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.cluster.support import IMAGE, PROBE, one_run
from tests.e2e.cluster.test_storage import RUNS, catalog
from tests.support.cli import Result, run

if TYPE_CHECKING:
    from tests.e2e.cluster.support import Helm, Object

LIVE = ("get", "jobs,cronjobs,deployments,statefulsets,configmaps", "-o", "yaml")


def verify_release(helm: Helm, *words: str) -> Result:
    return run("verify", *words, stdin=helm.must("get", "manifest", "demo"))


def verify_live(helm: Helm, *words: str) -> Result:
    return run("verify", *words, stdin=helm.space.kubectl(*LIVE))


def test_every_kind_of_storage_is_verified_as_the_api_server_stores_it(helm: Helm) -> None:
    """Suspended: it is the stored objects that count."""
    runs: Object = {**RUNS, "cron": {"schedule": "0 0 1 1 *"}, "explore": {"polyaxonfile": {"kind": "notebook"}}}
    runs["reader"] = {"polyaxonfile": {"environment": {"outputs": {"jobs": ["on-node"]}}}}
    defaults = {"command": PROBE, **IMAGE, "suspend": True, "project": "vision"}
    persistence = catalog(helm.space)
    persistence["data"] |= {
        "memory": {
            "mountPath": "/data/memory",
            "volumeSource": {"emptyDir": {"medium": "Memory", "sizeLimit": "0.5Gi"}},
        },
        "token": {
            "mountPath": "/data/token",
            "volumeSource": {
                "projected": {"defaultMode": 0o400, "sources": [{"serviceAccountToken": {"path": "token"}}]}
            },
        },
        "pod": {
            "mountPath": "/data/pod",
            "volumeSource": {
                "downwardAPI": {
                    "items": [{"path": "cpu", "resourceFieldRef": {"containerName": "main", "resource": "limits.cpu"}}]
                }
            },
        },
        "nfs": {
            "mountPath": "/data/nfs",
            "volumeSource": {"nfs": {"server": "server", "path": "/p"}},
            "readOnly": True,
        },
        "iscsi": {
            "mountPath": "/data/iscsi",
            "volumeSource": {"iscsi": {"targetPortal": "t", "iqn": "iqn.2001-04.com.example:s", "lun": 0}},
        },
        "csi": {"mountPath": "/data/csi", "volumeSource": {"csi": {"driver": "example.com"}}},
        "secret": {"mountPath": "/data/secret", "volumeSource": {"secret": {"secretName": "none", "optional": True}}},
    }
    persistence["defaultData"] = sorted(persistence["data"])
    helm.must_upgrade({"persistence": persistence, "runDefaults": defaults, "runs": runs})
    for result in (verify_release(helm), verify_live(helm)):
        assert (result.exit_code, result.error) == (0, ""), result.error
        assert f", {len(runs)} verified: 0 errors, 0 warnings\n".encode() in result.output


def test_a_release_installed_without_the_post_renderer_is_bare(helm: Helm) -> None:
    helm.must_upgrade(one_run(), post=False)
    for result in (verify_release(helm), verify_live(helm)):
        assert result.exit_code == 1
        assert "the run has none of the volumes that it asked for; its pods wait at the scheduling gate" in result.error
    helm.must_upgrade(one_run())
    assert verify_release(helm).exit_code == verify_live(helm).exit_code == 0


def test_a_deployment_edited_by_hand_differs_where_it_was_edited(helm: Helm) -> None:
    site = helm.folder / "site.yaml"
    site.write_text(json.dumps({"persistence": one_run()["persistence"]}))
    words = ("--post-renderer-args", "--persistence", "--post-renderer-args", str(site))
    values = {"image": IMAGE["image"], "data": [], "outputs": "results"}
    done = helm.upgrade(values, chart="values-examples/other-chart", more=words)
    assert done.returncode == 0, done.stderr
    assert verify_live(helm, "--persistence", str(site)).exit_code == 0
    patch = [{"op": "remove", "path": "/spec/template/spec/containers/0/env/0"}]
    helm.space.kubectl("patch", "deployment", "demo", "--type=json", "-p", json.dumps(patch))
    edited = verify_live(helm, "--persistence", str(site))
    assert edited.exit_code == 1
    assert "lacks variable POLYAXON_K8S_NAMESPACE" in edited.error
    assert verify_release(helm, "--persistence", str(site)).exit_code == 0


def test_a_release_older_than_its_catalog_differs(helm: Helm) -> None:
    helm.must_upgrade(one_run())
    site = helm.folder / "site.yaml"
    site.write_text(json.dumps({"persistence": {"outputs": {"results": {"mountPath": "/outputs/moved"}}}}))
    for result in (verify_release(helm, "--persistence", str(site)), verify_live(helm, "--persistence", str(site))):
        assert result.exit_code == 1
        assert "lacks mount /outputs/moved" in result.error
