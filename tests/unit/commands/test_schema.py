"""The command schema: which names are choices, and what it says about wrong files and words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from post_renderer.console.options import SCHEMAS
from tests.support.cli import make_catalog, run
from tests.support.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

SITE = """\
data:
  images: {mountPath: /data/images, existingClaim: a, readOnly: true, description: "Photos: with labels"}
  labels: {mountPath: /data/labels, existingClaim: b}
outputs:
  results: {mountPath: /results, existingClaim: c, description: Kept for a year}
  old: {mountPath: /old, existingClaim: d, readOnly: true}
"""
TEAM = """\
# Values of the chart
persistence:
  data:
    labels: null
    sketches: {store: s3, bucket: "s3://sketches"}
    images: {description: Our photos}
    half: {description: not finished}
runs: {train: {image: busybox}}
"""


PARTS = [
    "readOnly: true", "hostPathType: Directory", "accessModes: [ReadWriteOnce]", "subPath: x", "create: {size: 1Gi}",
    "store: gcs", 'bucket: "gs://b"', "secret: s", "secretKey: k", "credentials: env", "secret: s, credentials: env",
    'bucket: "gs://b", secret: s, credentials: env', "store: azure, credentials: env", "mountPath: /x", "existingClaim: x",
]  # fmt: skip


def print_schema(name: str, *files: Path) -> dict[str, Any]:
    result = run("schema", name, *(word for file in files for word in ("--persistence", str(file))))
    assert (result.exit_code, result.error) == (0, "")
    schema: dict[str, Any] = json.loads(result.output)
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    return schema


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def wants(data: object = (), outputs: object = None) -> dict[str, Any]:
    return {"environment": {"persistence": {"data": data, "outputs": outputs}}}


def accepts(schema: dict[str, Any], document: object) -> bool:
    return bool(Draft7Validator(schema).is_valid(document))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_without_files_accepts_every_name_of_the_right_form(name: str) -> None:
    schema = print_schema(name)
    good: dict[str, Any] = {
        "values": {
            "runs": {"a": {"polyaxonfile": wants(["any-name"], "other")}},
            "persistence": {"defaultData": ["any"]},
        },
        "catalog": {"defaultData": ["any-name"], "defaultOutputs": "other"},
        "polyaxonfile": wants(["any-name"], "other"),
        "annotations": {"polyaxon.com/data": "any-name, other", "polyaxon.com/outputs": "other"},
    }
    assert accepts(schema, good[name])
    wrong = json.loads(json.dumps(good[name]).replace("any", "Any_"))
    assert not accepts(schema, wrong)


def test_only_the_names_in_all_files_are_choices_with_their_descriptions(tmp_path: Path) -> None:
    site, team = write(tmp_path / "site.yaml", SITE), write(tmp_path / "values.yaml", TEAM)
    definitions = print_schema("polyaxonfile", site, team)["definitions"]
    assert definitions["dataName"] == {
        "enum": ["half", "images", "sketches"],
        "enumDescriptions": ["not finished", "Our photos (/data/images, read-only)", "s3://sketches"],
        "x-intellij-enum-metadata": {
            "half": {"description": "not finished"},
            "images": {"description": "Our photos (/data/images, read-only)"},
            "sketches": {"description": "s3://sketches"},
        },
    }
    assert definitions["outputsName"]["enum"] == ["results"]  # a run can't write to the other one
    assert definitions["outputsName"]["enumDescriptions"] == ["Kept for a year (/results)"]
    assert definitions["outputsNameOrNull"]["enum"] == ["results", None]
    assert print_schema("polyaxonfile", site)["definitions"]["dataName"]["enum"] == ["images", "labels"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_with_files_another_name_is_wrong(name: str, tmp_path: Path) -> None:
    schema = print_schema(name, write(tmp_path / "site.yaml", SITE))

    def document(data: str, outputs: str) -> dict[str, Any]:
        documents: dict[str, dict[str, Any]] = {
            "values": {"runs": {"a": {"polyaxonfile": wants([data], outputs)}}},
            "catalog": {"persistence": {"defaultData": [data], "defaultOutputs": outputs}},
            "polyaxonfile": {"environment": {"data_refs": [data], "artifact_refs": [outputs]}},
            "annotations": {"polyaxon.com/data": f" labels,{data}", "polyaxon.com/outputs": outputs},
        }
        return documents[name]

    assert accepts(schema, document("images", "results"))
    assert not accepts(schema, document("imges", "results"))
    assert not accepts(schema, document("images", "old"))


def test_the_files_of_the_environment_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYAXON_PERSISTENCE_FILES", str(write(tmp_path / "site.yaml", SITE)))
    assert print_schema("values")["definitions"]["dataName"]["enum"] == ["images", "labels"]


def test_a_catalog_without_names_leaves_no_choice(tmp_path: Path) -> None:
    file = write(tmp_path / "empty.yaml", "data: {}\n")
    schema = print_schema("polyaxonfile", file)
    assert not accepts(schema, wants(["images"]))
    assert not accepts(schema, wants([], "results"))
    assert accepts(schema, wants([], None))
    annotations = print_schema("annotations", file)
    assert accepts(annotations, {"polyaxon.com/data": ""})
    assert not accepts(annotations, {"polyaxon.com/data": "images"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data: [", "error[invalid-catalog]"),
        ("data: [images]\n", "error[invalid-catalog] data: must be a mapping of names to volumes"),
        ("data:\n  My_Data: {}\n", 'error[invalid-entry] data.My_Data: "My_Data" is not a valid name'),
        (
            "data: {a: {}}\noutputs: {a: {}}\n",
            "error[invalid-entry] outputs.a: the name is used under data",
        ),
    ],
)
def test_names_that_can_not_be_read_are_errors(text: str, message: str, tmp_path: Path) -> None:
    result = run("schema", "values", "--persistence", str(write(tmp_path / "site.yaml", text)))
    assert (result.exit_code, result.output) == (1, b"")
    assert message in result.error


def test_the_errors_of_entries_and_settings_are_errors(tmp_path: Path) -> None:
    text = "data:\n  a: {mountPath: a, existingClaim: A, readonly: true}\nrunFolder: '{x}'\n"
    result = run("schema", "catalog", "--persistence", str(write(tmp_path / "site.yaml", text)))
    assert (result.exit_code, result.output) == (1, b"")
    found = [(code, message.partition(" ")[0]) for code, message, _ in read_messages(result.error)]
    assert found == [
        ("invalid-entry", "unknown"), ("invalid-entry", "mountPath"), ("invalid-entry", "existingClaim"),
        ("run-folder", '"{x}"'),
    ]  # fmt: skip


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_an_entry_is_no_error(text: str, tmp_path: Path) -> None:
    print_schema("values", write(tmp_path / "site.yaml", f"outputs: {{a: {{{text}}}}}\n"))


def test_what_the_catalog_of_the_stream_may_complete_is_no_error(tmp_path: Path) -> None:
    text = "data: {a: {readOnly: true}}\ndefaultData: [b]\ndefaultOutputs: c\n"
    schema = print_schema("catalog", write(tmp_path / "site.yaml", text))
    assert schema["definitions"]["dataName"]["enumDescriptions"] == ["read-only"]


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ([], "schema needs a NAME", "schema values, schema catalog, schema polyaxonfile or schema annotations"),
        (["value"], 'unknown NAME "value" of schema', 'did you mean "values"?'),
        (["values", "catalog"], "schema accepts one NAME", "write one NAME"),
        (["values", "--strict"], 'unknown option "--strict" of schema', "--persistence"),
        (["../plugin.yaml"], 'unknown NAME "../plugin.yaml" of schema', "Known: annotations"),
    ],
)
def test_wrong_words(words: list[str], message: str, hint: str) -> None:
    result = run("schema", *words)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {message}\n")
    assert hint in result.error


def test_standard_input_is_not_read() -> None:
    assert run("schema", "catalog", stdin=make_catalog()).output == run("schema", "catalog").output
