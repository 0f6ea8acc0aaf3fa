"""The chart accepts each key of a polyaxonfile that the schemas have, and says of the others what the schemas say."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from post_renderer.request.polyaxonfile import ENVIRONMENT_KEYS
from tests.support.examples import env_of
from tests.support.paths import ROOT
from tests.support.schemas import KEYS, REFUSED, SCHEMAS, SUPPORTED, make_sample, nest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Render = Callable[[dict[str, Any]], subprocess.CompletedProcess[str]]

MATRIX = {"lr": {"values": [1]}}
# Keys that need more than one of their own: with what the chart accepts them.
WITH: dict[str, dict[str, Any]] = {
    "matrix": {"matrix": MATRIX},
    "hptuning": {"hptuning": {"matrix": MATRIX}},
    "hptuning.matrix": {"hptuning": {"matrix": MATRIX}},
    "hptuning.grid_search": {"hptuning": {"matrix": MATRIX, "grid_search": {}}},
    "hptuning.grid_search.n_experiments": {"hptuning": {"matrix": MATRIX, "grid_search": {"n_experiments": 1}}},
}
INPUT = {
    "name": "lr", "description": "the rate", "type": "float", "default": 1, "is_flag": False, "is_list": False,
    "is_optional": True, "options": [1, 2]
}  # fmt: skip
VALUES_OF_PARAM = {"values": [1, 2], "range": "1:3:1", "linspace": [1, 2, 2]}


@pytest.fixture
def render(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Render:
    def run(runs: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "values.yaml").write_text(json.dumps({"runs": runs}))
        command = [str(tools / helm), "template", "demo", "chart", "-f", str(tmp_path / "values.yaml")]
        env = env_of(helm, helm_env)
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    return run


def make_document(path: tuple[str, ...]) -> dict[str, Any]:
    name = ".".join(path)
    if path[0] == "hptuning" and name not in WITH:
        return {"hptuning": {"matrix": MATRIX, path[1]: make_sample(path)}}
    document: dict[str, Any] = WITH.get(name) or nest(path, make_sample(path))
    return document


def test_the_chart_accepts_each_key_in_the_schema(render: Render) -> None:
    documents = [make_document(path) for path in SUPPORTED]
    documents += [{"hptuning": {"matrix": {"lr": {key: value}}}} for key, value in VALUES_OF_PARAM.items()]
    documents.append({"inputs": [INPUT]})
    properties = SCHEMAS["polyaxonfile"]["properties"]
    assert set(properties["inputs"]["items"]["properties"]) == set(INPUT)
    for matrix in (properties["matrix"], properties["hptuning"]["properties"]["matrix"]):
        assert set(matrix["additionalProperties"]["properties"]) == set(VALUES_OF_PARAM)
    done = render(
        {f"run-{number}": {"image": "busybox", "polyaxonfile": document} for number, document in enumerate(documents)}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nkind: Job\n") >= len(documents)


def test_the_chart_accepts_the_other_keys_if_they_are_empty(render: Render) -> None:
    runs: dict[str, Any] = {}
    for number, path in enumerate(REFUSED):
        document = nest(path, [])
        if path[0] == "hptuning":
            document["hptuning"]["matrix"] = MATRIX
        if path not in (("matrix",), ("hptuning",)):
            runs[f"run-{number}"] = {"image": "busybox", "polyaxonfile": document}
    done = render(runs)
    assert done.returncode == 0, done.stderr


SECTIONS = sorted({path[:-1] for path in REFUSED if path[0] != "hptuning"})


@pytest.mark.parametrize("section", SECTIONS, ids=".".join)
def test_the_schema_says_of_a_key_what_the_chart_says(section: tuple[str, ...], render: Render) -> None:
    refused = {path[-1]: node["errorMessage"] for path, node in REFUSED.items() if path[:-1] == section}
    done = render({"train": {"polyaxonfile": nest(section, dict.fromkeys(refused, "x"))}})
    assert done.returncode != 0
    for key, message in refused.items():
        said = f"{key} is {message.replace('runs.<run>', 'runs.train')}\n"
        assert any(f"{before}{said}" in f"{done.stderr}\n" for before in ".: "), key


@pytest.mark.parametrize("key", [path[-1] for path in REFUSED if path[0] == "hptuning"])
def test_the_chart_refuses_other_searches(key: str, render: Render) -> None:
    done = render({"train": {"polyaxonfile": {"hptuning": {"matrix": MATRIX, key: {"a": 1}}}}})
    assert f"hptuning.{key} is not supported: " in done.stderr


def test_keys_about_the_build_of_an_image_are_accepted_with_an_image(render: Render) -> None:
    keys = [path[-1] for path, node in KEYS.items() if path[0] == "build" and "doNotSuggest" in node]
    assert len(keys) >= 5
    done = render({"train": {"image": "busybox", "polyaxonfile": {"build": dict.fromkeys(keys, "x")}}})
    assert done.returncode == 0, done.stderr


# Keys that the post-renderer judges, and keys that the templates judge before or after the types of the others.
JUDGED_ELSEWHERE = {*ENVIRONMENT_KEYS, "hptuning", "matrix", "cmd"}
TYPED = [
    path for path, node in SUPPORTED.items() if "type" in node and path[-1] not in JUDGED_ELSEWHERE and len(path) < 3
]


@pytest.mark.parametrize("section", sorted({path[:-1] for path in TYPED} - {("hptuning",)}), ids=".".join)
def test_the_charts_own_messages_about_types_appear(section: tuple[str, ...], render: Render) -> None:
    """The schema of the chart must not refuse a polyaxonfile before the templates do."""
    keys = [path[-1] for path in TYPED if path[:-1] == section]
    done = render({"train": {"image": "busybox", "polyaxonfile": nest(section, dict.fromkeys(keys, True))}})
    assert [key for key in keys if f"{key} must be a" not in done.stderr] == []
    for wrong in ("text", 1, ["a", 1], {"a": 1}, None):
        done = render({"train": {"image": "busybox", "polyaxonfile": nest(section, dict.fromkeys(keys, wrong))}})
        assert "specifications of the schema" not in done.stderr
