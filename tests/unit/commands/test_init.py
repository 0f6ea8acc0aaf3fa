"""`init`: what it makes of claims, and what it refuses. tests/helm/test_init.py installs what it prints."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer import __version__
from tests.support.cli import run

if TYPE_CHECKING:
    from pathlib import Path

GET = "kubectl get pvc -o yaml"


def make_claim(name: str, *modes: str, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": more.pop("namespace", "team-a"), **more.pop("metadata", {})}
    spec = {"accessModes": list(modes) or ["ReadWriteOnce"], **more.pop("spec", {})}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec, **more}


def make_list(*claims: dict[str, Any]) -> str:
    return yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": list(claims)})


def init(*claims: dict[str, Any]) -> str:
    result = run("init", "-", stdin=make_list(*claims))
    assert (result.exit_code, result.error[:5]) == (0, "next:"), result.error
    return result.output.decode()


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_claims_become_entries() -> None:
    text = init(
        make_claim("team.results", "ReadWriteMany"),
        make_claim("images", "ReadOnlyMany", spec={"storageClassName": "nfs"}, status={"phase": "Bound", "capacity": {"storage": "1Ti"}}),
        make_claim("raw", spec={"resources": {"requests": {"storage": "5Gi"}}}),
    )  # fmt: skip
    catalog = read(text)["persistence"]
    assert catalog == {
        "data": {
            "images": {"mountPath": "/data/images", "existingClaim": "images", "readOnly": True, "accessModes": ["ReadOnlyMany"]},
            "raw": {"mountPath": "/data/raw", "existingClaim": "raw", "readOnly": True, "accessModes": ["ReadWriteOnce"]},
        },
        "outputs": {
            "team-results": {"mountPath": "/outputs/team-results", "existingClaim": "team.results", "accessModes": ["ReadWriteMany"]}
        },
        "defaultOutputs": "team-results",
    }  # fmt: skip
    assert "    # 1Ti, StorageClass nfs, Bound\n    images: " in text
    assert "    # 5Gi\n    raw: " in text
    assert text.startswith(
        "# Values for the chart polyaxon-persistence, written by `polyaxon-persistence init` from the claims of the namespace team-a.\n"
    )
    (name, first), *others = read(text)["runs"].items()
    assert (name, others) == ("hello", [])
    assert first["polyaxonfile"]["environment"]["persistence"] == {"data": ["images"], "outputs": "team-results"}


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (make_claim("data-postgres-0"), "looks like a claim of a StatefulSet"),
        (make_claim("disk", spec={"volumeMode": "Block"}), "has volumeMode Block, so it has no files to mount"),
        (make_claim("old-results", status={"phase": "Lost"}), "has lost its volume"),
        (make_claim("scratch", metadata={"ownerReferences": [{"kind": "Pod"}]}), "belongs to another object"),
    ],
)
def test_a_claim_that_runs_should_not_mount_is_a_comment(claim: dict[str, Any], reason: str) -> None:
    text = init(claim)
    name = claim["metadata"]["name"]
    assert f"    # Not active, because the claim {reason}:\n    # {name}: {{mountPath: /data/{name}, " in text
    assert read(text)["persistence"]["data"] is None
    # Without the comment sign it is an entry.
    active = re.sub(rf"# ({name}: )", r"\1", text)
    assert list(read(active)["persistence"]["data"]) == [name]
    assert read(text)["persistence"]["outputs"] == {
        "results": {"mountPath": "/outputs/results", "create": {"size": "10Gi"}}
    }


@pytest.mark.parametrize("name", ["results", "runs", "team-a-checkpoints", "my.outputs", "artifact"])
def test_the_name_of_a_claim_for_results(name: str) -> None:
    assert read(init(make_claim(name)))["persistence"]["outputs"][name.replace(".", "-")]["existingClaim"] == name


@pytest.mark.parametrize("name", ["trains", "resultset", "images"])
def test_other_names_are_data(name: str) -> None:
    text = init(make_claim(name))
    assert list(read(text)["persistence"]["data"]) == [name]
    assert "No name of a claim looks like a place for results" in text


def test_a_claim_for_results_that_is_read_only_is_data() -> None:
    catalog = read(init(make_claim("results", "ReadOnlyMany")))["persistence"]
    assert list(catalog["data"]) == ["results-2"]  # the chart's own claim has the name
    assert list(catalog["outputs"]) == ["results"]


def test_names_of_entries_are_new_and_short_and_no_booleans() -> None:
    catalog = read(
        init(
            make_claim("a.b"),
            make_claim("a-b"),
            make_claim("on"),
            make_claim("123"),
            make_claim("n" * 60 + "." + "n" * 60),
        )
    )
    assert list(catalog["persistence"]["data"]) == ["123", "a-b", "a-b-2", "n" * 59, "claim-on"]
    assert catalog["persistence"]["data"]["claim-on"]["existingClaim"] == "on"


def test_claims_without_modes_and_of_other_lists() -> None:
    claim = make_claim("images")
    del claim["spec"]["accessModes"]
    for text in (
        json.dumps({"apiVersion": "v1", "kind": "PersistentVolumeClaimList", "items": [claim]}),
        f"a: 1\n---\n{json.dumps(claim)}\n---\n{json.dumps(claim | {'apiVersion': 'example.com/v1'})}\n",
    ):
        result = run("init", "-", stdin=text)
        assert read(result.output.decode())["persistence"]["data"] == {
            "images": {"mountPath": "/data/images", "existingClaim": "images", "readOnly": True}
        }


def test_from_nothing_the_chart_makes_a_claim() -> None:
    with open("/dev/null", "rb") as nothing:
        text = run_with(nothing.fileno(), "init")
    catalog = read(text)
    assert catalog["persistence"]["data"] is None
    assert catalog["persistence"]["outputs"]["results"]["create"] == {"size": "10Gi"}
    assert catalog["runs"]["hello"]["polyaxonfile"]["environment"]["persistence"] == {"outputs": "results"}
    # The example in the comment is an entry.
    assert list(read(re.sub("# (images: )", r"\1", text))["persistence"]["data"]) == ["images"]


def run_with(descriptor: int, *words: str) -> str:
    """The output of a command with another standard input."""
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "post_renderer", *words], stdin=descriptor, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_input_is_a_pipe_a_file_or_a_program(tmp_path: Path) -> None:
    text = make_list(make_claim("images"))
    (tmp_path / "claims.yaml").write_text(text)
    wanted = run("init", stdin=text)
    assert b"images" in wanted.output
    assert run("init", "-", stdin=text) == wanted
    assert run("init", "claims.yaml") == wanted
    assert run("init", "--", "cat", "claims.yaml") == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "-: the input is empty"),
        ("kind: List\napiVersion: v1\nitems: []\n", "-: there is no PersistentVolumeClaim"),
        ("kind: PersistentVolumeClaim\nmetadata: [\n", "-: "),
        ("kind: PersistentVolumeClaim\nmetadata: [a]\n", "-: this value is a list"),
        (make_list(make_claim("A_b")), 'a PersistentVolumeClaim has the name "A_b", which Kubernetes does not allow'),
        (make_list(make_claim("a"), make_claim("b", namespace="team-b")), 'the claims are in several namespaces ("team-a", "team-b")'),
        ("\ufeff# PersistentVolumeClaim\n".encode("utf-16").decode("latin-1"), "-: "),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str) -> None:
    result = run("init", "-", stdin=text)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {message}")
    assert "\n  hint: " in result.error


def test_a_pipe_of_a_program_that_failed_is_not_taken_for_nothing() -> None:
    result = run("init", stdin="")
    assert (result.exit_code, result.output) == (2, b"")
    assert f"standard input: the input is empty\n  hint: write init -- {GET}, or " in result.error


def test_a_program_that_fails(tmp_path: Path) -> None:
    assert run("init", "--", "cat", str(tmp_path / "gone")).exit_code == 1
    assert run("init", "--", "cat", str(tmp_path / "gone")).output == b""


HEADS = {
    "no dependency": "name: team\n",
    "others": "name: team\ndependencies:\n- name: redis\n",
    "ours": "name: team\ndependencies:\n- name: polyaxon-persistence\n",
    "alias": "name: team\ndependencies:\n- name: redis\n- {name: polyaxon-persistence, alias: 'on'}\n",
    "own": "name: polyaxon-persistence\n",
}


@pytest.mark.parametrize(
    ("head", "key", "has_dependency"),
    [("no dependency", "polyaxon-persistence", True), ("others", "polyaxon-persistence", True),
     ("ours", "polyaxon-persistence", False), ("alias", "on", False), ("own", None, False)],
)  # fmt: skip
def test_in_the_directory_of_a_chart(head: str, key: str | None, has_dependency: bool, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text(HEADS[head])
    (tmp_path / "values.yaml").write_text("mine: 1\n")
    result = run("init", "-", stdin=make_list(make_claim("images")))
    text = result.output.decode()
    values = read(text)[key] if key else read(text)
    assert list(values) == ["persistence", "runDefaults", "runs"]
    assert ("\n# - name: polyaxon-persistence\n" in text) == has_dependency
    assert ("\n# dependencies:\n" in text) == (head == "no dependency")
    assert ("\n#     polyaxon.com/data: images\n#     polyaxon.com/outputs: results\n" in text) == (key is not None)
    assert f'"{__version__.rpartition(".")[0]}.x"' in text or not has_dependency
    assert "helm upgrade --install demo . -f volumes.yaml" in result.error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Chart.yaml", "values.yaml"]
    assert (tmp_path / "values.yaml").read_text() == "mine: 1\n"
    assert (tmp_path / "Chart.yaml").read_text() == HEADS[head]


@pytest.mark.parametrize(
    "text", ["name: [\n", "- a\n", "name: a\nname: b\n", "dependencies: [{name: {}}]\n", "# \x00\n"]
)
def test_a_chart_that_can_not_be_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text(text)
    result = run("init", "-", stdin=make_list(make_claim("images")))
    assert (result.exit_code, result.output) == (2, b"")
    assert "Chart.yaml can't be read\n  hint: run helm lint ." in result.error


def test_text_of_the_input_stays_in_its_comment() -> None:
    text = init(
        make_claim("images", 'x"]}\nruns: {}', spec={"storageClassName": "x\nruns: {}"}, status={"phase": "\x1b[31m"}, namespace="a\n# b")
    )  # fmt: skip
    assert text.isascii()
    assert "\x1b" not in text
    assert list(read(text)) == ["persistence", "runDefaults", "runs"]
    assert list(read(text)["runs"]) == ["hello"]


def test_text_of_the_chart_stays_in_its_key(tmp_path: Path) -> None:
    chart = {"name": "a\nruns: {}", "dependencies": [{"name": "polyaxon-persistence", "alias": "a: 1\nb"}]}
    (tmp_path / "Chart.yaml").write_text(json.dumps(chart))
    assert list(read(init(make_claim("images")))) == ["a: 1\nb"]


def test_a_chart_file_that_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").mkdir()
    result = run("init", "-", stdin=make_list(make_claim("images")))
    assert (result.exit_code, result.output) == (2, b"")
    assert "polyaxon-persistence: Chart.yaml: " in result.error
