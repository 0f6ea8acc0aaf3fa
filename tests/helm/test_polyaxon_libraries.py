"""Polyaxon's own libraries, the real ones, read their paths from the variables of rendered pods."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import make_catalog, make_job, render
from tests.support.examples import env_of, objects, pod_spec, template
from tests.support.kubelet import NAMESPACE, variables_in

if TYPE_CHECKING:
    from pathlib import Path


S3 = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "a key"}
AZURE = {"AZURE_ACCOUNT_NAME": "my-account", "AZURE_ACCOUNT_KEY": "a key"}
SECRETS = {"s3-secret": {"s3-key.json": json.dumps(S3)}, "azure-secret": {"azure-key.json": json.dumps(AZURE)}}

# Each library tells what it finds, as one line of JSON.
HELPER = """
import json
from polyaxon_helper import get_data_paths, get_outputs_path, get_outputs_refs_paths
print(json.dumps([get_data_paths(), get_outputs_path(), get_outputs_refs_paths()]))
"""
CLIENT = """
import json
from polyaxon_client.tracking import get_base_outputs_path, get_data_paths, get_outputs_path, get_outputs_refs_paths
print(json.dumps([get_data_paths(), get_outputs_path(), get_outputs_refs_paths(), get_base_outputs_path()]))
"""
# polystores' own search for what opens a path, up to where it would import a cloud's library and go online.
STORES = """
import json
from polyaxon_client.tracking import get_data_paths, get_outputs_path
from polystores.stores.base_store import BaseStore

class Store(BaseStore):
    @classmethod
    def get_store_for_type(cls, store_type, store_access):
        return [store_type, store_access]

    @classmethod
    def get_store(cls, store_type=None, **access):
        return [store_type, access]

print(json.dumps({path: Store.get_store_for_path(path) for path in [get_outputs_path(), *get_data_paths().values()]}))
"""


def tell(python: Path, program: str, variables: dict[str, str]) -> Any:
    """What a program prints, as JSON, in an environment of these variables alone."""
    done = subprocess.run(
        [python, "-c", program], env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_of(name: str, example: str, helm: str, tools: Path, helm_env: dict[str, str]) -> dict[str, Any]:
    done = template(tools, env_of(helm, helm_env), example, helm)
    assert done.returncode == 0, done.stderr
    (job,) = [
        item
        for item in objects(done.stdout)
        if item["kind"] == "Job" and item["metadata"]["labels"]["polyaxon.com/run"] == name
    ]
    return job


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize(
    ("name", "data", "outputs"),
    [
        ("defaults", {"data-foo": "/data/foo", "data1": "/data/1", "data2": "/data/2"}, "/outputs/foo"),
        ("chosen-data", {"data1": "/data/1", "data-foo": "/data/foo"}, "/outputs/foo"),
        ("other-outputs", {"data-foo": "/data/foo", "data1": "/data/1", "data2": "/data/2"}, "/outputs/2"),
    ],
)
def test_the_libraries_read_the_paths_of_the_documented_example(
    name: str, data: dict[str, str], outputs: str, helm: str,
    tools: Path, libraries: dict[str, Path], helm_env: dict[str, str],
) -> None:  # fmt: skip
    job = run_of(name, "documented", helm, tools, helm_env)
    variables = variables_in(job, SECRETS)
    folder = f"{outputs}/{NAMESPACE}/experiments/{job['metadata']['name']}"
    assert tell(libraries["polyaxon-helper"], HELPER, variables) == [data, folder, None]
    assert tell(libraries["polyaxon-client"], CLIENT, variables) == [data, folder, None, outputs]


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_libraries_read_the_paths_of_other_runs(
    helm: str, tools: Path, libraries: dict[str, Path], helm_env: dict[str, str]
) -> None:
    variables = variables_in(run_of("report", "references", helm, tools, helm_env), SECRETS)
    names = ("train", "demo-train-20d1ec82d1")
    paths = {"experiments": [f"/polyaxon/refs/experiments/{name}" for name in names]}
    assert tell(libraries["polyaxon-helper"], HELPER, variables)[2] == paths
    assert tell(libraries["polyaxon-client"], CLIENT, variables)[2] == paths


def test_the_libraries_read_where_other_runs_results_are(libraries: dict[str, Path]) -> None:
    report = "environment: {persistence: {data: []}, outputs: {jobs: [prepare], experiments: [earlier]}}\n"
    stream = make_catalog() + make_job(name="prepare") + make_job(report, name="report")
    rendered, problems = render(stream.encode(), [])
    assert problems == []
    job = next(item for item in objects(rendered.decode()) if item["metadata"]["name"] == "report")
    variables = variables_in(job, SECRETS)
    paths = {"jobs": ["/polyaxon/refs/jobs/prepare"], "experiments": ["/polyaxon/refs/experiments/earlier"]}
    outputs = f"/outputs/foo/{NAMESPACE}/jobs/report"
    assert tell(libraries["polyaxon-helper"], HELPER, variables) == [{}, outputs, paths]
    assert tell(libraries["polyaxon-client"], CLIENT, variables) == [{}, outputs, paths, "/outputs/foo"]


def test_the_libraries_read_the_params(tools: Path, libraries: dict[str, Path], helm_env: dict[str, str]) -> None:
    variables = variables_in(run_of("polyaxonfile", "everything", "helm3", tools, helm_env), SECRETS)
    params = {"lr": 0.001, "epochs": 3, "model": "resnet50"}
    helper = "import json, polyaxon_helper; print(json.dumps(polyaxon_helper.get_declarations()))"
    client = "import json, polyaxon_client.tracking as t; print(json.dumps(t.Experiment.get_params()))"
    assert tell(libraries["polyaxon-helper"], helper, variables) == params
    assert tell(libraries["polyaxon-client"], client, variables) == params


def test_the_libraries_read_the_urls_of_buckets(
    tools: Path, libraries: dict[str, Path], helm_env: dict[str, str]
) -> None:
    job = run_of("in-the-cloud", "buckets", "helm3", tools, helm_env)
    variables = variables_in(job, SECRETS)
    data = {"images": "s3://my-images", "public": "gs://my-public-data/2026", "local": "/data/local"}
    bucket = "wasbs://models@my-account.blob.core.windows.net/"
    folder = f"{bucket}{NAMESPACE}/experiments/{job['metadata']['name']}"
    assert tell(libraries["polyaxon-helper"], HELPER, variables) == [data, folder, None]
    assert tell(libraries["polyaxon-client"], CLIENT, variables) == [data, folder, None, bucket]


def test_polystores_finds_what_opens_each_path(
    tools: Path, libraries: dict[str, Path], helm_env: dict[str, str]
) -> None:
    job = run_of("in-the-cloud", "buckets", "helm3", tools, helm_env)
    folder = f"wasbs://models@my-account.blob.core.windows.net/{NAMESPACE}/experiments/{job['metadata']['name']}"
    assert tell(libraries["polyaxon-client"], STORES, variables_in(job, SECRETS)) == {
        folder: ["azure", AZURE],
        "s3://my-images": ["s3", S3],
        "gs://my-public-data/2026": [None, {}],  # without a Secret, the program opens it by the pod's identity
        "/data/local": [None, {}],
    }


def test_a_run_that_asks_for_no_bucket_gets_no_secret(tools: Path, helm_env: dict[str, str]) -> None:
    container = pod_spec(run_of("on-disk", "buckets", "helm3", tools, helm_env))["containers"][0]
    assert [variable for variable in container["env"] if "secretKeyRef" in variable.get("valueFrom", {})] == []
    assert not [variable["name"] for variable in container["env"] if "STORES" in variable["name"]]


@pytest.mark.parametrize("variable", ["POLYAXON_DATA_PATHS", "POLYAXON_RUN_DATA_PATHS"])
def test_each_library_reads_one_of_the_two_names(variable: str, libraries: dict[str, Path]) -> None:
    """Why both are set: the newer library does not know the older name, and the other way round."""
    variables = {variable: '{"data1": "/data/1"}', "POLYAXON_IN_CLUSTER": "true"}
    helper, client = (
        tell(libraries[name], program, variables)[0]
        for name, program in (("polyaxon-helper", HELPER), ("polyaxon-client", CLIENT))
    )
    read = {"data1": "/data/1"}
    assert (helper, client) == ((read, None) if variable == "POLYAXON_DATA_PATHS" else (None, read))


def test_they_are_the_releases_that_people_have(libraries: dict[str, Path]) -> None:
    program = "import json, sys; from importlib.metadata import version; print(json.dumps(version(sys.argv[1])))"
    for name, release in (("polyaxon-helper", "0.2.0"), ("polyaxon-client", "0.6.1")):
        done = subprocess.run([libraries[name], "-c", program, name], capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == release
