"""What migrate refuses, and what it leaves to the chart and to check."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from post_renderer.migrate.file_text import FILE_LIMIT
from tests.support.cli import run
from tests.support.examples import env_of
from tests.support.migrate import NEXT, migrate, whole
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


OUTPUTS = """\
  outputs:
    Main: {mountPath: /m, existingClaim: m}
    archive: {mountPath: /a, existingClaim: a}
"""
# What is refused: the file, and the problem's code, line, message and hint.
REFUSED: dict[str, tuple[str | bytes, str, int, str, str]] = {
    "not a mapping": ("- a\n", "not-migratable", 1, "it is not a mapping", "name a values file"),
    "another file": ("apiVersion: v1\nx: 1\n", "not-migratable", 1, "neither values nor a polyaxonfile", "persistence:"),
    "an object of Kubernetes": ("apiVersion: batch/v1\nkind: Job\n", "not-migratable", 1, "neither values nor a polyaxonfile", "persistence:"),
    "broken YAML": ("persistence:\n  data: {a: [1\n", "invalid-yaml", 2, "", "missing bracket"),
    "tabs": ("persistence:\n\tdata: {}\n", "invalid-yaml", 2, "", "look for"),
    "two documents": ("kind: job\n---\nkind: job\n", "invalid-yaml", 2, "a second document", "keep one of them"),
    "a key twice": ("persistence:\n  data: {}\n  data: {}\n", "duplicate-key", 3, '"data" is repeated', "remove one"),
    "not UTF-8": (b"persistence:\n  data: \xff\n", "invalid-encoding", 2, "not UTF-8", "save the file as UTF-8"),
    "a lone return": ("persistence:\n  data: {}\rx: 1\n", "invalid-yaml", 2, "carriage return", "newline"),
    "a directive": ("# a\n%YAML 1.1\n---\nkind: job\nbuild: {image: x}\n", "invalid-yaml", 2, "refuses directives", "remove the line"),
    "too large": ("#" * (FILE_LIMIT + 1), "input-too-large", 0, "larger than 1 MiB", "split the file"),
    "too deep": ("persistence: " + "[" * 200 + "]" * 200, "input-too-large", 1, "nested deeper", "fewer levels"),
    "one volume among names": (
        "persistence:\n  data:\n    mountPath: /d\n    b: {mountPath: /b}\n", "not-migratable", 3, "among the names", "beside b",
    ),
    "names that fall together": (
        "persistence:\n  data:\n    a_b: {mountPath: /a}\n    a-b: {mountPath: /b}\n", "not-migratable", 3, "another volume has that name", "rename one",
    ),
    "extra of text": ("persistence:\n  extra:\n  - {mountPath: /m, hostPath: /h}\n  - a\n", "not-migratable", 2, "must be a list of volumes", "extra: [{"),
    "extra as a mapping": ("persistence:\n  extra: {a: 1}\n", "not-migratable", 2, "must be a list of volumes", "extra: [{"),
    "an unknown key of the catalog": ("persistence:\n  data: {}\n  dta: {}\n", "invalid-catalog", 3, "unknown key", 'did you mean "data"?'),
    "an anchor that is needed": (
        "rbac: &on {enabled: true}\npersistence: {data: {}}\nguard: *on\n", "alias", 1, "*on refers to this", "write the value instead",
    ),
    "an anchor between braces": (
        "persistence: {data: {a: &a {mountPath: /a}}, logs: {}}\n", "alias", 1, "&a", "write the value instead",
    ),
    "a default of an alias": (f"x-p: &p\n{OUTPUTS}persistence: *p\n", "alias", 5, "come from an alias", "write the values instead"),
    "a default of a merge key": (
        f"x-p: &p\n{OUTPUTS}persistence:\n  <<: *p\n  data: {{d: {{mountPath: /d, existingClaim: d}}}}\n", "alias", 6, "come from an alias", "write the values instead",
    ),
    "a claim of the file server in an alias": (
        "x-p: &p {outputs: null}\npersistence: *p\nnfsProvisioner: {enabled: true}\n", "alias", 2, "come from an alias", "write the values instead",
    ),
    "an alias without anchor": ("persistence: *x\n", "invalid-yaml", 1, "alias", "in a simpler form"),
    "a build": ("kind: build\nbuild: {image: x}\n", "not-migratable", 1, "kind build has no counterpart", "build the image elsewhere"),
    "a pipeline": ("kind: pipeline\nops: []\n", "not-migratable", 1, "kind pipeline", "one run for each operation"),
    "a tuner": (
        "kind: group\nbuild: {image: x}\nhptuning: {hyperband: {max_iterations: 2}}\n", "not-migratable", 3, "it has no matrix", "write hptuning.matrix",
    ),
    "a comment with no place": (
        "persistence: {\n  data: {}, logs: # c\n}\n", "not-migratable", 2, '"# c" would get lost', "a line of its own",
    ),
    "a name over several lines": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  persistence:\n    outputs: |\n      a_b\n", "not-migratable", 5, "several lines", "one line",
    ),
    "a key that is a mapping": ("? persistence: {data: {}}\n", "not-migratable", 1, "neither values", "persistence:"),
    "no image": ("kind: job\nrun: {cmd: x}\n", "not-migratable", 2, "no image", "build: {image"),
    "a dockerfile": ("kind: job\nbuild: {dockerfile: D}\n", "not-migratable", 2, "build.dockerfile: is not supported", "build that image and write its name in build.image"),
    "replicas": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  tensorflow: {n_workers: 2}\n", "not-migratable", 4, "something else without it", "one run for each replica",
    ),
    "a param in a variable": (
        "kind: job\nbuild: {image: x}\nparams: {a: b}\nrun:\n  cmd: x\n  env_vars: [[A, '{{ a }}']]\n", "not-migratable", 6, "only run.cmd is filled", "the value itself",
    ),
    "a tensorboard without an image": ("version: 1\nkind: tensorboard\n", "not-migratable", 1, "no image", "build: {image"),
    "a tensorboard with a dockerfile": (
        "kind: tensorboard\nbuild:\n  dockerfile: D\n", "not-migratable", 3, "build.dockerfile: is not supported", "build that image",
    ),
    "a variable of many digits": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  env_vars: {A: 9_007_199_254_740_993}\n", "not-migratable", 4, "may lose digits", "in quotes",
    ),
    "a param of many digits": (
        "kind: job\nbuild: {image: x}\nparams:\n  a: [{b: -9007199254740992}]\n", "not-migratable", 4, "may lose digits", "in quotes",
    ),
    "a param without an end": ("kind: job\nbuild: {image: x}\nparams: {a: .inf}\n", "not-migratable", 3, "may lose digits", "in quotes"),
    "steps of an image": (
        "kind: job\nbuild:\n  image: x\n  build_steps: [pip install numpy]\n", "not-migratable", 4, "something else without it", "build an image with these steps and write its name in build.image, and remove this key",
    ),
    "steps of an image of 0.0": (
        "version: 1\nrun:\n  image: x\n  steps: [pip install numpy]\n", "not-migratable", 4, "something else without it", "build an image with these steps",
    ),
    "the commit of the code": ("kind: job\nbuild: {image: x, commit: abc}\n", "not-migratable", 2, "something else without it", "contains the code"),
    "a plugin": ("kind: plugin\nrun: {image: x}\n", "not-migratable", 1, "kind plugin", "kind: notebook or kind: tensorboard"),
    "a TPU": (
        "kind: job\nbuild: {image: x}\nenvironment:\n  resources:\n    tpu: {limits: 8}\n", "not-migratable", 5, "something else without it", "the resource's full name",
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
    place = f"<stdin>:{line}" if line else "<stdin>"
    said = [
        block
        for block in re.split(r"^(?=<stdin>)", error, flags=re.MULTILINE)
        if block.startswith(f"{place}: error[{code}] ")
    ]
    assert any(message in block and hint in block.split("  hint: ")[1] for block in said), error


def test_a_line_with_too_many_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass changes all entries of a line. A thousand passes took more than a minute."""
    entries = ", ".join(f"d{number}: {{mountPath: /d/{number}/, hostPath: /x}}" for number in range(1000))
    text = f"persistence:\n  data: {{{entries}}}\n"
    monkeypatch.setattr("post_renderer.migrate.file.PASSES", 8)
    assert migrate(text)[0] == 0
    monkeypatch.setattr("post_renderer.migrate.file.FREE_PASSES", 0)
    monkeypatch.setattr("post_renderer.migrate.file.PASSES_LIMIT", 10_000)
    code, output, error = migrate(text)
    assert (code, output) == (1, "")
    assert "<stdin>: error[not-migratable] too many changes are on one line\n  hint: write each entry" in error


def test_all_problems_are_reported_at_once_and_no_file_is_changed(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("persistence: {logs: {mountPath: /l}}\n")
    bad.write_text(
        "persistence:\n  data:\n    a_b: {hostPath: /a}\n    a-b: {hostPath: /b}\n  dat: {}\n  extra: {}\n  outptus: 2\n"
    )
    result = run("migrate", "--in-place", str(good), str(bad))
    assert (result.exit_code, result.output) == (1, b"")
    assert re.findall(r":(\d): error\[", result.error) == ["3", "5", "7"]
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
    "persistense: {}\n": 'persistense: unknown key: did you mean "persistence"?',
    "persistence: {extra: [{hostPath: /a}]}\n": "catalog (values: persistence.data.extra-1), ConfigMap/demo-persistence ",
    "persistence: {data: {a: {mountPath: /a, hostPath: /h, readonly: true}}}\n": 'did you mean "readOnly"?',
    "persistence: {outputs: {o: {store: s3, bucket: 'gs://b'}}}\n": 'bucket "gs://b" is not a URL of s3',
    "persistence: {extra: [{mountPath: /a, hostPath: /a}, {mountPath: /a, hostPath: /b}]}\n": 'a and extra-1 have the same mount path "/a"',
    "kind: exeriment\n": 'kind "exeriment" is unknown: write experiment, job, notebook or tensorboard',
    "framwork: keras\n": 'framwork is not supported: did you mean "framework"? The known keys are: backend',
    "params: {lr: 1}\nrun: {cmd: 'a {{ rate }}'}\n": "nothing fills {{ rate }}",
    "params: {'true': 1}\n": "write the name in quotes, or use another name",
    "declarations: {a: 1}\nparams: {a: 1}\n": "declarations and params mean the same: write only one of the two",
    "environment: {persistence: {data: ['{{ a }}']}}\n": "but only run.cmd can contain it",
    "environment: {persistence: {data: [a]}, data_refs: [b]}\n": "data_refs and persistence are both set, but only one of them is possible",
    "environment: {ttl: 1h}\n": "at '/runs/experiment/ttlSecondsAfterFinished': got string, want null or integer",
    "inputs: [{name: lr, defualt: 1}]\n": 'inputs[0].defualt is not supported: did you mean "default"? The known keys are: default',
    "inputs: [{name: 1, default: 1}]\n": "inputs[0].name must be a name",
    "project: a b\n": '"a b" is not a valid directory name',
}


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
    command = f"polyaxon-persistence check -- helm template demo CHART {options}\n"
    for name in names:
        (tmp_path / name).write_text("kind: job\nbuild: {image: x}\n" if "file" in name else "rbac: {}\n")
    shown = run("migrate", *names)
    assert shown.error.endswith(f"next: write the changes (--in-place), then {command}")
    for note in ("", "nothing to migrate\n"):
        done = run("migrate", "--in-place", *names)
        assert done.exit_code == 0
        assert done.error.endswith(f"{note}next: {command}")
    assert "next:" not in run("migrate", *names).error


def test_a_tab_that_yaml_1_2_does_not_have_is_reported_with_its_line() -> None:
    exit_code, _, error = migrate("rbac: {}\npersistence:\n  data:\t{a_1: {mountPath: /a, existingClaim: c}}\n")
    assert exit_code == 1
    assert "<stdin>:3: error[not-migratable] the file is not valid YAML 1.2: found character '\\t'" in error
