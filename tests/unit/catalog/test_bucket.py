"""Buckets: their keys, their URLs, and the variables that a run gets for those it has, and for no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from post_renderer.catalog.bucket import STORES, url_error
from post_renderer.catalog.entry import DATA, OUTPUTS
from tests.support.catalog import read
from tests.support.cli import make_catalog, make_job, render, run
from tests.support.resolve import refused, resolved, variables

CATALOG = """\
data:
  images: {store: s3, bucket: s3://images, secret: s3-secret, secretKey: s3-key}
  labels: {store: s3, bucket: s3://labels/2026/, secret: s3-secret, secretKey: s3-key}
  local: {mountPath: /data, existingClaim: data-pvc}
  open: {store: gcs, bucket: gs://open}
  other: {store: s3, bucket: s3://other, secret: other-secret, secretKey: other-key}
outputs:
  disk: {mountPath: /outputs, existingClaim: outputs-pvc}
  results: {store: gcs, bucket: gs://results, secret: gcs-secret, secretKey: key.json}
"""
ACCESS = ("POLYAXON_RUN_STORES_ACCESS_KEYS", "POLYSTORES_RUN_STORES_ACCESS_KEYS")


@pytest.mark.parametrize(
    ("store", "url"),
    [
        ("s3", "s3://images"),
        ("s3", "s3://images/"),
        ("s3", "s3://my.images/2026/train"),
        ("gcs", "gs://results_1"),
        ("gcs", "gs://results/a b".replace(" ", "%20")),
        ("azure", "wasbs://runs@account.blob.core.windows.net/"),
        ("azure", "wasbs://runs@account.blob.core.windows.net/2026"),
        *STORES.items(),
    ],
)
def test_polyaxons_urls_are_urls(store: str, url: str) -> None:
    assert url_error(store, url) == ""


@pytest.mark.parametrize(
    ("store", "url", "reason"),
    [
        ("s3", "images", "is not a URL of s3"),
        ("s3", "gs://images", "is not a URL of s3"),
        ("gcs", "s3://images", "is not a URL of gcs"),
        ("gcs", "GS://images", "is not a URL of gcs"),
        ("azure", "s3://images", "is not a URL of azure"),
        ("s3", "s3://", "names no bucket"),
        ("s3", "s3:///images", "names no bucket"),
        ("s3", "s3://user@images", "names no bucket"),
        ("s3", "s3://..", "names no bucket"),
        ("azure", "wasbs://account.blob.core.windows.net/", "names no storage account"),
        ("azure", "wasbs://runs@account/", "names no storage account"),
        ("azure", "wasbs://@account.blob.core.windows.net/", "names no bucket"),
        ("s3", "s3://images//a", "has a directory that is empty, . or .."),
        ("s3", "s3://images/a//", "has a directory that is empty, . or .."),
        ("s3", "s3://images/../other", "has a directory that is empty, . or .."),
        ("s3", "s3://images/./a", "has a directory that is empty, . or .."),
        ("s3", "s3://images?x=1", "has a character that libraries read differently"),
        ("s3", "s3://images#a", "has a character that libraries read differently"),
        ("s3", 's3://images/"a"', "has a character that libraries read differently"),
        ("s3", "s3://images/a\\b", "has a character that libraries read differently"),
        ("s3", "s3://images/a b", "has a character that libraries read differently"),
        ("s3", "s3://images/ä", "has a character that libraries read differently"),
        ("s3", "s3://images/\n", "has a character that libraries read differently"),
    ],
)
def test_what_libraries_could_read_otherwise_is_no_url(store: str, url: str, reason: str) -> None:
    assert url_error(store, url) == reason


def test_an_entry_has_no_volume_and_its_url_as_path() -> None:
    text = "{store: s3, bucket: s3://b/, secret: s, secretKey: k, readOnly: true, description: all of 2026}"
    entry, said = read(text, OUTPUTS)
    assert said == []
    assert entry.bucket is not None
    assert (entry.bucket.store, entry.bucket.secret, entry.bucket.secret_key) == ("s3", "s", "k")
    assert (entry.path(), entry.storage(), entry.source, entry.claim) == ("s3://b/", "s3://b", {}, "")
    assert (entry.read_only, entry.description) == (True, "all of 2026")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{store: s4, bucket: s3://b}", 'unknown store "s4"', "Known: azure, gcs, s3"),
        ("{bucket: s3://b}", "a bucket needs a store", "write store: s3"),
        ("{bucket: images}", "a bucket needs a store", "write store: s3 or store: gcs or store: azure"),
        ("{store: s3}", "a bucket needs a URL", "write bucket: s3://my-bucket"),
        ("{store: gcs, bucket: b}", 'bucket "b" is not a URL of gcs', "write bucket: gs://b"),
        ("{store: gcs, bucket: s3://b}", 'bucket "s3://b" is not a URL of gcs', "write bucket: gs://my-bucket"),
        ("{store: azure, bucket: b}", 'bucket "b" is not a URL of azure', "write bucket: wasbs://my-container@my-account.blob.core.windows.net/"),
        ("{store: s3, bucket: s3://b, secret: s}", "secret is set without secretKey", "set secretKey to the key of the Secret that contains the credentials as JSON"),
        ("{store: s3, bucket: s3://b, secretKey: k}", "secretKey is set without secret", "set secret to the name of the Secret, or remove secretKey"),
        ("{store: s3, bucket: s3://b, secret: My_Secret, secretKey: k}", 'secret "My_Secret" is not the name of a Secret', "write the name of a Secret in the namespace of the runs"),
        ("{store: s3, bucket: s3://b, secret: s, secretKey: a b}", 'secretKey "a b" is not a valid name of an environment variable, and the pod gets it as one', "use letters, digits, dashes, dots and underscores; the first character can't be a digit"),
        ("{store: s3, bucket: s3://b, secret: s, secretKey: 1st}", 'secretKey "1st" is not a valid name of an environment variable, and the pod gets it as one', "use letters, digits, dashes, dots and underscores; the first character can't be a digit"),
        ("{store: s3, bucket: s3://b, secret: s, secretKey: ..key}", 'secretKey "..key" is not a valid name of an environment variable, and the pod gets it as one', "use letters, digits, dashes, dots and underscores; the first character can't be a digit"),
        (
            "{store: s3, bucket: s3://b, secret: s, secretKey: POLYAXON_DATA_PATHS}", 'secretKey "POLYAXON_DATA_PATHS" begins with a prefix of the variables of polyaxon-persistence', "rename the key in the Secret and in secretKey",
        ),
        (
            "{store: s3, bucket: s3://b, secret: s, secretKey: POLYSTORES_RUN_STORES_ACCESS_KEYS}", 'secretKey "POLYSTORES_RUN_STORES_ACCESS_KEYS" begins with a prefix of the variables of polyaxon-persistence', "rename the key in the Secret and in secretKey",
        ),
        ("{store: s3, bucket: s3://b, mountPath: /d}", "store makes this entry a bucket, which no pod mounts: a bucket can't have mountPath", "remove mountPath: only volumes have it"),
        ("{store: s3, bucket: s3://b, subPath: a}", "store makes this entry a bucket, which no pod mounts: a bucket can't have subPath", "write the directory at the end of the bucket's URL"),
        ("{store: s3, bucket: s3://b, createRunFolder: true}", "store makes this entry a bucket, which no pod mounts: a bucket can't have createRunFolder", "remove createRunFolder: only volumes have it"),
        ("{store: s3, bucket: s3://b, accessModes: [ReadWriteOnce]}", "store makes this entry a bucket, which no pod mounts: a bucket can't have accessModes", "remove accessModes: only volumes have it"),
        *(
            (f"{{store: s3, bucket: s3://b, secret: s, secretKey: {name}}}", f'secretKey "{name}" would replace a variable that programs need', "rename the key in the Secret and in secretKey, for example to s3-key.json")
            for name in ("PATH", "HOME", "LD_PRELOAD", "PYTHONPATH", "KUBERNETES_SERVICE_HOST")
        ),
        ("{store: s3, bucket: s3://b, secretkey: k}", 'unknown key "secretkey"', 'did you mean "secretKey"? Known: bucket, credentials, description, readOnly, secret, secretKey, store'),
        ("{store: s3, bucket: 12}", "bucket must be a string", "write the value of bucket as a string in quotes"),
        ("{store: s3, bucket: s3://b, readOnly: maybe}", "readOnly must be true or false, without quotes", "write readOnly: true or readOnly: false"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_with_a_remedy(text: str, message: str, hint: str) -> None:
    said = read(text, OUTPUTS)[1]
    assert (message, hint) in said


def test_the_message_for_a_volume_with_a_buckets_key_has_both_remedies() -> None:
    said = read("{mountPath: /d, existingClaim: c, bucket: s3://b}", DATA)[1]
    assert [message for message, _ in said] == [
        "bucket makes this entry a bucket, which no pod mounts: a bucket can't have mountPath",
        "bucket makes this entry a bucket, which no pod mounts: a bucket can't have existingClaim",
        "a bucket needs a store",
    ]


def secrets(resolution: Any) -> dict[str, tuple[str, str]]:
    """The variables that come from Secrets, with the Secret and its key."""
    found = {}
    for variable in resolution.env:
        if (source := variable.get("valueFrom", {})).get("secretKeyRef"):
            found[variable["name"]] = (source["secretKeyRef"]["name"], source["secretKeyRef"]["key"])
    return found


def test_only_what_a_run_asked_for_reaches_it() -> None:
    resolution = resolved(CATALOG, data=["images", "local", "open"], outputs="disk")
    assert secrets(resolution) == {"s3-key": ("s3-secret", "s3-key")}
    for name in ACCESS:
        assert json.loads(variables(resolution)[name]) == {"s3://images": {"store": "s3", "secret_key": "s3-key"}}
    assert [volume["name"] for volume in resolution.volumes] == ["disk", "local"]
    paths = {"images": "s3://images", "local": "/data", "open": "gs://open"}
    for name in ("POLYAXON_DATA_PATHS", "POLYAXON_RUN_DATA_PATHS"):
        assert json.loads(variables(resolution)[name]) == paths
    assert "other" not in json.dumps(resolution.env)


def test_one_secret_and_key_is_one_variable() -> None:
    resolution = resolved(CATALOG, data=["images", "labels"], outputs="disk")
    assert [variable["name"] for variable in resolution.env].count("s3-key") == 1
    assert list(json.loads(variables(resolution)[ACCESS[0]])) == ["s3://images", "s3://labels/2026/"]


def test_the_results_of_a_run_have_a_directory_in_the_bucket() -> None:
    resolution = resolved(CATALOG, data=[], outputs="results", kind="experiment")
    assert resolution.volumes == []
    assert resolution.mounts == []
    assert variables(resolution)["POLYAXON_BASE_OUTPUTS_PATH"] == "gs://results"
    assert variables(resolution)["POLYAXON_RUN_OUTPUTS_PATH"] == "gs://results/$(POLYAXON_RUN_FOLDER)"
    # The libraries look the path of the outputs up, so it is the key.
    access = json.loads(variables(resolution)[ACCESS[1]])
    assert access == {"gs://results/$(POLYAXON_RUN_FOLDER)": {"store": "gcs", "secret_key": "key.json"}}
    names = [variable["name"] for variable in resolution.env]
    assert names.index("POLYAXON_RUN_FOLDER") < names.index(ACCESS[0])


@pytest.mark.parametrize(
    "url", ["wasbs://runs@account.blob.core.windows.net/", "wasbs://runs@account.blob.core.windows.net"]
)
def test_one_slash_is_between_the_bucket_and_the_run_folder(url: str) -> None:
    resolution = resolved(f'outputs: {{blobs: {{store: azure, bucket: "{url}"}}}}\n')
    assert variables(resolution)["POLYAXON_BASE_OUTPUTS_PATH"] == url
    folder = "wasbs://runs@account.blob.core.windows.net/$(POLYAXON_RUN_FOLDER)"
    assert variables(resolution)["POLYAXON_RUN_OUTPUTS_PATH"] == folder


def test_without_secrets_there_is_nothing_to_open() -> None:
    resolution = resolved(CATALOG, data=["open", "local"], outputs="disk")
    assert secrets(resolution) == {}
    assert variables(resolution).keys() & set(ACCESS) == set()


def test_a_tensorboard_gets_the_secret_of_its_outputs_alone() -> None:
    resolution = resolved(CATALOG, kind="tensorboard", outputs="results")
    assert secrets(resolution) == {"key.json": ("gcs-secret", "key.json")}


def test_dollars_are_doubled_where_the_kubelet_expands() -> None:
    entry = "{store: s3, bucket: 's3://b/$(HOME)', secret: s, secretKey: k}"
    resolution = resolved(f"data: {{b: {entry}}}\n")
    assert json.loads(variables(resolution)["POLYAXON_DATA_PATHS"]) == {"b": "s3://b/$$(HOME)"}
    assert list(json.loads(variables(resolution)[ACCESS[0]])) == ["s3://b/$$(HOME)"]


def test_two_secrets_can_not_be_one_variable() -> None:
    catalog = CATALOG.replace("other-key", "s3-key")
    ((code, message, hint),) = refused(catalog, data=["images", "other"], outputs="disk")
    assert code == "bucket-secrets"
    assert (
        message
        == "the entries images and other set the same variable (s3-key) from different Secrets (s3-secret and other-secret)"
    )
    assert "secret and secretKey" in hint
    assert secrets(resolved(catalog, data=["other"], outputs="disk")) == {"s3-key": ("other-secret", "s3-key")}


def test_a_quote_in_the_run_folder_would_break_the_json() -> None:
    catalog = CATALOG + "runFolder: 'my \"runs\"/{name}'\n"
    assert refused(catalog, data=[], outputs="results") == [(
        "run-folder",
        "the catalog's runFolder has a quote or a backslash, but the path of a bucket can't have these",
        "remove the character from runFolder",
    )]  # fmt: skip
    assert resolved(catalog, data=["images"], outputs="disk").run_folder


def test_a_bucket_can_not_be_isolated() -> None:
    done = run(
        stdin=make_catalog(CATALOG + "isolateRuns: true\n")
        + make_job("environment: {persistence: {outputs: results}}\n")
    )
    assert done.exit_code == 1
    assert "isolateRuns needs an entry that pods mount, but no pod mounts a bucket" in done.error


def test_two_runs_can_not_write_into_one_directory_of_a_bucket() -> None:
    job = make_job(
        "environment: {persistence: {data: [], outputs: results}}\n", annotations="polyaxon.com/run-folder: same\n"
    )
    _, problems = render((make_catalog(CATALOG) + job + job.replace("name: train", "name: other")).encode(), [])
    assert [problem.code for problem in problems] == ["same-run-folder"]


def test_a_read_only_bucket_is_no_default() -> None:
    catalog = "outputs:\n  a: {store: s3, bucket: s3://a, readOnly: true}\n  b: {store: s3, bucket: s3://b}\n"
    assert variables(resolved(catalog))["POLYAXON_BASE_OUTPUTS_PATH"] == "s3://b"


def test_a_second_render_changes_nothing() -> None:
    stream = make_catalog(CATALOG) + make_job("environment: {persistence: {data: [images, local], outputs: results}}\n")
    once = run(stdin=stream)
    assert once.exit_code == 0
    assert run(stdin=once.output).output == once.output


def test_a_variable_that_the_container_sets_itself_is_a_conflict() -> None:
    job = make_job("environment: {persistence: {data: [images]}}\n", container="env:\n- {name: s3-key, value: mine}\n")
    done = run(stdin=make_catalog(CATALOG) + job)
    assert done.exit_code == 1
    assert "error[conflict] Job/train" in done.error
    assert "sets s3-key, but the post-renderer must set it to another value" in done.error
    assert "mine" not in done.error


def test_explain_shows_buckets_without_a_mount() -> None:
    stream = make_catalog(CATALOG) + make_job("environment: {persistence: {data: [images, open], outputs: results}}\n")
    text = run("explain", stdin=stream).output.decode()
    assert "  results: bucket gs://results/<namespace>/jobs/train\n" in text
    assert (
        "  main       images   (not mounted)  by its Secret          asked for  bucket s3://images (Secret s3-secret, key s3-key)\n"
        in text
    )
    assert "  main       open     (not mounted)  by the pod's identity  asked for  bucket gs://open\n" in text
    (row,) = json.loads(run("explain", "--output", "json", stdin=stream).output)["runs"]
    assert [mount["mountPath"] for mount in row["mounts"]] == [None, None, None]
    assert row["env"]["s3-key"] == "(from a Secret)"


def test_verify_shows_the_buckets_of_a_run() -> None:
    stream = make_catalog(CATALOG) + make_job("environment: {persistence: {data: [images], outputs: disk}}\n")
    once = run(stdin=stream).output
    done = run("verify", stdin=once)
    assert (done.exit_code, done.error) == (0, "")
    assert "Job/train  verified  disk, images\n" in done.output.decode()
    bare = run("verify", stdin=once.replace(b'name: "s3-key"', b'name: "s4-key"'))
    assert "lacks variable s3-key" in bare.error


def test_problems_of_the_directory_come_before_those_of_the_secrets() -> None:
    catalog = CATALOG.replace("other-key", "s3-key") + "runFolder: 'my \"runs\"/{name}'\n"
    assert [code for code, _, _ in refused(catalog, data=["images", "other"], outputs="results")] == [
        "run-folder",
        "bucket-secrets",
    ]
