"""A tensorboard whose command can't show its outputs is a warning."""

from __future__ import annotations

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.imports import RENDER, loaded
from tests.support.messages import places, read_messages

BASE = "--logdir=$(POLYAXON_BASE_OUTPUTS_PATH)"
OWN = f"command: [tensorboard]\nargs: [{BASE}, --host=0.0.0.0, --port=6006]\n"  # what the chart writes
JSON = "secret: s, secretKey: k.json"
NO_OUTPUTS = (
    "this tensorboard shows POLYAXON_BASE_OUTPUTS_PATH, but it has no outputs volume",
    "write an entry under persistence.outputs, or write a command that shows another directory",
)
AZURE = (
    "Tensorboard can't open storage of Azure, but the outputs of this run are the bucket o",
    "name another outputs volume in the polyaxonfile, or write a command that opens the bucket",
)
NO_KEYS = (
    "Tensorboard can't read the credentials of the bucket o, because they are JSON",
    "write the bucket in the values of the chart, which then starts Tensorboard with the credentials; or write credentials: env in the entry",
)  # fmt: skip
ROOT = (
    "Tensorboard can't show the root of the bucket o",
    "write a directory at the end of the bucket's URL, or write the bucket in the values of the chart, which then shows a directory of the bucket",
)  # fmt: skip


def warnings(catalog: str, container: str = OWN, polyaxonfile: str = "kind: tensorboard\n") -> list[tuple[str, str]]:
    result = run(stdin=make_catalog(catalog) + make_job(polyaxonfile, container=container))
    found = read_messages(result.error)
    assert (result.exit_code, {code for code, _, _ in found} - {"tensorboard-outputs", "no-volumes"}) == (0, set())
    return [(message, hint) for code, message, hint in found if code != "no-volumes"]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("mountPath: /o, existingClaim: o", None),
        ('store: azure, bucket: "wasbs://c@a.blob.core.windows.net/"', AZURE),
        ('store: azure, bucket: "wasbs://c@a.blob.core.windows.net/x", secret: s, credentials: env', AZURE),
        (f'store: s3, bucket: "s3://b/x", {JSON}', NO_KEYS),
        (f'store: s3, bucket: "s3://b", {JSON}', NO_KEYS),
        (f'store: gcs, bucket: "gs://b", {JSON}', NO_KEYS),
        ('store: gcs, bucket: "gs://b", secret: s, secretKey: k.json, credentials: env', None),
        ('store: gcs, bucket: "gs://b"', None),
        ('store: s3, bucket: "s3://b/x", secret: s, credentials: env', None),
        ('store: s3, bucket: "s3://b", secret: s, credentials: env', ROOT),
        ('store: s3, bucket: "s3://b/"', ROOT),
    ],
)
def test_a_tensorboard_that_can_not_show_its_outputs(entry: str, found: tuple[str, str] | None) -> None:
    catalog = f"outputs: {{o: {{{entry}}}}}\n"
    assert warnings(catalog) == ([found] if found else [])
    assert warnings(catalog, "command: [jupyter]\n") == []
    assert warnings(catalog, polyaxonfile="kind: job\n") == []


def test_without_outputs_the_variable_stays_a_literal() -> None:
    assert warnings("outputs: {}\n") == [NO_OUTPUTS]


@pytest.mark.parametrize(
    ("container", "found"),
    [
        ("", False),
        ("command:\n", False),
        ("command: [tensorboard]\n", False),
        ("command: [tensorboard, --logdir=/o]\n", False),
        ("command: [tensorboard]\nargs: [--logdir=/polyaxon/refs]\n", False),
        ("command: [/bin/sh, -c, 'exec python3 -c \"$0\" \"$@\"', 'import os']\nargs: ['" + BASE + "']\n", False),
        ("command: [tensorboard]\nargs: ['" + BASE + "/x']\n", True),
        ("command: [tensorboard, '" + BASE + "']\n", True),
    ],
)
def test_only_a_command_that_shows_the_outputs_is_meant(container: str, found: bool) -> None:
    catalog = f'outputs: {{o: {{store: gcs, bucket: "gs://b", {JSON}}}}}\n'
    assert warnings(catalog, container) == [NO_KEYS] * found


def test_a_directory_below_the_root_is_shown() -> None:
    catalog = 'outputs: {o: {store: s3, bucket: "s3://b"}}\n'
    assert warnings(catalog, "command: [tensorboard]\nargs: ['" + BASE + "/x']\n") == []


def test_the_place_is_that_of_the_name() -> None:
    polyaxonfile = "kind: tensorboard\nenvironment:\n  persistence:\n    outputs: o\n"
    stream = make_catalog("outputs: {o: {store: s3, bucket: 's3://b'}}\n") + make_job(polyaxonfile, container=OWN)
    error = run(stdin=stream).error
    assert places(error) == [f"<stdin>:{stream.splitlines().index('          outputs: o') + 1}"]


def test_only_a_tensorboard_with_a_bucket_or_without_outputs_loads_the_check() -> None:
    job = make_job("kind: tensorboard\n", container=OWN)
    assert "post_renderer.runs.tensorboard" not in loaded(RENDER, make_catalog() + job)
    assert "post_renderer.runs.tensorboard" in loaded(RENDER, make_catalog("outputs: {}\n") + job)
