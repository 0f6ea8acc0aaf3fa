"""What Polyaxon's own charts gave runs, rendered with Helm 3 from its releases 0.0.3 to 0.6.1: claims and directories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import run
from tests.support.helm_merge import meaning, merge_all
from tests.support.migrate import migrate, migrated

if TYPE_CHECKING:
    from pathlib import Path

ON = "nfsProvisioner: {enabled: true}\n"
OFF = "nfsProvisioner: {enabled: false}\n"
DATA = {"data": {"mountPath": "/data", "existingClaim": "polyaxon-pvc-data"}}
OUTPUTS = {"outputs": {"mountPath": "/outputs", "existingClaim": "polyaxon-pvc-outputs"}}
O1 = {"o1": {"mountPath": "/o1", "existingClaim": "o1"}}
# Values of 0.1.1 to 0.4.2, and what runs had with them.
SERVER: dict[str, tuple[str, dict[str, Any]]] = {
    "only the switch": (ON, {"data": DATA, "outputs": OUTPUTS}),
    "the README of 0.2.6": (
        "nfsProvisioner:\n  enabled: true\n",
        {"data": DATA, "outputs": OUTPUTS},
    ),
    "a claim with a name": (
        "nfsProvisioner: {enabled: true, pvc: {outputs: {size: 100Gi, name: big, mountPath: /big}}}\n",
        {"data": DATA, "outputs": {"outputs": {"mountPath": "/big", "existingClaim": "big"}}},
    ),
    "volumes of one role": (
        ON + "persistence: {outputs: {o1: {mountPath: /o1, existingClaim: o1}}}\n",
        {"data": DATA, "outputs": O1},
    ),
    "empty roles": (ON + "persistence: {data: {}, outputs: }\n", {"data": DATA, "outputs": OUTPUTS}),
    "a role with nulls only": (
        ON + "persistence:\n  data: {d: {mountPath: /d, hostPath: /d}}\n  outputs:\n    o1: null\n",
        {"data": {"d": {"mountPath": "/d", "hostPath": "/d"}}, "outputs": {"o1": None, **OUTPUTS}},
    ),
    "no persistence": (ON + "persistence:\n", {"data": DATA, "outputs": OUTPUTS}),
    "volumes of Polyaxon itself": (
        ON + "persistence: {logs: {existingClaim: logs}}\n",
        {"data": DATA, "outputs": OUTPUTS},
    ),
}


@pytest.mark.parametrize("case", SERVER)
def test_the_file_server_gave_claims_to_each_empty_role(case: str) -> None:
    text, expected = SERVER[case]
    assert migrated(text)["persistence"] == expected
    error = migrate(text)[2]
    assert "it is empty" not in error
    assert "from 0.4.3 on, Polyaxon ignored nfsProvisioner and gave runs /tmp/outputs of the node" in error or (
        "outputs" not in expected or OUTPUTS["outputs"] not in expected["outputs"].values()
    )


def test_a_null_at_the_name_of_the_servers_claim_is_an_error() -> None:
    code, _, error = migrate(ON + "persistence: {outputs: {outputs: null}}\n")
    assert code == 1
    assert (
        'persistence.outputs: outputs: null would remove the claim "polyaxon-pvc-outputs" that Polyaxon gave runs'
        in error
    )
    assert "hint: remove this key" in error


@pytest.mark.parametrize("value", ["''", "false", "0"])
def test_another_empty_value_of_a_role_is_an_error(value: str) -> None:
    """The charts read it as no volumes, and used the claim of the server."""
    code, _, error = migrate(ON + f"persistence: {{outputs: {value}}}\n")
    assert code == 1
    assert "<stdin>:2: error[not-migratable] outputs must be a mapping of names to volumes" in error
    assert "hint: write outputs: {}" in error


def test_an_alias_of_an_empty_role_is_an_error() -> None:
    code, _, error = migrate("x-none: &none {}\n" + ON + "persistence: {data: *none, outputs: *none}\n")
    assert (code, "error[alias]" in error) == (1, True)


def test_the_server_of_0_0_81_has_its_later_name() -> None:
    code, _, error = migrate("nfs-server-provisioner: {enabled: true}\nrbac: {}\n")
    assert code == 1
    assert (
        "nfs-server-provisioner: Polyaxon 0.0.81 made claims with it, as later versions did with nfsProvisioner"
        in error
    )
    assert "  hint: rename this key to nfsProvisioner" in error
    assert migrate("nfs-server-provisioner: {enabled: false}\nrbac: {}\n")[0] == 0
    assert migrate("nfs-server-provisioner: {enabled: true}\nruns: {}\n")[0] == 0


NODE = {"mountPath": "/mnt/outputs", "hostPath": "/mnt/outputs"}
# Values of 0.0.3 to 0.1.0 and the keys of the outputs volume that runs had.
SINGLE: dict[str, tuple[str, dict[str, Any]]] = {
    "only a path": ("persistence: {outputs: {mountPath: /mnt/outputs}}", NODE),
    "an empty claim": ("persistence:\n  outputs:\n    mountPath: /mnt/outputs\n    existingClaim:\n", NODE),
    "an empty text": ("persistence: {outputs: {mountPath: /mnt/outputs, existingClaim: ''}}", NODE),
    "a name without the server": ("persistence: {outputs: {mountPath: /mnt/outputs, name: own, size: 1Gi}}", NODE),
    "the server is off": (OFF + "persistence: {outputs: {mountPath: /mnt/outputs, name: own}}", NODE),
    "no path": ("persistence: {outputs: {size: 10Gi}}", {"mountPath": "/outputs", "hostPath": "/outputs"}),
    "a claim": ("persistence: {outputs: {mountPath: /o, existingClaim: c}}", {"mountPath": "/o", "existingClaim": "c"}),
    "the server": (ON + "persistence: {outputs: {mountPath: /o}}", {"mountPath": "/o", "existingClaim": "polyaxon-pvc-outputs"}),
    "a name and the server": (ON + "persistence: {outputs: {mountPath: /o, name: own}}", {"mountPath": "/o", "existingClaim": "own"}),
    "a name beside a claim for data": (
        "persistence: {data: {mountPath: /d, existingClaim: c}, outputs: {mountPath: /o, name: own}}",
        {"mountPath": "/o", "existingClaim": "own"},
    ),
    "the default values of 0.1.0": (
        "persistence:\n  outputs:\n    existingClaim:\n    name: polyaxon-pvc-outputs\n    accessMode: ReadWriteMany\n"
        "    size: 10Gi\n    mountPath: /mnt/outputs\n    subPath: ''\n" + OFF,
        NODE,
    ),
    # 0.0.3 to 0.1.0 read no hostPath and no bucket.
    "another directory": ("persistence: {outputs: {mountPath: /mnt/outputs, hostPath: /h}}", NODE),
    "another directory and the server": (ON + "persistence: {outputs: {mountPath: /o, hostPath: /h}}", {"mountPath": "/o", "existingClaim": "polyaxon-pvc-outputs"}),
    "another directory, a name and the server": (ON + "persistence:\n  outputs:\n    hostPath: /h # why\n    name: own\n", {"mountPath": "/outputs", "existingClaim": "own"}),
    "only another directory": ("persistence: {outputs: {hostPath: /h}}", {"mountPath": "/outputs", "hostPath": "/outputs"}),
    "an empty directory key": ("persistence:\n  outputs:\n    mountPath: /mnt/outputs\n    hostPath:\n", NODE),
    "another directory and a claim": ("persistence: {outputs: {mountPath: /o, hostPath: /h, existingClaim: c}}", {"mountPath": "/o", "existingClaim": "c"}),
    "a bucket": ("persistence: {outputs: {store: s3, bucket: 's3://b', secret: s, secretKey: k}}", {"mountPath": "/outputs", "hostPath": "/outputs"}),
    "a bucket and a path": ("persistence:\n  outputs: {store: gcs, bucket: b, mountPath: /mnt/outputs}\n", NODE),
}  # fmt: skip


@pytest.mark.parametrize("case", SINGLE)
def test_the_single_volume_keeps_the_storage_that_runs_had(case: str) -> None:
    text, expected = SINGLE[case]
    outputs = migrated(text)["persistence"]["outputs"]["outputs"]
    assert {key: value for key, value in outputs.items() if value} == expected


def test_a_directory_of_the_node_says_what_to_check() -> None:
    error = migrate("persistence: {outputs: {mountPath: /o, name: own}}")[2]
    assert 'hostPath: "/o" is added, because Polyaxon\'s chart used it' in error
    assert "up to 0.1.0, it used a claim only with existingClaim or nfsProvisioner.enabled" in error


def test_keys_that_a_single_volume_did_not_have_become_comments() -> None:
    text = "persistence:\n  data:\n    mountPath: /d\n    hostPath: /h # mine\n  outputs: {o: {mountPath: /o, hostPath: /h}}\n"
    code, output, error = migrate(text)
    assert code == 0
    assert "    # persistence.data.hostPath: it had no effect for a volume without a name: " in output
    assert "    # hostPath: /h # mine\n" in output
    assert "o: {mountPath: /o, hostPath: /h}" in output
    assert (
        "<stdin>:4: warning[not-migrated] persistence.data.hostPath: it had no effect for a volume without a name\n"
        "  hint: Polyaxon 0.0.3 to 0.1.0 gave runs the directory /d of the node\n" in error
    )
    assert 'gave runs the claim "own"\n' in migrate(ON + "persistence: {data: {name: own, store: s3}}\n")[2]


def test_a_single_volume_beside_volumes_with_names_is_an_error_that_names_its_source() -> None:
    """A volume with a name, but without a source, would be an empty directory of the pod."""
    mixed = "persistence: {outputs: {mountPath: /o, %s o1: {mountPath: /o1, existingClaim: o1}}}\n"
    for keys, source in (
        ("", "hostPath: /o"),
        ("hostPath: /h,", "hostPath: /o"),
        ("existingClaim: c,", "existingClaim: c"),
    ):
        code, _, error = migrate(mixed % keys)
        assert code == 1
        assert "is a key of a volume, but it is among the names of volumes" in error
        assert f"  hint: write outputs: {{outputs: {{mountPath: /o, {source}}}}}, beside o1\n" in error
    assert "{mountPath: /o, existingClaim: polyaxon-pvc-outputs}}, beside o1" in migrate(ON + mixed % "")[2]


def test_outputs_without_a_claim_beside_a_claim_for_data_is_an_error() -> None:
    """0.0.3 to 0.0.8 gave runs the node's directory; 0.0.81 to 0.1.0 gave them a claim that they did not make."""
    code, _, error = migrate("persistence:\n  data: {mountPath: /d, existingClaim: c}\n  outputs: {mountPath: /o}\n")
    assert code == 1
    assert (
        '<stdin>:3: error[not-migratable] persistence.outputs: has no source: beside a claim for data, Polyaxon 0.0.81 to 0.1.0 gave runs the claim "polyaxon-pvc-outputs", and earlier versions the directory /o of the node'
        in error
    )
    hint = "outputs: {outputs: {mountPath: /o, hostPath: /o}}"
    assert f"hint: write existingClaim: polyaxon-pvc-outputs if that claim exists, else {hint}" in error
    data = "persistence:\n  data: {mountPath: /d, existingClaim: c}\n  "
    for keys in (hint, "outputs: {mountPath: /o, existingClaim: polyaxon-pvc-outputs}"):
        assert migrate(data + keys + "\n")[0] == 0
    assert migrated(data + hint + "\n")["persistence"]["outputs"] == {"outputs": {"mountPath": "/o", "hostPath": "/o"}}


def test_a_claim_for_outputs_alone_is_a_warning() -> None:
    """0.0.81 to 0.1.0 used the claim in Polyaxon's own pods, but runs got the node's directory."""
    said = "Polyaxon 0.0.81 to 0.1.0 gave runs the directory /o of the node instead of this claim"
    outputs = "outputs: {mountPath: /o, existingClaim: c}"
    code, _, error = migrate(f"persistence: {{{outputs}}}\n")
    assert (code, error.count(said)) == (0, 1)
    assert said not in migrate(f"persistence: {{data: {{mountPath: /d, existingClaim: d}}, {outputs}}}\n")[2]
    assert said not in migrate(f"{ON}persistence: {{data: {{mountPath: /d}}, {outputs}}}\n")[2]
    assert said not in migrate(f"persistence: {{data: {{d: {{mountPath: /d, existingClaim: d}}}}, {outputs}}}\n")[2]


def test_a_name_of_a_named_volume_is_no_claim() -> None:
    """0.1.1 to 0.6.1 gave runs an empty directory for an entry without existingClaim and hostPath."""
    data = migrated("persistence: {data: {a: {mountPath: /a, name: own, size: 1Gi}}}\nrepos: {}\n")["persistence"][
        "data"
    ]
    assert data == {"a": {"mountPath": "/a", "volumeSource": {"emptyDir": {}}}}
    error = migrate("persistence: {data: {a: {mountPath: /a, name: own, size: 1Gi}}}\nrepos: {}\n")[2]
    assert "persistence.data.a.name: it was for creating the claim" in error
    assert "if runs need this claim, write existingClaim" in error


def test_null_removes_a_volume_that_has_the_name_of_a_key() -> None:
    text = "persistence: {data: {e: {mountPath: /e, existingClaim: e}}, outputs: {store: null}}\n"
    assert migrate(text)[1] == text


def test_default_persistence_is_no_empty_role() -> None:
    error = migrate(
        "defaultPersistence: {outputs: {outputs: {mountPath: /outputs, existingClaim: results}}}\npersistence: {data: {}}\n"
    )[2]
    assert "persistence.outputs: it is empty" not in error
    assert "persistence.data: it is empty" in error
    assert "write its entries under persistence.data and persistence.outputs" in error


@pytest.mark.parametrize("used", [ON, "persistence: {outputs: {o1: {mountPath: /o1, existingClaim: o1}}}\n"])
def test_default_persistence_that_polyaxon_did_not_use_is_not_to_be_written(used: str) -> None:
    error = migrate("defaultPersistence: {outputs: {outputs: {hostPath: /mnt}}}\n" + used)[2]
    assert "defaultPersistence is a comment now, because it had no effect in Polyaxon" in error
    assert "write its entries" not in error


Files = dict[str, str]
TEAM = "nfsProvisioner: {enabled: true, pvc: {data: {name: my-data, mountPath: /d}, outputs: {name: my-out, mountPath: /o}}}\n"
FAST = "persistence: {outputs: {fast: {mountPath: /f, existingClaim: f}}}\n"
SINGLE_O = "persistence: {outputs: {mountPath: /o, readOnly: false}}\n"
D1_AND_O = "persistence: {data: {d1: {mountPath: /d1, hostPath: /d1}}, outputs: {mountPath: /o}}\n"


def migrate_all(directory: Path, files: Files) -> tuple[int, str, list[Any]]:
    for name, text in files.items():
        (directory / name).write_text(text)
    result = run("migrate", "--in-place", *(str(directory / name) for name in files))
    if result.exit_code:
        assert {name: (directory / name).read_text() for name in files} == files
    return result.exit_code, result.error, [yaml.safe_load((directory / name).read_text()) for name in files]


REFUSED: dict[str, tuple[Files, str, str]] = {
    "a later file has volumes": (
        {"values.yaml": TEAM, "fast.yaml": FAST},
        'fast.yaml:1: error[not-migratable] persistence.outputs: with this file, Polyaxon did not use the claim "my-out", which the files before it use without it',
        "write the claim in the first file that uses it: persistence: {outputs: {outputs: {mountPath: /o, existingClaim: my-out}}}; and write outputs: null under persistence.outputs in this file",
    ),
    "a later file has a volume of that name": (
        {"values.yaml": TEAM, "fast.yaml": FAST.replace("fast:", "outputs:")},
        'did not use the claim "my-out"',
        "and write existingClaim: null under persistence.outputs.outputs in this file, or its own claim",
    ),
    "a later file switches the server off and has a volume without a name": (
        {"values.yaml": ON, "off.yaml": OFF + "persistence: {outputs: {mountPath: /o}}\n"},
        'did not use the claim "polyaxon-pvc-outputs"',
        "write existingClaim: null and hostPath: /o under persistence.outputs.outputs in this file, or its own claim",
    ),
    "a later file switches the server off": (
        {"values.yaml": TEAM, "off.yaml": OFF + "persistence: {data: {}}\n"},
        'off.yaml:2: error[not-migratable] persistence.data: with this file, Polyaxon did not use the claim "my-data"',
        "{data: {data: {mountPath: /d, existingClaim: my-data}}}; and write data: null under persistence.data in this file",
    ),
    "null of a later file": (
        {"values.yaml": TEAM, "p.yaml": "persistence: {data: null, outputs: null}\n"},
        'p.yaml:1: error[not-migratable] persistence.data: null would remove the claim "my-data" that Polyaxon gave runs',
        "remove this key",
    ),
    "the server of a later file": (
        {"values.yaml": D1_AND_O, "on.yaml": ON},
        'values.yaml: error[not-migratable] persistence.outputs.outputs: the new files together would have no existingClaim instead of existingClaim: "polyaxon-pvc-outputs"',
        "merge the files into one and migrate that, or migrate copies of the files that you use together",
    ),
    "the switch of a later file": (
        {"values.yaml": ON + D1_AND_O, "off.yaml": OFF},
        'persistence.outputs.outputs: the new files together would have existingClaim: "polyaxon-pvc-outputs" instead of no',
        "merge the files into one and migrate that, or migrate copies of the files that you use together",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_later_file_that_changes_what_polyaxon_made_is_an_error(case: str, tmp_path: Path) -> None:
    files, message, hint = REFUSED[case]
    exit_code, error, _ = migrate_all(tmp_path, files)
    assert exit_code == 1
    assert message in error
    assert hint in error


# Files, and what the first one, the first two, ... mean after the migration.
LAYERS: dict[str, tuple[Files, list[dict[str, Any]]]] = {
    "a later file without volumes of a role": (
        {"values.yaml": ON, "more.yaml": "persistence: {data: {}, outputs: {}}\n"},
        [{"data": DATA, "outputs": OUTPUTS}] * 2,
    ),
    "two files switch the server on, and the later one has no volumes": (
        {"values.yaml": ON, "p.yaml": ON + "persistence: {data: null, outputs: null}\n"},
        [{"data": DATA, "outputs": OUTPUTS}] * 2,
    ),
    "the server is in the later file": (
        {"values.yaml": "persistence: {data: null, outputs: {}}\n", "on.yaml": ON},
        [{"data": {}, "outputs": {}}, {"data": DATA, "outputs": OUTPUTS}],
    ),
    "the later file names the claim": (
        {"values.yaml": ON, "name.yaml": "nfsProvisioner: {pvc: {outputs: {name: own}}}\n"},
        [
            {"data": DATA, "outputs": OUTPUTS},
            {"data": DATA, "outputs": {"outputs": {"mountPath": "/outputs", "existingClaim": "own"}}},
        ],
    ),
    "a single volume with another path": (
        {
            "a.yaml": "persistence: {data: {d: {mountPath: /d, hostPath: /d}}, outputs: {mountPath: /o1, name: n}}\n",
            "b.yaml": "persistence: {outputs: {mountPath: /o2}}\n",
            "c.yaml": "persistence: {outputs: {readOnly: false}}\n",
        },
        [
            {"data": {"d": {"mountPath": "/d", "hostPath": "/d"}}, "outputs": {"outputs": keys}}
            for keys in (
                {"mountPath": "/o1", "hostPath": "/o1"},
                {"mountPath": "/o2", "hostPath": "/o2"},
                {"mountPath": "/o2", "hostPath": "/o2", "readOnly": False},
            )
        ],
    ),
    "a single volume with nothing but unused keys": (
        {
            "a.yaml": "persistence: {data: {d: {mountPath: /d, hostPath: /d}}, outputs: {hostPath: /h}}\n",
            "b.yaml": "persistence: {outputs: {store: s3}}\n",
        },
        [
            {"data": {"d": {"mountPath": "/d", "hostPath": "/d"}}, "outputs": {"outputs": {"mountPath": "/outputs", "hostPath": "/outputs"}}},
        ] * 2,
    ),
    "the later file removes the volumes": (
        {"values.yaml": ON + "persistence: {outputs: {o1: {mountPath: /o1, existingClaim: o1}}}\n", "p.yaml": "persistence: {outputs: {o1: null}}\n"},
        [{"data": DATA, "outputs": O1}, {"data": DATA, "outputs": OUTPUTS}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LAYERS)
def test_each_file_keeps_its_claims_without_the_later_ones(case: str, tmp_path: Path) -> None:
    files, expected = LAYERS[case]
    exit_code, error, new = migrate_all(tmp_path, files)
    assert exit_code == 0, error
    for at, volumes in enumerate(expected, 1):
        found = meaning(merge_all(new[:at]))
        assert {role: found[role] for role in ("data", "outputs")} == volumes


def test_the_hint_of_a_lost_claim_leads_to_the_same_volumes(tmp_path: Path) -> None:
    team = TEAM + "persistence: {outputs: {outputs: {mountPath: /o, existingClaim: my-out}}}\n"
    fast = FAST.replace("{fast:", "{outputs: null, fast:")
    code, error, new = migrate_all(tmp_path, {"values.yaml": team, "fast.yaml": fast})
    assert code == 0, error
    assert meaning(new[0])["outputs"] == {"outputs": {"mountPath": "/o", "existingClaim": "my-out"}}
    assert meaning(merge_all(new))["outputs"] == {"fast": {"mountPath": "/f", "existingClaim": "f"}}


def test_the_hint_of_a_volume_without_a_name_leads_to_the_directory_of_the_node(tmp_path: Path) -> None:
    d = "data: {d: {mountPath: /d, hostPath: /d}}"
    assert migrate_all(tmp_path, {"values.yaml": f"{ON}persistence: {{{d}}}\n"})[0] == 0
    off = OFF + "persistence: {outputs: {outputs: {mountPath: /o, existingClaim: null, hostPath: /o}}}\n"
    code, error, new = migrate_all(tmp_path, {"values.yaml": (tmp_path / "values.yaml").read_text(), "off.yaml": off})
    assert code == 0, error
    assert meaning(merge_all(new))["outputs"] == {"outputs": {"mountPath": "/o", "hostPath": "/o"}}


def test_a_later_file_names_the_claim_of_a_single_volume(tmp_path: Path) -> None:
    first = (
        ON + "persistence: {data: {mountPath: /d, existingClaim: d}, outputs: {mountPath: /o, name: n, size: 1Gi}}\n"
    )
    for keys, both in (("existingClaim: c", {"existingClaim": "c"}), ("hostPath: /h", {"existingClaim": "n"})):
        code, error, new = migrate_all(tmp_path, {"a.yaml": first, "b.yaml": f"persistence: {{outputs: {{{keys}}}}}\n"})
        assert code == 0, error
        assert meaning(new[0])["outputs"] == {"outputs": {"mountPath": "/o", "existingClaim": "n"}}
        assert meaning(merge_all(new))["outputs"] == {"outputs": {"mountPath": "/o", **both}}


def test_a_later_single_volume_keeps_the_claim_of_the_server(tmp_path: Path) -> None:
    code, error, new = migrate_all(tmp_path, {"a.yaml": ON, "b.yaml": SINGLE_O})
    assert code == 0, error
    assert meaning(new[0])["outputs"] == OUTPUTS
    assert meaning(merge_all(new))["outputs"] == {
        "outputs": {**OUTPUTS["outputs"], "mountPath": "/o", "readOnly": False}
    }
