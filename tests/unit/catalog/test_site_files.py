"""What only --persistence files can have wrong: a misspelt key at their top, paths, and claims that nobody creates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

ASKING = make_job("environment: {persistence: {data: [images], outputs: results}}\n")
ENTRIES = """\
  data: {images: {mountPath: /images, existingClaim: images-pvc}}
  outputs: {results: {mountPath: /results, existingClaim: results-pvc}}
"""


def site(directory: Path, text: str) -> str:
    path = directory / "site.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("stream", ["", make_catalog("{}\n"), make_catalog()])
def test_a_misspelt_top_key_is_the_only_error(tmp_path: Path, stream: str) -> None:
    path = site(tmp_path, f"persistance:\n{ENTRIES}")
    result = run("--persistence", path, stdin=stream + ASKING + ASKING.replace("train", "other"))
    assert result.error.startswith(f"{path}:1: error[invalid-catalog] persistance: unknown key\n")
    ((code, message, hint),) = read_messages(result.error)
    assert (result.exit_code, code, message) == (1, "invalid-catalog", "unknown key")
    assert hint.startswith('did you mean "persistence"? Known: ')


def test_an_unknown_name_in_a_setting_is_no_follow_up_error(tmp_path: Path) -> None:
    path = site(
        tmp_path, "dta: {images: {mountPath: /i, existingClaim: i}}\ndefaultData: [images]\ndefaultOutputs: x\n"
    )
    assert [message for _, message, _ in read_messages(run("--persistence", path, stdin=ASKING).error)] == [
        "unknown key"
    ]


def test_an_unknown_key_without_entries_hides_no_other_error(tmp_path: Path) -> None:
    path = site(tmp_path, f"persistence:\n{ENTRIES}  defaultdata: [images]\n")
    error = run("--persistence", path, stdin=make_job("environment: {persistence: {data: [image]}}\n")).error
    assert [code for code, _, _ in read_messages(error)] == ["invalid-catalog", "unknown-volume"]


@pytest.mark.parametrize(("before", "root"), [("", ""), ("persistence:\n", "persistence.")])
def test_a_path_is_that_of_the_file(tmp_path: Path, before: str, root: str) -> None:
    indent = "  " if before else ""
    path = site(tmp_path, f"{before}{indent}data: {{a: {{mountPath: /a, existingClaim: a, readonly: true}}}}\n")
    error = run("--persistence", path, stdin=make_job()).error
    assert f" {root}data.a: unknown key" in error


@pytest.mark.parametrize("source", ["", "hostPath: /x, "])
def test_a_file_can_not_create_a_claim(tmp_path: Path, source: str) -> None:
    path = site(tmp_path, f"outputs: {{o: {{mountPath: /o, {source}create: {{size: 1Gi}}}}}}\n")
    result = run("--persistence", path, stdin=make_job())
    assert read_messages(result.error) == [
        (
            "invalid-entry",
            "a --persistence file can't create a claim",
            "create the claim yourself and write existingClaim; or write create in the values of the chart",
        )
    ]
    assert result.exit_code == 1


def test_create_beside_the_name_of_a_claim_has_no_effect(tmp_path: Path) -> None:
    path = site(tmp_path, "outputs: {o: {mountPath: /o, existingClaim: o, create: {size: 1Gi}}}\n")
    assert run("--persistence", path, stdin=make_catalog(DOCUMENTED) + make_job()).error == ""


def test_an_error_about_the_modes_has_the_line_of_the_key(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "persistence:\n  data:\n    a:\n      mountPath: /a\n      hostPath: /a\n      accessModes: [ReadWriteOnce]\n"
    )
    error = run("--persistence", str(site), stdin=make_job()).error
    assert f"{site}:6: error[" in error
    assert "accessModes are for claims only" in error
