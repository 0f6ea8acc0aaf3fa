"""A values file that is used with several other files: each of them keeps what it means with this file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import run
from tests.support.helm_merge import meaning, merge_all

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = """\
persistence:
  outputs:
    results:
      mountPath: /outputs
      hostPath: /mnt/results
"""


def migrate(directory: Path, files: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Migrate the files in place in one command; return the messages and the new values."""
    for name, text in files.items():
        (directory / name).write_text(text)
    result = run("migrate", "--in-place", *(str(directory / name) for name in files))
    assert result.exit_code == 0, result.error
    return result.error, {name: yaml.safe_load((directory / name).read_text()) for name in files}


def outputs_of(*values: Any) -> Any:
    return meaning(merge_all(list(values)))["outputs"]


# The keys of one volume in two files; the keys of the first one alone and of both together after the migration.
STRONGER: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "a claim beats the directory of an earlier file": (
        "mountPath: /o, hostPath: /h",
        "existingClaim: c",
        {"mountPath": "/o", "hostPath": "/h"},
        {"mountPath": "/o", "existingClaim": "c"},
    ),
    "a claim beats both directories": (
        "mountPath: /o, hostPath: /h",
        "existingClaim: c, hostPath: /i",
        {"mountPath": "/o", "hostPath": "/h"},
        {"mountPath": "/o", "existingClaim": "c"},
    ),
    "a bucket has no path": (
        "mountPath: /o, subPath: s, hostPath: /h",
        "hostPath: null, store: gcs, bucket: 'gs://b'",
        {"mountPath": "/o", "subPath": "s", "hostPath": "/h"},
        {"store": "gcs", "bucket": "gs://b"},
    ),
    "a directory beats the name of a claim": (
        "mountPath: /o, name: n, size: 1Gi",
        "hostPath: /h",
        {"mountPath": "/o", "existingClaim": "n"},
        {"mountPath": "/o", "hostPath": "/h"},
    ),
    "a claim beats the name of a claim": (
        "mountPath: /o, name: n, size: 1Gi",
        "existingClaim: c",
        {"mountPath": "/o", "existingClaim": "n"},
        {"mountPath": "/o", "existingClaim": "c"},
    ),
}


@pytest.mark.parametrize("case", STRONGER)
def test_a_later_file_removes_no_key_of_an_earlier_one(case: str, tmp_path: Path) -> None:
    first, later, alone, both = STRONGER[case]
    texts = [f"persistence: {{outputs: {{o: {{{keys}}}}}}}\n" for keys in (first, later)]
    _, new = migrate(tmp_path, dict(zip(("values.yml", "values-dev.yml"), texts, strict=True)))
    assert outputs_of(new["values.yml"]) == {"o": alone}
    assert outputs_of(*new.values()) == {"o": both}
    _, again = migrate(tmp_path, {name: (tmp_path / name).read_text() for name in new})
    assert again == new


def test_a_file_of_two_sets_keeps_its_source(tmp_path: Path) -> None:
    dev = "persistence: {outputs: {results: {existingClaim: dev-pvc}}}\n"
    prod = "persistence: {data: {images: {mountPath: /i, existingClaim: images}}}\n"
    error, new = migrate(tmp_path, {"values.yml": RESULTS, "values-dev.yml": dev})
    assert (tmp_path / "values.yml").read_text() == RESULTS
    assert new["values-dev.yml"]["persistence"]["outputs"]["results"] == {"existingClaim": "dev-pvc", "hostPath": None}
    where = (
        f"{tmp_path / 'values-dev.yml'}:1: warning[changed-meaning] persistence.outputs.results: hostPath is null now"
    )
    assert where in error
    migrate(tmp_path, {"values.yml": (tmp_path / "values.yml").read_text(), "values-prod.yml": prod})
    assert (tmp_path / "values.yml").read_text() == RESULTS


def test_a_weaker_key_stays_if_a_third_file_removes_the_stronger_one(tmp_path: Path) -> None:
    files = {
        "a.yml": RESULTS,
        "b.yml": "persistence: {outputs: {results: {existingClaim: c}}}\n",
        "c.yml": "persistence: {outputs: {results: {existingClaim: null}}}\n",
    }
    _, new = migrate(tmp_path, files)
    assert outputs_of(*new.values()) == {"results": {"mountPath": "/outputs", "hostPath": "/mnt/results"}}


def test_a_stronger_key_of_the_same_or_an_earlier_file_makes_a_comment(tmp_path: Path) -> None:
    files = {
        "a.yml": RESULTS + "      existingClaim: c\n",
        "b.yml": "persistence: {outputs: {results: {hostPath: /h}}}\n",
    }
    _, new = migrate(tmp_path, files)
    assert new["a.yml"]["persistence"]["outputs"]["results"] == {"mountPath": "/outputs", "existingClaim": "c"}
    assert new["b.yml"]["persistence"]["outputs"]["results"] == {}
