"""The schemas and the readers know the same keys, and a schema is never stricter than its reader."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from post_renderer.catalog.entry import BUCKET_KEYS, DATA, KEYS, OUTPUTS, OUTPUTS_KEYS, SETTINGS
from post_renderer.catalog.read import read_catalog, read_layer
from post_renderer.k8s import ANNOTATIONS
from post_renderer.problems import Problems
from post_renderer.request import read_request
from post_renderer.request.polyaxonfile import read_polyaxonfile
from post_renderer.yamltree import parse
from tests.golden.test_golden import RENDERED
from tests.support.cli import examples
from tests.support.examples import EXAMPLES_FOLDER
from tests.support.paths import GOLDEN, ROOT
from tests.support.schemas import REFUSED, SCHEMAS, SUPPORTED, find_keys, make_sample, nest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHART: dict[str, Any] = json.loads((ROOT / "chart" / "values.schema.json").read_text())
VALIDATORS = {name: Draft7Validator(schema) for name, schema in {**SCHEMAS, "chart": CHART}.items()}
ENTRIES = {DATA: "dataEntry", OUTPUTS: "outputsEntry"}
VOLUME = {"mountPath": "/data", "existingClaim": "claim"}
BUCKET = {"store": "s3", "bucket": "s3://b"}
# Each key of an entry, in an entry that the reader accepts.
WITH_KEY: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("mountPath", "existingClaim"), VOLUME),
    "hostPath": {"mountPath": "/data", "hostPath": "/srv"},
    "hostPathType": {"mountPath": "/data", "hostPath": "/srv", "hostPathType": "Directory"},
    "volumeSource": {"mountPath": "/data", "volumeSource": {"emptyDir": {}}},
    "create": {**VOLUME, "create": {"size": "1Gi"}},
    "readOnly": {**VOLUME, "readOnly": True},
    "subPath": {**VOLUME, "subPath": "a/b"},
    "accessModes": {**VOLUME, "accessModes": ["ReadWriteMany"]},
    "description": {**BUCKET, "description": "Photos"},
    "createRunFolder": {**VOLUME, "createRunFolder": False},
    **dict.fromkeys(("store", "bucket"), BUCKET),
    **{key: {**BUCKET, "secret": "s", "secretKey": "k"} for key in ("secret", "secretKey")},
    "credentials": {**BUCKET, "secret": "s", "credentials": "env"},
}  # fmt: skip
SETTING: dict[str, Any] = {
    DATA: {"a": VOLUME},
    OUTPUTS: {"b": VOLUME},
    "defaultData": ["a"],
    "defaultOutputs": "b",
    "outputsSelection": "first",
    "runFolder": "{user}/{name}",
    "isolateRuns": True,
    "workloads": [{"group": "example.com", "kind": "Train", "podSpecs": ["spec"]}],
}


def read_errors(catalog: object) -> list[str]:
    found = read_catalog([read_layer(json.dumps(catalog), "", "")])
    problems = [*found.settings_problems, *(one for list_ in found.entry_problems.values() for one in list_)]
    return [problem.message for problem in problems]


def is_valid(name: str, document: object) -> bool:
    return bool(VALIDATORS[name].is_valid(document))


@pytest.mark.parametrize("name", VALIDATORS)
def test_a_schema_is_one_of_draft_7(name: str) -> None:
    schema = VALIDATORS[name].schema
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    text = json.dumps(schema)
    targets = {part.split('"')[0] for part in text.split('"$ref": "#/definitions/')[1:]}
    assert targets <= set(schema["definitions"])
    assert text.count('"$ref"') == text.count('"$ref": "#/definitions/')


@pytest.mark.parametrize("role", ENTRIES)
@pytest.mark.parametrize("key", [*WITH_KEY, "mountpath"])
def test_schema_and_reader_accept_the_same_keys_of_an_entry(key: str, role: str) -> None:
    known = {DATA: (*KEYS, *BUCKET_KEYS), OUTPUTS: (*KEYS, *OUTPUTS_KEYS, *BUCKET_KEYS)}[role]
    assert set(SCHEMAS["catalog"]["definitions"][ENTRIES[role]]["properties"]) == set(known)
    catalog = {role: {"a": WITH_KEY.get(key, {**VOLUME, key: "/data"})}}
    expected = key in known
    assert (read_errors(catalog) == []) == expected
    for name, document in (
        ("catalog", catalog),
        ("catalog", {"persistence": catalog}),
        ("values", {"persistence": catalog}),
    ):
        assert is_valid(name, document) == expected


@pytest.mark.parametrize("key", [*SETTING, "defaultdata"])
def test_schema_and_reader_accept_the_same_settings(key: str) -> None:
    assert set(SCHEMAS["catalog"]["definitions"]["persistence"]["properties"]) == set(SETTINGS) == set(SETTING)
    catalog = {DATA: SETTING[DATA], OUTPUTS: SETTING[OUTPUTS], key: SETTING.get(key, ["a"])}
    assert (read_errors(catalog) == []) == is_valid("catalog", catalog) == (key in SETTINGS)


PATHS = st.text("/a.:-{}$", max_size=6) | st.sampled_from(
    ["{project}/a", "{name}", "/polyaxon", "/polyaxon-a", "/data"]
)
WORDS = st.text("aB1.-_", max_size=4) | st.sampled_from(["claim", "true", "s3", "env", "Directory"])
ODD = (
    st.none() | st.booleans() | st.integers() | st.lists(WORDS, max_size=2) | st.dictionaries(WORDS, WORDS, max_size=1)
)
OF_KEY: dict[str, st.SearchStrategy[Any]] = {
    **{key: st.just(entry[key]) | PATHS | WORDS | ODD for key, entry in WITH_KEY.items() if key in entry},
    "create": st.just({"size": "1Gi"}),  # only the chart reads it
    "createRunFolder": st.booleans() | WORDS,  # null removes a key, also one that the role does not have
    "bucket": st.sampled_from(["s3://b", "gs://b/c", "wasbs://c@a.blob.core.windows.net/", "b", None]),
}
OF_SETTING: dict[str, st.SearchStrategy[Any]] = {
    "defaultData": st.lists(st.sampled_from(["a", "b-1", "A"]), max_size=2) | ODD,
    "defaultOutputs": st.just("a") | WORDS | ODD,
    "outputsSelection": st.sampled_from(["first", "spread", "last", None]),
    "runFolder": PATHS | ODD,
    "isolateRuns": ODD,
}


def one_of(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Nothing, or one of the keys."""
    one = st.sampled_from(sorted(strategies)).flatmap(lambda key: strategies[key].map(lambda value: {key: value}))
    return st.just({}) | one


ENTRY = st.tuples(st.sampled_from(list(WITH_KEY.values())), one_of(OF_KEY)).map(lambda parts: {**parts[0], **parts[1]})
ENTRY_MAP = st.dictionaries(st.sampled_from(["a", "b-1", "A", "true", "a.b"]), ENTRY, min_size=1, max_size=1)
CATALOGS = st.tuples(st.sampled_from(list(ENTRIES)), ENTRY_MAP, one_of(OF_SETTING)).map(
    lambda parts: {parts[0]: parts[1], **parts[2]}
)


@given(CATALOGS)
@settings(max_examples=examples(300), deadline=None)
def test_what_the_reader_accepts_is_valid(catalog: dict[str, Any]) -> None:
    assert read_errors(catalog) or is_valid("catalog", catalog)


# The request


@pytest.mark.parametrize("path", SUPPORTED, ids=".".join)
def test_the_post_renderer_accepts_each_key_of_a_polyaxonfile(path: tuple[str, ...]) -> None:
    document = nest(path, make_sample(path))
    assert is_valid("polyaxonfile", document)
    assert is_valid("values", {"runs": {"train": {"polyaxonfile": document}}})
    assert [problem.message for problem in read_polyaxonfile(json.dumps(document)).problems.found] == []
    misspelt = nest((*path[:-1], f"{path[-1]}_x"), make_sample(path))
    assert not is_valid("polyaxonfile", misspelt)


@pytest.mark.parametrize("path", REFUSED, ids=".".join)
def test_a_key_that_the_chart_refuses_may_be_empty(path: tuple[str, ...]) -> None:
    assert all(is_valid("polyaxonfile", nest(path, json.loads(empty))) for empty in ("null", "[]", "{}"))
    for value in ("text", 1, ["a"], {"a": "b"}):
        assert not is_valid("polyaxonfile", nest(path, value))


OF_ANNOTATION = {
    "polyaxonfile": "kind: job",
    "containers": "main, sidecar",
    "run-policy": "keep",
    "data": " images,labels ",
    "kind": "experiment",
    "concurrency": "2",
}


@pytest.mark.parametrize("name", [*ANNOTATIONS, "polyaxon.com/output"])
def test_schema_and_reader_accept_the_same_annotations(name: str) -> None:
    assert list(SCHEMAS["annotations"]["properties"]) == list(ANNOTATIONS)
    annotations = {name: OF_ANNOTATION.get(name.partition("/")[2], "text"), "example.com/a": "b"}
    expected = name in ANNOTATIONS
    assert (annotation_errors(name, annotations[name]) == []) == is_valid("annotations", annotations) == expected


def annotation_errors(name: str, value: str) -> list[str]:
    problems = Problems()
    text = f"{json.dumps(value)}\n"
    read_request({name: (value, parse(text))}, text, problems)
    return [problem.message for problem in problems.found]


@given(st.sampled_from(ANNOTATIONS), st.text("aB1.,-_ /", max_size=6))
@settings(max_examples=examples(300), deadline=None)
def test_what_the_reader_of_annotations_accepts_is_valid(name: str, value: str) -> None:
    assert annotation_errors(name, value) or is_valid("annotations", {name: value}) or not names_are_labels(name, value)


def names_are_labels(name: str, value: str) -> bool:
    """Whether all names can be names of a catalog. The reader leaves that to the search in the catalog."""
    if name not in ("polyaxon.com/data", "polyaxon.com/outputs"):
        return True
    return (
        value == value.strip().lower()
        and not set(value) & set("._")
        and all(part.strip("- ") == part.strip() for part in value.split(","))
    )


# Real files


@pytest.mark.parametrize("path", sorted(EXAMPLES_FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_example_is_valid_for_the_chart_and_for_editors(path: Any) -> None:
    values = yaml.safe_load(path.read_text())
    for name in ("chart", "values", "catalog"):
        assert [error.message for error in VALIDATORS[name].iter_errors(values)] == []
    for run in (values.get("runs") or {}).values():
        given_file = (run or {}).get("polyaxonfile")
        if given_file is not None:
            file = yaml.safe_load(given_file) if isinstance(given_file, str) else given_file
            assert [error.message for error in VALIDATORS["polyaxonfile"].iter_errors(file)] == []


def find_mappings(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from find_mappings(inner)


def read_documents(name: str) -> Iterator[Any]:
    """The documents of a golden case, without those that PyYAML does not read."""
    for text in re.split(r"(?m)^---.*$", (GOLDEN / name / "input.yaml").read_text(encoding="utf-8-sig")):
        with suppress(yaml.YAMLError):
            yield yaml.safe_load(text)


def test_what_golden_cases_render_is_valid() -> None:
    counts = dict.fromkeys(("catalog", "annotations"), 0)
    for name in RENDERED:
        for node in find_mappings(list(read_documents(name))):
            text = node.get("persistence.yaml")
            if isinstance(text, str):
                counts["catalog"] += 1
                assert [error.message for error in VALIDATORS["catalog"].iter_errors(yaml.safe_load(text))] == [], name
            if any(str(key).startswith("polyaxon.com/") for key in node.get("annotations") or ()):
                counts["annotations"] += 1
                errors = VALIDATORS["annotations"].iter_errors(node["annotations"])
                assert [error.message for error in errors] == [], name
    assert all(count > 50 for count in counts.values())


# The chart's own schema


def test_the_charts_schema_describes_each_property_and_lets_the_chart_judge_a_polyaxonfile() -> None:
    definitions = {**CHART["definitions"], "entries": CHART["definitions"]["entries"]["then"]}
    properties = [
        node["properties"] for node in find_mappings({**CHART, "definitions": definitions}) if "properties" in node
    ]
    assert sum(map(len, properties)) > 200
    assert [key for named in properties for key, inner in named.items() if not inner["description"]] == []
    allowed = {"description", "type", "properties", "items", "additionalProperties"}
    every = {"object", "array", "string", "number", "boolean", "null"}
    polyaxonfile = CHART["definitions"]["polyaxonfile"]
    assert polyaxonfile["type"] == ["object", "string", "null"]
    for _, inner in find_keys(polyaxonfile):
        assert set(inner) <= allowed
        assert set(inner.get("type", every)) == every
        assert inner.get("additionalProperties") is not False
    suggested = {path for path, inner in SUPPORTED.items() if "doNotSuggest" not in inner}
    assert {path for path, _ in find_keys(polyaxonfile)} == suggested
    assert is_valid(
        "chart", {"runs": {"train": {"polyaxonfile": {"kind": 5, "environment": [], "unknown": {"a": None}}}}}
    )
