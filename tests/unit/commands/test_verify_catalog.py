"""`verify` and `explain` on what was rendered with a site's catalog, and is read without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = "outputs: {results: {mountPath: /results, existingClaim: results-pvc}}\n"
DATA = "data: {images: {mountPath: /images, existingClaim: images-pvc}}\n"
EMPTY = make_catalog("data: {}\noutputs: {}\n")
HINT = "it was rendered with another catalog: add --persistence FILE"
EXTRA = ["POLYAXON_RUN_FOLDER", "POLYAXON_BASE_OUTPUTS_PATH", "POLYAXON_RUN_OUTPUTS_PATH"]


def render(directory: Path, catalog: str, job: str, stream: str = EMPTY) -> tuple[str, str]:
    site = directory / "site.yaml"
    site.write_text(catalog)
    result = run("--persistence", str(site), stdin=stream + job)
    assert (result.exit_code, result.error) == (0, "")
    return result.output.decode(), str(site)


@pytest.mark.parametrize("policy", ["", "polyaxon.com/run-policy: keep\n"])
def test_outputs_of_another_catalog_are_not_verified(tmp_path: Path, policy: str) -> None:
    stream, site = render(tmp_path, OUTPUTS, make_job(annotations=policy))
    result = run("verify", stdin=stream)
    assert result.exit_code == 1
    assert b"Job/train" in result.output
    assert b"  differs  none\n1 run in 2 objects, 0 verified: 1 error, 1 warning\n" in result.output
    (message,) = [(text, hint) for code, text, hint in read_messages(result.error) if code == "not-verified"]
    names = ", ".join(f"variable {name}" for name in [*["POLYAXON_RUN_NAME"] * bool(policy), *EXTRA])
    assert message == (
        f'container "main" has {names}, mount /polyaxon/outputs, which its request does not give', HINT
    )  # fmt: skip
    assert run("verify", "--persistence", site, stdin=stream).exit_code == 0


def test_data_of_another_catalog_are_not_verified(tmp_path: Path) -> None:
    stream, site = render(tmp_path, DATA, make_job())
    result = run("verify", stdin=stream)
    assert result.exit_code == 1
    assert {code for code, _, _ in read_messages(result.error)} == {"conflict", "no-volumes"}
    assert f"; or {HINT}\n" in result.error
    assert run("verify", "--persistence", site, stdin=stream).exit_code == 0


def test_the_data_of_the_verdict(tmp_path: Path) -> None:
    stream, _ = render(tmp_path, OUTPUTS, make_job())
    (verdict,) = json.loads(run("verify", "--output", "json", stdin=stream).output)["runs"]
    assert (verdict["state"], verdict["missing"]) == ("differs", [])
    assert [item["name"] for item in verdict["extra"]] == [*EXTRA, "/polyaxon/outputs"]
    assert {item["container"] for item in verdict["extra"]} == {"main"}


def test_a_build_that_has_volumes_is_not_verified(tmp_path: Path) -> None:
    stream, _ = render(tmp_path, OUTPUTS, make_job("kind: job\n"))
    result = run("verify", stdin=stream.replace("kind: job", "kind: build"))
    assert (result.exit_code, HINT in result.error) == (1, True)


def test_the_containers_that_get_no_volumes_may_have_such_variables(tmp_path: Path) -> None:
    side = "- name: side\n  image: busybox\n  env: [{name: POLYAXON_RUN_OUTPUTS_PATH, value: /x}]\n"
    job = make_job(annotations="polyaxon.com/containers: main\n")
    job += "".join(f"      {line}\n" for line in side.splitlines())
    stream, site = render(tmp_path, DATA, job)
    assert run("verify", "--persistence", site, stdin=stream).exit_code == 0


def test_explain_says_that_the_catalog_is_another(tmp_path: Path) -> None:
    stream, site = render(tmp_path, OUTPUTS, make_job())
    names = ", ".join([*EXTRA, "/polyaxon/outputs"])
    output = run("explain", stdin=stream).output.decode()
    assert f"  no volumes\n  note: the pod has more than its request gives ({names}): {HINT}\n" in output
    assert "nothing changes" not in output
    assert "note: nothing changes" in run("explain", "--persistence", site, stdin=stream).output.decode()
