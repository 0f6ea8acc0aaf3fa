"""Shapes that once ended in a bug of ours, in silence, or in another name under Helm 4: each is a named problem now."""

from __future__ import annotations

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.faults import write_wrongly

KEEP = "polyaxon.com/run-policy: keep\n"
CATALOG = make_catalog()
HOST_PATH = "outputs:\n  a: {mountPath: /x, volumeSource: {hostPath: %s}}\n"
CLAIM = "outputs:\n  a: {mountPath: /x, volumeSource: {persistentVolumeClaim: %s}}\n"
BARE_DEPLOYMENT = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  annotations:\n    polyaxon.com/containers: main\n"

PROBLEMS = {
    "a flow mapping that ends behind its key": (CATALOG + make_job("{kind:"), "invalid-polyaxonfile"),
    "a stream cut off in a flow mapping": (CATALOG + "---\npolyaxon.com/polyaxonfile: {a:", "invalid-yaml"),
    "a kept Job's annotation without a value": (
        CATALOG + make_job(annotations=KEEP + "helm.sh/resource-policy:\n"),
        "conflict",
    ),
    "an Argo CD option without a value": (
        CATALOG + make_job(annotations=KEEP + "argocd.argoproj.io/sync-options:\n"),
        "conflict",
    ),
    "a selector without a value": (CATALOG + make_job(annotations=KEEP, spec="selector:\n"), "run-policy"),
    "manualSelector without a value": (CATALOG + make_job(annotations=KEEP, spec="manualSelector:\n"), "run-policy"),
    "a host path without a path": (make_catalog(HOST_PATH % "{}") + make_job(), "invalid-entry"),
    "a host path without a value": (make_catalog(HOST_PATH % "{path: }") + make_job(), "invalid-entry"),
    "a claim without a name": (make_catalog(CLAIM % "{}") + make_job(), "invalid-entry"),
    "a claim with no claim's name": (make_catalog(CLAIM % "{claimName: 'A B'}") + make_job(), "invalid-entry"),
    "a list that begins behind a colon": (
        CATALOG + make_job(container="? env\n: - name: A\n    value: b\n"),
        "unsupported-yaml",
    ),
    "a name that leaves the folder": (CATALOG + make_job(name="../../etc"), "run-folder"),
    "a name with a variable in it": (CATALOG + make_job(name="$(HOME)"), "run-folder"),
    "kept runs in one folder": (make_catalog("outputs:\n  a: {mountPath: /x, existingClaim: c}\nrunFolder: fixed\n")
                                + make_job(annotations=KEEP), "run-folder"),
    "an annotation on a workload without pods": (CATALOG + BARE_DEPLOYMENT, "wrong-type"),
    "a polyaxonfile outside of annotations": (
        CATALOG + make_job().replace("spec:\n", "  polyaxon.com/polyaxonfile: '{}'\nspec:\n", 1),
        "misplaced-annotation",
    ),
    "annotations beside metadata": (
        CATALOG + make_job().replace("spec:\n", "annotations:\n  polyaxon.com/polyaxonfile: '{}'\nspec:\n", 1),
        "misplaced-annotation",
    ),
    "outputs that can't be written to": (
        make_catalog("outputs:\n  a: {mountPath: /x, volumeSource: {configMap: {name: c}}}\n") + make_job(),
        "no-default-outputs",
    ),
    "persistence at the top": (CATALOG + make_job("persistence: {data: [data1]}\n"), "invalid-request"),
    "data in the environment": (CATALOG + make_job("environment: {data: [data1]}\n"), "invalid-request"),
    "a kind with a letter too many": (CATALOG + make_job("kinds: build\n"), "invalid-request"),
    "a variable that is no string": (
        CATALOG + make_job(container="env:\n- {name: POLYAXON_IN_CLUSTER, value: yes}\n"),
        "conflict",
    ),
    "a kept Job that shall be replaced": (
        CATALOG + make_job(annotations="polyaxon.com/run-policy: replace\nhelm.sh/resource-policy: keep\n"),
        "conflict",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PROBLEMS)
def test_it_is_a_problem(what: str) -> None:
    stream, code = PROBLEMS[what]
    result = run(stdin=stream)
    assert (result.exit_code, result.output) == (1, b""), result.error
    assert f"error[{code}] " in result.error


def test_a_missing_value_in_braces_is_another_name_under_helm_4() -> None:
    result = run(stdin=CATALOG + make_job(annotations=KEEP, pod="nodeSelector: {gpu: }\n"))
    assert result.exit_code == 0
    assert "warning[helm4-rewrites] " in result.error


def test_labels_with_our_words_are_free() -> None:
    labels = "metadata:\n  labels:\n    polyaxon.com/project: x\n"
    stream = CATALOG + make_job().replace(
        "  template:\n", "  template:\n    " + labels.replace("\n", "\n    ").rstrip() + "\n"
    )
    assert run(stdin=stream).exit_code == 0


def test_a_splice_that_went_wrong_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    write_wrongly(monkeypatch, "/polyaxon/outputs", "/evil")
    result = run(stdin=CATALOG + make_job() + "x: &a b\n")  # the full reader's
    assert (result.exit_code, result.output) == (3, b"")
    assert "AssertionError at " in result.error
