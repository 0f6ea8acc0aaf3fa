"""The text of `check` and `explain` names the place in the values, or else the program that printed the stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

TYPO = "environment: {persistence: {data: [data-fo]}}\n"
VALUES = f"runs:\n  train:\n    polyaxonfile: {{{TYPO.strip()}}}\n  sweep:\n    polyaxonfile: {{}}\n"
HELM = ("--", "helm", "template", "demo", "chart", "-f", "values.yaml")
JOB = "polyaxon-persistence/templates/job.yaml"


def charts_job(run_name: str, *, text: str = TYPO, group: str = "") -> str:
    """A Job as the chart writes it."""
    labels = {
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/name": "polyaxon-persistence",
        "app.kubernetes.io/managed-by": "Helm",
        "helm.sh/chart": "polyaxon-persistence-0.2.0",
        "polyaxon.com/run": run_name,
        "polyaxon.com/kind": "job",
        **({"polyaxon.com/group": group} if group else {}),
    }
    job = make_job(text, name=f"demo-{run_name}", annotations=f"polyaxon.com/group: {group}\n" if group else "")
    return job.replace("chart/templates/runs.yaml", JOB).replace(
        "  annotations:\n", f"  labels: {json.dumps(labels)}\n  annotations:\n", 1
    )


MEMBERS = [charts_job(f"sweep-0000000{number}", group="demo-sweep") for number in range(3)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    for name in ("helm", "make-yaml"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexec cat stream\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "values.yaml").write_text(VALUES)
    (tmp_path / "stream").write_text(make_catalog() + charts_job("train"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path


@pytest.mark.parametrize("command", ["check", "explain"])
def test_the_text_begins_with_the_place_in_the_values(command: str) -> None:
    assert run(command, *HELM).error == (
        f"values.yaml:3: error[unknown-volume] run train (values: runs.train.polyaxonfile), Job/demo-train ({JOB}), "
        'polyaxon.com/polyaxonfile: no data volume "data-fo"\n'
        '  hint: did you mean "data-foo"? Known: data-foo, data1, data2\n'
    )


@pytest.mark.parametrize("command", ["check", "explain"])
def test_the_place_as_data(command: str) -> None:
    (problem,) = json.loads(run(command, "--output", "json", *HELM).output)["problems"]
    assert (problem["valuesFile"], problem["valuesLine"], problem["stream"]) == ("values.yaml", 3, "")
    (problem,) = json.loads(run(command, "--output", "json", *HELM, "--set", "runs.train.rerun=1").output)["problems"]
    assert (problem["valuesFile"], problem["valuesLine"]) == ("", 0)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("check", *HELM, "--set", "runs.train.rerun=1"), "helm template"),
        (("check", "--", "helm", "get", "manifest", "demo"), "helm get manifest"),
        (("explain", "--", "make-yaml"), "make-yaml"),
        (("inventory", "--", "make-yaml"), "make-yaml"),
        (("verify", "--", "make-yaml"), "make-yaml"),
        (("render", "--", "helm", "template", "demo", "chart"), "helm template"),
        (("--", "make-yaml"), "make-yaml"),
        (("helm", "template", "demo", "chart"), "helm template"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_without_a_certain_place_the_program_is_named(words: tuple[str, ...], name: str) -> None:
    error = run(*words).error
    assert error.startswith(f"<{name}>:27: error[unknown-volume]")


def test_a_file_and_standard_input_are_named_as_before(folder: Path) -> None:
    assert run("check", "stream").error.startswith("stream:27: error")
    assert run("check", stdin=(folder / "stream").read_text()).error.startswith("<stdin>:27: error")


def test_the_same_error_of_all_members_of_a_grid_is_one(folder: Path) -> None:
    other = charts_job("sweep-00000009", text=TYPO.replace("data-fo", "data-x"), group="demo-sweep")
    (folder / "stream").write_text(make_catalog() + "".join([*MEMBERS, other]))
    result = run("check", *HELM)
    first, _, second, _ = result.error.splitlines()
    assert first == (
        f"values.yaml:5: error[unknown-volume] 3 runs of grid sweep (values: runs.sweep.polyaxonfile), the first is "
        f'Job/demo-sweep-00000000 ({JOB}), polyaxon.com/polyaxonfile: no data volume "data-fo"'
    )
    assert second.startswith(
        "values.yaml:5: error[unknown-volume] run sweep-00000009 (values: runs.sweep.polyaxonfile)"
    )
    assert result.output == b"4 runs in 5 objects: 2 errors, 0 warnings\n"
    assert len(json.loads(run("check", "--output", "json", *HELM).output)["problems"]) == 4
    assert run("check", "--output", "github", *HELM).output.count(b"::error ") == 2
    assert run("explain", "--output", "markdown", *HELM).output.count(b"3 runs of grid sweep") == 1
    assert run(stdin=(folder / "stream").read_text()).error.count("error[") == 2


def test_runs_that_are_no_members_keep_their_errors(folder: Path) -> None:
    (folder / "stream").write_text(make_catalog() + charts_job("a") + charts_job("b") + make_job(TYPO))
    assert run("check", *HELM).error.count("error[") == 3


@pytest.mark.parametrize(
    ("variable", "params", "text"),
    [
        ('{value: \'{"bs":32,"lr":0.01,"opt":"sgd","x":"a b"}\'}', {"bs": 32, "lr": 0.01, "opt": "sgd", "x": "a b"}, 'bs=32 lr=0.01 opt=sgd x="a b"'),
        ("{value: '{\"a\": \"$$x\", \"b\": 1e999, \"c\": NaN, \"d\": [1], \"e\": true}'}", {"a": "$x", "b": "1e999", "c": "NaN", "d": [1], "e": True}, "a=$x b=1e999 c=NaN d=[1] e=true"),
        ('{value: "{\\"a\\": \\"\\e[31m\\"}"}', None, ""),  # no JSON
        ("{value: '{\"a\": \"\u202eb\"}'}", {"a": "\u202eb"}, "a=\\u202eb"),
        ("{valueFrom: {secretKeyRef: {name: s, key: k}}}", None, ""),
        ("{value: '[1]'}", None, ""),
        ("{value: '{'}", None, ""),
    ],
)  # fmt: skip
def test_explain_has_the_params_of_members(variable: str, params: dict[str, object] | None, text: str) -> None:
    env = f"env: [{{name: OTHER, value: x}}, {{name: POLYAXON_PARAMS, {variable[1:]}]\n"
    job = make_job(annotations="polyaxon.com/group: sweep\n", container=env)
    (row,) = json.loads(run("explain", "--output", "json", stdin=make_catalog() + job).output)["runs"]
    assert row["params"] == params
    shown = run("explain", stdin=make_catalog() + job).output.decode()
    assert ("  params: " in shown) == bool(params)
    assert f"\n  params: {text}\n" in shown or not params
    alone = make_job(container=env)
    assert (
        json.loads(run("explain", "--output", "json", stdin=make_catalog() + alone).output)["runs"][0]["params"] is None
    )


def test_each_member_of_a_group_has_its_line() -> None:
    jobs = [
        make_job(
            annotations="polyaxon.com/group: sweep\n",
            container=f"env: [{{name: POLYAXON_PARAMS, value: '{{\"n\": {number}}}'}}]\n",
            name=f"sweep-{number}",
        )
        for number in (1, 2)
    ]
    text = run("explain", stdin=make_catalog() + "".join(jobs)).output.decode()
    assert text.startswith(
        "group sweep, 2 runs  (job; from chart/templates/runs.yaml)\n  sweep-1  params: n=1\n  sweep-2  params: n=2\n"
    )
