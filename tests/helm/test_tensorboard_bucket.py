"""The chart's tensorboard opens the bucket of its outputs: the real one, with its own file layer and a local S3 server."""

from __future__ import annotations

import ast
import json
import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.examples import env_of, objects
from tests.support.kubelet import NAMESPACE, command_of, variables_in
from tests.support.paths import ROOT
from tests.support.s3 import BUCKET, TAG, Server, free_port, serve_s3, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = (ROOT / "chart" / "files" / "tensorboard.py").read_text()
JSON, VARIABLES = {"secretKey": "s3-key.json"}, {"credentials": "env"}
# Stands where tensorboard would: prints its arguments and the variables that it was started with.
TELLS = f"""\
#!{sys.executable}
import json, os, sys
print(json.dumps([sys.argv[1:], dict(os.environ)]))
"""
KEY = {"AWS_ACCESS_KEY_ID": "an id", "AWS_SECRET_ACCESS_KEY": "a secret"}
TRAIN = "experiments/demo-train"
RUN = "s3://logs/team-a/tensorboards/board"


def rendered(
    outputs: dict[str, Any],
    port: int,
    helm: str,
    tools: Path,
    helm_env: dict[str, str],
    catalog: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The Deployment of a tensorboard whose outputs are this bucket, or those of a catalog."""
    values = {
        "persistence": catalog or {"outputs": {"logs": outputs}},
        "runs": {"board": {"image": "tensorboard", "port": port, "polyaxonfile": {"kind": "tensorboard"}}},
    }
    command = [str(tools / helm), "template", "demo", "chart", "-f", "-", "--post-renderer", "polyaxon-persistence"]
    done = subprocess.run(
        command, input=yaml.safe_dump(values), cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (deployment,) = [item for item in objects(done.stdout) if item["kind"] == "Deployment"]
    return deployment


@pytest.fixture(scope="module")
def server(libraries: dict[str, Path]) -> Iterator[Server]:
    yield from serve_s3(libraries["tensorboard"], f"{NAMESPACE}/{TRAIN}")


@pytest.mark.parametrize("form", [JSON, VARIABLES], ids=["json", "variables"])
def test_tensorboard_shows_the_results_in_a_bucket(
    form: dict[str, str], helm: str, server: Server, libraries: dict[str, Path], tools: Path, helm_env: dict[str, str]
) -> None:
    port = free_port()
    entry = {"store": "s3", "bucket": f"s3://{BUCKET}", "secret": "aws", **form}
    deployment = rendered(entry, port, helm, tools, helm_env)
    keys = server.variables() if form is VARIABLES else {"s3-key.json": json.dumps(server.variables())}
    if form is VARIABLES:  # boto3 reads the region from this variable alone
        keys["AWS_DEFAULT_REGION"] = keys["AWS_REGION"]
    variables = variables_in(deployment, {"aws": keys})
    command = command_of(deployment, variables)
    # A shell that removes the variable s3-key.json, and the Python of tensorboard: no other program of this machine.
    environment = {**variables, "PATH": f"{libraries['tensorboard'].parent}:/usr/bin:/bin"}
    board = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        found = wait_for(f"http://127.0.0.1:{port}/data/plugin/scalars/tags", board)
    finally:
        board.send_signal(signal.SIGTERM)
        board.communicate(timeout=30)
    assert {run: list(tags) for run, tags in found.items()} == {TRAIN: [TAG]}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, ""),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "SignatureDoesNotMatch"),
        ({"AWS_ACCESS_KEY_ID": ""}, "Unable to locate credentials"),
    ],
)
def test_the_server_accepts_only_the_key_of_the_secret(
    change: dict[str, str], error: str, server: Server, libraries: dict[str, Path]
) -> None:
    """Else the tests above would pass without credentials."""
    program = "import sys; from tensorboard.compat.tensorflow_stub.io import gfile; print(gfile.listdir(sys.argv[1]))"
    variables = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", **server.variables(), **change}
    command = [str(libraries["tensorboard"]), "-c", program, f"s3://{BUCKET}/{NAMESPACE}/{TRAIN}"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode == 0) is (error == "")
    assert error in done.stderr
    if not error:
        assert "events.out.tfevents" in done.stdout


def test_an_image_without_python_says_what_it_needs(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    entry = {"store": "s3", "bucket": "s3://logs", "secret": "aws", "secretKey": "s3-key.json"}
    deployment = rendered(entry, 6006, "helm3", tools, helm_env)
    variables = variables_in(deployment, {"aws": {"s3-key.json": json.dumps(KEY)}})
    command = command_of(deployment, variables)
    done = subprocess.run(
        command, env={**variables, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "this image has no python3. The chart needs python3 to open the bucket of runs.board: use another image, or "
        "write credentials: env in the entry of the bucket\n"
    )


@pytest.mark.parametrize(
    ("outputs", "shown"),
    [
        ("s3://logs", f"s3://logs/{NAMESPACE}"),
        ("s3://logs/", f"s3://logs/{NAMESPACE}"),
        ("s3://logs/2026", "s3://logs/2026"),
        ("gs://logs", "gs://logs"),
        ("/disk", "/disk"),
    ],
)
def test_only_the_root_of_an_s3_bucket_gets_a_directory_with_spread(
    outputs: str, shown: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    """The hash of the run's name chooses the volume. So this test sets the variable to each of them."""
    (tmp_path / "tensorboard").write_text(TELLS)
    (tmp_path / "tensorboard").chmod(0o755)
    catalog = {
        "outputsSelection": "spread",
        "outputs": {"disk": {"mountPath": "/disk", "existingClaim": "disk"}, "logs": {"store": "s3", "bucket": "s3://logs"}},
    }  # fmt: skip
    deployment = rendered({}, 6006, "helm3", tools, helm_env, catalog)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    (base,) = [item for item in container["env"] if item["name"] == "POLYAXON_BASE_OUTPUTS_PATH"]
    base["value"] = outputs
    variables = variables_in(deployment, {})
    command = command_of(deployment, variables)
    done = subprocess.run(command, env={**variables, "PATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[0] == [f"--logdir={shown}", "--host=0.0.0.0", "--port=6006"]


def start(
    tmp_path: Path, store: str, given: str, *arguments: str, **more: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the chart's program with a value of the Secret. Return also the variables that tensorboard got."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "tensorboard").write_text(TELLS)
    (binaries / "tensorboard").chmod(0o755)
    access = {RUN: {"store": store, "secret_key": "the-key.json"}}
    env = {
        "PATH": str(binaries),
        "TMPDIR": str(tmp_path),
        "LC_ALL": "C.UTF-8",  # else Python sets LC_CTYPE
        "POLYAXON_RUN_OUTPUTS_PATH": RUN,
        "POLYSTORES_RUN_STORES_ACCESS_KEYS": json.dumps(access),
        "STORE_KEY_the_2Dkey_2Ejson": given,
        **more,
    }
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        return done, {}
    told = json.loads(done.stdout)
    assert told[0] == list(arguments)
    return done, {name: value for name, value in told[1].items() if name not in env or env[name] != value}


@pytest.mark.parametrize(
    ("given", "more", "variables"),
    [
        (KEY, {}, KEY),
        ({name.lower(): value for name, value in KEY.items()}, {}, KEY),  # polystores reads these names, too
        ({name.lower()[4:]: value for name, value in KEY.items()}, {}, KEY),
        (
            {**KEY, "AWS_SECURITY_TOKEN": "a token", "AWS_REGION": "here-1", "AWS_ENDPOINT_URL": "http://s3"},
            {},
            {
                **KEY,
                **dict.fromkeys(("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"), "a token"),
                **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "here-1"),
                **dict.fromkeys(("AWS_ENDPOINT_URL", "S3_ENDPOINT"), "http://s3"),
            },
        ),
        ({**KEY, "AWS_REGION": "here-1"}, {"AWS_REGION": "there-1"}, {**KEY, "AWS_DEFAULT_REGION": "there-1"}),
        ({**KEY, "AWS_USE_SSL": False, "AWS_REGION": "", "a b": "c", "X=Y": "z"}, {}, KEY),
    ],
)
def test_the_variables_of_s3_are_set(
    given: dict[str, object], more: dict[str, str], variables: dict[str, str], tmp_path: Path
) -> None:
    done, found = start(tmp_path, "s3", json.dumps(given), "--logdir=s3://logs", "--port=6006", **more)
    assert done.stderr == ""
    assert found == variables


def test_googles_key_is_a_file_that_only_this_user_can_read(tmp_path: Path) -> None:
    text = '{"type": "service_account", "private_key": "a\\nb"}'
    _, found = start(tmp_path, "gcs", text)
    path = found.pop("GOOGLE_APPLICATION_CREDENTIALS")
    assert found == {}
    with open(path) as file:
        assert file.read() == text
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize(
    ("store", "given", "message"),
    [
        ("azure", "{}", "it can't open storage of Azure"),
        ("s3", "my secret", "the key the-key.json of the bucket's Secret is not a JSON object"),
        ("gcs", '["my secret"]', "the key the-key.json of the bucket's Secret is not a JSON object"),
        ("s3", r'{"AWS_REGION": "my\u0000secret"}', "AWS_REGION in the key the-key.json of the bucket's Secret has a character that no variable can have"),
        ("s3", r'{"region": "my\ud800secret"}', "AWS_REGION in the key the-key.json of the bucket's Secret has a character that no variable can have"),
        ("gcs", '{"a": "my secret\udcff"}', "the key the-key.json of the bucket's Secret is not valid UTF-8"),
        ("s3", '{"AWS_ACCESS_KEY_ID": "my secret"}', "the JSON in the key the-key.json of the bucket's Secret has no AWS_SECRET_ACCESS_KEY"),
    ],
)  # fmt: skip
def test_what_can_not_be_opened_is_not_started(store: str, given: str, message: str, tmp_path: Path) -> None:
    done, _ = start(tmp_path, store, given)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"tensorboard was not started: {message}\n"


def test_another_catalog_than_that_of_the_chart_is_reported(tmp_path: Path) -> None:
    access = {RUN: {"store": "s3", "secret_key": "other-key"}}
    done, _ = start(tmp_path, "s3", "{}", POLYSTORES_RUN_STORES_ACCESS_KEYS=json.dumps(access))
    assert done.returncode == 1
    assert "the values of the chart do not name the secretKey other-key" in done.stderr


@pytest.mark.parametrize("access", ["", "{}", '{"s3://other/run": {"store": "s3", "secret_key": "k"}}'])
def test_without_a_secret_it_only_starts(access: str, tmp_path: Path) -> None:
    done, found = start(tmp_path, "s3", "", "--help", POLYSTORES_RUN_STORES_ACCESS_KEYS=access)
    assert (done.returncode, done.stderr, found) == (0, "", {})


def test_an_image_without_tensorboard_says_so(tmp_path: Path) -> None:
    done, _ = start(tmp_path, "s3", json.dumps(KEY), PATH=str(tmp_path))
    assert done.stderr == "tensorboard was not started: this image has no program tensorboard\n"


def test_the_program_has_nothing_that_kubernetes_expands_and_needs_no_new_python() -> None:
    assert "$" not in PROGRAM
    ast.parse(PROGRAM, feature_version=(3, 6))
