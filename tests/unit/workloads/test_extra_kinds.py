"""Kinds that a site's catalog adds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import make_catalog, run
from tests.support.custom_resources import (
    OWN,
    SITE_CATALOG,
    annotated,
    has_ours,
    inner_pods,
    mounts_of,
    pod,
    refused,
    rendered,
    wrapper,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_site_adds_a_kind() -> None:
    spec = {"runs": [{"a": {"pod": pod("x")}, "b": {"pod": pod("y")}}], "main": {"pod": pod("z")}}
    found = rendered(annotated("example.com", "Sweep", spec), catalog=OWN)["spec"]
    pods = [found["runs"][0]["a"]["pod"], found["runs"][0]["b"]["pod"], found["main"]["pod"]]
    assert all(has_ours(item["containers"][0]) for item in pods)
    assert "error[not-a-workload] Sweep/train" in refused(annotated("example.org", "Sweep", spec), catalog=OWN)


@pytest.mark.parametrize("place", ["spec.*.template.spec", "spec.*.*.spec"])
def test_a_star_passes_over_what_is_no_mapping(place: str) -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: ['{place}']}}]\n"
    spec = {"backoff": 3, "names": ["a"], "none": None, "workers": {"replicas": 2, "template": {"spec": pod("x")}}}
    found = rendered(annotated("example.com", "Train", spec), catalog=own)["spec"]
    assert has_ours(found["workers"]["template"]["spec"]["containers"][0])
    assert (found["backoff"], found["names"], found["none"]) == (3, ["a"], None)
    assert "has no pod template" in refused(annotated("example.com", "Train", {"backoff": 3}), catalog=own)


def test_a_star_does_not_pass_over_an_alias() -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: ['spec.*.template.spec']}}]\n"
    found = yaml.safe_dump(annotated("example.com", "Train", {"main": {"template": {"spec": pod("x")}}}))
    found = found.replace("  main:\n", "  main: &main\n") + "  copy: *main\n"
    assert "error[alias] Train/train" in refused(found, catalog=own)


def test_a_path_of_a_site_may_lead_through_lists_of_lists() -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: ['spec.steps[][].pod']}}]\n"
    found = rendered(annotated("example.com", "Train", {"steps": [[{"pod": pod("x")}], []]}), catalog=own)["spec"]
    assert has_ours(found["steps"][0][0]["pod"]["containers"][0])


@pytest.mark.parametrize("again", ["spec.template.spec", "spec.*.spec"])
def test_a_pod_to_which_two_paths_of_a_site_lead_is_one(again: str) -> None:
    own = f"{SITE_CATALOG}workloads: [{{group: example.com, kind: Train, podSpecs: [spec.template.spec, '{again}']}}]\n"
    found = rendered(annotated("example.com", "Train", {"template": {"spec": pod("x")}}), catalog=own)
    spec = found["spec"]["template"]["spec"]
    assert [volume["name"] for volume in spec["volumes"]] == ["results", "images"]
    assert mounts_of(spec["containers"][0]) == ["/outputs", "/polyaxon/outputs", "/data/images"]


def test_a_kind_of_a_site_may_be_inside_another_object() -> None:
    own = SITE_CATALOG + "workloads: [{group: example.com, kind: Sweep, podSpecs: [spec.template.spec]}]\n"
    inner = {
        "apiVersion": "example.com/v1",
        "kind": "Sweep",
        "metadata": {"name": "a"},
        "spec": {"template": {"spec": pod("x")}},
    }
    (found,) = inner_pods(rendered(wrapper(inner), catalog=own))
    assert has_ours(found["containers"][0])


def test_a_site_knows_its_version_of_a_kind_better() -> None:
    own = SITE_CATALOG + "workloads: [{group: ray.io, kind: RayCluster, podSpecs: [spec.head]}]\n"
    found = rendered(annotated("ray.io", "RayCluster", {"head": pod("x")}), catalog=own)
    assert has_ours(found["spec"]["head"]["containers"][0])


def of_release(release: str, found: str | dict[str, Any]) -> dict[str, Any]:
    labelled: dict[str, Any] = yaml.safe_load(found) if isinstance(found, str) else found
    labelled["metadata"].setdefault("labels", {})["app.kubernetes.io/instance"] = release
    return labelled


def test_kinds_are_those_of_the_catalog_of_an_objects_own_release(tmp_path: Path) -> None:
    both = {"old": {"spec": pod("x")}, "new": {"spec": pod("x")}}
    places = {"red": "spec.old.spec", "blue": "spec.new.spec"}
    entry = "workloads: [{{group: example.com, kind: Train, podSpecs: [{}]}}]\n"
    catalogs = [of_release(name, make_catalog(SITE_CATALOG + entry.format(places[name]))) for name in places]
    objects = [of_release(name, annotated("example.com", "Train", both)) for name in places]
    objects[1]["metadata"]["name"] = "other"
    stray = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "labels": "not ours"}}
    stream = "".join(f"---\n{yaml.safe_dump(item)}" for item in [*catalogs, *objects, stray])
    result = run(stdin=stream)
    assert (result.exit_code, result.error) == (0, "")
    *_, red, blue, last = yaml.safe_load_all(result.output)
    assert (has_ours(red["spec"]["old"]["spec"]["containers"][0]), red["spec"]["new"]) == (True, both["new"])
    assert (has_ours(blue["spec"]["new"]["spec"]["containers"][0]), blue["spec"]["old"]) == (True, both["old"])
    assert last == stray
    assert run("verify", stdin=result.output).exit_code == 0
    (tmp_path / "installed").write_bytes(result.output)
    against = run("check", "--output", "json", "--against", str(tmp_path / "installed"), stdin=stream)
    assert [change["outcome"] for change in json.loads(against.output)["runs"]] == ["left alone"] * 2
    blue = yaml.safe_dump(of_release("blue", make_catalog(SITE_CATALOG)))
    result = run(stdin=f"---\n{yaml.safe_dump(catalogs[0])}---\n{blue}---\n{yaml.safe_dump(objects[1])}")
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[not-a-workload] Train/other" in result.error


WRONG = {
    "workloads: {a: b}": "must be a list of kinds",
    "workloads: [a]": "entry 1: a kind must be a mapping",
    "workloads: [{}]": "entry 1: group is missing",
    "workloads: [{group: a.b, kind: C}]": "entry 1: podSpecs must be a list of paths to pod specs",
    "workloads: [{group: a.b, podSpecs: [x]}]": "entry 1: kind is missing",
    "workloads: [{group: batch, kind: Job, podSpecs: [x]}]": 'entry 1: group "batch" is not the group of a custom resource',
    "workloads: [{group: a.b/v1, kind: Job, podSpecs: [x]}]": 'entry 1: group "a.b/v1" is not the group of a custom resource',
    "workloads: [{group: a.b, kind: c/d, podSpecs: [x]}]": 'entry 1: kind "c/d" is not the name of a kind',
    "workloads: [{group: a.b, kind: true, podSpecs: [x]}]": 'entry 1: kind "true" is not the name of a kind',
    "workloads: [{group: a.b, kind: C, podSpec: [x]}]": 'entry 1: unknown key "podSpec"',
    "workloads: [{group: a.b, kind: C, podSpecs: ['spec.pods[]']}]": 'entry 1: "spec.pods[]" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['spec.*']}]": 'entry 1: "spec.*" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a[][].b[]']}]": 'entry 1: "a[][].b[]" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a[]b.c']}]": 'entry 1: "a[]b.c" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['[].c']}]": 'entry 1: "[].c" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: [.spec]}]": 'entry 1: ".spec" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a:argo']}]": 'entry 1: "a:argo" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: ['a b']}]": 'entry 1: "a b" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: [{}]}]": 'entry 1: "{}" is not a path to pod specs',
    "workloads: [{group: a.b, kind: C, podSpecs: [x]}, {group: a.b, kind: C, podSpecs: [y]}]": 'entry 2: "C.a.b" is repeated',
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_kind_of_a_site_is_a_problem(text: str) -> None:
    result = run("check", stdin=make_catalog(SITE_CATALOG + text + "\n"))
    assert result.exit_code == 1
    assert "error[invalid-catalog] ConfigMap/catalog" in result.error
    assert f"persistence.workloads: {WRONG[text]}" in result.error
