"""Whether two volumes, mounts or variables are one to Kubernetes: its defaults, quantities and file modes."""

from __future__ import annotations

from typing import Any

import pytest

from post_renderer.inject.api_defaults import DEFAULTS, stored
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

# A volume source as an administrator writes it, and as the API server of Kubernetes 1.34 hands it out.
SAME = [
    ("emptyDir: {}", "emptyDir: {}"),
    ("emptyDir: {sizeLimit: 1024Mi}", "emptyDir: {sizeLimit: 1Gi}"),
    ("emptyDir: {sizeLimit: 0.5Gi}", "emptyDir: {sizeLimit: 512Mi}"),
    ("emptyDir: {sizeLimit: 1500M}", "emptyDir: {sizeLimit: 1.5G}"),
    ("emptyDir: {sizeLimit: 1e9}", "emptyDir: {sizeLimit: 1G}"),
    ("emptyDir: {sizeLimit: 0.0000000001}", "emptyDir: {sizeLimit: 1n}"),
    ("emptyDir: {medium: Memory}", 'emptyDir: {medium: "Memory"}'),
    ("emptyDir: {}", ""),  # a volume without a source
    ("emptyDir: {medium: ''}", "emptyDir: null"),
    ("configMap: {name: c}", "configMap: {name: c, defaultMode: 420}"),
    ("configMap: {name: c, defaultMode: 0644}", "configMap: {name: c, defaultMode: 420}"),
    ("configMap: {name: c, defaultMode: 0o400}", "configMap: {name: c, defaultMode: 256}"),
    (
        "configMap: {name: c, items: [{key: k, path: p, mode: 0440}]}",
        "configMap: {name: c, defaultMode: 420, items: [{key: k, path: p, mode: 288}]}",
    ),
    ("configMap: {name: c, items: []}", "configMap: {name: c, defaultMode: 420}"),
    ("secret: {secretName: s, optional: false}", "secret: {secretName: s, defaultMode: 420, optional: false}"),
    (
        "projected: {sources: [{serviceAccountToken: {path: t}}]}",
        "projected: {defaultMode: 420, sources: [{serviceAccountToken: {expirationSeconds: 3600, path: t}}]}",
    ),
    (
        "downwardAPI: {items: [{path: n, fieldRef: {fieldPath: metadata.name}}]}",
        "downwardAPI: {defaultMode: 420, items: [{path: n, fieldRef: {apiVersion: v1, fieldPath: metadata.name}}]}",
    ),
    (
        "downwardAPI: {items: [{path: n, resourceFieldRef: {resource: limits.cpu, containerName: main}}]}",
        'downwardAPI: {defaultMode: 420, items: [{path: n, resourceFieldRef: {containerName: main, divisor: "0", resource: limits.cpu}}]}',
    ),
    (
        "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2048Mi}}}}}",
        "ephemeral: {volumeClaimTemplate: {metadata: {creationTimestamp: null}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}, volumeMode: Filesystem}}}",
    ),
    ("hostPath: {path: /h}", 'hostPath: {path: /h, type: ""}'),
    ("nfs: {server: s, path: /p, readOnly: false}", "nfs: {server: s, path: /p}"),
    (
        "iscsi: {targetPortal: t, iqn: i, lun: 0}",
        "iscsi: {targetPortal: t, iqn: i, lun: 0, iscsiInterface: default}",
    ),
    (
        "azureDisk: {diskName: d, diskURI: u}",
        "azureDisk: {diskName: d, diskURI: u, cachingMode: ReadWrite, fsType: ext4, kind: Shared, readOnly: false}",
    ),
    (
        "rbd: {monitors: [m], image: i}",
        "rbd: {monitors: [m], image: i, pool: rbd, user: admin, keyring: /etc/ceph/keyring}",
    ),
    ("image: {reference: r/a:1}", "image: {reference: r/a:1, pullPolicy: IfNotPresent}"),
    ("image: {reference: r/a}", "image: {reference: r/a, pullPolicy: Always}"),
    ("image: {reference: 'r:80/a:latest'}", "image: {reference: 'r:80/a:latest', pullPolicy: Always}"),
    ("image: {reference: r/a@sha256:1}", "image: {reference: r/a@sha256:1, pullPolicy: IfNotPresent}"),
]
OTHER = [
    ("emptyDir: {sizeLimit: 1Gi}", "emptyDir: {sizeLimit: 1G}"),
    ("emptyDir: {sizeLimit: 1Gi}", "emptyDir: {}"),
    ("emptyDir: {medium: Memory}", "emptyDir: {}"),
    ("configMap: {name: c, defaultMode: 0400}", "configMap: {name: c, defaultMode: 400}"),
    ("configMap: {name: c, defaultMode: 0644}", "configMap: {name: c, defaultMode: 644}"),
    ("configMap: {name: c, optional: true}", "configMap: {name: c}"),
    ("configMap: {name: c}", "secret: {secretName: c}"),
    ("hostPath: {path: /h, type: Directory}", "hostPath: {path: /h}"),
    ("nfs: {server: s, path: /p, readOnly: true}", "nfs: {server: s, path: /p}"),
    ("csi: {driver: d, fsType: ext4}", "csi: {driver: d}"),
    ("image: {reference: r/a:1}", "image: {reference: r/a:1, pullPolicy: Always}"),
    (
        "projected: {sources: [{clusterTrustBundle: {path: p, signerName: s, labelSelector: {}}}]}",
        "projected: {sources: [{clusterTrustBundle: {path: p, signerName: s}}]}",
    ),
    ("emptyDir: {sizeLimit: much}", "emptyDir: {sizeLimit: more}"),
    ("emptyDir: {sizeLimit: 1e9999999}", "emptyDir: {sizeLimit: 1e9999998}"),
    ("emptyDir: {sizeLimit: +-1}", "emptyDir: {sizeLimit: -1}"),
    ("emptyDir: {sizeLimit: 1e+-1}", "emptyDir: {sizeLimit: 1e-1}"),
    (f"emptyDir: {{sizeLimit: {'9' * 5000}}}", "emptyDir: {sizeLimit: 9}"),
    (f"configMap: {{name: c, defaultMode: 0{'7' * 5000}}}", "configMap: {name: c, defaultMode: 0777}"),
]


def codes(source: str, there: str) -> list[str]:
    """The problems of a pod that has a volume of the catalog's name already."""
    catalog = make_catalog(f"data:\n  d: {{mountPath: /d, volumeSource: {{{source}}}}}\n")
    result = run(stdin=catalog + make_job(pod=f"volumes:\n- {{name: d, {there}}}\n"))
    assert result.exit_code in (0, 1)
    return [head.partition("]")[0] for head in heads(result.error)]


@pytest.mark.parametrize(("source", "there"), SAME)
def test_a_volume_as_the_api_server_stores_it_is_there_already(source: str, there: str) -> None:
    assert codes(source, there) == []


@pytest.mark.parametrize(("source", "there"), OTHER)
def test_another_volume_of_that_name_is_a_problem(source: str, there: str) -> None:
    assert codes(source, there) == ["error[conflict"]


MOUNTS: list[tuple[str, bool]] = [
    ("{name: d, mountPath: /d}", True),
    ("{name: d, mountPath: /d/, readOnly: false}", True),
    ('{name: d, mountPath: "/d", subPath: "", readOnly: no}', True),
    ("{name: d, mountPath: /d, readOnly: true}", False),
    ("{name: d, mountPath: /d, subPath: s}", False),
    ("{name: d, mountPath: /d, mountPropagation: HostToContainer}", False),
]


@pytest.mark.parametrize(("mount", "same"), MOUNTS)
def test_mounts(mount: str, *, same: bool) -> None:
    catalog = make_catalog("data:\n  d: {mountPath: /d, existingClaim: c}\n")
    result = run(stdin=catalog + make_job(container=f"volumeMounts:\n- {mount}\n"))
    assert (result.exit_code, "error[conflict]" in result.error) == ((0, False) if same else (1, True))


def test_a_pod_in_the_form_of_a_list_of_any_values_never_ends_in_a_bug() -> None:
    odd: list[Any] = ["[]", "{}", "null", "1", '"x"', "[1]", "[{}]", "{a: {}}"]
    for value in odd:
        catalog = make_catalog("data:\n  d: {mountPath: /d, volumeSource: {emptyDir: {}}}\n")
        result = run(stdin=catalog + make_job(pod=f"volumes:\n- {{name: d, emptyDir: {value}, image: {value}}}\n"))
        assert result.exit_code in (0, 1), result.error


# Each row of DEFAULTS: a source without the field, and the same one with the field as the API server writes it.
CONFIG = "projected: {sources: [{configMap: {name: c%s}}]}"
FIELD = "downwardAPI: {items: [{path: n, fieldRef: {fieldPath: metadata.name%s}}]}"
RESOURCE = "downwardAPI: {items: [{path: n, resourceFieldRef: {resource: limits.cpu, containerName: main%s}}]}"
TOKEN = "projected: {sources: [{serviceAccountToken: {path: t%s}}]}"
CLAIM = "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce]%s}}}"
SCALE_IO = "scaleIO: {gateway: g, system: s, secretRef: {name: n}%s}"
ROWS = {
    "readOnly": ("nfs: {server: s, path: /p%s}", "false", "true"),
    "type": ("hostPath: {path: /h%s}", '""', "Directory"),
    "medium": ("emptyDir: {sizeLimit: 1Gi%s}", '""', "Memory"),
    "optional": (CONFIG, "false", "true"),
    "defaultMode": ("secret: {secretName: s%s}", "420", "256"),
    "apiVersion": (FIELD, "v1", "v2"),
    "volumeMode": (CLAIM, "Filesystem", "Block"),
    "expirationSeconds": (TOKEN, "3600", "7200"),
    "divisor": (RESOURCE, '"0"', "1m"),
    "azureDisk.cachingMode": ("azureDisk: {diskName: d, diskURI: u%s}", "ReadWrite", "None"),
    "azureDisk.fsType": ("azureDisk: {diskName: d, diskURI: u%s}", "ext4", "xfs"),
    "azureDisk.kind": ("azureDisk: {diskName: d, diskURI: u%s}", "Shared", "Managed"),
    "iscsi.iscsiInterface": ("iscsi: {targetPortal: t, iqn: i, lun: 0%s}", "default", "iser"),
    "rbd.pool": ("rbd: {monitors: [m], image: i%s}", "rbd", "fast"),
    "rbd.user": ("rbd: {monitors: [m], image: i%s}", "admin", "ann"),
    "rbd.keyring": ("rbd: {monitors: [m], image: i%s}", "/etc/ceph/keyring", "/etc/keyring"),
    "scaleIO.storageMode": (SCALE_IO, "ThinProvisioned", "ThickProvisioned"),
    "scaleIO.fsType": (SCALE_IO, "xfs", "ext4"),
}
# Of mounts and variables: the item with all other fields, the default, and another value.
IN_CONTAINERS = {
    "subPath": ("volumeMounts:\n- {name: d, mountPath: /d%s}\n", '""', "part"),
    "subPathExpr": ("volumeMounts:\n- {name: d, mountPath: /d%s}\n", '""', "$(A)"),
}


def test_each_default_has_a_row() -> None:
    assert ROWS.keys() | IN_CONTAINERS.keys() | {"value"} == DEFAULTS.keys()


@pytest.mark.parametrize("field", ROWS)
def test_a_default_is_the_same_as_nothing(field: str) -> None:
    source, default, other = ROWS[field]
    name = field.rpartition(".")[2]
    bare, stored, changed = (source % more for more in ("", f", {name}: {default}", f", {name}: {other}"))
    assert codes(bare, stored) == codes(stored, bare) == []
    assert codes(bare, changed) == ["error[conflict"]


@pytest.mark.parametrize("field", IN_CONTAINERS)
def test_a_default_of_a_mount_is_the_same_as_nothing(field: str) -> None:
    container, default, other = IN_CONTAINERS[field]
    catalog = make_catalog("data:\n  d: {mountPath: /d, existingClaim: c}\n")
    same = run(stdin=catalog + make_job(container=container % f", {field}: {default}"))
    assert (same.exit_code, same.error) == (0, "")
    changed = run(stdin=catalog + make_job(container=container % f", {field}: {other}"))
    assert "error[conflict]" in changed.error


def test_a_variable_without_a_value_is_an_empty_one() -> None:
    assert stored({"name": "A", "value": ""}) == stored({"name": "A"}) == {"name": "A"}
    assert stored({"name": "A", "value": "x"}) != stored({"name": "A"})


# Kubernetes' suffixes (apimachinery, pkg/api/resource): a quantity, and how many there are of the unit without one.
QUANTITIES = [
    *((f"1{suffix}", str(1024**power)) for power, suffix in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi"))),
    *((f"1{suffix}", str(1000**power)) for power, suffix in enumerate(("", "k", "M", "G", "T", "P"))),
    ("1Ei", "1024Pi"),
    ("1E", "1000P"),
    ("1000m", "1"),
    ("1000000u", "1"),
    ("1000000000n", "1"),
]


@pytest.mark.parametrize(("quantity", "number"), QUANTITIES)
def test_a_quantity_in_another_unit_is_the_same(quantity: str, number: str) -> None:
    source = "emptyDir: {sizeLimit: %s}"
    assert codes(source % quantity, source % number) == []
    assert codes(source % quantity, source % f"1{number}") == ["error[conflict"]
