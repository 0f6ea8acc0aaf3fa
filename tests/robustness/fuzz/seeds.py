"""Texts from which the fuzzer starts, beside the kept corpus: those of the other tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from tests.robustness.fuzz.targets import CATALOG
from tests.robustness.test_hostile import REFUSED, RENDERED
from tests.support.cli import make_catalog
from tests.support.krm import make_catalog_map, make_config, make_job, make_list
from tests.support.paths import GOLDEN, ROOT
from tests.yaml_suite.test_yaml_suite import CASES, in_job

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED_LIMIT = 4096  # bytes: mutations of long texts find little


def seeds_of(target: str) -> list[bytes]:
    makers = {"render": bare_streams, "readers": documents, "argocd": parameters, "krm": lists, "migrate": files}
    return [raw for raw in makers[target]() if len(raw) <= SEED_LIMIT]


def streams() -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted(GOLDEN.glob("*/*put.yaml")))
    for _, texts in REFUSED.values():
        yield b"".join(text if isinstance(text, bytes) else text.encode() for text in texts)
    for text in RENDERED.values():
        yield (make_catalog() + text).encode()


def bare_streams() -> Iterator[bytes]:
    """Without the usual catalog, which the target adds: there is little to find in it."""
    yield from (raw.removeprefix(CATALOG) for raw in streams())
    yield from (in_job(case["yaml"]).removeprefix(CATALOG) for case in CASES.values())


def documents() -> Iterator[bytes]:
    yield from (case["yaml"].encode() for case in CASES.values())
    for raw in (*streams(), *files()):
        yield from (b"---\n" + part for part in raw.split(b"---\n") if part.strip())


def parameters() -> Iterator[bytes]:
    strings = {"release-name": "a", "values": "a: b\n", "skip-crds": "true", "values-files": ["a.yaml"]}
    maps = {"helm-parameters": {"a.b": "c", "d": ""}, "helm-string-parameters": {"e": "\u00e9\n"}}
    forms = {str: "string", list: "array", dict: "map"}
    entries = [{"name": name, forms[type(value)]: value} for name, value in {**strings, **maps}.items()]
    yield json.dumps(entries).encode()
    yield from (json.dumps([entry], indent=1, ensure_ascii=False).encode() for entry in entries)
    yield from (json.dumps(value).encode() for value in maps.values())
    yield from (
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'[{"name": null, "string": 5}]',
        b"[[[{}]]]",
        b"a.yaml, b.yaml\nc",
        b"null",
    )


def lists() -> Iterator[bytes]:
    job = make_job()
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"persistence.yaml": "data: {}"},
    }
    for given in (
        make_list(job, config=make_config()),
        make_list(job, make_catalog_map()),
        make_list(job, config=config_map, results=[{"message": "a"}]),
        make_list(make_job(request="{environment: {persistence: {data: [x]}}}"), config=make_config()),
        make_list(),
    ):
        yield json.dumps(given).encode()
        yield yaml.safe_dump(given, sort_keys=False).encode()


def files() -> Iterator[bytes]:
    for pattern in (
        "tests/unit/migrate/cases/*/*",
        "tests/polyaxonfiles/*.yml",
        "tests/polyaxonfiles/requests/*",
        "values-examples/*.yaml",
    ):
        yield from (path.read_bytes() for path in sorted(ROOT.glob(pattern)) if path.is_file())
