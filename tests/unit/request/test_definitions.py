"""A polyaxonfile that defines volumes: one error that says where they belong, in each way to give a polyaxonfile."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from post_renderer.catalog.entry import BUCKET_KEYS, KEYS, OUTPUTS_KEYS, SETTINGS
from post_renderer.request.definitions import CATALOG_KEYS, ENTRY_KEYS, HINT, MESSAGE
from post_renderer.request.polyaxonfile import read_polyaxonfile
from tests.support.cli import make_catalog, make_job, run
from tests.support.examples import env_of, give_polyaxonfile
from tests.support.imports import RENDER, loaded
from tests.support.migrate import migrate, whole
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# What somebody wrote, and the key at which the error is.
DEFINITIONS = [
    ("environment: {persistence: {data: {mountPath: /data, existingClaim: c}}}", "data: {mount"),
    ("environment: {persistence: {data: {data1: {mountPath: /data, hostPath: /d, readOnly: true}}, outputs: o}}", "data: {data1"),
    ("environment: {persistence: {data: [{mountPath: /data}, {mountPath: /more}]}}", "data: [{"),
    ("environment: {persistence: {data: [a, {b: {hostPath: /b}}]}}", "data: [a"),
    ("environment: {persistence: {data: [a], outputs: {mountPath: /outputs}}}", "outputs: {mount"),
    ("environment: {persistence: {outputs: {o: {store: s3, bucket: 's3://b'}}}}", "outputs: {o"),
    ("environment: {persistence: {mountPath: /data, existingClaim: c}}", "mountPath: /data"),
    ("persistence: {data: {data1: {mountPath: /data}}, outputs: {o: {mountPath: /o}}}", "data: {data1"),
    ("persistence: {data: {mountPath: /data}}", "data: {mount"),
    ("environment: {data: {data1: {mountPath: /data}}}", "data: {data1"),
    ("environment: {data: {mountPath: /data}}", "data: {mount"),
    ("environment: {persistence: {defaultData: [a]}}", "defaultData"),
    ("environment: {persistence: {data: [a], runFolder: '{name}'}}", "runFolder"),
    ("environment: {persistence: {extra: [{hostPath: /a}]}}", "extra"),
    ("environment: {persistence: {logs: {mountPath: /a}}}", "logs"),
    ("environment: {outputs: {mountPath: /x}}", "{mount"),
    ("environment: {data: {d1: /data}}", "data: {d1"),
    ("environment: {persistence: {data: {d1: /data}}}", "data: {d1"),
]  # fmt: skip
NO_DEFINITIONS = [
    "environment: {persistence: {data: {a: 1}}}",
    "environment: {persistence: {data: {}}}",
    "environment: {persistence: {data: [{name: a}]}}",
    "environment: {persistence: {outputs: {jobs: [a]}}}",
    "environment: {persistence: {output: a}}",
    "persistence: {data: [a]}",
    "environment: {data: [a]}",
]


@pytest.mark.parametrize(("text", "place"), DEFINITIONS)
def test_a_definition_is_one_error(text: str, place: str) -> None:
    (problem,) = read_polyaxonfile(text).problems.found
    assert (problem.code, problem.message, problem.hint) == ("invalid-request", MESSAGE, HINT)
    assert text[problem.offset :].startswith(place)
    assert "values" in problem.hint


@pytest.mark.parametrize("text", NO_DEFINITIONS)
def test_other_mistakes_keep_their_messages(text: str) -> None:
    found = read_polyaxonfile(text).problems.found
    assert found
    assert MESSAGE not in [problem.message for problem in found]


@pytest.mark.parametrize(("text", "place"), DEFINITIONS)
def test_check_reports_it_once(text: str, place: str) -> None:
    block = yaml.safe_dump(yaml.safe_load(text)).replace("\n", "\n      ")
    result = run("check", stdin=make_catalog() + make_job().replace("|\n      {}\n", f"|\n      {block.rstrip()}\n"))
    assert (result.exit_code, result.error.count("error[")) == (1, 1), place
    assert MESSAGE in result.error


@pytest.mark.parametrize(("text", "place"), DEFINITIONS)
def test_migrate_reports_it_once_and_writes_nothing(text: str, place: str) -> None:
    exit_code, output, error = migrate(whole(text + "\n"))
    assert (exit_code, output, error.count("error[")) == (1, "", 1), place
    assert f"{MESSAGE}\n  hint: {HINT}\n" in error


@pytest.mark.parametrize("form", ["map", "text"])
@pytest.mark.parametrize(("text", "place"), DEFINITIONS)
def test_the_chart_or_check_reports_it_once(
    text: str, place: str, form: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    more = give_polyaxonfile(text, form, tmp_path / "given.yml")
    done = subprocess.run(
        [str(tools / "helm4"), "template", "demo", "chart", "--set", "runs.train.image=x", *more],
        cwd=ROOT, env=env_of("helm4", helm_env), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode:
        assert "define the volumes in the values, under persistence" in done.stderr, place
        assert done.stderr.count("is not supported") == 1
        return
    checked = run("check", stdin=done.stdout)
    assert checked.exit_code == 1
    assert checked.error.count(MESSAGE) == 1
    assert "no-catalog" in checked.error or checked.error.count("error[") == 1


def test_the_keys_of_the_catalog_are_known() -> None:
    assert {*SETTINGS} - {"data", "outputs"} <= CATALOG_KEYS


def test_the_entry_keys_are_those_of_the_catalog() -> None:
    assert {*KEYS, *OUTPUTS_KEYS, *BUCKET_KEYS} - {"description"} <= ENTRY_KEYS


def test_a_request_by_names_imports_nothing() -> None:
    asks = make_job().replace("{}\n", "environment: {persistence: {data: [data1], outputs: outputs2}}\n")
    assert "post_renderer.request.definitions" not in loaded(RENDER, make_catalog() + asks)
