"""Several polyaxonfiles that are layers of one run: `migrate a.yml b.yml --as-one NAME`."""

from __future__ import annotations

import json
import subprocess
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ruamel.yaml import YAML

from tests.support.cli import run
from tests.support.examples import env_of, objects, pod_spec
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
---
# the base
version: 1
kind: experiment   # one
params: {lr: 0.1, layers: [1, 2]}   # all
environment:
  resources:
    cpu: {requests: 1}   # small
  node_selector: {polyaxon: cpu}   # there
build:
  image: a
run:
  cmd: |
    python a.py
    b
"""
OVER = """\
# for the large node
params:
  layers: [3]   # three
  new: 1
environment:   # large
    # the memory
    resources: {memory: {limits: 4}, cpu: {limits: 8}}
    node_selector: null
    persistence:
        data: [d]
run:
  cmd: python c.py   # other
tags: [x]
# the end
"""
# Layers, and what Polyaxon's own code (rhea 0.5.4, and the reader of polyaxon-schemas 0.0.8) made of them.
MERGED: list[tuple[list[str], dict[str, Any]]] = [
    (
        [BASE, OVER],
        {
            "version": 1,
            "kind": "experiment",
            "params": {"lr": 0.1, "layers": [3], "new": 1},
            "environment": {
                "resources": {"cpu": {"requests": 1, "limits": 8}, "memory": {"limits": 4}},
                "node_selector": None,
                "persistence": {"data": ["d"]},
            },
            "build": {"image": "a"},
            "run": {"cmd": "python c.py"},
            "tags": ["x"],
        },
    ),
    (["build: {image: a}\nkind: job\n", "build: {}\n"], {"build": {"image": "a"}, "kind": "job"}),
    (["build: {image: a}\nkind: job\n", "kind: experiment\n"], {"build": {"image": "a"}, "kind": "experiment"}),
    (
        ["build: {image: a}\nkind: job\nparams: {a: {b: 1}}\n", "params: {a: [c]}\n", "params: {a: {d: 2}}\n"],
        {"build": {"image": "a"}, "kind": "job", "params": {"a": {"d": 2}}},
    ),
    (
        ["kind: job\nbuild: {image: a}\nrun: {cmd: [a, b]}\n", "run: {cmd: [c]}\n"],
        {"kind": "job", "build": {"image": "a"}, "run": {"cmd": ["c"]}},
    ),
    (
        ["kind: job\nbuild: {image: a}\nparams: null\n", "params: {a: 1}\n"],
        {"kind": "job", "build": {"image": "a"}, "params": {"a": 1}},
    ),
    (
        ["kind: job\nbuild: {image: a}\nenvironment: {}\n", "environment: {env_vars: [[A, b]]}"],
        {"kind": "job", "build": {"image": "a"}, "environment": {"env_vars": [["A", "b"]]}},
    ),
    (
        ['{"kind": "job", "build": {"image": "a"}}', "---\nparams:\n  a: |\n    text\n\n      deeper\n...\n"],
        {"kind": "job", "build": {"image": "a"}, "params": {"a": "text\n\n  deeper\n"}},
    ),
    (
        ["--- {kind: job, build: {image: a}}\n", "--- {params: {a: '--- b'}} # c\n", "--- # d\nparams:\n  b: |\n    --- e\n... # f\n"],
        {"kind": "job", "build": {"image": "a"}, "params": {"a": "--- b", "b": "--- e\n"}},
    ),
    (
        ["version: 1\nproject: {name: a}\nrun: {image: x, cmd: a}\n", "kind: job\nproject: {name: b}\n"],
        {"version": 1, "kind": "job", "build": {"image": "x"}, "run": {"cmd": "a"}},
    ),
]  # fmt: skip


def merge(directory: Path, *texts: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    paths = [directory / f"{name}.yml" for name in "abc"[: len(texts)]]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    result = run("migrate", *map(str, paths), "--as-one", "train", *options)
    assert [path.read_bytes().decode() for path in paths] == list(texts)
    return result.exit_code, result.output.decode(), result.error


@pytest.mark.parametrize(("texts", "expected"), MERGED)
def test_layers_are_merged_as_polyaxon_did(texts: list[str], expected: dict[str, Any], tmp_path: Path) -> None:
    exit_code, output, error = merge(tmp_path, *texts)
    assert exit_code == 0, error
    for read in (yaml.safe_load, YAML(typ="safe", pure=True).load):
        assert read(output)["runs"]["train"]["polyaxonfile"] == expected
    assert error.endswith("next: polyaxon-persistence check -- helm template demo CHART -f FILE\n")


def test_every_comment_of_all_layers_stays_once(tmp_path: Path) -> None:
    output = merge(tmp_path, BASE, OVER)[1]
    comments = [line[line.index("#") :] for line in (BASE + OVER).splitlines() if "#" in line]
    assert len(comments) == 11
    assert [output.count(comment) for comment in comments] == [1] * 11


def test_a_comment_that_two_layers_have_stays_twice(tmp_path: Path) -> None:
    text = "# mine\nkind: job   # a run\nbuild: {image: x}\n# end\n"
    output = merge(tmp_path, text, text)[1]
    assert [output.count(comment) for comment in ("# mine", "# a run", "# end")] == [2, 2, 2]
    texts = ("kind: job\nbuild: {image: a}\n", "--- {params: {a: 1}} # c\n", "--- # d\nparams: {b: 1}\n... # f\n")
    assert all(comment in merge(tmp_path, *texts)[1] for comment in ("# c", "# d", "# f"))


def test_line_ends_are_those_of_the_first_layer(tmp_path: Path) -> None:
    output = merge(tmp_path, BASE.replace("\n", "\r\n"), OVER)[1]
    assert output.count("\r\n") == output.count("\n")
    assert output.replace("\r\n", "\n") == merge(tmp_path, BASE, OVER)[1]


@pytest.mark.parametrize(
    ("texts", "file", "line", "code", "message"),
    [
        ((BASE, "params: [\n"), "b", 2, "invalid-yaml", ""),
        ((BASE, "- a\n"), "b", 1, "not-migratable", "a layer must be a mapping"),
        ((BASE, ""), "b", 1, "not-migratable", "a layer must be a mapping"),
        ((BASE, "runs: {}\n"), "b", 1, "not-migratable", "the file is not a polyaxonfile"),
        ((BASE, "persistence: {data: {}}\n"), "b", 1, "not-migratable", "the file is not a polyaxonfile"),
        ((BASE, "params: {a: &a 1, b: *a}\n"), "b", 1, "alias", "can't be merged"),
        ((BASE, "x: 1\nparams:\n  <<: {a: 1}\n"), "b", 3, "alias", "can't be merged"),
        ((BASE, "params: {a: 1}\n", "kind: group\nhptuning:\n  matrix: {b: {values: [1]}}\n  hyperband: {}\n"), "c", 4, "not-migratable", "it is not a grid"),
        ((BASE, "build:\n  build_steps: [a]\n"), "b", 2, "not-migratable", "is not supported"),
        (("kind: job\n", "run: {cmd: a}\n"), "b", 1, "not-migratable", "the run has no image"),
        ((BASE, "params:\n  a: 1\n  a: 2\n"), "b", 3, "duplicate-key", '"a" is repeated'),
    ],
)  # fmt: skip
def test_an_error_names_the_layer_and_its_line(
    texts: tuple[str, ...], file: str, line: int, code: str, message: str, tmp_path: Path
) -> None:
    exit_code, output, error = merge(tmp_path, *texts)
    assert (exit_code, output) == (1, "")
    assert f"{tmp_path / file}.yml:{line}: error[{code}] " in error, error
    assert message in error


def test_json(tmp_path: Path) -> None:
    exit_code, output, error = merge(tmp_path, BASE, OVER, options=("--output", "json"))
    assert (exit_code, error) == (0, "")
    (row,) = json.loads(output)["files"]
    assert (row["file"], row["changed"]) == ("-", True)
    plain = merge(tmp_path, BASE, OVER)[1]
    assert [line[1:] for line in row["diff"].splitlines()[3:]] == plain.splitlines()


# Pairs of files that people gave to Polyaxon together. The second file is no whole polyaxonfile.
@pytest.mark.parametrize("second", ["environment: {resources: {gpu: {limits: 1}}}\n", "params: {a: 1}\n", "kind: job\nname: a\nbuild: {image: x}\n"])  # fmt: skip
def test_without_the_option_the_error_names_it(second: str, tmp_path: Path) -> None:
    first = "kind: experiment\nname: a\nbuild: {image: x}\n"
    for name, text in (("a.yml", first), ("b.yml", second)):
        (tmp_path / name).write_text(text)
    result = run("migrate", str(tmp_path / "a.yml"), str(tmp_path / "b.yml"))
    assert (result.exit_code, result.output) == (1, b"")
    said = [block for block in result.error.split("\n" + str(tmp_path)) if "b.yml" in block.split(": error[")[0]]
    assert "if the files are layers of one run (polyaxon run -f … -f …), write --as-one NAME" in said[0]
    assert "--as-one" not in run("migrate", str(tmp_path / "b.yml")).error


def test_usage(tmp_path: Path) -> None:
    for words, message in (
        (["a.yml", "--as-one", "t"], "--as-one needs two files or more"),
        (["a.yml", "b.yml", "--as-one", "t", "--in-place"], "--as-one and --in-place are not possible together"),
        (["a.yml", "b.yml", "--as-one", "t", "--check"], "--as-one and --check are not possible together"),
        (["a.yml", "b.yml", "--as-one", "T"], "can't be a run's name"),
        (["a.yml", str(tmp_path), "--as-one", "t"], "--as-one merges files, but"),
    ):
        (tmp_path / "a.yml").write_text(BASE)
        result = run("migrate", *[str(tmp_path / word) if word == "a.yml" else word for word in words])
        assert (result.exit_code, result.output) == (2, b"")
        assert message in result.error, result.error


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_merged_run_renders(helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    over = OVER.replace("persistence:\n        data: [d]", "env_vars: [[A, b]]").replace(
        "c.py", "c.py --lr={{ lr }} --new={{ new }}"
    )
    values = tmp_path / "values.yaml"
    values.write_text(merge(tmp_path, BASE, over)[1])
    done = subprocess.run(
        [str(tools / helm), "template", "demo", "chart", "-f", str(values)],
        cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (job,) = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    container = pod_spec(job)["containers"][0]
    assert container["command"][-1] == "python c.py --lr=0.1 --new=1"
    assert container["resources"] == {"requests": {"cpu": "1"}, "limits": {"cpu": "8", "memory": "4Mi"}}
    assert "nodeSelector" not in pod_spec(job)


def test_many_mappings_in_braces_take_little_time(tmp_path: Path) -> None:
    """Each of them becomes lines. One pass for each would take a minute of this text."""
    text = BASE + "declarations:\n" + "".join(f"  n{number}: {{a: {{b: 1}}}}\n" for number in range(1000))
    before = process_time()
    exit_code, output, error = merge(tmp_path, text, text.replace("b: 1", "c: 2"))
    assert exit_code == 0, error
    assert yaml.safe_load(output)["runs"]["train"]["polyaxonfile"]["declarations"]["n999"] == {"a": {"b": 1, "c": 2}}
    assert process_time() - before < 15


def test_a_layer_that_is_not_yaml_1_2_is_an_error_of_this_layer(tmp_path: Path) -> None:
    exit_code, output, error = merge(tmp_path, BASE, "build:\n  image: a\tb\n")
    assert (exit_code, output) == (1, "")
    assert f"{tmp_path / 'b.yml'}:2: error[not-migratable] the file is not valid YAML 1.2: " in error
