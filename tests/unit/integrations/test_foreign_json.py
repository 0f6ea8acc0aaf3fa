"""JSON and environment variables of other programs are read, or are an error. They never cause a traceback."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from post_renderer.integrations.argocd_masking import Mask
from post_renderer.integrations.argocd_parameters import read_parameters
from post_renderer.integrations.foreign_json import read_json
from post_renderer.problems import Problems
from tests.support.cli import run
from tests.support.krm import make_catalog_map, make_config, make_job, make_list
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "[" * 60_000
WRONG = {
    "": "not valid JSON at line 1, column 1",
    "{": "not valid JSON at line 1, column 2",
    "[\n}": "not valid JSON at line 2, column 1",
    "'a'": "not valid JSON at line 1, column 1",
    '"a\nb"': "not valid JSON at line 1, column 3",
    "1 2": "not valid JSON at line 1, column 3",
    "[NaN]": "NaN is not JSON",
    "-Infinity": "-Infinity is not JSON",
    '{"a\\u001b": 1, "a\\u001b": 2}': 'the key "a\\u001b" is repeated',
    '[{"a": {"b": 1, "b": 1}}]': 'the key "b" is repeated',
    DEEP: "nested too deeply",
    DEEP + "]" * 60_000: "nested too deeply",
    '{"a":' * 60_000: "nested too deeply",
}
RIGHT: dict[str, Any] = {
    "null": None,
    "[]": [],
    ' {"a": [true, "b", {}]}\n': {"a": [True, "b", {}]},
    "1" * 5000: float("inf"),
    "-1e9999": float("-inf"),
    "12": 12.0,
}


@pytest.mark.parametrize(("text", "reason"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_not_json_is_an_error(text: str, reason: str) -> None:
    assert read_json(text) == (None, reason)


@pytest.mark.parametrize(("text", "value"), RIGHT.items(), ids=range(len(RIGHT)))
def test_what_is_json_is_read(text: str, value: object) -> None:
    assert read_json(text) == (value, "")


@pytest.mark.pure
def test_no_other_module_reads_json() -> None:
    readers = {"load", "loads", "JSONDecoder", "raw_decode"}
    found = set()
    for path in (ROOT / "post_renderer").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            if isinstance(node, ast.Attribute):
                names = {node.attr}
            if names & readers:
                found.add(path.name)
    # schema.py reads the schemas of the package; params.py shows what the chart wrote into a pod, and ignores all else.
    assert found == {"foreign_json.py", "schema.py", "params.py"}


# The parameters of an Argo CD Application

JSON_VALUES = [
    "null",
    "true",
    "5",
    "1" * 5000,
    "1e999",
    '"x"',
    '"\\ud800"',
    "[]",
    "{}",
    "[5]",
    "[[]]",
    '{"a": 5}',
    DEEP,
]


def parameters(monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[dict[str, Any], list[str]]:
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", text)
    problems = Problems()
    found = read_parameters(problems, Mask())
    return found, [f"{problem.about}: {problem.message}" for problem in problems.found]


@pytest.mark.parametrize("value", JSON_VALUES, ids=lambda text: text[:10])
def test_a_parameters_name_of_any_shape(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    found, errors = parameters(monkeypatch, f'[{{"name": {value}, "string": "a"}}]')
    assert not found
    assert len(errors) == 1
    assert errors[0].startswith("ARGOCD_APP_PARAMETERS: ")


@pytest.mark.parametrize("value", JSON_VALUES, ids=lambda text: text[:10])
@pytest.mark.parametrize("form", ["values", "values-files", "helm-parameters"])
def test_a_parameters_value_of_any_shape(monkeypatch: pytest.MonkeyPatch, form: str, value: str) -> None:
    key = {"values": "string", "values-files": "array", "helm-parameters": "map"}[form]
    found, errors = parameters(monkeypatch, f'[{{"name": "{form}", "{key}": {value}}}]')
    good = {"values": '"x"', "values-files": "[]", "helm-parameters": "{}"}[form]
    assert found == ({form: json.loads(good)} if value == good else {})
    assert len(errors) == (value != good)


@pytest.mark.parametrize(
    "value", [value for value in JSON_VALUES if value not in ("null", "[]")], ids=lambda text: text[:10]
)
def test_the_parameters_as_a_whole_of_any_shape(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    found, errors = parameters(monkeypatch, value)
    assert not found
    assert len(errors) == 1
    assert errors[0].startswith("ARGOCD_APP_PARAMETERS: ")


@pytest.mark.parametrize("text", ["", "null", "[]"])
def test_no_parameters(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert parameters(monkeypatch, text) == ({}, [])


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ('{"string": "a"}', "entry 2 has no name"),
        ('{"name": "values"}', "values has none of string, array, map"),
        ('{"name": "values", "string": "a", "map": {}}', "values has string and map"),
        (
            '{"name": "values", "string": "a", "string": "b"}',
            'the parameters can\'t be read: the key "string" is repeated',
        ),
        ('"values"', "entry 2 is not an object"),
    ],
)
def test_an_entry_has_one_name_and_one_value(monkeypatch: pytest.MonkeyPatch, entry: str, error: str) -> None:
    _, errors = parameters(monkeypatch, f'[{{"name": "release-name", "string": "a"}}, {entry}]')
    assert errors == [f"ARGOCD_APP_PARAMETERS: {error}"]


def test_a_form_that_is_null_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parameters(monkeypatch, '[{"name": "values", "string": "a", "map": null}]') == ({"values": "a"}, [])


@pytest.mark.parametrize("value", [value for value in JSON_VALUES if value != "{}"] + ["{"], ids=lambda text: text[:10])
def test_a_map_in_a_variable_of_any_shape(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ARGOCD_ENV_HELM_PARAMETERS", value)
    found, errors = parameters(monkeypatch, "")
    assert not found
    assert len(errors) == 1
    assert errors[0].startswith("ARGOCD_ENV_HELM_PARAMETERS: helm-parameters has the wrong form")


def generate(folder: Path, **more: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {os.fsencode(key): os.fsencode(value) for key, value in os.environ.items()} | {
        b"ARGOCD_APP_NAME": b"a"
    }
    environment |= {os.fsencode(key): value for key, value in more.items()}
    command = [sys.executable, "-m", "post_renderer", "argocd", "generate"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize(
    "name",
    ["ARGOCD_ENV_VALUES", "ARGOCD_ENV_\udcff", "ARGOCD_ENV_HELM_PARAMETERS", "ARGOCD_ENV_VALUES_FILES", "ARGOCD_APP_PARAMETERS",
     "ARGOCD_APP_NAME"],
)  # fmt: skip
def test_a_variable_that_is_not_utf_8(tmp_path: Path, name: str) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: a\nversion: 0.1.0\n")
    done = generate(tmp_path, **{name: b"\xff\x1b[31m"})
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error[argocd-parameter] (application)")
    assert b"\xff" not in done.stderr
    assert b"\x1b" not in done.stderr


def test_a_current_directory_that_is_gone(tmp_path: Path) -> None:
    command = f"mkdir gone; cd gone; rmdir ../gone; exec {sys.executable} -P -m post_renderer argocd generate"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "the current directory can't be read: No such file or directory" in done.stderr


# What kustomize and kpt give to a function

PLACES = [
    (), ("apiVersion",), ("kind",), ("items",), ("items", 0), ("items", 0, "apiVersion"), ("items", 0, "kind"),
    ("items", 0, "metadata"), ("items", 0, "metadata", "name"), ("items", 0, "metadata", "labels"),
    ("items", 0, "metadata", "annotations"), ("items", 0, "metadata", "annotations", "config.kubernetes.io/path"),
    ("items", 1, "data"), ("items", 1, "data", "persistence.yaml"), ("items", 1, "metadata", "labels"), ("results",),
    ("functionConfig",), ("functionConfig", "apiVersion"), ("functionConfig", "kind"), ("functionConfig", "metadata"),
    ("functionConfig", "persistence"), ("functionConfig", "persistence", "data"), ("functionConfig", "data"),
    ("functionConfig", "persistence", "data", "x"), ("functionConfig", "data", "persistence.yaml"),
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)) or "whole")
def test_a_resource_list_of_any_shape(place: tuple[str | int, ...]) -> None:
    config: Any = make_config()
    if place[:2] == ("functionConfig", "data"):
        config = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a"},
            "data": {"persistence.yaml": "{}"},
        }
    whole: Any = {"list": make_list(make_job(), make_catalog_map(), config=config)}
    *way, last = ("list", *place)
    holder = whole
    for step in way:
        holder = holder[step]
    holder[last] = "HERE"
    text = json.dumps(whole["list"])
    for value in JSON_VALUES:
        done = run("krm", stdin=text.replace('"HERE"', value))
        assert done.exit_code in (0, 1, 2), (value[:10], done.error)
