"""`credentials: env`: a run gets one variable for each key of a bucket's Secret, or the path of Google's key file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from post_renderer.catalog.entry import DATA, OUTPUTS
from tests.support.catalog import read
from tests.support.cli import make_catalog, make_job, run
from tests.support.examples import objects, pod_spec
from tests.support.resolve import mounts, refused, resolved, variables

if TYPE_CHECKING:
    from post_renderer.resolve.model import Resolution

CATALOG = """\
data:
  images: {store: s3, bucket: s3://images, secret: s3-secret, credentials: env}
  labels: {store: s3, bucket: s3://labels, secret: s3-secret, credentials: env}
  other: {store: s3, bucket: s3://other, secret: other-secret, credentials: env}
  json: {store: s3, bucket: s3://json, secret: json-secret, secretKey: s3-key.json}
  blobs: {store: azure, bucket: "wasbs://runs@account.blob.core.windows.net/", secret: azure-secret, credentials: env}
  texts: {store: gcs, bucket: gs://texts, secret: gcs-secret, secretKey: key.json, credentials: env}
  local: {mountPath: /data, existingClaim: data-pvc}
outputs:
  disk: {mountPath: /outputs, existingClaim: outputs-pvc}
  results: {store: gcs, bucket: gs://results, secret: gcs-secret, secretKey: key.json, credentials: env}
  private: {store: gcs, bucket: gs://private, secret: private-secret, secretKey: key.json, credentials: env}
"""
ACCESS = ("POLYAXON_RUN_STORES_ACCESS_KEYS", "POLYSTORES_RUN_STORES_ACCESS_KEYS")
REQUIRED, OPTIONAL = False, True
S3 = {
    "AWS_ACCESS_KEY_ID": REQUIRED,
    "AWS_SECRET_ACCESS_KEY": REQUIRED,
    "AWS_SESSION_TOKEN": OPTIONAL,
    "AWS_REGION": OPTIONAL,
    "AWS_DEFAULT_REGION": OPTIONAL,
    "AWS_ENDPOINT_URL": OPTIONAL,
}
AZURE = {
    "AZURE_STORAGE_ACCOUNT_NAME": REQUIRED,
    "AZURE_STORAGE_ACCOUNT_KEY": OPTIONAL,
    "AZURE_STORAGE_CONNECTION_STRING": OPTIONAL,
    "AZURE_STORAGE_SAS_TOKEN": OPTIONAL,
    "AZURE_STORAGE_ACCOUNT": OPTIONAL,
    "AZURE_STORAGE_KEY": OPTIONAL,
    "AZURE_TENANT_ID": OPTIONAL,
    "AZURE_CLIENT_ID": OPTIONAL,
    "AZURE_CLIENT_SECRET": OPTIONAL,
}
NAME_ONLY = "name only the buckets that the run needs in the polyaxonfile"


def secrets(resolution: Resolution) -> dict[str, dict[str, Any]]:
    """The variables that come from Secrets, with their references."""
    found: dict[str, dict[str, Any]] = {}
    for variable in resolution.env:
        source = variable.get("valueFrom")
        if isinstance(source, dict) and isinstance(reference := source.get("secretKeyRef"), dict):
            found[str(variable["name"])] = reference
    return found


def from_secret(secret: str, keys: dict[str, bool]) -> dict[str, dict[str, Any]]:
    return {
        key: {"name": secret, "key": key, **({"optional": True} if optional else {})} for key, optional in keys.items()
    }


def test_each_key_of_the_secret_is_a_variable() -> None:
    resolution = resolved(CATALOG, data=["images"], outputs="disk")
    assert secrets(resolution) == from_secret("s3-secret", S3)
    assert [volume["name"] for volume in resolution.volumes] == ["disk"]
    assert "envFrom" not in json.dumps(resolution.env)


def test_azures_account_is_required_and_all_ways_to_sign_in_are_optional() -> None:
    assert secrets(resolved(CATALOG, data=["blobs"], outputs="disk")) == from_secret("azure-secret", AZURE)


def test_no_json_is_expected_in_the_secret() -> None:
    assert variables(resolved(CATALOG, data=["images", "texts"], outputs="disk")).keys() & set(ACCESS) == set()


def test_googles_key_is_a_file() -> None:
    resolution = resolved(CATALOG, data=[], outputs="results")
    assert secrets(resolution) == {}
    path = "/polyaxon/credentials/results"
    assert variables(resolution)["GOOGLE_APPLICATION_CREDENTIALS"] == f"{path}/key.json"
    assert mounts(resolution) == [{"name": "results", "mountPath": path, "readOnly": True}]
    source = {"secretName": "gcs-secret", "items": [{"key": "key.json", "path": "key.json"}]}
    assert resolution.volumes == [{"name": "results", "secret": source}]


def test_two_buckets_with_one_secret_share_its_variables_and_its_file() -> None:
    resolution = resolved(CATALOG, data=["images", "labels", "texts"], outputs="results")
    assert secrets(resolution) == from_secret("s3-secret", S3)
    names = [variable["name"] for variable in resolution.env]
    assert len(names) == len(set(names))
    assert variables(resolution)["GOOGLE_APPLICATION_CREDENTIALS"] == "/polyaxon/credentials/results/key.json"
    assert [volume["name"] for volume in resolution.volumes] == ["results"]


def test_both_forms_stand_beside_each_other() -> None:
    resolution = resolved(CATALOG, data=["images", "json"], outputs="disk")
    assert secrets(resolution) == {
        **from_secret("s3-secret", S3),
        "s3-key.json": {"name": "json-secret", "key": "s3-key.json"},
    }
    for name in ACCESS:
        assert list(json.loads(variables(resolution)[name])) == ["s3://json"]


def test_two_secrets_can_not_set_the_same_variables() -> None:
    assert refused(CATALOG, data=["images", "other"], outputs="disk") == [(
        "bucket-secrets",
        f"the entries images and other set the same variables ({', '.join(S3)}) from different Secrets (s3-secret and other-secret)",
        f"{NAME_ONLY}, or remove credentials: env from one entry and set its secretKey",
    )]  # fmt: skip


def test_two_files_can_not_be_one_variable() -> None:
    assert refused(CATALOG, data=["texts"], outputs="private") == [(
        "bucket-secrets",
        "the entries private and texts set the same variable (GOOGLE_APPLICATION_CREDENTIALS) from different Secrets (private-secret and gcs-secret)",
        f"{NAME_ONLY}, or remove credentials: env from one entry and set its secretKey",
    )]  # fmt: skip
    catalog = CATALOG.replace("private-secret, secretKey: key.json", "gcs-secret, secretKey: private.json")
    ((_, message, _),) = refused(catalog, data=["texts"], outputs="private")
    assert message.endswith(
        "(GOOGLE_APPLICATION_CREDENTIALS) from different keys (private.json and key.json) of the Secret gcs-secret"
    )


def test_a_variable_of_one_form_can_not_be_a_variable_of_the_other_form() -> None:
    catalog = CATALOG.replace("s3-key.json", "AWS_REGION")
    ((code, message, _),) = refused(catalog, data=["images", "json"], outputs="disk")
    assert code == "bucket-secrets"
    assert message == (
        "the entries images and json set the same variable (AWS_REGION) from different Secrets (s3-secret and json-secret)"
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{store: s3, bucket: s3://b, secret: s, credentials: envFrom}", 'unknown credentials "envFrom"', "write credentials: env, or remove credentials and set secretKey to the key with the credentials as JSON"),
        ("{store: s3, bucket: s3://b, secret: s, credentials: ''}", "secret is set without secretKey", "set secretKey to the key of the Secret that contains the credentials as JSON"),
        ("{store: s3, bucket: s3://b, secret: s, credentials: true}", "credentials must be a string", "write the value of credentials as a string in quotes"),
        ("{store: s3, bucket: s3://b, credentials: env}", "credentials: env is set without secret", "set secret to the name of the Secret, or remove credentials"),
        ("{store: s3, bucket: s3://b, secret: s, secretKey: k, credentials: env}", "credentials: env reads a key of the Secret for each variable, so a bucket of s3 can't have secretKey", "remove secretKey; the keys of the Secret are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if you need them, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL"),
        ("{store: gcs, bucket: gs://b, secret: s, credentials: env}", "secret is set without secretKey", "set secretKey to the key of the Secret that contains Google's key file"),
        ("{store: gcs, bucket: gs://b, secret: s, secretKey: a b, credentials: env}", 'secretKey "a b" is not a key of a Secret', "use letters, digits, dashes, dots and underscores"),
        ("{store: gcs, bucket: gs://b, secret: s, secretKey: ..k, credentials: env}", 'secretKey "..k" is not a key of a Secret', "use letters, digits, dashes, dots and underscores; it can't begin with two dots"),
        ("{mountPath: /d, existingClaim: c, credentials: env}", "credentials makes this entry a bucket, which no pod mounts: a bucket can't have mountPath", "remove mountPath: only volumes have it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_with_a_remedy(text: str, message: str, hint: str) -> None:
    said = read(text, OUTPUTS)[1]
    assert any(message == words and better.startswith(hint) for words, better in said), said


def test_an_error_of_credentials_hides_no_other_error() -> None:
    said = [message for message, _ in read("{store: s4, bucket: s3://b, secret: S, credentials: all}", DATA)[1]]
    assert said == ['unknown store "s4"', 'secret "S" is not the name of a Secret', 'unknown credentials "all"']


def test_a_file_is_no_variable_so_its_key_may_begin_with_a_digit_or_be_called_path() -> None:
    for key in ("2026.json", "PATH", "POLYAXON_KEY"):
        text = f"{{store: gcs, bucket: gs://b, secret: s, secretKey: {key}, credentials: env}}"
        entry, said = read(text, OUTPUTS)
        assert said == []
        assert entry.bucket is not None
        assert entry.bucket.secret_key == key


STREAM = make_catalog(CATALOG) + make_job("environment: {persistence: {data: [images, local], outputs: results}}\n")


def test_a_second_render_changes_nothing() -> None:
    once = run(stdin=STREAM)
    assert (once.exit_code, once.error) == (0, "")
    assert run(stdin=once.output).output == once.output


def test_the_volume_is_in_the_pod_once_for_all_containers() -> None:
    job = next(item for item in objects(run(stdin=STREAM).output.decode()) if item["kind"] == "Job")
    assert [volume["name"] for volume in pod_spec(job)["volumes"]] == ["local", "results"]
    (container,) = pod_spec(job)["containers"]
    assert {"name": "results", "mountPath": "/polyaxon/credentials/results", "readOnly": True} in container[
        "volumeMounts"
    ]


def test_a_variable_that_the_container_sets_itself_is_a_conflict() -> None:
    job = make_job(
        "environment: {persistence: {data: [images]}}\n", container="env:\n- {name: AWS_REGION, value: here-1}\n"
    )
    done = run(stdin=make_catalog(CATALOG) + job)
    assert done.exit_code == 1
    assert "error[conflict] Job/train" in done.error
    assert "sets AWS_REGION, but the post-renderer must set it to another value" in done.error
    assert "here-1" not in done.error


def test_explain_shows_the_secret_and_the_file() -> None:
    rows = run("explain", stdin=STREAM).output.decode().splitlines()
    words = [" ".join(row.split()) for row in rows]
    assert (
        "main images (not mounted) by its Secret asked for bucket s3://images (variables from Secret s3-secret)"
        in words
    )
    assert "main results /polyaxon/credentials/results read-only key file of the bucket secret" in words
    assert any(row.endswith("bucket gs://results (Secret gcs-secret, key key.json)") for row in words)
    (row,) = json.loads(run("explain", "--output", "json", stdin=STREAM).output)["runs"]
    assert row["env"]["AWS_ACCESS_KEY_ID"] == "(from a Secret)"
    assert row["env"]["GOOGLE_APPLICATION_CREDENTIALS"] == "/polyaxon/credentials/results/key.json"
    (mount,) = (item for item in row["mounts"] if item["why"] == "credentials")
    assert mount["source"] == {"type": "secret", "name": "", "path": ""}


def test_verify_names_each_entry_once_and_misses_a_variable() -> None:
    once = run(stdin=STREAM).output
    done = run("verify", stdin=once)
    assert (done.exit_code, done.error) == (0, "")
    assert "Job/train  verified  local, results, images\n" in done.output.decode()
    bare = run("verify", stdin=once.replace(b'name: "AWS_REGION"', b'name: "AWS_REGIO"'))
    assert "lacks variable AWS_REGION" in bare.error


def test_results_in_a_bucket_that_another_run_reads_have_their_key_file() -> None:
    report = "environment: {persistence: {data: [], outputs: disk}, outputs: {jobs: [train]}}\n"
    train = make_job("environment: {persistence: {data: [], outputs: results}}\n")
    done = run(stdin=make_catalog(CATALOG) + train + make_job(report, name="report"))
    assert (done.exit_code, done.error) == (0, "")
    job = next(item for item in objects(done.output.decode()) if item["metadata"]["name"] == "report")
    assert "/polyaxon/credentials/results" in json.dumps(pod_spec(job)["containers"])


@pytest.mark.parametrize("outputs", ["results", "private"])
def test_a_bucket_of_another_run_can_be_left_out_by_its_reference(outputs: str) -> None:
    first = make_job(f"environment: {{persistence: {{data: [], outputs: {outputs}}}}}\n", name="first")
    second = make_job("environment: {outputs: {jobs: [first]}, persistence: {data: [], outputs: results}}\n")
    result = run(stdin=make_catalog(CATALOG) + first + second)
    assert (result.exit_code == 1) == (outputs == "private"), result.error
    assert ("error[bucket-secrets] Job/train" in result.error) == (outputs == "private")
    hint = (
        f"hint: {NAME_ONLY}, or remove the reference, or remove credentials: env from one entry and set its secretKey"
    )
    assert (hint in result.error) == (outputs == "private")
