"""Flux: patches that, applied by the real kustomize to a bare rendering, give what a render gives."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.examples import objects, template
from tests.support.json_patch import apply_patches
from tests.support.paths import GOLDEN, ROOT

if TYPE_CHECKING:
    from pathlib import Path


# Every shape of what must change: lists that are there, empty, null or missing, and two pods' worth of containers.
SHAPES = """\
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: full.name
  namespace: vision
  annotations: {polyaxon.com/polyaxonfile: '{}'}
spec:
  template:
    metadata: {labels: {a: b}}
    spec:
      schedulingGates: [{name: other/gate}, {name: polyaxon.com/needs-post-renderer}]
      volumes: [{name: own, emptyDir: {}}]
      containers:
      - name: one
        env: [{name: OWN, value: "1"}, {name: TWO, value: $(POLYAXON_RUN_OUTPUTS_PATH)}]
        volumeMounts: [{name: own, mountPath: /own}]
      - name: two
        env: []
        volumeMounts: null
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, annotations: {polyaxon.com/polyaxonfile: '{}'}}
spec:
  schedule: "@daily"
  jobTemplate:
    spec:
      template:
        spec:
          schedulingGates: [{name: polyaxon.com/needs-post-renderer}]
          containers: [{name: main, image: a}]
---
apiVersion: v1
kind: Service
metadata: {name: full-name}
---
apiVersion: v1
kind: Secret
metadata: {name: nightly}
"""


def patches_of(stream: str, *more: str) -> list[dict[str, Any]]:
    done = run("flux-patches", *more, stdin=stream)
    assert done.exit_code == 0, done.error
    (renderer,) = yaml.safe_load(done.output)["spec"]["postRenderers"]
    found: list[dict[str, Any]] = renderer["kustomize"]["patches"]
    return found


@pytest.mark.parametrize("annotation", ["data: data1", "outputs: outputs2", "kind: experiment"])
def test_a_run_that_asks_by_annotations_gets_a_patch(annotation: str) -> None:
    job = make_job().replace("polyaxonfile: |\n      {}\n", f"{annotation}\n")
    (patch,) = patches_of(make_catalog() + job)
    assert patch["target"]["name"] == "train"
    assert "POLYAXON_DATA_PATHS" in patch["patch"]


def apply(stream: str, patches: list[dict[str, Any]], folder: Path, tools: Path) -> list[dict[str, Any]]:
    """What Flux's helm-controller does: a kustomization over what Helm rendered."""
    folder.mkdir()
    (folder / "rendered.yaml").write_text(stream)
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["rendered.yaml"], "patches": patches}))
    done = subprocess.run([tools / "kustomize", "build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


def test_patches_give_what_a_render_gives(tools: Path, tmp_path: Path) -> None:
    stream = make_catalog() + SHAPES
    rendered = objects(run(stdin=stream).output.decode())
    patches = patches_of(stream)
    assert [patch["target"]["name"] for patch in patches] == ["full\\.name", "nightly"]
    assert apply(stream, patches, tmp_path / "all", tools) == rendered
    assert "POLYAXON_DATA_PATHS" in str(rendered)


def read_golden(name: str) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]] | None:
    """The stream of a golden case, the patches, and what a render gives; None if one of them is an error."""
    stream = (GOLDEN / name / "input.yaml").read_bytes().decode()
    rendered, printed = run(stdin=stream), run("flux-patches", stdin=stream)
    if rendered.exit_code or printed.exit_code:
        assert rendered.exit_code or "error[not-patchable]" in printed.error
        return None
    (renderer,) = yaml.safe_load(printed.output)["spec"]["postRenderers"]
    return stream, renderer["kustomize"]["patches"], documents(rendered.output.decode())


def documents(stream: str) -> list[dict[str, Any]]:
    """The objects in their order, those of Lists among them."""
    found = [document for document in yaml.safe_load_all(stream) if document]
    return [item for document in found for item in document.get("items", [document])]


def test_the_patches_of_all_golden_cases_give_what_a_render_gives() -> None:
    no_input = ("untouched-neighbours", "run-folder-of-two-namespaces")  # kustomize refuses these streams
    names = [path.name for path in GOLDEN.iterdir() if (path / "output.yaml").exists() and path.name not in no_input]
    compared = 0
    for name in names:
        if (GOLDEN / name / "arguments").exists():
            continue
        if given := read_golden(name):
            stream, patches, rendered = given
            found = documents(stream)
            assert (name, apply_patches(found, patches)) == (name, [])
            assert (name, found) == (name, rendered)
            compared += bool(patches)
    assert compared > 90


@pytest.mark.parametrize("name", ["volume-sources", "kind-pod", "kind-cluster-training-runtime", "two-releases"])
def test_kustomize_gives_what_a_render_gives(name: str, tools: Path, tmp_path: Path) -> None:
    given = read_golden(name)
    assert given
    stream, patches, rendered = given
    assert apply(stream, patches, tmp_path / "all", tools) == objects(yaml.safe_dump_all(rendered))


NUMBERS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: catalog, labels: {polyaxon.com/catalog: v1}}
data:
  persistence.yaml: |
    data:
      a: {mountPath: /data/a, volumeSource: {nfs: {server: "1", path: /x, readOnly: yes}}}
      s: {mountPath: /data/s, volumeSource: {secret: {secretName: "true", defaultMode: 0400, optional: false}}}
"""


def test_numbers_and_booleans_of_a_volume_source_stay_what_they_are(tools: Path, tmp_path: Path) -> None:
    stream = NUMBERS + "---\n" + make_job()
    (job,) = apply(stream, patches_of(stream), tmp_path / "all", tools)[1:]
    nfs, secret = job["spec"]["template"]["spec"]["volumes"]
    assert nfs["nfs"] == {"server": "1", "path": "/x", "readOnly": True}
    assert secret["secret"] == {"secretName": "true", "defaultMode": 0o400, "optional": False}


@pytest.mark.parametrize(("namespace", "other"), [("", "vision"), ("vision", ""), ("vision", "sight")])
def test_a_patch_changes_no_object_of_another_namespace(
    namespace: str, other: str, tools: Path, tmp_path: Path
) -> None:
    """Without a namespace in its target, a patch changes the objects of all namespaces."""

    def place(job: str, namespace: str) -> str:
        return job.replace("  name: train\n", f"  name: train\n  namespace: {namespace}\n") if namespace else job

    ours = place(make_job(), namespace)
    foreign = place(make_job().replace("polyaxon.com/polyaxonfile: |\n      {}\n", "a: b\n"), other)
    assert "polyaxon.com" not in foreign
    stream = make_catalog() + ours + foreign
    rendered = objects(run(stdin=stream).output.decode())
    found = apply(stream, patches_of(stream), tmp_path / "all", tools)
    assert len(found) == len(rendered)
    assert all(item in rendered for item in found)
    assert str(found).count("POLYAXON_DATA_PATHS") == 1


@pytest.mark.parametrize("key", ["apiVersion", "kind"])
def test_an_item_of_a_list_without_its_own_kind_can_not_be_patched(key: str) -> None:
    """kustomize refuses such an item, and a target without a kind would select objects of all kinds."""
    lines = [line for line in make_job().splitlines() if line != "---" and not line.startswith("#")]
    items = "\n".join("  " + line for line in lines if not line.startswith(key + ":"))
    stream = "apiVersion: batch/v1\nkind: JobList\nitems:\n- " + items.lstrip() + "\n"
    done = run("flux-patches", stdin=make_catalog() + "---\n" + stream)
    assert (done.exit_code, done.output) == (1, b"")
    assert f"error[not-patchable] Job/train (chart/templates/catalog.yaml): the object has no {key}" in done.error


def test_two_objects_of_one_name_that_need_different_changes_can_not_be_patched() -> None:
    """A hook and a Job can have one name: Flux applies each patch to both."""
    other = make_job("environment: {persistence: {data: []}}\n")
    done = run("flux-patches", stdin=make_catalog() + make_job() + other)
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[not-patchable] Job/train" in done.error
    assert "another object with this kind and name" in done.error


def test_the_example_release(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    """The documented way: Helm renders the release's values, kustomize puts the patches into it, Flux applies them."""
    folder = tmp_path / "flux"
    shutil.copytree(ROOT / "docs" / "examples" / "flux", folder)
    release = yaml.safe_load((folder / "helmrelease.yaml").read_text())
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(release["spec"]["values"]))
    words = ["template", "demo", "chart", "-n", "vision", "-f", str(tmp_path / "values.yaml")]
    bare = subprocess.run(
        [tools / "helm4", *words], cwd=ROOT, env=helm_env, capture_output=True, text=True, check=True
    ).stdout
    patches = run("flux-patches", stdin=bare)
    assert patches.exit_code == 0, patches.error
    (folder / "post-renderers.yaml").write_bytes(patches.output)
    built = subprocess.run([tools / "kustomize", "build", folder], capture_output=True, text=True, check=True).stdout
    (found,) = yaml.safe_load_all(built)
    assert {**found, "spec": {key: found["spec"][key] for key in release["spec"]}} == release
    (renderer,) = found["spec"]["postRenderers"]
    rendered = objects(run(stdin=bare).output.decode())
    assert apply(bare, renderer["kustomize"]["patches"], tmp_path / "applied", tools) == rendered
    assert str(rendered).count("POLYAXON_DATA_PATHS") == 2


@pytest.mark.parametrize("strategy", ["nohooks", "combined", "separate"])
def test_flux_strategies(strategy: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    bare = template(tools, helm_env, "hook", "helm4", post=()).stdout
    patches = patches_of(bare)
    rendered = objects(run(stdin=bare).output.decode())

    def is_hook(item: dict[str, Any]) -> bool:
        return "helm.sh/hook" in item["metadata"].get("annotations", {})

    hooks, manifests = ([item for item in objects(bare) if is_hook(item) == wanted] for wanted in (True, False))
    assert hooks
    assert manifests
    groups = {"nohooks": [manifests], "combined": [hooks + manifests], "separate": [hooks, manifests]}[strategy]
    given = [item for group in groups for item in group]
    names = {(item["kind"], item["metadata"]["name"]) for item in given}
    found = []
    for number, group in enumerate(groups):
        found += apply(yaml.safe_dump_all(group), patches, tmp_path / str(number), tools)
    expected = [item for item in rendered if (item["kind"], item["metadata"]["name"]) in names]
    assert sorted(found, key=lambda item: (item["kind"], item["metadata"]["name"])) == expected


def test_the_message_for_a_job_named_by_content_says_what_to_set() -> None:
    stream = make_catalog() + make_job(annotations="polyaxon.com/run-policy: keep\n")
    done = run("flux-patches", stdin=stream)
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[not-patchable] Job/train" in done.error
    assert "policy: none" in done.error


def test_an_object_without_a_name_can_not_be_patched() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: train-\n  annotations:\n"
    pod += "    polyaxon.com/polyaxonfile: '{}'\nspec: {containers: [{name: main}]}\n"
    done = run("flux-patches", stdin=make_catalog() + "---\n" + pod)
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[not-patchable] Pod/train-*" in done.error


def test_problems_of_the_stream_are_reported_and_nothing_is_written() -> None:
    done = run("flux-patches", stdin=make_catalog() + make_job("environment: {persistence: {data: [x]}}\n"))
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[unknown-volume]" in done.error


def test_warnings_are_reported_and_stop_it_when_strict() -> None:
    stream = make_catalog() + make_job("environment: {persistence: {outputs: outputs1}}\n")
    mild, strict = run("flux-patches", stdin=stream), run("flux-patches", "--strict", stdin=stream)
    assert (mild.exit_code, mild.error.count("warning[")) == (0, 1)
    assert (strict.exit_code, strict.output) == (1, b"")


def test_a_stream_without_runs_needs_no_patches(tmp_path: Path) -> None:
    assert patches_of("kind: Service\n") == []
    site = tmp_path / "site.yaml"
    site.write_text("persistence: {outputs: {out: {mountPath: /out, existingClaim: site}}}\n")
    (patch,) = patches_of(make_job(), "--persistence", str(site))
    assert '"claimName": "site"' in patch["patch"]
    rendered = run("--persistence", str(site), stdin=make_job()).output.decode()
    assert patches_of(rendered, "--persistence", str(site)) == []
    assert patches_of("polyaxon.com/: [\n---\n" + make_job(), "--persistence", str(site)) == [patch]
    assert patches_of(make_job() + make_job(), "--persistence", str(site)) == [patch]
