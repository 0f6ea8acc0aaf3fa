"""The chart's admission policy: what asks for volumes and was not rendered does not get into the cluster."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

from post_renderer.workloads import NATIVE_KINDS
from tests.e2e.cluster.support import IMAGE, KUBECTL, Namespace, make_pod, make_workload, one_run, render_with, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.cluster.support import Helm, Object

DENIED = "denied request: it asks for volumes in its annotations of polyaxon.com"
ASKS = {"polyaxon.com/polyaxonfile": "{}"}
# Kubernetes itself has all of them but those of the group extensions, which are gone.
BUILT_IN = sorted((group, kind) for group, kind in NATIVE_KINDS if group in ("", "apps", "batch"))


def apply(space: Namespace, text: str, *words: str) -> str:
    """What kubectl says on standard error; empty where the object got in."""
    command = [KUBECTL, "--namespace", space.name, "apply", *words, "-f", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode != 0) is bool(done.stderr), done.stderr
    return done.stderr


def rendered(manifest: Object) -> str:
    return render_with(one_run()["persistence"], manifest)


def ask_on_server(space: Namespace, text: str) -> str:
    return apply(space, text, "--dry-run=server")


@pytest.fixture
def policed(helm: Helm) -> Iterator[Helm]:
    """A Helm whose namespace has the policy, and no other namespace has."""
    put_policy(helm)
    yield helm
    helm.must("uninstall", "demo")


def put_policy(helm: Helm) -> None:
    selector = {"matchLabels": {"kubernetes.io/metadata.name": helm.space.name}}
    helm.must_upgrade({"admissionPolicy": {"enabled": True, "namespaceSelector": selector}})
    bare = json.dumps(make_workload("", "Pod", ASKS, {}))
    until("the policy holds", lambda: DENIED in ask_on_server(helm.space, bare))


def test_every_kind_is_refused_bare_and_taken_rendered(policed: Helm) -> None:
    for group, kind in BUILT_IN:
        for outer, inner in ((ASKS, {}), ({}, ASKS)):
            if kind == "Pod" and inner:
                continue  # it has no template
            manifest = make_workload(group, kind, outer, inner)
            assert DENIED in ask_on_server(policed.space, json.dumps(manifest)), kind
            assert ask_on_server(policed.space, rendered(manifest)) == "", kind
        assert ask_on_server(policed.space, json.dumps(make_workload(group, kind, {}, {}))) == "", kind


# Kinds of other operators, one of each way in which their pods are found: below keys of any name, in lists, behind a
# fixed key, in containers of their own making. Each is a plural and the object's spec around ``POD``.
POD: Object = make_pod("", ["/bin/true"])["spec"]
OPERATORS: dict[tuple[str, str, str], Object] = {
    ("kubeflow.org/v1", "PyTorchJob", "pytorchjobs"): {
        "pytorchReplicaSpecs": {"Master": {"template": {"spec": POD}}, "Worker": {"template": {"spec": POD}}}
    },
    ("ray.io/v1", "RayCluster", "rayclusters"): {
        "headGroupSpec": {"template": {"spec": POD}},
        "workerGroupSpecs": [{"groupName": "small", "template": {"spec": POD}}],
    },
    ("argoproj.io/v1alpha1", "Workflow", "workflows"): {
        "entrypoint": "main",
        "templates": [{"name": "main", "container": POD["containers"][0]}],
    },
    ("tekton.dev/v1", "Task", "tasks"): {"steps": [{"name": "one", **IMAGE, "command": ["/bin/true"]}]},
    ("serving.kserve.io/v1beta1", "InferenceService", "inferenceservices"): {
        "predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "pvc://models/it"}}
    },
}


@pytest.fixture
def operators() -> Iterator[None]:
    """The operators' definitions, where the cluster has them not, as loose as they can be."""
    made = []
    for api, kind, plural in OPERATORS:
        group, _, version = api.partition("/")
        schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
        names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
        name = f"{plural}.{group}"
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": name},
            "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [served]},
        }
        if not call("get", "crd", name, "--ignore-not-found", "-o", "name"):
            call("create", "-f", "-", stdin=json.dumps(definition))
            made.append(name)
        call("wait", "--for=condition=Established", f"crd/{name}", "--timeout=30s")
    yield
    if made:
        call("delete", "crd", *made)


def call(*words: str, stdin: str | None = None) -> str:
    return Namespace("default").kubectl(*words, stdin=stdin)


def is_denied(space: Namespace, manifest: Object) -> bool:
    return DENIED in ask_on_server(space, json.dumps(manifest))


@pytest.mark.usefixtures("operators")
def test_objects_of_other_operators_are_refused_bare_and_taken_rendered(helm4: Helm) -> None:
    put_policy(helm4)
    space = helm4.space
    for (api, kind, _), spec in OPERATORS.items():
        bare: Object = {"apiVersion": api, "kind": kind, "metadata": {"name": "w", "annotations": ASKS}, "spec": spec}
        until(f"the policy holds for {kind}", partial(is_denied, space, bare))
        assert apply(space, rendered(bare)) == "", kind
        assert DENIED in apply(space, json.dumps(bare)), kind  # over the rendered one
        asks_nothing = {**bare, "metadata": {"name": "quiet"}}
        assert apply(space, json.dumps(asks_nothing)) == "", kind
    helm4.must("uninstall", "demo")


@pytest.mark.parametrize("text", ["kind: build\n", "version: 1\nkind: 'build'\n", '{"kind": "build"}', "{kind: build}"])
def test_a_build_asks_for_no_volumes(text: str, policed: Helm) -> None:
    manifest = make_workload("batch", "Job", {"polyaxon.com/polyaxonfile": text}, {})
    assert ask_on_server(policed.space, json.dumps(manifest)) == ""
    mentions = make_workload(
        "batch", "Job", {"polyaxon.com/polyaxonfile": f"# {text[:5]}\nbuild: {{image: kind}}\n"}, {}
    )
    assert DENIED in ask_on_server(policed.space, json.dumps(mentions))


BUILD, DATA = {"polyaxon.com/kind": "build"}, {"polyaxon.com/data": ""}
FILE_OF_A_BUILD = {"polyaxon.com/polyaxonfile": "kind: build"}


@pytest.mark.parametrize(
    ("outer", "inner", "asks"),
    [
        (DATA, {}, True),
        ({}, DATA, True),
        ({"polyaxon.com/outputs": "results"}, {}, True),
        ({"polyaxon.com/kind": "job"}, {}, True),
        (BUILD, {}, False),
        (BUILD | DATA, {}, False),
        (BUILD, DATA, False),
        (DATA, BUILD, False),
        (FILE_OF_A_BUILD | BUILD, {}, False),
    ],
)
def test_annotations_ask_without_a_polyaxonfile(
    outer: dict[str, str], inner: dict[str, str], asks: bool, policed: Helm
) -> None:
    manifest = make_workload("batch", "Job", outer, inner)
    assert (DENIED in ask_on_server(policed.space, json.dumps(manifest))) is asks
    assert ask_on_server(policed.space, rendered(manifest)) == ""


def test_a_member_of_a_group_is_refused_bare_and_taken_rendered(policed: Helm) -> None:
    group = {"polyaxon.com/group": "sweep"}
    assert DENIED in ask_on_server(policed.space, json.dumps(make_workload("batch", "Job", group, {})))
    member = make_workload("batch", "Job", group | {"polyaxon.com/kind": "experiment"}, {})
    assert DENIED in ask_on_server(policed.space, json.dumps(member))
    assert ask_on_server(policed.space, rendered(member)) == ""


def test_a_rendered_deployment_is_not_overwritten_by_a_bare_one(policed: Helm) -> None:
    manifest = make_workload("apps", "Deployment", ASKS, {})
    assert apply(policed.space, rendered(manifest)) == ""
    assert DENIED in apply(policed.space, json.dumps(manifest))


def test_what_was_bare_before_can_be_changed_and_finished(helm: Helm) -> None:
    both = {"outer": ASKS, "inner": ASKS}
    job = make_workload("batch", "Job", **both)
    job["spec"]["suspend"] = True
    deployment = make_workload("apps", "Deployment", **both)
    deployment["spec"]["replicas"] = 0
    deployment["spec"]["template"]["spec"]["containers"][0]["command"] = ["/bin/sleep", "3600"]
    cron_job = make_workload("batch", "CronJob", **both)
    for manifest in (job, deployment, cron_job):
        assert apply(helm.space, json.dumps(manifest)) == "", manifest["kind"]
    put_policy(helm)
    job["spec"]["suspend"] = False
    deployment["spec"]["replicas"] = 1
    for manifest in (job, deployment, cron_job):
        assert apply(helm.space, json.dumps(manifest)) == "", manifest["kind"]
    assert helm.space.wait_for_end("w") == "Complete"
    helm.space.kubectl("create", "job", "of-cron", "--from=cronjob/w")
    assert helm.space.wait_for_end("of-cron") == "Complete"
    helm.space.kubectl("rollout", "status", "deployment/w", "--timeout=240s")
    helm.space.kubectl("delete", "job,cronjob,deployment", "--all", "--cascade=foreground", "--timeout=60s")
    helm.must("uninstall", "demo")


@pytest.mark.parametrize(
    ("api", "kind", "is_controller"),
    [("example.com/v1", "Job", True), ("batch/v1", "Foo", True), ("batch/v1", "Job", False)],
)
def test_what_something_unwatched_makes_is_refused_bare(
    api: str, kind: str, is_controller: bool, policed: Helm
) -> None:
    owner = {"apiVersion": api, "kind": kind, "name": "w", "uid": "1", "controller": is_controller}
    for made in ("Pod", "Job"):
        manifest = make_workload("batch" if made == "Job" else "", made, ASKS, {})
        manifest["metadata"]["ownerReferences"] = [owner]
        assert DENIED in ask_on_server(policed.space, json.dumps(manifest)), made
        assert ask_on_server(policed.space, rendered(manifest)) == "", made


def test_a_release_without_the_post_renderer_is_refused_with_the_remedy(policed: Helm) -> None:
    policy = {"admissionPolicy": json.loads(policed.must("get", "values", "demo", "-o", "json"))["admissionPolicy"]}
    refused = policed.upgrade(one_run(), policy, post=False)
    assert refused.returncode != 0
    assert "add --post-renderer polyaxon-persistence" in refused.stderr
    assert not policed.space.get("jobs")
    policed.must_upgrade(one_run(), policy)
    assert len(policed.space.wait_for_pods()) == 1
