"""Each key of the catalog and each annotation is where users look for it: the docs, the schema and the values."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from post_renderer.catalog.entry import BUCKET_KEYS, KEYS, OUTPUTS_KEYS, SETTINGS
from post_renderer.k8s import ANNOTATIONS, BASE_NAME
from tests.support.pages import PAGES
from tests.support.paths import ROOT

VALUES = (ROOT / "chart" / "values.yaml").read_text()
SCHEMA = json.loads((ROOT / "chart" / "values.schema.json").read_text())
ENTRY_KEYS = [*KEYS, *OUTPUTS_KEYS, *BUCKET_KEYS]


def first_cells(heading: str) -> str:
    """The first cells of the table with this heading in docs/catalog.md."""
    table = PAGES["catalog.md"].partition(f"| {heading} |")[2].partition("\n\n")[0]
    assert table
    return "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| "))


def has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w/-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("key", ENTRY_KEYS)
def test_a_key_of_an_entry_is_in_docs_schema_and_values(key: str) -> None:
    assert has_word(first_cells("key of an entry"), key), "add the key to the table of entries in docs/catalog.md"
    assert key in SCHEMA["definitions"]["entry"]["properties"], "add the key to `entry` in chart/values.schema.json"
    assert has_word(VALUES, key), "describe the key in a comment of chart/values.yaml"


@pytest.mark.parametrize("key", [key for key in SETTINGS if key not in {"data", "outputs"}])
def test_a_setting_of_the_catalog_is_in_docs_schema_and_values(key: str) -> None:
    assert has_word(first_cells("key of the catalog"), key), "add the setting to the second table of docs/catalog.md"
    assert key in SCHEMA["properties"]["persistence"]["properties"], "add the setting to chart/values.schema.json"
    assert has_word(VALUES, key), "describe the setting in a comment of chart/values.yaml"


@pytest.mark.parametrize("name", ["values", "persistence", "entry", "run"])
def test_the_templates_know_the_keys_of_the_schema(name: str) -> None:
    """The schema checks the types of these keys, and the templates refuse all other keys."""
    schema = SCHEMA if name == "values" else SCHEMA["properties"].get(name) or SCHEMA["definitions"][name]
    template = (ROOT / "chart" / "templates" / "_keys.tpl").read_text()
    table = template.partition('define "polyaxon-persistence.knownKeys" -}}\n')[2].partition("{{- end }}")[0]
    keys = yaml.safe_load(table)[name]
    assert set(keys["known"]) == set(schema["properties"]), "add the key to knownKeys in chart/templates/_keys.tpl"
    assert not set(keys["instead"]) & set(keys["known"])
    assert "additionalProperties" not in schema


@pytest.mark.parametrize("name", sorted(set(ANNOTATIONS) - {BASE_NAME}))  # which a render writes
def test_an_annotation_is_in_the_docs(name: str) -> None:
    assert f"`{name}`" in PAGES["request.md"], "add the annotation to docs/request.md"


def test_a_missing_word_is_seen() -> None:
    assert has_word("`a`, `bc`", "bc")
    assert not has_word("`a`, `bcd`, x/bc", "bc")
