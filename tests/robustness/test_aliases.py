"""An alias is read like the node that it refers to. It is an error only if it must be changed or hashed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import yaml

from tests.support.cli import make_catalog, run
from tests.support.messages import heads

HEAD = """\
---
apiVersion: &version batch/v1
kind: &kind Job
metadata:
  name: &name train
  labels: &labels {app: &app train, app.kubernetes.io/instance: demo}
  annotations:
    note: &request '{environment: {persistence: {data: [data1]}}}'
    polyaxon.com/polyaxonfile: REQUEST
    MORE: ""
x:
- &variable {name: A, value: &value a}
- &field {name: B, valueFrom: &source {fieldRef: {fieldPath: metadata.name}}}
- &volume {name: own, emptyDir: &empty {}}
- &mount {name: own, mountPath: &path /own}
- &init {name: first, image: busybox, env: [*variable]}
spec:
  template:
    metadata: {labels: LABELS}
    spec:
      volumes: [VOLUMES]
      initContainers: [INIT]
      containers:
      - name: NAME
        image: &image busybox
        env: [ENV]
        volumeMounts: [MOUNTS]
"""
PLAIN = {
    "REQUEST": "'{}'", "MORE": "more", "LABELS": "{app: a}", "VOLUMES": "{name: v, emptyDir: {}}", "INIT": "{name: i}",
    "NAME": "main", "ENV": "{name: C, value: c}", "MOUNTS": "{name: v, mountPath: /v}",
}  # fmt: skip
READ = {
    "a container's name": {"NAME": "*name"},
    "the request": {"REQUEST": "*request"},
    "labels": {"LABELS": "*labels"},
    "a label": {"LABELS": "{app: *app}"},
    "a volume": {"VOLUMES": "*volume"},
    "a volume's source": {"VOLUMES": "{name: v, emptyDir: *empty}"},
    "an init container": {"INIT": "*init"},
    "a variable": {"ENV": "*variable, *field"},
    "a variable's value": {"ENV": "{name: C, value: *value}"},
    "a variable's source": {"ENV": "{name: C, valueFrom: *source}"},
    "a mount": {"VOLUMES": "*volume", "MOUNTS": "*mount"},
    "a mount's path": {"MOUNTS": "{name: v, mountPath: *path}"},
    "a name that an annotation names": {"NAME": "*name", "MORE": "polyaxon.com/containers"},
}
WRITTEN = {
    "variables": HEAD.replace("env: [ENV]", "env: &e [{name: C}]\n      - name: b\n        env: *e"),
    "a container": HEAD.replace("containers:\n      - name", "containers:\n      - *init\n      - name"),
    "the pod": HEAD + "y: {z: &pod {containers: [{name: a}]}}\n",
    "a merge key": HEAD.replace("env: [ENV]", "<<: *init"),
}


def fill(text: str, **given: str) -> str:
    for word, value in (PLAIN | given).items():
        text = text.replace(word, value)
    return text


class WrittenOut(yaml.SafeDumper):
    def ignore_aliases(self, _: Any) -> bool:
        return True


def write_out(text: str) -> str:
    return yaml.dump(yaml.safe_load(text), Dumper=WrittenOut, sort_keys=False)


@pytest.mark.parametrize("given", READ.values(), ids=READ)
def test_what_is_only_read_may_be_an_alias(given: dict[str, str]) -> None:
    """The result is the one for the text without aliases."""
    text = fill(HEAD, **given)
    if "polyaxon.com/containers" in text:
        text = text.replace('polyaxon.com/containers: ""', "polyaxon.com/containers: train")
    done = run(stdin=make_catalog() + text)
    assert (done.exit_code, done.error) == (0, "")
    plain = run(stdin=make_catalog() + "---\n" + write_out(text))
    assert list(yaml.safe_load_all(done.output)) == list(yaml.safe_load_all(plain.output))
    assert b"outputs-foo" in done.output
    assert run(stdin=done.output) == (0, done.output, "")
    assert run("verify", stdin=done.output).exit_code == 0


def test_a_conflict_is_found_through_an_alias() -> None:
    text = fill(HEAD, ENV="{name: POLYAXON_IN_CLUSTER, value: *value}")
    done = run(stdin=make_catalog() + text)
    assert "sets POLYAXON_IN_CLUSTER, but the post-renderer must set it to another value" in done.error


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_what_is_written_may_not_be_an_alias(text: str) -> None:
    if "&pod" in text:
        text = text[: text.index("    spec:\n")] + "    spec: *pod\n"
        text = text.replace("x:\n", "w: &pod {containers: [{name: a}]}\nx:\n")
    done = run(stdin=make_catalog() + fill(text))
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[alias] Job/train" in done.error


@pytest.mark.parametrize(
    "given", [{"ENV": "*variable"}, {"NAME": "*name"}, {"ENV": "{name: C, value: *value}"}], ids=str
)
def test_what_is_hashed_may_not_be_an_alias(given: dict[str, str]) -> None:
    text = fill(HEAD, MORE="polyaxon.com/run-policy", **given).replace('run-policy: ""', "run-policy: keep")
    done = run(stdin=make_catalog() + text)
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[alias] Job/train" in done.error


JOB = "{apiVersion: batch/v1, kind: Job, metadata: META, spec: {template: {spec: {containers: [{name: a}]}}}}"
ASKS = JOB.replace("META", "{name: a, annotations: {polyaxon.com/polyaxonfile: '{}'}}")
UNREAD = {
    "an item": f"x: &job {ASKS}\nkind: List\nitems: [*job]\n",
    "the only item in block style": f"metadata: {{annotations: &job {ASKS}}}\nkind: List\nitems:\n- *job\n",
    "an item of a ResourceList": f"x: &job {ASKS}\napiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [*job]\n",
    "a key": "{x: &key polyaxon.com/polyaxonfile, " + JOB.replace("META", "{name: a, annotations: {*key : '{}'}}")[1:],
    "a key that no reader would expect": "{x: &key annotations, "
    + JOB.replace("META", "{name: a, *key : {polyaxon.com/polyaxonfile: '{}'}}")[1:],
    "a key of an unknown kind": "{x: &key polyaxon.com/polyaxonfile, kind: Service, metadata: {annotations: {*key : '{}'}}}",
}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_a_run_behind_an_alias_is_never_left_out(text: str) -> None:
    done = run(stdin=f"{make_catalog()}---\n{text}")
    assert (done.exit_code, done.output) == (1, b"")
    assert heads(done.error)[0].startswith("error[")


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    "x",
    ["&a {name: A, value: *a}", "&a {name: A, value: [[*a]]}", "&a {name: A, x: &b {y: [*a, *b]}}",
     "[" + ", ".join(["&a {name: A}", *(f"&{b} {{name: A, x: [*{a}, *{a}]}}" for a, b in pairwise(LETTERS))]) + "]"],
    ids=["itself", "deep in itself", "two of them", "a bomb"],
)  # fmt: skip
def test_an_alias_that_is_too_large(x: str) -> None:
    last = "z" if "&z" in x else "a"
    text = fill(HEAD, ENV=f"*{last}").replace("x:\n", f"x:\n- {x}\n")
    done = run(stdin=make_catalog() + text)
    assert (done.exit_code, done.output) == (1, b"")
    assert f"the alias *{last} contains itself, or the aliases of the document are too large" in done.error


def test_a_label_of_another_object_hides_no_stray_annotation() -> None:
    """The label is outside of the second Job. The annotation is inside of it, but in the wrong place."""
    first = fill(HEAD).replace("app: &app train", "polyaxon.com/run: train").removeprefix("---\n")
    second = (
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: b\n  labels: *labels\n"
        "spec: {other: {annotations: {polyaxon.com/data: data1}}, template: {spec: {containers: [{name: a}]}}}\n"
    )
    items = ["- " + text.replace("\n", "\n  ").rstrip() + "\n" for text in (first, second)]
    done = run(stdin=make_catalog() + "---\nkind: List\nitems:\n" + "".join(items))
    assert "error[misplaced-annotation] Job/b" in done.error
