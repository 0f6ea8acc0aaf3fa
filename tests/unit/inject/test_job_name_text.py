"""The canonical form of a Job's content, what Helm 4 rewrites in it, and what prevents a name."""

from __future__ import annotations

import re

import pytest

from post_renderer.inject.job_name import content_name
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_values
from tests.support.cli import make_catalog, make_job, run
from tests.support.job_name import edited
from tests.support.messages import read_messages

# The canonical form


def hashed(text: str) -> str:
    return content_name("x", read_values(parse(text)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a: 1, b: 2}", "{b: 2, a: 1}"),
        ("{a: '1'}", "{a: 1}"),
        ("{a: yes}", '{a: "yes"}'),
        ("{a: null}", "{a: ~}"),
        ("{a: null}", "{a: }"),
        ("{a: b, suspend: true, selector: {}}", "{a: b}"),
        ("{template: {metadata: {labels: {batch.kubernetes.io/job-name: x}}, spec: {}}}", "{template: {spec: {}}}"),
        ("{template: {metadata: {}, spec: {}}}", "{template: {spec: {}}}"),
        ("{template: {metadata: null, spec: {}}}", "{template: {metadata: {labels: {}}, spec: {}}}"),
    ],
)
def test_one_meaning_has_one_hash(one: str, other: str) -> None:
    assert hashed(one) == hashed(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a: null}", "{a: 'null'}"),
        ("{a: null}", "{a: ''}"),
        ("{a: null}", "{}"),
        ("{a: {}}", "{a: []}"),
        ("{a: []}", "{a: ['']}"),
        ("{a: [b, c]}", "{a: [c, b]}"),
        ("{a: [b, c]}", "{a: [bc]}"),
        ("{a: ['b\", \"c']}", "{a: [b, c]}"),
        ("{ab: c}", "{a: bc}"),
        ("{a: {b: c}, d: e}", "{a: {b: c, d: e}}"),
        ("{a: true}", "{a: yes}"),
        ("{template: {metadata: {annotations: {a: b}}}}", "{template: {metadata: {annotations: {a: c}}}}"),
        ("{template: {metadata: words}}", "{template: {metadata: other}}"),
        ("{template: {metadata: {labels: [a]}}}", "{template: {metadata: {labels: [b]}}}"),
        ("{template: words}", "{template: other}"),
    ],
)
def test_two_meanings_have_two_hashes(one: str, other: str) -> None:
    assert hashed(one) != hashed(other)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("{}", "x-dc60c190e0"),
        ("{template: {spec: {containers: [{name: main, image: busybox}]}}}", "x-496087171b"),
        ("{template: {metadata: {labels: {a: null}}, spec: {x: [1, true, '']}}}", "x-ec3224021a"),
    ],
)
def test_the_hashes_of_release_0_1_0(spec: str, name: str) -> None:
    """Pinned: another hash restarts people's training."""
    assert hashed(spec) == name


# What Helm 4 itself rewrites

REWRITTEN = {
    "|+": ("args:\n- |+\n  kept\n\n- x\n", True),
    "|+ without lines to keep": ("args:\n- |+\n  one\n- x\n", False),
    "> with deeper lines": ("args:\n- >\n  a\n    b\n- x\n", True),
    "> with a deeper first line": ("args:\n- >2\n    a\n  b\n- x\n", True),
    "> with a tab": ("args:\n- >\n  a\n  \tb\n- x\n", True),
    "> that only folds": ("args:\n- >\n  a\n  b\n- x\n", False),
    "|": ("args:\n- |\n  a\n    b\n- x\n", False),
    "|-": ("args:\n- |-\n  a\n- x\n", False),
    "a last |": ("args:\n- |\n  a\n", True),
    "a last |-": ("args:\n- |-\n  a\n", True),
    "a last >": ("args:\n- >\n  a\n  b\n", True),
    "a last string in quotes": ('args:\n- "a\\n"\n', False),
}  # fmt: skip


@pytest.mark.parametrize("what", REWRITTEN)
def test_text_that_helm_4_rewrites_is_a_warning(what: str) -> None:
    container, warned = REWRITTEN[what]
    result = run(stdin=make_catalog() + make_job(annotations="polyaxon.com/run-policy: keep\n", container=container))
    assert result.exit_code == 0
    assert result.error.count("warning[helm4-rewrites] Job/train") == int(warned)
    without = run(stdin=make_catalog() + make_job(container=container))
    assert without.error == ""


VERSIONS = {
    "a label with the chart's version": ("labels", "helm.sh/chart", True),
    "a label with the program's version": ("labels", "app.kubernetes.io/version", True),
    "an annotation with the chart's version": ("annotations", "helm.sh/chart", True),
    "a label that does not change": ("labels", "app.kubernetes.io/name", False),
    "a checksum, which changes with the content": ("annotations", "checksum/config", False),
}


@pytest.mark.parametrize("what", VERSIONS)
def test_a_pod_template_that_changes_with_the_chart_is_a_warning(what: str) -> None:
    field, key, warned = VERSIONS[what]

    def render(annotations: str, version: str) -> tuple[str, str]:
        job = make_job(annotations=annotations)
        job = job.replace("  template:\n", f"  template:\n    metadata: {{{field}: {{{key}: {version}}}}}\n")
        assert version in job
        result = run(stdin=make_catalog() + job)
        assert result.exit_code == 0
        (name,) = re.findall(r'^  name: "?(train\S*)"?$', result.output.decode(), re.MULTILINE)
        return name, result.error

    policy = "polyaxon.com/run-policy: keep\n"
    (name, error), (after, _) = render(policy, "other-1.2.3"), render(policy, "other-1.2.4")
    assert name != after  # pod templates can't be changed
    assert error.count("warning[changes-with-chart] Job/train") == int(warned)
    assert (f"the {field[:-1]} {key} of the pod template changes" in error) == warned
    assert render("", "other-1.2.3")[1] == ""


def test_the_same_label_of_the_job_itself_is_no_warning() -> None:
    job = make_job(annotations="polyaxon.com/run-policy: keep\n")
    job = job.replace("metadata:\n", "metadata:\n  labels: {helm.sh/chart: other-1.2.3}\n", 1)
    assert "other-1.2.3" in job
    assert run(stdin=make_catalog() + job).error == ""


def test_a_warning_is_a_problem_when_strict() -> None:
    job = make_job(annotations="polyaxon.com/run-policy: keep\n", container="args:\n- |\n  a\n")
    result = run("--strict", stdin=make_catalog() + job)
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[helm4-rewrites]" in result.error


# What stands in the way of a name

REFUSALS = {
    "another kind": (make_job(annotations="polyaxon.com/run-policy: keep\n").replace("kind: Job", "kind: Deployment").replace("batch/v1", "apps/v1"), "run-policy is not possible for a Deployment"),
    "a CronJob": (make_job(annotations="polyaxon.com/run-policy: keep\n").replace("kind: Job", "kind: CronJob").replace("  template:\n    spec:\n", "  jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}\n  x:\n    spec:\n"), "run-policy is not possible for a CronJob"),
    "a Helm hook": (make_job(annotations="polyaxon.com/run-policy: keep\nhelm.sh/hook: post-install\n"), "run-policy is not possible for a hook, which every upgrade starts"),
    "a hook of Argo CD": (make_job(annotations="polyaxon.com/run-policy: keep\nargocd.argoproj.io/hook: Sync\n"), "run-policy is not possible for a hook, which every upgrade starts"),
    "a generated name": (make_job(annotations="polyaxon.com/run-policy: keep\n").replace("  name: train\n", "  generateName: train-\n"), "run-policy needs a fixed name, but this Job has generateName"),
    "a selector": (make_job(annotations="polyaxon.com/run-policy: keep\n", spec="selector: {matchLabels: {a: b}}\n"), "run-policy sets the selector, but this Job has its own"),
    "manualSelector": (make_job(annotations="polyaxon.com/run-policy: keep\n", spec="manualSelector: true\n"), "run-policy sets the selector, but this Job has its own"),
    "keep in a fixed folder": (make_job(annotations="polyaxon.com/run-policy: keep\npolyaxon.com/run-folder: best\n"), "run-policy keep needs one run folder for each run, but polyaxon.com/run-folder is fixed"),
}  # fmt: skip


ONLY_JOBS = "remove the annotation: it is only for Jobs (batch/v1) that Helm installs"
REMEDIES = {
    "another kind": ONLY_JOBS,
    "a CronJob": ONLY_JOBS,
    "a Helm hook": "remove run-policy, or remove helm.sh/hook",
    "a hook of Argo CD": "remove run-policy, or remove helm.sh/hook",
    "a generated name": "write metadata.name instead of metadata.generateName",
    "a selector": "remove spec.selector and spec.manualSelector",
    "manualSelector": "remove spec.selector and spec.manualSelector",
    "keep in a fixed folder": "remove polyaxon.com/run-folder, or set run-policy to replace",
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_policy_that_can_not_hold(what: str) -> None:
    job, message = REFUSALS[what]
    result = run(stdin=make_catalog() + job)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.count("error[") == 1
    first, second = result.error.splitlines()
    assert first.startswith("<stdin>:27: error[run-policy] ")
    assert first.endswith(f" (chart/templates/runs.yaml), polyaxon.com/run-policy: {message}")
    assert second == f"  hint: {REMEDIES[what]}"


def test_replace_may_have_a_fixed_directory() -> None:
    job = make_job(annotations="polyaxon.com/run-policy: replace\npolyaxon.com/run-folder: best\n")
    result = run(stdin=make_catalog() + job)
    assert result.exit_code == 0
    assert '"$(POLYAXON_K8S_NAMESPACE)/jobs/best"' in result.output.decode()


@pytest.mark.parametrize(
    ("name", "base", "policy"),
    [
        ("train", "train", "keep"),
        ("train-0123456789", "other", "keep"),
        ("train-012345678", "train", "keep"),
        ("train-01234567890", "train", "keep"),
        ("train-012345678X", "train", "keep"),
        ("train-0123456789", "train", ""),
    ],
)
def test_a_forged_base_name_is_refused(name: str, base: str, policy: str) -> None:
    annotations = f"polyaxon.com/base-name: {base}\n" + (f"polyaxon.com/run-policy: {policy}\n" if policy else "")
    result = run(stdin=make_catalog() + make_job(name=name, annotations=annotations))
    assert result.exit_code == 1
    assert f"error[base-name] Job/{name}" in result.error


def test_a_resource_policy_of_its_own_is_a_conflict() -> None:
    job = make_job(annotations="polyaxon.com/run-policy: keep\nhelm.sh/resource-policy: delete\n")
    result = run(stdin=make_catalog() + job)
    assert result.exit_code == 1
    assert (
        '<stdin>:28: error[conflict] Job/train (chart/templates/runs.yaml): the annotation helm.sh/resource-policy is "delete"'
        in result.error
    )


@pytest.mark.parametrize(
    ("name", "policy", "code", "message", "hint"),
    [
        ("Train_1", "", "run-policy", '"Train_1" is not a valid Job name', "write metadata.name: lower-case letters, digits and dashes"),
        ("train", "helm.sh/resource-policy:\n", "conflict", "the annotation helm.sh/resource-policy has no value", "remove the annotation"),
        ("train", "helm.sh/resource-policy: delete\n", "conflict", 'the annotation helm.sh/resource-policy is "delete", but run-policy keep needs "keep"', 'write "keep", or remove run-policy'),
    ],
)  # fmt: skip
def test_a_job_that_can_not_be_kept_has_a_remedy(name: str, policy: str, code: str, message: str, hint: str) -> None:
    job = make_job(name=name, annotations="polyaxon.com/run-policy: keep\n" + policy)
    assert read_messages(run(stdin=make_catalog() + job).error) == [(code, message, hint)]


def test_a_resource_policy_that_contradicts_replace_is_a_conflict() -> None:
    job = make_job(annotations="polyaxon.com/run-policy: replace\nhelm.sh/resource-policy: keep\n")
    result = run(stdin=make_catalog() + job)
    assert result.exit_code == 1
    message = "polyaxon.com/run-policy: helm.sh/resource-policy: keep contradicts run-policy replace"
    assert f"<stdin>:27: error[conflict] Job/train (chart/templates/runs.yaml), {message}" in result.error
    assert "hint: remove one of the two annotations\n" in result.error


@pytest.mark.parametrize(("manual", "exit_code"), [("true", 1), ("false", 0)])
def test_the_selector_of_a_live_job_is_its_own_only_if_it_says_so(manual: str, exit_code: int) -> None:
    """The API server gives each Job a selector, and manualSelector: false."""
    selector = f"manualSelector: {manual}\nselector: {{matchLabels: {{batch.kubernetes.io/controller-uid: a}}}}\n"
    job = make_job(annotations="polyaxon.com/run-policy: keep\n", spec=selector)
    live = job.replace("  name: train\n", "  name: train\n  uid: a\n")
    error = run("verify", stdin=make_catalog() + live).error
    assert ("run-policy sets the selector, but this Job has its own" in error) is bool(exit_code), error


@pytest.mark.parametrize(
    ("there", "then"),
    [
        ("Replace=true", "Replace=true,Prune=false"),
        ("Prune=false", "Prune=false"),
        ("Replace=true, Prune=false", "Replace=true, Prune=false"),
        ('""', "Prune=false"),
    ],
)
def test_a_list_of_argo_cds_options_is_extended(there: str, then: str) -> None:
    job = make_job(annotations=f"polyaxon.com/run-policy: keep\nargocd.argoproj.io/sync-options: {there}\n")
    output = run(stdin=make_catalog() + job).output.decode()
    (line,) = re.findall(r"argocd.argoproj.io/sync-options: (.*)", output)
    assert line.strip('"') == then


ALIASES = {
    "a value": edited(("restartPolicy: Never", "restartPolicy: &never Never\n      dnsPolicy: *never")),
    "labels": edited(("  labels:\n    helm.sh/chart: chart-0.1.0\n", "  labels: &labels {team: vision}\n"), ("\n      labels:\n        team: vision\n", "\n      labels: *labels\n")),
}  # fmt: skip


@pytest.mark.parametrize("what", ALIASES)
def test_a_content_is_not_read_through_aliases(what: str) -> None:
    result = run(stdin=make_catalog() + ALIASES[what])
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[alias] Job/train (chart/templates/runs.yaml): " in result.error
    assert "is not allowed here\n  hint: write the value instead of the alias" in result.error
    without = ALIASES[what].replace("    polyaxon.com/run-policy: keep\n", "")
    assert run(stdin=make_catalog() + without).exit_code == 0
