"""Values files: keys, empty values, names and modes."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ruamel.yaml import YAML

from post_renderer.migrate.tables import TODAY
from tests.support.cli import run
from tests.support.examples import env_of, objects, pod_spec
from tests.support.migrate import CATALOG, migrate, migrated, whole
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_today_s_files_stay_as_they_are() -> None:
    examples = [*(ROOT / "values-examples").glob("*.yaml"), ROOT / "chart" / "values.yaml"]
    assert len(examples) > 5
    for path in examples:
        result = run("migrate", "--strict", str(path))
        assert (result.exit_code, result.output, result.error) == (0, b"", f"{path}: nothing to migrate\n")


def test_today_s_keys_are_the_chart_s() -> None:
    schema = json.loads((ROOT / "chart" / "values.schema.json").read_text())
    assert set(schema["properties"]) == set(TODAY)


def test_no_source_is_given_to_half_a_bucket() -> None:
    entry = {"mountPath": "/a", "bucket": "s3://b"}
    assert (
        migrated("persistence: {data: {a: {mountPath: /a, bucket: 's3://b'}}}\n")["persistence"]["data"]["a"] == entry
    )


@pytest.mark.parametrize(
    "entry",
    ["bucket: s3://prod", "bucket: gs://prod", "store: gcs", "secretKey: prod.json", "secret: prod", "bucket: s3://b, secret: s", "secret: s, secretKey: k, readOnly: true"],
)  # fmt: skip
def test_part_of_a_bucket_is_left_to_what_another_values_file_brings(entry: str) -> None:
    text = f"persistence: {{outputs: {{o: {{{entry}}}}}}}\n"
    assert migrate(text) == (0, text, "-: nothing to migrate\n")


def test_extra_volumes_are_behind_the_comments_of_the_last_entry() -> None:
    text = (
        "persistence:\n  data:\n    a:\n      hostPath: /a\n      # of a\n  extra:\n  - {mountPath: /b, hostPath: /b}\n"
    )
    assert "      # of a\n    b: {mountPath: /b, hostPath: /b}\n" in migrate(text)[1]


def test_what_another_values_file_may_bring_is_no_problem() -> None:
    for text in (
        "persistence: {defaultData: [a], data: {a: {readOnly: true}, b: {mountPath: /b, create: {size: 1Gi}}}}\n",
        "persistence: {data: {a: {secretKey: k}}}\nruns: {}\n",
        "persistence: {data: {a: {accessModes: [ReadWriteMany]}, b: {hostPathType: Directory}}}\n",
    ):
        assert migrate(text) == (0, text, "-: nothing to migrate\n")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("persistence:  # ours\n  logs: {existingClaim: c}\n  repos:\n    hostPath: /r\n", {"persistence": {}}),
        ("persistence: {logs: {}}\n", {"persistence": {}}),
        ("persistence: &p  # a\n  logs: {}\n  # b\n", {"persistence": {}}),
        ("persistence:  # a\n  # b\n  &p !!map  # c\n  logs: {}\n", {"persistence": {}}),
        (
            'persistence:\n  data:\n    b:\n      secret: ""\n      secretKey: ""\n',
            {"persistence": {"data": {"b": {}}}},
        ),
        ('persistence: {data: {d: {existingClaim: ""}}}\n', {"persistence": {"data": {"d": {}}}}),
        ("persistence: {data: {d: {size: 5Gi}}}\n", {"persistence": {"data": {"d": {}}}}),
        ("persistence: {outputs: {o: {accessMode: ReadWriteMany}}}\n", {"persistence": {"outputs": {"o": {}}}}),
    ],
)
def test_a_mapping_that_loses_all_its_keys_is_empty_and_not_null(text: str, left: dict[str, Any]) -> None:
    """In a file that lies over another one, Helm takes null for a wish to take the other file's entries away."""
    assert migrated(text) == left


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("run: {nocache: true, image: x}\n", {"run": {"nocache": True}}),
        ("build: {image: x}\nenvironment: {ttl: 3, security_context: {}}\n", {"environment": {}}),
        ("build: {image: x}\nenvironment:\n  persistence: {data: []}\n", {"environment": {"persistence": {}}}),
    ],
)
def test_a_section_that_loses_all_its_keys_is_empty_and_not_null(text: str, sections: dict[str, Any]) -> None:
    file = migrated("kind: job\n" + text)["runs"]["job"]["polyaxonfile"]
    assert file == {"kind": "job", "build": {"image": "x"}} | sections


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize(
    ("overlay", "volumes"),
    [
        ("persistence:\n  logs:\n    existingClaim: logs-pvc\npostgresql:\n  enabled: false\n", ["outputs1", "data-foo", "data1"]),
        ("persistence: {data: {data1: {size: 5Gi}}}\n", ["outputs1", "data-foo", "data1"]),
        ('persistence: {data: {data1: {existingClaim: "", hostPath: /h}}}\n', ["outputs1", "data-foo", "data1"]),
    ],
)  # fmt: skip
def test_a_migrated_file_goes_over_another_one(
    overlay: str, volumes: list[str], helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    layers = {
        "base": CATALOG + "runs: {train: {image: busybox}}\n",
        "overlay": migrate(overlay)[1],
    }
    command = [str(tools / helm), "template", "demo", "chart", "--post-renderer", "polyaxon-persistence"]
    for name, text in layers.items():
        (tmp_path / name).write_text(text)
        command += ["-f", str(tmp_path / name)]
    done = subprocess.run(
        command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    (job,) = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    assert [volume["name"] for volume in pod_spec(job)["volumes"] if volume["name"] != "shm"] == volumes


def test_aliases_and_merge_keys_of_a_catalog_stay() -> None:
    text = """\
persistence:
  data:
    a: &a
      mountPath: /a
      existingClaim: a-pvc
    b: *a
    c: {<<: *a, mountPath: /c}
  repos: {}
"""
    data = migrated(text)["persistence"]["data"]
    assert data["a"] == data["b"] == {"mountPath": "/a", "existingClaim": "a-pvc"}
    assert data["c"] == {"mountPath": "/c", "existingClaim": "a-pvc"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("existingClaim: c, accessMode: ReadWriteOnce", {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]}),
        ("existingClaim: c, accessMode: 'ReadOnlyMany'", {"existingClaim": "c", "accessModes": ["ReadOnlyMany"]}),
        ("existingClaim: c, accessModes: ReadWriteOnce", {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]}),
        ("existingClaim: c, accessModes: [ReadWriteOnce]", {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]}),
        ("existingClaim: c, accessMode: RWO", {"existingClaim": "c"}),
        ("hostPath: /h, accessMode: ReadWriteOnce", {"hostPath": "/h"}),
    ],
)
def test_the_mode_of_a_claim_stays_a_list(entry: str, expected: dict[str, Any]) -> None:
    assert migrated(f"persistence:\n  data:\n    a: {{mountPath: /a, {entry}}}\nrepos: {{}}\n") == {
        "persistence": {"data": {"a": {"mountPath": "/a", **expected}}}
    }


@pytest.mark.parametrize(
    ("server", "source"),
    [
        ("nfsProvisioner: {enabled: true, pvc: {outputs: {name: team-outputs}}}", {"existingClaim": "team-outputs"}),
        ("nfsProvisioner: {enabled: true}", {"existingClaim": "polyaxon-pvc-outputs"}),
        ("nfsProvisioner: {enabled: false, pvc: {outputs: {name: team-outputs}}}", {"hostPath": "/o"}),
        ("nfsProvisioner: {pvc: {data: {name: d}}}", {"hostPath": "/o"}),
        ("rbac: {}", {"hostPath": "/o"}),
    ],
)
def test_the_file_server_gives_the_one_volume_its_source(server: str, source: dict[str, str]) -> None:
    for keys in ("{existingClaim: , mountPath: /o}", "{mountPath: /o}", "{mountPath: /o, readOnly: }"):
        text = f"{server}\npersistence: {{data: {{mountPath: /d, hostPath: /h}}, outputs: {keys}}}\n"
        outputs = migrated(text)["persistence"]["outputs"]["outputs"]
        assert {key: value for key, value in outputs.items() if value} == {"mountPath": "/o", **source}
    lacking = migrated(f"{server}\npersistence: {{outputs: {{readOnly: false}}}}\n")["persistence"]["outputs"][
        "outputs"
    ]
    own = {key: value.replace("/o", "/outputs") for key, value in source.items()}
    assert lacking == {"readOnly": False, "mountPath": "/outputs", **own}


@pytest.mark.parametrize("none", ["", "~", "null", '""', "''"])
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("existingClaim: {}\nname: c\nmountPath: /d", {"mountPath": "/d", "hostPath": "/d"}),
        ("existingClaim: {}\nmountPath: /d", {"mountPath": "/d", "hostPath": "/d"}),
        ("mountPath: {}\nexistingClaim: c", {"mountPath": "/data", "existingClaim": "c"}),
        ("mountPath: {}\nname: {}", {"mountPath": "/data", "hostPath": "/data"}),
    ],
)
def test_an_empty_key_of_the_one_volume_says_nothing(entry: str, expected: dict[str, str], none: str) -> None:
    lines = entry.replace("{}", none).splitlines()
    block = "".join(f"    {line}\n" for line in lines)
    for text in (f"persistence:\n  data:\n{block}", f"persistence: {{data: {{{', '.join(lines)}}}}}\n"):
        data = migrated(text)["persistence"]["data"]["data"]
        assert {key: value for key, value in data.items() if value is not None} == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            "existingClaim: c, hostPath: ~, accessMode: ReadWriteOnce",
            {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]},
        ),
        ('existingClaim: "", hostPath: null, name: c', {"volumeSource": {"emptyDir": {}}}),
        ("existingClaim: ~, hostPath: /h, accessMode: ReadWriteOnce, name: c", {"hostPath": "/h"}),
        ("existingClaim: ~, hostPath: ~", {"volumeSource": {"emptyDir": {}}}),
        ('hostPath: /h, store: "", bucket: "", secret: "", secretKey: ""', {"hostPath": "/h"}),
        ('store: s3, bucket: "s3://b", mountPath: /b, existingClaim: ~', {"store": "s3", "bucket": "s3://b"}),
    ],
)
def test_an_empty_key_of_an_entry_says_nothing(entry: str, expected: dict[str, Any]) -> None:
    path = "" if "store: s3" in entry else "mountPath: /a, "
    values = migrated(f"persistence:\n  data:\n    a: {{{path}{entry}}}\nrepos: {{}}\n")
    data = {key: value for key, value in values["persistence"]["data"]["a"].items() if value is not None}
    assert data == ({"mountPath": "/a"} if path else {}) | expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('existingClaim: "", hostPath: /h', {"existingClaim": None, "hostPath": "/h"}),
        ('mountPath: /a, hostPath: "", existingClaim: c', {"mountPath": "/a", "hostPath": None, "existingClaim": "c"}),
        ('existingClaim: "", hostPath: ""', {}),
    ],
)
def test_an_empty_source_beside_another_one_takes_away_an_earlier_file_s(entry: str, expected: dict[str, Any]) -> None:
    assert migrated(f"persistence: {{data: {{a: {{{entry}}}}}}}\n") == {"persistence": {"data": {"a": expected}}}


@pytest.mark.parametrize(
    ("name", "slug"), [("NULL", "null"), ("1E3", "1e3"), ("0X1F", "0x1f"), ("2020_01_01", "2020-01-01"), ("A_B", "a-b")]
)
def test_a_name_that_changes_stays_a_string_to_every_reader(name: str, slug: str) -> None:
    entry = "{mountPath: '//a #b', hostPath: /h}"
    text = f"persistence:\n  data: {{{name!r}: {entry}}}\n  extra: [{{mountPath: /m/{name}, hostPath: /m}}]\n"
    asks = f"kind: job\nbuild: {{image: x}}\nenvironment: {{persistence: {{data: [{name!r}], outputs: {name!r}}}}}\n"
    for read in (yaml.safe_load, YAML(typ="safe", pure=True).load):
        data = read(migrate(text)[1])["persistence"]["data"]
        assert [type(key) for key in data] == [str, str]
        assert data[slug]["mountPath"] == "/a #b"
        file = read(migrate(asks, "--name", slug)[1])["runs"][slug]["polyaxonfile"]
        assert file["environment"] == {"persistence": {"data": [slug], "outputs": slug}}


def test_an_outputs_name_that_becomes_a_word_of_yaml_is_quoted() -> None:
    assert 'outputs: "yes"' in migrate(whole("environment: {persistence: {outputs: 'YES'}}\n"))[1]


def test_what_is_no_name_of_a_volume_does_not_become_one() -> None:
    assert "outputs: NULL}" in migrate(whole("environment: {persistence: {outputs: NULL}}\n"))[1]
    assert "outputs: YES}" in migrate(whole("environment: {persistence: {outputs: YES}}\n"))[1]


@pytest.mark.parametrize("blanks", range(12))
def test_a_text_keeps_its_lines_of_blanks(blanks: int) -> None:
    text = "params:\n  text: |\n    a\n" + " " * blanks + "\n\n      b\n"
    image = "run:\n  image: |-\n    x\n" + " " * blanks + "\n    y\n"
    before = yaml.safe_load(text)["params"], yaml.safe_load(image)["run"]["image"]
    file = migrated(f"kind: job\n{text}{image}  cmd: a\n")["runs"]["job"]["polyaxonfile"]
    assert (file["params"], file["build"]["image"]) == before


@pytest.mark.parametrize("key", ["environment: {restart_policy: Never}", "termination: {max_restarts: 3}"])
def test_a_hint_names_no_key_that_the_kind_does_not_have(key: str) -> None:
    for kind in ("notebook", "tensorboard"):
        said = migrate(whole(f"kind: {kind}\n{key}\n"))[2]
        assert f"a {kind} is started again when it ends" in said
        assert "environment.max_restarts" not in said
    assert "write environment.max_restarts" in migrate(whole(f"kind: job\n{key}\n"))[2]


@pytest.mark.parametrize("key", ["labels", "annotations", "node_selector", "node_selectors"])
def test_a_label_that_yaml_takes_for_a_boolean_is_written_in_quotes(key: str) -> None:
    text = whole(f"environment: {{{key}: {{y: '1', on: '1', 'no': '1', true: '1', a: b}}}}\n")
    exit_code, output, error = migrate(text)
    assert (exit_code, error.count("in quotes now")) == (0, 2)
    assert f"{key}: {{\"y\": '1', \"on\": '1', 'no': '1', true: '1', a: b}}" in output


def test_a_null_is_no_second_spelling() -> None:
    text = whole("environment: {data_refs: ~, persistence: {data: [a]}}\n")
    file = migrated(text)["runs"]["experiment"]["polyaxonfile"]
    assert file["environment"] == {"persistence": {"data": ["a"]}}


def test_a_file_with_other_keys_is_still_one_of_values() -> None:
    """Its last key of Polyaxon's is a comment then."""
    output = migrate("rbac: {}\nmine: 1\n")[1]
    assert yaml.safe_load(output) == {"mine": 1}


def test_volumes_of_a_file_server_and_further_ones_are_beside_each_other() -> None:
    text = "persistence:\n  extra: [{mountPath: /m, hostPath: /h}]\nnfsProvisioner: {enabled: true, pvc: {data: {name: n}}}\n"
    assert migrated(text) == {
        "persistence": {
            "data": {"data": {"mountPath": "/data", "existingClaim": "n"}, "m": {"mountPath": "/m", "hostPath": "/h"}},
            "outputs": {"outputs": {"mountPath": "/outputs", "existingClaim": "polyaxon-pvc-outputs"}},
        }
    }  # fmt: skip


def test_json_values() -> None:
    text = '{"rbac": {"enabled": true}, "persistence": {"data": {"mountPath": "/d", "existingClaim": "c"}}}'
    assert migrated(text) == {"persistence": {"data": {"data": {"mountPath": "/d", "existingClaim": "c"}}}}
