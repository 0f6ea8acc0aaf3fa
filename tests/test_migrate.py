"""Files of Polyaxon 0.x become today's values: each folder of tests/migrate is one file, what becomes of it and what is said."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ruamel.yaml import YAML

from post_renderer.migrate.file import FILE_LIMIT
from post_renderer.migrate.polyaxonfile_keys import ELSEWHERE
from post_renderer.migrate.tables import DECIDE, GONE, TAKEN, TODAY
from tests.examples import ROOT, env_of, objects, pod_spec
from tests.support import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = ROOT / "tests" / "migrate"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
ANSWERS = ("expected.yaml", "stderr")


def given(case: str) -> Path:
    (path,) = [path for path in (FOLDER / case).iterdir() if path.name not in ANSWERS]
    return path


def migrate(text: str | bytes, *options: str) -> tuple[int, str, str]:
    result = run("migrate", *options, "-", stdin=text)
    return result.exit_code, result.output.decode(), result.error


def migrated(text: str | bytes) -> Any:
    """What a text becomes, as a YAML 1.2 reader reads it."""
    exit_code, output, error = migrate(text)
    assert exit_code == 0, error
    assert migrate(output)[1] == output
    return YAML(typ="safe", pure=True).load(output)


def comments(text: str) -> Iterator[str]:
    """The comments of the cases, which have no # in their scalars."""
    for line in text.splitlines():
        if "#" in line:
            yield line[line.index("#") :].strip()


@pytest.mark.parametrize("case", CASES)
def test_a_case(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = given(case).read_bytes()
    path = tmp_path / given(case).name
    path.write_bytes(before)
    monkeypatch.chdir(tmp_path)
    result = run("migrate", "--in-place", path.name)
    assert result.error == (FOLDER / case / "stderr").read_text()
    assert path.read_bytes().decode() == (FOLDER / case / "expected.yaml").read_bytes().decode()
    assert (result.exit_code, result.output.decode()) == (0, f"{path.name}: migrated\n")


@pytest.mark.parametrize("case", CASES)
def test_a_second_migrate_changes_nothing(case: str, tmp_path: Path) -> None:
    once = (FOLDER / case / "expected.yaml").read_bytes()
    assert run("migrate", "-", stdin=once).output == once
    path = tmp_path / "values.yaml"
    path.write_bytes(once)
    for options in ([], ["--in-place"]):
        result = run("migrate", *options, str(path))
        assert (result.exit_code, result.output) == (0, b"")
        assert result.error == f"{path}: nothing to migrate\n"
    assert path.read_bytes() == once


@pytest.mark.parametrize("case", CASES)
def test_every_comment_is_still_there(case: str) -> None:
    after = (FOLDER / case / "expected.yaml").read_text()
    found = list(comments(given(case).read_text()))
    for comment in found:
        assert comment in after
    assert found or case == "run-notebook"


@pytest.mark.parametrize("case", CASES)
def test_every_key_and_value_is_still_there_or_named(case: str) -> None:
    """Nothing is dropped in silence: each word of the input is in the output, or said to have changed."""
    after = (FOLDER / case / "expected.yaml").read_text() + (FOLDER / case / "stderr").read_text()
    for word in re.findall(r"[\w./-]+", given(case).read_text()):
        respelled = {"data_refs": "data", "artifact_refs": "outputs", "security_context": "podSecurityContext"}
        respelled |= {"extra": "persistence.extra", "null": ""}
        assert respelled.get(word, word).strip(".") in after, word


@pytest.mark.parametrize("case", CASES)
def test_the_diff_is_a_patch(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / given(case).name
    path.write_bytes(given(case).read_bytes())
    monkeypatch.chdir(tmp_path)
    result = run("migrate", path.name)
    assert result.exit_code == 0
    assert path.read_bytes() == given(case).read_bytes()
    subprocess.run(["patch", "--silent", "-p0"], input=result.output, cwd=tmp_path, check=True, timeout=60)
    assert path.read_bytes() == (FOLDER / case / "expected.yaml").read_bytes()


CATALOG = """\
persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1}
    data-foo: {mountPath: /data/foo, existingClaim: data-foo}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}
"""
# The volumes that a run of the case gets, in order. A bucket is no volume.
BUCKETS = "{image: busybox, polyaxonfile: {environment: {persistence: {data: [images, local], outputs: results}}}}"
RENDERED = {
    "values-0.1.0-single": ("{image: busybox}", ["outputs", "data"]),
    "values-extra": ("{image: busybox}", ["outputs", "data", "images", "shared"]),
    "values-0.1.1-maps": ("{image: busybox}", ["outputs1", "data-foo", "data1", "scratch"]),
    "values-nfs": ("{image: busybox}", ["outputs", "data1"]),
    "values-0.3-buckets": (BUCKETS, ["local"]),
    "values-0.5-full": ("{image: busybox}", ["outputs"]),
    "values-flow": ("{image: busybox}", ["outputs1", "data"]),
    "run-0.0-image": ("", ["outputs1", "data-foo", "data1"]),
    "run-0.1": ("", ["outputs1", "data1", "data-foo"]),
    "run-0.4": ("", ["outputs1", "data-foo", "data1"]),
    "run-0.6": ("", ["outputs1", "data1"]),
    "run-notebook": ("", ["outputs1", "data1"]),
}


@pytest.mark.helm
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("case", RENDERED)
def test_the_result_renders(case: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    ours, volumes = RENDERED[case]
    more = tmp_path / "more.yaml"
    more.write_text(f"runs: {{train: {ours}}}\n" if ours else CATALOG)
    command = [
        str(tools / helm),
        "template",
        "demo",
        "chart",
        "-f",
        str(FOLDER / case / "expected.yaml"),
        "-f",
        str(more),
    ]
    done = subprocess.run(
        [*command, "--post-renderer", "polyaxon-persistence"],
        cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (workload,) = [item for item in objects(done.stdout) if item["kind"] in ("Job", "Deployment")]
    assert [volume["name"] for volume in pod_spec(workload)["volumes"] if volume["name"] != "shm"] == volumes
    assert ('name: "POLYSTORES_RUN_STORES_ACCESS_KEYS"' in done.stdout) == (ours is BUCKETS)


# What is refused: the file, and the problem's code, line, message and hint.
REFUSED: dict[str, tuple[str | bytes, str, int, str, str]] = {
    "not a mapping": ("- a\n", "not-migratable", 1, "it is not a mapping", "name a file of Polyaxon 0.x"),
    "another file": ("apiVersion: v1\nx: 1\n", "not-migratable", 1, "neither values nor a polyaxonfile", "persistence:"),
    "broken YAML": ("persistence:\n  data: {a: [1\n", "invalid-yaml", 2, "", "missing bracket"),
    "tabs": ("persistence:\n\tdata: {}\n", "invalid-yaml", 2, "", "look for"),
    "two documents": ("kind: job\n---\nkind: job\n", "invalid-yaml", 2, "a second document", "keep one of them"),
    "a key twice": ("persistence:\n  data: {}\n  data: {}\n", "duplicate-key", 3, '"data" is repeated', "keep one"),
    "not UTF-8": (b"persistence:\n  data: \xff\n", "invalid-encoding", 2, "not UTF-8", "write it as UTF-8"),
    "a lone return": ("persistence:\n  data: {}\rx: 1\n", "invalid-yaml", 2, "carriage return", "newline"),
    "a directive": ("# a\n%YAML 1.1\n---\nkind: job\nbuild: {image: x}\n", "invalid-yaml", 2, "a directive", "take the line out"),
    "too large": ("#" * (FILE_LIMIT + 1), "input-too-large", 0, "larger than 1 MiB", "split it"),
    "too deep": ("persistence: " + "[" * 200 + "]" * 200, "input-too-large", 1, "nested deeper", "flatten"),
    "a list of volumes": ("persistence:\n  data: [a]\n", "invalid-catalog", 2, "is a mapping of names", "data: {name"),
    "no mapping": ("persistence: yes please\n", "invalid-catalog", 1, "is a mapping", "persistence: {data"),
    "a misspelt key": ("persistense: {}\nrbac: {}\n", "invalid-catalog", 1, '"persistense"', 'did you mean "persistence"?'),
    "an entry of text": ("persistence:\n  data:\n    a: /data\n", "invalid-entry", 3, "is a mapping", "a: {mountPath: /data/a"),
    "variables that are no pairs": (
        "kind: job\nbuild: {image: x}\nenvironment: {env_vars: [[A]]}\n", "not-migratable", 3, "list of names", "env_vars: [[NAME",
    ),
    "one volume among names": (
        "persistence:\n  data:\n    mountPath: /d\n    b: {mountPath: /b}\n", "not-migratable", 3, "among the names", "beside b",
    ),
    "a name under both": (
        "persistence:\n  data: {a: {mountPath: /a}}\n  outputs: {a: {mountPath: /b}}\n", "not-migratable", 3, "under data, too", "rename one",
    ),
    "a name that YAML reads as false": (
        "persistence:\n  data:\n    n: {mountPath: /n, hostPath: /n}\n", "not-migratable", 3, "can't be a name", "another name",
    ),
    "names that fall together": (
        "persistence:\n  data:\n    a_b: {mountPath: /a}\n    a-b: {mountPath: /b}\n", "not-migratable", 3, "can't be a name", "DNS label",
    ),
    "extra without a path": ("persistence:\n  extra:\n  - hostPath: /a\n", "not-migratable", 3, "without a mountPath", "mountPath: /more"),
    "extra as a mapping": ("persistence:\n  extra: {a: 1}\n", "invalid-catalog", 2, "is a list of volumes", "extra: [{"),
    "an unknown key of the catalog": ("persistence:\n  data: {}\n  dta: {}\n", "invalid-catalog", 3, "unknown key", 'did you mean "data"?'),
    "an unknown key of an entry": (
        "persistence:\n  data:\n    a: {mountPath: /a, hostPath: /h, readonly: true}\n", "invalid-entry", 3, '"readonly"', 'did you mean "readOnly"?',
    ),
    "a path that is relative": ("persistence:\n  data:\n    a: {mountPath: a, hostPath: /h}\n", "invalid-entry", 3, "is not absolute", "/a"),
    "a path of ours": (
        "persistence:\n  data:\n    a: {mountPath: /polyaxon/a, hostPath: /h}\n", "invalid-entry", 3, "below /polyaxon", "another path",
    ),
    "a path that leads out": (
        "persistence:\n  data:\n    a: {mountPath: /a, hostPath: ../h}\n", "invalid-entry", 3, "is not absolute", "/h",
    ),
    "a flag in quotes": (
        'persistence:\n  data:\n    a: {mountPath: /a, hostPath: /h, readOnly: "true"}\n', "invalid-entry", 3, "without quotes", "readOnly: true",
    ),
    "a bucket and a claim": (
        "persistence:\n  data:\n    a: {store: s3, bucket: s3://b, existingClaim: c}\n", "invalid-entry", 3, "no pod mounts it", "leave out existingClaim",
    ),
    "a secret without its key": (
        "persistence:\n  data:\n    a: {store: s3, bucket: s3://b, secret: s}\n", "invalid-entry", 3, "without secretKey", "secretKey:",
    ),
    "a container without its account": (
        "persistence:\n  data:\n    a: {store: azure, bucket: b}\n", "invalid-entry", 3, "no URL of azure", "wasbs://",
    ),
    "a line of an entry that moved": (
        "persistence:\n  logs: {}\n  data:\n    a_b: {mountPath: /a, hostPath: /h}\n    c: {mountPath: c, hostPath: /h}\n", "invalid-entry", 5, "is not absolute", "/c",
    ),
    "extra at the path of the one volume": (
        "persistence:\n  data: {existingClaim: c}\n  extra:\n  - hostPath: /a\n    mountPath: /data/\n", "not-migratable", 5, 'another volume is at "/data" too', "another path",
    ),
    "extra twice at one path": (
        "persistence:\n  extra:\n  - {hostPath: /a, mountPath: /more}\n  - {hostPath: /b, mountPath: /more}\n", "not-migratable", 4, 'at "/more" too', "another path",
    ),
    "an anchor that is needed": (
        "rbac: &on {enabled: true}\npersistence: {data: {}}\nguard: *on\n", "alias", 1, "*on refers to this", "write the value out",
    ),
    "an anchor between braces": (
        "persistence: {data: {a: &a {mountPath: /a}}, logs: {}}\n", "alias", 1, "&a", "write the value out",
    ),
    "an alias without anchor": ("persistence: *x\n", "invalid-yaml", 1, "alias", "write the value out"),
    "a build": ("kind: build\nbuild: {image: x}\n", "not-migratable", 1, "kind build has no counterpart", "build the image elsewhere"),
    "a pipeline": ("kind: pipeline\nops: []\n", "not-migratable", 1, "kind pipeline", "one run for each operation"),
    "an unknown kind": ("kind: exeriment\nbuild: {image: x}\n", "not-migratable", 1, '"exeriment"', 'did you mean "experiment"?'),
    "a tuner": (
        "kind: group\nbuild: {image: x}\nhptuning: {hyperband: {max_iterations: 2}}\n", "not-migratable", 3, "no tuner", "one run for each set",
    ),
    "a comment with no place": (
        "persistence: {\n  data: {}, logs: # c\n}\n", "not-migratable", 2, '"# c" would get lost', "a line of its own",
    ),
    "a name over several lines": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  persistence:\n    outputs: |\n      a_b\n", "not-migratable", 5, "several lines", "one line",
    ),
    "a key that is a mapping": ("? persistence: {data: {}}\n", "not-migratable", 1, "neither values", "persistence:"),
    "no image": ("kind: job\nrun: {cmd: x}\n", "not-migratable", 2, "no image", "build: {image"),
    "a dockerfile": ("kind: job\nbuild: {dockerfile: D}\n", "not-migratable", 2, "no image", "build: {image"),
    "replicas": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  tensorflow: {n_workers: 2}\n", "not-migratable", 4, "another one", "one run for each replica",
    ),
    "both spellings": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  data_refs: [a]\n  persistence: {data: [a]}\n", "not-migratable", 4, "is there, too", "keep one",
    ),
    "references that are no list": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  data_refs: a\n", "not-migratable", 4, "list of names", "data_refs: [",
    ),
    "an id of an experiment": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  outputs:\n    experiments: [1]\n", "not-migratable", 5, "an id of Polyaxon's", "experiments: [name]",
    ),
    "a reference that is no name": (
        "kind: job\nbuild: {image: x}\nenvironment: {outputs: {jobs: [a/b/c/d]}}\n", "not-migratable", 3, "is not a run's name", "project/name",
    ),
    "a param that is not there": (
        "kind: job\nbuild: {image: x}\nparams: {lr: 1}\nrun: {cmd: 'a {{ lr }} {{ rate }}'}\n", "not-migratable", 4, 'nothing fills "{{ rate }}"', "under params",
    ),
    "a param without a value": (
        "kind: job\nbuild: {image: x}\nparams: {lr: null}\nrun: {cmd: 'a {{ lr }}'}\n", "not-migratable", 4, 'nothing fills "{{ lr }}"', "under params",
    ),
    "a param in a list of commands": (
        "kind: job\nbuild: {image: x}\nrun:\n  cmd:\n  - a\n  - b {{x}}\n", "not-migratable", 6, 'nothing fills "{{x}}"', "the value itself",
    ),
    "a condition": (
        "kind: job\nbuild: {image: x}\nparams: {a: 1}\nrun: {cmd: '{% if a %}b{% endif %}'}\n", "not-migratable", 4, 'nothing fills "{% if a %}"', "a run of its own",
    ),
    "a param that is a mapping": (
        "kind: job\nbuild: {image: x}\ndeclarations: {m: {d: 1}}\nrun: {cmd: 'a {{ m.d }} {{ m }}'}\n", "not-migratable", 4, '"{{ m }}" is no simple value', "the value itself",
    ),
    "a list with a text that Python escapes": (
        'kind: job\nbuild: {image: x}\nparams: {m: ["it\'s"]}\nrun: {cmd: "a {{ m }}"}\n', "not-migratable", 4, '"{{ m }}" is no simple value', "the value itself",
    ),
    "no commands beside a null": (
        "kind: job\nbuild: {image: x}\nsettings: null\nrun: {cmd: []}\n", "not-migratable", 4, "is a string", "cmd: python",
    ),
    "params twice": (
        "kind: job\nbuild: {image: x}\ndeclarations: {a: 1}\nparams: {a: 1}\n", "not-migratable", 4, "declarations is there, too", "keep one",
    ),
    "a param in the environment": (
        "kind: job\nbuild: {image: x}\nparams: {a: b}\nenvironment:\n  persistence: {outputs: '{{ a }}'}\n", "not-migratable", 5, "only run.cmd is filled", "the value itself",
    ),
    "a param in a variable": (
        "kind: job\nbuild: {image: x}\nparams: {a: b}\nrun:\n  cmd: x\n  env_vars: [[A, '{{ a }}']]\n", "not-migratable", 6, "only run.cmd is filled", "the value itself",
    ),
    "several lines of commands": (
        "kind: job\nbuild: {image: x}\nrun:\n  cmd: |\n    a\n    b\n", "not-migratable", 4, "several lines", "write a list",
    ),
    "a number for a command": ("kind: job\nbuild: {image: x}\nrun: {cmd: 5}\n", "not-migratable", 3, "is a string", "cmd: python"),
    "no commands": ("kind: job\nbuild: {image: x}\nrun: {cmd: []}\n", "not-migratable", 3, "is a string", "cmd: python"),
    "a tensorboard without an image": ("version: 1\nkind: tensorboard\n", "not-migratable", 1, "no image", "build: {image"),
    "a tensorboard with a dockerfile": (
        "kind: tensorboard\nbuild:\n  dockerfile: D\n", "not-migratable", 3, "no image", "build: {image",
    ),
    "a variable without a value": (
        "kind: job\nbuild: {image: x}\nrun:\n  env_vars:\n  - [A, null]\n", "not-migratable", 5, '"A" has no value', '"" for an empty one',
    ),
    "a variable that YAML reads as true": (
        "kind: job\nbuild: {image: x}\nrun:\n  env_vars:\n  - [on, a]\n", "not-migratable", 5, '"on" is no name', "in quotes",
    ),
    "a variable that an image fills": (
        "kind: job\nbuild: {image: x, env_vars: [[PATH, '/x:$PATH']]}\n", "not-migratable", 2, '"PATH" holds a $', "the value itself",
    ),
    "a variable of many digits": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  env_vars: {A: 9_007_199_254_740_993}\n", "not-migratable", 4, "may lose digits", "in quotes",
    ),
    "a param of many digits": (
        "kind: job\nbuild: {image: x}\nparams:\n  a: [{b: -9007199254740992}]\n", "not-migratable", 4, "may lose digits", "in quotes",
    ),
    "a param without an end": ("kind: job\nbuild: {image: x}\nparams: {a: .inf}\n", "not-migratable", 3, "may lose digits", "in quotes"),
    "a param called true": ('kind: job\nbuild: {image: x}\nparams: {"true": 1}\n', "not-migratable", 3, "can't be a name", "another name"),
    "a list for a kind": ("kind: [job]\nbuild: {image: x}\n", "not-migratable", 1, "is a string", "kind: "),
    "another version": ("version: 1.1\nkind: job\nbuild: {image: x}\n", "not-migratable", 1, "is not 1", "version: 1"),
    "a near miss": ("kind: job\nbuild: {image: x}\nframwork: a\n", "not-migratable", 3, '"framwork"', 'did you mean "framework"?'),
    "values of an operation": ("kind: job\nbuild: {image: x}\ninputs: [{name: a}]\n", "not-migratable", 3, "another one", "under params"),
    "results of an operation": (
        "kind: job\nbuild: {image: x}\noutputs: [{name: a}]\n", "not-migratable", 3, "another one", "write what the program writes below",
    ),
    "a mapping among names": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  config_map_refs: [a, {name: b}]\n", "not-migratable", 4, "list of names", "config_map_refs: [",
    ),
    "a number for a label": (
        "kind: job\nbuild: {image: x}\nenvironment: {labels: {a: 1}}\n", "not-migratable", 3, "mapping of strings", "labels: {",
    ),
    "a label of the chart's": (
        "kind: job\nbuild: {image: x}\nenvironment: {labels: {polyaxon.com/run: a}}\n", "not-migratable", 3, "not free", "take it out",
    ),
    "less than no restart": (
        "kind: job\nbuild: {image: x}\nenvironment: {max_restarts: -1}\n", "not-migratable", 3, "whole number", "max_restarts: 3",
    ),
    "a TPU": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  resources:\n    tpu: {limits: 8}\n", "not-migratable", 5, "another one", "resource's full name",
    ),
    "GPUs that are two numbers": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  resources:\n    gpu: {requests: 1, limits: 2}\n", "not-migratable", 5, "as many GPUs", "the same number",
    ),
    "an amount that is a list": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  resources:\n    cpu: {limits: [1]}\n", "not-migratable", 5, "is a number", "limits: 1",
    ),
    "a bound that is none": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  resources:\n    cpu: {limit: 1}\n", "not-migratable", 5, '"limit"', "requests or limits",
    ),
    "a run twice in one list": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  outputs: {jobs: [b, b]}\n", "not-migratable", 4, '"b" is repeated', "name it once",
    ),
    "a project that is a mapping": (
        "kind: job\nbuild: {image: x}\nproject: {name: p}\n", "not-migratable", 3, "is a name", "project: my-project",
    ),
    "a user that is a number": ("kind: job\nbuild: {image: x}\nuser: 12\n", "not-migratable", 3, "is a name", "user: my-team"),
    "an empty command": ("kind: job\nbuild: {image: x}\nrun: {cmd: ''}\n", "not-migratable", 3, "is a string", "cmd: python"),
    "a time that is no number": (
        "kind: job\nbuild: {image: x}\nenvironment: {ttl: 1h}\n", "not-migratable", 3, "number of seconds", "ttl: 3600",
    ),
    "a security context of text": (
        "kind: job\nbuild: {image: x}\nenvironment: {security_context: root}\n", "not-migratable", 3, "is a mapping", "runAsUser",
    ),
    "a section of text": ("kind: job\nbuild: x\nrun: {cmd: y}\n", "not-migratable", 2, "build: is a mapping", "build: {"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_says_where_and_what_to_write(what: str) -> None:
    text, code, line, message, hint = REFUSED[what]
    exit_code, output, error = migrate(text)
    assert (exit_code, output) == (1, "")
    place = f"(standard input, line {line})" if line else "(standard input)"
    said = [block for block in error.split("error[")[1:] if block.startswith(f"{code}] (file) {place}")]
    assert any(message in block and hint in block.split("  hint: ")[1] for block in said), error


def test_all_problems_are_told_at_once_and_no_file_is_changed(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("persistence: {logs: {mountPath: /l}}\n")
    bad.write_text("persistence:\n  data:\n    a: 1\n    b: {hostPath: /b}\n    c: []\n  outputs:\n    c: 2\n")
    result = run("migrate", "--in-place", str(good), str(bad))
    assert (result.exit_code, result.output) == (1, b"")
    assert re.findall(r"error\[.*line (\d)", result.error) == ["3", "5", "7"]
    assert "logs" in good.read_text()
    assert not good.read_text().count("#")


def test_what_a_render_would_refuse_is_told_with_the_rest_and_once() -> None:
    text = "kind: exeriment\nbuild: {image: x}\nproject: {}\nenvironment: {outputs: {jobs: [1]}}\n"
    assert re.findall(r"error\[.*line (\d)", migrate(text)[2]) == ["1", "3", "4"]


def test_strict_takes_what_has_no_counterpart_for_a_problem() -> None:
    text = "persistence: {logs: {mountPath: /l}}\n"
    assert migrate(text)[0] == 0
    exit_code, output, error = migrate(text, "--strict")
    assert (exit_code, output) == (1, "")
    assert "error[not-migrated]" in error


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("persistence:\n  repos: {}\n")
    result = run("migrate", "--output", "json", str(path))
    told = json.loads(result.output)
    assert (result.exit_code, result.error) == (0, "")
    assert [problem["code"] for problem in told["problems"]] == ["changed-meaning", "changed-meaning", "not-migrated"]
    (row,) = told["files"]
    assert (row["file"], row["changed"]) == (str(path), True)
    assert "-  repos: {}\n" in row["diff"]
    path.write_text("- x\n")
    refused = run("migrate", "--output=json", str(path))
    assert refused.exit_code == 1
    assert json.loads(refused.output)["files"] == [{"file": str(path), "changed": False, "diff": ""}]


def test_in_place_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("persistence: {logs: {}}\n")
    path.chmod(0o640)
    assert run("migrate", "--in-place", str(path)).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["values.yaml"]


def test_in_place_refuses_what_is_no_regular_file(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "values.yaml", tmp_path / "link.yaml", tmp_path / "pipe"
    target.write_text("persistence: {logs: {}}\n")
    link.symlink_to(target)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path):
        result = run("migrate", "--in-place", str(path))
        assert (result.exit_code, result.output) == (2, b"")
        assert f"{path}: not a regular file" in result.error
    assert target.read_text() == "persistence: {logs: {}}\n"
    assert run("migrate", str(link)).exit_code == 0


def test_in_place_that_can_t_be_written_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("persistence: {logs: {}}\n")
    beside = tmp_path / f"values.yaml.{os.getpid()}.new"
    beside.mkdir()
    result = run("migrate", "--in-place", str(path))
    assert (result.exit_code, result.output) == (2, b"")
    assert "can't be written" in result.error
    assert path.read_text() == "persistence: {logs: {}}\n"


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff# a\r\npersistence:\r\n  data:\r\n    mountPath: /d\r\n    existingClaim: c"
    output = run("migrate", "-", stdin=text.encode()).output.decode()
    assert output == (
        "\ufeff# a\r\npersistence:\r\n  data:\r\n    data:\r\n      mountPath: /d\r\n      existingClaim: c"
    )
    assert migrate(output)[1] == output


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n", "\ufeff", "{}\n"])
def test_an_empty_file_is_one_of_today_s(text: str) -> None:
    exit_code, output, error = migrate(text)
    assert (exit_code, output, error) == (0, text, "-: nothing to migrate\n")


def test_today_s_files_stay_as_they_are() -> None:
    examples = [*(ROOT / "values-examples").glob("*.yaml"), ROOT / "chart" / "values.yaml"]
    assert len(examples) > 5
    for path in examples:
        result = run("migrate", "--strict", str(path))
        assert (result.exit_code, result.output, result.error) == (0, b"", f"{path}: nothing to migrate\n")


def test_today_s_keys_are_the_chart_s() -> None:
    schema = json.loads((ROOT / "chart" / "values.schema.json").read_text())
    assert set(schema["properties"]) == set(TODAY)


def test_no_source_is_given_to_half_a_bucket() -> None:
    error = migrate("persistence:\n  data:\n    a: {mountPath: /a, bucket: s3://b}\n")[2]
    assert "a bucket has a store" in error
    assert "volumeSource" not in error


@pytest.mark.parametrize(
    "entry",
    ["bucket: s3://prod", "bucket: gs://prod", "store: gcs", "secretKey: prod.json", "secret: prod", "bucket: s3://b, secret: s", "secret: s, secretKey: k, readOnly: true"],
)  # fmt: skip
def test_part_of_a_bucket_is_left_to_what_another_values_file_brings(entry: str) -> None:
    text = f"persistence: {{outputs: {{o: {{{entry}}}}}}}\n"
    assert migrate(text) == (0, text, "-: nothing to migrate\n")
    said = migrate(text + "rbac: {}\n")[2]
    assert "persistence.outputs.o: a bucket without" in said
    assert "mountPath is missing" not in said


@pytest.mark.parametrize(
    ("entry", "said"),
    [("bucket: prod", "a bucket has a store"), ("store: s4", "unknown store"), ("store: s3, bucket: gs://b", "no URL of s3"), ("store: [a]", "store is a string")],
)  # fmt: skip
def test_what_no_other_values_file_mends_in_part_of_a_bucket_is_refused(entry: str, said: str) -> None:
    assert said in migrate(f"persistence: {{outputs: {{o: {{{entry}}}}}}}\n")[2]


def test_extra_volumes_stand_behind_the_comments_of_the_last_entry() -> None:
    text = (
        "persistence:\n  data:\n    a:\n      hostPath: /a\n      # of a\n  extra:\n  - {mountPath: /b, hostPath: /b}\n"
    )
    assert "      # of a\n    b: {mountPath: /b, hostPath: /b}\n" in migrate(text)[1]


def test_what_another_values_file_may_bring_is_no_problem() -> None:
    for text in (
        "persistence: {defaultData: [a], data: {a: {readOnly: true}, b: {mountPath: /b, create: {size: 1Gi}}}}\n",
        "persistence: {data: {a: {secretKey: k}}}\nruns: {}\n",
        "persistence: {data: {a: {accessModes: [ReadWriteMany]}, b: {hostPathType: Directory}}}\n",
    ):
        assert migrate(text) == (0, text, "-: nothing to migrate\n")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("persistence:  # ours\n  logs: {existingClaim: c}\n  repos:\n    hostPath: /r\n", {"persistence": {}}),
        ("persistence: {logs: {}}\n", {"persistence": {}}),
        ("persistence: &p  # a\n  logs: {}\n  # b\n", {"persistence": {}}),
        ("persistence:  # a\n  # b\n  &p !!map  # c\n  logs: {}\n", {"persistence": {}}),
        (
            'persistence:\n  data:\n    b:\n      secret: ""\n      secretKey: ""\n',
            {"persistence": {"data": {"b": {}}}},
        ),
        ('persistence: {data: {d: {existingClaim: ""}}}\n', {"persistence": {"data": {"d": {}}}}),
        ("persistence: {data: {d: {size: 5Gi}}}\n", {"persistence": {"data": {"d": {}}}}),
        ("persistence: {outputs: {o: {accessMode: ReadWriteMany}}}\n", {"persistence": {"outputs": {"o": {}}}}),
    ],
)
def test_a_mapping_that_loses_all_its_keys_is_empty_and_not_null(text: str, left: dict[str, Any]) -> None:
    """In a file that lies over another one, Helm takes null for a wish to take the other file's entries away."""
    assert migrated(text) == left


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("run: {image: x}\n", {"build": {"image": "x"}, "run": {}}),
        ("run: {nocache: true, image: x}\n", {"run": {}}),
        ("build: {}\nrun:  # by hand\n  image: x\n", {"build": {"image": "x"}, "run": {}}),
        ("build: {image: x}\nenvironment: {ttl: 3, security_context: {}}\n", {"environment": {}}),
        ("build: {image: x}\nenvironment:\n  persistence: {data: []}\n", {"environment": {"persistence": {}}}),
    ],
)
def test_a_section_that_loses_all_its_keys_is_empty_and_not_null(text: str, sections: dict[str, Any]) -> None:
    file = migrated("kind: job\n" + text)["runs"]["job"]["polyaxonfile"]
    assert file == {"kind": "job", "build": {"image": "x"}} | sections


@pytest.mark.helm
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize(
    ("overlay", "volumes"),
    [
        ("persistence:\n  logs:\n    existingClaim: logs-pvc\npostgresql:\n  enabled: false\n", ["outputs1", "data-foo", "data1"]),
        ("persistence: {data: {data1: {size: 5Gi}}}\n", ["outputs1", "data-foo", "data1"]),
        ('persistence: {data: {data1: {existingClaim: "", hostPath: /h}}}\n', ["outputs1", "data-foo", "data1"]),
    ],
)  # fmt: skip
def test_a_migrated_file_goes_over_another_one(
    overlay: str, volumes: list[str], helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    layers = {
        "base": CATALOG + "runs: {train: {image: busybox}}\n",
        "overlay": migrate(overlay)[1],
    }
    command = [str(tools / helm), "template", "demo", "chart", "--post-renderer", "polyaxon-persistence"]
    for name, text in layers.items():
        (tmp_path / name).write_text(text)
        command += ["-f", str(tmp_path / name)]
    done = subprocess.run(
        command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    (job,) = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    assert [volume["name"] for volume in pod_spec(job)["volumes"] if volume["name"] != "shm"] == volumes


def test_aliases_and_merge_keys_of_a_catalog_stay() -> None:
    text = """\
persistence:
  data:
    a: &a
      mountPath: /a
      existingClaim: a-pvc
    b: *a
    c: {<<: *a, mountPath: /c}
  repos: {}
"""
    data = migrated(text)["persistence"]["data"]
    assert data["a"] == data["b"] == {"mountPath": "/a", "existingClaim": "a-pvc"}
    assert data["c"] == {"mountPath": "/c", "existingClaim": "a-pvc"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("existingClaim: c, accessMode: ReadWriteOnce", {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]}),
        ("name: c, accessMode: 'ReadOnlyMany'", {"existingClaim": "c", "accessModes": ["ReadOnlyMany"]}),
        ("existingClaim: c, accessModes: ReadWriteOnce", {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]}),
        ("existingClaim: c, accessModes: [ReadWriteOnce]", {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]}),
        ("existingClaim: c, accessMode: RWO", {"existingClaim": "c"}),
        ("hostPath: /h, accessMode: ReadWriteOnce", {"hostPath": "/h"}),
    ],
)
def test_the_mode_of_a_claim_stays_a_list(entry: str, expected: dict[str, Any]) -> None:
    assert migrated(f"persistence:\n  data:\n    a: {{mountPath: /a, {entry}}}\nrepos: {{}}\n") == {
        "persistence": {"data": {"a": {"mountPath": "/a", **expected}}}
    }


@pytest.mark.parametrize("none", ["", "~", "null", '""', "''"])
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("existingClaim: {}\nname: c\nmountPath: /d", {"mountPath": "/d", "existingClaim": "c"}),
        ("existingClaim: {}\nmountPath: /d", {"mountPath": "/d", "existingClaim": "polyaxon-pvc-data"}),
        ("mountPath: {}\nexistingClaim: c", {"mountPath": "/data", "existingClaim": "c"}),
        ("mountPath: {}\nname: {}", {"mountPath": "/data", "existingClaim": "polyaxon-pvc-data"}),
    ],
)
def test_an_empty_key_of_the_one_volume_says_nothing(entry: str, expected: dict[str, str], none: str) -> None:
    lines = entry.replace("{}", none).splitlines()
    block = "".join(f"    {line}\n" for line in lines)
    for text in (f"persistence:\n  data:\n{block}", f"persistence: {{data: {{{', '.join(lines)}}}}}\n"):
        data = migrated(text)["persistence"]["data"]["data"]
        assert {key: value for key, value in data.items() if value is not None} == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            "existingClaim: ~, name: c, accessMode: ReadWriteOnce",
            {"existingClaim": "c", "accessModes": ["ReadWriteOnce"]},
        ),
        ('existingClaim: "", hostPath: null, name: c', {"existingClaim": "c"}),
        ("existingClaim: ~, hostPath: /h, accessMode: ReadWriteOnce, name: c", {"hostPath": "/h"}),
        ("existingClaim: ~, hostPath: ~", {"volumeSource": {"emptyDir": {}}}),
        ('hostPath: /h, store: "", bucket: "", secret: "", secretKey: ""', {"hostPath": "/h"}),
        ('store: s3, bucket: "s3://b", mountPath: /b, existingClaim: ~', {"store": "s3", "bucket": "s3://b"}),
    ],
)
def test_an_empty_key_of_an_entry_says_nothing(entry: str, expected: dict[str, Any]) -> None:
    path = "" if "store: s3" in entry else "mountPath: /a, "
    values = migrated(f"persistence:\n  data:\n    a: {{{path}{entry}}}\nrepos: {{}}\n")
    data = {key: value for key, value in values["persistence"]["data"]["a"].items() if value is not None}
    assert data == ({"mountPath": "/a"} if path else {}) | expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('existingClaim: "", hostPath: /h', {"existingClaim": None, "hostPath": "/h"}),
        ('mountPath: /a, hostPath: "", existingClaim: c', {"mountPath": "/a", "hostPath": None, "existingClaim": "c"}),
        ('existingClaim: "", hostPath: ""', {}),
    ],
)
def test_an_empty_source_beside_another_one_takes_away_an_earlier_file_s(entry: str, expected: dict[str, Any]) -> None:
    assert migrated(f"persistence: {{data: {{a: {{{entry}}}}}}}\n") == {"persistence": {"data": {"a": expected}}}


@pytest.mark.parametrize(
    ("name", "slug"), [("NULL", "null"), ("1E3", "1e3"), ("0X1F", "0x1f"), ("2020_01_01", "2020-01-01"), ("A_B", "a-b")]
)
def test_a_name_that_changes_stays_a_string_to_every_reader(name: str, slug: str) -> None:
    entry = "{mountPath: '//a #b', hostPath: /h}"
    text = f"persistence:\n  data: {{{name!r}: {entry}}}\n  extra: [{{mountPath: /m/{name}, hostPath: /m}}]\n"
    asks = f"kind: job\nbuild: {{image: x}}\nenvironment: {{persistence: {{data: [{name!r}], outputs: {name!r}}}}}\n"
    for read in (yaml.safe_load, YAML(typ="safe", pure=True).load):
        data = read(migrate(text)[1])["persistence"]["data"]
        assert [type(key) for key in data] == [str, str]
        assert data[slug]["mountPath"] == "/a #b"
        file = read(migrate(asks, "--name", slug)[1])["runs"][slug]["polyaxonfile"]
        assert file["environment"] == {"persistence": {"data": [slug], "outputs": slug}}


def test_an_outputs_name_that_becomes_a_word_of_yaml_is_quoted() -> None:
    assert 'outputs: "yes"' in migrate(whole("environment: {persistence: {outputs: 'YES'}}\n"))[1]


def test_what_is_no_name_of_a_volume_does_not_become_one() -> None:
    assert "outputs: NULL}" in migrate(whole("environment: {persistence: {outputs: NULL}}\n"))[1]
    assert "error[" in migrate(whole("environment: {persistence: {outputs: YES}}\n"))[2]


@pytest.mark.parametrize("blanks", range(12))
def test_a_text_keeps_its_lines_of_blanks(blanks: int) -> None:
    text = "params:\n  text: |\n    a\n" + " " * blanks + "\n\n      b\n"
    image = "run:\n  image: |-\n    x\n" + " " * blanks + "\n    y\n"
    before = yaml.safe_load(text)["params"], yaml.safe_load(image)["run"]["image"]
    file = migrated(f"kind: job\n{text}{image}  cmd: a\n")["runs"]["job"]["polyaxonfile"]
    assert (file["params"], file["build"]["image"]) == before


@pytest.mark.parametrize("key", ["environment: {restart_policy: Never}", "termination: {max_restarts: 3}"])
def test_a_hint_names_no_key_that_the_kind_does_not_have(key: str) -> None:
    for kind in ("notebook", "tensorboard"):
        said = migrate(whole(f"kind: {kind}\n{key}\n"))[2]
        assert "it is started again whenever it ends" in said
        assert "environment.max_restarts" not in said
    assert "write environment.max_restarts" in migrate(whole(f"kind: job\n{key}\n"))[2]


@pytest.mark.parametrize("key", ["labels", "annotations", "node_selector", "node_selectors"])
def test_a_label_that_yaml_takes_for_a_boolean_is_written_in_quotes(key: str) -> None:
    text = whole(f"environment: {{{key}: {{y: '1', on: '1', 'no': '1', true: '1', a: b}}}}\n")
    exit_code, output, error = migrate(text)
    assert (exit_code, error.count("in quotes now")) == (0, 2)
    assert f"{key}: {{\"y\": '1', \"on\": '1', 'no': '1', true: '1', a: b}}" in output


@pytest.mark.parametrize(
    "sections",
    [
        "declarations:\nparams: {a: 1}\nrun: {cmd: 'x {{ a }}'}\n",
        "declarations: {a: 1}\nparams: null\nrun: {cmd: 'x {{ a }}'}\n",
        "environment: {node_selectors: ~, node_selector: {a: b}}\n",
        "environment: {data_refs: ~, persistence: {data: [a]}}\n",
    ],
)
def test_a_null_is_no_second_spelling(sections: str) -> None:
    assert migrate(whole(sections))[0] == 0


def test_json_values() -> None:
    text = '{"rbac": {"enabled": true}, "persistence": {"data": {"mountPath": "/d", "existingClaim": "c"}}}'
    assert migrated(text) == {"persistence": {"data": {"data": {"mountPath": "/d", "existingClaim": "c"}}}}


@pytest.mark.parametrize("file", ["polyaxonfile.yml", "train.yml", "polyaxonfile_train.yaml", "Train.polyaxonfile.yml"])
def test_a_run_is_named_by_option_by_itself_by_its_file_or_by_its_kind(file: str, tmp_path: Path) -> None:
    path = tmp_path / file

    def name_of(text: str, *options: str) -> str:
        path.write_text(text)
        assert run("migrate", "--in-place", *options, str(path)).exit_code == 0
        (name,) = yaml.safe_load(path.read_text())["runs"]
        return str(name)

    text = "kind: experiment\nbuild: {image: x}\n"
    assert name_of(text) == ("experiment" if file == "polyaxonfile.yml" else "train")
    assert name_of(text + "name: My_Model\n") == "my-model"
    assert name_of(text + "name: other\n", "--name", "this") == "this"


COMMANDS = [
    "params: {lr: 0.1, name: x, none: [null]}\nrun: {cmd: 'a {{ lr }} {{name}} {{ none[0] }}'}\n",
    "declarations: {m: {d: 1}, l: [a, 2]}\nrun: {cmd: ['a {{ m.d }}', 'b {{ l }} {{ l[1] }}']}\n",
    "run:\n  cmd: |\n    a \\\n      --b\n",
]


@pytest.mark.helm
@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_that_params_fill_is_migrated_and_rendered(
    text: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes(run("migrate", "-", stdin=f"kind: job\nbuild: {{image: x}}\n{text}").output)
    command = [str(tools / "helm4"), "template", "demo", "chart", "-f", str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=env_of("helm4", helm_env), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    (job,) = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    container = pod_spec(job)["containers"][0]
    assert "{{" not in str([container.get("command"), container.get("args")])


# Polyaxonfiles that mean the same to the chart as text and as the run that they become.
SAME = [
    "environment: {env_vars: [[A, yes], [B, 0x10], [C, 1.50], [D, true], [E, 1_000], [F, 1e-7], [G, 'no'], [H, 2020-01-01]]}\n",
    'run: {cmd: a, env_vars: [[A, run], [B, "q\\tz"]]}\nbuild: {image: x, lang_env: C.UTF-8, env_vars: {B: 1}}\n',
    "environment: {env_vars: {B: a, A: environment}}\nrun: {env_vars: [[A, run]]}\n",
    "kind: notebook\nbackend: lab\n",
    "kind: notebook\nbackend: notebook\n",
    "kind: tensorboard\nbackend: native\n",
    "version: 1.0\nbackend: native\nname: a\ntags: [a]\nframework: keras\ndescription: |+\n  a\n\n",
    "params: {lr: 1e-05, d: 2020-01-01, n1: 123456789012, o: 0o17, z: -0.0, u: 1_000}\nrun: {cmd: 'a {{ lr }} {{ o }} {{ u }}'}\n",
    "environment: {labels: {1: 'a'}, tolerations: [{operator: Exists}], affinity: {}, resources: {cpu: {limits: 1.50}, gpu: {requests: 1}}}\n",
    "environment: {service_account: a, image_pull_secrets: [b], secret_refs: [c], config_map_refs: [d], max_restarts: 3.0}\n",
    "environment: {resources: {cpu: &c {requests: 1, limits: 2}, memory: {<<: *c, limits: 3}, gpu: {requests: &g 1, limits: *g}}}\n",
    "environment:\n  <<: {node_selector: {a: b}}\n  resources: {gpu: {requests: 1, limits: 1.0}}\n",
    "params: {image: &i x}\nbuild: {image: *i}\n",
    "environment: {replicas: null, pytorch: , nothing: ~}\ninputs: null\nsettings: ~\nrun: {cmd: null}\n",
]
# What migrate can save and the chart refuses as it is: what becomes of it.
SAVED: dict[str, dict[str, Any]] = {
    "declarations: {on: 3, 'off': {n: 1}}\n": {"declarations": {"on": 3, "off": {"n": 1}}},
    "environment: {env_vars: {y: 3}}\n": {"environment": {"env_vars": {"y": 3}}},
    "environment: {replicas: {}, restart_policy: Never, backend: x}\n": {"environment": {}},
    "conditions: []\ntermination: {timeout: 3}\nnobody: 1\n": {},
    "backend: kubeflow\n": {},
    "kind: notebook\nbackend: colab\nenvironment: {max_restarts: 3, ttl: 5}\n": {"environment": {}},
    "kind: \n": {"kind": "experiment"},
    "run: {cmd: a}\n...\n# end\n": {"run": {"cmd": "a"}},
}


def whole(text: str) -> str:
    """A polyaxonfile with what each one needs."""
    head = "" if "kind:" in text else "kind: experiment\n"
    return head + ("" if "build:" in text else "build: {image: x}\n") + text


@pytest.mark.helm
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_run_is_what_the_chart_makes_of_the_polyaxonfile(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    options: dict[str, list[str]] = {"as text": [], "migrated": []}
    for number, text in enumerate(SAME):
        file, values = tmp_path / f"{number}.yml", tmp_path / f"{number}.yaml"
        file.write_text(whole(text))
        exit_code, output, error = migrate(whole(text), "--name", f"r{number}")
        assert (exit_code, error) == (0, ""), text
        values.write_text(output)
        options["as text"] += ["--set-file", f"runs.r{number}.polyaxonfile={file}"]
        options["migrated"] += ["-f", str(values)]
    rendered = []
    for more in options.values():
        done = subprocess.run(
            [str(tools / helm), "template", "demo", "chart", *more],
            cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rendered.append(done.stdout)
    assert rendered[0] == rendered[1]


@pytest.mark.helm
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_what_the_chart_would_refuse_as_it_is_renders_when_it_is_migrated(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    more = []
    for number, (text, expected) in enumerate(SAVED.items()):
        name = ["on", "1e3"][number] if number < 2 else f"r{number}"
        exit_code, output, error = migrate(whole(text), "--name", name)
        assert (exit_code, "warning[" in error) == (0, "..." not in text), error
        file = YAML(typ="safe", pure=True).load(output)["runs"][name]["polyaxonfile"]
        assert (
            file
            == {"kind": "experiment", "build": {"image": "x"}}
            | ({"kind": "notebook"} if "notebook" in text else {})
            | expected
        )
        path = tmp_path / f"{number}.yaml"
        path.write_text(output)
        more += ["-f", str(path)]
    done = subprocess.run(
        [str(tools / helm), "template", "demo", "chart", *more],
        cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len([item for item in objects(done.stdout) if item["kind"] in ("Job", "Deployment")]) == len(SAVED)


def test_the_keys_of_a_polyaxonfile_are_the_chart_s() -> None:
    template = (ROOT / "chart" / "templates" / "_polyaxonfile.tpl").read_text()
    keys = yaml.safe_load(template.split('polyaxonfileKeys" -}}')[1].split("{{- end }}")[0])
    keys[""] = keys.pop("polyaxonfile")
    assert {section: rows["taken"] for section, rows in keys.items()} == TAKEN
    for section, rows in keys.items():
        for key in rows.get("instead", {}):
            assert key in DECIDE.get(section, ()) or key in GONE.get(section, ()) or (section, key) in ELSEWHERE


def test_what_an_alias_stands_for_is_the_chart_s_to_judge() -> None:
    text = (
        "kind: job\nbuild: {image: x}\nparams: {a: &a 1, b: *a}\nversion: *a\n"
        "run: {cmd: 'x {{ b }}', env_vars: [[A, *a]]}\nenvironment: {max_restarts: *a, labels: {a: *a}}\n"
    )
    assert migrated(text)["runs"]["job"]["polyaxonfile"]["run"] == {"cmd": "x {{ b }}", "env_vars": [["A", 1]]}


@pytest.mark.parametrize(
    "sections",
    [
        "environment: {resources: {cpu: &c {requests: 1, limits: 2}, memory: {<<: *c, limits: 3}}}\n",
        "environment:\n  <<: {node_selector: {a: b}}\n  max_restarts: 3\n",
        "params: &p {cmd: a}\nrun: {<<: *p, env_vars: [[A, b]]}\n",
        "params: {u: &u {a: b}, v: &v {c: d}}\nenvironment: {labels: {<<: [*u, *v]}, env_vars: {<<: [*u, *v], B: c}}\n",
        "environment: {resources: {gpu: {requests: &g 1, limits: *g}}}\n",
        "environment: {resources: {gpu: {requests: 1, limits: 1.0}}}\n",
        "environment: {resources: {gpu: {requests: '1', limits: 1}}}\n",
        "params: {image: &i x}\nbuild: {image: *i}\n",
        "params: {of: &b {image: x}}\nbuild: {<<: *b}\n",
        "params: {of: &b {image: x}}\nbuild: *b\n",
    ],
)
def test_merge_keys_and_aliases_of_a_polyaxonfile_are_left_to_helm(sections: str) -> None:
    exit_code, output, error = migrate(whole(sections))
    assert (exit_code, error) == (0, "")
    assert [line.strip() for line in output.splitlines()[3:]] == [line.strip() for line in whole(sections).splitlines()]


def test_two_files_of_one_run_name_are_a_problem(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "polyaxonfile.yml" for folder in ("a", "b", "c")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("kind: experiment\nbuild: {image: x}\n")
    paths[2].write_text("kind: experiment\nname: other\nbuild: {image: x}\n")
    before = [path.read_text() for path in paths]
    result = run("migrate", "--in-place", *map(str, paths))
    assert (result.exit_code, result.output) == (1, b"")
    (said,) = re.findall(r"error\[.*", result.error)
    assert said == (
        f'error[not-migratable] (file) ({paths[1]}): it becomes the run "experiment", and {paths[0]} does too'
    )
    assert "hint: migrate it alone, with --name NAME" in result.error
    assert [path.read_text() for path in paths] == before
    assert run("migrate", "--in-place", str(paths[0]), str(paths[2])).exit_code == 0
    assert run("migrate", "--in-place", "--name", "second", str(paths[1])).exit_code == 0


def test_usage() -> None:
    for words, message in (
        ([], "migrate needs a FILE"),
        (["a", "a"], "a is repeated"),
        (["--in-place", "-"], "--in-place needs files"),
        (["--name", "x", "a", "b"], "--name names one run"),
        (["--name", "A b", "a"], "can't be a run's name"),
        (["/nowhere/at/all"], "/nowhere/at/all: No such file"),
        (["--in-plac", "a"], 'no option of migrate "--in-plac"'),
    ):
        result = run("migrate", *words)
        assert (result.exit_code, result.output) == (2, b"")
        assert message in result.error, result.error
