"""Runs of one stream held against each other, gates, identities and requests across documents."""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING

import pytest

from post_renderer.runs import manifest
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

if TYPE_CHECKING:
    from post_renderer.problems import Problems
    from post_renderer.runs import Run
    from post_renderer.stream import Document
    from post_renderer.yamltree import Node

TWO_OUTPUTS = """\
outputs:
  a: {mountPath: /a, existingClaim: shared}
  b: {mountPath: /b, existingClaim: shared}
  part: {mountPath: /part, existingClaim: shared, subPath: part}
  other: {mountPath: /other, existingClaim: other}
  host: {mountPath: /host, hostPath: /mnt}
  host2: {mountPath: /host2, hostPath: /mnt, hostPathType: Directory}
  scratch: {mountPath: /scratch, volumeSource: {emptyDir: {}}}
  locked: {mountPath: /locked, existingClaim: locked, readOnly: true}
"""


def job(name: str, outputs: str = "a", *, kind: str = "job", annotations: str = "", namespace: str = "") -> str:
    text = make_job(
        f"kind: {kind}\nenvironment: {{persistence: {{outputs: {outputs}}}}}\n", name=name, annotations=annotations
    )
    return text.replace(f"  name: {name}\n", f"  name: {name}\n  namespace: {namespace}\n", 1) if namespace else text


def deployment(text: str) -> str:
    return text.replace("batch/v1", "apps/v1").replace("kind: Job", "kind: Deployment")


FOLDER = "polyaxon.com/run-folder: train\n"
CLASHES = {
    "two names": (job("train") + job("other"), False),
    "one folder by annotation": (job("train") + job("other", annotations=FOLDER), True),
    "a Job and a Deployment of one name": (job("train") + deployment(job("train")), True),
    "two kinds of runs": (job("train") + deployment(job("train", kind="experiment")), False),
    "two entries on one claim": (job("train") + deployment(job("train", "b")), True),
    "two parts of one claim": (job("train") + deployment(job("train", "part")), False),
    "two claims": (job("train") + deployment(job("train", "other")), False),
    "one path of the node": (job("train", "host") + deployment(job("train", "host2")), True),
    "each pod with storage of its own": (job("train", "scratch") + deployment(job("train", "scratch")), False),
    "outputs that nobody writes to": (job("train", "locked") + deployment(job("train", "locked")), False),
    "the same object twice": (job("train") * 2, False),
    "two namespaces": (job("train", namespace="a") + deployment(job("train", namespace="b")), False),
    "one written namespace": (job("train", namespace="a") + deployment(job("train", namespace="a")), True),
    "names that the cluster gives": (job("train", annotations="polyaxon.com/run-policy: keep\n") + deployment(job("train")), False),
    "a fixed folder of two replaced Jobs": ("".join(job(name, annotations="polyaxon.com/run-policy: replace\n" + FOLDER) for name in ("one", "two")), True),
}  # fmt: skip


@pytest.mark.parametrize("what", CLASHES)
def test_two_objects_never_write_into_one_run_folder(what: str) -> None:
    stream, clash = CLASHES[what]
    result = run(stdin=make_catalog(TWO_OUTPUTS) + stream)
    assert result.exit_code == int(clash), result.error
    assert result.error.count("error[same-run-folder]") == int(clash)


def test_no_outputs_no_run_folder() -> None:
    catalog = make_catalog("data: {d: {mountPath: /d, existingClaim: d}}\n")
    ask = make_job()
    assert run(stdin=catalog + ask + deployment(ask)).exit_code == 0


# Identities


GENERATED = {
    "a Job": (make_job(), 0),
    "a Pod": (make_job().replace("batch/v1", "v1").replace("kind: Job", "kind: Pod").replace("  template:\n    spec:\n      restartPolicy: Never\n      containers:", "  containers:"), 0),
    "a Deployment": (deployment(make_job()), 1),
    "a Job with a selector of its own": (make_job(spec="manualSelector: true\nselector: {matchLabels: {a: b}}\n"), 1),
    "a Deployment with a folder": (deployment(make_job(annotations="polyaxon.com/run-folder: web\n")), 0),
}  # fmt: skip


@pytest.mark.parametrize("what", GENERATED)
def test_generated_names_need_a_folder_if_the_pod_does_not_know_its_name(what: str) -> None:
    stream, exit_code = GENERATED[what]
    generated = stream.replace("  name: train\n", "  generateName: train-\n")
    result = run(stdin=make_catalog() + generated)
    assert result.exit_code == exit_code, result.error
    assert ("error[run-folder]" in result.error) is bool(exit_code)
    assert ("set the annotation polyaxon.com/run-folder" in result.error) is bool(exit_code)


def test_a_pod_reads_its_generated_name_from_its_metadata() -> None:
    output = run(
        stdin=make_catalog() + GENERATED["a Pod"][0].replace("  name: train\n", "  generateName: train-\n")
    ).output
    (item,) = re.findall(rb'- name: "POLYAXON_RUN_NAME"\n(?: +\S.*\n)*?(?= +- name)', output)
    assert b'fieldPath: "metadata.name"' in item


# Gates and the lack of a request

GATE = "schedulingGates:\n- name: polyaxon.com/needs-post-renderer\n"
NO_REQUEST = {
    "a gate": (make_job(pod=GATE), "the pod has the scheduling gate polyaxon.com/needs-post-renderer but asks for no volumes"),
    "a folder": (make_job(annotations="polyaxon.com/run-folder: x\n"), "the object has annotations of polyaxon.com, but none that asks for volumes"),
    "a policy": (make_job(annotations="polyaxon.com/run-policy: keep\n"), "the object has annotations of polyaxon.com, but none that asks for volumes"),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_REQUEST)
def test_a_gate_or_annotation_without_a_request_is_a_problem(what: str) -> None:
    job_text, message = NO_REQUEST[what]
    job_text = job_text.replace("    polyaxon.com/polyaxonfile: |\n      {}\n", "    team: vision\n")
    result = run(stdin=make_catalog() + job_text)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.count("error[") == 1
    assert "error[no-request] Job/train" in result.error
    assert message in result.error


def test_a_gate_of_someone_else_is_nobodys_business() -> None:
    stream = make_job(pod="schedulingGates:\n- name: polyaxon.com.example/x\n").replace(
        "    polyaxon.com/polyaxonfile: |\n      {}\n", "    team: vision\n"
    )
    result = run(stdin=stream)
    assert (result.exit_code, result.output) == (0, stream.encode())


def test_the_gate_stays_while_there_are_problems() -> None:
    result = run(stdin=make_catalog() + make_job("environment: {persistence: {data: [x]}}\n", pod=GATE))
    assert (result.exit_code, result.output) == (1, b"")


# All problems at once, all of them placed


def test_every_problem_of_a_stream_is_found_in_one_go() -> None:
    stream = (
        make_catalog("data: {Bad: {mountPath: /a, existingClaim: a}, good: {mountPath: /g, existingClaim: g}}\n")
        + make_job("environment: {persistence: {data: [x, z]}}\n", name="one")
        + make_job("kind: x\n", name="two")
        + make_job(annotations="polyaxon.com/x: y\n", name="three")
        + make_job("{}\n", name="four", container="env: words\n")
    )
    result = run(stdin=stream)
    assert (result.exit_code, result.output) == (1, b"")
    assert re.findall(r"^<stdin>:\d+: error\[(.*?)\] (\S+)", result.error, re.MULTILINE)[:5] == [
        ("invalid-entry", "ConfigMap/catalog"),
        ("unknown-volume", "Job/one"),
        ("unknown-volume", "Job/one"),
        ("invalid-request", "Job/two"),
        ("unknown-annotation", "Job/three"),
    ]


SECRET = "correct-horse-battery"
LEAKS = {
    "an environment variable that is in the way": make_job(container=f"env:\n- name: POLYAXON_IN_CLUSTER\n  value: {SECRET}\n"),
    "a secret in a document that can't be read": f"---\nkind: Secret\nstringData:\n  token: {SECRET}\n  x: [\n  polyaxon.com/polyaxonfile: y\n",
    "an environment that is no list": make_job(container=f"env: {{PASSWORD: {SECRET}}}\n"),
    "a command": make_job("kind: x\n", container=f"command: [login, {SECRET}]\n"),
    "another section of the polyaxonfile": make_job(f"kind: x\nrun: {{cmd: {SECRET}}}\n"),
    "another annotation": make_job("kind: x\n", annotations=f"example.com/token: {SECRET}\n"),
    "a duplicate key": make_job(container=f"env: [{{name: A, value: {SECRET}}}]\nenv: []\n"),
    "a shared value": make_job(container=f"env: &e [{{name: A, value: {SECRET}}}]\n") + "      - {name: b, env: *e}\n",
    "a volume's attributes": make_job(pod=f"volumes: [{{name: data2, csi: {{driver: d, volumeAttributes: {{key: {SECRET}}}}}}}]\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", LEAKS)
@pytest.mark.parametrize("verb", ["render", "check", "explain"])
def test_values_never_reach_a_message(what: str, verb: str) -> None:
    result = run(verb, stdin=make_catalog() + LEAKS[what])
    assert result.exit_code == 1
    assert "error[" in result.error
    assert SECRET not in result.error + result.output.decode()


SPEAKING = {
    "a document with a polyaxonfile": ("metadata:\n  polyaxon.com/polyaxonfile: x\n  a: [\n", True),
    "a quoted key": ("metadata: {'polyaxon.com/polyaxonfile' : x, a: [\n", True),
    "a catalog": ("labels:\n  polyaxon.com/catalog: v1\na: [\n", True),
    "a gate": ("schedulingGates:\n- name: polyaxon.com/needs-post-renderer\na: [\n", True),
    "words about us": ("see polyaxon.com/polyaxonfile\na: [\n", False),
    "words about us, then a key": ("see polyaxon.com/polyaxonfile and\npolyaxon.com/polyaxonfile: x\na: [\n", True),
    "notes for people": ("# Source: chart/templates/NOTES.txt\nwrite polyaxon.com/polyaxonfile: x\na: [\n", False),
}


@pytest.mark.parametrize("what", SPEAKING)
def test_a_document_that_can_not_be_read_matters_only_with_our_domain(what: str) -> None:
    text, ours = SPEAKING[what]
    stream = "---\n" + text
    result = run(stdin=stream)
    if ours:
        assert (result.exit_code, result.output) == (1, b"")
        assert heads(result.error)[0].startswith("error[invalid-yaml] (unreadable document)")
    else:
        assert (result.exit_code, result.output, result.error) == (0, stream.encode(), "")


def test_a_repeated_gate_is_refused() -> None:
    gates = "schedulingGates:\n- name: polyaxon.com/needs-post-renderer\n- name: polyaxon.com/needs-post-renderer\n"
    result = run(stdin=make_catalog() + make_job("{}\n", pod=gates))
    assert (result.exit_code, result.output) == (1, b"")
    assert "is repeated" in result.error


def test_an_object_with_an_unreadable_name_is_named_by_its_kind() -> None:
    result = run(stdin=make_catalog() + make_job("{}\n").replace("  name: ", "  name: {}\n  x: ", 1))
    assert result.exit_code == 1
    assert "] Job (" in result.error


@pytest.mark.pure
@pytest.mark.parametrize("command", ["render", "check", "explain", "verify", "flux-patches"])
def test_the_runs_of_one_document_at_a_time_are_in_memory(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: weakref.WeakSet[manifest.DocumentRuns] = weakref.WeakSet()
    counts = []

    class Counted(manifest.DocumentRuns):
        __slots__ = ("__weakref__",)

        def __init__(self, document: Document, root: Node | None, runs: list[Run], problems: Problems) -> None:
            super().__init__(document, root, runs, problems)
            alive.add(self)
            counts.append(len(alive))

    monkeypatch.setattr(manifest, "DocumentRuns", Counted)
    run(command, stdin=make_catalog() + "".join(make_job(name=f"run-{n}") for n in range(9)))
    assert len(counts) >= 9
    assert max(counts) <= 2  # the one before is there until the next one takes its name


RAY = """\
---
apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: train
  annotations:
    polyaxon.com/project: vision
spec:
  headGroupSpec:
    template:
      metadata:
        annotations:
          polyaxon.com/polyaxonfile: "{}"
      spec:
        containers: [{name: head, image: x}]
  workerGroupSpecs:
  - template:
      metadata:
        labels: {team: vision}
      spec:
        containers: [{name: worker, image: x}]
"""


def test_a_pod_with_labels_alone_needs_no_request() -> None:
    result = run(stdin=make_catalog() + RAY)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.count(b"POLYAXON_DATA_PATHS") == 1
    asking = RAY.replace("labels: {team: vision}", "annotations: {polyaxon.com/user: ann}")
    refused = run(stdin=make_catalog() + asking)
    line = next(n for n, text in enumerate((make_catalog() + asking).splitlines(), 1) if "user: ann" in text)
    assert refused.error.startswith(
        f"<stdin>:{line}: error[no-request] RayCluster/train (chart/templates/catalog.yaml): "
    )


def test_pods_that_share_their_metadata_by_an_alias_ask_for_the_same() -> None:
    shared = RAY.replace(
        "metadata:\n        annotations:\n          polyaxon.com/polyaxonfile",
        "metadata: &same\n        annotations:\n          polyaxon.com/polyaxonfile",
    )
    shared = shared.replace("metadata:\n        labels: {team: vision}", "metadata: *same")
    result = run(stdin=make_catalog() + shared)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.count(b"POLYAXON_DATA_PATHS") == 2
