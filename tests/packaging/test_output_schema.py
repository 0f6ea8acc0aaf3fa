"""The JSON of each command is as the schema in the package says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from post_renderer.console.options import FORMATS
from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads((ROOT / "post_renderer" / "output.schema.json").read_text())
LABELS = "  labels: {app.kubernetes.io/instance: demo, polyaxon.com/run: train}\n  namespace: vision\n  annotations:\n"
KEPT = make_job(annotations="polyaxon.com/run-policy: keep\n").replace("  annotations:\n", LABELS, 1)
BUCKETS = """\
data:
  s3: {store: s3, bucket: 's3://a/b', secret: keys, secretKey: k}
  node: {mountPath: /node, hostPath: /srv, subPath: x}
  own: {mountPath: /own, volumeSource: {emptyDir: {}}}
outputs:
  results: {mountPath: /results, existingClaim: results, subPath: team}
"""
STREAMS = {
    "runs": make_catalog() + KEPT + make_job("kind: build\n", name="image"),
    "buckets": make_catalog(BUCKETS) + KEPT,
    "errors": make_catalog() + make_job("kind: x\n"),
    "nothing": "",
}
CASES = {
    **{f"{command} {what}": ([command], text) for command in ("check", "explain", "verify", "inventory") for what, text in STREAMS.items()},
    "check against": (["check", "--against", "there"], STREAMS["runs"] + make_job(name="new")),
    "migrate": (["migrate", "values.yaml"], ""),
    "kinds": (["kinds"], ""),
    "doctor": (["doctor"], ""),
    "why": (["why"], ""),
    "why alias": (["why", "alias"], ""),
}  # fmt: skip


def validate(command: str, data: object) -> None:
    schema = {**SCHEMA, "$ref": f"#/$defs/{command}"}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize("case", CASES)
def test_the_json_of_a_command(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, text = CASES[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "values.yaml").write_text("persistence: {data: {a: {mountPath: /a, existingClaim: a}}, extra: x}\n")
    (tmp_path / "there").write_text(
        run(stdin=make_catalog() + make_job(name="gone") + KEPT.replace("busybox", "other")).output.decode()
    )
    result = run(*words, "--output", "json", stdin=text)
    assert result.exit_code in (0, 1), result.error
    validate(words[0], json.loads(result.output))


def test_every_command_with_json_has_a_case_and_a_definition() -> None:
    assert {words[0] for words, _ in CASES.values()} == set(FORMATS)
    assert set(FORMATS) <= set(SCHEMA["$defs"])


def test_the_schema_refuses_an_unknown_key() -> None:
    data = json.loads(run("explain", "--output", "json", stdin=STREAMS["runs"]).output)
    with pytest.raises(jsonschema.ValidationError):
        validate("explain", {**data, "more": 1})


def runs(command: str, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(command, "--output", "json", stdin=STREAMS[what]).output)["runs"]
    return found


@pytest.mark.parametrize("command", ["explain", "verify"])
def test_a_run_says_whose_it_is(command: str) -> None:
    kept, image = runs(command, "runs")
    assert [kept[key] for key in ("namespace", "release", "run")] == ["vision", "demo", "train"]
    assert [image[key] for key in ("namespace", "release", "run")] == [None, None, None]


def test_places_are_objects() -> None:
    (found,) = runs("explain", "buckets")
    assert found["resultsLocation"] == {
        "type": "claim",
        "name": "results",
        "path": f"team/<namespace>/jobs/{found['name']}",
    }
    assert {mount["volume"]: mount["source"] for mount in found["mounts"]} == {
        "results": {"type": "claim", "name": "results", "path": "team"},
        "node": {"type": "hostPath", "name": "", "path": "/srv/x"},
        "own": {"type": "emptyDir", "name": "", "path": ""},
        "s3": {"type": "bucket", "name": "s3://a/b", "path": ""},
    }
    assert runs("explain", "runs")[1]["resultsLocation"] is None


def test_the_texts_that_objects_replace_are_deprecated() -> None:
    explain = SCHEMA["$defs"]["explain"]["properties"]["runs"]["items"]["properties"]
    assert explain["results"]["deprecated"]
    assert SCHEMA["$defs"]["mount"]["properties"]["storage"]["deprecated"]
