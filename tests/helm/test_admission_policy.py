"""The chart's admission policy as Helm renders it; what it does to real objects is shown in tests/e2e/cluster."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer.k8s import FIELDS, POLYAXONFILE
from post_renderer.workloads import NATIVE_KINDS, list_kinds
from tests.support.examples import env_of, kubeconform
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

KIND = re.compile(r'object.kind != "(?P<kind>\w+)" \|\| !object.apiVersion.startsWith\("(?P<group>[\w.-]+)/"\)')


@pytest.fixture(scope="module", params=["helm3", "helm4", "helm4-oldest"])
def rendered(request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str]) -> str:
    """The policy as it comes through the post-renderer, which has nothing to do in it."""
    command = [str(tools / request.param), "template", "demo", "chart", "--set", "admissionPolicy.enabled=true"]
    command += ["--post-renderer", "polyaxon-persistence"]
    env = env_of(request.param, helm_env)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=60).stdout


def test_it_watches_every_kind_of_kubernetes_that_takes_a_request(rendered: str) -> None:
    policy: dict[str, Any] = next(yaml.safe_load_all(rendered))
    rules = policy["spec"]["matchConstraints"]["resourceRules"]
    watched = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    # Nothing of the group extensions is served by a Kubernetes that has such policies.
    wanted = {(group, f"{kind.lower()}s") for group, kind in NATIVE_KINDS if "." not in group and group != "extensions"}
    assert watched == wanted


def test_it_watches_every_other_kind_that_has_its_pods_in_itself(rendered: str) -> None:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(rendered))
    kind = "ValidatingAdmissionPolicy"
    (_, policy) = sorted((item for item in documents if item["kind"] == kind), key=lambda item: len(str(item)))
    (rule,) = policy["spec"]["matchConstraints"]["resourceRules"]
    found = [KIND.match(validation["expression"]) for validation in policy["spec"]["validations"]]
    watched = {(match["group"], match["kind"]) for match in found if match}
    assert len(watched) == len(found)
    rows = [
        (group, kind, row)
        for group, kind, row in list_kinds()
        if (group, kind) not in NATIVE_KINDS and not row.unsupported_reason
    ]
    holders = {("kubeflow.org", "Experiment"), ("kubeflow.org", "Trial"), ("workload.codeflare.dev", "AppWrapper")}
    assert watched == {(group, kind) for group, kind, _ in rows} - holders
    assert rule["apiGroups"] == sorted({group for group, _ in watched})


def test_it_looks_for_each_annotation_that_asks(rendered: str) -> None:
    """tests/e2e/cluster/test_admission.py shows what the expressions do."""
    policies = [item for item in yaml.safe_load_all(rendered) if item["kind"] == "ValidatingAdmissionPolicy"]
    assert len(policies) == 2
    for policy in policies:
        words = [*policy["spec"]["variables"], *policy["spec"]["matchConditions"]]
        asking = [word["expression"] for word in words if "polyaxon.com/" in word["expression"]]
        assert len(asking) == (2 if policy["metadata"]["name"].endswith("-operators") else 1)
        for expression in asking:
            assert f'annotations[?"{POLYAXONFILE}"]' in expression
            assert {name for name in FIELDS if f'annotations[?"{name}"].hasValue()' in expression} == FIELDS


def test_it_is_what_kubernetes_expects(rendered: str, tools: Path) -> None:
    done = kubeconform(tools, rendered, "1.37")
    assert "Valid: 4, Invalid: 0, Errors: 0, Skipped: 0" in done.stdout, done.stdout + done.stderr
