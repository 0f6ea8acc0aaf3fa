"""Files of Polyaxon 0.x become today's values: each directory of cases is one file, what becomes of it and what is said."""

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
from post_renderer.migrate.tables import DECIDE, GONE, OF_THE_RUN, SECTIONS, TODAY
from tests.support.cli import run
from tests.support.examples import env_of, objects, pod_spec
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = ROOT / "tests" / "unit" / "migrate" / "cases"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
ANSWERS = ("expected.yaml", "stderr")
NEXT = "next: helm template demo CHART -f FILE | polyaxon-persistence check\n"


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
        assert result.error.startswith(f"{path}: nothing to migrate\n")
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
    "not a mapping": ("- a\n", "not-migratable", 1, "it is not a mapping", "name a values file"),
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
    "one volume among names": (
        "persistence:\n  data:\n    mountPath: /d\n    b: {mountPath: /b}\n", "not-migratable", 3, "among the names", "beside b",
    ),
    "names that fall together": (
        "persistence:\n  data:\n    a_b: {mountPath: /a}\n    a-b: {mountPath: /b}\n", "not-migratable", 3, 'another volume is called "a-b"', "rename one",
    ),
    "extra of text": ("persistence:\n  extra:\n  - {mountPath: /m, hostPath: /h}\n  - a\n", "not-migratable", 2, "is a list of volumes", "extra: [{"),
    "extra as a mapping": ("persistence:\n  extra: {a: 1}\n", "not-migratable", 2, "is a list of volumes", "extra: [{"),
    "an unknown key of the catalog": ("persistence:\n  data: {}\n  dta: {}\n", "invalid-catalog", 3, "unknown key", 'did you mean "data"?'),
    "an anchor that is needed": (
        "rbac: &on {enabled: true}\npersistence: {data: {}}\nguard: *on\n", "alias", 1, "*on refers to this", "write the value out",
    ),
    "an anchor between braces": (
        "persistence: {data: {a: &a {mountPath: /a}}, logs: {}}\n", "alias", 1, "&a", "write the value out",
    ),
    "an alias without anchor": ("persistence: *x\n", "invalid-yaml", 1, "alias", "write the value out"),
    "a build": ("kind: build\nbuild: {image: x}\n", "not-migratable", 1, "kind build has no counterpart", "build the image elsewhere"),
    "a pipeline": ("kind: pipeline\nops: []\n", "not-migratable", 1, "kind pipeline", "one run for each operation"),
    "a tuner": (
        "kind: group\nbuild: {image: x}\nhptuning: {hyperband: {max_iterations: 2}}\n", "not-migratable", 3, "another one", "one run for each set",
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
    "a param in a variable": (
        "kind: job\nbuild: {image: x}\nparams: {a: b}\nrun:\n  cmd: x\n  env_vars: [[A, '{{ a }}']]\n", "not-migratable", 6, "only run.cmd is filled", "the value itself",
    ),
    "a tensorboard without an image": ("version: 1\nkind: tensorboard\n", "not-migratable", 1, "no image", "build: {image"),
    "a tensorboard with a dockerfile": (
        "kind: tensorboard\nbuild:\n  dockerfile: D\n", "not-migratable", 3, "no image", "build: {image",
    ),
    "a variable of many digits": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  env_vars: {A: 9_007_199_254_740_993}\n", "not-migratable", 4, "may lose digits", "in quotes",
    ),
    "a param of many digits": (
        "kind: job\nbuild: {image: x}\nparams:\n  a: [{b: -9007199254740992}]\n", "not-migratable", 4, "may lose digits", "in quotes",
    ),
    "a param without an end": ("kind: job\nbuild: {image: x}\nparams: {a: .inf}\n", "not-migratable", 3, "may lose digits", "in quotes"),
    "values of an operation": ("kind: job\nbuild: {image: x}\ninputs: [{name: a}]\n", "not-migratable", 3, "another one", "under params"),
    "results of an operation": (
        "kind: job\nbuild: {image: x}\noutputs: [{name: a}]\n", "not-migratable", 3, "another one", "write what the program writes below",
    ),
    "a TPU": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  resources:\n    tpu: {limits: 8}\n", "not-migratable", 5, "another one", "resource's full name",
    ),
    "a param in a security context": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  security_context: {runAsUser: '{{ uid }}'}\n", "not-migratable", 4, "only run.cmd is filled", "the value itself",
    ),
    "a section of text": ("kind: job\nbuild: x\nrun: {cmd: y}\n", "not-migratable", 2, "no image", "build: {image"),
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
    bad.write_text(
        "persistence:\n  data:\n    a_b: {hostPath: /a}\n    a-b: {hostPath: /b}\n  dat: {}\n  extra: {}\n  more: 2\n"
    )
    result = run("migrate", "--in-place", str(good), str(bad))
    assert (result.exit_code, result.output) == (1, b"")
    assert re.findall(r"error\[.*line (\d)", result.error) == ["3", "5", "7"]
    assert "next:" not in result.error
    assert "logs" in good.read_text()
    assert not good.read_text().count("#")


# What migrate does not judge.
LEFT = [
    "persistence: {data: [a]}\n",
    "persistence: yes please\n",
    "persistense: {}\nruns: {}\n",
    "persistence: {data: {a: /data}}\n",
    'persistence: {data: {"on": {mountPath: /a, hostPath: /h}, n: {mountPath: /n, hostPath: /n}}}\n',
    'persistence: {data: {a: {hostPath: /a}, b: {mountPath: b, hostPath: /b, readonly: "true"}}}\n',
    "persistence: {data: {a: {store: s4, bucket: b, secret: s, existingClaim: [c]}}}\n",
    "persistence: {data: {a: {mountPath: /a, hostPath: /a}}, outputs: {a: {mountPath: /a, hostPath: /b}}}\n",
    'persistence: {data: {a: {store: s3}, b: {bucket: "s3://b"}, c: {secretKey: k}}}\n',
    "kind: exeriment\n",
    "kind: [job]\n",
    "nobody: 1\n",
    "framwork: keras\n",
    "environment: text\n",
    "environment: {persistence: [a], data_refs: [b]}\n",
    "environment: {persistence: {data: [a]}, data_refs: [b]}\n",
    "environment: {persistence: {data: {a_b: 1}, outputs: [a_b]}}\n",
    "environment: {data_refs: a, artifact_refs: [[b]]}\n",
    'environment: {persistence: {outputs: "{{ name }}"}, outputs: {jobs: [1]}}\n',
    "environment: {labels: {a: 1}, max_restarts: -1, resources: {cpu: 5, gpu: {requests: 1, limits: 2}}}\n",
    "environment: {env_vars: [[A], B]}\n",
    "params: {a: 1, declarations: 2}\n",
    "declarations: {a: 1}\nparams: {a: 1}\n",
    "run: {cmd: 5, env_vars: text}\n",
    'run: {cmd: "{{ nothing }}"}\n',
]


@pytest.mark.parametrize("text", LEFT)
def test_what_only_a_check_refuses_stays_as_it_is(text: str) -> None:
    """Its lines come back, below ``runs`` where they are of a polyaxonfile."""
    is_run = not text.startswith("persist")
    exit_code, output, error = migrate(whole(text) if is_run else f"{text}rbac: {{}}\n", "--name", "r")
    assert exit_code == 0, error
    kept = YAML(typ="safe", pure=True).load(output)
    assert (
        YAML(typ="safe", pure=True).load(text).items()
        <= (kept["runs"]["r"]["polyaxonfile"] if is_run else kept).items()
    )
    assert "rbac" not in kept
    assert migrate(output) == (0, output, "-: nothing to migrate\n")


# What migrate leaves as it is: what the chart, or check, says of the result.
REFUSED_LATER = {
    "persistence: {data: [a]}\n": "at '/persistence/data': got array, want null or object",
    "persistense: {}\n": "additional properties 'persistense' not allowed",
    "persistence: {extra: [{hostPath: /a}]}\n": "persistence.data.extra-1: mountPath is missing",
    "persistence: {data: {a: {mountPath: /a, hostPath: /h, readonly: true}}}\n": 'did you mean "readOnly"?',
    "persistence: {outputs: {o: {store: s3, bucket: 'gs://b'}}}\n": 'bucket "gs://b" is no URL of s3',
    "persistence: {extra: [{mountPath: /a, hostPath: /a}, {mountPath: /a, hostPath: /b}]}\n": 'extra-1 at "/a"',
    "kind: exeriment\n": 'kind "exeriment" is unknown: write experiment, job, notebook or tensorboard',
    "framwork: keras\n": "framwork is not supported: take it out; known here: backend",
    "params: {lr: 1}\nrun: {cmd: 'a {{ rate }}'}\n": "nothing fills {{ rate }}",
    "params: {'true': 1}\n": "write the name in quotes, or give it another one",
    "declarations: {a: 1}\nparams: {a: 1}\n": "declarations and params are the same: write one of them",
    "environment: {persistence: {data: ['{{ a }}']}}\n": "only run.cmd is filled",
    "environment: {persistence: {data: [a]}, data_refs: [b]}\n": "data_refs and persistence are two spellings",
    "environment: {ttl: 1h}\n": "at '/runs/experiment/ttlSecondsAfterFinished': got string, want null or integer",
    "project: a b\n": '"a b" is not a directory\'s name',
}


@pytest.mark.helm
@pytest.mark.parametrize("text", REFUSED_LATER)
def test_what_migrate_leaves_is_refused_by_the_chart_or_by_check(
    text: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    """The command that migrate prints next says what is wrong; a run stands for the user's own."""
    is_run = not text.startswith("persist")
    exit_code, output, error = migrate(whole(text) if is_run else text + "rbac: {}\n")
    assert exit_code == 0, error
    assert error.endswith(NEXT)
    path = tmp_path / "values.yaml"
    path.write_text(output + ("" if is_run else "runs: {train: {image: x}}\n"))
    done = subprocess.run(
        [str(tools / "helm3"), "template", "demo", "chart", "-f", str(path)],
        cwd=ROOT, env=env_of("helm3", helm_env), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    checked = run("check", stdin=done.stdout)
    assert done.returncode or checked.exit_code
    assert REFUSED_LATER[text] in (done.stderr if done.returncode else checked.error)


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["values.yaml"], "-f values.yaml"),
        (["my values.yaml", "polyaxonfile.yml"], "-f 'my values.yaml' -f polyaxonfile.yml"),
    ],
)
def test_the_next_command_checks_all_files(
    names: list[str], options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = f"helm template demo CHART {options} | polyaxon-persistence check\n"
    for name in names:
        (tmp_path / name).write_text("kind: job\nbuild: {image: x}\n" if "file" in name else "rbac: {}\n")
    shown = run("migrate", *names)
    assert shown.error.endswith(f"next: write the changes (--in-place), then {command}")
    for note in ("", "nothing to migrate\n"):
        done = run("migrate", "--in-place", *names)
        assert done.exit_code == 0
        assert done.error.endswith(f"{note}next: {command}")
    assert "next:" not in run("migrate", *names).error


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
    entry = {"mountPath": "/a", "bucket": "s3://b"}
    assert (
        migrated("persistence: {data: {a: {mountPath: /a, bucket: 's3://b'}}}\n")["persistence"]["data"]["a"] == entry
    )


@pytest.mark.parametrize(
    "entry",
    ["bucket: s3://prod", "bucket: gs://prod", "store: gcs", "secretKey: prod.json", "secret: prod", "bucket: s3://b, secret: s", "secret: s, secretKey: k, readOnly: true"],
)  # fmt: skip
def test_part_of_a_bucket_is_left_to_what_another_values_file_brings(entry: str) -> None:
    text = f"persistence: {{outputs: {{o: {{{entry}}}}}}}\n"
    assert migrate(text) == (0, text, "-: nothing to migrate\n")


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
    assert "outputs: YES}" in migrate(whole("environment: {persistence: {outputs: YES}}\n"))[1]


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


def test_a_null_is_no_second_spelling() -> None:
    text = whole("environment: {data_refs: ~, persistence: {data: [a]}}\n")
    file = migrated(text)["runs"]["experiment"]["polyaxonfile"]
    assert file["environment"] == {"persistence": {"data": ["a"]}}


def test_a_file_with_other_keys_is_still_one_of_values() -> None:
    """Its last key of Polyaxon's is a comment then."""
    output = migrate("rbac: {}\nmine: 1\n")[1]
    assert yaml.safe_load(output) == {"mine": 1}


def test_volumes_of_a_file_server_and_further_ones_stand_beside_each_other() -> None:
    text = "persistence:\n  extra: [{mountPath: /m, hostPath: /h}]\nnfsProvisioner: {enabled: true, pvc: {data: {name: n}}}\n"
    assert migrated(text) == {
        "persistence": {"data": {"data": {"mountPath": "/data", "existingClaim": "n"}, "m": {"mountPath": "/m", "hostPath": "/h"}}}
    }  # fmt: skip


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
    "environment: {replicas: {}, restart_policy: Never}\n": {"environment": {}},
    "conditions: []\ntermination: {timeout: 3}\n": {},
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
        assert (exit_code, error) == (0, NEXT), text
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
    """What the chart refuses with a hint is migrated or refused here too, and what it takes and reads stays."""
    template = (ROOT / "chart" / "templates" / "_polyaxonfile.tpl").read_text()
    keys = yaml.safe_load(template.split('polyaxonfileKeys" -}}')[1].split("{{- end }}")[0])
    keys[""] = keys.pop("polyaxonfile")
    assert set(keys) == {"", *SECTIONS}
    left = [("", "persistence"), ("environment", "data")]  # written there by mistake
    for section, rows in keys.items():
        changed = {*DECIDE.get(section, ()), *GONE.get(section, ()), *(key for at, key in OF_THE_RUN if at == section)}
        assert changed & set(rows["taken"]) <= {"logging", "security_context"}
        for key in set(rows.get("instead", ())) - changed:
            assert (section, key) in [*left, ("run", "image")]


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
    assert (exit_code, error) == (0, NEXT)
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
