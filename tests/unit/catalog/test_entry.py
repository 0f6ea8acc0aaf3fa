"""One entry of the catalog: every key, every source, every check."""

from __future__ import annotations

import re

import pytest

from post_renderer.catalog.entry import DATA, OUTPUTS, name_error
from post_renderer.k8s import is_dns_label
from tests.support.catalog import read

CLAIM = "existingClaim: c"


@pytest.mark.parametrize(
    ("text", "role", "source"),
    [
        ("{mountPath: /d, existingClaim: data-2-pvc}", DATA, {"persistentVolumeClaim": {"claimName": "data-2-pvc"}}),
        ("{mountPath: /d, existingClaim: team.data}", DATA, {"persistentVolumeClaim": {"claimName": "team.data"}}),
        ("{mountPath: /d, existingClaim: c, create: {size: 1Gi}}", DATA, {"persistentVolumeClaim": {"claimName": "c"}}),
        ("{mountPath: /d, hostPath: /mnt/d}", DATA, {"hostPath": {"path": "/mnt/d"}}),
        ("{mountPath: /d, hostPath: /mnt/d}", OUTPUTS, {"hostPath": {"path": "/mnt/d", "type": "DirectoryOrCreate"}}),
        ("{mountPath: /d, hostPath: /mnt/d, readOnly: true}", OUTPUTS, {"hostPath": {"path": "/mnt/d"}}),
        ("{mountPath: /d, hostPath: /mnt/d, hostPathType: ''}", OUTPUTS, {"hostPath": {"path": "/mnt/d", "type": ""}}),
        ("{mountPath: /d, hostPath: /s, hostPathType: Socket}", DATA, {"hostPath": {"path": "/s", "type": "Socket"}}),
        ("{mountPath: /d, volumeSource: {emptyDir: {}}}", DATA, {"emptyDir": {}}),
        ("{mountPath: /d, volumeSource: {nfs: {server: s, path: /}}}", DATA, {"nfs": {"server": "s", "path": "/"}}),
        ("{mountPath: /d, volumeSource: {csi: {driver: x}}}", DATA, {"csi": {"driver": "x"}}),
        ("{mountPath: /d, volumeSource: {image: {reference: r}}}", DATA, {"image": {"reference": "r"}}),
    ],
)
def test_a_source_becomes_kubernetes_own(text: str, role: str, source: object) -> None:
    entry, said = read(text, role)
    assert said == []
    assert entry.source == source


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("{mountPath: /data/1, existingClaim: c}", "mount_path", "/data/1"),
        ("{mountPath: /d, existingClaim: c}", "claim", "c"),
        ("{mountPath: /d, volumeSource: {persistentVolumeClaim: {claimName: c}}}", "claim", "c"),
        ("{mountPath: /d, existingClaim: c}", "read_only", False),
        ("{mountPath: /d, existingClaim: c, readOnly: true}", "read_only", True),
        ("{mountPath: /d, existingClaim: c, readOnly: yes}", "read_only", True),
        ("{mountPath: /d, existingClaim: c, readOnly: off}", "read_only", False),
        ("{mountPath: /d, volumeSource: {persistentVolumeClaim: {claimName: c, readOnly: true}}}", "read_only", True),
        ("{mountPath: /d, volumeSource: {nfs: {server: s, path: /, readOnly: true}}}", "read_only", True),
        ("{mountPath: /d, existingClaim: c, subPath: team-a/d}", "sub_path", "team-a/d"),
        ("{mountPath: /d, existingClaim: c, description: our data}", "description", "our data"),
        ("{mountPath: /d, existingClaim: c}", "create_run_folder", True),
        ("{mountPath: /d, existingClaim: c, createRunFolder: false}", "create_run_folder", False),
    ],
)
def test_a_field_is_read(text: str, field: str, value: object) -> None:
    entry, said = read(text, OUTPUTS)
    assert said == []
    assert getattr(entry, field) == value


@pytest.mark.parametrize(
    ("text", "role", "message", "hint"),
    [
        # not a mapping
        ("just words", DATA, "an entry must be a mapping", "write volume: {mountPath: /data/volume, existingClaim: my-claim}"),
        ("[a]", OUTPUTS, "an entry must be a mapping", "write volume: {mountPath: /outputs/volume, existingClaim: my-claim}"),
        # unknown keys
        ("{mountPath: /d, existingClaim: c, mountpath: /e}", DATA, 'unknown key "mountpath"', 'did you mean "mountPath"? Known: accessModes, bucket, create, credentials, description, existingClaim, hostPath, hostPathType, mountPath, readOnly, secret, secretKey and 3 more'),
        ("{mountPath: /d, existingClaim: c, readonly: true}", DATA, 'unknown key "readonly"', 'did you mean "readOnly"? Known: accessModes, bucket, create, credentials, description, existingClaim, hostPath, hostPathType, mountPath, readOnly, secret, secretKey and 3 more'),
        ("{mountPath: /d, existingClaim: c, createRunFolder: true}", DATA, "createRunFolder is for outputs entries only", "remove createRunFolder"),
        # paths
        ("{existingClaim: c}", DATA, "mountPath is missing", "write mountPath: /some/path"),
        ("{mountPath: '', existingClaim: c}", DATA, "mountPath is empty", "write mountPath: /some/path"),
        ("{mountPath: data, existingClaim: c}", DATA, 'mountPath "data" is not absolute', "write a path such as /data"),
        ("{mountPath: /, existingClaim: c}", DATA, 'mountPath "/" is the root of the file system', "write a path such as /data"),
        ("{mountPath: /data/, existingClaim: c}", DATA, 'mountPath "/data/" ends in a slash', "write a path such as /data"),
        ("{mountPath: /data//1, existingClaim: c}", DATA, 'mountPath "/data//1" has a double slash', "write a path such as /data/1"),
        ("{mountPath: //a, existingClaim: c}", DATA, 'mountPath "//a" has a double slash', "write a path such as /a"),
        ("{mountPath: //, existingClaim: c}", DATA, 'mountPath "//" has a double slash', "write a path such as /data"),
        ("{mountPath: /d, hostPath: //mnt}", DATA, 'hostPath "//mnt" has a double slash', "write a path such as /mnt"),
        ("{mountPath: /d, volumeSource: {hostPath: {path: //mnt}}}", DATA, 'path "//mnt" has a double slash', "write a path such as /mnt"),
        ("{mountPath: /d, existingClaim: c, subPath: a//b}", DATA, 'subPath "a//b" has a double slash', "write a relative path such as team-a/data"),
        ("{mountPath: /data/../etc, existingClaim: c}", DATA, 'mountPath "/data/../etc" has a ".." in it', "write a path such as /data/etc"),
        ("{mountPath: /data/./1, existingClaim: c}", DATA, 'mountPath "/data/./1" has a "." in it', "write a path such as /data/1"),
        ('{mountPath: "/data:ro", existingClaim: c}', DATA, 'mountPath "/data:ro" has a colon, which Kubernetes refuses', "write a path such as /data-ro"),
        ('{mountPath: "/da\\tta", existingClaim: c}', DATA, "mountPath \"/da\\u0009ta\" has a character that can't be printed", "write a path such as /data"),
        ("{mountPath: 12, existingClaim: c}", DATA, "mountPath must be a string", "write the value of mountPath as a string in quotes"),
        ("{mountPath: /polyaxon, existingClaim: c}", DATA, 'mountPath "/polyaxon" is below /polyaxon, which is reserved', "choose another path"),
        ("{mountPath: /polyaxon/refs, existingClaim: c}", DATA, 'mountPath "/polyaxon/refs" is below /polyaxon, which is reserved', "choose another path"),
        ("{mountPath: /d, existingClaim: c, subPath: /abs}", DATA, 'subPath "/abs" is not relative', "write a relative path such as team-a/data"),
        ("{mountPath: /d, existingClaim: c, subPath: a/../b}", DATA, 'subPath "a/../b" has a ".." in it', "write a relative path such as team-a/data"),
        ("{mountPath: /d, existingClaim: c, subPath: '{team}/d'}", DATA, 'subPath "{team}/d" has an unknown placeholder "{team}"; Known: namespace, project, user', "write a relative path with the placeholders {namespace}, {project} or {user}, such as {project}/data"),
        ("{mountPath: /d, existingClaim: c, subPath: '{name}'}", DATA, 'subPath "{name}" has an unknown placeholder "{name}"; did you mean "namespace"? Known: namespace, project, user', "write a relative path with the placeholders {namespace}, {project} or {user}, such as {project}/data"),
        ("{mountPath: /d, existingClaim: c, subPath: 'a}b'}", DATA, 'subPath "a}b" has a "}" without "{"', "write a relative path with the placeholders {namespace}, {project} or {user}, such as {project}/data"),
        ("{mountPath: /d, existingClaim: c, subPath: '{project'}", DATA, 'subPath "{project" has a "{" without "}"', "write a relative path with the placeholders {namespace}, {project} or {user}, such as {project}/data"),
        ("{mountPath: /d, existingClaim: c, subPath: '../{project}'}", DATA, 'subPath "../{project}" has a ".." in it', "write a relative path with the placeholders {namespace}, {project} or {user}, such as {project}/data"),
        ("{mountPath: /d, existingClaim: c, subPath: '{project}'}", OUTPUTS, 'subPath "{project}" has a brace, but only data entries can have placeholders', "remove the braces, or write the placeholder in runFolder"),
        ("{mountPath: /d, hostPath: mnt}", DATA, 'hostPath "mnt" is not absolute', "write a path such as /mnt"),
        ("{mountPath: /d, hostPath: /mnt/../etc}", DATA, 'hostPath "/mnt/../etc" has a ".." in it', "write a path such as /mnt/etc"),
        # sources
        ("{mountPath: /d}", DATA, "an entry must have exactly one source, but this entry has no source", "write one of hostPath, existingClaim, volumeSource; for a bucket, write store and bucket without mountPath"),
        ("{mountPath: /d, hostPath: /a, existingClaim: b}", DATA, "an entry must have exactly one source, but this entry has hostPath and existingClaim", "write one of hostPath, existingClaim, volumeSource; for a bucket, write store and bucket without mountPath"),
        ("{mountPath: /d, create: {size: 1Gi}}", DATA, "only the values of the chart can create a claim", "create the claim yourself and write existingClaim; or write create in the values of the chart"),
        ("{mountPath: /d, hostPath: /a, create: {size: 1Gi}}", DATA, "only the values of the chart can create a claim", "create the claim yourself and write existingClaim; or write create in the values of the chart"),
        ("{mountPath: /d, existingClaim: My_Claim}", DATA, 'existingClaim "My_Claim" is not the name of a claim', "write the name of a PersistentVolumeClaim"),
        ("{mountPath: /d, existingClaim: 12}", DATA, "existingClaim must be a string", "write the value of existingClaim as a string in quotes"),
        ("{mountPath: /d, existingClaim: [c]}", DATA, "existingClaim must be a string", "write the value of existingClaim as a string in quotes"),
        ("{mountPath: /d, existingClaim: c, hostPathType: File}", DATA, "hostPathType is for entries with hostPath only", "remove hostPathType"),
        ("{mountPath: /d, hostPath: /a, hostPathType: directory}", DATA, 'unknown hostPathType "directory"', 'did you mean "Directory"? Known: BlockDevice, CharDevice, Directory, DirectoryOrCreate, File, FileOrCreate, Socket'),
        ("{mountPath: /d, volumeSource: {}}", DATA, "volumeSource must have exactly one Kubernetes volume source", "write volumeSource: {TYPE: {…}}, as in a pod"),
        ("{mountPath: /d, volumeSource: {emptyDir: {}, nfs: {}}}", DATA, "volumeSource must have exactly one Kubernetes volume source", "keep one of emptyDir, nfs"),
        ("{mountPath: /d, volumeSource: nfs}", DATA, "volumeSource must have exactly one Kubernetes volume source", "write volumeSource: {nfs: {…}}, as in a pod"),
        ("{mountPath: /d, volumeSource: {emptydir: {}}}", DATA, '"emptydir" is not a volume source of Kubernetes', 'did you mean "emptyDir"? Known: awsElasticBlockStore, azureDisk, azureFile, cephfs, cinder, configMap, csi, downwardAPI, emptyDir, ephemeral, fc, flexVolume and 18 more'),
        ("{mountPath: /d, volumeSource: {nfs: server}}", DATA, "the volume source nfs must be a mapping", "write volumeSource: {nfs: {}}"),
        ("{mountPath: /d, volumeSource: {persistentVolumeClaim: {}}}", DATA, "persistentVolumeClaim needs the name of a claim", "write volumeSource: {persistentVolumeClaim: {claimName: my-claim}}"),
        # access modes
        ("{mountPath: /d, hostPath: /a, accessModes: [ReadWriteOnce]}", DATA, "accessModes are for claims only", "remove accessModes, or write existingClaim"),
        ("{mountPath: /d, existingClaim: c, accessModes: ReadWriteMany}", DATA, "accessModes must be a list of the claim's modes", "write accessModes: [ReadWriteMany]"),
        ("{mountPath: /d, existingClaim: c, accessModes: []}", DATA, "accessModes must be a list of the claim's modes", "write accessModes: [ReadWriteOnce]"),
        ("{mountPath: /d, existingClaim: c, accessModes: [ReadWrite]}", DATA, 'unknown access mode "ReadWrite"', 'did you mean "ReadWriteOnce"? Known: ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod'),
        ("{mountPath: /d, existingClaim: c, accessModes: [[a]]}", DATA, 'unknown access mode ""', "Known: ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod"),
        # booleans
        ('{mountPath: /d, existingClaim: c, readOnly: "true"}', DATA, "readOnly must be true or false, without quotes", "write readOnly: true or readOnly: false"),
        ("{mountPath: /d, existingClaim: c, readOnly: 1}", DATA, "readOnly must be true or false, without quotes", "write readOnly: true or readOnly: false"),
        ("{mountPath: /d, existingClaim: c, createRunFolder: 'no'}", OUTPUTS, "createRunFolder must be true or false, without quotes", "write createRunFolder: true or createRunFolder: false"),
        # a bucket is meant
        ("{mountPath: /d, existingClaim: c, bukcet: s3://b}", DATA, 'unknown key "bukcet"', 'did you mean "bucket"? Known: accessModes, bucket, create, credentials, description, existingClaim, hostPath, hostPathType, mountPath, readOnly, secret, secretKey and 3 more'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_once_with_a_remedy(text: str, role: str, message: str, hint: str) -> None:
    said = read(text, role)[1]
    assert said == [(message, hint)]


def test_the_name_of_a_claim_in_a_volume_source_is_a_string() -> None:
    said = read("{mountPath: /d, volumeSource: {persistentVolumeClaim: {claimName: [c]}}}")[1]
    assert said[0] == ("claimName must be a string", "write the value of claimName as a string in quotes")


def test_all_that_is_wrong_is_reported() -> None:
    said = read("{mountPath: data, hostPath: mnt, readOnly: maybe, descriptoin: x}")[1]
    assert len(said) == 4


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("data1", False),
        ("data-foo", False),
        ("1", False),
        ("a" * 63, False),
        ("a" * 64, True),
        ("", True),
        ("Data", True),
        ("data_1", True),
        ("data.1", True),
        ("-data", True),
        ("data-", True),
        ("dätä", True),
        ("true", True),
        ("false", True),
    ],
)
def test_a_name_is_a_volume_name(name: str, wrong: bool) -> None:
    assert bool(name_error(name)) is wrong


def test_a_name_that_helm_made_of_on_or_n_is_explained() -> None:
    assert "Helm reads an unquoted on" in name_error("true")
    assert "Helm reads an unquoted on" in name_error("false")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{mountPath: /a, existingClaim: c}", "{mountPath: /b, volumeSource: {persistentVolumeClaim: {claimName: c}}}", True),
        ("{mountPath: /a, existingClaim: c}", "{mountPath: /a, existingClaim: d}", False),
        ("{mountPath: /a, hostPath: /c}", "{mountPath: /b, hostPath: /c, hostPathType: Directory}", True),
        ("{mountPath: /a, hostPath: /c}", "{mountPath: /a, existingClaim: c}", False),
        ("{mountPath: /a, volumeSource: {nfs: {server: s, path: /}}}", "{mountPath: /b, volumeSource: {nfs: {server: s, path: /}}}", True),
        ("{mountPath: /a, volumeSource: {nfs: {server: s, path: /}}}", "{mountPath: /a, volumeSource: {nfs: {server: s, path: /x}}}", False),
    ],
)  # fmt: skip
def test_one_storage_is_known_however_it_is_written(one: str, other: str, same: bool) -> None:
    first, second = read(one, OUTPUTS)[0], read(other, OUTPUTS)[0]
    assert (first.storage() == second.storage()) is same


def test_storage_of_one_pod_is_shared_with_nobody() -> None:
    for source in ("emptyDir: {}", "ephemeral: {volumeClaimTemplate: {}}"):
        entry = read(f"{{mountPath: /a, volumeSource: {{{source}}}}}", OUTPUTS)[0]
        assert entry.storage() == ""


NAMES = [
    "a",
    "data-1",
    "0",
    "A",
    "a-",
    "-a",
    "",
    "a\nb",
    "é",
    "a_b",
    "a.b",
    "ß",
    "a" * 63,
    "a" * 64,
    "-",
    "a--b",
    " ",
    "²",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_label_of_rfc_1123(name: str) -> None:
    assert is_dns_label(name) == bool(re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("volumeSource: {nfs: null, csi: {}}", "keep one of nfs, csi"),
        ("volumeSource: [nfs]", "write volumeSource: {TYPE: {…}}, as in a pod"),
        ("existingClaim: c, accessModes: ReadOnlyMany", "write accessModes: [ReadOnlyMany]"),
        ("existingClaim: c, accessModes: {a: b}", "write accessModes: [ReadWriteOnce]"),
    ],
)
def test_a_hint_keeps_the_value_of_the_user(text: str, hint: str) -> None:
    _, reported = read(f"{{mountPath: /d, {text}}}")
    assert hint in [found for _, found in reported]
