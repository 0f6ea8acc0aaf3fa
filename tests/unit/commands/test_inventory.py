"""``inventory``: its text, its options, and what it does with bad input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.inventory import as_live, job_name, make_kept, make_manifest, must_run, read_inventory, write

if TYPE_CHECKING:
    from pathlib import Path

OLD = make_manifest(make_kept("old"))
NEW = make_manifest(make_kept("new"))


def inputs(folder: Path) -> tuple[str, str]:
    return write(folder / "live", as_live([*OLD, *NEW]), as_list=True), write(folder / "manifest", NEW)


def test_a_table_for_each_storage_and_one_of_the_kept_jobs(tmp_path: Path) -> None:
    old, new = job_name(OLD), job_name(NEW)
    text = must_run(*inputs(tmp_path))
    assert (
        "claim outputs-foo-pvc, namespace vision\n"
        "  ACCESS  NAMESPACE  RELEASE  OBJECT                DIRECTORY  RESULTS\n"
    ) in text
    for name in (old, new):
        assert f"\n  writes  vision     demo     Job/{name}  (all)      vision/jobs/{name}\n" in text
    assert "\nnode /path/to/data\n  ACCESS  NAMESPACE  RELEASE  OBJECT                DIRECTORY  RESULTS\n  reads   vision     demo     Job/" in text  # fmt: skip
    rows = sorted([(old, "stale"), (new, "current")])
    assert (
        "NAMESPACE  RELEASE  KEPT JOB          STATUS    CONTENT\n"
        + "".join(f"vision     demo     {name}  complete  {state}\n" for name, state in rows)
        + "\nTo delete the stale Jobs that are finished:\n\n"
        + f"  kubectl delete --namespace vision jobs.batch/{old}\n\n"
        + "3 runs in 4 objects: 0 errors, 0 warnings\n"
    ) in text


def test_a_claim_shows_only_its_users(tmp_path: Path) -> None:
    text = must_run("--claim", "data-2-pvc", *inputs(tmp_path))
    assert text.startswith("claim data-2-pvc, namespace vision\n")
    assert text.count("ACCESS") == 1
    assert "KEPT JOB" not in text
    assert "kubectl" not in text


def test_a_claim_that_nobody_uses(tmp_path: Path) -> None:
    text = must_run("--claim", "data-2-pv", *inputs(tmp_path))
    assert text.startswith(
        'Nothing in the input uses the claim data-2-pv.\n  hint: did you mean "data-2-pvc"? Known: data-2-pvc'
    )
    assert "None are known." in must_run("--claim", "a", stdin="apiVersion: v1\nkind: Service\n")


def test_what_is_unknown_says_what_to_give(tmp_path: Path) -> None:
    live, _ = inputs(tmp_path)
    text = must_run(live)
    assert text.count("  unknown: give `helm get manifest demo --namespace vision`\n") == 2
    assert "To delete" not in text
    assert "KEPT JOB" not in must_run("--claim", "data-2-pvc", live)


def test_an_object_without_release_and_namespace() -> None:
    text = must_run(stdin=make_catalog() + make_job())
    assert "claim outputs-foo-pvc, namespace unknown\n" in text
    assert "\n  writes  unknown    -        Job/train  (all)      <namespace>/jobs/train\n" in text


def test_all_results_of_a_bucket_are_in_its_root() -> None:
    catalog = make_catalog("outputs: {a: {store: s3, bucket: 's3://a'}}\nrunFolder: '{name}'\n")
    assert "\n  writes  unknown    -        Job/train  (all)      train\n" in must_run(stdin=catalog + make_job())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--claim", "A"], '--claim "A" is not the name of a claim'),
        (["--claim", "ns/a"], '--claim "ns/a" is not the name of a claim'),
        (["--claim", "a", "--stale"], "inventory can't have --claim and --stale"),
        (["--namespace", "a;b", "x"], '--namespace "a;b" is not the name of a namespace'),
        (["--namespace", "a.b", "x"], '--namespace "a.b" is not the name of a namespace'),
        (["x", "--namespace", "a"], "--namespace has no FILE after it"),
        (["--namespace", "a", "--namespace", "b", "x"], "--namespace is repeated before one FILE"),
    ],
)
def test_a_wrong_command_line(words: list[str], message: str) -> None:
    result = run("inventory", *words)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {message}\n  hint: ")


def test_the_namespace_of_standard_input_and_of_a_program(tmp_path: Path) -> None:
    manifest = make_manifest(make_kept(), namespace="")
    path = write(tmp_path / "manifest", manifest)
    text = (tmp_path / "manifest").read_text()
    for words, stdin in (([], text), (["-"], text), (["--", "cat", path], "")):
        assert "claim outputs-foo-pvc, namespace vision\n" in must_run("--namespace", "vision", *words, stdin=stdin)


def test_a_directory_is_one_input(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    write(tmp_path / "all" / "a.yaml", make_manifest(make_kept(), namespace=""))
    write(tmp_path / "all" / "b.yaml", make_manifest(make_kept(name="b"), namespace="speech"))
    data = read_inventory("--namespace", "vision", str(tmp_path / "all"))
    found = {user["object"].split("-")[0]: user for one in data["storage"] for user in one["users"]}
    assert {name: user["namespace"] for name, user in found.items()} == {"Job/train": "vision", "Job/b": "speech"}
    assert found["Job/train"]["stream"] == str(tmp_path / "all" / "a.yaml")


def test_json_of_kubectl_gives_the_same(tmp_path: Path) -> None:
    objects = as_live([*OLD, *NEW])
    (tmp_path / "live.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    _, manifest = inputs(tmp_path)
    assert must_run(str(tmp_path / "live.json"), manifest) == must_run(*inputs(tmp_path))


def test_an_error_has_its_file_and_its_line(tmp_path: Path) -> None:
    live = as_live(OLD)
    live[0]["metadata"]["name"] = "a b"
    path = tmp_path / "live"
    write(path, live, as_list=True)
    result = run("inventory", write(tmp_path / "manifest", NEW), str(path))
    assert result.exit_code == 1
    line = path.read_text().splitlines().index("- apiVersion: batch/v1") + 1
    assert result.error.startswith(f"{path}:{line}: error[invalid-name] Job/a b: the name of the Job ")


def test_an_unreadable_input_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    cases = {"empty": (b"", "no-object"), "utf16": ("\ufeffa".encode("utf-16"), "invalid-encoding")}
    for name, (content, code) in cases.items():
        (tmp_path / name).write_bytes(content)
        result = run("inventory", str(tmp_path / name))
        assert result.exit_code == 1
        assert f"error[{code}]" in result.error
    (tmp_path / "latin").write_bytes(b"---\nkind: Pod\nname: \xe9\n---\n" + make_job().encode())
    assert "warning[unread-document]" in run("inventory", str(tmp_path / "latin")).error
    assert run("inventory", str(tmp_path / "nothing")).exit_code == 2


ALIAS = """\
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: first}
  spec: &spec
    volumes: &volumes [{name: v, persistentVolumeClaim: {claimName: outputs-foo-pvc}}]
    containers: [{name: a, volumeMounts: [{name: v, mountPath: /v}]}]
- apiVersion: v1
  kind: Pod
  metadata: {name: second}
  spec: {volumes: *volumes, containers: [{name: a, volumeMounts: [{name: v, mountPath: /v}]}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: third}
  spec: {containers: [{<<: *spec, name: a}]}
"""


def test_an_alias_is_followed_and_a_merge_key_is_an_error() -> None:
    result = run("inventory", stdin=make_catalog() + make_job() + ALIAS)
    assert result.exit_code == 1
    assert "error[alias] Pod/third " in result.error
    text = result.output.decode()
    assert [name for name in ("Job/train", "Pod/first", "Pod/second", "Pod/third") if name in text] == [
        "Job/train",
        "Pod/first",
        "Pod/second",
    ]


def test_an_item_of_a_list_that_is_an_alias_is_an_error() -> None:
    items = "- &a {apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {containers: []}}\n- *a\n"
    result = run("inventory", stdin=f"apiVersion: v1\nkind: List\nitems:\n{items}" + make_catalog() + make_job())
    assert result.exit_code == 1
    assert "error[alias] (unreadable document)" in result.error
    assert b"Job/train" in result.output


def test_a_wrong_catalog_file_gives_json_of_the_same_form(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a: [\n")
    result = run("inventory", "--output", "json", "--persistence", str(tmp_path / "site"), stdin=make_job())
    data = json.loads(result.output)
    assert result.exit_code == 1
    assert (data["storage"], data["keptJobs"], data["objects"]) == ([], [], 0)
    assert len(data["problems"]) == 1


def test_a_catalog_that_no_run_of_the_input_needs_is_not_judged(tmp_path: Path) -> None:
    """`kubectl get configmaps -A` has the catalogs of all teams."""
    wrong = make_catalog("data: 3\n")
    live = write(tmp_path / "live", as_live(NEW), as_list=True)
    (tmp_path / "catalog").write_text(wrong)
    assert read_inventory(live, str(tmp_path / "catalog"))["problems"] == []
    assert read_inventory(stdin=wrong + make_job())["problems"] != []


def test_hostile_names_do_not_steer_a_terminal(tmp_path: Path) -> None:
    live = as_live(OLD, status="")
    live[0]["metadata"]["name"] = "a\x1b[31m\nrm -rf x"
    paths = write(tmp_path / "live", live, as_list=True), write(tmp_path / "manifest", NEW)
    for words in ([], ["--stale"]):
        result = run("inventory", *words, *paths)
        assert "\x1b" not in result.output.decode() + result.error
        assert "\nrm" not in result.output.decode()


def test_markdown_ends_with_the_summary() -> None:
    text = run("inventory", "--output", "markdown", stdin=make_catalog() + make_job()).output.decode()
    assert text.endswith("|\n\n1 run in 2 objects: 0 errors, 0 warnings\n")
