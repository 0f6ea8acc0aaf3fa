"""The chart as a dependency of a chart of one's own, with both Helms."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from tests.support.examples import POST_RENDERER, env_of, objects, pod_spec
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

EXAMPLES = ROOT / "docs" / "examples"
PARENT = [("Job", "demo-evaluate")]
CATALOG = "persistence: {data: {images: {mountPath: /site, existingClaim: a}}, outputs: {results: {mountPath: /r, existingClaim: b}}}\n"
TWICE = [{"name": "polyaxon-persistence", "version": ">=0.1.0", "repository": "file://../chart"} | more for more in ({"alias": "vision"}, {"alias": "speech"})]  # fmt: skip
RUNS = {"lab": {"image": "busybox", "polyaxonfile": {"kind": "notebook"}}, "train": {"image": "busybox"}}
STORED = {"outputs": {"results": {"mountPath": "/r", "create": {"size": "1Gi"}}}}


class Umbrella(NamedTuple):
    """A chart that depends on ours, and the Helm that renders it."""

    path: Path
    helm: Path
    env: dict[str, str]

    def start(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.helm), *words]
        return subprocess.run(command, cwd=self.path, env=self.env, capture_output=True, text=True, check=False)

    def template(self, *words: str, post: Sequence[str] = ()) -> list[dict[str, Any]]:
        done = self.start("template", "demo", ".", *post, *words)
        assert done.returncode == 0, done.stderr
        return objects(done.stdout)

    def change(self, file: str, change: Callable[[Any], None]) -> None:
        content = yaml.safe_load((self.path / file).read_text())
        change(content)
        (self.path / file).write_text(yaml.safe_dump(content))

    def build(self) -> None:
        done = self.start("dependency", "update")
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=["helm3", "helm4", "helm4-oldest"])
def umbrella(request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> Umbrella:
    shutil.copytree(EXAMPLES / "umbrella", tmp_path / "umbrella")
    shutil.copytree(ROOT / "chart", tmp_path / "chart")
    return Umbrella(tmp_path / "umbrella", tools / request.param, env_of(request.param, helm_env))


def names(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["kind"], item["metadata"]["name"]) for item in found]


def volumes(job: dict[str, Any]) -> list[str]:
    return [volume["name"] for volume in pod_spec(job)["volumes"] if volume["name"] != "shm"]


def test_the_documented_chart(umbrella: Umbrella) -> None:
    umbrella.build()
    catalog, own, run = umbrella.template(post=POST_RENDERER)
    assert names([catalog]) == [("ConfigMap", "demo-training-persistence")]
    assert own["metadata"]["name"].startswith("demo-evaluate-")
    assert run["metadata"]["name"].startswith("demo-training-train-")
    assert volumes(own) == volumes(run) == ["results", "images"]
    assert pod_spec(run)["containers"][0]["image"] == "python:3.12-slim"


@pytest.mark.parametrize("has_condition", [True, False])
def test_enabled_false_renders_nothing(has_condition: bool, umbrella: Umbrella) -> None:
    if not has_condition:
        umbrella.change("Chart.yaml", lambda chart: chart["dependencies"][0].pop("condition"))
    more = {"admissionPolicy": {"enabled": True}, "runs": RUNS | {"My_Run": {}}, "persistence": STORED}
    umbrella.change("values.yaml", lambda values: values["training"].update(more, enabled=False))
    umbrella.build()
    assert names(umbrella.template()) == PARENT


@pytest.mark.parametrize("value", [None, True])
def test_without_a_condition_null_means_true(value: bool | None, umbrella: Umbrella) -> None:
    umbrella.change("Chart.yaml", lambda chart: chart["dependencies"][0].pop("condition"))
    umbrella.change("values.yaml", lambda values: values["training"].update(enabled=value))
    umbrella.build()
    assert len(umbrella.template()) == 3


def test_a_message_names_the_key_in_the_values_of_the_umbrella(umbrella: Umbrella) -> None:
    umbrella.change("values.yaml", lambda values: values["training"].update(runs={"My_Run": {}}, nameOverride="A"))
    umbrella.build()
    done = umbrella.start("template", "demo", ".")
    assert "\ntraining.nameOverride is " in done.stderr
    assert "\ntraining.runs.My_Run: a name must have only " in done.stderr


@pytest.mark.parametrize(
    ("catalog", "message"),
    [
        (
            {"outputs": {"blobs": {"store": "azure", "bucket": "wasbs://c@a.blob.core.windows.net/"}}},
            "training.runs.board gets the bucket wasbs://c@a.blob.core.windows.net/, but Tensorboard can't open storage of Azure: name another outputs volume in training.runs.board.polyaxonfile, or write training.runs.board.command and training.runs.board.args",
        ),
        (
            {"outputs": {"logs": {"store": "s3", "bucket": "s3://logs"}}, "runFolder": "{name}"},
            "training.runs.board: Tensorboard can't show the root of the bucket s3://logs: write a directory at the end of its URL, or begin training.persistence.runFolder with a directory that all runs have",
        ),
    ],
)  # fmt: skip
def test_a_tensorboard_of_the_umbrella_has_the_alias_in_its_messages(
    catalog: dict[str, Any], message: str, umbrella: Umbrella
) -> None:
    board = {"image": "tensorboard", "polyaxonfile": {"kind": "tensorboard"}}
    umbrella.change(
        "values.yaml", lambda values: values.update(training={"persistence": catalog, "runs": {"board": board}})
    )
    umbrella.build()
    done = umbrella.start("template", "demo", ".")
    assert done.returncode == 1
    assert message in done.stderr


def test_the_alias_is_in_the_message_about_python(umbrella: Umbrella) -> None:
    catalog = {
        "outputs": {"logs": {"store": "gcs", "bucket": "gs://logs", "secret": "google", "secretKey": "key.json"}}
    }
    board = {"image": "tensorboard", "polyaxonfile": {"kind": "tensorboard"}}
    umbrella.change(
        "values.yaml", lambda values: values.update(training={"persistence": catalog, "runs": {"board": board}})
    )
    umbrella.build()
    (deployment,) = [item for item in umbrella.template() if item["kind"] == "Deployment"]
    assert "python3 to open the bucket of training.runs.board: " in pod_spec(deployment)["containers"][0]["command"][2]


def test_the_notes_of_a_dependency_name_its_runs_in_the_values(umbrella: Umbrella) -> None:
    """Helm prints notes only with a cluster. So the notes become a field of an object here."""
    templates = umbrella.path.parent / "chart" / "templates"
    notes = (templates / "NOTES.txt").read_text()
    end = '{{ end }}{kind: Notes, metadata: {name: n}, text: {{ include "notes" . | toJson }}}'
    (templates / "notes.yaml").write_text('{{ define "notes" }}' + notes + end)
    umbrella.change("values.yaml", lambda values: values.update(training={}))
    umbrella.build()
    (found,) = [item for item in umbrella.template() if item["kind"] == "Notes"]
    assert found["text"].startswith(
        "demo has no runs yet. Write a run under training.runs in your values, then upgrade:"
    )


def test_an_alias_that_is_no_name_is_refused(umbrella: Umbrella) -> None:
    umbrella.change("Chart.yaml", lambda chart: chart["dependencies"][0].update(alias="My_Runs"))
    umbrella.build()
    done = umbrella.start("template", "demo", ".")
    hint = "write another alias, or My_Runs.nameOverride: my-runs"
    assert f"the alias My_Runs can't be part of the names of objects: {hint}" in done.stderr
    assert ("ConfigMap", "demo-a-persistence") in names(umbrella.template("--set", "My_Runs.nameOverride=a", "--set", "My_Runs.runs.a.image=b"))  # fmt: skip


def test_without_an_alias_the_names_are_those_of_the_chart_itself(umbrella: Umbrella) -> None:
    def change(chart: Any) -> None:
        del chart["dependencies"][0]["alias"], chart["dependencies"][0]["condition"]

    umbrella.change("Chart.yaml", change)
    umbrella.change("values.yaml", lambda values: values.update({"polyaxon-persistence": values.pop("training")}))
    umbrella.build()
    found = umbrella.template(post=POST_RENDERER)
    alone = subprocess.run(
        [str(umbrella.helm), "template", "demo", str(ROOT / "chart"), "-f", "-", *POST_RENDERER],
        cwd=umbrella.path,
        env=umbrella.env,
        input=yaml.safe_dump(yaml.safe_load((umbrella.path / "values.yaml").read_text())["polyaxon-persistence"]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [item for item in found if not item["metadata"]["name"].startswith("demo-evaluate-")] == objects(
        alone.stdout
    )


def test_an_aliased_chart_can_keep_the_names_that_it_had_without_the_alias(umbrella: Umbrella) -> None:
    """The pods stay the same, too: the Job's name contains a hash of them, and a Deployment's selector can't change."""
    more = {"runs": RUNS, "persistence": STORED}
    umbrella.change("values.yaml", lambda values: values.update(training=more, **{"polyaxon-persistence": more}))
    (umbrella.path / "templates" / "evaluate.yaml").unlink()
    umbrella.build()
    kept = umbrella.template("--set", "training.fullnameOverride=demo", post=POST_RENDERER)
    umbrella.change("Chart.yaml", lambda chart: chart.update(dependencies=[TWICE[0] | {"alias": ""}]))
    umbrella.build()
    before = umbrella.template(post=POST_RENDERER)
    assert names(kept) == names(before)
    assert [item.get("spec") for item in kept] == [item.get("spec") for item in before]


def test_the_chart_twice_in_one_release(umbrella: Umbrella) -> None:
    values = {"runs": RUNS, "persistence": STORED, "admissionPolicy": {"enabled": True}}
    umbrella.change("Chart.yaml", lambda chart: chart.update(dependencies=TWICE))
    umbrella.change("values.yaml", lambda whole: whole.update(vision=values, speech=values))
    umbrella.build()
    found = umbrella.template()
    assert len(set(names(found))) == len(found) > 15
    for alias in ("vision", "speech"):
        own = [item for item in found if alias in item["metadata"]["name"]]
        assert {item["metadata"]["labels"]["app.kubernetes.io/name"] for item in own} == {alias}
        (service,) = (item for item in own if item["kind"] == "Service")
        (deployment,) = (item for item in own if item["kind"] == "Deployment")
        selectors = [service["spec"]["selector"], deployment["spec"]["selector"]["matchLabels"]]
        for pods in (item for item in found if item["kind"] in ("Job", "Deployment")):
            labels = pods["spec"]["template"].get("metadata", {}).get("labels", {})
            assert all(selector.items() <= labels.items() for selector in selectors) == (pods == deployment)


def test_a_chart_of_one_s_own_gets_its_catalog_from_a_file_or_from_its_own_template(umbrella: Umbrella) -> None:
    umbrella.change("Chart.yaml", lambda chart: chart.pop("dependencies"))
    site = umbrella.path / "site.yaml"
    site.write_text(CATALOG)
    arguments = [word for argument in ("--persistence", str(site)) for word in ("--post-renderer-args", argument)]
    (job,) = umbrella.template(post=[*POST_RENDERER, *arguments])
    assert volumes(job) == ["results", "images"]
    shutil.copy(EXAMPLES / "own-catalog" / "catalog.yaml", umbrella.path / "templates")
    catalog, again = umbrella.template("-f", str(site), post=POST_RENDERER)
    assert catalog["kind"] == "ConfigMap"
    assert again == job


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ({}, "PATH has no image: write PATH.image, or build.image in its polyaxonfile"),
        ({"image": "busybox", "port": 80}, "PATH.port is only for the kinds "),
        ({"image": "busybox", "files": {"a/b": ""}}, 'PATH.files: "a/b" is not the name of a file'),
        ({"image": "busybox", "polyaxonfile": ""}, "PATH.polyaxonfile is empty"),
        ({"image": "busybox", "polyaxonfile": {"project": "x"}}, "PATH.polyaxonfile: project is not supported: write PATH.project"),
        ({"image": "busybox", "polyaxonfile": {"run": {"cmd": 1}}}, "PATH.polyaxonfile: run.cmd must be a string or a list"),
        ({"image": "busybox", "polyaxonfile": {"environment": {"resources": {"cpu": {"x": 1}}}}}, "PATH.polyaxonfile: environment.resources.cpu.x is"),
        ({"image": "busybox", "extraVolumes": [{"name": "shm"}], "shm": {"enabled": True}}, "PATH.extraVolumes: the name shm is already used by PATH.shm"),
        ({"image": "busybox", "polyaxonfile": {"kind": "notebook"}, "tokenSecret": {"key": "a"}}, "PATH.tokenSecret has no name"),
    ],
)  # fmt: skip
def test_a_message_about_a_run_begins_with_the_keys_of_the_dependency(
    run: dict[str, Any], message: str, umbrella: Umbrella
) -> None:
    umbrella.change("values.yaml", lambda values: values["training"].update(runs={"x": run}, runDefaults=None))
    umbrella.build()
    done = umbrella.start("template", "demo", ".")
    assert (done.returncode, done.stdout) == (1, "")
    assert message.replace("PATH", "training.runs.x") in done.stderr


def test_a_message_about_a_claim_begins_with_the_keys_of_the_dependency(umbrella: Umbrella) -> None:
    entry = {"mountPath": "/images", "create": {"accessModes": ["ReadWriteMany"]}}
    umbrella.change("values.yaml", lambda values: values["training"]["persistence"]["data"].update(images=entry))
    umbrella.build()
    assert "training.persistence.data.images.create has no size" in umbrella.start("template", "demo", ".").stderr
